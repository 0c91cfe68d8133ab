"""What the post tells about envelopes: 引受番号, 配達, 返戻, and the envelope sent once more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.choices import TextChoices
from core.models import Clerk
from mailing.models.dispatches import Dispatch, Envelope
from members.models import Establishment


class ReturnedMail(models.Model):
    """One envelope that came back: why, when, and what was done about it. Open while ``resolved_on`` is empty.

    An envelope that comes back again after it was sent once more has another row.
    """

    class Reason(TextChoices):
        UNKNOWN_ADDRESS = "unknown_address", "宛所不明"
        MOVED = "moved", "転居先不明"
        STORAGE_EXPIRED = "storage_expired", "保管期間経過"
        REFUSED = "refused", "受取拒絶"
        NOT_HANDED_OVER = "not_handed_over", "事業所で渡せなかった"

    class Resolution(TextChoices):
        NEW_ADDRESS = "new_address", "新しい住所へ再送"
        SAME_ADDRESS = "same_address", "登録の住所へ再送"
        ESTABLISHMENT = "establishment", "事業所へ渡した"
        COUNTER = "counter", "窓口で渡した"
        ENDED = "ended", "証などを終えた（回収・無効・期限切れ）"

    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="returns", verbose_name="封筒")
    reason = models.CharField("返戻の理由", max_length=16, choices=Reason.choices)
    returned_on = models.DateField("戻った日")
    received_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="受けた担当者")
    resolution = models.CharField("対応", max_length=16, blank=True, choices=Resolution.choices)
    resolved_on = models.DateField("対応した日", null=True, blank=True)
    resolved_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="対応した担当者"
    )

    NAMED_WITH = ("envelope",)

    class Meta:
        verbose_name = "返戻"
        verbose_name_plural = "返戻"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["envelope"], condition=Q(resolved_on__isnull=True), name="returned_mail_open_once"
            ),
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True, resolution="")
                | (Q(resolved_on__isnull=False) & ~Q(resolution="")),
                name="returned_mail_resolved",
            ),
        ]

    def __str__(self) -> str:
        return f"封筒 {self.envelope.code} の返戻"


class Resend(models.Model):
    """A returned envelope's papers on their way once more: the same serials under a new address sheet.

    ``code`` is the number on the new envelope; the sheet lies under ``paper/resends/``, ``sha256`` is its hash.
    """

    returned = models.OneToOneField(ReturnedMail, models.PROTECT, related_name="resend", verbose_name="返戻")
    code = models.CharField("再送の封筒番号", max_length=24, unique=True)
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    address = models.CharField("住所", max_length=300)
    recipient = models.CharField("あて名", max_length=200)
    sheets = models.PositiveSmallIntegerField("同封の枚数")
    sha256 = models.CharField("宛名用紙のSHA-256", max_length=64, blank=True)
    sent_on = models.DateField("再送日")
    arrives_on = models.DateField("到着見込日")

    class Meta:
        verbose_name = "再送"
        verbose_name_plural = "再送"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.code


class Tracking(models.Model):
    """The post's 引受番号, digits only: of one envelope, of one establishment's bundle, or of a resend."""

    dispatch = models.ForeignKey(Dispatch, models.PROTECT, related_name="trackings", verbose_name="発送")
    envelope = models.OneToOneField(
        Envelope, models.PROTECT, null=True, blank=True, related_name="tracking", verbose_name="封筒"
    )
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="事業所の束"
    )
    resend = models.OneToOneField(
        Resend, models.PROTECT, null=True, blank=True, related_name="tracking", verbose_name="再送"
    )
    number = models.CharField("引受番号", max_length=13)
    delivered_on = models.DateField("配達済みの日", null=True, blank=True)
    entered_on = models.DateField("記録日")
    entered_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="記録した担当者")

    class Meta:
        verbose_name = "引受番号"
        verbose_name_plural = "引受番号"
        ordering = ["dispatch", "id"]
        indexes = [models.Index(fields=["number"], name="tracking_number")]
        constraints = [
            # The post uses a number again after some time: never within one dispatch.
            models.UniqueConstraint(fields=["dispatch", "number"], name="tracking_once_per_dispatch"),
            models.UniqueConstraint(
                fields=["dispatch", "establishment"],
                condition=Q(establishment__isnull=False),
                name="tracking_once_per_bundle",
            ),
            models.CheckConstraint(
                condition=Q(envelope__isnull=False, establishment__isnull=True, resend__isnull=True)
                | Q(envelope__isnull=True, establishment__isnull=False, resend__isnull=True)
                | Q(envelope__isnull=True, establishment__isnull=True, resend__isnull=False),
                name="tracking_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.number
