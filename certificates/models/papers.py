"""Paper that people carry: the 資格確認書, the 高齢受給者証, and the 健康保険証 of before."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from certificates.lifecycle import CERTIFICATE, ELDERLY, LEGACY_CARD
from certificates.models.runs import Ruling, Run
from certificates.rules.codes import Basis, Ground, Limit
from core.calendar import wareki
from core.choices import TextChoices
from core.transitions import guards
from members.models import Member


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), model_name="CertificateHistory")
class EligibilityCertificate(models.Model):
    """A 資格確認書 of one cover. ``face_key`` fingerprints what is printed on its face.

    ``coming`` is set while the face is one that the register will have only from a day to come.
    """

    lifecycle = CERTIFICATE

    serial = models.CharField("発行番号", max_length=12, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="certificates", verbose_name="加入者")
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="certificates", verbose_name="月次判定"
    )
    ruling = models.ForeignKey(
        Ruling, models.PROTECT, null=True, blank=True, related_name="certificates", verbose_name="個別判定"
    )
    sequence = models.PositiveSmallIntegerField("同時交付の順", default=0)
    basis = models.CharField("交付の根拠", max_length=12, choices=Basis.choices())
    ground = models.CharField("事由", max_length=24, blank=True, choices=Ground.choices())
    kind = models.CharField("新規・更新", max_length=8, default="new")
    issued_on = models.DateField("交付年月日")
    effective_on = models.DateField("発効期日")
    valid_through = models.DateField("有効期限")
    limit = models.CharField("期限の根拠", max_length=16, blank=True, choices=Limit.choices())
    face_key = models.CharField(max_length=64, editable=False)
    coming = models.ForeignKey(
        "certificates.ComingFace",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="certificates",
        verbose_name="これから変わる表面の内容",
    )
    status = models.CharField("状態", max_length=14, choices=list(CERTIFICATE.states.items()), default="proposed")
    straight_home = models.BooleanField(
        "自宅へ直送", default=False, db_default=False, help_text="事業所を経ると間に合わないため、自宅へ送ります。"
    )
    sent_on = models.DateField("発送日", null=True, blank=True)
    arrives_on = models.DateField("到着日（見込みを含む）", null=True, blank=True)

    class Meta:
        verbose_name = "資格確認書"
        verbose_name_plural = "資格確認書"
        ordering = ["serial"]
        indexes = [models.Index(fields=["member", "status"], name="certificate_member")]
        constraints = [
            # A void one leaves room for the one that is printed anew in its place.
            models.UniqueConstraint(
                fields=["run", "member", "sequence"],
                condition=Q(run__isnull=False) & ~Q(status="voided"),
                name="certificate_once_per_run",
            ),
            models.UniqueConstraint(
                fields=["ruling", "member", "sequence"],
                condition=Q(ruling__isnull=False) & ~Q(status="voided"),
                name="certificate_once_per_ruling",
            ),
        ]
        triggers = guards(CERTIFICATE)

    def __str__(self) -> str:
        return self.serial


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), model_name="ElderlyCertificateHistory"
)
class ElderlyBeneficiaryCertificate(models.Model):
    """A 高齢受給者証: the share from 70 to 74 where the 資格確認書 does not carry it (rules.md §6)."""

    lifecycle = ELDERLY

    class Cause(TextChoices):
        TURNS_70 = "turns_70", "70歳になった"
        WITH_CERTIFICATE = "with_certificate", "資格確認書の交付"
        SHARE_CHANGE = "share_change", "負担割合の変更"
        RENEWAL = "renewal", "更新"

    serial = models.CharField("発行番号", max_length=12, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="elderly_certificates", verbose_name="加入者")
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="elderly_certificates", verbose_name="月次判定"
    )
    ruling = models.ForeignKey(
        Ruling, models.PROTECT, null=True, blank=True, related_name="elderly_certificates", verbose_name="個別判定"
    )
    cause = models.CharField("事由", max_length=16, choices=Cause.choices)
    copayment_percent = models.PositiveSmallIntegerField("一部負担割合（%）")
    issued_on = models.DateField("交付年月日")
    effective_on = models.DateField("発効期日")
    valid_through = models.DateField("有効期限")
    limit = models.CharField("期限の根拠", max_length=16, blank=True, choices=Limit.choices())
    face_key = models.CharField(max_length=64, editable=False)
    status = models.CharField("状態", max_length=14, choices=list(ELDERLY.states.items()), default="proposed")
    sent_on = models.DateField("発送日", null=True, blank=True)
    arrives_on = models.DateField("到着日（見込みを含む）", null=True, blank=True)

    class Meta:
        verbose_name = "高齢受給者証"
        verbose_name_plural = "高齢受給者証"
        ordering = ["serial"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "effective_on"], condition=~Q(status="voided"), name="elderly_once_per_day"
            )
        ]
        triggers = guards(ELDERLY)

    def __str__(self) -> str:
        return self.serial


class LegacyCard(models.Model):
    """A 健康保険証 issued before 2024-12-02: only recorded, a route while it lasts."""

    NAMED_WITH = ("member",)
    lifecycle = LEGACY_CARD

    member = models.ForeignKey(Member, models.PROTECT, related_name="legacy_cards", verbose_name="加入者")
    issued_on = models.DateField("交付日")
    valid_through = models.DateField("有効期限", null=True, blank=True)
    status = models.CharField("状態", max_length=12, choices=list(LEGACY_CARD.states.items()), default="valid")

    class Meta:
        verbose_name = "健康保険証"
        verbose_name_plural = "健康保険証"
        constraints = [models.UniqueConstraint(fields=["member", "issued_on"], name="legacy_card_once")]
        triggers = guards(LEGACY_CARD)

    def __str__(self) -> str:
        return f"{self.member} {wareki(self.issued_on)}交付"
