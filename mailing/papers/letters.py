"""The sheet on top of each envelope: its address in the window, under it what lies inside, until when and why.

From the database alone, so that the proof can ask again. Source: print.md "Letters" (Household); rules.md §10.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

from django.db import connection

from certificates.rules.codes import Detail, Ground
from certificates.rules.facts import number_state_sql
from core.calendar import wareki
from core.errors import Refused
from core.paper.fonts import missing
from mailing.addresses import postcodes
from mailing.models import DOCUMENTS, Dispatch
from mailing.papers import requests
from mailing.papers.families import STANDINGS, Family, families
from mailing.papers.layouts.address import AddressFace
from mailing.papers.layouts.enclosed import EnclosedFace, EnclosedRow, Note, have_room, row_spots
from mailing.papers.layouts.spots import refusals
from mailing.papers.requests import RequestSheet
from members.querysets import name_sql
from notices.services import Wording, office_words

# Every paper of every envelope, in the order in which they are stuffed, with what its decision says of the reason;
# ``x.active`` is false once it was pulled.
_PAPERS = f"""
SELECT v.id, v.code, v.postal_code,
    CASE WHEN v.establishment_id IS NULL THEN v.address ELSE e.name END,
    CASE WHEN v.establishment_id IS NULL THEN v.recipient ELSE {name_sql("r")} END,
    v.insured_id, v.person_id, concat_ws('-', nullif(rm.symbol, ''), rm.number, nullif(rm.branch_number, '')),
    x.active, m.id, {name_sql("p")},
    CASE WHEN c.id IS NOT NULL THEN 'certificate' WHEN o.id IS NOT NULL THEN 'elderly' ELSE 'notice' END,
    coalesce(c.issued_on, o.issued_on), coalesce(c.effective_on, o.effective_on),
    coalesce(c.valid_through, o.valid_through), coalesce(c.ground, ''), coalesce(g.detail, d.detail, ''),
    {number_state_sql("coalesce(g.facts, d.facts)")}, coalesce(c.sequence, 0), p.nondisclosure
FROM mailing_envelope v
LEFT JOIN members_establishment e ON e.id = v.establishment_id
JOIN members_member rm ON rm.id = v.person_id JOIN members_person r ON r.id = rm.person_id
JOIN mailing_enclosure x ON x.envelope_id = v.id
LEFT JOIN certificates_eligibilitycertificate c ON c.id = x.certificate_id
LEFT JOIN certificates_ruling g ON g.id = c.ruling_id
LEFT JOIN certificates_decision d ON d.run_id = c.run_id AND d.member_id = c.member_id
LEFT JOIN certificates_elderlybeneficiarycertificate o ON o.id = x.elderly_id
LEFT JOIN notices_eligibilitynotice n ON n.id = x.notice_id
JOIN members_member m ON m.id = coalesce(c.member_id, o.member_id, n.member_id)
JOIN members_person p ON p.id = m.person_id
WHERE v.dispatch_id = %s
    AND NOT EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.before_printing)
ORDER BY v.position, x.position
"""
_NOT_REGISTERED: Final = {
    Detail.NEVER: "not_registered", Detail.RETURNED: "returned", Detail.DEREGISTERED: "deregistered",
}  # fmt: skip
OTHERS: Final = "同封のないご家族"
REQUEST: Final = "返納のお願い{count}・返信用封筒"
"""How the table names the letter that asks old papers back, and what lies with it."""


class _Envelope(NamedTuple):
    """The first columns of ``_PAPERS``; ``insured_id`` and ``person_id``: the household's cover, the addressee's;
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
class _Paper:
    """One row of ``_PAPERS`` after the envelope's own columns."""

    active: bool
    member_id: int
    name: str
    kind: str
    issued_on: date | None
    effective_on: date | None
    valid_through: date | None
    ground: str
    detail: str
    number_state: str | None
    sequence: int
    nondisclosure: bool

    def row(self, reasons: Mapping[str, str]) -> EnclosedRow:
        label = DOCUMENTS[self.kind].lifecycle.label  # type: ignore[attr-defined]
        return EnclosedRow(self.name, label, self._days(), reasons[self._why()])

    def _days(self) -> str:
        """Until when it serves, and from when where that is not from its issue on."""
        if self.valid_through is None:
            return ""
        last = f"{wareki(self.valid_through)}まで"
        if self.effective_on is None or self.issued_on is None or self.effective_on <= self.issued_on:
            return last
        return f"{wareki(self.effective_on)}から {last}"

    def _why(self) -> str:
        if self.nondisclosure:
            return "nondisclosure"
        if self.kind != "certificate":
            return self.kind
        if self.sequence:
            return "renewal"
        if self.ground == Ground.NOT_REGISTERED:
            return _NOT_REGISTERED.get(self.detail, "other")  # type: ignore[call-overload]
        if self.ground == Ground.NUMBER_UNREGISTERED and self.number_state == "mismatch":
            return "number_mismatch"
        return self.ground or "other"


