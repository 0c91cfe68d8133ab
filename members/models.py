"""People: the society and its numbers, its dated policy, employers, persons and their spells of cover."""

from __future__ import annotations

from collections.abc import Iterable

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Cast

from core.calendar import wareki
from core.choices import TextChoices
from core.models import Clerk
from members import policy as policy_values
from members.functions import CoverDays, CoverKey, InsurerNumberValid, NameGrams, NameKey, NumberOrder
from members.optional_item import OptionalItem as OptionalItem
from members.policy_draft import PolicyDraft as PolicyDraft

COVER_END = Case(
    When(lost_on__lt=F("acquired_on"), then=F("acquired_on")), default=F("lost_on"), output_field=models.DateField()
)


class Insurer(models.Model):
    """The society under one 保険者番号; a second number (特例退職) is a row with ``main`` set."""

    number = models.CharField("保険者番号", max_length=8, unique=True)
    name = models.CharField("名称", max_length=100)
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    address = models.CharField("所在地", max_length=200, blank=True)
    phone = models.CharField("電話番号", max_length=20, blank=True)
    main = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="also", verbose_name="本体")

    class Meta:
        verbose_name = "保険者"
        verbose_name_plural = "保険者"
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(InsurerNumberValid(F("number"))),
                name="insurer_number_valid",
                violation_error_message="保険者番号の検証番号か都道府県番号が正しくありません。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.number}）"

    @property
    def society(self) -> Insurer:
        """The row that carries the policy."""
        return self.main or self


class Policy(models.Model):
    """The society's settings from a day on; the newest ``valid_from`` not after a day counts."""

    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="policies", verbose_name="保険者")
    valid_from = models.DateField("適用開始日")
    preset = models.CharField("既定", max_length=20)
    values = models.JSONField("設定値")

    class Meta:
        verbose_name = "運用設定"
        verbose_name_plural = "運用設定"
        ordering = ["-valid_from"]
        constraints = [models.UniqueConstraint(fields=["insurer", "valid_from"], name="policy_one_per_day")]

    def __str__(self) -> str:
        return f"{wareki(self.valid_from)}から"

    @property
    def value(self) -> policy_values.Policy:
        return policy_values.from_json(self.values)


