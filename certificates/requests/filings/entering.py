"""Cover begins: 資格取得 and 被扶養者追加, with the wish for a 資格確認書 (発行要否)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from certificates.decisions import reading
from certificates.requests.filings import covers, finding, papers, persons
from certificates.requests.filings.case import Case
from certificates.requests.filings.covers import Place
from certificates.requests.filings.phrases import Saying
from certificates.rules import monthly
from certificates.rules.codes import Ground
from core.calendar import month_end_after
from core.text import identifier_key
from members.models import Establishment, Member, Person

SAYINGS: Mapping[str, Saying] = {
    "wish_not_granted": lambda f: (
        f"発行の希望（{Ground(f['ground']).label}）は、マイナ保険証が使えるか運用設定で受け付けない事由のため、"
        "通常の判定によります。"
    )
}

DEFAULT_GROUND = Ground.NOT_REGISTERED
OF_THE_FUND = (Ground.NOT_REGISTERED, Ground.E_CERTIFICATE_EXPIRED)
"""Grounds that only the fund's word, or what is known here, makes true."""


def check_acquisition(case: Case) -> None:
    insurer = finding.insurer_of(case)
    if insurer is None:
        return
    establishment = finding.establishment_of(case, insurer, "establishment_code")
    person = finding.known_person(case)
    if establishment is None or case.refusals:
        return
    symbol = case.value("symbol")
    place = Place(insurer, establishment, symbol, case.value("number"))
    case.found |= {"place": place, "person": person}
    covers.check_number(case, place, case.value("branch_number", ""), case.effective_on)
    _check_who(case, person)
    _odd_entry(case, establishment)


def _check_who(case: Case, person: Person | None) -> None:
    persons.check_entry(case, person)
    if person is not None:
        covers.check_person(case, person, case.effective_on)
    else:
        resident = case.value("resident", True)
        covers.check_age(case, case.value("birth_date"), resident=resident, since=case.effective_on)


def _odd_entry(case: Case, establishment: Establishment) -> None:
    regular = case.value("coverage_kind", "regular") == Member.CoverageKind.REGULAR
    expected = identifier_key(establishment.symbol)
    if regular and expected and expected != identifier_key(case.value("symbol")):
        case.odd("事業所の記号と違います。届書の記号を確認してください。")
    if not case.policy.municipal and not case.value("standard_monthly_remuneration_yen"):
        case.odd("被保険者の標準報酬月額がありません。")


def acquire(case: Case) -> None:
    """Begins an insured person's cover; someone on record goes on as the same person."""
    known: Person | None = case.found["person"]
    before = known.covers.order_by("-acquired_on").first() if known else None
    person = persons.take_in(case, known)
    member = covers.new_cover(
        case,
        case.found["place"],
        person,
        branch_number=case.value("branch_number", ""),
        insured=None,
        relationship=case.value("relationship", "本人"),
        coverage_kind=case.value("coverage_kind", Member.CoverageKind.REGULAR),
        standard_monthly_remuneration_yen=case.value("standard_monthly_remuneration_yen"),
        fund_registered_on=case.value("fund_registered_on"),
    )
    _begun(case, member, before)


def check_added(case: Case) -> None:
    insured = case.cover
    if insured.kind != Member.Kind.INSURED:
        case.refuse("被扶養者は被保険者に付けます。被保険者の記号・番号で届け出てください。")
        return
    since = case.effective_on
    if since < insured.acquired_on or finding.last_day(insured, case.law) < since:
        case.refuse(
            "認定日に被保険者の資格がありません。被保険者の資格取得日・喪失日を確認してください。", "effective_on"
        )
    place = Place(insured.insurer, insured.establishment, insured.symbol, insured.number)
    person = finding.known_person(case)
    case.found["person"] = person
    covers.check_number(case, place, case.value("branch_number", ""), since)
    _check_who(case, person)


def add_dependent(case: Case) -> None:
    """Begins a dependent's cover under the insured person's number."""
    insured, known = case.cover, case.found["person"]
    before = known.covers.order_by("-acquired_on").first() if known else None
    person = persons.take_in(case, known)
    place = Place(insured.insurer, insured.establishment, insured.symbol, insured.number)
    member = covers.new_cover(
        case,
        place,
        person,
        branch_number=case.value("branch_number", ""),
        insured=insured,
        relationship=case.value("relationship", ""),
        coverage_kind=insured.coverage_kind,
        fund_registered_on=case.value("fund_registered_on"),
        # Who joins while the insured person's loss is known leaves with it.
        lost_on=insured.lost_on,
    )
    _begun(case, member, before)


def _begun(case: Case, member: Member, before: Member | None) -> None:
    case.found["new_member"] = member
    case.follows("cover_opened", [member.pk], former=before.pk if before else None)
    if before is not None:
        covers.carry_over(case, before, member)
    if case.value("certificate_wanted"):
        _issue_as_ticked(case, member)
    else:
        papers.decide_anew(case, [member.pk])


def wish_waits(case: Case) -> date | None:
    """The day from which a ticked certificate can be issued, when the cover begins only after the next run's paper."""
    if not case.value("certificate_wanted"):
        return None
    # First day of the month before: from then on the cover begins by the next run's paper.
    return month_end_after(case.effective_on, -1).replace(day=1)


def _issue_as_ticked(case: Case, member: Member) -> None:
    """The tick 発行要否 is an application; of whom the fund has said nothing yet, short-term. Source: rules.md §4, §8.

    A マイナ保険証 that is known to be usable, or a ground the society does not accept, is no reason to
    issue: then the month's rules decide.
    """
    ground = Ground.of(case.value("certificate_ground", DEFAULT_GROUND))
    accepted = bool({"anyone", str(ground)} & set(case.policy.accepted_grounds))
    facts = reading.facts_of(case.society.pk, case.on, [member.pk])[member.pk]
    usable = monthly.myna(facts, case.law, on=case.on)
    if not usable.known and (ground in OF_THE_FUND or not accepted):
        papers.issue_as_wanted(case, member.pk, Ground.NEW_MEMBER)
        return
    first = max(case.on, case.effective_on)
    has_myna = usable.last_day is not None and usable.last_day >= first
    anyone = "anyone" in case.policy.accepted_grounds
    if not accepted or (ground in OF_THE_FUND and has_myna and not anyone):
        case.follows("wish_not_granted", [member.pk], ground=str(ground))
        papers.decide_anew(case, [member.pk])
        return
    if ground in OF_THE_FUND:
        # Nobody is told that a registration is missing, or has run out, unless a row says so.
        true_of, _ = monthly.ground(facts, usable, first, as_of=case.on)
        ground = Ground.ANYONE if has_myna else Ground.of(true_of)
    papers.issue_as_wanted(case, member.pk, ground)
