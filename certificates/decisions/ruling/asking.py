"""Rules on covers for a request: by the month's rules, or granted at once for a ground."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from certificates.decisions.ruling.keeping import Draft, keep
from certificates.decisions.ruling.replaying import reaching
from certificates.decisions.ruling.situations import Situation, Terms, rounds, situations, terms_on
from certificates.models import Ruling
from certificates.rules import monthly
from certificates.rules.codes import Basis, Ground, Outcome
from certificates.rules.facts import MemberFacts
from certificates.rules.validity import last_day_of_cover
from core.models import Clerk
from core.transitions import lock_chain

OPEN = (Outcome.WAIT, Outcome.REVIEW)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be issued at once, whatever other routes there are.

    ``keep_through`` keeps an earlier certificate's end (再交付 under policy ``reissue_keeps_expiry``, a changed face).
    ``or_table``: where the cover ends before another paper could arrive, or begins only after the next run's, the
    month's rules answer; otherwise that is refused.
    """

    ground: Ground
    basis: Basis
    keep_through: date | None = None
    or_table: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a ruling answers: about whom, why now, and under which record it is asked.

    ``request`` names that record (``decision:12``, ``application:3``, ``filing:7``); one request is ruled
    on once per member. ``replaces``: paper that was good until now has just been taken away; then nobody waits for the
    fund's answer, a short-term certificate (``unsettled``) bridges the time. ``from_day``: a day to come from which the
    face is another; what is needed then is issued now. ``wish``: None asks by the month's rules.
    """

    member_id: int
    cause: str
    request: str
    replaces: bool = False
    from_day: date | None = None
    wish: Wish | None = None

    @property
    def key(self) -> tuple[int, str]:
        return self.member_id, self.request


def rule_all(questions: Iterable[Question], *, on: date, by: Clerk | None) -> list[Ruling]:
    """Rules on what is known on ``on`` and proposes what is to be issued; answers the rulings in the questions' order.

    All or nothing. Serials go in the order of the lists. For a request that was ruled on before it answers the ruling
    there is.

    Raises:
        Refused: no policy is in force, its fixed dates have run out, or what is wished cannot be issued.
    """
    asked = list(questions)
    if not asked:
        return []
    with transaction.atomic():
        lock_chain()
        known = _known(asked)
        new: dict[tuple[int, str], Question] = {}
        for question in asked:
            if question.key not in known:
                new.setdefault(question.key, question)
        if new:
            at = terms_on(on)
            for batch in rounds(new.values()):
                found = situations(at, [question.member_id for question in batch])
                drafts = [_drafted(question, found[question.member_id], at) for question in batch]
                for ruling in keep(drafts, at, by=by):
                    known[ruling.member_id, ruling.request] = ruling
    return [known[question.key] for question in asked]


def rule(
    member_id: int,
    *,
    cause: str,
    request: str,
    on: date,
    by: Clerk | None,
    replaces: bool = False,
    from_day: date | None = None,
) -> Ruling:
    """Decides one cover by the month's rules on what is known on ``on``; see ``Question`` and ``rule_all``."""
    question = Question(member_id, cause, request, replaces=replaces, from_day=from_day)
    return rule_all([question], on=on, by=by)[0]


def issue(
    member_id: int,
    *,
    cause: str,
    request: str,
    ground: Ground,
    basis: Basis,
    on: date,
    by: Clerk | None,
    from_day: date | None = None,
    keep_through: date | None = None,
) -> Ruling:
    """Issues at once for ``ground``, whatever other routes there are: an application granted, say.

    ``from_day``: its first day where that is ahead. See ``Wish`` and ``rule_all``.

    Raises:
        Refused: the cover has ended or has not begun, no policy is in force, or its fixed dates have run out.
    """
    wish = Wish(ground, basis, keep_through)
    return rule_all([Question(member_id, cause, request, from_day=from_day, wish=wish)], on=on, by=by)[0]


def _known(asked: Sequence[Question]) -> dict[tuple[int, str], Ruling]:
    """What was ruled before on these requests, by member id and request."""
    found = Ruling.objects.filter(
        member__in={question.member_id for question in asked}, request__in={question.request for question in asked}
    )
    return {(ruling.member_id, ruling.request): ruling for ruling in found}


def _drafted(question: Question, found: Situation, at: Terms) -> Draft:
    """The answer to one question."""
    from_day, wish = question.from_day, question.wish
    facts = found.facts_from(from_day)
    if wish is not None and (not wish.or_table or _can_serve(found.facts, at, from_day or at.on)):
        granted = monthly.forced(
            facts, str(wish.ground), at.days, at.policy, at.law, from_day=from_day, keep_through=wish.keep_through
        )
        return Draft(
            question.member_id,
            question.cause,
            question.request,
            Ruling.Mode.GRANTED,
            found,
            facts,
            at.days,
            granted,
            basis=wish.basis,
            from_day=from_day,
            keep_through=wish.keep_through,
        )
    days = reaching(at.days, from_day)
    mode, answer = Ruling.Mode.TABLE, monthly.decide(facts, days, at.policy, at.law)
    if question.replaces and answer.outcome in OPEN:
        mode, answer = Ruling.Mode.DUE, monthly.decide(facts, days, at.policy, at.law, due=True)
    return Draft(
        question.member_id, question.cause, question.request, mode, found, facts, days, answer, from_day=from_day
    )


def _can_serve(facts: MemberFacts, at: Terms, begins: date) -> bool:
    """Whether another paper could arrive while the cover runs."""
    last_day = last_day_of_cover(facts, at.law)
    if facts.acquired_on > at.days.next_arrives_by or begins > last_day:
        return False
    return monthly.arrival(facts, at.days, at.policy, last_day)[0] <= last_day
