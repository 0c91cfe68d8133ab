"""The monthly run of a society, its decisions, and decisions about one person between two months."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from certificates.lifecycle import RUN_MONTH
from certificates.rules import monthly
from certificates.rules.codes import Ground, Limit, Outcome, Reason
from certificates.rules.facts import from_json
from certificates.rules.words import reason_words
from core.calendar import wareki, wareki_month
from core.choices import TextChoices
from core.models import Clerk
from core.transitions import guards
from members.models import Insurer, Member

# A ruling may also be for a ground of an application.
REASONS = list(dict([*Ground.choices(), *Reason.choices()]).items())


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
    rules_version = models.PositiveSmallIntegerField("判定規則の版", default=monthly.VERSION)
    status = models.CharField("状態", max_length=10, choices=list(RUN_MONTH.states.items()), default="open")
    run_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="実行した担当者")
    approved_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="承認した担当者")
    held_reasons = models.JSONField("止めた理由", default=list)
    forced_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="続行した担当者")
    force_reason = models.TextField("続行の理由", blank=True)
    without_file_reason = models.TextField("月次ファイルなしで判定した理由", blank=True, default="")
    informed_through = models.DateField("いつまでの情報か", null=True, blank=True)
    file_came_on = models.DateField("月次ファイルが後から反映された日", null=True, blank=True)
    counts = models.JSONField("件数", default=dict)

    class Meta:
        verbose_name = "月次判定"
        verbose_name_plural = "月次判定"
        ordering = ["-month"]
        constraints = [models.UniqueConstraint(fields=["insurer", "month"], name="run_one_per_month")]
        triggers = guards(RUN_MONTH)

    @cached_property
    def answers(self) -> dict[tuple[str, str], int]:
        """Decisions by outcome and reason; a page that shows them more than once counts a million rows once."""
        found = self.decisions.values_list("outcome", "reason").annotate(people=models.Count("*"))
        return {(outcome, reason): people for outcome, reason, people in found.order_by("outcome", "reason")}

    def __str__(self) -> str:
        return wareki_month(self.month)


def informed_through_of(run: Run | None, on: date) -> date | None:
    """Up to which day the fund's monthly files are known on ``on``, where the newest month still lacks its own."""
    if run is None or not run.without_file_reason:
        return None
    return None if run.file_came_on is not None and run.file_came_on <= on else run.informed_through


class Answered(models.Model):
    """An answer of the rules about one cover, compact; its explanation is replayed from ``facts``."""

    outcome = models.CharField("判定", max_length=12, choices=Outcome.choices())
    reason = models.CharField("理由", max_length=24, choices=REASONS)
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
    facts = models.JSONField("判定に使った事実")

    class Meta:
        abstract = True

    @property
    def told(self) -> str:
        """The reason in the words that are true of this person; the label of the code speaks of everybody who has it."""
        return reason_words(self.reason, self.detail, from_json(self.facts))


class Decision(Answered):
    """One member's outcome in one run."""

    NAMED_WITH = ("member", "run")

    run = models.ForeignKey(Run, models.PROTECT, related_name="decisions", verbose_name="月次判定")
    member = models.ForeignKey(Member, models.PROTECT, related_name="decisions", verbose_name="加入者")
    due_on = models.DateField("回答期限", null=True)
    recover = models.BooleanField("回収の対象", default=False)
    recovers = models.JSONField("回収する証", null=True)
    replaces = models.JSONField("取りやめる証", null=True)
    straight_home = models.BooleanField("自宅へ直送", default=False)

    class Meta:
        verbose_name = "判定"
        verbose_name_plural = "判定"
        constraints = [models.UniqueConstraint(fields=["run", "member"], name="decision_one_per_member")]
        indexes = [
            models.Index(fields=["run", "outcome", "reason"], name="decision_outcome"),
            # The queues: few rows of a month's million, in the order of the list.
            models.Index(fields=["run", "member"], condition=Q(outcome__in=("wait", "review")), name="decision_open"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.run}"


class Ruling(Answered):
    """A decision about one cover between two months (個別判定), with the policy and days it was made under.

    An open decision settled, an application granted, a deregistration, a filing. ``request`` says which
    one, so that the same request is never ruled on twice.
    """

    NAMED_WITH = ("member",)

    class Cause(TextChoices):
        NEWER_ROW = "newer_row", "新しい情報が届いた"
        INQUIRY = "inquiry", "個別照会の回答"
        DUE = "due", "回答期限が来た"
        APPLICATION = "application", "申請"
        DEREGISTRATION = "deregistration", "利用登録の解除"
        FILING = "filing", "届出"
        HELD_BACK = "held_back", "交付を止めた人の判定のやり直し"
        PULLED = "pulled", "発送の前に引き抜いた証の作り直し"

    class Mode(TextChoices):
        TABLE = "table", "判定表による"
        DUE = "due", "確認を待たずに判定表による"
        GRANTED = "granted", "申請により交付"

    member = models.ForeignKey(Member, models.PROTECT, related_name="rulings", verbose_name="加入者")
    mode = models.CharField("判定のしかた", max_length=8, choices=Mode.choices, default=Mode.TABLE)
    from_day = models.DateField("この日から", null=True)
    keep_through = models.DateField("前の証の有効期限", null=True)
    cause = models.CharField("きっかけ", max_length=16, choices=Cause.choices)
    request = models.CharField("もとの記録", max_length=60, help_text="例 decision:12、application:3")
    as_of = models.DateField("基準日")
    decided_on = models.DateField("判定日")
    issue_on = models.DateField("交付日")
    policy = models.JSONField("適用した運用設定")
    rules_version = models.PositiveSmallIntegerField("判定規則の版", default=monthly.VERSION)
    informed_through = models.DateField("月次ファイルなしの月の、いつまでの情報か", null=True, blank=True)
    ruled_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="担当者")

    class Meta:
        verbose_name = "個別判定"
        verbose_name_plural = "個別判定"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["request", "member"], name="ruling_once_per_request")]

    @property
    def wished(self) -> bool:
        """Whether the paper was asked for when the cover was filed, before the fund said anything (発行要否)."""
        asked = self.mode == self.Mode.GRANTED or self.cause == self.Cause.APPLICATION
        return asked and self.reason == Ground.NEW_MEMBER

    def __str__(self) -> str:
        return f"{self.member} {wareki(self.decided_on)}"


class SerialCounter(models.Model):
    """The next serial of a society; drawn inside the transaction, so a killed run leaves no hole."""

    insurer = models.OneToOneField(Insurer, models.PROTECT, primary_key=True)
    next_value = models.BigIntegerField(default=1)