class Establishment(models.Model):
    """An employer (事業所)."""

    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="establishments", verbose_name="保険者")
    code = models.CharField("事業所コード", max_length=20)
    name = models.CharField("事業所名", max_length=100)
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    address = models.CharField("所在地", max_length=200, blank=True)
    symbol = models.CharField("記号", max_length=20, blank=True)

    class Meta:
        verbose_name = "事業所"
        verbose_name_plural = "事業所"
        ordering = ["insurer", "code"]
        constraints = [models.UniqueConstraint(fields=["insurer", "code"], name="establishment_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class NumberState(TextChoices):
    REGISTERED = "registered", "登録済み"
    PENDING = "pending", "手続き中"
    UNREGISTERED = "unregistered", "未登録（把握できない事情あり）"
    MISMATCH = "mismatch", "不一致（閲覧停止）"


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), model_name="PersonHistory")
class Person(models.Model):
    """A human being, with what is known of the person under whichever cover. Names are verbatim."""

    class Sex(TextChoices):
        MALE = "1", "男"
        FEMALE = "2", "女"

    name = models.CharField("氏名", max_length=200)
    name_kana = models.CharField("フリガナ", max_length=200)
    name_kana_key = models.CharField(max_length=200, editable=False)
    printed_name = models.CharField("通称名", max_length=200, blank=True)
    birth_date = models.DateField("生年月日")
    sex = models.CharField("性別", max_length=1, choices=Sex.choices)
    sex_on_back = models.BooleanField("性別を裏面に記載", default=False)
    resident = models.BooleanField("国内居住", default=True)
    individual_number_state = models.CharField("個人番号", max_length=12, choices=NumberState.choices)
    nondisclosure = models.BooleanField("自己情報提供不可", default=False)
    needs_assistance = models.BooleanField("要配慮者", default=False)
    address_protected = models.BooleanField("不開示該当（住所秘匿）", default=False)
    load_key = models.CharField("取込キー", max_length=100, null=True, unique=True, editable=False)

    class Meta:
        verbose_name = "人"
        verbose_name_plural = "人"
        indexes = [
            models.Index(fields=["name_kana_key", "birth_date"], name="person_kana_birth"),
            models.Index(fields=["birth_date"], name="person_birth"),
            models.Index(
                fields=["individual_number_state"],
                condition=Q(individual_number_state__in=("pending", "unregistered")),
                name="person_without_number",
            ),
            GinIndex(NameGrams(NameKey("name"), NameKey("printed_name"), "name_kana_key"), name="person_name_grams"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def clerk_names(ids: Iterable[int]) -> dict[int, str]:
        """The number of each person's newest cover: what the log may show of somebody."""
        covers = Member.objects.filter(person__in=list(ids)).order_by("acquired_on", "pk")
        return {cover.person_id: str(cover) for cover in covers}


class PrintedForm(models.Model):
    """How a registered name is printed where the typeface lacks its form; insert-only, the newest counts.

    It belongs to the name as ``registered``, so that a later change of the name drops it; a ``form`` that equals
    the registered name ends the ones before. The register itself stays verbatim.
    """

    class Field(TextChoices):
        NAME = "name", "氏名"
        PRINTED_NAME = "printed_name", "通称名"

    person = models.ForeignKey(Person, models.PROTECT, related_name="printed_forms", verbose_name="人")
    field = models.CharField("対象", max_length=12, choices=Field.choices)
    registered = models.CharField("登録された字", max_length=200)
    form = models.CharField("印字する字", max_length=200)
    reason = models.TextField("理由")
    clerk = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="担当者")
    recorded_on = models.DateField("記録日")

    class Meta:
        verbose_name = "印字する字形"
        verbose_name_plural = "印字する字形"
        ordering = ["-id"]
        indexes = [models.Index(fields=["person", "field", "-id"], name="printed_form_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="printed_form_has_reason"),
            models.CheckConstraint(condition=~Q(form=""), name="printed_form_has_form"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_field_display()}の字形（{wareki(self.recorded_on)}）"


class ConfirmedText(models.Model):
    """A registered text that looks like damage, and that a clerk has said is right; insert-only.

    It holds for exactly this text of this person or employer.
    """

    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="confirmed_texts", verbose_name="人"
    )
    establishment = models.ForeignKey(
        Establishment, models.PROTECT, null=True, blank=True, related_name="confirmed_texts", verbose_name="事業所"
    )
    label = models.CharField("項目", max_length=20)
    text = models.CharField("登録された文字", max_length=300)
    reason = models.TextField("確かめたもの")
    clerk = models.ForeignKey(Clerk, models.PROTECT, related_name="+", verbose_name="担当者")
    recorded_on = models.DateField("記録日")

    class Meta:
        verbose_name = "正しいと確かめた文字"
        verbose_name_plural = "正しいと確かめた文字"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(establishment__isnull=True), name="confirmed_text_has_one_owner"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="confirmed_text_has_reason"),
        ]
        triggers = [pgtrigger.Protect(name="insert_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"正しいと確かめた{self.label} {self.pk}"


class IndividualNumber(models.Model):
    """個人番号, held apart: sealed, and found again only through a keyed fingerprint."""

    person = models.OneToOneField(Person, models.CASCADE, related_name="individual_number", primary_key=True)
    sealed = models.BinaryField()
    blind_index = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name = "個人番号"
        verbose_name_plural = "個人番号"


class Address(models.Model):
    """Where a person lives or gets post, from a day on. ``safe`` is named by a clerk for a protected person."""

    class Use(TextChoices):
        RESIDENCE = "residence", "住民票住所"
        MAILING = "mailing", "送付先"
        SAFE = "safe", "安全な送付先"

    person = models.ForeignKey(Person, models.CASCADE, related_name="addresses", verbose_name="人")
    use = models.CharField("種類", max_length=10, choices=Use.choices)
    postal_code = models.CharField("郵便番号", max_length=8, blank=True)
    address = models.CharField("住所", max_length=300)
    valid_from = models.DateField("いつから")

    class Meta:
        verbose_name = "住所"
        verbose_name_plural = "住所"
        ordering = ["person", "use", "-valid_from"]
        constraints = [models.UniqueConstraint(fields=["person", "use", "valid_from"], name="address_per_day")]

    def __str__(self) -> str:
        return self.get_use_display()


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), model_name="MemberHistory")
class Member(models.Model):
    """One spell of cover ``[acquired_on, lost_on)`` of a person (加入者).

    In a municipal scheme everybody is insured in person and belongs to a household: ``household_key`` as the
    municipality names it, ``head`` the cover that stands for the household (absent: this one itself),
    ``head_name`` the 世帯主 where that is nobody covered here (擬制世帯主). ``copayment_percent``: the share from 70 on
    as told by the municipality.
    """

    class Kind(TextChoices):
        INSURED = "insured", "本人（被保険者）"
        DEPENDENT = "dependent", "家族（被扶養者）"

    class CoverageKind(TextChoices):
        REGULAR = "regular", "一般"
        VOLUNTARY = "voluntary", "任意継続"
        SPECIAL_RETIRED = "special_retired", "特例退職"

    person = models.ForeignKey(Person, models.PROTECT, related_name="covers", verbose_name="人")
    insurer = models.ForeignKey(Insurer, models.PROTECT, related_name="members", verbose_name="保険者")
    establishment = models.ForeignKey(Establishment, models.PROTECT, related_name="members", verbose_name="事業所")
    symbol = models.CharField("記号", max_length=20)
    number = models.CharField("番号", max_length=20)
    branch_number = models.CharField("枝番", max_length=2, blank=True)
    symbol_key = models.CharField(max_length=20, editable=False)
    number_key = models.CharField(max_length=20, editable=False)
    branch_key = models.CharField(max_length=2, editable=False)
    kind = models.CharField("区分", max_length=10, choices=Kind.choices)
    relationship = models.CharField("続柄", max_length=20, blank=True)
    insured = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="dependents", verbose_name="被保険者"
    )
    coverage_kind = models.CharField("資格の種類", max_length=16, choices=CoverageKind.choices)
    acquired_on = models.DateField("資格取得日・認定日")
    lost_on = models.DateField("資格喪失日", null=True, blank=True)
    standard_monthly_remuneration_yen = models.PositiveIntegerField("標準報酬月額（円）", null=True, blank=True)
    fund_registered_on = models.DateField("基金への登録日", null=True, blank=True)
    household_key = models.CharField("世帯番号", max_length=100, blank=True, default="", db_default="")
    head = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="household", verbose_name="世帯主"
    )
    head_name = models.CharField("資格のない世帯主の氏名", max_length=200, blank=True, default="", db_default="")
    copayment_percent = models.PositiveSmallIntegerField("一部負担金の割合（%）", null=True, blank=True)

    class Meta:
        verbose_name = "加入者"
        verbose_name_plural = "加入者"
        ordering = ["insurer", "symbol", "number", "branch_number", "acquired_on"]
        indexes = [
            models.Index(fields=["symbol_key", "number_key", "branch_key"], name="member_number"),
            models.Index(fields=["number_key"], name="member_number_alone"),
            models.Index(NumberOrder.of(), "id", name="member_number_order"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["insurer", "symbol_key", "number_key", "branch_key", "acquired_on"], name="member_key"
            ),
            models.CheckConstraint(
                condition=Q(kind="insured", insured__isnull=True) | Q(kind="dependent", insured__isnull=False),
                name="dependent_has_insured",
                violation_error_message="被扶養者には被保険者が、被保険者には本人だけが要ります。",
            ),
            models.CheckConstraint(
                condition=Q(branch_number="") | Q(branch_number__regex=r"^\S{2}$"), name="branch_two_digits"
            ),
            ExclusionConstraint(
                name="one_cover_at_a_time",
                expressions=[
                    (
                        CoverKey(Cast("insurer", models.TextField()), "symbol_key", "number_key", "branch_key"),
                        RangeOperators.EQUAL,
                    ),
                    (CoverDays("acquired_on", COVER_END), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return "-".join(part for part in (self.symbol, self.number, self.branch_number) if part)

    @property
    def household_id(self) -> int:
        """The cover that stands for the household: the insured person's, or that of a municipal household's head."""
        return self.insured_id or self.head_id or self.pk

    @property
    def householder(self) -> Member:
        """The same cover itself."""
        return self.insured or self.head or self


class ShareRelief(models.Model):
    """基準収入額適用: relief to 20 % of an insured person's share, from–through (inclusive)."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="share_reliefs", verbose_name="被保険者")
    valid_from = models.DateField("適用開始日")
    valid_through = models.DateField("適用終了日", null=True, blank=True)

    class Meta:
        verbose_name = "基準収入額適用"
        verbose_name_plural = "基準収入額適用"


class MynaStatus(models.Model):
    """What the fund says of a person's マイナ保険証 from ``as_of`` until a later row; changes only.

    ``absent`` and the three states after it say that a monthly snapshot gave no usable row: they are
    written, so that an older row never passes for the new file's. ``file_id`` and ``line_no`` name
    the place (ids of the floor above).
    """

    class State(TextChoices):
        REGISTERED = "registered", "利用登録あり"
        NOT_REGISTERED = "not_registered", "利用登録なし"
        RETURNED = "returned", "カード返納"
        ABSENT = "absent", "記載なし"
        REJECTED = "rejected", "行が読めない"
        CONFLICT = "conflict", "行が食い違う"
        DOUBLE = "double", "行が重複"

    class Source(TextChoices):
        MONTHLY = "monthly", "月次ファイル"
        DAILY = "daily", "日次ファイル"
        INQUIRY = "inquiry", "個別照会"

    person = models.ForeignKey(Person, models.CASCADE, related_name="myna_statuses", verbose_name="人")
    as_of = models.DateField("基準日")
    source = models.CharField("出所", max_length=10, choices=Source.choices)
    state = models.CharField("状態", max_length=16, choices=State.choices)
    registered_on = models.DateField("利用登録日", null=True, blank=True)
    e_certificate_expires_on = models.DateField("電子証明書有効期限", null=True, blank=True)
    returned_on = models.DateField("返納日", null=True, blank=True)
    created_on = models.DateField(
        "作成日", null=True, blank=True, help_text="基金がファイルを作成した日。個別照会は回答を入力した日。"
    )
    file_id = models.BigIntegerField("ファイル番号", null=True, blank=True)
    line_no = models.IntegerField("行", null=True, blank=True)

    class Meta:
        verbose_name = "マイナ保険証の状態"
        verbose_name_plural = "マイナ保険証の状態"
        indexes = [models.Index(fields=["person", "-as_of", "-id"], name="myna_newest")]

    def __str__(self) -> str:
        return f"{wareki(self.as_of)} {self.get_state_display()}"