@office_words()
def sheets(dispatch: Dispatch) -> list[AddressFace]:
    """The sheet of each envelope, in the order of the envelopes; of one that was pulled whole, a note not to use it."""
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, [dispatch.pk])
        rows = cursor.fetchall()
    listed = [
        (_Envelope(*envelope), [paper for row in papers if (paper := _Paper(*row[8:])).active])
        for envelope, papers in groupby(rows, key=lambda row: row[:8])
    ]
    on = dispatch.printed_on or dispatch.assembled_on
    enclosed = {
        envelope.id: {paper.member_id for paper in inside}
        for envelope, inside in listed
        if _tells_of_family(dispatch, envelope, inside)
    }
    asked = requests.by_envelope(dispatch)
    found = _families(dispatch, listed, enclosed, on)
    words = Wording("household", on)
    return [
        _sheet(
            dispatch,
            envelope,
            inside,
            asked.get(envelope.id, ()),
            found.get(envelope.id, Family()),
            words,
            on,
        )
        for envelope, inside in listed
    ]


def _tells_of_family(dispatch: Dispatch, envelope: _Envelope, inside: Sequence[_Paper]) -> bool:
    """Whether the sheet speaks of those without a paper: the household's own, with a certificate and nobody protected."""
    return (
        envelope.person_id == envelope.insured_id
        and not dispatch.to_safe_address
        and any(paper.kind == "certificate" for paper in inside)
        and not any(paper.nondisclosure for paper in inside)
    )


def _families(
    dispatch: Dispatch,
    listed: Sequence[tuple[_Envelope, list[_Paper]]],
    enclosed: Mapping[int, set[int]],
    on: date,
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
    inside: list[_Paper],
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
            envelope.code, "", "", "", 0, insurer.name, sender, holder=envelope.holder,
            enclosed=EnclosedFace(words.text("pulled"), ()),
        )  # fmt: skip
    reasons = words.raw("reasons")
    rows = tuple(paper.row(reasons) for paper in inside)
    if asked:
        letters = REQUEST.format(count=f"{len(asked)}通" if len(asked) > 1 else "")
        rows += (EnclosedRow(asked[0].to, letters, "", reasons["request"]),)
    notes = tuple(_notes(dispatch, inside, _of_family(family, words, on), words))
    if not have_room(notes, len(rows)):
        others = Note(words.text("to_tell", names=OTHERS))
        notes = tuple(_notes(dispatch, inside, [others], words))
    return AddressFace(
        envelope.code, envelope.postal_code, envelope.address, envelope.recipient, len(inside) + len(asked), insurer.name, sender,
        barcode=postcodes.codes(envelope.postal_code, envelope.address), holder=envelope.holder,
        enclosed=EnclosedFace(words.text("title"), rows, notes),
    )  # fmt: skip


def _notes(
    dispatch: Dispatch, inside: list[_Paper], of_family: Iterable[Note], words: Wording
) -> Iterator[Note]:
    """What is said under the table."""
    certificates = [paper for paper in inside if paper.kind == "certificate"]
    if not certificates:
        return
    if any(paper.sequence for paper in certificates):
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
    for (standing, by), names in sorted(
        groups.items(), key=lambda g: (STANDINGS.index(g[0][0]), g[0][1] or on)
    ):
        told = {"by": wareki(max(by, on))} if by is not None else {}
        yield Note(words.text(standing, names="、".join(names), **told), "name")


def _called(name: str) -> str:
    """The person as the sentence names it; a name that cannot be set keeps nobody's paper from going out."""
    return "ご家族のお一人" if missing(name, "name") else f"{name}さん"
