"""Where the fund's file names a person more than once: the lines beside the one that a status tells."""

from __future__ import annotations

from django.db import models

from members.models import MynaStatus


class OtherLine(models.Model):
    """Another line that names the same person as a ``double`` status does (ids and lines of the floor above)."""

    status = models.ForeignKey(
        MynaStatus, models.CASCADE, related_name="other_lines", verbose_name="マイナ保険証の状態"
    )
    file_id = models.BigIntegerField("ファイル番号")
    line_no = models.IntegerField("行")

    class Meta:
        verbose_name = "重なる行"
        verbose_name_plural = "重なる行"
        ordering = ["file_id", "line_no"]
        constraints = [models.UniqueConstraint(fields=["status", "file_id", "line_no"], name="other_line_once")]

    def __str__(self) -> str:
        return f"ファイル {self.file_id} の {self.line_no}行目"
