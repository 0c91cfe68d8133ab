"""高齢受給者証: who is due one, with which share, from when until when, and which one is no longer right.

Pure. From the month after 70 on, where the 資格確認書 does not carry the share. Source: rules.md §6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from certificates.rules.codes import Code, Limit
from certificates.rules.copayment import Told, copayment_percent, share_from
from certificates.rules.facts import MemberFacts
from certificates.rules.law import Law
from certificates.rules.validity import Validity, last_day_of_cover, validity
from core.calendar import FAR_FUTURE, days_after, wareki
from core.text import tenths
from members.policy import Policy

UNPOSTED = ("proposed", "approved", "printed")
POSTED = ("sent", "returned")


class ElderlyReason(Code):
    """Why a 高齢受給者証 is due, or why none is."""

    DUE = "due", "交付する"
    IN_HAND = "in_hand", "有効な高齢受給者証がある"
    SHARE_ON_FACE = "share_on_face", "割合は資格確認書に印字する"
    UNDER_AGE = "under_age", "高齢受給者となる月より前"
    NO_CERTIFICATE = "no_certificate", "資格確認書を持っていない"
    NOT_COVERED = "not_covered", "資格がない"
    SHARE_NOT_TOLD = "share_not_told", "負担割合がまだ届いていない"


class Wrong(Code):
    """Why a 高齢受給者証 that was proposed or posted does not hold any more."""

    SHARE = "share", "負担割合が変わった"
    FACE = "face", "表面の内容が変わった"
    NOT_NEEDED = "not_needed", "要らなくなった"


@dataclass(frozen=True, slots=True)
class IncomeOn:
    """What an insured person's share depends on, on one day."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None
    relieved: bool


@dataclass(frozen=True, slots=True)
class Income:
    """The same with the dated reliefs (inclusive days; without a second day still running).

    ``told``: in a municipal scheme the member's own share; income and reliefs are then the municipality's affair.
    """

    birth_date: date
    standard_monthly_remuneration_yen: int | None = None
    reliefs: tuple[tuple[date, date | None], ...] = ()
    told: Told | None = None

    def at(self, day: date) -> IncomeOn:
        """As of one day."""
        relieved = any(since <= day and (last is None or day <= last) for since, last in self.reliefs)
        return IncomeOn(self.birth_date, self.standard_monthly_remuneration_yen, relieved)


@dataclass(frozen=True, slots=True)
class HeldElderly:
    """One 高齢受給者証 that is not void; ``right``: its face but for the share is what would be printed today."""

    id: int
    effective_on: date
    valid_through: date
    copayment_percent: int
    status: str = "sent"
    right: bool = True

    @property
    def live(self) -> bool:
        return self.status in (*UNPOSTED, *POSTED)


@dataclass(frozen=True, slots=True)
class ElderlyFacts:
    """What the rule reads: the member with the certificates held, the insured person's income, the papers so far."""

    member: MemberFacts
    income: Income
    papers: tuple[HeldElderly, ...] = ()


@dataclass(frozen=True, slots=True)
class ElderlyPaper:
    """One to be issued: why, with which share, and its period with the limit that set the end."""

    cause: str
    copayment_percent: int
    effective_on: date
    valid_through: date
    limit: Limit


@dataclass(frozen=True, slots=True)
class ElderlyAnswer:
    """What is to be issued, which papers (by id) no longer hold, and a sentence that can be read out."""

    reason: ElderlyReason
    text: str
    due: tuple[ElderlyPaper, ...] = ()
    wrong: dict[int, Wrong] = field(default_factory=dict)


def share_on(facts: ElderlyFacts, day: date, law: Law) -> int | None:
    """The member's share on a day, in percent; ``None`` where a municipality has not told it."""
    if facts.income.told is not None:
        return facts.income.told.on(facts.member.birth_date, day, law)
    return copayment_percent(facts.member.birth_date, facts.income.at(day), on=day, law=law)


