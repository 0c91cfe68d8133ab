"""The board of gaps: who is covered on a day and has no usable route in hand, why, by when, and whose turn it is.

What lies in an envelope is known two floors up: an approved paper stands here as one to be enclosed.
Source: rules.md §4 "Gaps".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from certificates.decisions import reading, told_shares
from certificates.decisions.ruling import OPEN, due_of
from certificates.models import Decision, Ruling, Run
from certificates.rules.answer import Hold
from certificates.rules.codes import Code, Reason
from certificates.rules.facts import HeldCertificate, MemberFacts
from certificates.rules.law import Law, law_on
from certificates.rules.monthly import card_last_day, certificate_last_day, myna
from certificates.rules.validity import last_day_of_cover
from core.calendar import business_days_after, month_end, month_start
from members.damaged import damaged
from members.models import Insurer
from members.policy import Policy
from members.printed_texts import Place
from members.querysets import HEAD_LEFT_SQL
from members.services import municipal, policy_on
from members.unprintable import unprintable

RUN_BY_BUSINESS_DAY = 10
"""By this business day of a month its run is expected at the latest. Source: rules.md §4, "The file comes late"."""


class Waiting(Code):
    """Where the paper of a member without a route is; labels in the words of the board, the list and the command."""

    DECISION = "decision", "判定待ち"
    INQUIRY = "inquiry", "照会中"
    APPROVAL = "approval", "承認待ち"
    ENCLOSING = "enclosing", "封入待ち"
    PRINTING = "printing", "印刷待ち"
    POSTING = "posting", "発送待ち"
    DELIVERY = "delivery", "配達待ち"
    ADDRESS = "address", "保留（送付先確認中）"
    GLYPH = "glyph", "保留（字形確認中）"
    DAMAGE = "damage", "保留（登録の文字の確認中）"
    NARROW = "narrow", "保留（印字の枠に入らない）"
    FACE = "face", "保留（表面の内容の確認中）"
    SHARE = "share", "保留（負担割合の確認中）"
    HEAD = "head", "保留（世帯主の確認中）"
    RETURNED = "returned", "返戻中"
    TOO_LATE = "too_late", "紙が間に合わない"

    @property
    def wants_work(self) -> bool:
        """Whether somebody in the office has to do something; only the post is waited for without."""
        return self is not Waiting.DELIVERY

    @property
    def turn(self) -> str:
        """Whose turn it is."""
        return _TURNS[self]


_TURNS: Mapping[Waiting, str] = {
    Waiting.DECISION: "月次判定の担当者",
    Waiting.INQUIRY: "照会の担当者",
    Waiting.APPROVAL: "承認者",
    Waiting.DELIVERY: "郵便（作業は要りません）",
    Waiting.TOO_LATE: "窓口の担当者",
    **dict.fromkeys((Waiting.ENCLOSING, Waiting.PRINTING, Waiting.POSTING, Waiting.RETURNED), "発送の担当者"),
    **dict.fromkeys(
        (Waiting.ADDRESS, Waiting.GLYPH, Waiting.DAMAGE, Waiting.NARROW, Waiting.FACE, Waiting.SHARE, Waiting.HEAD),
        "届出の担当者",
    ),
}
_HELD: Mapping[Hold, Waiting] = {
    Hold.SAFE_ADDRESS: Waiting.ADDRESS,
    Hold.GLYPH: Waiting.GLYPH,
    Hold.DAMAGE: Waiting.DAMAGE,
    Hold.SHARE: Waiting.SHARE,
    Hold.HEAD: Waiting.HEAD,
}


@dataclass(frozen=True, slots=True)
class Gap:
    """A covered member without a route in hand that day; ``by`` is when it closes, or is to be worked on by.

    ``certificate``: the paper that is to close it. ``case``: the decision or ruling that waits (``decision:12``).
    """

    read: reading.Read
    waiting: Waiting
    by: date | None = None
    certificate: int | None = None
    case: str = ""


def in_hand(held: HeldCertificate, on: date) -> bool:
    """Whether a certificate is with its holder on a day (posted, delivered, not come back)."""
    return held.status == "sent" and held.arrives_on is not None and held.arrives_on <= on


def routes_in_hand(facts: MemberFacts, on: date, policy: Policy, law: Law) -> Iterator[tuple[Reason, date]]:
    """Every route that the member holds and may use on a day, each with its last day, which is never past the cover's."""
    end = last_day_of_cover(facts, law)
    usable = myna(facts, law, on=on)
    if usable.last_day is not None and usable.last_day >= on:
        yield Reason.MYNA_USABLE, min(usable.last_day, end)
    for held in facts.certificates:
        ends = certificate_last_day(held, facts.birth_date, policy, law)
        if in_hand(held, on) and held.effective_on <= on <= ends:
            yield Reason.CERTIFICATE_IN_HAND, min(ends, end)
    for card in facts.cards:
        last = card_last_day(card, policy, law)
        if last is not None and last >= on:
            yield Reason.LEGACY_CARD_USABLE, min(last, end)


