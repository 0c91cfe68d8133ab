"""What is said beside the answer by the caller's matter: only what the facts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from certificates.rules.answer import INTERIM, Duty, Line, answer
from certificates.rules.matters import Matter, beside
from tests.certificates.test_answer import IN_HAND, LOST, MYNA, ON, POSTED, PREPARED, RETURNED, known


def told(matter: Matter, **facts: Any) -> str:
    one = known(**facts)
    return "".join(beside(matter, one, answer(one, ON), ON))


@pytest.mark.parametrize(
    ("matter", "facts", "there", "not_there"),
    [
        (Matter.NOT_ARRIVED, {"papers": [POSTED]}, ("もう一度ご連絡ください", INTERIM), "再交付"),
        (Matter.NOT_ARRIVED, {"papers": [IN_HAND]}, ("届く予定の日を過ぎています", "再交付"), INTERIM),
        (Matter.NOT_ARRIVED, {"papers": [PREPARED]}, (INTERIM,), "届く予定"),
        (Matter.NOT_ARRIVED, {"myna_last_day": MYNA}, (), "資格確認書"),
        (Matter.NOT_ARRIVED, {"card_last_day": ON}, (), "届く予定"),
        (Matter.LOST, {"papers": [IN_HAND]}, ("再交付を申請できます", "古い証は返して", INTERIM), "カードの利用停止"),
        (Matter.LOST, {"myna_last_day": MYNA}, ("カードの利用停止", INTERIM), "再交付"),
        (Matter.LOST, {"asked": LOST}, (), INTERIM),
        (Matter.LEFT, {"papers": [IN_HAND]}, ("まだ届いていません", "5日以内に返して"), "郵便局"),
        (Matter.LEFT, {"papers": [IN_HAND], "loss_filed": True}, ("5日以内に返して",), "まだ届いていません"),
        (Matter.LEFT, {"myna_last_day": MYNA, "loss_filed": True}, (), "返して"),
        (
            Matter.LEFT,
            {"papers": [replace(IN_HAND, duty=Duty(due_on=ON, to="事業所"))], "loss_filed": True},
            (),
            "5日以内",
        ),
        (Matter.REGISTERED, {"papers": [IN_HAND]}, ("支払基金から届く情報", "お手元の資格確認書も"), "登録がない"),
        (Matter.REGISTERED, {"myna_last_day": MYNA}, (), "支払基金"),
        (Matter.REGISTERED, {"myna_last_day": ON - timedelta(1)}, ("支払基金",), "お手元"),
        (Matter.MOVED, {"papers": [POSTED]}, ("新しい住所を届け出て", "当組合へ戻る"), "二重線"),
        (Matter.MOVED, {"papers": [IN_HAND]}, ("新しい住所を届け出て", "二重線"), "郵便局"),
        (Matter.MOVED, {"papers": [RETURNED]}, (), "届け出て"),
    ],
)
def test_each_matter_adds_what_the_facts_say(
    matter: Matter, facts: dict[str, Any], there: tuple[str, ...], not_there: str
) -> None:
    text = told(matter, **facts)
    assert all(words in text for words in there), text
    assert not_there not in text


@pytest.mark.parametrize("matter", list(Matter))
@pytest.mark.parametrize("ended", [date(2026, 11, 11), date(2026, 11, 12), date(2026, 11, 13)])
def test_nothing_is_added_where_there_is_no_cover(matter: Matter, ended: date) -> None:
    one = known(last_day=ended, papers=[IN_HAND])
    said = answer(one, ON)
    assert (said.line is Line.NO_COVER) == (ended < ON)
    assert (beside(matter, one, said, ON) == ()) == (ended < ON)


@pytest.mark.parametrize("matter", list(Matter))
def test_nothing_is_said_twice(matter: Matter) -> None:
    for papers in ([], [IN_HAND], [POSTED], [PREPARED], [RETURNED], [IN_HAND, POSTED]):
        one = known(papers=papers, myna_last_day=MYNA)
        said = answer(one, ON)
        sentences = [*filter(None, said.sentence.split("。")), *beside(matter, one, said, ON)]
        assert len(set(sentences)) == len(sentences)
