"""What stands in the office's records, as rows of a table: read for writing out, and read back around a rehearsal.

Reading back is a handful of queries for any number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from certificates.models import Application, EligibilityCertificate, Filing, LegacyCard
from certificates.requests.filings.fields import FIELDS
from certificates.requests.filings.taking import day_on_form
from certificates.rules.filing_days import KNOWN_DAY
from core.text import identifier_key
from kenpo.intake.tables.columns import INDIVIDUAL_NUMBER
from mailing.models import Envelope, Tracking
from mailing.post import tracking
from members.functions import NumberOrder
from members.models import Address, Member

CHUNK = 2_000
Cells = dict[str, str]
_MEMBER = {
    "insurer_number": "member__insurer__number",
    "symbol": "member__symbol",
    "number": "member__number",
    "branch_number": "member__branch_number",
}


def _newest(use: str, column: str) -> Subquery:
    found = Address.objects.filter(person=OuterRef("person"), use=use).order_by("-valid_from")
    return Subquery(found.values(column)[:1])


_PEOPLE: dict[str, Any] = {
    "insurer_number": "insurer__number",
    "establishment_code": "establishment__code",
    **{
        name: name
        for name in (
            "symbol",
            "number",
            "branch_number",
            "kind",
            "relationship",
            "coverage_kind",
            "acquired_on",
            "lost_on",
            "standard_monthly_remuneration_yen",
            "fund_registered_on",
        )
    },
    **{
        name: f"person__{name}"
        for name in (
            "name",
            "name_kana",
            "sex",
            "birth_date",
            "resident",
            "individual_number_state",
            "nondisclosure",
            "needs_assistance",
            "address_protected",
            "printed_name",
            "sex_on_back",
        )
    },
    "person_key": "person__load_key",
    "postal_code": _newest("residence", "postal_code"),
    "address": _newest("residence", "address"),
    "mailing_postal_code": _newest("mailing", "postal_code"),
    "mailing_address": _newest("mailing", "address"),
}
_HELD = {**_MEMBER, "issued_on": "issued_on", "valid_through": "valid_through"}
_CERTIFICATES = {**_HELD, "basis": "basis", "effective_on": "effective_on", "ground": "ground"}
_APPLICATIONS = {
    **_MEMBER,
    "kind": "kind",
    "ground": "ground",
    "received_on": "received_on",
    "via": "received_via",
    "applicant": "applicant",
    "proxy_relationship": "proxy_relationship",
}
_OF_BUNDLE = (
    Envelope.objects.filter(dispatch=OuterRef("dispatch"), establishment=OuterRef("establishment"))
    .order_by()
    .values("establishment")
    .annotate(first=Min("code"))
    .values("first")
)
_TRACKING = {
    "envelope_code": Coalesce(F("envelope__code"), F("resend__code"), Subquery(_OF_BUNDLE)),
    "tracking_number": "number",
}


def text_of(value: Any) -> str:
    """A stored value as it stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def _selected(found: QuerySet[Any], fields: Mapping[str, Any]) -> Iterator[list[str]]:
    """The rows' texts, streamed."""
    named = {f"table_{name}": F(told) if isinstance(told, str) else told for name, told in fields.items()}
    for values in found.annotate(**named).values_list(*named).iterator(chunk_size=CHUNK):
        yield [text_of(value) for value in values]


def people(found: QuerySet[Any]) -> Iterator[Cells]:
    """Covers, in the order of their numbers."""
    ordered = found.order_by("insurer__number", NumberOrder.of(), "acquired_on", "pk")
    for row in _selected(ordered, _PEOPLE):
        yield dict(zip(_PEOPLE, row, strict=True))


def _people_read_back(found: QuerySet[Any]) -> Iterator[Cells]:
    fields = {**_PEOPLE, INDIVIDUAL_NUMBER: "person__individual_number__blind_index"}
    for row in _selected(found.order_by(), fields):
        yield dict(zip(fields, row, strict=True))


def _plain(fields: Mapping[str, Any], *order: str | NumberOrder) -> Callable[[QuerySet[Any]], Iterator[Cells]]:
    def rows(found: QuerySet[Any]) -> Iterator[Cells]:
        for row in _selected(found.order_by(*order), fields):
            yield dict(zip(fields, row, strict=True))

    return rows


legacy_cards = _plain(_HELD, NumberOrder.of("member__"), "issued_on", "pk")
certificates = _plain(_CERTIFICATES, "serial")
applications = _plain(_APPLICATIONS, "pk")
tracking_numbers = _plain(_TRACKING, "dispatch", "pk")

_FILED = ("kind", "effective_on", "received_on", "received_via", "data", *_MEMBER.values())


def filings(found: QuerySet[Any]) -> Iterator[Cells]:
    """Filings as they were filed, in the order of their receipt; the 個人番号 stays out."""
    for values in found.order_by("pk").values_list(*_FILED).iterator(chunk_size=CHUNK):
        yield _filed(values)


def _filed(values: Sequence[Any]) -> Cells:
    kind, effective_on, received_on, via, data, *numbers = values
    own = dict(zip(_MEMBER, map(text_of, numbers), strict=True))
    known_on = data.get(KNOWN_DAY) or text_of(effective_on)
    told = {name: text for name, text in data.items() if name in FIELDS}
    return {**own, **told, "kind": kind, "effective_on": known_on, "received_on": text_of(received_on), "via": via}


