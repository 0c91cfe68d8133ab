"""The duty to take one certificate back, its reminders, and how it ended. Source: rules.md §9."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from certificates.lifecycle import RECOVERY
from certificates.models.papers import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.choices import TextChoices
from core.models import Clerk
from core.transitions import guards


class Recovery(models.Model):
    """The duty to take one certificate back, by when, through whom, and why.

    ``opened_on`` is the day the paper becomes wrong; until then it is planned.
    """

    NAMED_WITH = ("certificate", "elderly_certificate")
    lifecycle = RECOVERY

    class Cause(TextChoices):
        REGISTRATION = "registration", "マイナ保険証が使えるようになった"
        LOSS = "loss", "資格喪失"
        DEATH = "death", "死亡"
        REMOVED = "removed", "扶養から外れた"
        ANNULLED = "annulled", "資格取得の取消し"
        FACE_CHANGED = "face_changed", "表面の内容の変更"
        SUPERSEDED = "superseded", "差替え"
        REISSUED = "reissued", "再交付（見つかったとき）"

    class ReturnTo(TextChoices):
        ESTABLISHMENT = "establishment", "事業所"
        INSURER = "insurer", "当組合"
        CLAIMANT = "claimant", "埋葬料の請求者"

    class Outcome(TextChoices):
        RECOVERED = "recovered", "回収した"
        LOST = "lost", "滅失届"
        EXPIRED = "expired", "有効期限が過ぎた"
        UNRECOVERABLE = "unrecoverable", "回収不能"
        LIFTED = "lifted", "回収の必要がなくなった"

    certificate = models.ForeignKey(
        EligibilityCertificate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recoveries",
        verbose_name="資格確認書",
    )
    elderly_certificate = models.ForeignKey(
        ElderlyBeneficiaryCertificate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recoveries",
        verbose_name="高齢受給者証",
    )
    cause = models.CharField("事由", max_length=16, choices=Cause.choices)
    return_to = models.CharField("返納先", max_length=16, choices=ReturnTo.choices, default=ReturnTo.ESTABLISHMENT)
    opened_on = models.DateField("発生日")
    due_on = models.DateField("返納期限")
    requested_on = models.DateField("お願いした日", null=True, blank=True)
    reminders = models.PositiveSmallIntegerField("督促の回数", default=0)
    reminded_on = models.DateField("最後の督促日", null=True, blank=True)
    closed_on = models.DateField("終了日", null=True, blank=True)
    outcome = models.CharField("終わり方", max_length=16, blank=True, choices=Outcome.choices)
    closed_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="担当者")
    status = models.CharField("状態", max_length=8, choices=list(RECOVERY.states.items()), default="open")

    class Meta:
        verbose_name = "回収"
        verbose_name_plural = "回収"
        ordering = ["due_on", "id"]
        # The list: what is open first, by its day.
        indexes = [models.Index(fields=["-status", "due_on", "id"], name="recovery_list")]
        constraints = [
            models.UniqueConstraint(fields=["certificate"], condition=~Q(status="closed"), name="recovery_one_open"),
            models.UniqueConstraint(
                fields=["elderly_certificate"], condition=~Q(status="closed"), name="recovery_one_open_elderly"
            ),
            models.CheckConstraint(
                condition=Q(certificate__isnull=False, elderly_certificate__isnull=True)
                | Q(certificate__isnull=True, elderly_certificate__isnull=False),
                name="recovery_of_one_paper",
            ),
        ]
        triggers = guards(RECOVERY)

    def __str__(self) -> str:
        paper = self.certificate or self.elderly_certificate
        return f"発行番号 {paper.serial}" if paper else "発行番号なし"
