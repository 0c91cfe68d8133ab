"""Rights: the monthly run, its decisions, certificates, legacy cards, deregistrations, recovery duties."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from certificates.codes import Basis, Ground, Limit, Outcome, Reason
from certificates.lifecycle import CERTIFICATE, DEREGISTRATION, LEGACY_CARD, RECOVERY, RUN_MONTH
from core.models import Clerk
from core.transitions import guards
from members.models import Insurer, Member, Person


class Run(models.Model):
    """The month's decision run of a society, with the policy it was decided under."""

    lifecycle = RUN_MONTH

    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="runs", verbose_name="保険者")
    month = models.DateField("月")
    as_of = models.DateField("基準日")
    decided_on = models.DateField("判定日")
    issue_on = models.DateField("交付日")
    file_hash = models.CharField("ファイルのハッシュ", max_length=64)
    policy = models.JSONField("適用した運用設定")
    status = models.CharField("状態", max_length=10, choices=list(RUN_MONTH.states.items()), default="open")
    run_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="実行した担当者")
    approved_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, related_name="+", verbose_name="承認した担当者"
    )
    held_reasons = models.JSONField("止めた理由", default=list)
    forced_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, related_name="+", verbose_name="続行した担当者"
    )
    force_reason = models.TextField("続行の理由", blank=True)
    counts = models.JSONField("件数", default=dict)

    class Meta:
        verbose_name = "月次判定"
        verbose_name_plural = "月次判定"
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["insurer", "month"], name="run_one_per_month")]
        triggers = guards(RUN_MONTH)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Decision(models.Model):
    """One member's outcome in one run, compact; its explanation is replayed from ``facts``."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="decisions", verbose_name="月次判定")
    member = models.ForeignKey(Member, models.PROTECT, related_name="decisions", verbose_name="加入者")
    outcome = models.CharField("判定", max_length=12, choices=Outcome.choices())
    reason = models.CharField("理由", max_length=24, choices=Reason.choices())
    detail = models.CharField("詳細", max_length=12, blank=True)
    kind = models.CharField("新規・更新", max_length=8, blank=True)
    need_from = models.DateField("必要になる日", null=True)
    effective_on = models.DateField("発効期日", null=True)
    valid_through = models.DateField("有効期限", null=True)
    limit = models.CharField("期限の根拠", max_length=16, blank=True, choices=Limit.choices())
    then_effective_on = models.DateField("次の発効期日", null=True)
    then_valid_through = models.DateField("次の有効期限", null=True)
    then_limit = models.CharField("次の期限の根拠", max_length=16, blank=True, choices=Limit.choices())
    further = models.JSONField("さらに次の期間", null=True)
    due_on = models.DateField("回答期限", null=True)
    recover = models.BooleanField("回収の対象", default=False)
    facts = models.JSONField("判定に使った事実")

    class Meta:
        verbose_name = "判定"
        verbose_name_plural = "判定"
        constraints = [models.UniqueConstraint(fields=["run", "member"], name="decision_one_per_member")]
        indexes = [models.Index(fields=["run", "outcome", "reason"], name="decision_outcome")]

    def __str__(self) -> str:
        return f"{self.run_id}-{self.member_id}"


class SerialCounter(models.Model):
    """The next serial of a society; drawn inside the transaction, so a killed run leaves no hole."""

    insurer = models.OneToOneField(Insurer, models.PROTECT, primary_key=True)
    next_value = models.BigIntegerField(default=1)


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), model_name="CertificateHistory"
)
class EligibilityCertificate(models.Model):
    """A 資格確認書 of one cover. ``face_key`` fingerprints what is printed on its face."""

    lifecycle = CERTIFICATE

    serial = models.CharField("発行番号", max_length=12, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="certificates", verbose_name="加入者")
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="certificates", verbose_name="月次判定"
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
    status = models.CharField(
        "状態", max_length=14, choices=list(CERTIFICATE.states.items()), default="proposed"
    )
    sent_on = models.DateField("発送日", null=True, blank=True)
    arrives_on = models.DateField("到着見込日", null=True, blank=True)

    class Meta:
        verbose_name = "資格確認書"
        verbose_name_plural = "資格確認書"
        ordering = ["serial"]
        indexes = [models.Index(fields=["member", "status"], name="certificate_member")]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "member", "sequence"],
                condition=Q(run__isnull=False),
                name="certificate_once_per_run",
            ),
        ]
        triggers = guards(CERTIFICATE)

    def __str__(self) -> str:
        return self.serial


class LegacyCard(models.Model):
    """A 健康保険証 issued before 2024-12-02: only recorded, a route while it lasts."""

    lifecycle = LEGACY_CARD

    member = models.ForeignKey(Member, models.PROTECT, related_name="legacy_cards", verbose_name="加入者")
    issued_on = models.DateField("交付日")
    valid_through = models.DateField("有効期限", null=True, blank=True)
    status = models.CharField(
        "状態", max_length=12, choices=list(LEGACY_CARD.states.items()), default="valid"
    )

    class Meta:
        verbose_name = "健康保険証"
        verbose_name_plural = "健康保険証"
        constraints = [models.UniqueConstraint(fields=["member", "issued_on"], name="legacy_card_once")]
        triggers = guards(LEGACY_CARD)

    def __str__(self) -> str:
        return f"{self.member_id} {self.issued_on.isoformat()}"


class Deregistration(models.Model):
    """A request to end the insurance use of a person's My Number Card."""

    lifecycle = DEREGISTRATION

    person = models.ForeignKey(Person, models.PROTECT, related_name="deregistrations", verbose_name="人")
    member = models.ForeignKey(Member, models.PROTECT, related_name="deregistrations", verbose_name="加入者")
    accepted_on = models.DateField("基金の受付日", null=True, blank=True)
    status = models.CharField(
        "状態", max_length=10, choices=list(DEREGISTRATION.states.items()), default="received"
    )

    class Meta:
        verbose_name = "利用登録解除"
        verbose_name_plural = "利用登録解除"
        constraints = [
            models.UniqueConstraint(fields=["member", "accepted_on"], name="deregistration_once"),
            models.CheckConstraint(
                condition=~Q(status__in=["granted", "done"]) | Q(accepted_on__isnull=False),
                name="deregistration_accepted_on",
            ),
        ]
        triggers = guards(DEREGISTRATION)

    def __str__(self) -> str:
        return f"{self.member_id}"


class Recovery(models.Model):
    """The duty to take one certificate back, by when and why."""

    lifecycle = RECOVERY

    class Cause(models.TextChoices):
        REGISTRATION = "registration", "マイナ保険証が使えるようになった"
        LOSS = "loss", "資格喪失"
        FACE_CHANGED = "face_changed", "表面の内容の変更"
        SUPERSEDED = "superseded", "差替え"

    certificate = models.ForeignKey(
        EligibilityCertificate, models.PROTECT, related_name="recoveries", verbose_name="資格確認書"
    )
    cause = models.CharField("事由", max_length=16, choices=Cause.choices)
    opened_on = models.DateField("発生日")
    due_on = models.DateField("返納期限")
    status = models.CharField("状態", max_length=8, choices=list(RECOVERY.states.items()), default="open")

    class Meta:
        verbose_name = "回収"
        verbose_name_plural = "回収"
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(status="open"), name="recovery_one_open"
            )
        ]
        triggers = guards(RECOVERY)

    def __str__(self) -> str:
        return f"{self.certificate_id}"
