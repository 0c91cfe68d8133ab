"""From approved paper to envelopes: holds what must wait, plans the rest, writes it in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice

from django.db import transaction
from django.db.models import Count, Q

from certificates.models import Run
from core.calendar import wareki_month
from core.errors import Refused
from core.forward import require_forward
from core.jobs import claim
from core.models import Clerk
from core.paper.draw import MissingGlyphs
from core.planner import refresh_statistics
from core.roles import DISPATCH
from core.transitions import lock_chain, record
from mailing.envelopes import Channel, EnvelopePlan, Plan, envelope_code, plan, route
from mailing.models import Dispatch, Enclosure, Envelope
from mailing.papers import kinds, letters, shares
from mailing.papers.layouts import address, cover
from mailing.papers.layouts.enclosed import MOST_ROWS
from mailing.papers.totals import recount
from mailing.planning import holding
from mailing.planning.damage import Spoilt, goes_to_establishment
from mailing.planning.days import DayLimit, DayPart, cut, uncut
from mailing.planning.holding import Hold
from mailing.planning.reading import Candidate, Round, candidates
from members.models import Establishment, Insurer
from members.policy import Policy
from members.services import policy_on, society

BATCH = 2_000
APPROVED = ("approved", "closed")
WIDE_DAY = date(2036, 12, 28)


@dataclass(frozen=True, slots=True)
class Assembly:
    """The dispatches of the run or day, what waits and why, and how many documents are enclosed altogether.

    ``enclosed``: by the name under which a kind is counted.
    """

    dispatches: list[int]
    held: dict[str, int]
    enclosed: dict[str, int]
    holds: list[Hold] = field(default_factory=list)


def batched(items: Sequence[Candidate], size: int) -> Iterator[list[Candidate]]:
    """The items in lists of at most ``size``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def channels(policy: Policy) -> dict[str, Channel]:
    """The policy's channel for each kind of document, and for the mass round."""
    mass: Channel = policy.mass_channel  # type: ignore[assignment]
    return {**{kind.kind: kind.channel(policy) for kind in kinds.every()}, "mass": mass}


def assemble(run: Run, *, by: Clerk, on: date, limit: DayLimit | None = None) -> Assembly:
    """Encloses every approved certificate and drafted notice of the run that may go; with ``limit`` cut into days.

    A repeat encloses only what was held before and is clear now, in dispatches of its own; the answer
    always names all dispatches of the run. What was enclosed before stays as it is, cut or not. What was granted
    outside the months, or held in a month before, and is clear now goes along.

    Raises:
        Refused: the month is not approved, or the clerk may not.
    Source: rules.md §10.
    """
    _check_clerk(by)
    if run.status not in APPROVED:
        raise Refused(f"{wareki_month(run.month)}はまだ承認されていません。承認してから封入を計画してください。")
    return _assembled(Round(run.insurer, on, run), f"assemble {run.pk}", by=by, limit=limit)


def assemble_day(on: date, *, by: Clerk) -> Assembly:
    """Encloses what was decided and approved outside the month, up to the day: applications, filings, settled cases.

    Under the settings of the day; what was held when its month was assembled and is clear now goes along. A repeat on
    the same day encloses only what has come since; the answer always names all of the day's dispatches.

    Raises:
        Refused: the clerk may not, nothing was loaded, or the society has no settings for the day.
    Source: rules.md §8 (a granted application issues at once), §10.
    """
    _check_clerk(by)
    return _assembled(Round(society(), on), f"assemble_day {on.isoformat()}", by=by)


def _check_clerk(by: Clerk) -> None:
    if not by.can(DISPATCH):
        raise Refused(f"「封入を計画する」は{by.get_role_display()}の権限ではできません。")


def _assembled(round_: Round, key: str, *, by: Clerk, limit: DayLimit | None = None) -> Assembly:
    with claim(key, by=by) as job:
        with transaction.atomic():
            lock_chain()
            made: list[int] = []
            holds: list[Hold] = []
            for one in _rounds(round_):
                made += _enclosed(one, holds, by=by, limit=limit)
        answer = _answer(round_, made, holds)
        job.outcome = {"dispatches": answer.dispatches, "held": answer.held}
    return answer


def _rounds(first: Round) -> list[Round]:
    """The round itself with what may go along, then one for each month (or for the day) with settings of its own.

    The next assembling of any kind takes what is clear; a month that nobody has assembled yet waits for its own.
    Source: rules.md §10.
    """
    others: list[Run | None] = [
        run
        for run in holding.months_waiting(first.insurer)
        if run.status in APPROVED and (first.run is None or run.pk != first.run.pk) and _assembled_before(run)
    ]
    if first.run is not None:
        others.append(None)
    mine = policy_on(first.insurer, first.decided_on)
    apart = [Round(first.insurer, first.on, run) for run in others]
    along = [one for one in apart if policy_on(one.insurer, one.decided_on) == mine]
    return [replace(first, along=tuple(one.run for one in along)), *(one for one in apart if one not in along)]