def next_share_change(facts: ElderlyFacts, after: date, law: Law) -> date:
    """First day after ``after`` with another share than on it, as far as is known (else ``FAR_FUTURE``)."""
    share = share_on(facts, after, law)
    # A told share has no days of its own but that of its holder's age.
    born = (facts.member.birth_date, *(() if facts.income.told else (facts.income.birth_date,)))
    days = {share_from(birth_date, law) for birth_date in born}
    days |= {since for since, _ in facts.income.reliefs}
    days |= {days_after(last, 1) for _, last in facts.income.reliefs if last is not None}
    later = (day for day in sorted(days) if day > after and share_on(facts, day, law) != share)
    return next(later, FAR_FUTURE)


def elderly_due(
    facts: ElderlyFacts, on: date, *, through: date | None = None, policy: Policy, law: Law
) -> ElderlyAnswer:
    """What has to be issued to one member for the days from ``on`` to ``through`` (absent: ``on`` alone).

    ``on`` is the earliest day a new paper can take effect, ``through`` the latest day on which the next round's
    paper would be in hand. A paper that no longer holds is in ``wrong``; its successor in ``due``.

    Source: rules.md §6; 健康保険法施行規則52条.
    """
    if policy.share_on_face:
        return _none(ElderlyReason.SHARE_ON_FACE)
    last = last_day_of_cover(facts.member, law)
    if last < on:
        return _none(ElderlyReason.NOT_COVERED)
    wrong = dict(_wrong(facts, on, last, law))
    if share_on(facts, min(through or on, last), law) is None:
        return _none(ElderlyReason.SHARE_NOT_TOLD)
    due = tuple(_due(facts, wrong, on, min(through or on, last), policy, law))
    if due:
        return ElderlyAnswer(ElderlyReason.DUE, _sentence(due[0], law), due, wrong)
    return _not_due(facts, wrong, on, through or on, law)


def _wrong(facts: ElderlyFacts, on: date, last: date, law: Law) -> Iterator[tuple[int, Wrong]]:
    """Live papers that are not right on their first day from ``on`` on; a posted one is only judged by its face."""
    for paper in facts.papers:
        day = max(on, paper.effective_on)
        if not paper.live or paper.valid_through < on:
            continue
        share = share_on(facts, day, law)
        if share is not None and paper.copayment_percent != share:
            yield paper.id, Wrong.SHARE
        elif not paper.right:
            yield paper.id, Wrong.FACE
        elif paper.status in UNPOSTED and (day > last or _held_through(facts, day) is None):
            yield paper.id, Wrong.NOT_NEEDED


def _due(
    facts: ElderlyFacts, wrong: dict[int, Wrong], on: date, last: date, policy: Policy, law: Law
) -> Iterator[ElderlyPaper]:
    """Walks from day to day that has another share or another paper; each uncovered one begins a new paper."""
    void = {p.id for p in facts.papers if p.id in wrong and p.status in UNPOSTED}
    taken = {p.effective_on for p in facts.papers if p.id not in void}
    good = [p for p in facts.papers if p.live and p.id not in wrong]
    before: list[HeldElderly | ElderlyPaper] = [p for p in facts.papers if p.id not in void]
    day = max(on, facts.member.acquired_on, share_from(facts.member.birth_date, law))
    while (day := _first_day_holding(facts, day)) <= last:
        share, change = share_on(facts, day, law), next_share_change(facts, day, law)
        assert share is not None  # a share that is not told was answered before
        held = [p for p in good if p.effective_on <= day <= p.valid_through and p.copayment_percent == share]
        if held:
            day = min(change, days_after(max(p.valid_through for p in held), 1))
            continue
        # Two papers of one day could not be told apart: the second takes effect the day after.
        if day in taken:
            day = days_after(day, 1)
            continue
        period = _period(facts, day, policy, law)
        paper = ElderlyPaper(_cause(facts, before, day, share, law), share, day, period.valid_through, period.limit)
        yield paper
        before.append(paper)
        taken.add(day)
        day = min(change, days_after(paper.valid_through, 1))