def number_key(cells: Mapping[str, str]) -> tuple[str, ...]:
    """保険者番号・記号・番号・枝番 of a row for comparison."""
    return (
        cells.get("insurer_number", ""),
        *(identifier_key(cells.get(name, "")) for name in ("symbol", "number", "branch_number")),
    )


@dataclass
class ReadBack:
    """What stands for each row of a file, before and after it is taken in."""

    rows: list[Cells]
    read: Callable[[list[Cells]], Iterable[Cells]]
    key: Callable[[Cells], Any]

    def now(self) -> list[Cells | None]:
        """For each row the record that it speaks of, or ``None``."""
        found = {self.key(cells): cells for cells in self.read(self.rows)}
        return [found.get(self.key(row)) for row in self.rows]


def _keyed(*more: str) -> Callable[[Cells], Any]:
    return lambda cells: (*number_key(cells), *(cells.get(name, "") for name in more))


def _under(rows: list[Cells], prefix: str) -> dict[str, Any]:
    """Conditions that hold the records to the numbers of these rows."""
    return {
        f"{prefix}{name}_key__in": {identifier_key(row.get(name, "")) for row in rows} for name in ("symbol", "number")
    }


def people_back(rows: list[Cells]) -> ReadBack:
    """By number and day of acquisition."""

    def read(rows: list[Cells]) -> Iterator[Cells]:
        return _people_read_back(Member.objects.filter(**_under(rows, "")))

    return ReadBack(rows, read, _keyed("acquired_on"))


def registered(rows: list[Cells]) -> list[Cells]:
    """For each row what is registered of whoever holds its number, newest cover; nothing where nobody does."""
    found = Member.objects.filter(**_under(rows, "")).order_by("acquired_on", "pk")
    by_number: dict[tuple[str, ...], Cells] = {}
    for texts in _selected(found, _PEOPLE):
        cells = dict(zip(_PEOPLE, texts, strict=True))
        key = number_key(cells)
        by_number[key] = by_number["", *key[1:]] = cells
    return [by_number.get(number_key(row), {}) for row in rows]


def legacy_cards_back(rows: list[Cells]) -> ReadBack:
    """By number and day of issue."""

    def read(rows: list[Cells]) -> Iterator[Cells]:
        return legacy_cards(LegacyCard.objects.filter(**_under(rows, "member__")))

    return ReadBack(rows, read, _keyed("issued_on"))


def certificates_back(rows: list[Cells]) -> ReadBack:
    """By number, days of effect and basis."""

    def read(rows: list[Cells]) -> Iterator[Cells]:
        return certificates(EligibilityCertificate.objects.filter(**_under(rows, "member__")))

    return ReadBack(rows, read, _keyed("effective_on", "valid_through", "basis"))


def applications_back(rows: list[Cells]) -> ReadBack:
    """By number, kind, ground and day of receipt."""

    def read(rows: list[Cells]) -> Iterator[Cells]:
        standing = Application.objects.exclude(status="withdrawn")
        return applications(standing.filter(**_under(rows, "member__")))

    return ReadBack(rows, read, _keyed("kind", "ground", "received_on"))


def tracking_back(rows: list[Cells]) -> ReadBack:
    """By the envelope that the code names, which may stand for a whole bundle."""
    found = tracking.places(identifier_key(row.get("envelope_code", "")) for row in rows)

    def place(cells: Cells) -> str:
        return identifier_key(cells.get("envelope_code", ""))

    def read(rows: list[Cells]) -> Iterator[Cells]:
        dispatches = {one.dispatch.pk for one in found.values()}
        numbers = {
            (t.envelope_id, t.establishment_id, t.resend_id, t.dispatch_id): t.number
            for t in Tracking.objects.filter(dispatch__in=dispatches)
        }
        for code, one in found.items():
            if one.key in numbers:
                yield {"envelope_code": code, "tracking_number": numbers[one.key]}

    return ReadBack(rows, read, place)


@dataclass
class FilingsBack(ReadBack):
    """Filings by kind, day on the form and number; a filing may change the number under which it was filed."""

    filed_under: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def now(self) -> list[Cells | None]:
        standing = Filing.objects.exclude(status__in=("refused", "withdrawn")).filter(
            kind__in={row.get("kind", "") for row in self.rows},
            effective_on__in=[
                day + timedelta(days=later)
                for day in _days(map(day_on_form, self.rows))
                for later in (0, 1)
                if day < date.max
            ],
        )
        found: dict[Any, Cells] = {}
        for member, *values in standing.values_list("member", *_FILED).iterator(chunk_size=CHUNK):
            cells = _filed(values)
            what = (cells["kind"], cells["effective_on"])
            found[*what, *number_key(cells)] = cells
            if member in self.filed_under:
                found[*what, *self.filed_under[member]] = cells
        return [found.get(self.key(row)) for row in self.rows]


def filings_back(rows: list[Cells]) -> ReadBack:
    """By kind, day and the number that stands on the form."""
    members = Member.objects.filter(**_under(rows, "")).values_list(
        "pk", "insurer__number", "symbol", "number", "branch_number"
    )
    under = {
        pk: number_key(dict(zip(_MEMBER, numbers, strict=True))) for pk, *numbers in members.iterator(chunk_size=CHUNK)
    }
    return FilingsBack(rows, lambda rows: (), _filing_key, under)


def _filing_key(cells: Cells) -> tuple[str, ...]:
    return (cells.get("kind", ""), day_on_form(cells), *number_key(cells))


def _days(texts: Iterable[str]) -> set[date]:
    days = set()
    for text in texts:
        try:
            days.add(date.fromisoformat(text))
        except ValueError:
            continue
    return days
