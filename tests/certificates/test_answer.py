"""What the office says today: the line that holds, and that every day in the sentence is the facts' own."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.rules.answer import Asked, Duty, Hold, Known, Line, OpenCase, Paper, Step, Wish, answer
from certificates.rules.codes import Detail, Reason
from core.calendar import FAR_FUTURE, wareki

ON = date(2026, 11, 12)
DAY = timedelta(days=1)
COVER: dict[str, Any] = {"first_day": date(2020, 4, 1), "last_day": FAR_FUTURE}
IN_HAND = Paper(
    first_day=date(2025, 4, 1),
    last_day=date(2030, 3, 31),
    status="sent",
    sent_on=date(2025, 3, 20),
    in_hand_on=date(2025, 3, 30),
)
POSTED = Paper(
    first_day=date(2026, 11, 10),
    last_day=date(2031, 11, 9),
    status="sent",
    sent_on=date(2026, 11, 10),
    in_hand_on=date(2026, 11, 20),
)
PREPARED = Paper(
    first_day=ON, last_day=date(2031, 11, 11), status="approved", step=Step.ENCLOSING, post_on=date(2026, 11, 16)
)
RETURNED = replace(POSTED, status="returned", returned_on=date(2026, 11, 11))
LOST = Asked(wish=Wish.LOST_CARD, received_on=date(2026, 11, 9), answer_by=date(2026, 11, 19))
WAIT = OpenCase(reason=Reason.JOINED_AFTER_FILE, due_on=date(2026, 11, 16), file_month=10)
MYNA = date(2028, 6, 30)


def known(**values: Any) -> Known:
    return Known(**{**COVER, **values})


@pytest.mark.parametrize(
    ("facts", "line", "sentence"),
    [
        ({"last_day": date(2026, 11, 11)}, 1, "令和8年11月11日で資格が終わっています。"),
        ({"first_day": date(2026, 11, 13)}, 1, "資格は令和8年11月13日からです。"),
        (
            {
                "last_day": date(2026, 11, 11),
                "papers": [replace(IN_HAND, duty=Duty(due_on=date(2026, 11, 19), to="事業所"))],
            },
            1,
            "令和8年11月11日で資格が終わっています。お手元の資格確認書は令和8年11月19日までに事業所へ返してください。",
        ),
        (
            {"asked": LOST},
            2,
            "令和8年11月9日にマイナンバーカードの紛失の申出を受け付けました。令和8年11月19日までにお返事します。"
            "すぐに受診されるときは資格証明書をお渡しできます。",
        ),
        ({"papers": [replace(PREPARED, hold=Hold.GLYPH)]}, 3, "お名前の文字を確認しているため、発送を待っています。"),
        (
            {"papers": [replace(PREPARED, hold=Hold.SAFE_ADDRESS)], "myna_last_day": MYNA},
            3,
            "マイナ保険証が令和10年6月30日まで使えます。安全なお届け先をうかがうまで、お送りするのを待っています。",
        ),
        (
            {"papers": [RETURNED]},
            4,
            "お送りした資格確認書が令和8年11月11日に郵便で戻りました。お届け先をお知らせください。",
        ),
        (
            {"papers": [IN_HAND, replace(POSTED, tracking="123-45-67890-1")]},
            5,
            "お手元の資格確認書が令和12年3月31日まで使えます。資格確認書を令和8年11月10日に発送しました。"
            "令和8年11月20日ごろ届く予定です。引受番号は123-45-67890-1です。"
            "届いた資格確認書は令和13年11月9日まで使えます。",
        ),
        (
            {"papers": [PREPARED]},
            6,
            "資格確認書を用意しています（封入を待っています）。令和8年11月16日ごろ発送の予定です。",
        ),
        ({"papers": [IN_HAND]}, 7, "お手元の資格確認書が令和12年3月31日まで使えます。"),
        ({"card_last_day": ON}, 7, "お手元の健康保険証が令和8年11月12日まで使えます。"),
        ({"papers": [IN_HAND], "myna_last_day": MYNA}, 7, "お手元の資格確認書が令和12年3月31日まで使えます。"),
        ({"myna_last_day": MYNA}, 8, "マイナ保険証が令和10年6月30日まで使えるため、今はお送りしていません。"),
        ({"open_case": WAIT}, 9, "10月の情報に載っていないため確認中です。令和8年11月16日までにご連絡します。"),
        (
            {"open_case": replace(WAIT, reason=Reason.ROW_UNUSABLE, detail=Detail.DOUBLE)},
            9,
            "同じ方の行が二つあり、確認しています。令和8年11月16日までにご連絡します。",
        ),
        (
            {"too_late": True},
            10,
            "資格のある期間が短く、資格確認書の到着が間に合わないため、資格証明書をお渡しします。",
        ),
        (
            {"next_run_by": date(2026, 12, 10)},
            10,
            "今は使える手段がありません。令和8年12月10日までの月次判定で資格確認書の交付を決めます。"
            "すぐに受診されるときは資格証明書をお渡しできます。",
        ),
    ],
)
def test_the_first_line_that_holds_is_said(facts: dict[str, Any], line: int, sentence: str) -> None:
    said = answer(known(**facts), ON)
    assert (said.line, said.sentence) == (line, sentence)


def test_who_leaves_is_told_how_long_the_posted_paper_serves_and_when_it_is_due_back() -> None:
    leaving = replace(POSTED, last_day=date(2026, 11, 30), duty=Duty(due_on=date(2026, 12, 5), to="事業所"))
    said = answer(known(last_day=date(2026, 11, 30), papers=[leaving]), ON)
    assert said.line is Line.POSTED
    assert said.sentence == (
        "資格確認書を令和8年11月10日に発送しました。令和8年11月20日ごろ届く予定です。"
        "届いた資格確認書は令和8年11月30日まで使えます。そのあとは令和8年12月5日までに事業所へ返してください。"
    )
    assert (said.posted_on, said.in_hand_on, said.return_by) == (
        date(2026, 11, 10),
        date(2026, 11, 20),
        date(2026, 12, 5),
    )


@pytest.mark.parametrize(
    ("on", "line"),
    [
        (date(2026, 11, 19), Line.POSTED),
        (date(2026, 11, 20), Line.PAPER_IN_HAND),
        (date(2026, 11, 21), Line.PAPER_IN_HAND),
    ],
)
def test_paper_is_in_hand_from_the_day_it_arrives(on: date, line: Line) -> None:
    assert answer(known(papers=[POSTED]), on).line is line


@pytest.mark.parametrize(
    ("on", "line"),
    [
        (date(2026, 11, 29), Line.PAPER_IN_HAND),
        (date(2026, 11, 30), Line.PAPER_IN_HAND),
        (date(2026, 12, 1), Line.NOTHING),
    ],
)
def test_paper_serves_through_its_last_day(on: date, line: Line) -> None:
    assert answer(known(papers=[replace(IN_HAND, last_day=date(2026, 11, 30))]), on).line is line


OLD = replace(IN_HAND, last_day=date(2026, 11, 30), duty=Duty(due_on=date(2026, 12, 8), to="当組合"))


@pytest.mark.parametrize(
    ("last_day", "sentence"),
    [
        (
            19,
            "使えるのは令和8年11月19日までのため、届くころには使えません。令和8年12月10日からの資格確認書を用意しています"
            "（承認を待っています）。届いた資格確認書は令和8年12月17日までに当組合へ返してください。",
        ),
        (
            20,
            "届いた資格確認書は令和8年11月20日まで使えます。届いた資格確認書は令和8年12月17日までに当組合へ返してください。",
        ),
        (
            21,
            "届いた資格確認書は令和8年11月21日まで使えます。届いた資格確認書は令和8年12月17日までに当組合へ返してください。",
        ),
    ],
)
def test_paper_that_comes_when_it_is_wrong_already_is_told_with_what_follows(last_day: int, sentence: str) -> None:
    """A card lost, another posted, and then a name that changes before it comes."""
    back = Duty(due_on=date(2026, 12, 17), to="当組合")
    posted = replace(POSTED, last_day=date(2026, 11, last_day), duty=back)
    after = replace(PREPARED, first_day=date(2026, 12, 10), step=Step.APPROVAL, post_on=None)
    said = answer(known(papers=[posted, after]), ON).sentence
    assert said == f"資格確認書を令和8年11月10日に発送しました。令和8年11月20日ごろ届く予定です。{sentence}"


def test_what_was_made_for_a_change_that_does_not_come_is_not_called_the_former() -> None:
    newer = replace(POSTED, last_day=date.min, in_hand_on=ON, duty=Duty(due_on=date(2026, 11, 19), to="当組合"))
    said = answer(known(papers=[IN_HAND, newer]), ON)
    assert said.sentence == (
        "お手元の資格確認書が令和12年3月31日まで使えます。"
        "あとからお送りした資格確認書は令和8年11月19日までに当組合へ返してください。"
    )


def test_the_old_paper_s_return_is_not_said_of_the_next_one() -> None:
    """A face that changes on 12-01: the next paper is on its way, the one in hand serves until then."""
    coming = replace(POSTED, first_day=date(2026, 12, 1), last_day=date(2031, 11, 9))
    assert answer(known(papers=[OLD, coming]), ON).sentence == (
        "お手元の資格確認書が令和8年11月30日まで使えます。資格確認書を令和8年11月10日に発送しました。"
        "令和8年11月20日ごろ届く予定です。届いた資格確認書は令和13年11月9日まで使えます。"
        "今お使いの資格確認書は令和8年12月8日までに当組合へ返してください。"
    )


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        (date(2026, 11, 19), "今お使いの資格確認書は令和8年12月8日までに当組合へ返してください。"),
        (
            date(2026, 11, 20),
            "そのあとは令和8年12月8日までに当組合へ返してください。令和8年12月1日からは、お届けした次の資格確認書をお使いください。",
        ),
        (
            date(2026, 11, 30),
            "そのあとは令和8年12月8日までに当組合へ返してください。令和8年12月1日からは、お届けした次の資格確認書をお使いください。",
        ),
        (date(2026, 12, 1), "前の資格確認書は令和8年12月8日までに当組合へ返してください。"),
    ],
)
def test_both_papers_in_hand(on: date, sentence: str) -> None:
    coming = replace(POSTED, first_day=date(2026, 12, 1), last_day=date(2031, 11, 9))
    old = OLD if on < date(2026, 12, 1) else replace(OLD, last_day=date.min)
    said = answer(known(papers=[old, coming]), on)
    assert said.sentence.endswith(sentence) and said.return_by == date(2026, 12, 8)
    assert said.line is (Line.POSTED if on < date(2026, 11, 20) else Line.PAPER_IN_HAND)


THEN = "令和8年12月1日からは、お届けした資格確認書をお使いください。"


@pytest.mark.parametrize(
    ("facts", "line", "sentence"),
    [
        ({"myna_last_day": date(2026, 11, 30)}, 8, f"マイナ保険証が令和8年11月30日まで使えます。{THEN}"),
        (
            {"card_last_day": date(2026, 11, 30)},
            7,
            "お手元の健康保険証が令和8年11月30日まで使えます。"
            "令和8年12月1日からは、お届けした次の資格確認書をお使いください。",
        ),
        ({"open_case": WAIT}, 9, f"10月の情報に載っていないため確認中です。令和8年11月16日までにご連絡します。{THEN}"),
        (
            {"next_run_by": date(2026, 12, 7)},
            10,
            f"今は使える手段がありません。{THEN}令和8年12月7日までの月次判定でそれまでの資格確認書の交付を決めます。"
            "すぐに受診されるときは資格証明書をお渡しできます。",
        ),
    ],
)
def test_paper_that_is_here_and_begins_later_is_not_denied(facts: dict[str, Any], line: int, sentence: str) -> None:
    later = replace(POSTED, first_day=date(2026, 12, 1), in_hand_on=ON)
    said = answer(known(papers=[later], **facts), ON)
    assert (said.line, said.sentence) == (line, sentence)


@pytest.mark.parametrize(
    ("arrives", "begins", "line"),
    [(ON + DAY, ON + 19 * DAY, 5), (ON, ON + DAY, 8), (ON - DAY, ON + DAY, 8), (ON, ON, 7), (ON, ON - DAY, 7)],
)
def test_nothing_is_sent_is_said_only_of_whom_nothing_was_sent(arrives: date, begins: date, line: int) -> None:
    paper = replace(POSTED, first_day=begins, in_hand_on=arrives)
    said = answer(known(papers=[paper], myna_last_day=MYNA), ON)
    assert said.line == line and "お送りしていません" not in said.sentence


def test_paper_that_begins_later_is_not_usable_today() -> None:
    later = replace(IN_HAND, first_day=ON + DAY)
    assert answer(known(papers=[later]), ON).line is Line.NOTHING


papers = st.builds(
    Paper,
    first_day=st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    last_day=st.dates(date(2026, 6, 1), date(2031, 12, 31)),
    status=st.sampled_from(["proposed", "approved", "printed", "sent", "sent", "returned"]),
    sent_on=st.just(date(2026, 11, 5)),
    in_hand_on=st.dates(date(2026, 11, 6), date(2026, 11, 20)),
    hold=st.sampled_from([None, None, Hold.GLYPH]),
    step=st.sampled_from([None, Step.PRINTING]),
    duty=st.sampled_from([None, Duty(due_on=date(2026, 12, 9), to="当組合")]),
)
people = st.builds(
    Known,
    first_day=st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    last_day=st.sampled_from([FAR_FUTURE, date(2026, 11, 30), date(2026, 11, 11)]),
    papers=st.lists(papers, max_size=3),
    myna_last_day=st.sampled_from([None, ON - DAY, ON, MYNA]),
    card_last_day=st.sampled_from([None, ON - DAY, ON]),
    asked=st.sampled_from([None, None, LOST]),
    open_case=st.sampled_from([None, WAIT]),
    too_late=st.booleans(),
)


@given(people)
def test_every_day_that_is_said_is_one_of_the_facts(facts: Known) -> None:
    said = answer(facts, ON)
    days = {facts.first_day, facts.last_day, facts.myna_last_day, facts.card_last_day, LOST.received_on, LOST.answer_by}
    days |= {WAIT.due_on, facts.next_run_by}
    for paper in facts.papers:
        days |= {paper.first_day, paper.last_day, paper.sent_on, paper.in_hand_on, paper.duty and paper.duty.due_on}
    allowed = {wareki(day) for day in days if day}
    assert set(re.findall(r"令和\d+年\d+月\d+日", said.sentence)) <= allowed
    assert said.sentence.endswith("。")


@given(people)
def test_in_your_hand_is_said_only_of_what_is(facts: Known) -> None:
    said = answer(facts, ON)
    usable = [paper for paper in facts.papers if paper.usable(ON)]
    card = facts.card_last_day is not None and facts.card_last_day >= ON
    if "お手元の資格確認書が" in said.sentence:
        assert usable
    if "お手元の健康保険証が" in said.sentence:
        assert card
    covered = facts.first_day <= ON <= facts.last_day
    something = usable or card or (facts.myna_last_day is not None and facts.myna_last_day >= ON)
    assert (said.usable_through is not None) == bool(covered and something)
    if said.usable_through is not None:
        assert said.usable_through >= ON
