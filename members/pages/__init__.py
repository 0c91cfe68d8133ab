"""Pages of people: the society, its settings and employers, persons with what is known of them, covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from unfold.decorators import display

from core.calendar import wareki
from core.text import identifier_key, tenths
from core.web import EMPTY, ReadOnlyAdmin, ReadOnlyTable, label_html, link_to, table_html
from members.functions import NumberOrder
from members.models import (
    Address,
    ConfirmedText,
    Establishment,
    Insurer,
    Member,
    OptionalItem,
    Person,
    Policy,
    PrintedForm,
    ShareRelief,
)
from members.pages import damaged as damaged_desk
from members.pages import overlaps as overlaps_desk
from members.pages import unprintable as desk
from members.policy import PRESET_WORDS
from members.policy_words import described
from members.search import member_condition, people, person_condition
from members.services import municipal

SEARCH_HELP = "記号・番号・枝番、カナ、氏名、生年月日"
COVER_BADGES = {"kind": {"insured": "info"}, "coverage_kind": {"voluntary": "warning", "special_retired": "warning"}}
NUMBER_BADGES = {"registered": "success", "pending": "warning", "unregistered": "danger", "mismatch": "danger"}
MYNA_BADGES = {
    "registered": "success",
    "not_registered": "warning",
    "returned": "warning",
    "absent": "danger",
    "rejected": "danger",
    "conflict": "danger",
    "double": "danger",
}
LOAD_HINT = "管理者に台帳の取込みを頼んでください。取り込むと、ここに出ます。"


def flags_html(person: Person) -> str:
    """What everyone who handles this person's paper must know first."""
    said = [
        words
        for words, holds in (
            ("住所秘匿", person.address_protected),
            ("自己情報提供不可", person.nondisclosure),
            ("要配慮者", person.needs_assistance),
            ("国外居住", not person.resident),
        )
        if holds
    ]
    return format_html_join(" ", "{}", ((label_html(words, "warning"),) for words in said)) or EMPTY


class CoverTable(ReadOnlyTable):
    model = Member
    fk_name = "person"
    verbose_name_plural = "加入の記録"
    fields = ("number_link", "kind", "coverage_kind", "establishment", "acquired_on", "lost_on")
    related = ("establishment",)
    ordering = ("-acquired_on",)
    badges = COVER_BADGES

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A municipal scheme has no employers."""
        own = ["number_link", "household_key", "acquired_on", "lost_on"]
        return own if municipal() else super().get_fields(request, obj)

    @display(description="記号・番号・枝番")
    def number_link(self, member: Member) -> str:
        return link_to(member)


class AddressTable(ReadOnlyTable):
    model = Address
    fields = ("use", "valid_from", "postal_code", "address")
    wide = ("address",)
    badges = {"use": {"safe": "warning"}}


class PrintedFormTable(ReadOnlyTable):
    """The newest of a name's forms counts, while the name is still the registered one."""

    model = PrintedForm
    only_if_any = True
    fields = ("field", "registered", "form", "reason", "clerk", "recorded_on")
    related = ("clerk",)
    wide = ("reason",)


class ConfirmedTextTable(ReadOnlyTable):
    """What looked like damage and is right."""

    model = ConfirmedText
    fk_name = "person"
    only_if_any = True
    fields = ("label", "text", "reason", "clerk", "recorded_on")
    related = ("clerk",)
    wide = ("text", "reason")


class ConfirmedEmployerTextTable(ConfirmedTextTable):
    fk_name = "establishment"


class ShareReliefTable(ReadOnlyTable):
    model = ShareRelief
    fields = ("valid_from", "valid_through")


