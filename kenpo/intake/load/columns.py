"""The files of a load folder as tables: which columns there are and what each cell becomes, on the day of the load.

Source: interfaces.md "CSV".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from certificates.rules.codes import Basis, Ground
from certificates.rules.copayment import elderly_shares
from certificates.rules.law import law_on_or_after
from core import cells, plausible
from core.cells import Parse
from core.damage import Use
from core.text import identifier_key, kana_key
from kenpo.intake.load import findings
from members.models import Member, NumberState, Person


def share(on: date) -> Parse:
    """一部負担金の割合 from 70 on in percent, one of those that the law knows on the day, or absent."""
    read = cells.code([str(percent) for percent in elderly_shares(law_on_or_after(on))], required=False)
    return cells.remembered(lambda cell: read(cell) or None)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the temporary table: from which CSV column, by which parser. ``name`` ending in ``_key`` is derived.

    ``use``: what looks like damage in it, for a text that stands on paper.
    """

    name: str
    source: str
    parse: Parse
    type: str = "text"
    optional: bool = False
    use: Use | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One CSV file and the temporary table it is copied into."""

    file: str
    table: str
    columns: tuple[Column, ...]


def _numbers(known: dict[str, int] | None) -> tuple[Column, ...]:
    """The columns that name one cover, each with its comparison key."""
    identifier, branch = cells.identifier(), cells.remembered(cells.branch)
    return (
        Column("insurer_id", "insurer_number", cells.insurer(known), "bigint"),
        Column("symbol", "symbol", identifier),
        Column("symbol_key", "symbol", identifier_key),
        Column("number", "number", identifier),
        Column("number_key", "number", identifier_key),
        Column("branch_number", "branch_number", branch),
        Column("branch_key", "branch_number", identifier_key),
    )


def _day(name: str, on: date, *, required: bool = False, optional: bool = False) -> Column:
    parse = cells.day(required=required, window=plausible.window(name), on=on)
    return Column(name, name, parse, "date", optional)


def _text(name: str, limit: int, *, required: bool = False, optional: bool = False, use: Use | None = None) -> Column:
    return Column(name, name, cells.text(limit, required=required), "text", optional, use)


def _flag(name: str, *, required: bool = False, optional: bool = False) -> Column:
    return Column(name, name, cells.flag(required=required), "boolean", optional)


def _code(name: str, values: list[str], *, required: bool = True, optional: bool = False) -> Column:
    return Column(name, name, cells.code(values, required=required), "text", optional)


def establishments(known: dict[str, int] | None) -> Sheet:
    """establishments.csv."""
    return Sheet(
        findings.ESTABLISHMENTS,
        "load_establishment",
        (
            Column("insurer_id", "insurer_number", cells.insurer(known), "bigint"),
            _text("code", 20, required=True),
            _text("name", 100, required=True, use=Use.OTHER),
            _text("postal_code", 8),
            _text("address", 200, use=Use.OTHER),
            _text("symbol", 20),
            Column("symbol_key", "symbol", identifier_key),
        ),
    )


def members(known: dict[str, int] | None, on: date, *, municipal: bool = False) -> Sheet:
    """members.csv; a left-out optional column is NULL in every row (not told), an empty cell is empty.

    ``municipal``: nobody has an employer, so that its column may be left out.
    """
    person = (
        _text("name", 200, required=True, use=Use.NAME),
        Column("name_kana", "name_kana", cells.kana(200), use=Use.KANA),
        Column("name_kana_key", "name_kana", kana_key),
        _code("sex", Person.Sex.values),
        _day("birth_date", on, required=True),
        _flag("resident", required=True),
        _code("individual_number_state", NumberState.values),
        _flag("nondisclosure"),
        _flag("needs_assistance"),
        _text("postal_code", 8),
        _text("address", 300, use=Use.OTHER),
        _text("person_key", 100, optional=True),
        _flag("address_protected", optional=True),
        _text("mailing_postal_code", 8, optional=True),
        _text("mailing_address", 300, optional=True, use=Use.OTHER),
        _text("printed_name", 200, optional=True, use=Use.NAME),
        _flag("sex_on_back", optional=True),
        Column("blind_index", "individual_number", cells.individual_number, "text", optional=True),
        Column("sealed_key", "individual_number", cells.sealed, "bytea", optional=True),
    )
    cover = (
        _text("establishment_code", 20, optional=municipal),
        _code("kind", Member.Kind.values),
        _text("relationship", 20),
        _code("coverage_kind", Member.CoverageKind.values),
        _day("acquired_on", on, required=True),
        _day("lost_on", on),
        Column("standard_monthly_remuneration_yen", "standard_monthly_remuneration_yen", cells.amount(), "integer"),
        _day("fund_registered_on", on, optional=True),
        _text("household_key", 100, optional=True),
        _text("household_head", 200, optional=True, use=Use.NAME),
        Column("copayment_percent", "copayment_percent", share(on), "integer", optional=True),
    )
    return Sheet(findings.MEMBERS, "load_member", (*_numbers(known), *cover, *person))


def legacy_cards(known: dict[str, int] | None, on: date) -> Sheet:
    """legacy_cards.csv."""
    columns = (*_numbers(known), _day("issued_on", on, required=True), _day("valid_through", on))
    return Sheet(findings.LEGACY_CARDS, "load_legacy_card", columns)


def certificates(known: dict[str, int] | None, on: date) -> Sheet:
    """certificates.csv."""
    columns = (
        *_numbers(known),
        _code("basis", [value for value, _ in Basis.choices()]),
        _day("issued_on", on, required=True),
        _day("effective_on", on, required=True),
        _day("valid_through", on, required=True),
        _code("ground", [value for value, _ in Ground.choices()], required=False, optional=True),
    )
    return Sheet(findings.CERTIFICATES, "load_certificate", columns)


def deregistrations(known: dict[str, int] | None, on: date) -> Sheet:
    """deregistrations.csv."""
    columns = (*_numbers(known), _day("accepted_on", on, required=True))
    return Sheet(findings.DEREGISTRATIONS, "load_deregistration", columns)
