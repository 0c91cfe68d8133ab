"""Letters about a right, which are no right by themselves: the 資格情報のお知らせ."""

from __future__ import annotations

from django.db import models

from certificates.models import Run
from core.transitions import guards
from members.models import Member
from notices.lifecycle import NOTICE


class EligibilityNotice(models.Model):
    """One member's 資格情報のお知らせ: shown together with the My Number Card, never alone."""

    lifecycle = NOTICE

    class Cause(models.TextChoices):
        NEW_MEMBER = "new_member", "新規加入"

    serial = models.CharField("管理番号", max_length=12, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="notices", verbose_name="加入者")
    run = models.ForeignKey(Run, models.PROTECT, related_name="notices", verbose_name="月次判定")
    cause = models.CharField("事由", max_length=16, choices=Cause.choices)
    issued_on = models.DateField("作成日")
    face_key = models.CharField(max_length=64, editable=False)
    status = models.CharField("状態", max_length=10, choices=list(NOTICE.states.items()), default="drafted")
    sent_on = models.DateField("発送日", null=True, blank=True)
    arrives_on = models.DateField("到着見込日", null=True, blank=True)

    class Meta:
        verbose_name = "資格情報のお知らせ"
        verbose_name_plural = "資格情報のお知らせ"
        constraints = [models.UniqueConstraint(fields=["run", "member", "cause"], name="notice_once_per_run")]
        triggers = guards(NOTICE)

    def __str__(self) -> str:
        return self.serial