class OptionalItemTable(ReadOnlyTable):
    """The newest of an item's wishes counts; one without a value took it back."""

    model = OptionalItem
    only_if_any = True
    fields = ("item", "content", "limit_yen", "valid_from", "valid_through", "wished_on")
    wide = ("content",)

    @display(description="内容")
    def content(self, wish: OptionalItem) -> str:
        return wish.get_value_display() or "取下げ"


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("name", "name_kana", "birth_date", "sex", "numbers", "individual_number_state", "flags")
    list_filter = ("individual_number_state", "needs_assistance", "nondisclosure", "address_protected", "resident")
    inlines = [CoverTable, AddressTable, PrintedFormTable, ConfirmedTextTable]
    steps = (desk.RECORD, damaged_desk.CONFIRM)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "name_kana"),
                    ("printed_name", "birth_date"),
                    ("sex", "sex_on_back"),
                    ("individual_number_state", "flags"),
                )
            },
        ),
    )
    ordering = ("name_kana_key", "birth_date", "pk")
    badges = {"individual_number_state": NUMBER_BADGES}
    search_by = staticmethod(person_condition)
    search_help_text = SEARCH_HELP
    empty_hint = LOAD_HINT

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        newest_first = Member.objects.order_by("-acquired_on")
        return super().get_queryset(request).prefetch_related(Prefetch("covers", queryset=newest_first))

    def get_urls(self) -> list[URLPattern]:
        queue = path(
            "unprintable/", self.admin_site.admin_view(self.unprintable_view), name="members_person_unprintable"
        )
        damaged = path("damaged/", self.admin_site.admin_view(self.damaged_view), name="members_person_damaged")
        overlapping = path("overlaps/", self.admin_site.admin_view(self.overlaps_view), name="members_person_overlaps")
        return [queue, damaged, overlapping, *super().get_urls()]

    def unprintable_view(self, request: HttpRequest) -> HttpResponse:
        """Names, kana and addresses with a character that cannot be printed."""
        return desk.queue(request, self)

    def overlaps_view(self, request: HttpRequest) -> HttpResponse:
        """People with two covers that have days in common."""
        return overlaps_desk.queue(request, self)

    def damaged_view(self, request: HttpRequest) -> HttpResponse:
        """Registered texts that may be damaged."""
        return damaged_desk.queue(request, self)

    @display(description="記号・番号・枝番")
    def numbers(self, person: Person) -> str:
        return "、".join(str(cover) for cover in person.covers.all()) or EMPTY

    @display(description="注意")
    def flags(self, person: Person) -> str:
        return flags_html(person)


@admin.register(PrintedForm)
class PrintedFormAdmin(ReadOnlyAdmin):
    """Every recorded form; the log leads here."""

    list_display = ("person", "field", "registered", "form", "recorded_on", "clerk")
    list_filter = ("field", "recorded_on")
    fieldsets = ((None, {"fields": (("person", "field"), ("registered", "form"), "reason", ("recorded_on", "clerk"))}),)
    related = ("person", "clerk")
    ordering = ("-pk",)
    search_by = staticmethod(lambda term: Q(person__in=people(term)))
    search_help_text = SEARCH_HELP
    empty_hint = "記録はまだありません。人の画面の「印字する字形を記録する」で記録すると、ここに出ます。"


@admin.register(ConfirmedText)
class ConfirmedTextAdmin(ReadOnlyAdmin):
    """Every text that was said to be right; the log leads here."""

    list_display = ("label", "text", "person", "establishment", "recorded_on", "clerk")
    list_filter = ("label", "recorded_on")
    fieldsets = (
        (None, {"fields": (("label", "text"), ("person", "establishment"), "reason", ("recorded_on", "clerk"))}),
    )
    related = ("person", "establishment", "clerk")
    ordering = ("-pk",)
    search_by = staticmethod(lambda term: Q(person__in=people(term)))
    search_help_text = SEARCH_HELP
    empty_hint = (
        "記録はまだありません。人や事業所の画面の「文字が登録のとおりで正しいと記録する」で記録すると、ここに出ます。"
    )


class DependentTable(ReadOnlyTable):
    model = Member
    fk_name = "insured"
    verbose_name_plural = "被扶養者"
    fields = ("number_link", "person", "relationship", "acquired_on", "lost_on")
    related = ("person",)

    @display(description="記号・番号・枝番")
    def number_link(self, member: Member) -> str:
        return link_to(member)


class HouseholdTable(DependentTable):
    """Whose papers go to this person as the 世帯主."""

    fk_name = "head"
    verbose_name_plural = "同じ世帯の方"


