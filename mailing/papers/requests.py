"""返納のお願い in the envelope of the replacement: enclosed when it is printed, withdrawn when it is pulled.

From the database alone, so that the proof can ask again. Source: rules.md §9 (with the replacement where there is one).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from certificates.models import Recovery
from certificates.recovery import due_with_replacement, note_asked, take_back_requests
from certificates.recovery.duties import PAPERS
from core.models import Clerk
from core.paper.book import Book
from mailing.models import Dispatch, EnclosedRequest, Enclosure
from mailing.papers import kinds
from mailing.papers.contents import policy_of
from members.querysets import name_sql
from notices.letters import base
from notices.letters.content import Letter
from notices.letters.request.data import Enclosed, days_with_replacement, enclosed_faces, return_days
from notices.letters.service import fitting, spoilt
from notices.services import office_words

BATCH = 2_000

# The next paper of the same person in this dispatch, for each duty.
_REPLACEMENTS = """
SELECT DISTINCT ON (r.id) r.id, x.id, v.id, c.effective_on
FROM mailing_envelope v
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
JOIN {table} c ON c.id = x.{enclosed}_id JOIN members_member m ON m.id = c.member_id
JOIN members_member om ON om.person_id = m.person_id
JOIN {table} o ON o.member_id = om.id AND o.id < c.id AND o.valid_through >= c.effective_on
JOIN certificates_recovery r ON r.{column}_id = o.id
WHERE v.dispatch_id = %(dispatch)s AND r.id = ANY(%(due)s)
ORDER BY r.id, c.effective_on, c.id
"""
_NAMES = f"""
SELECT v.id, v.code, CASE WHEN v.establishment_id IS NULL THEN v.recipient ELSE {name_sql("p")} END
FROM mailing_envelope v JOIN members_member m ON m.id = v.person_id JOIN members_person p ON p.id = m.person_id
WHERE v.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class RequestSheet:
    """One letter in an envelope; ``holder``: the addressee's 記号・番号・枝番, for messages."""

    envelope_id: int
    code: str
    holder: str
    to: str
    letter: Letter


def enclose(dispatch: Dispatch, *, by: Clerk, on: date) -> int:
    """Asks back, beside each replacement in the dispatch, what it takes the place of; answers how many duties.

    A letter that cannot be printed stays behind, and its duty is asked for with the day's letters. Within the caller's
    transaction, once what may not go has left the envelopes.
    """
    found = _found(dispatch, on)
    if not found:
        return 0
    duties = Recovery.objects.select_related("certificate__member", "elderly_certificate__member").in_bulk(found)
    names = _names(envelope for _, envelope, _ in found.values())
    arrival, days = _arrival(dispatch, on), return_days(on)
    asked = {
        pk: Enclosed(
            envelope_id,
            *names[envelope_id],
            duties[pk],
            *days_with_replacement(duties[pk], effective_on, on=on, arrives_on=arrival, days=days),
        )
        for pk, (_, envelope_id, effective_on) in found.items()
    }
    faces = [face for mine in enclosed_faces(list(asked.values()), on).values() for face in mine]
    printable, _ = fitting(faces)
    printable -= {held.id for held in spoilt(duties.values(), on)}
    EnclosedRequest.objects.bulk_create(
        EnclosedRequest(enclosure_id=found[pk][0], recovery_id=pk, since=asked[pk].since, until=asked[pk].until)
        for pk in sorted(printable)
    )
    until = {pk: asked[pk].until for pk in sorted(printable)}
    note_asked(until, by=by, on=on, note={"dispatch": dispatch.pk}, until=until)
    return len(printable)


def _arrival(dispatch: Dispatch, on: date) -> date:
    """When what is posted on the day is in hand."""
    return on + timedelta(policy_of(dispatch).arrives_after_days(dispatch.channel))


def _found(dispatch: Dispatch, on: date) -> dict[int, tuple[int, int, date]]:
    """For each duty the enclosure of its replacement, the envelope, and from when the replacement serves."""
    # Of what has expired by its arrival nothing is asked.
    still = _arrival(dispatch, on)
    due = list(due_with_replacement(still).order_by().values_list("pk", flat=True))
    found: dict[int, tuple[int, int, date]] = {}
    if not due:
        return found
    for model, column in PAPERS.items():
        kind = kinds.of_model(model)
        with connection.cursor() as cursor:
            sql = _REPLACEMENTS.format(table=kind.table, enclosed=kind.column, column=column)
            cursor.execute(sql, {"dispatch": dispatch.pk, "due": due})
            found |= {duty: (enclosure, envelope, day) for duty, enclosure, envelope, day in cursor.fetchall()}
    return found


