"""The sheet on top of each envelope: its address in the window, under it what lies inside, until when and why.

From the database alone, so that the proof can ask again. Source: print.md "Letters" (Household); rules.md §10.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db import connection

from core.calendar import wareki
from core.errors import Refused
from core.paper.fonts import missing
from mailing.addresses import postcodes
from mailing.models import Dispatch
from mailing.papers import kinds, requests
from mailing.papers.families import STANDINGS, Family, families
from mailing.papers.kinds import DocumentKind, sql
from mailing.papers.layouts.address import AddressFace
from mailing.papers.layouts.enclosed import EnclosedFace, EnclosedRow, Note, have_room, row_spots
from mailing.papers.layouts.spots import refusals
from mailing.papers.requests import RequestSheet
from members.querysets import name_sql
from notices.services import Wording, office_words


def _documents_sql() -> str:
    """Every document of every envelope, in the order in which they are stuffed, with what its decision says of the reason.

    ``x.active`` is false once it was pulled.
    """
    return f"""
SELECT v.id, v.code, v.postal_code,
    CASE WHEN v.establishment_id IS NULL THEN v.address ELSE e.name END,
    CASE WHEN v.establishment_id IS NULL THEN v.recipient ELSE {name_sql("r")} END,
    v.insured_id, v.person_id, concat_ws('-', nullif(rm.symbol, ''), rm.number, nullif(rm.branch_number, '')),
    x.active, m.id, {name_sql("p")}, {sql.kind()}, {sql.first("issued_on")},
    {sql.first("effective_on", kinds.with_days())}, {sql.first("valid_through", kinds.with_days())},
    {sql.reason()}, p.nondisclosure
FROM mailing_envelope v
LEFT JOIN members_establishment e ON e.id = v.establishment_id
JOIN members_member rm ON rm.id = v.person_id JOIN members_person r ON r.id = rm.person_id
JOIN mailing_enclosure x ON x.envelope_id = v.id
{sql.joins()}
{sql.reason_joins()}
JOIN members_member m ON m.id = {sql.first("member_id")}
JOIN members_person p ON p.id = m.person_id
WHERE v.dispatch_id = %s
    AND NOT EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.before_printing)
ORDER BY v.position, x.position
"""


OTHERS: Final = "同封のないご家族"
REQUEST: Final = "返納のお願い{count}・返信用封筒"
"""How the table names the letter that asks old papers back, and what lies with it."""


class _Envelope(NamedTuple):
    """The first columns of ``_documents_sql``; ``insured_id`` and ``person_id``: the household's cover, the addressee's;
    ``holder``: the addressee's 記号・番号・枝番."""

    id: int
    code: str
    postal_code: str
    address: str
    recipient: str
    insured_id: int
    person_id: int
    holder: str


@dataclass(frozen=True, slots=True)
class _Document:
    """One row of ``_documents_sql`` after the envelope's own columns; ``facts``: what its decision says of the reason."""

    active: bool
    member_id: int
    name: str
    kind: DocumentKind
    issued_on: date
    effective_on: date | None
    valid_through: date | None
    facts: list[Any] | None
    nondisclosure: bool

    @classmethod
    def of(cls, row: Sequence[Any]) -> _Document:
        active, member_id, name, kind, issued_on, effective_on, valid_through, facts, nondisclosure = row
        return cls(
            active,
            member_id,
            name,
            kinds.named(kind),
            issued_on,
            effective_on,
            valid_through,
            None if facts is None else json.loads(facts),
            nondisclosure,
        )

    def row(self, reasons: Mapping[str, str]) -> EnclosedRow:
        return EnclosedRow(self.name, self.kind.label, self._days(), reasons[self._why()])

    def _days(self) -> str:
        """Until when it serves, and from when where that is not from its issue on."""
        if self.valid_through is None:
            return ""
        last = f"{wareki(self.valid_through)}まで"
        if self.effective_on is None or self.effective_on <= self.issued_on:
            return last
        return f"{wareki(self.effective_on)}から {last}"

    def _why(self) -> str:
        return "nondisclosure" if self.nondisclosure else self.kind.reason(self.facts)


@office_words()
def sheets(dispatch: Dispatch) -> list[AddressFace]:
    """The sheet of each envelope, in the order of the envelopes; of one that was pulled whole, a note not to use it."""
    with connection.cursor() as cursor:
        cursor.execute(_documents_sql(), [dispatch.pk])
        rows = cursor.fetchall()
    listed = [
        (_Envelope(*envelope), [document for row in inside if (document := _Document.of(row[8:])).active])
        for envelope, inside in groupby(rows, key=lambda row: row[:8])
    ]
    on = dispatch.printed_on or dispatch.assembled_on
    enclosed = {
        envelope.id: {document.member_id for document in inside}
        for envelope, inside in listed
        if _tells_of_family(dispatch, envelope, inside)
    }
    asked = requests.by_envelope(dispatch)
    found = _families(dispatch, listed, enclosed, on)
    words = Wording("household", on)
    return [
        _sheet(dispatch, envelope, inside, asked.get(envelope.id, ()), found.get(envelope.id, Family()), words, on)
        for envelope, inside in listed
    ]


