"""Paper out: what leaves together, in which envelope, on which page of which file, and what is pulled back."""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import or_
from typing import Final

from django.db import models
from django.db.models import Q

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Run
from core.choices import TextChoices
from core.models import Clerk
from core.transitions import guards
from mailing.lifecycle import DISPATCH, UNSENT
from members.models import Establishment, Insurer, Member
from notices.models import EligibilityNotice

ENCLOSED: Final = ("certificate", "elderly", "notice")
"""The foreign keys to a document: of one kind each (``mailing.papers.kinds``), and one of them in every row."""


def exactly_one() -> Q:
    """The condition that a row names one document and no other."""
    return reduce(or_, (Q(**{f"{key}__isnull": key != named for key in ENCLOSED}) for named in ENCLOSED))


class Dispatch(models.Model):
    """Envelopes of one run, or of one day outside the month, that are printed, proved and sent together.

    ``run`` is absent where the paper was decided outside the month; then the day of assembly counts.
    ``to_safe_address``: paper for protected people; its address sheets go to no shared list.
    ``counts`` is recomputed when something is pulled. ``planned_on``: the dispatch day it was cut for; absent where
    the paper was not cut into days. It is a plan: sending earlier or later is possible.
    """

    lifecycle = DISPATCH

    class Kind(TextChoices):
        CERTIFICATE = "certificate", "資格確認書"
        ELDERLY = "elderly", "高齢受給者証"
        NOTICE = "notice", "資格情報のお知らせ"

    class Channel(TextChoices):
        ESTABLISHMENT = "establishment", "事業所経由"
        HOME = "home", "自宅"

    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="dispatches", verbose_name="保険者")
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, blank=True, related_name="dispatches", verbose_name="月次判定"
    )
    kind = models.CharField("種類", max_length=12, choices=Kind.choices)
    channel = models.CharField("送付経路", max_length=14, choices=Channel.choices)
    form = models.CharField("様式", max_length=10)
    to_safe_address = models.BooleanField("安全な送付先あて", default=False)
    status = models.CharField("状態", max_length=10, choices=list(DISPATCH.states.items()), default="assembled")
    counts = models.JSONField("件数", default=dict)
    assembled_on = models.DateField("封入計画日")
    planned_on = models.DateField("発送予定日", null=True, blank=True)
    printed_on = models.DateField("印刷日", null=True, blank=True)
    sent_on = models.DateField("発送日", null=True, blank=True)
    assembled_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="封入計画の担当者")
    printed_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="印刷した担当者"
    )
    sealed_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="封緘した担当者"
    )
    sent_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="発送した担当者"
    )

    class Meta:
        verbose_name = "発送"
        verbose_name_plural = "発送"
        ordering = ["-id"]
        triggers = guards(DISPATCH)

    def __str__(self) -> str:
        return f"発送{self.pk}"

    def late_on(self, day: date) -> bool:
        """Whether the planned day has passed by ``day`` and it is still to be sent."""
        return self.status in UNSENT and self.planned_on is not None and self.planned_on < day

    @property
    def decided_on(self) -> date:
        """The day whose settings count: the month's, or outside the month the day of assembly."""
        return self.assembled_on if self.run is None else self.run.decided_on


class Envelope(models.Model):
    """One envelope: one household, or one person. ``code`` tells nothing about anybody.

    ``position`` counts through the dispatch, ``bundle_position`` through the establishment's bundle
    (straight home: through the dispatch); 0 where nothing was left in it before printing. ``insured`` is the household. The address is the one at assembly,
    kept so that what was printed stays known.
    """

    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="envelopes", verbose_name="発送")
    code = models.CharField("封筒番号", max_length=24, unique=True)
    position = models.PositiveIntegerField("発送内の順")
    bundle_position = models.PositiveIntegerField("束の中の順")
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="事業所"
    )
    insured = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="世帯（被保険者）")
    person = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="あて先の加入者")
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    recipient = models.CharField("あて名", max_length=200, blank=True)

    class Meta:
        verbose_name = "封筒"
        verbose_name_plural = "封筒"
        ordering = ["dispatch", "position"]
        constraints = [models.UniqueConstraint(fields=["dispatch", "position"], name="envelope_position")]

    def __str__(self) -> str:
        return self.code


