"""高齢受給者証: who is due one on which day, its share and end, and what becomes of it when the share changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.elderly import approve_elderly, propose_elderly, supersede_changed_shares
from certificates.elderly_rule import (
    ElderlyAnswer,
    ElderlyFacts,
    ElderlyReason,
    HeldElderly,
    Income,
    Wrong,
    elderly_due,
    next_share_change,
)
from certificates.facts import HeldCertificate, InsuredCover, MemberFacts
from certificates.law import law_on
from certificates.models import (
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Recovery,
    Ruling,
)
from certificates.serials import valid
from core.errors import Refused
from core.models import Clerk, Event
from core.transitions import advance_many
from members.models import Member, Policy, ShareRelief
from members.policy import build as build_policy
from tests.conftest import run_command
from tests.mailing import build
from tests.mailing.build import DECIDED_ON, ON, Office

DAY = timedelta(1)
LAW = law_on(ON)
APART = build_policy("kyokai", {})  # the share is not on the face, no day of review
BORN = date(1956, 11, 15)  # reaches 70 on 2026-11-14
FIRST = date(2026, 12, 1)
LAST = date(2031, 11, 14)  # the day before 75
HELD = HeldCertificate(1, date(2025, 12, 2), date(2030, 12, 1))


def facts(born: date = BORN, *papers: HeldElderly, **known: Any) -> ElderlyFacts:
    """An insured person with 300,000 yen and a certificate, unless said otherwise."""
    income = known.pop("income", Income(born, 300_000))
    member = {"acquired_on": date(2010, 4, 1), "birth_date": born, "certificates": (HELD,)} | known
    return ElderlyFacts(MemberFacts(**member), income, papers)


def ask(known: ElderlyFacts, on: date, through: date | None = None, **policy: Any) -> ElderlyAnswer:
    return elderly_due(known, on, through=through, policy=replace(APART, **policy), law=LAW)


def period(answer: ElderlyAnswer) -> tuple[Any, ...]:
    (paper,) = answer.due
    return (
        paper.cause,
        paper.copayment_percent,
        paper.effective_on,
        paper.valid_through,
        str(paper.limit),
    )


# --- who, from which day ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "first"),
    [
        (date(1956, 11, 1), date(2026, 11, 1)),  # 70 is reached on the last day of October
        (date(1956, 11, 2), date(2026, 12, 1)),
        (date(1956, 12, 1), date(2026, 12, 1)),
        (date(1956, 12, 2), date(2027, 1, 1)),
        (date(1956, 2, 29), date(2026, 3, 1)),
    ],
)
def test_due_from_the_first_day_of_the_month_after_70(born: date, first: date) -> None:
    assert ask(facts(born), first - DAY).reason == ElderlyReason.UNDER_AGE
    assert period(ask(facts(born), first))[:3] == ("turns_70", 30, first)
    later = ask(facts(born), first + DAY)
    assert period(later)[:3] == ("with_certificate", 30, first + DAY)


def test_a_round_takes_whoever_comes_into_the_ages_before_the_next_paper_arrives() -> None:
    assert ask(facts(), ON, FIRST - DAY).due == ()
    assert period(ask(facts(), ON, FIRST)) == ("turns_70", 30, FIRST, LAST, "turns_75")
    assert period(ask(facts(), ON, date(2026, 12, 31)))[2] == FIRST


@pytest.mark.parametrize(
    ("on", "reason"),
    [
        (LAST - DAY, ElderlyReason.DUE),
        (LAST, ElderlyReason.DUE),
        (LAST + DAY, ElderlyReason.NOT_COVERED),
    ],
)
def test_until_the_day_before_75(on: date, reason: ElderlyReason) -> None:
    held = HeldCertificate(1, date(2026, 12, 2), date(2031, 12, 1))
    answer = ask(facts(certificates=(held,)), on)
    assert answer.reason == reason
    assert [paper.valid_through for paper in answer.due] == ([LAST] if answer.due else [])


def test_only_where_the_share_is_not_on_the_face() -> None:
    assert ask(facts(), FIRST, share_on_face=True).reason == ElderlyReason.SHARE_ON_FACE
    assert ask(facts(), FIRST).reason == ElderlyReason.DUE


def test_only_who_holds_a_certificate_and_from_its_first_day() -> None:
    assert ask(facts(certificates=()), FIRST).reason == ElderlyReason.NO_CERTIFICATE
    later = HeldCertificate(2, date(2026, 12, 10), date(2031, 12, 9))
    assert period(ask(facts(certificates=(later,)), FIRST, date(2027, 1, 31)))[:3] == (
        "with_certificate", 30, date(2026, 12, 10),
    )  # fmt: skip
    assert ask(facts(certificates=(later,)), FIRST, date(2026, 12, 9)).due == ()


# --- until when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "policy", "end", "limit"),
    [
        ({}, {}, LAST, "turns_75"),
        ({}, {"share_review_day": "08-31"}, date(2027, 8, 31), "share_review"),
        ({"lost_on": date(2027, 4, 1)}, {}, date(2027, 3, 31), "coverage_end"),
        (
            {"coverage_kind": "voluntary", "acquired_on": date(2025, 4, 1)},
            {},
            date(2027, 3, 31),
            "voluntary_term",
        ),
        ({"resident": False}, {}, date(2031, 11, 30), "scheme"),
    ],
)
def test_the_earliest_limit_ends_it(known: Any, policy: Any, end: date, limit: str) -> None:
    assert period(ask(facts(**known), FIRST, **policy))[3:] == (end, limit)


def test_a_dependents_ends_with_the_insured_persons_cover() -> None:
    insured = InsuredCover("regular", date(2010, 4, 1), None, date(1954, 3, 10), True)
    known = facts(
        kind="dependent", insured=insured, income=Income(date(1954, 3, 10), 300_000)
    )  # fmt: skip
    assert period(ask(known, FIRST))[1:] == (30, FIRST, date(2029, 3, 9), "insured_person")


# --- which share ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("income", "share"),
    [
        (Income(BORN, 279_999), 20),
        (Income(BORN, 280_000), 30),
        (Income(BORN, None), 20),
        (Income(BORN, 280_000, ((FIRST, None),)), 20),
        (Income(BORN, 280_000, ((FIRST + DAY, None),)), 30),
        (Income(BORN, 280_000, ((date(2026, 8, 1), FIRST - DAY),)), 30),
        (Income(date(1957, 1, 1), 500_000), 20),  # the insured person is not yet there
    ],
)
def test_the_share_of_the_first_day_is_printed(income: Income, share: int) -> None:
    assert period(ask(facts(income=income), FIRST))[1] == share


def test_a_change_that_is_known_ahead_gets_its_own_paper_in_time() -> None:
    """Relief until the end of the year: 2割 until then, 3割 from the first day of the next one."""
    known = facts(income=Income(BORN, 300_000, ((date(2026, 1, 1), date(2026, 12, 31)),)))
    assert next_share_change(known, FIRST, LAW) == date(2027, 1, 1)
    answer = ask(known, FIRST, date(2027, 1, 31))
    assert [(p.cause, p.copayment_percent, p.effective_on) for p in answer.due] == [
        ("turns_70", 20, FIRST),
        ("share_change", 30, date(2027, 1, 1)),
    ]
    assert len(ask(known, FIRST, date(2026, 12, 31)).due) == 1


def test_the_insured_persons_70_changes_the_dependents_share() -> None:
    spouse = date(1954, 3, 10)
    known = facts(spouse, HeldElderly(7, date(2026, 4, 1), LAST, 20), income=Income(BORN, 300_000))
    before = ask(known, FIRST - DAY)
    assert (before.reason, before.wrong) == (ElderlyReason.IN_HAND, {})
    on_the_day = ask(known, FIRST)
    assert on_the_day.wrong == {7: Wrong.SHARE}
    assert period(on_the_day)[:3] == ("share_change", 30, FIRST)
    ahead = ask(known, FIRST - DAY, FIRST)
    assert (ahead.wrong, period(ahead)[:3]) == ({}, ("share_change", 30, FIRST))


# --- what is there already -----------------------------------------------------------------------------------


def test_one_in_hand_is_enough() -> None:
    held = HeldElderly(7, FIRST, LAST, 30)
    answer = ask(facts(BORN, held), FIRST, date(2027, 1, 31))
    assert (answer.reason, answer.due, answer.wrong) == (ElderlyReason.IN_HAND, (), {})
    assert answer.text == "お手元の高齢受給者証（3割）が令和13年11月14日まで使えます。"


@pytest.mark.parametrize("status", ["proposed", "approved", "printed", "sent", "returned"])
def test_every_live_paper_counts(status: str) -> None:
    assert ask(facts(BORN, HeldElderly(7, FIRST, LAST, 30, status)), FIRST).due == ()


@pytest.mark.parametrize("status", ["superseded", "recovered", "lost", "unrecoverable", "expired"])
def test_one_that_is_gone_is_replaced(status: str) -> None:
    gone = HeldElderly(7, FIRST, LAST, 30, status)
    assert period(ask(facts(BORN, gone), FIRST + DAY))[:3] == ("with_certificate", 30, FIRST + DAY)
    # Two papers with one first day could not be told apart.
    assert [p.effective_on for p in ask(facts(BORN, gone), FIRST, FIRST + DAY).due] == [FIRST + DAY]


def test_after_the_day_of_review_comes_the_next() -> None:
    held = HeldElderly(7, FIRST, date(2027, 8, 31), 30)
    review = {"share_review_day": "08-31"}
    assert ask(facts(BORN, held), date(2027, 7, 6), date(2027, 8, 31), **review).due == ()
    answer = ask(facts(BORN, held), date(2027, 8, 6), date(2027, 9, 30), **review)
    assert period(answer) == ("renewal", 30, date(2027, 9, 1), date(2028, 8, 31), "share_review")


def test_another_face_makes_it_wrong() -> None:
    held = HeldElderly(7, FIRST, LAST, 30, "sent", right=False)
    answer = ask(facts(BORN, held), FIRST + DAY)
    assert answer.wrong == {7: Wrong.FACE}
    assert period(answer)[:3] == ("with_certificate", 30, FIRST + DAY)


def test_what_is_not_posted_yet_and_needed_no_more_is_void() -> None:
    waiting, sent = HeldElderly(7, FIRST, LAST, 30, "approved"), HeldElderly(8, FIRST, LAST, 30)
    assert ask(facts(BORN, waiting, certificates=()), FIRST).wrong == {7: Wrong.NOT_NEEDED}
    assert ask(facts(BORN, sent, certificates=()), FIRST).wrong == {}


def test_one_proposed_with_a_share_that_changed_since_makes_room_for_the_new_one() -> None:
    waiting = HeldElderly(7, FIRST, LAST, 20, "proposed")
    answer = ask(facts(BORN, waiting), ON, FIRST)
    assert (answer.wrong, period(answer)[1:3]) == ({7: Wrong.SHARE}, (30, FIRST))


# --- in the database -----------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(home: Path) -> Office:
    return build.office(share_on_face=False)


@pytest.fixture
def other(office: Office) -> Clerk:
    return Clerk.objects.create_user("tanaka", role="clerk")


def born(member: Member, day: date) -> Member:
    member.person.birth_date = day
    member.person.save()
    return member


def family(office: Office, *days: date, number: str = "0001", certified: bool = True) -> list[Member]:
    """A household with these birth dates; each with an approved certificate of November."""
    members = office.household(number, ["山田 太郎", "山田 花子", "山田 三郎"][: len(days)])
    for member, day in zip(members, days, strict=True):
        born(member, day)
    if certified:
        office.certify(members)
    return members


def posted(office: Office, other: Clerk) -> None:
    """Everything proposed is approved by the other clerk and leaves."""
    approve_elderly(by=other, on=ON)
    for verb in ("print", "send"):
        advance_many(ElderlyBeneficiaryCertificate.objects.all(), verb, by=office.clerk, on=ON)


def shares() -> list[tuple[Any, ...]]:
    found = ElderlyBeneficiaryCertificate.objects.order_by("serial")
    return list(found.values_list("member_id", "copayment_percent", "effective_on", "status"))


def none(**counts: int) -> dict[str, int]:
    return {"proposed": 0, "superseded": 0, "voided": 0} | counts


def test_a_family_gets_one_each_in_the_order_of_the_lists_and_only_once(office: Office) -> None:
    insured, spouse, child = family(office, BORN, date(1955, 3, 1), date(1990, 1, 1))
    assert propose_elderly(None, by=office.clerk, on=ON) == none(proposed=3)
    made = list(ElderlyBeneficiaryCertificate.objects.order_by("serial"))
    assert [(m.member_id, m.cause, m.copayment_percent, m.effective_on, m.run) for m in made] == [
        (insured.pk, "turns_70", 30, FIRST, None),
        (spouse.pk, "with_certificate", 20, ON, None),
        # From December on the spouse's share follows the insured person's.
        (spouse.pk, "share_change", 30, FIRST, None),
    ]
    assert all(valid(m.serial) for m in made)
    assert (made[0].issued_on, made[0].valid_through) == (ON, date(2027, 8, 31))
    events = Event.objects.count()
    assert propose_elderly(None, by=office.clerk, on=ON) == none()
    assert Event.objects.count() == events and child.pk


def test_of_a_run_they_belong_to_it_and_later_only_to_days(office: Office) -> None:
    family(office, BORN)
    office.run.status = "proposed"
    assert propose_elderly(office.run, by=office.clerk, on=DECIDED_ON)["proposed"] == 1
    made = ElderlyBeneficiaryCertificate.objects.get()
    assert (made.run, made.issued_on) == (office.run, DECIDED_ON)
    assert propose_elderly(office.run, by=office.clerk, on=DECIDED_ON) == none()
    office.run.status = "approved"
    family(office, BORN, number="0002")
    assert propose_elderly(office.run, by=office.clerk, on=DECIDED_ON) == none()
    assert propose_elderly(None, by=office.clerk, on=ON) == none(proposed=1)


@pytest.mark.parametrize("on_face", [False, True])
def test_the_setting_decides_whether_there_is_any(office: Office, on_face: bool) -> None:
    Policy.objects.create(
        insurer=office.insurer, valid_from=ON, preset="toyobo",
        values=build_policy("toyobo", {"share_on_face": on_face}).as_json(),
    )  # fmt: skip
    family(office, date(1956, 1, 1))
    assert propose_elderly(None, by=office.clerk, on=ON)["proposed"] == (0 if on_face else 1)


def test_without_a_certificate_there_is_none(office: Office) -> None:
    family(office, date(1956, 1, 1), certified=False)
    assert propose_elderly(None, by=office.clerk, on=ON) == none()


@pytest.mark.parametrize(("days", "changed"), [(-1, False), (0, True), (1, True)])
def test_on_the_first_day_of_a_new_share_the_old_one_is_superseded(
    office: Office, other: Clerk, days: int, changed: bool
) -> None:
    """Relief until the end of the year: the paper for the new share is there before, the old one ends on its day."""
    (insured,) = family(office, date(1956, 1, 1))
    new_year = date(2027, 1, 1)
    relief = ShareRelief.objects.create(member=insured, valid_from=date(2026, 8, 1), valid_through=None)
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    relief.valid_through = new_year - DAY
    relief.save()
    counts = propose_elderly(None, by=office.clerk, on=new_year + timedelta(days))
    assert counts == none(proposed=1, superseded=int(changed))
    old, new = ElderlyBeneficiaryCertificate.objects.order_by("serial")
    assert (old.status, old.copayment_percent) == ("superseded" if changed else "sent", 20)
    assert (new.cause, new.copayment_percent) == ("share_change", 30)
    assert new.effective_on == max(new_year, new_year + timedelta(days))
    duties = Recovery.objects.filter(elderly_certificate=old)
    assert [(d.cause, d.status) for d in duties] == ([("superseded", "open")] if changed else [])


def test_remuneration_of_the_insured_person_changes_the_whole_family(office: Office, other: Clerk) -> None:
    insured, _ = family(office, date(1956, 1, 1), date(1955, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    insured.standard_monthly_remuneration_yen = 260_000
    insured.save()
    assert propose_elderly(None, by=office.clerk, on=ON + DAY) == none(proposed=2, superseded=2)
    assert {row[1:3] for row in shares()} == {(30, ON), (20, ON + DAY)}


def test_what_was_not_posted_is_void_and_made_anew_for_the_same_day(office: Office) -> None:
    (insured,) = family(office, BORN)
    propose_elderly(None, by=office.clerk, on=ON)
    insured.standard_monthly_remuneration_yen = 200_000
    insured.save()
    assert propose_elderly(None, by=office.clerk, on=ON) == none(proposed=1, voided=1)
    assert [row[1:] for row in shares()] == [(30, FIRST, "voided"), (20, FIRST, "proposed")]
    assert not Recovery.objects.exists()


def test_a_new_name_makes_it_wrong_on_its_face(office: Office, other: Clerk) -> None:
    (insured,) = family(office, date(1956, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    insured.person.name = "佐藤 太郎"
    insured.person.save()
    # The certificate is wrong as well: until another is there, no new paper is due beside it.
    assert propose_elderly(None, by=office.clerk, on=ON + DAY) == none(superseded=1)
    assert Recovery.objects.get().cause == "face_changed"
    office.certify([insured], sequence=1)
    assert propose_elderly(None, by=office.clerk, on=ON + DAY) == none(proposed=1)


def test_one_that_came_back_by_post_is_taken_back_without_a_duty(office: Office, other: Clerk) -> None:
    (insured,) = family(office, date(1956, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    posted(office, other)
    papers = ElderlyBeneficiaryCertificate.objects.all()
    advance_many(papers, "return", by=office.clerk, on=ON, reason="転居先不明")
    insured.standard_monthly_remuneration_yen = 200_000
    insured.save()
    propose_elderly(None, by=office.clerk, on=ON + DAY)
    assert [row[3] for row in shares()] == ["recovered", "proposed"]
    assert not Recovery.objects.exists()


def test_two_pairs_of_eyes(office: Office, other: Clerk) -> None:
    family(office, date(1956, 1, 1))
    propose_elderly(None, by=office.clerk, on=ON)
    with pytest.raises(Refused, match="別の担当者"):
        approve_elderly(by=office.clerk, on=ON)
    with pytest.raises(Refused, match="権限"):
        approve_elderly(by=Clerk.objects.create_user("auditor", role="auditor"), on=ON)
    assert approve_elderly(by=other, on=ON) == 1
    assert approve_elderly(by=other, on=ON) == 0
    assert ElderlyBeneficiaryCertificate.objects.get().status == "approved"


def test_an_auditor_proposes_nothing(office: Office) -> None:
    with pytest.raises(Refused, match="権限"):
        propose_elderly(None, by=Clerk.objects.create_user("auditor", role="auditor"), on=ON)


def test_the_number_of_queries_does_not_grow_with_the_people(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    for n in range(1, 9):
        family(office, date(1956, 1, n), date(1955, 1, n), number=f"{n:04d}")
    with django_assert_max_num_queries(20):
        assert propose_elderly(None, by=office.clerk, on=ON)["proposed"] == 16


def test_the_command_proposes_and_the_other_clerk_approves(office: Office, other: Clerk) -> None:
    family(office, BORN)
    day = ("--on", ON.isoformat())
    said = run_command("elderly", "--by", "haraguchi", *day)
    assert (said.code, said.json) == (0, {"proposed": 1, "superseded": 0, "voided": 0})
    assert run_command("elderly", "--by", "haraguchi", *day).json == {
        "proposed": 0, "superseded": 0, "voided": 0,
    }  # fmt: skip
    assert run_command("elderly", "--approve", "--by", "haraguchi", *day).code == 1
    assert run_command("elderly", "--approve", "--by", "tanaka", *day).json == {"approved": 1}


# --- where the share is on the face ----------------------------------------------------------------------------


@pytest.fixture
def facing(home: Path) -> Office:
    return build.office(share_on_face=True)


def carried(office: Office, member: Member) -> EligibilityCertificate:
    """A posted certificate that carries the share."""
    (pk,) = office.certify([member])
    certificates = EligibilityCertificate.objects.filter(pk=pk)
    for verb in ("print", "send"):
        advance_many(certificates, verb, by=office.clerk, on=DECIDED_ON)
    return certificates.get()


@pytest.mark.parametrize(("days", "changed"), [(-1, False), (0, True), (1, True)])
def test_the_certificate_itself_is_superseded_on_the_first_day_of_the_new_share(
    facing: Office, days: int, changed: bool
) -> None:
    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    ShareRelief.objects.create(member=insured, valid_from=date(2026, 8, 1), valid_through=date(2026, 12, 31))
    on = date(2027, 1, 1) + timedelta(days)
    counts = supersede_changed_shares(on, by=facing.clerk)
    certificate.refresh_from_db()
    if not changed:
        assert (set(counts.values()), certificate.status) == ({0}, "sent")
        return
    assert counts == {"superseded": 1, "voided": 0, "ruled": 1, "issued": 0}
    assert certificate.status == "superseded"
    assert Recovery.objects.get(certificate=certificate).cause == "superseded"
    made = Ruling.objects.get()
    assert made.request == f"share:{certificate.pk}:{on.isoformat()}"
    assert set(supersede_changed_shares(on, by=facing.clerk).values()) == {0}


def test_whoever_has_no_other_route_gets_a_new_one_at_once(facing: Office) -> None:
    from members.models import MynaStatus

    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    MynaStatus.objects.create(
        person=insured.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered"
    )
    ShareRelief.objects.create(member=insured, valid_from=DECIDED_ON, valid_through=ON - DAY)
    assert supersede_changed_shares(ON, by=facing.clerk)["issued"] == 1
    new = EligibilityCertificate.objects.exclude(pk=certificate.pk).get()
    assert (new.effective_on, new.status, new.kind) == (ON, "proposed", "new")


def test_the_insured_persons_70_ends_the_spouses_certificate(facing: Office) -> None:
    _, spouse = family(facing, BORN, date(1954, 3, 10), certified=False)
    certificate = carried(facing, spouse)
    assert supersede_changed_shares(FIRST - DAY, by=facing.clerk)["superseded"] == 0
    assert supersede_changed_shares(FIRST, by=facing.clerk)["superseded"] == 1
    certificate.refresh_from_db()
    assert certificate.status == "superseded"


def test_what_is_known_to_be_printed_goes_before_the_facts(facing: Office) -> None:
    """Remuneration is not dated: a certificate printed with 2割 before it rose is found by what was printed."""
    (insured,) = family(facing, date(1956, 1, 1), certified=False)
    certificate = carried(facing, insured)
    assert supersede_changed_shares(ON, by=facing.clerk)["superseded"] == 0
    assert supersede_changed_shares(ON, by=facing.clerk, printed={certificate.pk: 30})["superseded"] == 0
    assert supersede_changed_shares(ON, by=facing.clerk, printed={certificate.pk: 20})["superseded"] == 1


def test_one_that_is_not_posted_is_void_and_one_without_a_share_stays(facing: Office) -> None:
    late, young = (
        family(facing, day, number=n)[0] for day, n in ((date(1956, 1, 1), "0001"), (BORN, "0002"))
    )
    for member in (late, young):
        ShareRelief.objects.create(member=member, valid_from=DECIDED_ON, valid_through=ON - DAY)
    counts = supersede_changed_shares(ON, by=facing.clerk)
    assert (counts["superseded"], counts["voided"]) == (0, 1)
    statuses = dict(EligibilityCertificate.objects.values_list("member_id", "status"))
    assert statuses == {late.pk: "voided", young.pk: "approved"}
    assert not Recovery.objects.exists()


def test_where_the_share_stands_apart_no_certificate_is_touched(office: Office) -> None:
    (insured,) = family(office, date(1956, 1, 1), certified=False)
    carried(office, insured)
    ShareRelief.objects.create(member=insured, valid_from=DECIDED_ON, valid_through=ON - DAY)
    assert set(supersede_changed_shares(ON, by=office.clerk).values()) == {0}
