"""Letters about a right, which are no right by themselves: the 資格情報のお知らせ; and the words that the office changed."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from certificates.models import Run
from core.calendar import wareki
from core.choices import TextChoices
from core.models import Clerk
from core.transitions import guards
from members.models import Member
from notices.lifecycle import LETTER_WORDING, NOTICE


class EligibilityNotice(models.Model):
    """One member's 資格情報のお知らせ: shown together with the My Number Card, never alone.

    Several of a household may stand on one sheet: all but the first name it as their ``leader``, whose number is
    the sheet's. ``addressed_to``: whom the sheet is addressed to, where it is not the member. ``name_key``
    fingerprints names and number, ``face_key`` everything on the sheet, both as they were at drafting.
    ``last_four``: the last digits of the 個人番号 go on it, if there are any; the digits themselves are never kept here.
    """

    lifecycle = NOTICE

    class Cause(TextChoices):
        NEW_MEMBER = "new_member", "新規加入"
        NAME_OR_NUMBER_CHANGE = "name_or_number_change", "氏名・番号の変更"
        SHARE_CHANGE = "share_change", "負担割合の変更"
        FIRST_ROUND = "first_round", "初回の一斉送付"
        REISSUE = "reissue", "再交付"

    serial = models.CharField("管理番号", max_length=12, unique=True)
    member = models.ForeignKey(Member, models.PROTECT, related_name="notices", verbose_name="加入者")
    run = models.ForeignKey(Run, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="月次判定")
    cause = models.CharField("事由", max_length=24, choices=Cause.choices)
    issued_on = models.DateField("作成日")
    leader = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followers", verbose_name="同じ用紙の先頭"
    )
    addressed_to = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="あて名の加入者"
    )
    copayment_percent = models.PositiveSmallIntegerField("負担割合（%）", null=True, blank=True)
    last_four = models.BooleanField("個人番号の下4桁を印字", default=False)
    name_key = models.CharField(max_length=64, default="", editable=False)
    face_key = models.CharField(max_length=64, editable=False)
    status = models.CharField("状態", max_length=10, choices=list(NOTICE.states.items()), default="drafted")
    sent_on = models.DateField("発送日", null=True, blank=True)
    arrives_on = models.DateField("到着日（見込みを含む）", null=True, blank=True)

    class Meta:
        verbose_name = "資格情報のお知らせ"
        verbose_name_plural = "資格情報のお知らせ"
        indexes = [models.Index(fields=["member", "-id"], name="notice_newest")]
        constraints = [
            # A void one leaves room for the one that is drafted in its place.
            models.UniqueConstraint(
                fields=["run", "member", "cause"],
                condition=Q(run__isnull=False) & ~Q(status="voided"),
                name="notice_once_per_run",
            ),
            models.UniqueConstraint(
                fields=["member", "cause", "issued_on"],
                condition=Q(run__isnull=True) & ~Q(status="voided"),
                name="notice_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(cause="first_round") & ~Q(status="voided"), name="notice_one_first_round"
            ),
        ]
        triggers = guards(NOTICE)

    def __str__(self) -> str:
        return self.serial


class LetterWording(models.Model):
    """Other words for one place of a letter from a day on (``letter``: its code, ``key`` as in its file).

    ``value`` has the form it has in the file. It counts once a second clerk has approved it, and is never edited.
    """

    lifecycle = LETTER_WORDING

    letter = models.CharField("文書", max_length=40)
    key = models.CharField("箇所", max_length=40)
    valid_from = models.DateField("使い始める日")
    value = models.JSONField("文面")
    drafted_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="作成した担当者")
    drafted_on = models.DateField("作成日")
    approved_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="承認した担当者")
    status = models.CharField("状態", max_length=10, choices=list(LETTER_WORDING.states.items()), default="drafted")

    class Meta:
        verbose_name = "文面の変更"
        verbose_name_plural = "文面の変更"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "key", "valid_from"], condition=Q(status="approved"), name="wording_one_per_day"
            )
        ]
        triggers = [
            *guards(LETTER_WORDING),
            pgtrigger.ReadOnly(name="as_drafted", exclude=["status", "approved_by"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{wareki(self.valid_from)}からの文面"


class LetterNumber(models.Model):
    """The number on a letter that the office wrote: a running one of the year of its date, kept when it is printed again.

    ``subject``, ``subject_id``: the document it is about, as in the log.
    """

    year = models.PositiveSmallIntegerField("年")
    number = models.PositiveIntegerField("番号")
    file = models.CharField("ファイル", max_length=100, unique=True)
    subject = models.CharField("対象", max_length=60)
    subject_id = models.BigIntegerField("対象番号")

    class Meta:
        verbose_name = "文書番号"
        verbose_name_plural = "文書番号"
        ordering = ["year", "number"]
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="letter_number_once")]

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"
