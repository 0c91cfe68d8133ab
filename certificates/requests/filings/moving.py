"""A person goes on under another cover: 事業所の異動, 再雇用, 任意継続, 特例退職; the family goes along."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from certificates.decisions.granting import granted_among
from certificates.lifecycle import LIVE_STATES
from certificates.models import EligibilityCertificate
from certificates.requests.filings import covers, finding, papers
from certificates.requests.filings.case import Case
from certificates.requests.filings.covers import Place
from certificates.requests.filings.papers import Cause, Duty
from core.calendar import days_after, wareki
from core.text import identifier_key
from members.models import Member

Coverage = Member.CoverageKind
NEW_COVER = (
    "new_insurer_number",
    "new_symbol",
    "new_number",
    "new_branch_number",
    "new_establishment_code",
    "standard_monthly_remuneration_yen",
    "fund_registered_on",
)


def check_move(case: Case) -> None:
    """Another employer; with another number it is another cover, else the same one goes on."""
    if not _insured_alone(case):
        return
    if _new_number_told(case):
        _check_new_cover(case)
        return
    member = case.cover
    establishment = finding.establishment_of(case, member.insurer)
    if establishment is None:
        return
    case.found["establishment"] = establishment
    if establishment.symbol and identifier_key(establishment.symbol) != member.symbol_key:
        case.refuse("新しい事業所の記号は今の記号と違います。新しい記号と番号を入れて届け出てください。", "new_symbol")
    if case.effective_on < member.acquired_on or finding.last_day(member, case.law) < case.effective_on:
        case.refuse("異動日にこの資格がありません。資格取得日・喪失日を確認してください。", "effective_on")


def move(case: Case) -> None:
    if _new_number_told(case):
        _go_on(case, case.cover.coverage_kind)
        return
    establishment = case.found["establishment"]
    for one in [case.cover, *finding.dependents(case.cover, after=case.on)]:
        case.changed(one, "事業所", one.establishment, establishment)
        one.establishment = establishment
        one.save(update_fields=["establishment"])


def move_waits(case: Case) -> date | None:
    """A move within the cover is not dated, so it waits for its day; a new cover is."""
    return None if _new_number_told(case) else case.effective_on


def _new_number_told(case: Case) -> bool:
    member = case.cover
    symbol, number = case.value("new_symbol"), case.value("new_number")
    return bool(
        (symbol and identifier_key(symbol) != member.symbol_key)
        or (number and identifier_key(number) != member.number_key)
        or case.value("new_insurer_number", member.insurer.number) != member.insurer.number
    )


def check_rehire(case: Case) -> None:
    if _insured_alone(case):
        _check_new_cover(case)


def rehire(case: Case) -> None:
    _go_on(case, Coverage.REGULAR)


def check_special_retired(case: Case) -> None:
    check_rehire(case)


def special_retired(case: Case) -> None:
    _go_on(case, Coverage.SPECIAL_RETIRED)


def check_voluntary(case: Case) -> None:
    """任意継続 begins on the very day of the loss. Source: 健康保険法3条4項・37条."""
    if not _insured_alone(case):
        return
    member = case.cover
    if member.lost_on is None:
        case.refuse("まだ資格を喪失していません。先に資格喪失を届け出てください。")
        return
    if member.lost_on != case.effective_on:
        case.refuse(
            f"任意継続は前の資格の資格喪失日（{wareki(member.lost_on)}）に始まります。新しい資格の取得日を確認してください。",
            "effective_on",
        )
        return
    if member.coverage_kind == Coverage.VOLUNTARY:
        case.refuse("任意継続の資格からは任意継続にできません。")
    within_days, months = case.law.voluntary_within_days, case.law.voluntary_insured_months
    if case.received_on > days_after(member.lost_on, within_days - 1):
        case.odd(f"受付日が喪失日から{within_days}日を過ぎています。正当な理由があるか確認してください。")
    if _months_between(member) < months:
        case.odd(f"喪失前の被保険者の期間が{months}か月に足りません。前の保険の期間を確認してください。")
    _check_new_cover(case)


def voluntary(case: Case) -> None:
    _go_on(case, Coverage.VOLUNTARY)


def _months_between(member: Member) -> int:
    lost_on, begun = member.lost_on, member.acquired_on
    assert lost_on is not None
    whole = (lost_on.year - begun.year) * 12 + lost_on.month - begun.month
    return whole - (lost_on.day < begun.day)


def _insured_alone(case: Case) -> bool:
    if case.cover.kind == Member.Kind.INSURED:
        return True
    case.refuse("被扶養者です。被保険者の記号・番号で届け出てください。家族は一緒に移ります。")
    return False


def _check_new_cover(case: Case) -> None:
    """Refuses where the old cover, the new number or another cover of one of the family stands in the way."""
    old, since = case.cover, case.effective_on
    if since <= old.acquired_on:
        case.refuse(
            f"異動日が資格取得日（{wareki(old.acquired_on)}）より後ではありません。日付を確認してください。",
            "effective_on",
        )
    elif old.lost_on is not None and old.lost_on > since:
        case.refuse(
            f"前の資格の資格喪失日は{wareki(old.lost_on)}で、異動日にはまだ資格があります。どちらかの日を確認してください。",
            "effective_on",
        )
    elif old.lost_on is not None and old.lost_on <= old.acquired_on:
        case.refuse("前の資格の取得は取り消されています。資格取得として届け出てください。")
    place = _place(case)
    if place is None or case.refusals:
        return
    family = covers.family_going_along(case, old, since)
    case.found |= {"place": place, "family": family}
    ending = [old.pk, *(one.pk for one in family)]
    covers.check_number(case, place, _branch(case), since, ending=ending)
    covers.check_person(case, old.person, since, ending=ending)
    for one in family:
        covers.check_number(case, place, one.branch_number, since, ending=ending)
        if covers.overlaps(Q(person=one.person_id), since, ending=ending):
            case.refuse("家族に、期間の重なる別の資格がある方がいます。先にその届を出してください。")


def _place(case: Case) -> Place | None:
    old = case.cover
    insurer = finding.insurer_of(case, "new_insurer_number")
    if insurer is None:
        return None
    establishment = old.establishment
    if case.value("new_establishment_code"):
        named = finding.establishment_of(case, insurer)
        if named is None:
            return None
        establishment = named
    symbol = case.value("new_symbol") or establishment.symbol or old.symbol
    return Place(insurer, establishment, symbol, case.value("new_number") or old.number)


def _branch(case: Case) -> str:
    return str(case.value("new_branch_number", case.cover.branch_number))


def _go_on(case: Case, coverage_kind: str) -> None:
    """Ends what still runs, begins the new covers, carries over what is open, decides the family anew.

    Source: rules.md §3 (re-hire, move, 任意継続 give a new number and a new ``Member``).
    """
    old = case.cover
    family: list[Member] = case.found["family"]
    held = _papers_held(case, [old, *family])
    _end_old(case, old)
    insured = _next_cover(case, old, None, coverage_kind)
    case.found["new_member"] = insured
    begun = [insured, *(_next_cover(case, one, insured, coverage_kind) for one in family)]
    person_of = {one.pk: one.person_id for one in (old, *family)}
    holders = {person_of[member] for member in held.values()}
    grants = {person_of[member]: grant for member, grant in granted_among(held).items()}
    papers.decide_anew(
        case,
        [one.pk for one in begun],
        replaced={one.pk for one in begun if one.person_id in holders},
        granted={one.pk: grants[one.person_id] for one in begun if one.person_id in grants},
    )


def _papers_held(case: Case, ended: list[Member]) -> dict[int, int]:
    """資格確認書 of the old covers that would have served on, also what has been given back already; each with its cover."""
    papers_held = EligibilityCertificate.objects.filter(
        member__in=ended, status__in=(*LIVE_STATES, "superseded", "recovered"), valid_through__gte=case.effective_on
    )
    return dict(papers_held.values_list("pk", "member_id"))


def _end_old(case: Case, old: Member) -> None:
    """Ends the old cover with the family's where the filing itself does; their papers come back."""
    if old.lost_on is None:
        duty = Duty(Cause.SUPERSEDED, case.effective_on, supersede=True)
        ending = [old, *finding.dependents(old, after=case.effective_on)]
    else:
        duty = Duty(Cause.LOSS, old.lost_on)
        ending = [old, *finding.dependents(old, after=days_after(old.lost_on, -1))]
    covers.end_covers(case, ending, duty.since)
    papers.withdraw(case, [one.pk for one in ending], duty)


def _next_cover(case: Case, old: Member, insured: Member | None, coverage_kind: str) -> Member:
    pay: Any = None
    if insured is None:
        pay = case.value("standard_monthly_remuneration_yen", old.standard_monthly_remuneration_yen)
    # A dependent's loss that is known already stays known.
    lost_on = old.lost_on if insured and old.lost_on and old.lost_on > case.effective_on else None
    new = covers.new_cover(
        case,
        case.found["place"],
        old.person,
        lost_on=lost_on,
        branch_number=old.branch_number if insured else _branch(case),
        insured=insured,
        relationship=old.relationship,
        coverage_kind=coverage_kind,
        standard_monthly_remuneration_yen=pay,
        fund_registered_on=case.value("fund_registered_on"),
    )
    case.follows("cover_opened", [new.pk], former=old.pk)
    covers.carry_over(case, old, new)
    return new
