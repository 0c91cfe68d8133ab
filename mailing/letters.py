"""The sheet on top of each envelope: its address in the window, under it what lies inside, until when and why.

From the database alone, so that the proof can ask again. Source: print.md "Letters" (Household); domain.md §10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db import connection

from core.calendar import wareki
from core.errors import Refused
from mailing import postcodes
from mailing.layouts.address import AddressFace
from mailing.layouts.enclosed import EnclosedFace, EnclosedRow, row_spots
from mailing.layouts.spots import refusals
from mailing.models import DOCUMENTS, Dispatch
from members.querysets import name_sql
from notices.services import Wording, office_words

# Every paper of every envelope, in the order in which they are stuffed; ``x.active`` is false once it was pulled.
_PAPERS = f"""
SELECT v.id, v.code, v.postal_code,
    CASE WHEN v.establishment_id IS NULL THEN v.address ELSE e.name END,
    CASE WHEN v.establishment_id IS NULL THEN v.recipient ELSE {name_sql("r")} END,
    x.active, {name_sql("p")},
    CASE WHEN c.id IS NOT NULL THEN 'certificate' WHEN o.id IS NOT NULL THEN 'elderly' ELSE 'notice' END,
    coalesce(c.valid_through, o.valid_through), coalesce(c.ground, ''), coalesce(c.sequence, 0), p.nondisclosure
FROM mailing_envelope v
LEFT JOIN members_establishment e ON e.id = v.establishment_id
JOIN members_member rm ON rm.id = v.person_id JOIN members_person r ON r.id = rm.person_id
JOIN mailing_enclosure x ON x.envelope_id = v.id
LEFT JOIN certificates_eligibilitycertificate c ON c.id = x.certificate_id
LEFT JOIN certificates_elderlybeneficiarycertificate o ON o.id = x.elderly_id
LEFT JOIN notices_eligibilitynotice n ON n.id = x.notice_id
JOIN members_member m ON m.id = coalesce(c.member_id, o.member_id, n.member_id)
JOIN members_person p ON p.id = m.person_id
WHERE v.dispatch_id = %s
    AND NOT EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.before_printing)
ORDER BY v.position, x.position
"""


@dataclass(frozen=True, slots=True)
class _Paper:
    """One row of ``_PAPERS`` after the envelope's own columns."""

    active: bool
    name: str
    kind: str
    valid_through: date | None
    ground: str
    sequence: int
    nondisclosure: bool

    def row(self, reasons: Mapping[str, str]) -> EnclosedRow:
        last = f"{wareki(self.valid_through)}まで" if self.valid_through else ""
        return EnclosedRow(self.name, DOCUMENTS[self.kind].lifecycle.label, last, reasons[self._why()])  # type: ignore[attr-defined]

    def _why(self) -> str:
        if self.nondisclosure:
            return "nondisclosure"
        if self.kind != "certificate":
            return self.kind
        return "renewal" if self.sequence else self.ground


@office_words()
def sheets(dispatch: Dispatch) -> list[AddressFace]:
    """The sheet of each envelope, in the order of the envelopes; of one that was pulled whole, a note not to use it."""
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, [dispatch.pk])
        rows = cursor.fetchall()
    words = Wording("household", dispatch.printed_on or dispatch.assembled_on)
    return [
        _sheet(dispatch, envelope, [_Paper(*row[5:]) for row in papers], words)
        for envelope, papers in groupby(rows, key=lambda row: row[:5])
    ]


def check_name(name: str) -> list[Refused]:
    """What keeps a name from standing in the letter's table; empty when nothing does."""
    return refusals(row_spots(EnclosedRow(name, "", "", ""), 1))


def _sheet(dispatch: Dispatch, envelope: Sequence[Any], papers: list[_Paper], words: Wording) -> AddressFace:
    _, code, postal_code, address, recipient = envelope
    insurer = dispatch.insurer
    postal = f"〒{insurer.postal_code}" if insurer.postal_code else ""
    sender = " ".join(part for part in (postal, insurer.address) if part)
    inside = [paper for paper in papers if paper.active]
    if not inside:
        return AddressFace(
            code, "", "", "", 0, insurer.name, sender, enclosed=EnclosedFace(words.text("pulled"), ())
        )
    return AddressFace(
        code, postal_code, address, recipient, len(inside), insurer.name, sender,
        barcode=postcodes.codes(postal_code, address), enclosed=_letter(dispatch, inside, words),
    )  # fmt: skip


def _letter(dispatch: Dispatch, inside: list[_Paper], words: Wording) -> EnclosedFace:
    reasons = words.raw("reasons")
    rows = tuple(paper.row(reasons) for paper in inside)
    return EnclosedFace(words.text("title"), rows, tuple(_notes(dispatch, inside, words)))


def _notes(dispatch: Dispatch, inside: list[_Paper], words: Wording) -> list[str]:
    """What is said under the table. With a protected person's paper, nothing of a family."""
    certificates = [paper for paper in inside if paper.kind == "certificate"]
    if not certificates:
        return []
    notes = []
    if any(paper.sequence for paper in certificates):
        notes.append(words.text("successor"))
    if not dispatch.to_safe_address and not any(paper.nondisclosure for paper in inside):
        notes.append(words.text("without_paper"))
    day = dispatch.decided_on
    notes.append(words.text("leavers", day=f"{day.month}月{day.day}日"))
    return notes
