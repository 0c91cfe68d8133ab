"""任意記載事項: what a certificate shows beyond the prescribed fields, because its holder asked for it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from core.calendar import wareki
from core.choices import TextChoices


class LimitCategory(TextChoices):
    """限度額適用区分: five under 70, six from the month after. Source: 健康保険法施行令42条1項・3項."""

    A = "a", "ア"
    I = "i", "イ"  # noqa: E741 - the law's own letters
    U = "u", "ウ"
    E = "e", "エ"
    O = "o", "オ"  # noqa: E741
    ACTIVE_3 = "active_3", "現役並みⅢ"
    ACTIVE_2 = "active_2", "現役並みⅡ"
    ACTIVE_1 = "active_1", "現役並みⅠ"
    GENERAL = "general", "一般"
    LOW_2 = "low_2", "低所得Ⅱ"
    LOW_1 = "low_1", "低所得Ⅰ"


class SpecificDisease(TextChoices):
    """特定疾病. Source: 健康保険法施行令41条9項, 昭和59年厚生省告示第156号."""

    KIDNEY = "kidney", "人工腎臓を実施している慢性腎不全"
    BLOOD_FACTOR = ("blood_factor", "血漿分画製剤を投与している先天性血液凝固第Ⅷ因子障害又は先天性血液凝固第Ⅸ因子障害")
    ANTIVIRAL = "antiviral", "抗ウイルス剤を投与している後天性免疫不全症候群"


class OptionalItem(models.Model):
    """What a cover's holder wished to have printed (本人の申出), ``valid_from``–``valid_through`` (inclusive).

    The newest row of an item counts; one without ``value`` says that the wish was taken back on ``valid_from``.
    """

    class Item(TextChoices):
        LIMIT_CATEGORY = "limit_category", "限度額適用区分"
        SPECIFIC_DISEASE = "specific_disease", "特定疾病"

    member = models.ForeignKey("members.Member", models.PROTECT, related_name="optional_items", verbose_name="加入者")
    item = models.CharField("事項", max_length=16, choices=Item.choices)
    value = models.CharField(
        "内容", max_length=16, blank=True, choices=[*LimitCategory.choices, *SpecificDisease.choices]
    )
    limit_yen = models.PositiveIntegerField("自己負担限度額（円）", null=True, blank=True)
    valid_from = models.DateField("発効期日・取下げ日")
    valid_through = models.DateField("有効期限", null=True, blank=True)
    wished_on = models.DateField("申出日")

    NAMED_WITH = ("member",)

    class Meta:
        verbose_name = "任意記載事項の申出"
        verbose_name_plural = "任意記載事項の申出"
        ordering = ["-id"]
        indexes = [models.Index(fields=["member", "item", "-id"], name="optional_item_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(item="limit_category", limit_yen=None, value__in=["", *LimitCategory.values])
                | Q(item="specific_disease", value="", limit_yen=None)
                | Q(item="specific_disease", value__in=SpecificDisease.values, limit_yen__isnull=False),
                name="optional_item_value",
            ),
            models.CheckConstraint(
                condition=Q(valid_through=None) | Q(valid_through__gte=models.F("valid_from")) & ~Q(value=""),
                name="optional_item_days",
            ),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.member} {self.get_item_display()}（{wareki(self.valid_from)}から）"
