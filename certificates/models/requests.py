"""What people ask for and file: applications, deregistrations, inquiries, filings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from certificates.lifecycle import APPLICATION, DEREGISTRATION, FILING, INQUIRY
from certificates.models.runs import Decision
from certificates.rules.codes import Ground
from core.calendar import wareki
from core.choices import TextChoices
from core.models import Clerk
from core.transitions import guards
from members.models import Member, Person


class Via(TextChoices):
    ESTABLISHMENT = "establishment", "事業所経由"
    MAIL = "mail", "郵送"
    EMAIL = "email", "電子メール（PDF）"
    COUNTER = "counter", "窓口"


class Application(models.Model):
    """An application for a 資格確認書 (交付) or for another one (再交付). Source: rules.md §8."""

    NAMED_WITH = ("member",)
    lifecycle = APPLICATION

    class Kind(TextChoices):
        ISSUE = "issue", "交付"
        REISSUE = "reissue", "再交付"

    class Applicant(TextChoices):
        MEMBER = "member", "本人"
        INSURED = "insured", "被保険者"
        PROXY = "proxy", "代理人"

    member = models.ForeignKey(Member, models.PROTECT, related_name="applications", verbose_name="加入者")
    kind = models.CharField("種類", max_length=8, choices=Kind.choices)
    ground = models.CharField("事由", max_length=24, choices=Ground.choices())
    received_on = models.DateField("受付日")
    received_via = models.CharField("受付方法", max_length=16, choices=Via.choices)
    applicant = models.CharField("申請者", max_length=8, choices=Applicant.choices, default="insured")
    proxy_relationship = models.CharField("代理人の続柄", max_length=20, blank=True)
    items_missing = models.JSONField("不備の項目", default=list)
    fee_yen = models.PositiveIntegerField("手数料（円）", default=0)
    due_on = models.DateField("交付の目標日")
    refusal = models.CharField("不交付の理由", max_length=24, blank=True)
    refusal_text = models.TextField("不交付の文面", blank=True)
    status = models.CharField("状態", max_length=10, choices=list(APPLICATION.states.items()), default="received")
    received_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="受付者")
    decided_on = models.DateField("決定日", null=True, blank=True)

    class Meta:
        verbose_name = "申請"
        verbose_name_plural = "申請"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "ground", "received_on"],
                condition=~Q(status="withdrawn"),
                name="application_once_a_day",
            )
        ]
        triggers = guards(APPLICATION)

    def __str__(self) -> str:
        return f"{self.member} {wareki(self.received_on)}受付"


class Deregistration(models.Model):
    """A request to end the insurance use of a person's My Number Card."""

    NAMED_WITH = ("member",)
    lifecycle = DEREGISTRATION

    person = models.ForeignKey(Person, models.PROTECT, related_name="deregistrations", verbose_name="人")
    member = models.ForeignKey(Member, models.PROTECT, related_name="deregistrations", verbose_name="加入者")
    received_on = models.DateField("申請の受付日", null=True, blank=True)
    accepted_on = models.DateField("基金の受付日", null=True, blank=True)
    status = models.CharField("状態", max_length=10, choices=list(DEREGISTRATION.states.items()), default="received")

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
        return str(self.member)


class Inquiry(models.Model):
    """A question to the fund about one person (個別照会): asked on a list, answered by a form or a file."""

    NAMED_WITH = ("member",)
    lifecycle = INQUIRY

    person = models.ForeignKey(Person, models.PROTECT, related_name="inquiries", verbose_name="人")
    member = models.ForeignKey(Member, models.PROTECT, related_name="inquiries", verbose_name="加入者")
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, blank=True, related_name="inquiries", verbose_name="判定"
    )
    opened_on = models.DateField("作成日")
    due_on = models.DateField("回答期限")
    asked_on = models.DateField("照会日", null=True, blank=True)
    answered_on = models.DateField("回答日", null=True, blank=True)
    status = models.CharField("状態", max_length=10, choices=list(INQUIRY.states.items()), default="open")

    class Meta:
        verbose_name = "個別照会"
        verbose_name_plural = "個別照会"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(status__in=["open", "asked"]), name="inquiry_one_open"
            )
        ]
        triggers = guards(INQUIRY)

    def __str__(self) -> str:
        return f"{self.member} {wareki(self.opened_on)}作成"


class Filing(models.Model):
    """A filing that changes people (届出): what it says, and what it did when it was applied.

    ``data`` holds the filed values by field, ``consequences`` codes and ids only.
    """

    NAMED_WITH = ("member",)
    lifecycle = FILING

    kind = models.CharField("届出の種類", max_length=24)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="filings", verbose_name="加入者"
    )
    effective_on = models.DateField("異動日")
    received_on = models.DateField("受付日")
    received_via = models.CharField("受付方法", max_length=16, choices=Via.choices)
    data = models.JSONField("届出の内容", default=dict)
    consequences = models.JSONField("影響", default=list)
    content_key = models.CharField(max_length=64, unique=True, editable=False)
    status = models.CharField("状態", max_length=10, choices=list(FILING.states.items()), default="received")
    received_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="受付者")
    applied_on = models.DateField("反映日", null=True, blank=True)

    class Meta:
        verbose_name = "届出"
        verbose_name_plural = "届出"
        ordering = ["-id"]
        triggers = guards(FILING)

    def __str__(self) -> str:
        return f"{self.member or '全体'} {wareki(self.received_on)}受付"
