"""The office's own words: from which day they count, who approves them, what may be said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import BadInput, Refused
from core.models import Clerk, Event
from mailing.papers.samples import household as household  # the envelope's sheet
from notices.letters import changes
from notices.letters.changes import approved, office_words
from notices.letters.leaves import asked
from notices.letters.wording import Wording, in_use
from notices.models import LetterWording
from tests.notices.wording.texts import DAY, FROM, MARK, ON, changed, value_of

pytestmark = pytest.mark.django_db


def mistakes(letter: str, key: str, value: Any, by: Clerk, valid_from: date = FROM) -> dict[str | None, str]:
    with pytest.raises(BadInput) as bad:
        changes.draft(letter, key, valid_from, value, by=by, on=ON)
    assert not LetterWording.objects.exists()
    return {mistake.column: mistake.expected for mistake in bad.value.mistakes}


def test_they_count_from_their_day_and_not_the_day_before(clerks: tuple[Clerk, Clerk]) -> None:
    row = changes.draft("household", "title", FROM, "書類のお届け", by=clerks[0], on=ON)
    assert value_of("household", "title", FROM) == "書類をお送りします"
    changes.approve(row, by=clerks[1], on=ON)
    days = [value_of("household", "title", day) for day in (FROM - DAY, FROM, FROM + DAY)]
    assert days == ["書類をお送りします", "書類のお届け", "書類のお届け"]
    events = Event.objects.filter(subject="notices.LetterWording").order_by("seq")
    assert list(events.values_list("verb", "actor__username")) == [("draft", "suzuki"), ("approve", "tanaka")]


@pytest.mark.parametrize(
    ("valid_from", "on_the_day"), [(date(2025, 12, 1), False), (date(2025, 12, 2), True), (date(2025, 12, 3), False)]
)
def test_the_newest_counts_and_on_a_tie_the_offices_own(
    clerks: tuple[Clerk, Clerk], valid_from: date, on_the_day: bool
) -> None:
    """The file has a value of its own from 2025-12-02."""
    own = {**Wording("form_hand_back", valid_from).raw("form"), "title": "自主返納の届"}
    changed("form_hand_back", "form", own, clerks, valid_from, valid_from - DAY)
    titles = [
        value_of("form_hand_back", "form", day)["title"]
        for day in (date(2025, 12, 1), date(2025, 12, 2), date(2025, 12, 3))
    ]
    mine = [title == "自主返納の届" for title in titles]
    assert (
        mine
        == {
            date(2025, 12, 1): [True, False, False],
            date(2025, 12, 2): [False, True, True],
            date(2025, 12, 3): [False, False, True],
        }[valid_from]
    )


def test_a_run_reads_them_once_and_the_next_run_sees_new_ones(clerks: tuple[Clerk, Clerk]) -> None:
    changed("household", "title", "書類のお届け", clerks)
    with CaptureQueriesContext(connection) as asked_for, office_words():
        for _ in range(50):
            assert Wording("household", FROM).raw("title") == "書類のお届け"
            with office_words():
                Wording("reminder", FROM).raw("to")
    assert len(asked_for) == 2 and in_use() is None, "the changes, and the scheme"
    changed("household", "title", "ご案内", clerks, FROM + DAY)
    assert value_of("household", "title", FROM + DAY) == "ご案内"


def test_whoever_drafted_them_may_not_approve_them(clerks: tuple[Clerk, Clerk]) -> None:
    row = changes.draft("household", "title", FROM, MARK, by=clerks[0], on=ON)
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    for clerk, why in ((clerks[0], "別の担当者"), (auditor, "権限ではできません")):
        with pytest.raises(Refused, match=why):
            changes.approve(row, by=clerk, on=ON)
    for deed in (
        lambda: changes.drop(row, by=auditor, on=ON),
        lambda: changes.draft("household", "title", FROM, MARK, by=auditor, on=ON),
    ):
        with pytest.raises(Refused, match="権限ではできません"):
            deed()
    assert approved() == {}


@pytest.mark.parametrize(("on", "taken"), [(FROM - DAY, True), (FROM, False), (FROM + DAY, False)])
def test_they_are_approved_before_their_day_or_not_at_all(clerks: tuple[Clerk, Clerk], on: date, taken: bool) -> None:
    row = changes.draft("household", "title", FROM, MARK, by=clerks[0], on=ON)
    if taken:
        changes.approve(row, by=clerks[1], on=on)
    else:
        with pytest.raises(Refused, match="取り下げて、作り直して"):
            changes.approve(row, by=clerks[1], on=on)
    assert bool(approved()) is taken


@pytest.mark.parametrize(("valid_from", "taken"), [(ON - DAY, False), (ON, False), (ON + DAY, True)])
def test_they_never_begin_today_or_before(clerk: Clerk, valid_from: date, taken: bool) -> None:
    if taken:
        assert changes.draft("household", "title", valid_from, MARK, by=clerk, on=ON).valid_from == valid_from
    else:
        assert "明日" in mistakes("household", "title", MARK, clerk, valid_from)["valid_from"]


def test_one_for_a_day_and_none_twice(clerks: tuple[Clerk, Clerk]) -> None:
    first, second, third = (
        changes.draft("household", "title", FROM, f"{MARK}{n}", by=clerks[0], on=ON) for n in range(3)
    )
    changes.drop(third, by=clerks[0], on=ON)
    changes.approve(first, by=clerks[1], on=ON)
    for row, why in ((second, "別の変更案が承認されています"), (third, "取下げ"), (first, "承認済み")):
        with pytest.raises(Refused, match=why):
            changes.approve(row, by=clerks[1], on=ON)
    assert value_of("household", "title", FROM) == f"{MARK}0"


def test_what_was_drafted_is_never_edited(clerk: Clerk) -> None:
    row = changes.draft("household", "title", FROM, MARK, by=clerk, on=ON)
    for change in ({"value": "x"}, {"valid_from": ON}, {"key": "pulled"}, {"status": "open"}):
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            LetterWording.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        LetterWording.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    ("letter", "key", "value", "why"),
    [
        ("household", "leavers", "{today}より後", "{基準の日} のとおりに"),
        ("household", "leavers", "{day}より後{", "{基準の日} のとおりに"),
        ("household", "leavers", "{day!r}より後", "{基準の日} のとおりに"),
        ("household", "leavers", "{}より後", "{基準の日} のとおりに"),
        ("household", "title", "{day}の書類", "ここでは中かっこを使えません"),
        ("household", "title", "  ", "文を入れて"),
        ("household", "title", "書類\nです", "改行"),
        ("household", "title", "書類です\U0001f600", "U\\+1F600"),
    ],
)
def test_each_refusal_names_its_text(clerk: Clerk, letter: str, key: str, value: str, why: str) -> None:
    assert why.replace("\\", "") in mistakes(letter, key, value, clerk)["t"]


def test_a_number_and_a_list_are_checked_too(clerk: Clerk) -> None:
    for days in (0, 366):
        assert "日数" in mistakes("unregistered", "reply_days", days, clerk)["t"]
    assert "文を入れて" in mistakes("refusal", "closing", [], clerk)["t"]
    to = {**Wording("reminder", FROM).raw("to"), "insurer": "{establishment}へ"}
    assert set(mistakes("reminder", "to", to, clerk)) == {"t-insurer"}
    with pytest.raises(Refused, match="形が違います"):
        changes.draft("reminder", "to", FROM, {"insurer": "当組合へ"}, by=clerk, on=ON)


def test_fewer_places_to_fill_may_be_asked(clerks: tuple[Clerk, Clerk]) -> None:
    changed("household", "leavers", "退職した方の分は返してください。", clerks)
    changed("household", "leavers", "{day}より後の分は返してください。", clerks, FROM + DAY)
    assert asked(value_of("household", "leavers", FROM)) == set()


@pytest.mark.parametrize(
    ("letter", "key", "value"),
    [
        ("household", "title", "書類をお送りします" * 12),
        ("reminder", "body_2", ["{papers}を返してください。" * 3] * 40),
        ("form_lost", "form", None),
    ],
)
def test_what_does_not_fit_on_paper_is_refused(clerk: Clerk, letter: str, key: str, value: Any) -> None:
    if value is None:
        value = {**Wording(letter, FROM).raw(key), "notes": ["後で見つかったときは返してください。" * 20] * 9}
    with pytest.raises(Refused, match="長すぎて"):
        changes.draft(letter, key, FROM, value, by=clerk, on=ON)
    assert not LetterWording.objects.exists()


def test_nothing_changed_is_refused(clerk: Clerk) -> None:
    with pytest.raises(Refused, match="何も変わっていません"):
        changes.draft("household", "title", FROM, "書類をお送りします", by=clerk, on=ON)
