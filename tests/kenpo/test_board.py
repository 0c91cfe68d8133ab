"""The board's states: where each paper is, by when, whose turn it is, and the page that ends it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.decisions.gaps import Gap, Waiting
from certificates.models import Decision, EligibilityCertificate
from certificates.rules.facts import MemberFacts, as_json
from core.models import Clerk
from core.transitions import advance
from kenpo.month import surveys
from kenpo.pages.gap_steps import next_steps
from kenpo.people.board import gaps, standings
from mailing.models import Dispatch
from mailing.post import returns
from mailing.services import assemble, print_dispatch, prove_dispatch, seal, send
from members.models import Member, MynaStatus
from tests.conftest import run_command
from tests.kenpo.reading import text_of
from tests.mailing import build
from tests.mailing.build import Office

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 12)


@pytest.fixture
def office(db: None, home: Path, settings: Any) -> Office:
    settings.KENPO_TODAY = ON
    return build.office(certificate_channel="home")


@pytest.fixture
def desk(office: Office, client: Client) -> Client:
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    return client


def unregistered(office: Office, number: str = "1", name: str = "山田 太郎", **facts: Any) -> Member:
    (member,) = office.household(number, [name], **facts)
    MynaStatus.objects.create(person=member.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
    return member


def the_gap(office: Office, on: date = ON) -> Gap:
    (gap,) = gaps(office.insurer, on)
    assert standings(office.insurer, on, [gap.read.member_id])[gap.read.member_id].gap == gap
    return gap


def decided(office: Office, member: Member, outcome: str, reason: str, **days: date) -> Decision:
    facts = as_json(MemberFacts(member.acquired_on, member.person.birth_date))
    return Decision.objects.create(run=office.run, member=member, outcome=outcome, reason=reason, facts=facts, **days)


def leads_to(desk: Client, gap: Gap) -> str:
    """The words of the step that ends the gap; its page opens."""
    member = Member.objects.select_related("person").get(pk=gap.read.member_id)
    step = next_steps([gap], {member.pk: member})[member.pk]
    assert desk.get(step.url, follow=True).status_code == 200, step
    return step.label


def test_a_paper_is_followed_to_the_members_hands(office: Office, desk: Client) -> None:
    member = unregistered(office)
    due = date(2026, 11, 30)

    def stands(on: date = ON) -> tuple[Waiting, date | None, str]:
        gap = the_gap(office, on)
        return gap.waiting, gap.by, leads_to(desk, gap)

    assert stands() == (Waiting.DECISION, date(2026, 11, 16), "今月の判定を進める")
    (pk,) = office.certify([member], approved=False)
    assert stands() == (Waiting.APPROVAL, due, "月の判定を承認する")
    paper = EligibilityCertificate.objects.get(pk=pk)
    advance(paper, "approve", by=office.clerk, on=build.ON)
    assert stands() == (Waiting.ENCLOSING, due, "封入を計画する")
    (number,) = assemble(office.run, by=office.clerk, on=build.ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    assert stands() == (Waiting.PRINTING, due, "発送を進める")
    Dispatch.objects.filter(pk=number).update(planned_on=date(2026, 11, 16))
    assert stands() == (Waiting.PRINTING, date(2026, 11, 16), "発送を進める")
    print_dispatch(dispatch, by=office.clerk, on=build.ON)
    assert stands() == (Waiting.POSTING, date(2026, 11, 16), "発送を進める")
    prove_dispatch(dispatch)
    seal(dispatch, by=office.clerk, on=build.ON)
    send(dispatch, by=office.clerk, on=ON)
    paper.refresh_from_db()
    assert stands(paper.arrives_on - timedelta(1)) == (Waiting.DELIVERY, paper.arrives_on, "発送を見る")
    assert not gaps(office.insurer, paper.arrives_on)
    returns.receive(dispatch.envelopes.get().code, reason="moved", by=office.clerk, on=paper.arrives_on)
    assert stands(paper.arrives_on) == (Waiting.RETURNED, due, "返戻に対応する")


@pytest.mark.parametrize(
    ("name", "facts", "waiting", "label"),
    [
        ("山田 太郎", {"address_protected": True}, Waiting.ADDRESS, "安全な送付先を入れる"),
        ("山田 \U0002ffff郎", {}, Waiting.GLYPH, "印字する形を決める"),
        ("山田 〓郎", {}, Waiting.DAMAGE, "登録の文字を確かめる"),
    ],
)
def test_what_is_held_says_why(
    office: Office, desk: Client, name: str, facts: dict[str, Any], waiting: Waiting, label: str
) -> None:
    office.certify([unregistered(office, name=name, **facts)])
    gap = the_gap(office)
    assert gap.waiting is waiting and waiting.label.startswith("保留") and leads_to(desk, gap) == label


def test_a_case_that_is_asked_about_names_its_day(office: Office, desk: Client) -> None:
    (member,) = office.household("1")
    decided(office, member, "review", "missing_from_file", due_on=date(2026, 11, 12))
    gap = the_gap(office)
    assert (gap.waiting, gap.by) == (Waiting.INQUIRY, date(2026, 11, 12))
    assert leads_to(desk, gap) == "個別照会を起こす"


def test_where_no_paper_comes_in_time_the_interim_certificate_is_offered(office: Office, desk: Client) -> None:
    member = unregistered(office)
    decided(office, member, "not_needed", "too_late_for_paper", need_from=ON)
    gap = the_gap(office)
    assert (gap.waiting, gap.by) == (Waiting.TOO_LATE, ON)
    assert leads_to(desk, gap) == "資格証明書を印刷する"


def _begins_later(office: Office, member: Member) -> EligibilityCertificate:
    (pk,) = office.certify([member])
    paper = EligibilityCertificate.objects.get(pk=pk)
    advance(paper, "print", by=office.clerk, on=build.ON)
    advance(paper, "send", by=office.clerk, on=build.ON, sent_on=build.ON, arrives_on=ON)
    EligibilityCertificate.objects.filter(pk=pk).update(effective_on=date(2026, 12, 1))
    return paper


@pytest.mark.parametrize(
    ("need_from", "waiting"),
    [(ON - timedelta(1), Waiting.DECISION), (ON, Waiting.DECISION), (ON + timedelta(1), Waiting.TOO_LATE)],
)
def test_a_gap_before_a_posted_paper_that_the_rules_went_past(
    office: Office, need_from: date, waiting: Waiting
) -> None:
    member = unregistered(office)
    _begins_later(office, member)
    Decision.objects.filter(member=member).update(need_from=need_from)
    assert the_gap(office).waiting is waiting


def test_the_command_says_the_boards_words(office: Office) -> None:
    office.certify([unregistered(office, "1")])
    unregistered(office, "2")
    assert run_command("gaps", "--on", ON.isoformat()).out.splitlines() == ["1,1,00,封入待ち", "1,2,00,判定待ち", "2"]


def test_the_home_pages_figure_leaves_out_whom_only_the_post_keeps(office: Office, desk: Client, settings: Any) -> None:
    on_its_way = unregistered(office, "1")
    office.certify([on_its_way])
    paper = EligibilityCertificate.objects.get()
    advance(paper, "print", by=office.clerk, on=build.ON)
    advance(paper, "send", by=office.clerk, on=build.ON, sent_on=ON, arrives_on=ON + timedelta(10))
    unregistered(office, "2")
    surveys.KINDS["gaps"](office.insurer, ON)
    home = desk.get(reverse("admin:index"))
    shown = home.context["without"]
    assert (shown.total, shown.delivery[0]) == (1, 1)
    assert [words for words, _, _ in shown.waiting] == ["判定待ち"]
    assert "届くのを待っている人" in text_of(home.content.decode())
    board = desk.get(reverse("gaps"))
    said = text_of(board.content.decode())
    for words in ("手当てが要る人は", "月次判定の担当者", "郵便（作業は要りません）", "今月の判定を進める"):
        assert words in said
    lines = {line.member.pk: line for line in board.context["lines"]}
    assert "発送しました" in lines[on_its_way.pk].said


def test_the_board_asks_as_often_for_few_as_for_many(office: Office, desk: Client) -> None:
    def queries() -> int:
        surveys.KINDS["gaps"](office.insurer, ON)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(reverse("gaps")).status_code == 200
        return len(asked)

    office.certify([unregistered(office, "1")])
    few = queries()
    office.certify([unregistered(office, str(n)) for n in range(2, 31)])
    assert queries() == few


def test_every_state_has_a_turn_and_only_the_post_wants_no_work() -> None:
    assert all(each.turn for each in Waiting)
    assert [each for each in Waiting if not each.wants_work] == [Waiting.DELIVERY]


def test_approved_papers_outside_envelopes_are_queues_with_their_lists(office: Office, desk: Client) -> None:
    held = unregistered(office, "1", address_protected=True)
    office.certify([held, unregistered(office, "2")])
    assert assemble(office.run, by=office.clerk, on=build.ON).dispatches
    clear = unregistered(office, "3")
    office.certify([clear])
    told = {queue.title: queue for queue in desk.get(reverse("admin:index")).context["waiting"]}
    for title, members in (
        ("封入を待つ資格確認書", {clear}),
        ("保留の書類（安全な送付先の確認中）　手番：届出の担当者", {held}),
    ):
        listed = desk.get(told[title].url).context["cl"].result_list
        assert {paper.member for paper in listed} == members
        assert told[title].count == len(members)