def has_route(facts: MemberFacts, on: date, policy: Policy, law: Law) -> bool:
    """Whether the member holds a usable route on a day."""
    return any(True for _ in routes_in_hand(facts, on, policy, law))


def covered(facts: MemberFacts, on: date, law: Law) -> bool:
    """Whether the cover holds on a day."""
    return facts.acquired_on <= on <= last_day_of_cover(facts, law)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one cover stands on a day: the routes in hand, the longest first; without one, the gap; neither when not covered."""

    facts: MemberFacts
    routes: tuple[tuple[Reason, date], ...]
    gap: Gap | None


def standings(insurer: Insurer, on: date, members: list[int]) -> dict[int, Standing]:
    """How some covers of the society stand on a day, by member id."""
    policy, law = policy_on(insurer, on), law_on(on)
    with reading.stream(insurer.pk, on, members=members) as covers:
        reads = list(covers)
    routes = {
        read.member_id: sorted(routes_in_hand(read.facts, on, policy, law), key=lambda route: route[1], reverse=True)
        for read in reads
        if covered(read.facts, on, law)
    }
    without = [read for read in reads if routes.get(read.member_id) == []]
    found = {gap.read.member_id: gap for gap in _explained(insurer, without, on)}
    return {
        read.member_id: Standing(read.facts, tuple(routes.get(read.member_id, ())), found.get(read.member_id))
        for read in reads
    }


def gaps(insurer: Insurer, on: date) -> list[Gap]:
    """Every gap of the society on a day, in the order of the lists."""
    policy, law = policy_on(insurer, on), law_on(on)
    with reading.stream(insurer.pk, on) as covers:
        open_reads = [
            read for read in covers if covered(read.facts, on, law) and not has_route(read.facts, on, policy, law)
        ]
    # The few that were found are put in order, not everybody that was looked at.
    return list(_explained(insurer, sorted(open_reads, key=reading.place), on))


def _explained(insurer: Insurer, reads: Sequence[reading.Read], on: date) -> Iterator[Gap]:
    known = _known(insurer, reads, on)
    for read in reads:
        yield _gap(read, known)


@dataclass(frozen=True, slots=True)
class _Ruled:
    """The newest word of the rules about a member: a month's decision or a ruling since."""

    outcome: str
    reason: str
    need_from: date | None
    due_on: date | None
    case: str


@dataclass(frozen=True, slots=True)
class _Known:
    """What the board knows beside the facts, by member id."""

    on: date
    policy: Policy
    law: Law
    next_run_by: date
    holds: Mapping[int, Hold] = field(default_factory=dict)
    ruled: Mapping[int, _Ruled] = field(default_factory=dict)


def _known(insurer: Insurer, reads: Sequence[reading.Read], on: date) -> _Known:
    run = newest_run(insurer)
    ids = [read.member_id for read in reads]
    approved = [read.member_id for read in reads if any(held.status == "approved" for held in read.facts.certificates)]
    return _Known(on, policy_on(insurer, on), law_on(on), next_run_by(run, on), holds(approved, on), _ruled(run, ids))


def _gap(read: reading.Read, known: _Known) -> Gap:
    on, ruled = known.on, known.ruled.get(read.member_id)
    papers = [
        held
        for held in read.facts.certificates
        if certificate_last_day(held, read.facts.birth_date, known.policy, known.law) >= on
    ]
    begun = [held for held in papers if held.effective_on <= on]
    for held in sorted(begun, key=lambda held: _NEAREST.index(held.status)):
        return _of_paper(read, held, known)
    if ruled is not None and _too_late(ruled, papers, on):
        return Gap(read, Waiting.TOO_LATE, on, case=ruled.case)
    unposted = [held for held in papers if not held.posted]
    if unposted:
        return _of_paper(read, min(unposted, key=lambda held: held.effective_on), known)
    if ruled is not None and ruled.outcome in OPEN:
        return Gap(read, Waiting.INQUIRY, ruled.due_on, case=ruled.case)
    return Gap(read, Waiting.DECISION, known.next_run_by)


