"""The board of gaps: who is covered on a day and has no usable route in hand, why, and by when.

Source: domain.md §4 "Gaps".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db import connection

from certificates import reading
from certificates.codes import Reason
from certificates.facts import HeldCertificate, MemberFacts
from certificates.law import Law, law_on
from certificates.models import Decision, Ruling, Run
from certificates.rules import card_last_day, certificate_last_day, myna
from certificates.ruling import due_of
from certificates.validity import last_day_of_cover
from members.models import Insurer
from members.policy import Policy
from members.services import policy_on


class Waiting(StrEnum):
    """Where the paper of a member without a route is."""

    DECISION = "判定待ち"
    APPROVAL = "承認待ち"
    DELIVERY = "配達待ち"
    RETURNED = "返戻中"
    ADDRESS = "送付先確認中"
    INQUIRY = "照会中"


@dataclass(frozen=True, slots=True)
class Gap:
    """A covered member without a route in hand that day; ``by`` is when it is expected to close."""

    read: reading.Read
    waiting: Waiting
    by: date | None


def in_hand(held: HeldCertificate, on: date) -> bool:
    """Whether a certificate is with its holder on a day (posted, delivered, not come back)."""
    return held.status == "sent" and held.arrives_on is not None and held.arrives_on <= on


def routes_in_hand(facts: MemberFacts, on: date, policy: Policy, law: Law) -> Iterator[tuple[Reason, date]]:
    """Every route that the member holds and may use on a day, each with its last day."""
    usable = myna(facts, law, on=on)
    if usable.last_day is not None and usable.last_day >= on:
        yield Reason.MYNA_USABLE, usable.last_day
    for held in facts.certificates:
        ends = certificate_last_day(held, facts.birth_date, policy, law)
        if in_hand(held, on) and held.effective_on <= on <= ends:
            yield Reason.CERTIFICATE_IN_HAND, ends
    for card in facts.cards:
        last = card_last_day(card, policy, law)
        if last is not None and last >= on:
            yield Reason.LEGACY_CARD_USABLE, last


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
        read.member_id: sorted(
            routes_in_hand(read.facts, on, policy, law), key=lambda route: route[1], reverse=True
        )
        for read in reads
        if covered(read.facts, on, law)
    }
    without = [read for read in reads if routes.get(read.member_id) == []]
    found = {gap.read.member_id: gap for gap in _explained(insurer, without)}
    return {
        read.member_id: Standing(read.facts, tuple(routes.get(read.member_id, ())), found.get(read.member_id))
        for read in reads
    }


def gaps(insurer: Insurer, on: date) -> list[Gap]:
    """Every gap of the society on a day, in the order of the lists."""
    policy, law = policy_on(insurer, on), law_on(on)
    with reading.stream(insurer.pk, on) as covers:
        open_reads = [
            read
            for read in covers
            if covered(read.facts, on, law) and not has_route(read.facts, on, policy, law)
        ]
    # The few that were found are put in order, not everybody that was looked at.
    return list(_explained(insurer, sorted(open_reads, key=reading.place)))


def _explained(insurer: Insurer, reads: list[reading.Read]) -> Iterator[Gap]:
    ids = [read.member_id for read in reads]
    without_address = without_safe_address(ids)
    inquiries = _under_inquiry(insurer, ids)
    for read in reads:
        yield Gap(read, *_waiting(read, without_address, inquiries))


def _waiting(
    read: reading.Read, without_address: set[int], inquiries: dict[int, date | None]
) -> tuple[Waiting, date | None]:
    by_status = {held.status: held for held in read.facts.certificates}
    if "returned" in by_status:
        return Waiting.RETURNED, None
    if "sent" in by_status:
        return Waiting.DELIVERY, max(by_status["sent"].arrives_on or date.min, by_status["sent"].effective_on)
    if "approved" in by_status or "printed" in by_status:
        return (Waiting.ADDRESS if read.member_id in without_address else Waiting.DELIVERY), None
    if "proposed" in by_status:
        return Waiting.APPROVAL, None
    if read.member_id in inquiries:
        return Waiting.INQUIRY, inquiries[read.member_id]
    return Waiting.DECISION, None


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


def _under_inquiry(insurer: Insurer, member_ids: list[int]) -> dict[int, date | None]:
    run = Run.objects.filter(insurer=insurer, decisions__isnull=False).order_by("-month").first()
    if run is None:
        return {}
    found = Decision.objects.filter(run=run, member_id__in=member_ids, outcome__in=("wait", "review"))
    since = Ruling.objects.filter(
        member_id__in=member_ids, outcome__in=("wait", "review"), decided_on__gte=run.decided_on
    )
    by_ruling = {ruling.member_id: due_of(ruling) for ruling in since}
    return {**dict(found.values_list("member_id", "due_on")), **by_ruling}