class PrintedFile(models.Model):
    """One finished file of a dispatch: its hash and pages as they were when it was completed."""

    class Kind(TextChoices):
        CERTIFICATE = "certificate", "資格確認書"
        ELDERLY = "elderly", "高齢受給者証"
        NOTICE = "notice", "資格情報のお知らせ"
        COVER = "cover", "配付対象者一覧"
        ADDRESS = "address", "宛名"
        REQUEST = "request", "返納のお願い"
        MANIFEST = "manifest", "目録"

    dispatch = models.ForeignKey(Dispatch, models.CASCADE, related_name="files", verbose_name="発送")
    name = models.CharField("ファイル名", max_length=60)
    kind = models.CharField("種類", max_length=12, choices=Kind.choices)
    sha256 = models.CharField("SHA-256", max_length=64)
    pages = models.PositiveIntegerField("ページ数")

    class Meta:
        verbose_name = "印刷ファイル"
        verbose_name_plural = "印刷ファイル"
        ordering = ["dispatch", "name"]
        constraints = [models.UniqueConstraint(fields=["dispatch", "name"], name="printed_file_once")]

    def __str__(self) -> str:
        return f"発送{self.dispatch_id}の {self.name}"


class Enclosure(models.Model):
    """One document in one envelope. A serial rides in one dispatch at a time (``active``).

    ``copayment_percent`` is the share that was printed on it, so that a later change of the facts is noticed.
    """

    NAMED_WITH = ("envelope",)

    envelope = models.ForeignKey(Envelope, models.CASCADE, related_name="enclosures", verbose_name="封筒")
    certificate = models.ForeignKey(
        EligibilityCertificate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enclosures",
        verbose_name="資格確認書",
    )
    elderly = models.ForeignKey(
        ElderlyBeneficiaryCertificate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enclosures",
        verbose_name="高齢受給者証",
    )
    notice = models.ForeignKey(
        EligibilityNotice,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="enclosures",
        verbose_name="資格情報のお知らせ",
    )
    position = models.PositiveSmallIntegerField("封筒の中の順")
    active = models.BooleanField("封入中", default=True)
    file = models.ForeignKey(
        PrintedFile, models.PROTECT, null=True, blank=True, related_name="enclosures", verbose_name="ファイル"
    )
    first_page = models.PositiveIntegerField("最初のページ", null=True, blank=True)
    copayment_percent = models.PositiveSmallIntegerField("印刷した一部負担割合（%）", null=True, blank=True)

    class Meta:
        verbose_name = "同封物"
        verbose_name_plural = "同封物"
        ordering = ["envelope", "position"]
        constraints = [
            models.UniqueConstraint(fields=["certificate"], condition=Q(active=True), name="certificate_enclosed_once"),
            models.UniqueConstraint(fields=["elderly"], condition=Q(active=True), name="elderly_enclosed_once"),
            models.UniqueConstraint(fields=["notice"], condition=Q(active=True), name="notice_enclosed_once"),
            models.UniqueConstraint(fields=["envelope", "position"], name="enclosure_position"),
            models.CheckConstraint(condition=exactly_one(), name="enclosure_of_one"),
        ]

    def __str__(self) -> str:
        return f"封筒 {self.envelope.code} の{self.position}番目"

    @property
    def document(self) -> models.Model:
        """The document itself, of whichever kind."""
        document = next(filter(None, (getattr(self, key) for key in ENCLOSED)), None)
        assert document is not None  # the database's check: exactly one
        return document


class Pull(models.Model):
    """One document to take out of the bundle before it leaves, why, and who has taken it out.

    ``before_printing``: it left its envelope by itself when the dispatch was printed, and was never on paper.
    """

    NAMED_WITH = ("enclosure__envelope",)

    enclosure = models.OneToOneField(Enclosure, models.CASCADE, related_name="pull", verbose_name="同封物")
    reasons = models.JSONField("理由", default=list)
    found_on = models.DateField("見つけた日")
    confirmed_by = models.ForeignKey(
        Clerk, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="引き抜いた担当者"
    )
    confirmed_at = models.DateTimeField("引き抜いた日時", null=True, blank=True)
    before_printing = models.BooleanField("印刷の前に外した", default=False)

    class Meta:
        verbose_name = "引抜き"
        verbose_name_plural = "引抜き"

    def __str__(self) -> str:
        return str(self.enclosure)
