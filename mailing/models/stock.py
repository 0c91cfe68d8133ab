"""Blank paper: what came in, in which lot, and every sheet that left it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from core.choices import TextChoices
from core.models import Clerk
from mailing.models.dispatches import Dispatch


class PaperLot(models.Model):
    """One delivery of blank forms, or of something that is enclosed. Control numbers where the form carries them."""

    class Form(TextChoices):
        POSTCARD = "postcard", "資格確認書（はがき型）"
        CARD = "card", "資格確認書（カード型）"
        A4 = "a4", "資格確認書（A4型）"
        ELDERLY = "elderly", "高齢受給者証"
        NOTICE = "notice", "資格情報のお知らせ"
        LEAFLET = "leaflet", "案内のリーフレット"
        FILM = "film", "保護フィルム"
        RETURN_ENVELOPE = "return_envelope", "返信用封筒"

    form = models.CharField("用紙・同封物", max_length=16, choices=Form.choices)
    name = models.CharField("ロット", max_length=40)
    first_number = models.CharField("最初の管理番号", max_length=20, blank=True)
    last_number = models.CharField("最後の管理番号", max_length=20, blank=True)
    received_on = models.DateField("受入日")
    supplier = models.CharField("納入元", max_length=100, blank=True)

    class Meta:
        verbose_name = "用紙のロット"
        verbose_name_plural = "用紙の受払"
        ordering = ["form", "received_on", "id"]
        constraints = [models.UniqueConstraint(fields=["form", "name"], name="paper_lot_once")]

    def __str__(self) -> str:
        return self.name


class PaperMovement(models.Model):
    """Sheets into or out of a lot: positive in, negative out. Rows are only added, never changed.

    ``dispatch``: whose printing used them; ``serial``: the printed document whose sheet was spoiled.
    """

    class Kind(TextChoices):
        RECEIVE = "receive", "受入"
        USE = "use", "使用"
        SPOIL = "spoil", "書損"
        DISCARD = "discard", "廃棄"
        COUNT = "count", "棚卸差"
        GIVE_BACK = "give_back", "返品"

    lot = models.ForeignKey(PaperLot, models.PROTECT, related_name="movements", verbose_name="ロット")
    kind = models.CharField("区分", max_length=10, choices=Kind.choices)
    sheets = models.IntegerField("枚数（増減）")
    on = models.DateField("日付")
    reason = models.CharField("理由", max_length=200, blank=True)
    dispatch = models.ForeignKey(
        Dispatch, models.PROTECT, null=True, blank=True, related_name="paper", verbose_name="発送"
    )
    serial = models.CharField("発行番号・管理番号", max_length=12, blank=True)
    by = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="担当者")
    at = models.DateTimeField("記録日時", auto_now_add=True)

    class Meta:
        verbose_name = "用紙の増減"
        verbose_name_plural = "用紙の増減"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["lot"], condition=Q(kind="receive"), name="paper_received_once"),
            models.UniqueConstraint(
                fields=["lot", "dispatch"], condition=Q(kind="use", serial=""), name="paper_used_once"
            ),
            models.UniqueConstraint(
                fields=["serial"], condition=Q(kind="spoil") & ~Q(serial=""), name="paper_spoiled_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=("receive", "use")) | ~Q(reason=""), name="paper_reason_given"),
            models.CheckConstraint(condition=~Q(sheets=0), name="paper_moves_something"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sheets}枚"
