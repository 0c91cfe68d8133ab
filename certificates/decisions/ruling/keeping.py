"""Keeps answers as rulings, and does what they say: call back, void, propose. For all of them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.decisions.coming import face_keys
from certificates.decisions.reading import place
from certificates.decisions.ruling.situations import Situation, Terms
from certificates.documents.serials import draw, serial_text
from certificates.models import EligibilityCertificate, Ruling
from certificates.recovery.duties import call_back
from certificates.rules import facts as fact_module
from certificates.rules.codes import Basis
from certificates.rules.facts import MemberFacts
from certificates.rules.monthly import Days, Decided
from certificates.rules.validity import Validity
from core.models import Clerk
from core.streaming import BATCH
from core.transitions import advance_many, lock_chain, record

REPLACED = "必要になる日より後に始まる証のため、新しい証に替えました"


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer about one cover, with all that is kept of it; by the names of ``Ruling``."""

    member_id: int
    cause: str
    request: str
    mode: str
    situation: Situation
    facts: MemberFacts
    days: Days
    answer: Decided
    basis: Basis = Basis.EX_OFFICIO
    from_day: date | None = None
    keep_through: date | None = None

    @property
    def periods(self) -> tuple[Validity, ...]:
        """Of every certificate that is to be issued, in their order."""
        first = self.answer.certificate
        return () if first is None else (first, *self.answer.successors)


def keep(drafts: Sequence[Draft], at: Terms, *, by: Clerk | None) -> list[Ruling]:
    """Stores the answers, in their order, and proposes what is to be issued. Within the caller's transaction."""
    if not drafts:
        return []
    lock_chain()
    policy = at.policy.as_json()
    made = Ruling.objects.bulk_create([_row(draft, at, policy, by) for draft in drafts], batch_size=BATCH)
    ruled = list(zip(made, drafts, strict=True))
    record(
        "rule",
        Ruling._meta.label,
        [one.pk for one in made],
        by=by,
        on=at.on,
        note={},
        each={one.pk: {"request": one.request, "outcome": one.outcome} for one in made},
    )
    if back := {pk for draft in drafts for pk in draft.answer.recover}:
        call_back(back, on=at.on, by=by)
    if issuing := [(ruling, draft) for ruling, draft in ruled if draft.periods]:
        _void_replaced(issuing, at, by=by)
        _propose(issuing, at, by=by)
    return made


def issued_by(rulings: Collection[Ruling]) -> dict[int, list[int]]:
    """The certificates (ids) that these rulings issued, by ruling; only of those that issued any."""
    found: dict[int, list[int]] = {}
    papers = EligibilityCertificate.objects.filter(ruling__in=[ruling.pk for ruling in rulings])
    for ruling, pk in papers.order_by("pk").values_list("ruling_id", "pk"):
        found.setdefault(ruling, []).append(pk)
    return found


def _row(draft: Draft, at: Terms, policy: dict[str, Any], by: Clerk | None) -> Ruling:
    answer, days = draft.answer, draft.days
    first, then, *_ = (*draft.periods, None, None)
    further = [[v.effective_on.isoformat(), v.valid_through.isoformat(), str(v.limit)] for v in answer.successors[1:]]
    return Ruling(
        member_id=draft.member_id,
        cause=draft.cause,
        request=draft.request,
        as_of=days.as_of,
        decided_on=days.decided_on,
        issue_on=days.issue_on,
        policy=policy,
        ruled_by=by,
        mode=draft.mode,
        from_day=draft.from_day,
        keep_through=draft.keep_through,
        informed_through=at.informed_through,
        outcome=str(answer.outcome),
        reason=str(answer.reason),
        detail=str(answer.detail or ""),
        kind=answer.kind,
        need_from=answer.need_from,
        effective_on=first and first.effective_on,
        valid_through=first and first.valid_through,
        limit=str(first.limit) if first else "",
        then_effective_on=then and then.effective_on,
        then_valid_through=then and then.valid_through,
        then_limit=str(then.limit) if then else "",
        further=further or None,
        facts=fact_module.as_json(draft.facts),
    )


def _void_replaced(issuing: Iterable[tuple[Ruling, Draft]], at: Terms, *, by: Clerk | None) -> None:
    """Voids what is not yet posted and would begin only after this one is needed (§4 ``serves_through``)."""
    by_paper = {pk: {"ruling": ruling.pk} for ruling, draft in issuing for pk in draft.answer.replaced}
    advance_many(
        EligibilityCertificate.objects.filter(pk__in=list(by_paper)),
        "void",
        by=by,
        on=at.on,
        reason=REPLACED,
        each=by_paper,
    )


def _propose(issuing: Iterable[tuple[Ruling, Draft]], at: Terms, *, by: Clerk | None) -> None:
    """The certificates that the answers ask for, numbered in the order of the lists."""
    listed = sorted(issuing, key=lambda one: place(one[1].situation.read))
    registered = face_keys(draft.member_id for _, draft in listed)
    papers = [paper for ruling, draft in listed for paper in _papers(ruling, draft, registered[draft.member_id])]
    number = draw(at.society, len(papers))
    for offset, paper in enumerate(papers):
        paper.serial = serial_text(number + offset)
    made = EligibilityCertificate.objects.bulk_create(papers, batch_size=BATCH)
    record(
        "propose",
        EligibilityCertificate._meta.label,
        [paper.pk for paper in made],
        by=by,
        on=at.on,
        note={},
        each={paper.pk: {"ruling": paper.ruling_id} for paper in made},
    )


def _papers(ruling: Ruling, draft: Draft, registered: str) -> Iterable[EligibilityCertificate]:
    """One ruling's, still without their serials; ``registered``: the face of now."""
    for sequence, period in enumerate(draft.periods):
        coming = draft.situation.face_on(period.effective_on)
        yield EligibilityCertificate(
            member_id=ruling.member_id,
            ruling=ruling,
            sequence=sequence,
            basis=str(draft.basis),
            ground=ruling.reason,
            kind=ruling.kind if sequence == 0 else "renewal",
            issued_on=ruling.issue_on,
            effective_on=period.effective_on,
            valid_through=period.valid_through,
            limit=str(period.limit),
            face_key=coming.face_key if coming else registered,
            coming=coming,
            straight_home=draft.answer.straight_home,
        )