def _names(envelopes: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The number of each envelope and to whom it is, as the sheet on top of it says."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [list(envelopes)])
        return {pk: (code, to) for pk, code, to in cursor.fetchall()}


def leave_envelopes(enclosures: Iterable[int], *, by: Clerk, on: date) -> None:
    """The documents are out of their envelopes, and with each the request that spoke of it. Within the caller's transaction."""
    gone = list(enclosures)
    Enclosure.objects.filter(pk__in=gone).update(active=False)
    withdraw(EnclosedRequest.objects.filter(enclosure__in=gone), by=by, on=on)


def withdraw(requests: QuerySet[EnclosedRequest], *, by: Clerk, on: date) -> int:
    """These letters do not reach anybody: their duties are to be asked for anew. Answers how many.

    Within the caller's transaction.
    """
    mine = requests.filter(active=True)
    duties = sorted(mine.values_list("recovery_id", flat=True))
    mine.update(active=False)
    if duties:
        take_back_requests(duties, by=by, on=on, note={})
    return len(duties)


def stale(dispatch: Dispatch, on: date) -> int:
    """How many letters may not go on the day as they are: the paper is wanted back no more, or by a day that comes too early."""
    return _stale(dispatch, on).count()


def _stale(dispatch: Dispatch, on: date) -> QuerySet[EnclosedRequest]:
    mine = EnclosedRequest.objects.filter(enclosure__envelope__dispatch=dispatch, active=True)
    return mine.filter(Q(recovery__status="closed") | Q(until__lt=_arrival(dispatch, on)))


def refresh(dispatch: Dispatch, *, by: Clerk, on: date) -> None:
    """Takes out the letters about papers that are wanted back no more, and names a later day in those that are late.

    Within the caller's transaction, before the letters are drawn again.
    """
    arrival, days = _arrival(dispatch, on), return_days(on)
    over = Q(recovery__status="closed")
    for paper in PAPERS.values():
        over |= Q(**{f"recovery__{paper}__valid_through__lt": arrival})
    withdraw(_stale(dispatch, on).filter(over), by=by, on=on)
    replacing = (f"enclosure__{kinds.of_model(model).column}" for model in PAPERS)
    replaced = (f"recovery__{column}" for column in PAPERS.values())
    late = list(_stale(dispatch, on).select_related(*replacing, *replaced))
    for one in late:
        replacement: Any = one.enclosure.document  # of a kind that takes another's place, and so has days
        one.since, one.until = days_with_replacement(
            one.recovery, replacement.effective_on, on=on, arrives_on=arrival, days=days
        )
    EnclosedRequest.objects.bulk_update(late, ["since", "until"], batch_size=BATCH)
    until = {one.recovery_id: one.until for one in late}
    note_asked(until, by=by, on=on, note={"dispatch": dispatch.pk}, until=until)


@office_words()
def sheets(dispatch: Dispatch) -> list[RequestSheet]:
    """The requests of the dispatch in the order of its envelopes, with what was printed about days."""
    found = EnclosedRequest.objects.filter(enclosure__envelope__dispatch=dispatch, active=True)
    rows = list(
        found.select_related(
            "enclosure__envelope__person", "recovery__certificate__member", "recovery__elderly_certificate__member"
        ).order_by("enclosure__envelope__position", "recovery_id")
    )
    if not rows:
        return []
    envelopes = {row.enclosure.envelope_id: row.enclosure.envelope for row in rows}
    names = _names(envelopes)
    asked = [
        Enclosed(row.enclosure.envelope_id, *names[row.enclosure.envelope_id], row.recovery, row.since, row.until)
        for row in rows
    ]
    faces = enclosed_faces(asked, dispatch.printed_on or dispatch.assembled_on)
    return [
        RequestSheet(pk, envelope.code, str(envelope.person), face.addressee.name, face.letter())
        for pk, envelope in envelopes.items()
        for face in faces[pk]
    ]


def by_envelope(dispatch: Dispatch) -> dict[int, list[RequestSheet]]:
    """The same by envelope; all of one envelope's are to the same person."""
    found: dict[int, list[RequestSheet]] = {}
    for sheet in sheets(dispatch):
        found.setdefault(sheet.envelope_id, []).append(sheet)
    return found


def draw(book: Book, sheet: RequestSheet) -> None:
    """Appends the letter.

    Raises:
        MissingGlyphs, TextDoesNotFit: it cannot be printed; nothing was added.
    """
    base.draw(book, sheet.letter)