def _assembled_before(run: Run) -> bool:
    return Dispatch.objects.filter(run=run).exists() or holding.held_of(run).exists()


def _enclosed(round_: Round, holds: list[Hold], *, by: Clerk, limit: DayLimit | None) -> list[int]:
    """Encloses what is clear and keeps what waits, which is added to ``holds``; answers the dispatches that were made."""
    for kind in kinds.every():
        for run in round_.sources:
            kind.renew(round_.insurer, run, by=by, on=round_.on)
    found, waiting = planned(round_)
    _require_forward(found, on=round_.on)
    parts = cut(found, limit, _planned_sheets(round_.insurer)) if limit else uncut(found)
    made = [_write(round_, part, by=by) for part in parts]
    written = sum(map(len, found.dispatches.values()))
    refresh_statistics(Envelope, Enclosure, written=written)
    holding.keep(round_.sources, waiting, on=round_.on)
    holds += waiting
    return made


def _require_forward(found: Plan, *, on: date) -> None:
    """Raises ``Refused`` where a paper would be enclosed on a day before it was approved or drafted."""
    papers = [p for plans in found.dispatches.values() for planned in plans for p in planned.papers]
    for kind in kinds.every():
        ids = [paper.id for paper in papers if paper.kind == kind.kind]
        require_forward(kind.model, ids, "封入を計画する", on=on)


def _planned_sheets(insurer: Insurer) -> dict[date, int]:
    """How many sheets each day has to take already."""
    enclosed = Enclosure.objects.filter(
        active=True, envelope__dispatch__insurer=insurer, envelope__dispatch__planned_on__isnull=False
    )
    return dict(enclosed.values_list("envelope__dispatch__planned_on").annotate(Count("pk")))


def holds_of(run: Run, *, on: date) -> list[Hold]:
    """What would wait if the run were assembled now; writes nothing."""
    return _waiting(Round(run.insurer, on, run))


def holds_of_day(on: date) -> list[Hold]:
    """What would wait if the day's paper outside the month were assembled now; writes nothing."""
    return _waiting(Round(society(), on))


def _waiting(round_: Round) -> list[Hold]:
    return [hold for one in _rounds(round_) for hold in planned(one)[1]]


def _answer(round_: Round, made: Sequence[int], holds: Sequence[Hold]) -> Assembly:
    mine = Q(insurer=round_.insurer, run=round_.run)
    if round_.run is None:
        mine &= Q(assembled_on=round_.on)
    dispatches = Dispatch.objects.filter(mine | Q(pk__in=made))
    ids = list(dispatches.exclude(status="cancelled").order_by("id").values_list("id", flat=True))
    held = dict(sorted(Counter(hold.reason for hold in holds).items()))
    enclosed = Enclosure.objects.filter(envelope__dispatch__in=ids, active=True)
    counts = {kind.stem: Count(kind.column) for kind in kinds.every()}
    return Assembly(ids, held, enclosed.aggregate(**counts), list(holds))


def planned(round_: Round) -> tuple[Plan, list[Hold]]:
    """What would be enclosed now, and what would wait; writes nothing."""
    policy = policy_on(round_.insurer, round_.decided_on)
    found = [c for kind in kinds.every() for c in candidates(round_, kind, form=kind.form(policy))]
    holds: list[Hold] = []
    clear = list(_without(_changed(round_, found), found, holds))
    clear = list(_without(_unprintable(round_.insurer, clear, policy, on=round_.on), clear, holds))
    found_plan = plan(
        (candidate.paper for candidate in clear),
        channels=channels(policy),
        # A municipal household is not divided: everything goes to its head.
        max_sheets=MOST_ROWS if policy.municipal else policy.max_sheets_per_envelope,
        apart=[kind.kind for kind in kinds.every() if not kind.rides_along(policy)],
    )
    holds += [Hold(p.kind, p.id, p.member_id, reason) for p, reason in found_plan.held]
    return found_plan, sorted(holds, key=lambda h: (h.kind, h.id))


def _without(stopped: Iterable[Hold], found: Iterable[Candidate], holds: list[Hold]) -> Iterator[Candidate]:
    """The candidates that are not stopped; the others go to ``holds``."""
    keys = {(hold.kind, hold.id): hold for hold in stopped}
    holds += keys.values()
    return (c for c in found if (c.paper.kind, c.paper.id) not in keys)


def _changed(round_: Round, found: Sequence[Candidate]) -> Iterator[Hold]:
    """Papers that were right when they were decided and are not any more."""
    documents: dict[str, list[int]] = defaultdict(list)
    for candidate in found:
        documents[candidate.paper.kind].append(candidate.paper.id)
    wrong = shares.changed(round_.insurer, documents, on=round_.on)
    for candidate in found:
        paper = candidate.paper
        reason = "cover_ended" if candidate.ended else "face_changed" if candidate.face_changed else ""
        reason = reason or ("head_left" if candidate.head_left else "")
        if reason := reason or wrong.get((paper.kind, paper.id), ""):
            yield Hold(paper.kind, paper.id, paper.member_id, reason)