_NEAREST = ("returned", "sent", "printed", "approved", "proposed")
"""The states of a live certificate; of several papers the one that came furthest speaks."""


def _of_paper(read: reading.Read, held: HeldCertificate, known: _Known) -> Gap:
    if held.status == "sent":
        arrives = max(held.arrives_on, held.effective_on) if held.arrives_on else None
        return Gap(read, Waiting.DELIVERY, arrives, held.id)
    waiting = {
        "returned": Waiting.RETURNED,
        "printed": Waiting.POSTING,
        "approved": Waiting.ENCLOSING,
        "proposed": Waiting.APPROVAL,
    }[held.status]
    if waiting is Waiting.ENCLOSING and (hold := known.holds.get(read.member_id)) is not None:
        waiting = _HELD[hold]
    return Gap(read, waiting, certificate=held.id)


def _too_late(ruled: _Ruled, papers: Sequence[HeldCertificate], on: date) -> bool:
    """Whether no paper can reach today: the rules said so, or went on to a later day past a posted paper (§4 line 7a)."""
    if ruled.reason == Reason.TOO_LATE_FOR_PAPER:
        return True
    posted_ahead = any(held.posted and held.effective_on > on for held in papers)
    return posted_ahead and ruled.need_from is not None and ruled.need_from > on


def newest_run(insurer: Insurer) -> Run | None:
    """The newest month with decisions."""
    return Run.objects.filter(insurer=insurer, decisions__isnull=False).order_by("-month").first()


def next_run_by(run: Run | None, on: date) -> date:
    """The day by which the next month is decided: this month's where it has not run yet."""
    decided = run is not None and run.month >= month_start(on)
    before = month_end(on) if decided else month_start(on) - timedelta(days=1)
    return business_days_after(before, RUN_BY_BUSINESS_DAY)


def holds(members: Sequence[int], on: date) -> dict[int, Hold]:
    """Why the paper of these covers cannot be enclosed today, by member id."""
    if not members:
        return {}
    listed = list(members)
    spoilt = {one.member_id: Hold.DAMAGE for one in damaged(on, listed) if one.place is not Place.ADDRESS}
    found = {member: hold for member, hold in spoilt.items() if member is not None}
    found |= {one.member_id: Hold.GLYPH for one in unprintable(on, listed) if one.place is not Place.ADDRESS}
    if municipal():
        found |= dict.fromkeys(told_shares.awaited_by(listed, on), Hold.SHARE)
        found |= dict.fromkeys(without_head(listed, on), Hold.HEAD)
    return found | dict.fromkeys(without_safe_address(listed), Hold.SAFE_ADDRESS)


def without_head(member_ids: list[int], on: date) -> set[int]:
    """Which of these covers are of a household whose head's cover has ended, with no other head named."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id FROM members_member m WHERE m.id = ANY(%(ids)s) AND {HEAD_LEFT_SQL}",
            {"ids": member_ids, "on": on},
        )
        return {row[0] for row in cursor.fetchall()}


def without_safe_address(member_ids: list[int]) -> set[int]:
    """Which of these covers' persons are protected and have no safe address yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id FROM members_member m JOIN members_person p ON p.id = m.person_id"
            " WHERE m.id = ANY(%s) AND (p.nondisclosure OR p.address_protected) AND NOT EXISTS"
            " (SELECT 1 FROM members_address a WHERE a.person_id = p.id AND a.use = 'safe')",
            [member_ids],
        )
        return {row[0] for row in cursor.fetchall()}


def _ruled(run: Run | None, members: Sequence[int]) -> dict[int, _Ruled]:
    """By member id the newest month's decision, or what was ruled since."""
    if run is None:
        return {}
    decisions = Decision.objects.filter(run=run, member_id__in=members).defer("facts")
    found = {
        one.member_id: _Ruled(one.outcome, one.reason, one.need_from, one.due_on, f"decision:{one.pk}")
        for one in decisions
    }
    since = Ruling.objects.filter(member_id__in=members, decided_on__gte=run.decided_on).order_by("pk")
    for ruling in since:
        due_on = due_of(ruling) if ruling.outcome in OPEN else None
        found[ruling.member_id] = _Ruled(ruling.outcome, ruling.reason, ruling.need_from, due_on, f"ruling:{ruling.pk}")
    return found
