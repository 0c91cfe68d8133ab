"""What will stand on a cover's face from a day on, while the filing that says so waits for that day."""

from __future__ import annotations

from django.db import models

from certificates.models.requests import Filing
from core.calendar import wareki
from members.models import Member


class ComingFace(models.Model):
    """The face of one cover from ``from_day`` on; it is gone once its filing is applied, refused or withdrawn.

    ``face_key`` is the fingerprint of the whole face as it will be, ``face`` what differs from the register of now, by
    the names of ``certificates.decisions.coming``. Of several rows of a cover each has what the earlier ones say as well.
    """

    NAMED_WITH = ("member",)

    filing = models.ForeignKey(Filing, models.PROTECT, related_name="coming_faces", verbose_name="届出")
    member = models.ForeignKey(Member, models.PROTECT, related_name="coming_faces", verbose_name="加入者")
    from_day = models.DateField("この日から")
    face_key = models.CharField(max_length=64, editable=False)
    face = models.JSONField("変わる内容")

    class Meta:
        verbose_name = "これから変わる表面の内容"
        verbose_name_plural = "これから変わる表面の内容"
        constraints = [models.UniqueConstraint(fields=["filing", "member"], name="coming_face_once_per_filing")]
        indexes = [models.Index(fields=["member", "from_day"], name="coming_face_member")]

    def __str__(self) -> str:
        return f"{self.member} {wareki(self.from_day)}から"