def _unprintable(insurer: Insurer, found: Sequence[Candidate], policy: Policy, *, on: date) -> Iterator[Hold]:
    """Papers with a character that has no glyph, a text that fits no box or may be damaged: said now, not at the printer."""
    establishments = Establishment.objects.in_bulk({c.paper.establishment_id for c in found})
    heads = {
        pk: _problems(cover.check(_empty_cover(insurer, establishment))) for pk, establishment in establishments.items()
    }
    ways = channels(policy)
    for batch in batched(found, BATCH):
        spoilt = Spoilt(batch, on)
        for candidate, refusals, shown in _refusals(batch, policy):
            paper = candidate.paper
            reason, places = _problems([*refusals, *_around(candidate, ways)])
            if not reason and goes_to_establishment(paper, ways):
                reason, places = heads[paper.establishment_id]
            if not reason and (signs := spoilt.on_paper(candidate, shown, ways)):
                reason, places = "damaged", signs
            if reason:
                yield Hold(paper.kind, paper.id, paper.member_id, reason, places)


def _refusals(batch: Sequence[Candidate], policy: Policy) -> Iterator[tuple[Candidate, list[Refused], frozenset[str]]]:
    """Each paper with what keeps the document itself from being printed, and the texts that stand on it."""
    for kind in kinds.every():
        of_kind = [candidate for candidate in batch if candidate.paper.kind == kind.kind]
        faces = kind.faces([candidate.paper.id for candidate in of_kind], policy) if of_kind else {}
        for candidate in of_kind:
            face = faces[candidate.paper.id]
            texts = kind.texts(face)
            listed = letters.check_name(texts["name"]) if texts else ()
            yield candidate, [*kind.check(candidate.paper.form, face), *listed], frozenset(texts.values())


def _around(candidate: Candidate, ways: dict[str, Channel]) -> list[Refused]:
    """What keeps the envelope's own paper from being printed: its line on the list, or its address."""
    paper, way = candidate.paper, route(candidate.paper, ways)
    if isinstance(way, str):
        return []
    if way.address is None:
        row = cover.CoverRow(1, "", paper.symbol, paper.number, candidate.insured_name, (1,))
        own = address.AddressFace("", "", "", candidate.insured_name, 1, "", "")
        return [*cover.check_row(row), *address.check(own)]
    to = way.address
    return address.check(address.AddressFace("", to.postal_code, to.address, to.recipient, 1, "", ""))


def _empty_cover(insurer: Insurer, establishment: Establishment) -> cover.CoverFace:
    """The list's head and receipt alone: they concern the whole bundle."""
    return cover.CoverFace(0, establishment.code, establishment.name, insurer.name, WIDE_DAY, WIDE_DAY, ())


def _problems(refusals: Iterable[Refused]) -> tuple[str, tuple[str, ...]]:
    """Reason and places of what cannot be printed: a missing glyph is said with its code point."""
    glyphs, narrow = [], []
    for refusal in refusals:
        if isinstance(refusal, MissingGlyphs):
            glyphs += [f"{refusal.field} {glyph}" for glyph in refusal.glyphs]
        else:
            narrow.append(getattr(refusal, "field", ""))
    if glyphs:
        return "missing_glyph", tuple(dict.fromkeys(glyphs))
    return ("does_not_fit", tuple(dict.fromkeys(narrow))) if narrow else ("", ())


def _write(round_: Round, part: DayPart, *, by: Clerk) -> int:
    on, key, plans = round_.on, part.key, part.envelopes
    dispatch = Dispatch.objects.create(
        insurer=round_.insurer,
        run=round_.run,
        kind=key.kind,
        channel=key.channel,
        form=key.form,
        to_safe_address=key.to_safe_address,
        assembled_on=on,
        assembled_by=by,
        planned_on=part.on,
    )
    envelopes = Envelope.objects.bulk_create([_envelope(dispatch, p) for p in plans], batch_size=BATCH)
    columns = {kind.kind: f"{kind.column}_id" for kind in kinds.every()}
    Enclosure.objects.bulk_create(
        (
            Enclosure(envelope=envelope, position=position, **{columns[paper.kind]: paper.id})
            for envelope, planned in zip(envelopes, plans, strict=True)
            for position, paper in enumerate(planned.papers, start=1)
        ),
        batch_size=BATCH,
    )
    recount(dispatch)
    record("assemble", Dispatch._meta.label, [dispatch.pk], by=by, on=on, note={"counts": dispatch.counts})
    return dispatch.pk


def _envelope(dispatch: Dispatch, planned: EnvelopePlan) -> Envelope:
    to = planned.address
    return Envelope(
        dispatch=dispatch,
        code=envelope_code(dispatch.pk, planned.position),
        position=planned.position,
        bundle_position=planned.bundle_position,
        establishment_id=planned.establishment_id,
        insured_id=planned.household_id,
        person_id=planned.member_id,
        postal_code=to.postal_code if to else "",
        address=to.address if to else "",
        recipient=to.recipient if to else "",
    )