def _tells_of_family(dispatch: Dispatch, envelope: _Envelope, inside: Sequence[_Document]) -> bool:
    """Whether the sheet speaks of those without a paper: the household's own, with a certificate and nobody protected."""
    return (
        envelope.person_id == envelope.insured_id
        and not dispatch.to_safe_address
        and any(document.kind.speaks_of_household for document in inside)
        and not any(document.nondisclosure for document in inside)
    )


def _families(
    dispatch: Dispatch, listed: Sequence[tuple[_Envelope, list[_Document]]], enclosed: Mapping[int, set[int]], on: date
) -> dict[int, Family]:
    """The family of each envelope that speaks of it. A household with two envelopes is asked for twice."""
    found: dict[int, Family] = {}
    left = {envelope.id: envelope.insured_id for envelope, _ in listed if envelope.id in enclosed}
    while left:
        once = {insured: envelope for envelope, insured in left.items()}
        asked = {insured: enclosed[envelope] for insured, envelope in once.items()}
        told = families(dispatch.insurer, asked, on=on)
        found |= {envelope: told[insured] for insured, envelope in once.items()}
        left = {envelope: insured for envelope, insured in left.items() if envelope not in found}
    return found


def check_name(name: str) -> list[Refused]:
    """What keeps a name from standing in the letter's table; empty when nothing does."""
    return refusals(row_spots(EnclosedRow(name, "", "", ""), 1))


def _sheet(
    dispatch: Dispatch,
    envelope: _Envelope,
    inside: list[_Document],
    asked: Sequence[RequestSheet],
    family: Family,
    words: Wording,
    on: date,
) -> AddressFace:
    insurer = dispatch.insurer
    postal = f"〒{insurer.postal_code}" if insurer.postal_code else ""
    sender = " ".join(part for part in (postal, insurer.address) if part)
    if not inside:
        return AddressFace(
            envelope.code,
            "",
            "",
            "",
            0,
            insurer.name,
            sender,
            holder=envelope.holder,
            enclosed=EnclosedFace(words.text("pulled"), ()),
        )
    reasons = words.raw("reasons")
    rows = tuple(document.row(reasons) for document in inside)
    if asked:
        letters = REQUEST.format(count=f"{len(asked)}通" if len(asked) > 1 else "")
        rows += (EnclosedRow(asked[0].to, letters, "", reasons["request"]),)
    notes = tuple(_notes(dispatch, inside, _of_family(family, words, on), words))
    if not have_room(notes, len(rows)):
        others = Note(words.text("to_tell", names=OTHERS))
        notes = tuple(_notes(dispatch, inside, [others], words))
    return AddressFace(
        envelope.code,
        envelope.postal_code,
        envelope.address,
        envelope.recipient,
        len(inside) + len(asked),
        insurer.name,
        sender,
        barcode=postcodes.codes(envelope.postal_code, envelope.address),
        holder=envelope.holder,
        enclosed=EnclosedFace(words.text("title"), rows, notes),
    )


def _notes(dispatch: Dispatch, inside: list[_Document], of_family: Iterable[Note], words: Wording) -> Iterator[Note]:
    """What is said under the table."""
    speaking = [document for document in inside if document.kind.speaks_of_household]
    if not speaking:
        return
    if any(document.kind.succeeds(document.facts) for document in speaking):
        yield Note(words.text("successor"))
    yield from of_family
    day = dispatch.decided_on
    yield Note(words.text("leavers", day=f"{day.month}月{day.day}日"))


def _of_family(family: Family, words: Wording, on: date) -> Iterator[Note]:
    """How those without a paper here stand: in one sentence where that is true of all, else each group by name."""
    if family.relatives and family.all_usable:
        yield Note(words.text("without_paper"))
        return
    groups: dict[tuple[str, date | None], list[str]] = {}
    for one in family.relatives:
        groups.setdefault((one.standing, one.by), []).append(_called(one.name))
    for (standing, by), names in sorted(groups.items(), key=lambda g: (STANDINGS.index(g[0][0]), g[0][1] or on)):
        told = {"by": wareki(max(by, on))} if by is not None else {}
        yield Note(words.text(standing, names="、".join(names), **told), "name")


def _called(name: str) -> str:
    """The person as the sentence names it; a name that cannot be set keeps nobody's paper from going out."""
    return "ご家族のお一人" if missing(name, "name") else f"{name}さん"