def _first_day_holding(facts: ElderlyFacts, day: date) -> date:
    """The first day from ``day`` on with a 資格確認書 of this cover (else ``FAR_FUTURE``)."""
    held = (c for c in facts.member.certificates if c.valid_through >= day)
    return min((max(day, c.effective_on) for c in held), default=FAR_FUTURE)


def _held_through(facts: ElderlyFacts, day: date) -> date | None:
    """Until when a 資格確認書 is held that is valid on the day."""
    held = [c.valid_through for c in facts.member.certificates if c.effective_on <= day <= c.valid_through]
    return max(held, default=None)


def _period(facts: ElderlyFacts, day: date, policy: Policy, law: Law) -> Validity:
    """As of a certificate with the share on its face, without the society's own scheme."""
    limits = replace(policy, share_on_face=True, expiry_scheme="years", expiry_years=law.certificate_max_years)
    return validity(facts.member, day, policy=limits, law=law)


def _cause(facts: ElderlyFacts, before: Iterable[HeldElderly | ElderlyPaper], day: date, share: int, law: Law) -> str:
    """As in ``ElderlyBeneficiaryCertificate.Cause``; ``before``: the papers there were so far."""
    if day == share_from(facts.member.birth_date, law):
        return "turns_70"
    earlier = (p for p in before if p.effective_on <= day)
    newest = max(earlier, key=lambda p: p.effective_on, default=None)
    if newest is None:
        return "with_certificate"
    if newest.copayment_percent != share:
        return "share_change"
    return "renewal" if newest.valid_through < day else "with_certificate"


def _sentence(paper: ElderlyPaper, law: Law) -> str:
    first, share = wareki(paper.effective_on), tenths(paper.copayment_percent)
    sentences = {
        "turns_70": f"{law.elderly_age}歳になった月の翌月（{first}）から一部負担金の割合が{share}になるため、高齢受給者証を交付します。",
        "share_change": f"{first}から一部負担金の割合が{share}に変わるため、新しい高齢受給者証を交付します。",
        "renewal": f"お持ちの高齢受給者証が切れるため、{first}からの高齢受給者証（{share}）を交付します。",
        "with_certificate": f"{law.elderly_age}歳以上で資格確認書をお持ちの方のため、"
        f"{first}からの高齢受給者証（{share}）を交付します。",
    }
    return sentences[paper.cause]


def _none(reason: ElderlyReason) -> ElderlyAnswer:
    sentences = {
        ElderlyReason.SHARE_ON_FACE: "一部負担金の割合は資格確認書に印字しているため、高齢受給者証は交付しません。",
        ElderlyReason.NOT_COVERED: "資格がないため、高齢受給者証は交付しません。",
        ElderlyReason.SHARE_NOT_TOLD: "一部負担金の割合がまだ届いていないため、高齢受給者証を交付できません。",
        ElderlyReason.NO_CERTIFICATE: "資格確認書をお持ちでないため、高齢受給者証は要りません。",
    }
    return ElderlyAnswer(reason, sentences[reason])


def _not_due(facts: ElderlyFacts, wrong: dict[int, Wrong], on: date, through: date, law: Law) -> ElderlyAnswer:
    first = share_from(facts.member.birth_date, law)
    if first > through:
        text = f"{wareki(first)}（{law.elderly_age}歳になる月の翌月の1日）から高齢受給者証の対象です。"
        return ElderlyAnswer(ElderlyReason.UNDER_AGE, text, wrong=wrong)
    held = [p for p in facts.papers if p.live and p.id not in wrong and p.valid_through >= on]
    if not held:
        return replace(_none(ElderlyReason.NO_CERTIFICATE), wrong=wrong)
    last = max(held, key=lambda p: p.valid_through)
    share = tenths(last.copayment_percent)
    text = f"お手元の高齢受給者証（{share}）が{wareki(last.valid_through)}まで使えます。"
    return ElderlyAnswer(ElderlyReason.IN_HAND, text, wrong=wrong)
