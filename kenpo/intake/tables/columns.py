"""What each column of a table holds: its Japanese name, how a spreadsheet's cell becomes its text, an invented example.

Source: interfaces.md "CSV".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from certificates.models import Application, Via
from certificates.requests.applications import bulk as applications
from certificates.requests.filings import Kind as FilingKind
from certificates.requests.filings.fields import FIELDS, NUMBER, Choices, Type
from certificates.requests.filings.taking import HEAD
from certificates.rules.codes import Basis, Ground
from certificates.rules.filing_days import CSV_HELP
from certificates.rules.law import law_on_or_after
from core import clock
from mailing.post.tracking import COLUMNS as TRACKING
from members.models import Member

INDIVIDUAL_NUMBER = NUMBER
# What a cell of the type looks like.
LOOKS: Mapping[Type, str] = {"day": "（年-月-日）", "flag": "（1 か 0）"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``widths``: the digits that an ``id`` has when it is all digits; empty where that varies.

    ``choices``: the codes with their words. ``remark``: what the label leaves open, for ``Law.fill``.
    """

    name: str
    label: str
    form: Type = "text"
    widths: tuple[int, ...] = ()
    example: str = ""
    required: bool = True
    choices: Choices = ()
    remark: str = ""

    @property
    def told(self) -> str:
        """What the label leaves open, with the numbers of today's law."""
        return law_on_or_after(clock.today()).fill(self.remark)


def _day(name: str, label: str, example: str = "") -> Column:
    return Column(name, f"{label}{LOOKS['day']}", "day", example=example)


def _code(name: str, label: str, example: str, choices: Choices) -> Column:
    return Column(name, label, "code", example=example, choices=choices)


# What no filing carries as a value of its own.
_OWN = {
    one.name: one
    for one in (
        _code(
            "kind", "区分・種類", "insured", [*Member.Kind.choices, *FilingKind.choices(), *Application.Kind.choices]
        ),
        _day("acquired_on", "資格取得日・認定日", "2026-04-01"),
        _day("lost_on", "資格喪失日"),
        _day("issued_on", "交付年月日", "2024-04-01"),
        _day("effective_on", "発効期日", "2026-11-01"),
        _day("valid_through", "有効期限", "2027-10-31"),
        _day("received_on", "受付日", "2026-11-10"),
        _code("basis", "交付の根拠", "application", Basis.choices()),
        _code("ground", "事由", "lost_card", Ground.choices()),
        _code("via", "受付方法", "establishment", Via.choices),
        _code("applicant", "申請者", "insured", Application.Applicant.choices),
        Column("proxy_relationship", "代理人の続柄"),
        Column("envelope_code", "封筒番号（宛名用紙の番号）", "id", example="見本-0001"),
        Column("tracking_number", "引受番号（11～13桁）", "id", (11, 12, 13), "12345678901"),
    )
}


def column(name: str, *, required: bool = True, example: str | None = None) -> Column:
    """The column called ``name``; one that nobody knows is text."""
    made = _made(name)
    return replace(made, required=required, example=made.example if example is None else example)


def _made(name: str) -> Column:
    if name in _OWN:
        return _OWN[name]
    if name not in FIELDS:
        return Column(name, "（この表にない列）")
    told = FIELDS[name]
    label = f"{told.heading}{LOOKS.get(told.type, '')}"
    return Column(name, label, told.type, told.widths, told.example, choices=told.choices)


def _columns(required: Iterable[str], optional: Iterable[str] = (), **examples: str) -> tuple[Column, ...]:
    return (
        *(column(name, example=examples.get(name)) for name in required),
        *(column(name, required=False, example=examples.get(name)) for name in optional),
    )


NUMBERS = ("insurer_number", "symbol", "number", "branch_number")
PEOPLE = _columns(
    (
        "insurer_number",
        "establishment_code",
        "symbol",
        "number",
        "branch_number",
        "kind",
        "relationship",
        "name",
        "name_kana",
        "sex",
        "birth_date",
        "coverage_kind",
        "acquired_on",
        "lost_on",
        "standard_monthly_remuneration_yen",
        "resident",
        "individual_number_state",
        "nondisclosure",
        "needs_assistance",
        "postal_code",
        "address",
    ),
    (
        "person_key",
        "fund_registered_on",
        "address_protected",
        "mailing_postal_code",
        "mailing_address",
        "printed_name",
        "sex_on_back",
        INDIVIDUAL_NUMBER,
    ),
)


def filings() -> tuple[Column, ...]:
    """The head of a row and every value that a filing may carry. The example is a change of address."""
    day = replace(column("effective_on"), label=f"異動日{LOOKS['day'].replace('（', '（届書の日。')}", remark=CSV_HELP)
    head = _columns(HEAD, kind=FilingKind.ADDRESS)
    values = (
        column(name, required=False, example=None if name in ("postal_code", "address") else "")
        for name in FIELDS
        if name not in HEAD
    )
    return (*(day if one.name == day.name else one for one in head), *values)


APPLICATIONS = _columns(applications.REQUIRED, applications.OPTIONAL, kind="issue")
LEGACY_CARDS = _columns((*NUMBERS, "issued_on", "valid_through"), valid_through="")
CERTIFICATES = _columns((*NUMBERS, "basis", "issued_on", "effective_on", "valid_through"), ("ground",))
TRACKING_NUMBERS = _columns(TRACKING)
