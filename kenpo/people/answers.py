"""Reads what the office's answer needs, for one person or a list of covers, in a fixed number of queries.

The answer itself is ``certificates.rules.answer``. Source: rules.md §14.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from certificates.decisions import reading
from certificates.decisions.gaps import holds, newest_run, next_run_by
from certificates.decisions.ruling import OPEN, due_of
from certificates.models import Application, Decision, EligibilityCertificate, Recovery, Ruling
from certificates.recovery.duties import place_words
from certificates.rules.answer import Answer, Asked, Duty, Hold, Known, OpenCase, Paper, Step, Wish, answer
from certificates.rules.codes import Detail, Ground, Reason
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law, law_on
from certificates.rules.monthly import card_last_day, certificate_last_day, myna
from certificates.rules.validity import last_day_of_cover
from certificates.rules.words import double_words
from mailing.envelopes import ADDRESS_MISSING
from mailing.models import Enclosure, ReturnedMail
from mailing.planning import holding
from mailing.post.tracking import newest_numbers, shown
from members.models import Insurer, Member
from members.policy import Policy
from members.services import municipal, policy_on

_LEFT_OUT = {ADDRESS_MISSING: Hold.ADDRESS, "does_not_fit": Hold.NARROW}
"""What only the planning of envelopes sees."""
LOST_PAPER = (Ground.LOST_CERTIFICATE, Ground.DAMAGED_CERTIFICATE)


def answers(insurer: Insurer, covers: Sequence[Member], on: date) -> dict[int, Answer]:
    """What is said of each cover's person on a day, by member id.

    Raises:
        Refused: no policy is in force on the day.
    """
    known = _Reader(insurer.society, [cover.pk for cover in covers], on).known()
    return {member_id: answer(facts, on) for member_id, facts in known.items()}


def cover_of_the_day(covers: Iterable[Member], last_days: dict[int, date], on: date) -> Member:
    """Of several covers that of the day, else the next to begin, else the last. Source: rules.md §14."""
    ordered = sorted(covers, key=lambda cover: (cover.acquired_on, cover.pk))
    today = [c for c in ordered if c.acquired_on <= on <= last_days.get(c.pk, c.acquired_on)]
    ahead = [c for c in ordered if c.acquired_on > on]
    return (today[-1:] or ahead[:1] or ordered[-1:])[0]


def known_of(insurer: Insurer, covers: Sequence[Member], on: date) -> tuple[Member, Known]:
    """What is known of one person, and the cover that speaks.

    Raises:
        Refused: no policy is in force on the day.
    """
    known = _Reader(insurer.society, [cover.pk for cover in covers], on).known()
    speaks = cover_of_the_day(covers, {pk: facts.last_day for pk, facts in known.items()}, on)
    return speaks, known[speaks.pk]


def answer_of(insurer: Insurer, covers: Sequence[Member], on: date) -> tuple[Member, Answer]:
    """The answer for one person, and the cover that speaks.

    Raises:
        Refused: no policy is in force on the day.
    """
    speaks, known = known_of(insurer, covers, on)
    return speaks, answer(known, on)


class _Reader:
    """Everything about some covers on one day."""

    def __init__(self, insurer: Insurer, members: list[int], on: date) -> None:
        self.insurer, self.members, self.on = insurer, members, on
        self.policy: Policy = policy_on(insurer, on)
        self.law: Law = law_on(on)
        self.run = newest_run(insurer)

    def known(self) -> dict[int, Known]:
        facts = reading.facts_of(self.insurer.pk, self.on, self.members)
        asked, cases, too_late = self._asked(), self._open_cases(), self._too_late()
        papers = self._papers(facts, asked)
        return {pk: self._of(facts[pk], papers[pk], asked.get(pk), cases.get(pk), pk in too_late) for pk in facts}

    def _of(
        self, facts: MemberFacts, papers: list[Paper], asked: Application | None, case: OpenCase | None, too_late: bool
    ) -> Known:
        usable = myna(facts, self.law, on=self.on)
        cards = [card_last_day(card, self.policy, self.law) for card in facts.cards]
        return Known(
            first_day=facts.acquired_on,
            last_day=last_day_of_cover(facts, self.law),
            papers=papers,
            myna_last_day=usable.last_day,
            card_last_day=max((last for last in cards if last is not None), default=None),
            asked=_asked_words(asked) if asked is not None else None,
            open_case=_with_lines(case, facts) if case is not None and not usable.known else None,
            too_late=too_late,
            next_run_by=next_run_by(self.run, self.on),
            loss_filed=facts.lost_on is not None or (facts.insured is not None and facts.insured.lost_on is not None),
        )

    def _asked(self) -> dict[int, Application]:
        found = Application.objects.filter(member__in=self.members, status="received").order_by("-received_on", "-pk")
        return {application.member_id: application for application in found}

    def _open_cases(self) -> dict[int, OpenCase]:
        """Decisions and rulings that wait, as far as nothing has been ruled on them since."""
        if self.run is None:
            return {}
        month = self.run.as_of.month
        decisions = Decision.objects.filter(run=self.run, member__in=self.members, outcome__in=OPEN)
        rulings = Ruling.objects.filter(member__in=self.members, outcome__in=OPEN, decided_on__gte=self.run.decided_on)
        cases = {f"decision:{d.pk}": (d, d.due_on) for d in decisions.defer("facts")}
        cases |= {f"ruling:{r.pk}": (r, due_of(r)) for r in rulings.order_by("pk")}
        ruled = set(Ruling.objects.filter(request__in=list(cases)).values_list("request", flat=True))
        return {
            case.member_id: OpenCase(
                reason=Reason.of(case.reason),
                detail=Detail.of(case.detail) if case.detail else None,
                due_on=due_on,
                file_month=month,
            )
            for request, (case, due_on) in cases.items()
            if request not in ruled and due_on is not None
        }

    def _too_late(self) -> set[int]:
        """Whose newest answer of the rules is that no paper can come in time."""
        newest: dict[int, str] = {}
        if self.run is not None:
            decisions = Decision.objects.filter(run=self.run, member__in=self.members)
            newest |= dict(decisions.values_list("member_id", "reason"))
            rulings = Ruling.objects.filter(member__in=self.members, decided_on__gte=self.run.decided_on)
            newest |= dict(rulings.order_by("pk").values_list("member_id", "reason"))
        return {member for member, reason in newest.items() if reason == Reason.TOO_LATE_FOR_PAPER}

    def _papers(self, facts: dict[int, MemberFacts], asked: dict[int, Application]) -> dict[int, list[Paper]]:
        """Live certificates with a right face, and those that are only owed back."""
        live = {held.id: (pk, held) for pk, each in facts.items() for held in each.certificates}
        duties = {
            duty.certificate_id: duty
            for duty in Recovery.objects.filter(certificate__member__in=self.members).exclude(status="closed")
        }
        rows = EligibilityCertificate.objects.in_bulk([*live, *duties])
        details = _Details(rows.values(), self.on)
        found: dict[int, list[Paper]] = {pk: [] for pk in facts}
        for pk, row in sorted(rows.items()):
            wish = asked.get(row.member_id)
            if wish is not None and wish.ground in LOST_PAPER and row.sent_on and row.sent_on <= wish.received_on:
                continue
            paper = details.of(row, duties.get(pk))
            if pk in live:
                member = facts[row.member_id]
                last = certificate_last_day(live[pk][1], member.birth_date, self.policy, self.law)
                paper = replace(paper, last_day=min(last, last_day_of_cover(member, self.law)))
            else:  # its face is wrong or its cover has ended: no route, only to be returned
                paper = replace(paper, last_day=date.min)
            found[row.member_id].append(paper)
        return found


class _Details:
    """What post and envelopes know of some certificates, read once for all of them."""

    def __init__(self, rows: Iterable[EligibilityCertificate], on: date) -> None:
        listed = list(rows)
        ids = [row.pk for row in listed]
        enclosed = Enclosure.objects.filter(certificate__in=ids, active=True).select_related("envelope__dispatch")
        self.enclosures: dict[int, Enclosure] = {e.certificate_id: e for e in enclosed if e.certificate_id}
        envelopes = [e.envelope for e in self.enclosures.values()]
        self.numbers = newest_numbers(envelopes)
        back = ReturnedMail.objects.filter(envelope__in=envelopes, resolved_on__isnull=True)
        self.returned: dict[int, date] = dict(back.values_list("envelope_id", "returned_on"))
        unposted = [row.member_id for row in listed if row.status in ("proposed", "approved")]
        left_out = holding.held().filter(certificate__in=ids, reason__in=list(_LEFT_OUT))
        self.holds = {row.member_id: _LEFT_OUT[row.reason] for row in left_out} | holds(unposted, on)
        self.municipal = municipal()

    def of(self, row: EligibilityCertificate, duty: Recovery | None) -> Paper:
        enclosure = self.enclosures.get(row.pk)
        envelope = enclosure.envelope if enclosure is not None else None
        unposted = row.status in ("proposed", "approved", "printed")
        return Paper(
            first_day=row.effective_on,
            last_day=row.valid_through,
            status=row.status,
            sent_on=row.sent_on,
            in_hand_on=row.arrives_on,
            tracking=self._number(envelope.pk) if envelope is not None else "",
            returned_on=self.returned.get(envelope.pk) if envelope is not None else None,
            hold=self.holds.get(row.member_id) if row.status == "approved" and enclosure is None else None,
            step=_step(row, enclosed=enclosure is not None) if unposted else None,
            post_on=envelope.dispatch.planned_on if envelope is not None and unposted else None,
            duty=Duty(due_on=duty.due_on, to=place_words(duty.return_to, municipal=self.municipal))
            if duty is not None
            else None,
        )

    def _number(self, envelope_id: int) -> str:
        number = self.numbers.get(envelope_id)
        return shown(number.number) if number is not None else ""


def _step(row: EligibilityCertificate, *, enclosed: bool) -> Step:
    if row.status == "proposed":
        return Step.APPROVAL
    if row.status == "printed":
        return Step.POSTING
    return Step.PRINTING if enclosed else Step.ENCLOSING


def _with_lines(case: OpenCase, facts: MemberFacts) -> OpenCase:
    """The case with every line of the file that names the person, where several do."""
    row = facts.row
    return replace(case, rows=double_words(row)) if row is not None and row.state == "double" else case


def _asked_words(application: Application) -> Asked:
    wish = Wish.PAPER
    if application.ground == Ground.LOST_CARD:
        wish = Wish.LOST_CARD
    elif application.ground == Ground.LOST_CERTIFICATE:
        wish = Wish.LOST_PAPER
    return Asked(wish=wish, received_on=application.received_on, answer_by=application.due_on)
