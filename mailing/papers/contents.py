"""What must stand on every page of a dispatch, from the database alone: one source for drawing, another run for the proof.

Nothing here remembers an earlier step: the proof calls it again and so sees what the database says then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.db import connection

from certificates.documents import layouts
from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.face import CertificateFace
from certificates.documents.layouts import SIDES
from certificates.documents.layouts import elderly as elderly_layout
from certificates.documents.layouts.base import Side
from certificates.documents.layouts.paint import composed
from core.errors import Refused
from core.paper.book import Book, Field
from core.paper.draw import seal_columns
from core.paper.sheet import Sheet
from mailing.models import Dispatch
from mailing.papers import elderly_faces
from mailing.papers import faces as certificate_faces
from mailing.papers.layouts import cover, packing
from members.policy import Policy
from members.policy_words import word
from members.querysets import name_sql
from members.services import policy_on
from notices import services as notice_services
from notices.face import Face, HouseholdFace, NoticeFace
from notices.layouts import sheet as notice_layout


@dataclass(frozen=True, slots=True)
class Item:
    """One enclosure as it lies in its envelope. ``active`` is false once it has been pulled."""

    id: int
    kind: str
    document_id: int
    serial: str
    status: str
    envelope_code: str
    bundle_position: int
    establishment_code: str
    active: bool
    file_id: int | None
    first_page: int | None
    holder: str

    @property
    def whose(self) -> str:
        """The paper as a clerk finds it: its envelope, and whose it is by 記号・番号・枝番; never a name."""
        return whose(self.envelope_code, self.holder)


def whose(envelope_code: str, holder: str) -> str:
    """The envelope and, where it is known, the cover (記号・番号・枝番) that something was found about."""
    return "、".join(part for part in (f"封筒 {envelope_code}" if envelope_code else "", holder) if part)


@dataclass(frozen=True, slots=True)
class Page:
    """What one page must read: its sheet, its fields, and what its QR code says.

    ``whose``: envelope and cover that the page belongs to; ``rows``: of a list, those of each row by ``row3``.
    """

    sheet: Sheet
    fields: Mapping[str, Field]
    qr: Field | None = None
    whose: str = ""
    rows: Mapping[str, str] = field(default_factory=dict)

    def whose_field(self, name: str) -> str:
        """Envelope and cover that one field belongs to."""
        return self.rows.get(name.partition("_")[0], self.whose)


_ITEMS = """
SELECT x.id, CASE WHEN c.id IS NOT NULL THEN 'certificate' WHEN o.id IS NOT NULL THEN 'elderly' ELSE 'notice' END,
    coalesce(c.id, o.id, n.id), coalesce(c.serial, o.serial, n.serial), coalesce(c.status, o.status, n.status),
    v.code, v.bundle_position,
    coalesce(e.code, ''), x.active, x.file_id, x.first_page,
    concat_ws('-', nullif(m.symbol, ''), m.number, nullif(m.branch_number, ''))
FROM mailing_enclosure x
JOIN mailing_envelope v ON v.id = x.envelope_id
LEFT JOIN certificates_eligibilitycertificate c ON c.id = x.certificate_id
LEFT JOIN certificates_elderlybeneficiarycertificate o ON o.id = x.elderly_id
LEFT JOIN notices_eligibilitynotice n ON n.id = x.notice_id
LEFT JOIN members_establishment e ON e.id = v.establishment_id
LEFT JOIN members_member m ON m.id = coalesce(c.member_id, o.member_id, n.member_id)
WHERE v.dispatch_id = %s
    AND NOT EXISTS (SELECT 1 FROM mailing_pull u WHERE u.enclosure_id = x.id AND u.before_printing)
ORDER BY v.position, x.position
"""


def items(dispatch: Dispatch) -> list[Item]:
    """Every enclosure of the dispatch in the order in which it is stuffed, pulled ones included.

    What left its envelope before it was printed is on no paper and so is not among them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ITEMS, [dispatch.pk])
        return [Item(*row) for row in cursor.fetchall()]


def policy_of(dispatch: Dispatch) -> Policy:
    """The settings in force when the dispatch's run was decided, or outside the month when it was assembled."""
    return policy_on(dispatch.insurer, dispatch.decided_on)


AnyFace = CertificateFace | ElderlyFace | Face
_READERS: Mapping[str, Callable[[Sequence[int], Policy], Mapping[int, AnyFace]]] = {
    "certificate": certificate_faces.faces,
    "elderly": elderly_faces.faces,
    "notice": notice_services.sheets,
}


def faces_of(kind: str, ids: Sequence[int], policy: Policy) -> Mapping[int, AnyFace]:
    """The faces of some documents of one kind, as the database says now; of notices, the sheets."""
    return _READERS[kind](ids, policy)


def document_faces(dispatch: Dispatch, kind: str, batch: Sequence[Item]) -> Mapping[int, AnyFace]:
    """The same for enclosures of a dispatch, under its settings."""
    return faces_of(kind, [item.document_id for item in batch], policy_of(dispatch))


def check_document(form: str, face: AnyFace) -> list[Refused]:
    """Everything that keeps one document from being printed; empty when nothing does."""
    if isinstance(face, NoticeFace | HouseholdFace):
        return notice_layout.check(face)
    if isinstance(face, ElderlyFace):
        return elderly_layout.check(face)
    return layouts.get(form).check(face)