MUNICIPAL_COLUMNS = ("cover_number", "name", "name_kana", "household_key", "householder_name", "acquired_on", "lost_on")
MUNICIPAL_FIELDS = (
    (
        None,
        {
            "fields": (
                ("cover_number", "person"),
                ("household_key", "householder_name", "relationship"),
                ("told_share", "insurer"),
                ("acquired_on", "lost_on", "fund_registered_on"),
                "flags",
            )
        },
    ),
)


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = (
        "cover_number",
        "name",
        "name_kana",
        "kind",
        "coverage_kind",
        "establishment",
        "acquired_on",
        "lost_on",
    )
    list_filter = ("kind", "coverage_kind", "insurer", "lost_on")
    inlines = [DependentTable, ShareReliefTable, OptionalItemTable]
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cover_number", "person"),
                    ("kind", "relationship", "insured"),
                    ("coverage_kind", "insurer"),
                    ("establishment", "remuneration"),
                    ("acquired_on", "lost_on", "fund_registered_on"),
                    "flags",
                )
            },
        ),
    )
    related = ("person", "establishment", "insurer", "insured", "head__person")
    ordering = (NumberOrder.of(), "pk")
    badges = COVER_BADGES
    search_by = staticmethod(member_condition)
    search_help_text = SEARCH_HELP
    empty_hint = LOAD_HINT

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """A municipal scheme has households and no employers, and nobody is anything but insured."""
        return self._shown(MUNICIPAL_COLUMNS) if municipal() else super().get_list_display(request)

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        return ("insurer", "lost_on") if municipal() else self.list_filter

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if not municipal():
            return super().get_fieldsets(request, obj)
        return [
            (title, {**options, "fields": self._shown(options["fields"], linked=True)})
            for title, options in MUNICIPAL_FIELDS
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        tables = list(super().get_inlines(request, obj))
        if not municipal():
            return tables
        ours = {DependentTable: HouseholdTable}
        return [ours.get(table, table) for table in tables if table is not ShareReliefTable]

    def heading(self, document: Member) -> str:
        return f"{document} {document.person.name}"

    @display(description="世帯主")
    def householder_name(self, member: Member) -> str:
        return member.head_name or member.householder.person.name

    @display(description="70歳からの負担割合")
    def told_share(self, member: Member) -> str:
        return EMPTY if member.copayment_percent is None else tenths(member.copayment_percent)

    @display(description="記号・番号・枝番", ordering=NumberOrder.of())
    def cover_number(self, member: Member) -> str:
        return str(member)

    @display(description="氏名", ordering="person__name_kana_key")
    def name(self, member: Member) -> str:
        return member.person.name

    @display(description="フリガナ", ordering="person__name_kana_key")
    def name_kana(self, member: Member) -> str:
        return member.person.name_kana

    @display(description="標準報酬月額")
    def remuneration(self, member: Member) -> str:
        yen = member.standard_monthly_remuneration_yen
        return EMPTY if yen is None else f"{yen:,}円"

    @display(description="注意")
    def flags(self, member: Member) -> str:
        return flags_html(member.person)


@admin.register(Insurer)
class InsurerAdmin(ReadOnlyAdmin):
    list_display = ("number", "name", "main", "phone")
    fieldsets = ((None, {"fields": (("number", "name"), "main", ("postal_code", "address"), "phone")}),)
    related = ("main",)
    empty_hint = LOAD_HINT


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    list_display = ("valid_from", "insurer", "preset_name")
    fieldsets = ((None, {"fields": (("valid_from", "insurer", "preset_name"), "settings_table")}),)
    related = ("insurer",)
    empty_hint = LOAD_HINT

    def heading(self, document: Policy) -> str:
        return f"{wareki(document.valid_from)}から"

    @display(description="もとにした既定", ordering="preset")
    def preset_name(self, policy: Policy) -> str:
        return PRESET_WORDS.get(policy.preset, EMPTY)

    @display(description="設定")
    def settings_table(self, policy: Policy) -> str:
        return table_html(described(policy.values))


def _establishment_condition(term: str) -> Q:
    key = identifier_key(term)
    return Q(code=key) | Q(symbol=key) | Q(name__contains=term.strip())


@admin.register(Establishment)
class EstablishmentAdmin(ReadOnlyAdmin):
    list_display = ("code", "name", "symbol", "insurer", "address")
    list_filter = ("insurer",)
    inlines = [ConfirmedEmployerTextTable]
    steps = (damaged_desk.CONFIRM,)
    fieldsets = ((None, {"fields": (("code", "name"), ("symbol", "insurer"), ("postal_code", "address"))}),)
    related = ("insurer",)
    ordering = ("insurer__number", "code")
    search_by = staticmethod(_establishment_condition)
    search_help_text = "事業所コード、事業所名、記号"
    empty_hint = LOAD_HINT
