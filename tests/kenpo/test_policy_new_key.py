"""A key is declared once: what an invented one of each kind may be, its words, its storage and its fields all follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from core.errors import BadInput
from kenpo.pages.policy_form import PolicyForm, help_of
from members.models import Insurer
from members.models import Policy as Row
from members.policy import KEYS, Policy, build, building, from_json, grouped
from members.policy.codes import CHANNELS
from members.policy.declaring import (
    choice,
    counts,
    day,
    days,
    days_by_channel,
    flag,
    keys_of,
    number,
    several,
    yearly_day,
)
from members.policy.kinds import Group
from members.policy_changes import changed
from members.policy_words import described, word
from tests.kenpo.reading import browser_of, japanese

ON = date(2026, 11, 10)
INKS = {"black": "黒", "blue": "青"}


@dataclass(frozen=True, slots=True)
class Wider(Policy):
    """The settings, and one more of each kind."""

    seal_count: int = number(
        1000,
        least=1,
        most=2000,
        label="印の数",
        group=Group.NOTICE,
        after="notice_unit",
        help="{law.elderly_age}歳から。",
    )
    seal_shown: bool = flag(True, label="印の表示", group=Group.NOTICE)
    seal_ink: str = choice(
        "black", INKS, label="印の色", group=Group.PAPER, without_employers={"blue": "青は使えません。"}
    )
    seal_inks: tuple[str, ...] = several(("black",), INKS, label="使う色", group=Group.PAPER)
    seal_day: str = yearly_day(
        "", label="印の日", group=Group.SHARE, expiry_schemes=("fixed",), needed="印の日を入れてください。"
    )
    seal_from: date = day(lambda: date(2026, 4, 1), label="印の始まり", group=Group.GATE)
    seal_dates: tuple[date, ...] = days((), label="印の日付", group=Group.GATE)
    seal_turns: tuple[int, ...] = counts((7, 14), label="印の回", group=Group.RECOVERY)
    seal_post: tuple[int, int] = days_by_channel((6, 2), CHANNELS, label="印の日数", group=Group.DISPATCH)


NEW = {key: setting for key, setting in keys_of(Wider).items() if key not in KEYS}


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, setting in NEW.items():
        monkeypatch.setitem(KEYS, key, setting)
    monkeypatch.setattr(building, "Policy", Wider)


CASES: list[tuple[str, Any, Any, str, dict[str, Any]]] = [
    # key, a value that cannot be, one that can, its words, what is typed for it
    ("seal_count", 2001, 1500, "1,500", {"seal_count": "1500"}),
    ("seal_shown", "yes", False, "いいえ", {"seal_shown": "no"}),
    ("seal_ink", "red", "blue", "青", {"seal_ink": "blue"}),
    ("seal_inks", ["red"], ("black", "blue"), "黒、青", {"seal_inks": ["black", "blue"]}),
    ("seal_from", "2026-02-30", date(2027, 4, 1), "令和9年4月1日", {"seal_from": "令和9年4月1日"}),
    ("seal_dates", ["x"], (date(2027, 4, 1),), "令和9年4月1日", {"seal_dates": "令和9年4月1日"}),
    ("seal_turns", [-1], (7, 1000), "7、1,000", {"seal_turns": "7\n1000"}),
    ("seal_post", [6], (6, 3), "事業所経由 6日、自宅 3日", {"seal_post": "6", "seal_post_home": "3"}),
]


def row() -> Row:
    """Settings stored before the new keys were declared."""
    stored = build("toyobo", {}).as_json()
    return Row(valid_from=date(2024, 12, 2), preset="toyobo", values={k: v for k, v in stored.items() if k not in NEW})


def refused(preset: str, **told: Any) -> list[tuple[str | None, str]]:
    with pytest.raises(BadInput) as bad:
        build(preset, told)
    return [(mistake.column, mistake.expected) for mistake in bad.value.mistakes]


def posted(base: Row, **told: Any) -> PolicyForm:
    """The form sent as it is shown, with some fields typed over."""
    first = PolicyForm(None, document=base, on=ON)
    shown = {name: first[name].value() for name in first.fields}
    data = {name: "" if value is None else value for name, value in shown.items()}
    return PolicyForm({**data, "valid_from": "令和8年12月1日", **told}, document=base, on=ON)


def test_every_kind_has_its_case() -> None:
    assert {type(setting) for setting in NEW.values()} == {type(setting) for setting in KEYS.values()}
    assert {key for key, *_ in CASES} == NEW.keys() - {"seal_day"}


@pytest.mark.parametrize(("key", "wrong", "right", "words", "typed"), CASES, ids=[key for key, *_ in CASES])
def test_it_is_checked_stored_worded_and_asked(
    key: str, wrong: Any, right: Any, words: str, typed: dict[str, Any]
) -> None:
    assert [column for column, _ in refused("toyobo", **{key: wrong})] == [key]
    before, built = build("toyobo", {}).as_json(), build("toyobo", {key: right})
    stored = built.as_json()
    assert getattr(built, key) == right and from_json(stored) == built
    assert word(key, stored[key]) == words
    assert (NEW[key].label, words) in described(stored)
    assert changed(before, stored) == [(NEW[key].label, word(key, before[key]), words)]
    form = posted(row(), **typed)
    assert form.is_valid(), form.errors
    assert getattr(build("toyobo", form.values()), key) == right


def test_settings_stored_before_it_have_its_default() -> None:
    before = from_json(row().values)
    assert before == build("toyobo", {})
    assert all(getattr(before, key) == getattr(Wider(), key) for key in NEW)
    form = posted(row())
    assert form.is_valid(), form.errors
    assert build("toyobo", form.values()) == before


def test_a_day_of_every_year_counts_in_its_way_of_expiry_alone_and_is_then_needed() -> None:
    fixed = {"expiry_scheme": "fixed", "expiry_dates": ["2030-07-31"]}
    assert build("toyobo", {"seal_day": "nonsense"}).expiry_scheme == "years"
    assert refused("toyobo", **fixed) == [("seal_day", "印の日を入れてください。")]
    assert [column for column, _ in refused("toyobo", **fixed, seal_day="02-29")] == ["seal_day"]
    form = posted(row(), expiry_scheme="fixed", expiry_dates="令和12年7月31日", seal_day="3月1日")
    assert form.is_valid() and word("seal_day", form.values()["seal_day"]) == "3月1日"


def test_a_municipal_scheme_refuses_what_needs_an_employer_and_hears_of_home_alone() -> None:
    assert refused("kokuho", seal_ink="blue") == [("seal_ink", "青は使えません。")]
    assert ("印の日数", "2日") in described(build("kokuho", {}).as_json())


def test_it_stands_under_its_heading_behind_the_key_that_it_follows() -> None:
    notices = dict(grouped())["お知らせ"]
    place = notices.index("seal_count")
    assert notices[place - 1 : place + 2] == ["notice_unit", "seal_count", "max_persons_per_notice"]
    assert notices[-1] == "seal_shown"
    names = {title: [field.name for field in fields] for title, fields in posted(row()).groups()}
    assert names["送付"][-4:] == ["delivery_days", "delivery_days_home", "seal_post", "seal_post_home"]
    assert help_of("seal_count") == "70歳から。" and help_of("seal_shown") == ""


def test_its_page_shows_it(db: None) -> None:
    society = Insurer.objects.create(number="06130488", name="架空健康保険組合")
    base = Row.objects.create(
        insurer=society, valid_from=date(2024, 12, 2), preset="toyobo", values=build("toyobo", {}).as_json()
    )
    hanako = browser_of("hanako")
    change = japanese(hanako.get(reverse("policy_change")), {"hanako"})
    assert "印の数" in change and "70歳から。" in change and "印の日数（自宅）" in change
    assert "印の数\n1,000" in japanese(hanako.get(reverse("policy")), {"hanako"})
    answer = hanako.post(reverse("policy_change"), posted(base, seal_count="2001").data)
    assert "1 から 2000 まで" in str(answer.context["form"].errors["seal_count"])
