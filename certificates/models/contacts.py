"""対応記録: what somebody asked at the telephone about a person, who was checked how, and what was answered."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.calendar import wareki
from core.choices import TextChoices
from core.models import Clerk
from members.models import Member, Person

LONGEST = 500
ENOUGH_CHECKED = 2


class Contact(models.Model):
    """One call; insert-only. ``answers`` names the earlier call that it returns (折返し).

    ``checked``: what the caller was asked of the person and said rightly. ``answer`` is what was read out; it stays
    empty where too little was checked. ``follow_up_by``: the day by which the caller is called back.
    ``token``: drawn with the form, so that a form sent twice is one call.
    """

    class Caller(TextChoices):
        SELF = "self", "本人"
        FAMILY = "family", "家族"
        EMPLOYER = "employer", "事業所"
        PROVIDER = "provider", "医療機関"
        OTHER = "other", "その他"

    class Check(TextChoices):
        NAME = "name", "氏名"
        BIRTH_DATE = "birth_date", "生年月日"
        NUMBER = "number", "記号・番号"

    class Topic(TextChoices):
        NOT_ARRIVED = "not_arrived", "証が届かない"
        WHY_NOT = "why_not", "証が送られない理由"
        VALID_UNTIL = "valid_until", "いつまで使えるか"
        MYNA = "myna", "マイナ保険証のこと"
        LOST = "lost", "証をなくした・傷んだ"
        APPLICATION = "application", "申請のしかた"
        FILING = "filing", "届出のしかた"
        LEAVING = "leaving", "資格がなくなる"
        MOVED = "moved", "転居した"
        GIVE_BACK = "give_back", "証の返し方"
        NOTICE = "notice", "資格情報のお知らせのこと"
        OTHER = "other", "その他"

    person = models.ForeignKey(Person, models.PROTECT, related_name="contacts", verbose_name="人")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name="加入者"
    )
    answers = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="answered_by", verbose_name="折返した記録"
    )
    on = models.DateField("対応日")
    at = models.DateTimeField("記録日時", auto_now_add=True)
    clerk = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="担当者")
    caller = models.CharField("相手", max_length=8, choices=Caller.choices)
    checked = ArrayField(models.CharField(max_length=10, choices=Check.choices), default=list, verbose_name="本人確認")
    topic = models.CharField("用件", max_length=12, choices=Topic.choices)
    question = models.CharField("用件の内容", max_length=LONGEST, blank=True)
    answer = models.CharField("答えたこと", max_length=LONGEST, blank=True)
    follow_up_by = models.DateField("折返しの期限", null=True, blank=True)
    token = models.UUIDField(unique=True, editable=False)

    NAMED_WITH = ("member",)

    class Meta:
        verbose_name = "対応記録"
        verbose_name_plural = "対応記録"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["person", "-id"], name="contact_newest"),
            models.Index(fields=["follow_up_by"], name="contact_follow_up", condition=Q(follow_up_by__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="") | Q(checked__len__gte=ENOUGH_CHECKED), name="contact_answer_after_check"
            ),
            models.CheckConstraint(condition=~Q(topic="other", question=""), name="contact_other_says_what"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.member or ''} {wareki(self.on)}の対応記録".strip()
