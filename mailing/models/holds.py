"""What waits: papers that the last planning of envelopes had to leave out, each with its reason."""

from __future__ import annotations

from django.db import models

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from mailing.envelopes import HOLD_NAMES
from mailing.models.dispatches import exactly_one
from members.models import Member
from notices.models import EligibilityNotice


class HeldPaper(models.Model):
    """One paper that was ready and could not be enclosed; the row goes when it can, or when it ends.

    ``places``: the fields and characters found, as they are shown. ``since``: the day it was held first.
    """

    NAMED_WITH = ("member",)

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", verbose_name="加入者")
    certificate = models.OneToOneField(
        EligibilityCertificate, models.CASCADE, null=True, blank=True, related_name="hold", verbose_name="資格確認書"
    )
    elderly = models.OneToOneField(
        ElderlyBeneficiaryCertificate,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="hold",
        verbose_name="高齢受給者証",
    )
    notice = models.OneToOneField(
        EligibilityNotice, models.CASCADE, null=True, blank=True, related_name="hold", verbose_name="資格情報のお知らせ"
    )
    reason = models.CharField("保留の理由", max_length=20, choices=list(HOLD_NAMES.items()))
    places = models.JSONField("見つかった場所", default=list)
    since = models.DateField("保留した日")

    class Meta:
        verbose_name = "保留の書類"
        verbose_name_plural = "保留の書類"
        ordering = ["since", "id"]
        constraints = [models.CheckConstraint(condition=exactly_one(), name="held_paper_of_one")]

    def __str__(self) -> str:
        return f"{self.member}"
