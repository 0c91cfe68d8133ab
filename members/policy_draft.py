"""A change of the society's settings before a second clerk has approved it."""

from __future__ import annotations

import pgtrigger
from django.db import models

from core.calendar import wareki
from core.models import Clerk
from core.transitions import guards
from members import policy as policy_values
from members.lifecycle import POLICY_DRAFT


class PolicyDraft(models.Model):
    """Settings that shall apply from a day on; approved, they become a row of ``Policy`` and nothing else changes.

    ``base``: the settings that would apply on that day otherwise. What was drafted is never edited. ``effect``: what it
    would have done to a month, kept as often as it is simulated.
    """

    lifecycle = POLICY_DRAFT

    base = models.ForeignKey("members.Policy", models.PROTECT, related_name="drafts", verbose_name="もとにした設定")
    valid_from = models.DateField("適用開始日")
    values = models.JSONField("設定値")
    drafted_by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="作成した担当者")
    drafted_on = models.DateField("作成日")
    approved_by = models.ForeignKey(Clerk, models.PROTECT, null=True, related_name="+", verbose_name="承認した担当者")
    status = models.CharField("状態", max_length=10, choices=list(POLICY_DRAFT.states.items()), default="drafted")

    effect = models.JSONField("試算", null=True)

    class Meta:
        verbose_name = "運用設定の変更案"
        verbose_name_plural = "運用設定の変更案"
        ordering = ["-pk"]
        triggers = [
            *guards(POLICY_DRAFT),
            pgtrigger.ReadOnly(name="as_drafted", exclude=["status", "approved_by", "effect"]),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{wareki(self.valid_from)}からの変更案"

    @property
    def value(self) -> policy_values.Policy:
        return policy_values.from_json(self.values)