def draw_document(book: Book, form: str, face: AnyFace) -> None:
    """Appends the pages of one document.

    Raises:
        MissingGlyphs, TextDoesNotFit: it cannot be printed; nothing was added.
    """
    if isinstance(face, NoticeFace | HouseholdFace):
        notice_layout.draw(book, face)
    elif isinstance(face, ElderlyFace):
        elderly_layout.draw(book, face)
    else:
        layouts.get(form).draw(book, face, reference=face.serial)


def document_pages(form: str, face: AnyFace) -> list[Page]:
    """What the pages of one document must read."""
    if isinstance(face, NoticeFace | HouseholdFace):
        return [Page(notice_layout.SHEET, notice_layout.fields(face))]
    if isinstance(face, ElderlyFace):
        paper = elderly_layout.FORM
    else:
        paper, face = layouts.get(form).form, layouts.get(form).shown(face)
    texts = face.fields()
    pages = []
    for side in SIDES:
        boxes = composed(paper, side, frozenset(texts)).fields
        fields = {name: Field(box, texts[name], style.role) for name, (box, style) in boxes.items()}
        layout = paper.side(side)
        qr = Field(layout.qr, face.serial, "label") if layout.qr else None
        pages.append(Page(paper.sheet, {**fields, **_marks(layout, face)}, qr))
    return pages


def _marks(side: Side, face: CertificateFace | ElderlyFace) -> dict[str, Field]:
    """What tells one side of the form from any other page: its headings, and the seal.

    The seal is type as well: where it was not printed, nothing reads back.
    """
    marks = {f"heading{n}": Field(h.box, h.text, h.style.role) for n, h in enumerate(side.headings, start=1)}
    if side.seal:
        name = "".join(chain.from_iterable(seal_columns(face.insurer.name)))
        marks["seal"] = Field(side.seal, name, "name")
    return marks


_BY_KIND = "count(x.certificate_id), count(x.elderly_id), count(x.notice_id)"
_COVERS = f"""
SELECT e.id, e.code, e.name, v.bundle_position, v.code, m.symbol, m.number,
    {name_sql("p")}, {_BY_KIND}
FROM mailing_envelope v
JOIN members_establishment e ON e.id = v.establishment_id
JOIN members_member m ON m.id = v.insured_id JOIN members_person p ON p.id = m.person_id
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
WHERE v.dispatch_id = %s AND NOT (p.nondisclosure OR p.address_protected)
GROUP BY e.id, v.id, m.id, p.id
ORDER BY v.position
"""
_POSTING = f"""
SELECT {_BY_KIND}, count(DISTINCT v.id), count(DISTINCT v.establishment_id),
    coalesce((array_agg(v.code ORDER BY v.position))[1], ''),
    coalesce((array_agg(v.code ORDER BY v.position DESC))[1], '')
FROM mailing_envelope v JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
WHERE v.dispatch_id = %s
"""


def hand_over_by(dispatch: Dispatch) -> date:
    """Day by which an establishment should have handed out its envelopes."""
    assert dispatch.printed_on is not None
    leaves_on = max(dispatch.printed_on, dispatch.planned_on or dispatch.printed_on)
    return leaves_on + timedelta(policy_of(dispatch).arrives_after_days("establishment"))


def cover_faces(dispatch: Dispatch) -> list[cover.CoverFace | packing.PostingFace]:
    """The dispatch's 差出内訳, then the list of each establishment in the order of the bundles.

    What was pulled is on none of them. Whoever became protected meanwhile stands on no list from that moment.
    """
    posting = posting_face(dispatch)
    if dispatch.channel != Dispatch.Channel.ESTABLISHMENT:
        return [posting]
    with connection.cursor() as cursor:
        cursor.execute(_COVERS, [dispatch.pk])
        rows = cursor.fetchall()
    by = hand_over_by(dispatch)
    bundles: dict[tuple[int, str, str], list[cover.CoverRow]] = {}
    for *establishment, position, code, symbol, number, name, certificates, elderly, notices in rows:
        line = cover.CoverRow(position, code, symbol, number, name, (certificates, elderly, notices))
        bundles.setdefault(tuple(establishment), []).append(line)
    lists = [
        cover.CoverFace(dispatch.pk, code, name, dispatch.insurer.name, dispatch.printed_on, by, tuple(lines))  # type: ignore[arg-type]
        for (_, code, name), lines in bundles.items()
    ]
    return [posting, *lists]


def posting_face(dispatch: Dispatch) -> packing.PostingFace:
    """The 差出内訳: what of the dispatch leaves, without what was pulled."""
    assert dispatch.printed_on is not None
    with connection.cursor() as cursor:
        cursor.execute(_POSTING, [dispatch.pk])
        *documents, envelopes, bundles, first, last = cursor.fetchone()
    content = packing.Content(tuple(documents), envelopes, first, last)  # type: ignore[arg-type]
    if dispatch.channel == Dispatch.Channel.ESTABLISHMENT:
        destination, service = "事業所（束ねて送ります）", "束の大きさに合わせて選びます"
    else:
        destination = "安全な送付先" if dispatch.to_safe_address else "自宅など本人の送付先"
        service = word("postal_service", policy_of(dispatch).postal_service)
    return packing.PostingFace(
        dispatch.pk, dispatch.insurer.name, dispatch.printed_on, destination, service, bundles, content
    )


def chunks(listed: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The list in pieces of at most ``size``."""
    return (listed[start : start + size] for start in range(0, len(listed), size))
