"""The office's own words in a letter: checked, seen on paper, approved by a second clerk, used from their day and read once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.errors import BadInput, Refused
from core.models import Clerk, Event
from kenpo.desk.wording import WordingForm
from mailing.models import Dispatch
from mailing.samples import household as household  # the envelope's sheet
from mailing.services import assemble, print_dispatch, prove_dispatch
from notices.letters import changes, service
from notices.letters.changes import approved, office_words
from notices.letters.leaves import LETTERS, PLACEHOLDERS, asked, leaves, put, spoken, written
from notices.letters.wording import FOLDER, Wording, in_use
from notices.models import LetterWording
from tests.kenpo.reading import latin_words, text_of
from tests.mailing import build
from tests.mailing.build import ON as PRINTED_ON
from tests.mailing.build import Office
from tests.notices.test_letters_printing import FIRST, application, duties, missing_number, pages

pytestmark = pytest.mark.django_db

ON, FROM = date(2026, 11, 10), date(2026, 12, 1)
DAY = timedelta(days=1)
OWN = {"hanako", "taro", "kansa"}
MARK = "当組合の新しい文です。"


def changed(
    letter: str, key: str, value: Any, by: tuple[Clerk, Clerk], valid_from: date = FROM, on: date = ON
) -> LetterWording:
    """Drafted by one and approved by another."""
    row = changes.draft(letter, key, valid_from, value, by=by[0], on=on)
    changes.approve(row, by=by[1], on=on)
    return row


def value_of(letter: str, key: str, day: date) -> Any:
    with office_words():
        return Wording(letter, day).raw(key)


def mistakes(letter: str, key: str, value: Any, by: Clerk, valid_from: date = FROM) -> dict[str | None, str]:
    with pytest.raises(BadInput) as bad:
        changes.draft(letter, key, valid_from, value, by=by, on=ON)
    assert not LetterWording.objects.exists()
    return {mistake.column: mistake.expected for mistake in bad.value.mistakes}


# What counts when


def test_they_count_from_their_day_and_not_the_day_before(clerks: tuple[Clerk, Clerk]) -> None:
    row = changes.draft("household", "title", FROM, "書類のお届け", by=clerks[0], on=ON)
    assert value_of("household", "title", FROM) == "書類をお送りします"
    changes.approve(row, by=clerks[1], on=ON)
    days = [value_of("household", "title", day) for day in (FROM - DAY, FROM, FROM + DAY)]
    assert days == ["書類をお送りします", "書類のお届け", "書類のお届け"]
    events = Event.objects.filter(subject="notices.LetterWording").order_by("seq")
    assert list(events.values_list("verb", "actor__username")) == [("draft", "suzuki"), ("approve", "tanaka")]


@pytest.mark.parametrize(
    ("valid_from", "on_the_day"),
    [(date(2025, 12, 1), False), (date(2025, 12, 2), True), (date(2025, 12, 3), False)],
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
    assert mine == {
        date(2025, 12, 1): [True, False, False], date(2025, 12, 2): [False, True, True],
        date(2025, 12, 3): [False, False, True],
    }[valid_from]  # fmt: skip


def test_a_run_reads_them_once_and_the_next_run_sees_new_ones(clerks: tuple[Clerk, Clerk]) -> None:
    changed("household", "title", "書類のお届け", clerks)
    with (
        CaptureQueriesContext(
            connection,
        ) as asked_for,
        office_words(),
    ):
        for _ in range(50):
            assert Wording("household", FROM).raw("title") == "書類のお届け"
            with office_words():
                Wording("reminder", FROM).raw("to")
    assert len(asked_for) == 1 and in_use() is None
    changed("household", "title", "ご案内", clerks, FROM + DAY)
    assert value_of("household", "title", FROM + DAY) == "ご案内"


# Two clerks


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
def test_they_are_approved_before_their_day_or_not_at_all(
    clerks: tuple[Clerk, Clerk], on: date, taken: bool
) -> None:
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


# What may be said


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


# Every letter


def test_every_file_is_named_and_every_text_has_words() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LETTERS)
    for letter in LETTERS:
        for place in changes.places(letter, ON):
            for leaf in leaves(place.newest.value):
                assert leaf.label or leaf.path == ()
                assert asked("".join(map(str, leaf.texts()))) <= set(PLACEHOLDERS)
                assert all(written(spoken(text)) == text for text in leaf.texts())
            told = {leaf.path: leaf.value for leaf in leaves(place.newest.value)}
            assert put(place.newest.value, told) == place.newest.value


@pytest.mark.parametrize("letter", list(LETTERS))
def test_the_present_words_fit_with_the_longest_values(letter: str, tmp_path: Path) -> None:
    for longest in (False, True):
        key = changes.places(letter, ON)[0].key
        path = tmp_path / f"{longest}.pdf"
        changes.preview(letter, key, Wording(letter, FROM).raw(key), FROM, path, longest=longest)
        assert all(pages(path))


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def _refusal(office: Office, on: date) -> list[str]:
    (member,) = office.household("0001")
    row = application(office, member)
    row.status, row.refusal_text, row.decided_on = "refused", "理由です。", on
    return pages(service.print_refusal(row, by=office.clerk, on=on))


def _incomplete(office: Office, on: date) -> list[str]:
    (member,) = office.household("0001")
    row = application(office, member)
    row.status, row.items_missing = "incomplete", ["signature"]
    return pages(service.print_incomplete(row, by=office.clerk, on=on))


def _unregistered(office: Office, on: date) -> list[str]:
    missing_number(office, "0001", "山田 太郎")
    paths, _ = service.print_unregistered(office.establishments, by=office.clerk, on=on)
    return [page for path in paths for page in pages(path)]


def _form(office: Office, on: date) -> list[str]:
    (member,) = office.household("0001")
    return pages(service.print_form("lost", member, by=office.clerk, on=on))


def _reminders(office: Office, on: date) -> list[str]:
    duties(office, office.household("0001"))
    return pages(service.print_reminders(on, by=office.clerk).file)


PRINTS: dict[str, tuple[str, Callable[[Office, date], list[str]]]] = {
    "refusal": ("title", _refusal), "incomplete": ("title", _incomplete), "unregistered": ("title", _unregistered),
    "form_lost": ("form", _form), "reminder": ("title_1", _reminders),
}  # fmt: skip


@pytest.mark.parametrize("letter", list(PRINTS))
@pytest.mark.parametrize(("since", "new"), [(-1, True), (0, True), (1, False)])
def test_letters_are_printed_in_the_words_of_their_day(
    office: Office, clerks: tuple[Clerk, Clerk], letter: str, since: int, new: bool
) -> None:
    key, prints = PRINTS[letter]
    value = Wording(letter, FIRST).raw(key)
    value = {**value, "title": MARK} if isinstance(value, dict) else MARK
    changed(letter, key, value, clerks, FIRST + since * DAY)
    assert (MARK in "".join(prints(office, FIRST))) is new


@pytest.mark.parametrize(("since", "new"), [(-1, True), (0, True), (1, False)])
def test_a_dispatch_is_proved_in_the_words_of_the_day_it_was_printed(
    office: Office, clerks: tuple[Clerk, Clerk], since: int, new: bool
) -> None:
    office.certify(office.household("0001"))
    (number,) = assemble(office.run, by=office.clerk, on=PRINTED_ON - 3 * DAY).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    changed("household", "title", MARK, clerks, PRINTED_ON + since * DAY, PRINTED_ON - 3 * DAY)
    print_dispatch(dispatch, by=office.clerk, on=PRINTED_ON)
    changed("household", "title", "後から変えた文", clerks, PRINTED_ON + 2 * DAY, PRINTED_ON)
    from mailing import files, letters

    path = files.folder(dispatch) / "addresses-0001.pdf"
    assert (MARK in "".join(pages(path))) is new
    dispatch.refresh_from_db()
    prove_dispatch(dispatch, by=office.clerk)
    titles = {face.enclosed.title for face in letters.sheets(dispatch) if face.enclosed}
    assert titles == {MARK if new else "書類をお送りします"}


# The pages


@pytest.fixture
def desk(db: None) -> Callable[[str], Client]:
    def of(name: str) -> Client:
        role = "auditor" if name == "kansa" else "clerk"
        clerk, _ = Clerk.objects.update_or_create(username=name, defaults={"role": role, "is_staff": True})
        browser = Client()
        browser.force_login(clerk)
        return browser

    return of


def said(answer: Any) -> str:
    text = text_of(answer.content.decode())
    assert not latin_words(text, data=OWN), latin_words(text, data=OWN)
    return text


def url(document: Any, step: str = "change") -> str:
    return reverse(f"admin:notices_letterwording_{step}", args=[document.pk])


@pytest.mark.parametrize("letter", list(LETTERS))
def test_every_letter_is_read_and_typed_without_a_foreign_word(
    desk: Callable[[str], Client], letter: str
) -> None:
    page = said(desk("kansa").get(reverse("wording"), {"letter": letter}))
    assert LETTERS[letter] in page and "根拠" in page
    place = changes.places(letter, ON)[0]
    form = desk("hanako").get(reverse("wording_change", args=[letter, place.key]))
    assert place.label in said(form)
    areas = [field.value() for field in form.context["form"]]
    assert not latin_words("\n".join(map(str, areas)), data={"None"})


@pytest.mark.parametrize("letter", list(LETTERS))
def test_a_form_as_it_is_shown_changes_nothing(letter: str) -> None:
    for place in changes.places(letter, ON):
        shown = WordingForm(None, document=place, on=ON)
        told = {name: str(shown[name].value()).replace("\n", "\r\n") for name in shown.fields}
        form = WordingForm({**told, "valid_from": "令和8年12月1日"}, document=place, on=ON)
        assert form.is_valid() and form.value() == place.newest.value


def test_two_clerks_change_a_text_on_the_pages(desk: Callable[[str], Client]) -> None:
    hanako, taro = desk("hanako"), desk("taro")
    address = reverse("wording_change", args=["household", "leavers"])
    told = {"valid_from": "令和8年12月1日", "t": "{基準の日}の翌日から、退職した方の分は返してください。"}
    seen = hanako.post(address, {**told, "stage": "preview"})
    assert seen["Content-Type"] == "application/pdf" and seen.content.startswith(b"%PDF")
    assert not LetterWording.objects.exists()
    assert hanako.post(address, told).status_code == 302
    row = LetterWording.objects.get()
    assert row.value == "{day}の翌日から、退職した方の分は返してください。"
    assert "承認を待つ変更案" in said(taro.get(reverse("wording")))
    page = said(hanako.get(url(row)))
    assert "{基準の日}の翌日から" in page and "使わずに返してください" in page
    assert hanako.get(url(row, "paper"))["Content-Type"] == "application/pdf"
    assert hanako.post(url(row, "approve")).status_code == 409
    assert desk("kansa").post(url(row, "approve")).status_code == 403
    said(taro.get(url(row, "approve")))
    assert taro.post(url(row, "approve")).status_code == 302
    assert value_of("household", "leavers", FROM).endswith("退職した方の分は返してください。")
    assert "令和8年12月1日から変わります" in said(taro.get(reverse("wording")))
    assert taro.post(url(row, "drop")).status_code == 409
    assert "承認済み" in said(taro.get(reverse("admin:notices_letterwording_changelist")))


@pytest.mark.parametrize(
    ("told", "field", "why"),
    [
        ({"t": "{受付日}より後"}, "t", "{基準の日} のとおりに"),
        ({"t": "{day}より後{"}, "t", "{基準の日} のとおりに"),
        ({"t": ""}, "t", "入れてください"),
        ({"t": "文😀"}, "t", "印刷用の書体にありません"),
        ({"valid_from": "令和8年11月10日"}, "valid_from", "明日"),
    ],
)
@pytest.mark.parametrize("stage", ["", "preview"])
def test_each_refusal_stands_beside_its_field(
    desk: Callable[[str], Client], told: dict[str, str], field: str, why: str, stage: str
) -> None:
    address = reverse("wording_change", args=["household", "leavers"])
    answer = desk("hanako").post(
        address, {"valid_from": "令和8年12月1日", "t": "文です。", **told, "stage": stage}
    )
    errors = answer.context["form"].errors
    assert list(errors) == [field] and why in str(errors[field])
    assert not LetterWording.objects.exists()


def test_what_does_not_fit_is_said_on_the_page(desk: Callable[[str], Client]) -> None:
    address = reverse("wording_change", args=["household", "title"])
    answer = desk("hanako").post(address, {"valid_from": "令和8年12月1日", "t": "書類をお送りします" * 12})
    assert "このままでは行えません" in said(answer) and "送付状" in said(answer)
    assert desk("kansa").get(address).status_code == 403
    assert desk("hanako").get(reverse("wording_change", args=["household", "nothing"])).status_code == 404


def test_a_dropped_change_changes_nothing(desk: Callable[[str], Client]) -> None:
    hanako = desk("hanako")
    address = reverse("wording_change", args=["unregistered", "reply_days"])
    assert hanako.post(address, {"valid_from": "R8.12.1", "t": "21"}).status_code == 302
    row = LetterWording.objects.get()
    said(hanako.get(url(row, "drop")))
    assert hanako.post(url(row, "drop")).status_code == 302
    assert value_of("unregistered", "reply_days", FROM) == 14
