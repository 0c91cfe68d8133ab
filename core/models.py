"""Clerk, Event and Job: who acts, what was done, and which runs are under way."""

from __future__ import annotations

import pgtrigger
from django.contrib.auth.models import AbstractUser
from django.db import models

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
        indexes = [models.Index(fields=["subject", "subject_id"], name="event_subject")]
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

    class State(models.TextChoices):
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
