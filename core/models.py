"""Clerk, Event, Job and Survey: who acts, what was done, which runs are under way, what a look at everybody found."""

from __future__ import annotations

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.db import models

from core.calendar import wareki
from core.choices import TextChoices
from core.roles import CAPABILITIES, ROLES, SYSTEM

EVENT_CHAIN_LOCK = 7_202_412_02


class Clerk(AbstractUser):
    """A person of the society's office. The role says what the clerk may do (core.roles)."""

    role = models.CharField("役割", max_length=20, choices=list(ROLES.items()), default="clerk")

    class Meta:
        verbose_name = "担当者"
        verbose_name_plural = "担当者"

    def can(self, capability: str) -> bool:
        """Whether the clerk's role includes ``capability``; system steps need none."""
        return capability == SYSTEM or (self.is_active and capability in CAPABILITIES.get(self.role, ()))


# The chain is made by PostgreSQL, so that a raw INSERT is chained as well. The lock keeps one writer
# at a time at the tail; the last row is read under it, which also sees rows of the same statement.
_CHAIN = f"""
    PERFORM pg_advisory_xact_lock({EVENT_CHAIN_LOCK});
    SELECT seq, hash INTO last_seq, last_hash FROM core_event ORDER BY seq DESC LIMIT 1;
    NEW.seq := COALESCE(last_seq, 0) + 1;
    NEW.previous_hash := COALESCE(last_hash, '\\x'::bytea);
    NEW.hash := core_event_hash(NEW);
    RETURN NEW;
"""


class Event(models.Model):
    """Who did what to which document, when. Insert-only and hash-chained; ids only, no names.

    ``subject`` is the model's label, ``note`` holds ids, counts, states and the reason given.
    """

    seq = models.BigIntegerField("連番", primary_key=True)
    at = models.DateTimeField("日時", db_default=models.functions.Now())
    on = models.DateField("日付")
    actor = models.ForeignKey(Clerk, models.PROTECT, null=True, verbose_name="担当者", related_name="events")
    verb = models.CharField("操作", max_length=40)
    subject = models.CharField("対象", max_length=60)
    subject_id = models.BigIntegerField("対象番号")
    note = models.JSONField("記録", default=dict)
    previous_hash = models.BinaryField(db_default=b"")
    hash = models.BinaryField(db_default=b"")

    class Meta:
        verbose_name = "操作記録"
        verbose_name_plural = "操作記録"
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="event_subject"),
            models.Index(fields=["subject", "on"], name="event_subject_on"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="chain",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("last_seq", "BIGINT"), ("last_hash", "BYTEA")],
                func=_CHAIN,
            ),
            pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"


class Job(models.Model):
    """A run in the background that a clerk can watch: claimed by one process at a time.

    ``order``: what it was asked for, where a clerk asked on a page; so that a queue's message needs no more than the id.
    """

    class State(TextChoices):
        WAITING = "waiting", "開始待ち"
        RUNNING = "running", "実行中"
        DONE = "done", "完了"
        REFUSED = "refused", "停止（理由あり）"
        FAILED = "failed", "失敗"

    key = models.CharField("処理", max_length=100, unique=True)
    state = models.CharField("状態", max_length=10, choices=State.choices, default=State.RUNNING)
    step = models.CharField("いまの段階", max_length=40, blank=True)
    actor = models.ForeignKey(Clerk, models.PROTECT, null=True, verbose_name="担当者")
    attempts = models.PositiveIntegerField("回数", default=1)
    host = models.CharField(max_length=255, blank=True)
    process_id = models.IntegerField(default=0)
    started_at = models.DateTimeField("開始", auto_now_add=True)
    ended_at = models.DateTimeField("終了", null=True)
    order = models.JSONField("依頼の内容", default=dict)
    outcome = models.JSONField("結果", default=dict)
    message = models.TextField("理由", blank=True)

    class Meta:
        verbose_name = "処理"
        verbose_name_plural = "処理"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return self.key


class Survey(models.Model):
    """What a look at everybody found on a day, kept so that a page need not look again (core.surveys).

    ``counts``: lines by group, and what else was counted. ``at``: when it was counted.
    """

    kind = models.CharField("種類", max_length=20)
    on = models.DateField("基準の日")
    at = models.DateTimeField("数えた日時", auto_now=True)
    counts = models.JSONField("件数", default=dict)

    class Meta:
        verbose_name = "集計"
        verbose_name_plural = "集計"
        constraints = [models.UniqueConstraint(fields=["kind", "on"], name="survey_once_per_day")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {wareki(self.on)}"


class SurveyLine(models.Model):
    """One subject found, by id; ``place`` is its place in the order of the lists."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField()
    group = models.CharField(max_length=20, blank=True)
    subject_id = models.BigIntegerField()

    class Meta:
        verbose_name = "集計の行"
        verbose_name_plural = "集計の行"
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["survey", "place"], name="survey_line_place")]
        indexes = [models.Index(fields=["survey", "group", "place"], name="survey_line_group")]

    def __str__(self) -> str:
        return f"{self.place}"


class Assignment(models.Model):
    """The clerk who has taken a case (core.assigning). A case that is finished waits no longer, so this needs no end."""

    subject = models.CharField("対象", max_length=60)
    subject_id = models.BigIntegerField("対象番号")
    clerk = models.ForeignKey(Clerk, models.PROTECT, verbose_name="担当", related_name="assignments", db_index=False)
    since = models.DateField("担当した日")

    class Meta:
        verbose_name = "担当"
        verbose_name_plural = "担当"
        constraints = [models.UniqueConstraint(fields=["subject", "subject_id"], name="assignment_one_clerk")]
        indexes = [models.Index(fields=["clerk", "subject", "subject_id"], name="assignment_of_clerk")]

    def __str__(self) -> str:
        return f"{self.subject}"
