"""The one answer as it is read from records: each of its ten lines, in a fixed number of queries, and true by the tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates.decisions.gaps import Waiting
from certificates.models import Application, Decision, EligibilityCertificate, LegacyCard, Recovery
from certificates.requests import filings
from certificates.rules.answer import Answer, Line
from certificates.rules.facts import MemberFacts, as_json
from core.transitions import advance
from kenpo.people.answers import answer_of, answers
from kenpo.people.board import gaps
from mailing.models import Dispatch
from mailing.post import returns, tracking
from mailing.services import assemble, print_dispatch, prove_dispatch, seal, send
from members.models import Member, MynaStatus, Person
from members.services import society
from tests.conftest import run_command
from tests.mailing import build
from tests.mailing.build import Office
from tests.story.month import invent_and_load, play

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 16)
POSTED_ON = date(2026, 11, 12)
ARRIVES_ON = date(2026, 11, 22)


@pytest.fixture
def office(db: None, home: Path, settings: Any) -> Office:
    settings.KENPO_TODAY = ON
    return build.office(certificate_channel="home")


def said_of(member: Member, on: date = ON) -> Answer:
    return answer_of(society(), list(Member.objects.filter(person_id=member.person_id)), on)[1]


def registered(member: Member, until: date) -> None:
    MynaStatus.objects.create(
        person=member.person,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        e_certificate_expires_on=until,
        registered_on=date(2022, 6, 1),
    )


def posted(office: Office, members: Sequence[Member]) -> list[EligibilityCertificate]:
    """Through envelopes and printer into the post."""
    ids = office.certify(members)
    for number in assemble(office.run, by=office.clerk, on=build.ON).dispatches:
        dispatch = Dispatch.objects.get(pk=number)
        print_dispatch(dispatch, by=office.clerk, on=build.ON)
        prove_dispatch(dispatch)
        seal(dispatch, by=office.clerk, on=build.ON)
        send(dispatch, by=office.clerk, on=POSTED_ON)
    return list(EligibilityCertificate.objects.filter(pk__in=ids))


def test_line_1_the_cover_has_ended_or_begins_later(office: Office) -> None:
    (gone,) = office.household("1")
    (paper,) = posted(office, [gone])
    Member.objects.filter(pk=gone.pk).update(lost_on=ON)
    Recovery.objects.create(
        certificate=paper, cause="loss", return_to="establishment", opened_on=ON, due_on=date(2026, 11, 23)
    )
    said = said_of(gone)
    assert said.line is Line.NO_COVER and said.return_by == date(2026, 11, 23)
    assert "令和8年11月15日で資格が終わっています" in said.sentence and "令和8年11月23日までに" in said.sentence
    (later,) = office.household("2")
    Member.objects.filter(pk=later.pk).update(acquired_on=ON + timedelta(1))
    assert said_of(later).sentence == "資格は令和8年11月17日からです。"


@pytest.mark.parametrize(
    ("ground", "words"),
    [("lost_card", "マイナンバーカードの紛失"), ("lost_certificate", "資格確認書の紛失"), ("no_card", "交付の申請")],
)
def test_line_2_it_was_asked_for_and_not_granted_yet(office: Office, ground: str, words: str) -> None:
    (member,) = office.household("1")
    Application.objects.create(
        member=member,
        kind="issue",
        ground=ground,
        received_on=date(2026, 11, 13),
        received_via="mail",
        due_on=date(2026, 11, 23),
    )
    said = said_of(member)
    assert (said.line, said.answer_by) == (Line.ASKED, date(2026, 11, 23))
    assert words in said.sentence and "令和8年11月13日に" in said.sentence and "資格証明書" in said.sentence


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("山田 太郎", {"nondisclosure": True}, "安全なお届け先をうかがうまで"),
        ("山田 \U00020bb7\U0002ffff郎", {}, "お名前の文字を確認しているため"),
        ("山田 〓郎", {}, "登録の文字が正しいか確認しているため"),
    ],
)
def test_line_3_the_paper_is_held(office: Office, name: str, facts: dict[str, Any], words: str) -> None:
    (member,) = office.household("1", [name], **facts)
    office.certify([member])
    assert assemble(office.run, by=office.clerk, on=build.ON).dispatches == []
    said = said_of(member)
    assert said.line is Line.HELD and said.sentence.startswith(words)


def test_lines_4_5_and_7_are_told_of_one_paper_as_it_travels(office: Office) -> None:
    (member,) = office.household("1")
    (paper,) = posted(office, [member])
    said = said_of(member, paper.arrives_on - timedelta(1))
    assert (said.line, said.posted_on, said.in_hand_on) == (Line.POSTED, POSTED_ON, paper.arrives_on)
    envelope = Dispatch.objects.get().envelopes.get()
    tracking.enter([(envelope.code, "131-12-38385-2")], by=office.clerk, on=POSTED_ON)
    assert "引受番号は131-12-38385-2です" in said_of(member, POSTED_ON).sentence
    for days in (0, 1):
        said = said_of(member, paper.arrives_on + timedelta(days))
        assert (said.line, said.usable_through) == (Line.PAPER_IN_HAND, paper.valid_through)
    returns.receive(envelope.code, reason="moved", by=office.clerk, on=date(2026, 11, 20))
    said = said_of(member, date(2026, 11, 20))
    assert said.line is Line.RETURNED and "令和8年11月20日に郵便で戻りました" in said.sentence


def test_line_6_names_the_step_that_the_paper_waits_for(office: Office) -> None:
    (member,) = office.household("1")
    (pk,) = office.certify([member], approved=False)
    paper = EligibilityCertificate.objects.get(pk=pk)
    assert "承認を待っています" in said_of(member).sentence
    advance(paper, "approve", by=office.clerk, on=build.ON)
    assert "封入を待っています" in said_of(member).sentence
    (number,) = assemble(office.run, by=office.clerk, on=build.ON).dispatches
    assert "印刷を待っています" in said_of(member).sentence
    print_dispatch(Dispatch.objects.get(pk=number), by=office.clerk, on=build.ON)
    said = said_of(member)
    assert said.line is Line.PREPARED and "発送を待っています" in said.sentence


def test_lines_7_and_8_are_said_first_where_another_paper_is_under_way(office: Office) -> None:
    (member,) = office.household("1")
    registered(member, date(2027, 1, 5))
    said = said_of(member)
    assert (said.line, said.usable_through) == (Line.MYNA_USABLE, date(2027, 4, 30))
    office.certify([member], approved=False)
    said = said_of(member)
    assert said.line is Line.PREPARED and said.sentence.startswith("マイナ保険証が令和9年4月30日まで使えます。")
    assert said.short.startswith("資格確認書を用意しています") and said.usable_through == date(2027, 4, 30)


def test_a_face_that_changes_on_a_day_to_come(office: Office) -> None:
    """In hand since 11-15, filed on 11-16 for 12-01, the next one posted on 11-26: in hand on 11-29 or 12-06."""
    (member,) = office.household("0001")
    (paper,) = posted(office, [member])
    told = {"effective_on": "2026-12-01", "name": "山本 太郎", "name_kana": "ヤマモト タロウ"}
    filings.receive("name_change", member, told, received_on=ON, via="establishment", by=office.clerk)
    (new,) = EligibilityCertificate.objects.filter(member=member, status="proposed")
    until = "お手元の資格確認書が令和8年11月30日まで使えます。"
    back = "今お使いの資格確認書は令和8年12月8日までに当組合へ返してください。"
    said = said_of(member)
    assert (said.line, said.sentence) == (
        Line.PREPARED,
        f"{until}資格確認書を用意しています（承認を待っています）。{back}",
    )
    assert (said.usable_through, said.return_by) == (date(2026, 11, 30), date(2026, 12, 8))
    for verb in ("approve", "print"):
        advance(new, verb, by=None, on=ON)
    sent = {"sent_on": date(2026, 11, 26), "arrives_on": date(2026, 11, 29)}
    advance(new, "send", by=None, on=sent["sent_on"], **sent)
    said = {day: said_of(member, day) for day in (date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 30))}
    assert [each.line for each in said.values()] == [Line.POSTED, Line.PAPER_IN_HAND, Line.PAPER_IN_HAND]
    assert said[date(2026, 11, 30)].sentence == (
        f"{until}そのあとは令和8年12月8日までに当組合へ返してください。令和8年12月1日からは、お届けした次の資格確認書をお使いください。"
    )
    for day in (date(2026, 12, 1), date(2026, 12, 2)):
        filings.apply_due(on=day)
        said_now = said_of(member, day)
        assert said_now.usable_through == new.valid_through and not gaps(office.insurer, day)
        assert said_now.sentence.endswith("前の資格確認書は令和8年12月8日までに当組合へ返してください。")
    paper.refresh_from_db()
    assert (paper.status, Recovery.objects.get(certificate=paper).status) == ("superseded", "open")


@pytest.mark.parametrize(
    ("on", "waiting"),
    [(date(2026, 11, 17), None), (date(2026, 11, 18), Waiting.APPROVAL), (date(2026, 11, 19), Waiting.APPROVAL)],
)
def test_what_cannot_come_before_the_day_is_a_gap_from_the_day(
    office: Office, on: date, waiting: Waiting | None
) -> None:
    """Filed on 11-16 for 11-18: proposed at once, and on the board from 11-18 until it is in hand."""
    (member,) = office.household("0001")
    posted(office, [member])
    told = {"effective_on": "2026-11-18", "name": "山本 太郎", "name_kana": "ヤマモト タロウ"}
    filings.receive("name_change", member, told, received_on=ON, via="establishment", by=office.clerk)
    (new,) = EligibilityCertificate.objects.filter(member=member, status="proposed")
    filings.apply_due(on=on)
    assert [(gap.waiting, gap.certificate) for gap in gaps(office.insurer, on)] == (
        [(waiting, new.pk)] if waiting else []
    )
    assert said_of(member, on).usable_through == (None if waiting else date(2026, 11, 17))


def test_lines_9_and_10_nothing_is_in_hand(office: Office) -> None:
    asked, nothing = office.household("1")[0], office.household("2")[0]
    row = MemberFacts(asked.acquired_on, asked.person.birth_date)
    Decision.objects.create(
        run=office.run,
        member=asked,
        outcome="review",
        reason="missing_from_file",
        due_on=date(2026, 11, 18),
        facts=as_json(row),
    )
    said = said_of(asked)
    assert (said.line, said.answer_by) == (Line.OPEN_CASE, date(2026, 11, 18))
    assert said.sentence == "10月の情報に載っていないため確認中です。令和8年11月18日までにご連絡します。"
    MynaStatus.objects.create(person=nothing.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
    said = said_of(nothing)
    assert said.line is Line.NOTHING and "令和8年12月14日までの月次判定で" in said.sentence


def test_fifty_covers_cost_no_more_queries_than_one(office: Office) -> None:
    (first,) = office.household("1")
    others = [office.household(str(n))[0] for n in range(2, 51)]
    posted(office, [first, *others])

    def queries(covers: Sequence[Member]) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert len(answers(office.insurer, covers, ON)) == len(covers)
        return len(asked)

    assert queries([first]) == queries([first, *others]) < 20


def test_the_commands_begin_with_the_answer(office: Office) -> None:
    (member,) = office.household("1")
    office.certify([member], approved=False)
    said = said_of(member)
    lines = run_command("answer", "1", "1", "00", "--on", ON.isoformat()).out.splitlines()
    assert lines == ["6", said.sentence]
    lines = run_command("why", "1", "1").out.splitlines()
    assert lines[0] == said.sentence
    assert lines[1].endswith("令和8年11月") and len(lines) > 3


def test_why_answers_for_each_person_of_a_number(office: Office) -> None:
    both = office.household("1", ["山田 太郎", "山田 花子"])
    office.certify([both[1]], approved=False)
    lines = run_command("why", "1", "1").out.splitlines()
    for member in both:
        heading = next(place for place, line in enumerate(lines) if line.startswith(f"{member} "))
        assert lines[heading - 1] == said_of(member).sentence


def test_a_number_that_nobody_has_is_refused(office: Office) -> None:
    for name in ("answer", "why"):
        answer = run_command(name, "9", "9")
        assert answer.code != 0 and "見つかりません" in answer.err and not answer.out


# By the tables of an invented society.


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _myna_ends(person: Person) -> set[date]:
    """Last days of the third month after each expiry that was ever told of the person."""
    ends = set()
    for expiry in person.myna_statuses.exclude(e_certificate_expires_on=None).values_list(
        "e_certificate_expires_on", flat=True
    ):
        day = expiry
        for _ in range(3):
            day = _month_end(day) + timedelta(days=1)
        ends.add(_month_end(day))
    return ends


def untrue(member: Member, said: Answer, on: date) -> list[str]:
    """What the sentence claims and the tables do not hold."""
    papers = list(EligibilityCertificate.objects.filter(member__person_id=member.person_id))
    found = []
    if said.usable_through is not None:
        in_hand = [
            p.valid_through
            for p in papers
            if p.status == "sent" and p.arrives_on and p.arrives_on <= on and p.effective_on <= on <= p.valid_through
        ]
        card = LegacyCard.objects.filter(member__person_id=member.person_id, status="valid").exists()
        last = max([*in_hand, *_myna_ends(member.person)], default=None)
        if said.usable_through < on or not (card or (last is not None and said.usable_through <= last)):
            found.append(f"usable through {said.usable_through}")
        if "お手元の資格確認書" in said.sentence.split("。")[0] and not in_hand:
            found.append("in hand")
    if said.posted_on is not None and (said.posted_on, said.in_hand_on) not in {
        (p.sent_on, p.arrives_on) for p in papers if p.status == "sent"
    }:
        found.append(f"posted on {said.posted_on}")
    duties = Recovery.objects.filter(certificate__in=papers, status="open").values_list("due_on", flat=True)
    if said.return_by is not None and said.return_by not in set(duties):
        found.append(f"return by {said.return_by}")
    return found


def test_every_answer_of_an_invented_society_is_true_by_the_tables(
    db: None, home: Path, tmp_path: Path, settings: Any
) -> None:
    settings.KENPO_TODAY = date(2026, 11, 10)  # the day of the run
    invent_and_load(tmp_path / "in", members=200)
    play(tmp_path)
    covers = list(Member.objects.select_related("person"))
    seen: set[Line] = set()
    for on in (date(2026, 11, 10), date(2026, 11, 15), date(2026, 11, 25), date(2027, 3, 1)):
        said = answers(society(), covers, on)
        wrong = {str(cover): found for cover in covers if (found := untrue(cover, said[cover.pk], on))}
        assert wrong == {}, on
        seen |= {each.line for each in said.values()}
        without = {gap.read.member_id for gap in gaps(society(), on)}
        spoken = {pk for pk, each in said.items() if each.line is not Line.NO_COVER and each.usable_through is None}
        assert spoken == without, on
    assert {Line.NO_COVER, Line.POSTED, Line.PAPER_IN_HAND, Line.MYNA_USABLE} <= seen
