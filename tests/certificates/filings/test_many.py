"""A whole employer goes the same way as one person, in as many queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.decisions import ruling as rulings
from certificates.decisions.ruling import Question, Wish
from certificates.decisions.shares_ahead import foresee_shares
from certificates.models import ComingFace, Decision, EligibilityCertificate, Ruling, Run
from certificates.rules.codes import Basis, Ground
from core.errors import Refused
from core.models import Clerk, Event
from core.transitions import advance, advance_many
from members.models import Member, MynaStatus, ShareRelief
from members.services import policy_on, society
from tests.builders import POLICY
from tests.certificates.filings.office import ON, Office

pytestmark = pytest.mark.django_db
FEW, MANY = 5, 25
DECEMBER = date(2026, 12, 10)
SHARED = POLICY.replace("\n[insurer]", "share_on_face = true\n\n[insurer]")
# A batch may ask a little more where there is more to do, never once per cover.
SLACK = 3


@pytest.fixture
def two_employers(tmp_path: Path, clerk: Clerk) -> Office:
    """One with few people, one with many; each holds a posted 資格確認書 and has no マイナ保険証.

    All are 71, and have a relief of their share: the few through November, the many through December.
    """
    office = Office(tmp_path / "two", clerk, SHARED)
    for code, symbol, people in (("0001", "101", FEW), ("0002", "102", MANY)):
        office.folder.establishment(code, symbol=symbol)
        # The order of texts is not the order of the numbers.
        for number in range(1, people + 1):
            office.folder.insured(
                str(number),
                establishment_code=code,
                symbol=symbol,
                birth_date="1955-06-10",
                name=f"山田 太郎{number}{code}",
            )
    office.load()
    ShareRelief.objects.bulk_create(
        ShareRelief(
            member=member,
            valid_from=date(2026, 8, 1),
            valid_through=date(2026, 11, 30) if member.symbol == "101" else date(2026, 12, 31),
        )
        for member in Member.objects.all()
    )
    hold(Member.objects.order_by("pk"))
    return office


def hold(members: list[Member]) -> None:
    """Each gets one at once, it is posted, and the fund says that nobody is registered."""
    for member in members:
        made = rulings.issue(
            member.pk,
            cause="application",
            request="test:1",
            ground=Ground.NO_CARD,
            basis=Basis.APPLICATION,
            on=ON,
            by=None,
        )
        assert made.outcome == "issue"
    papers = EligibilityCertificate.objects.all()
    for verb in ("approve", "print"):
        advance_many(papers, verb, by=None, on=ON)
    advance_many(papers, "send", by=None, on=ON, sent_on=ON, arrives_on=ON)
    papers.update(basis=Basis.EX_OFFICIO, ground=Ground.NOT_REGISTERED)
    MynaStatus.objects.bulk_create(
        MynaStatus(person_id=member.person_id, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
        for member in members
    )


def of(symbol: str) -> list[Member]:
    return list(Member.objects.filter(symbol=symbol).order_by("pk"))


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def same_for_few_and_many(few: Callable[[], object], many: Callable[[], object]) -> None:
    counts = queries(few), queries(many)
    assert abs(counts[1] - counts[0]) <= SLACK, counts


@pytest.mark.parametrize("granted", [False, True], ids=["by the table", "granted"])
@pytest.mark.parametrize("effective_on", ["2026-12-01", "2026-11-10"], ids=["ahead", "today"])
def test_a_symbol_change_asks_as_much_for_few_as_for_many(
    two_employers: Office, effective_on: str, granted: bool
) -> None:
    if granted:
        EligibilityCertificate.objects.update(basis=Basis.APPLICATION, ground=Ground.LOST_CARD)
    file = two_employers.receive if effective_on == "2026-12-01" else two_employers.file

    def change(code: str, symbol: str) -> Callable[[], object]:
        data = {"establishment_code": code, "new_symbol": symbol}
        return lambda: file("symbol_change", None, effective_on, **data)

    same_for_few_and_many(change("0001", "201"), change("0002", "202"))

    mine = Ruling.objects.filter(request__startswith="filing:")
    assert mine.count() == FEW + MANY
    made = EligibilityCertificate.objects.filter(ruling__in=mine, status="proposed")
    assert {ruling.member_id for ruling in mine} == set(made.values_list("member_id", flat=True))
    if effective_on == "2026-12-01":
        assert made.exclude(coming=None).count() == ComingFace.objects.count() == FEW + MANY


def test_so_do_the_shares_that_change_by_the_calendar(two_employers: Office) -> None:
    def foresee(on: date, people: int) -> None:
        assert foresee_shares(on) == {"planned": people, "ruled": people, "issued": people}

    same_for_few_and_many(lambda: foresee(ON, FEW), lambda: foresee(DECEMBER, MANY))


def test_so_does_what_the_fund_reports(two_employers: Office) -> None:
    insurer = society()
    run = Run.objects.create(
        insurer=insurer,
        month=date(2026, 11, 1),
        as_of=date(2026, 10, 31),
        decided_on=ON,
        issue_on=ON,
        file_hash="",
        policy=policy_on(insurer, ON).as_json(),
        run_by=two_employers.clerk,
    )
    Decision.objects.create(run=run, member=of("101")[0], outcome="not_needed", reason="has_certificate", facts={})

    def news(symbol: str, people: int) -> Callable[[], None]:
        MynaStatus.objects.bulk_create(
            MynaStatus(person_id=member.person_id, as_of=ON, source="daily", state="returned") for member in of(symbol)
        )

        def follow() -> None:
            assert rulings.follow_news(insurer, on=ON) == people

        return follow

    same_for_few_and_many(lambda: news("101", FEW)(), lambda: news("102", MANY)())
    assert Ruling.objects.filter(request__startswith="status:").count() == FEW + MANY


def test_serials_go_in_the_order_of_the_lists(two_employers: Office) -> None:
    """Numbers as numbers: 2 before 10, whatever the order in which the covers are asked about."""
    asked = [
        Question(member.pk, "application", "test:2", wish=Wish(Ground.LOST_CARD, Basis.APPLICATION))
        for member in reversed(of("102"))
    ]
    made = rulings.rule_all(asked, on=ON, by=None)

    assert [ruling.member_id for ruling in made] == [question.member_id for question in asked]
    papers = EligibilityCertificate.objects.filter(ruling__in=made).order_by("serial")
    assert [int(paper.member.number) for paper in papers] == list(range(1, MANY + 1))
    assert len({int(paper.serial[:-1]) - place for place, paper in enumerate(papers)}) == 1


def test_each_ruling_and_each_paper_has_its_own_note(two_employers: Office) -> None:
    first, second = of("101")[:2]
    made = rulings.rule_all(
        [
            Question(first.pk, "filing", "test:2"),
            Question(second.pk, "application", "test:3", wish=Wish(Ground.LOST_CARD, Basis.APPLICATION)),
        ],
        on=ON,
        by=two_employers.clerk,
    )
    assert [ruling.outcome for ruling in made] == ["not_needed", "issue"]
    notes = Event.objects.filter(verb="rule", subject_id__in=[ruling.pk for ruling in made]).order_by("seq")
    assert [event.note for event in notes] == [
        {"request": "test:2", "outcome": "not_needed"},
        {"request": "test:3", "outcome": "issue"},
    ]
    (paper,) = made[1].certificates.all()
    proposed = Event.objects.get(subject=EligibilityCertificate._meta.label, subject_id=paper.pk, verb="propose")
    assert (proposed.note, proposed.actor) == ({"ruling": made[1].pk}, two_employers.clerk)


def test_a_cover_asked_about_twice_is_ruled_on_in_turn(two_employers: Office) -> None:
    """What the first ruling issues is known to the second; the same request is answered once."""
    member = of("101")[0]
    for paper in EligibilityCertificate.objects.filter(member=member):
        advance(paper, "supersede", by=None, on=ON)
    one, again, other = rulings.rule_all(
        [Question(member.pk, "filing", request) for request in ("test:2", "test:2", "test:3")], on=ON, by=None
    )
    assert one.pk == again.pk
    assert (one.outcome, other.outcome) == ("issue", "not_needed")
    assert rulings.rule_all([Question(member.pk, "filing", "test:2")], on=ON, by=None) == [one]
    assert EligibilityCertificate.objects.filter(member=member, status="proposed").count() == 1, "only the first issued"


def test_nobody_is_ruled_on_where_one_cannot_be(two_employers: Office) -> None:
    one, ended = of("101")[:2]
    Member.objects.filter(pk=ended.pk).update(lost_on=ON)
    before = Ruling.objects.count()
    with pytest.raises(Refused, match="資格が終わっている"):
        rulings.rule_all(
            [
                Question(member.pk, "application", "test:2", wish=Wish(Ground.LOST_CARD, Basis.APPLICATION))
                for member in (one, ended)
            ],
            on=ON,
            by=None,
        )
    assert Ruling.objects.count() == before
