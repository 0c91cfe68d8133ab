"""Filings on their pages: shown before they do anything, refused beside the field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from certificates.models import Filing, Recovery
from certificates.pages.filing_form import form_of
from certificates.requests.filings import Kind
from certificates.requests.filings.table import HANDLERS
from core.calendar import read_day
from core.models import Event
from members.models import Establishment, Insurer, Member, Person
from tests.kenpo.desk.pages import DOCUMENTS, file, in_hand, member, said, save
from tests.kenpo.reading import latin_words, page_of

pytestmark = pytest.mark.django_db


def stored() -> dict[str, Any]:
    """Everything a filing could touch."""
    return {
        "people": list(Person.objects.order_by("pk").values()),
        "covers": list(Member.objects.order_by("pk").values()),
        "events": Event.objects.count(),
        **{model.__name__: list(model.objects.order_by("pk").values()) for model in DOCUMENTS},
    }


RENAMED = {
    "received_on": "2026-11-10",
    "via": "establishment",
    "effective_on": "2026-11-01",
    "name": "鈴木 太郎",
    "name_kana": "スズキ タロウ",
}


def test_a_filing_shows_what_it_would_do_before_it_does_anything(desk: dict[str, Client]) -> None:
    family = [member("1", branch) for branch in ("00", "01", "02")]
    serials = [in_hand(one).serial for one in family]
    before = stored()

    shown = file(desk["uketsuke"], family[0], "name_change", RENAMED)

    page = said(shown)
    assert "まだ保存していません。" in page and "鈴木 太郎" in page
    assert all(serial in page for serial in serials), "the whole family's papers carry the name"
    assert "回収します" in page
    assert stored() == before
    assert not latin_words(page, data={"uketsuke", *serials})

    page = said(save(desk["uketsuke"], family[0], "name_change", shown))
    assert "届出を受け付け、反映しました。" in page
    assert Person.objects.get(pk=family[0].person_id).name == "鈴木 太郎"
    assert Recovery.objects.filter(status="open").count() == 3
    assert Filing.objects.get().status == "applied"
    assert not latin_words(page, data={"uketsuke", *serials})


def test_what_was_typed_stands_in_the_form_again_and_saves_for_nobody_else(desk: dict[str, Client]) -> None:
    one = member()
    shown = file(desk["uketsuke"], one, "name_change", RENAMED)
    where = f"{page_of(one, 'filing')}?kind=name_change"
    assert "鈴木" not in where
    back = desk["uketsuke"].post(where, {"sealed": shown.context["sealed"], "stage": "back"})
    assert 'value="鈴木 太郎"' in back.content.decode()

    for browser, document in ((desk["shonin"], one), (desk["uketsuke"], member("2"))):
        answer = save(browser, document, "name_change", shown)
        assert "入力した内容を読み取れませんでした。" in said(answer)
    assert not Filing.objects.exists()


def test_an_individual_number_is_on_no_page_and_in_no_source(desk: dict[str, Client]) -> None:
    one = member()
    Person.objects.filter(pk=one.person_id).update(individual_number_state="pending")
    told = {
        "received_on": "2026-11-10",
        "via": "establishment",
        "effective_on": "2026-11-10",
        "reason": "filed",
        "individual_number": "123456789018",
    }
    shown = file(desk["uketsuke"], one, "individual_number", told)
    assert "123456789018" not in shown.content.decode() and "（入力済み）" in said(shown)
    page = save(desk["uketsuke"], one, "individual_number", shown)
    assert "123456789018" not in page.content.decode() and "届け出あり" in said(page)


def test_a_filing_that_cannot_be_names_the_field_or_the_reason(desk: dict[str, Client]) -> None:
    one = member()
    answer = file(desk["uketsuke"], one, "name_change", {**RENAMED, "effective_on": "2026-02-30"})
    assert set(answer.context["form"].errors) == {"effective_on"}
    answer = file(desk["uketsuke"], one, "remuneration", {**RENAMED, "standard_monthly_remuneration_yen": "30万"})
    assert answer.context["form"].errors == {
        "standard_monthly_remuneration_yen": ["円単位の整数を、区切りなしで入れてください。"]
    }
    nothing = {name: text for name, text in RENAMED.items() if not name.startswith("name")}
    answer = file(desk["uketsuke"], one, "name_change", nothing)
    assert "変わった項目がありません。" in said(answer)
    assert not latin_words(said(answer), data={"uketsuke"})
    assert not Filing.objects.exists()


def test_a_filing_of_a_day_to_come_is_kept_until_then(desk: dict[str, Client]) -> None:
    one = member()
    shown = file(desk["uketsuke"], one, "name_change", {**RENAMED, "effective_on": "2026-12-01"})
    assert "令和8年12月1日" in said(shown)
    page = said(save(desk["uketsuke"], one, "name_change", shown))
    assert "令和8年12月1日になると、自動で反映されます。" in page
    assert Filing.objects.get().status == "received"
    early = desk["uketsuke"].post(page_of(Filing.objects.get(), "apply"))
    assert "まだ先のため" in said(early)
    desk["uketsuke"].post(page_of(Filing.objects.get(), "withdraw"), {"reason": "届出の取下げ"})
    assert Filing.objects.get().status == "withdrawn"


def test_a_new_employee_is_filed_on_the_employers_page(desk: dict[str, Client]) -> None:
    employer = Establishment.objects.get(code="0001")
    form = desk["uketsuke"].get(f"{page_of(employer, 'filing')}?kind=acquisition").context["form"]
    assert form["symbol"].value() == "101"
    told = {
        "received_on": "2026-11-10",
        "via": "establishment",
        "effective_on": "2026-11-01",
        "symbol": "101",
        "number": "9",
        "branch_number": "00",
        "establishment_code": "0001",
        "name": "田中 三郎",
        "name_kana": "タナカ サブロウ",
        "sex": "1",
        "birth_date": "1990-01-01",
    }
    shown = file(desk["uketsuke"], employer, "acquisition", told)
    assert not Member.objects.filter(number="9").exists()
    page = said(save(desk["uketsuke"], employer, "acquisition", shown))
    assert Member.objects.get(number="9").person.name == "田中 三郎" and "田中 三郎" in page


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_filing_has_its_form_in_japanese(desk: dict[str, Client], kind: Kind) -> None:
    documents = {True: [member()], False: [Establishment.objects.first(), Insurer.objects.first()]}
    shown = [
        desk["uketsuke"].get(f"{page_of(document, 'filing')}?kind={kind}")
        for document in documents[HANDLERS[kind].about_member]
    ]
    forms = [answer for answer in shown if answer.context.get("form")]
    assert len(forms) == 1
    own = {"uketsuke"}
    assert not latin_words(said(forms[0]), data=own)
    assert set(form_of(kind).base_fields) >= set(HANDLERS[kind].required)


@pytest.mark.parametrize(
    "text",
    [
        "令和8年11月10日",
        "R8.11.10",
        "ｒ８／１１／１０",
        "2026-11-10",
        "20261110",
        "2026年11月10日",
        " 令和 8 年 11 月 10 日 ",
    ],
)
def test_a_day_is_read_as_clerks_write_it(text: str) -> None:
    assert read_day(text) == date(2026, 11, 10)


@pytest.mark.parametrize(
    "text", ["平成32年1月1日", "R8.2.30", "8.11.10", "令和0年1月1日", "きのう", "R8.11", "昭和64年1月8日"]
)
def test_a_day_that_is_none_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError):
        read_day(text)


def test_the_first_year_of_an_era_is_read(text: str = "令和元年5月1日") -> None:
    assert read_day(text) == date(2019, 5, 1) == read_day("R1.5.1")


@pytest.mark.parametrize(
    ("kind", "branch", "told", "days", "lost_on"),
    [
        ("death", "00", {}, "死亡日 令和8年10月12日、資格喪失日 令和8年10月13日", date(2026, 10, 13)),
        (
            "loss",
            "00",
            {"reason": "retirement"},
            "退職日 令和8年10月12日、資格喪失日 令和8年10月13日",
            date(2026, 10, 13),
        ),
        ("loss", "00", {"reason": "other"}, "資格喪失日 令和8年10月12日", date(2026, 10, 12)),
        ("dependent_removed", "01", {}, "扶養から外れた日 令和8年10月12日", date(2026, 10, 12)),
    ],
)
def test_the_confirmation_names_the_day_told_and_the_day_of_the_loss(
    desk: dict[str, Client], kind: str, branch: str, told: dict[str, str], days: str, lost_on: date
) -> None:
    one = member("1", branch)
    paper = {"received_on": "2026-11-10", "via": "mail", "effective_on": "令和8年10月12日", **told}
    shown = file(desk["uketsuke"], one, kind, paper)
    assert days in said(shown)
    page = said(save(desk["uketsuke"], one, kind, shown))
    one.refresh_from_db()
    assert one.lost_on == lost_on
    assert "令和8年10月12日" in page, "the filing's page keeps the day that was told"


def test_a_loss_asks_its_reason_first_and_says_which_day_each_wants(desk: dict[str, Client]) -> None:
    one = member()
    form = said(desk["uketsuke"].get(f"{page_of(one, 'filing')}?kind=loss"))
    for words in ("退職日（退職のとき）または資格喪失日", "在籍した最後の日", "就職日、75歳の誕生日"):
        assert words in form
    names = list(form_of(Kind.LOSS).base_fields)
    assert names.index("reason") < names.index("effective_on")
    unsaid = file(
        desk["uketsuke"], one, "loss", {"received_on": "2026-11-10", "via": "mail", "effective_on": "2026-10-12"}
    )
    assert set(unsaid.context["form"].errors) == {"reason"}
    assert "reason" not in form_of(Kind.DEPENDENT_REMOVED).base_fields


MOVED = {"received_on": "2026-11-10", "via": "mail", "effective_on": "2026-11-01", "postal_code": "530-0001"}


def test_what_another_clerk_filed_meanwhile_is_shown_before_it_is_overwritten(desk: dict[str, Client]) -> None:
    one = member()
    first = file(desk["uketsuke"], one, "address", {**MOVED, "address": "大阪市北区一丁目"})
    second = file(desk["shonin"], one, "address", {**MOVED, "address": "大阪市北区二丁目"})
    save(desk["shonin"], one, "address", second)
    assert Filing.objects.count() == 1

    again = save(desk["uketsuke"], one, "address", first)
    page = said(again)
    assert "確かめている間に、登録の内容が変わりました" in page and "shonin" in page and "令和8年11月10日" in page
    assert "大阪市北区二丁目" in page and "大阪市北区一丁目" in page, "the newer address as いま, and what was typed"
    assert Filing.objects.count() == 1 and one.person.addresses.filter(address="大阪市北区二丁目").exists()
    assert not latin_words(page, data={"uketsuke", "shonin"})

    page = said(save(desk["uketsuke"], one, "address", again))
    assert "届出を受け付け、反映しました。" in page
    assert Filing.objects.count() == 2 and one.person.addresses.filter(address="大阪市北区一丁目").exists()


def test_what_did_not_change_is_saved_at_once_and_twice_is_once(desk: dict[str, Client]) -> None:
    one, other = member(), member("2")
    shown = file(desk["uketsuke"], one, "address", {**MOVED, "address": "大阪市北区一丁目"})
    theirs = file(desk["shonin"], other, "address", {**MOVED, "address": "大阪市北区二丁目"})
    save(desk["shonin"], other, "address", theirs)
    assert "届出を受け付け、反映しました。" in said(save(desk["uketsuke"], one, "address", shown))
    assert "同じ届出がすでに反映されています。" in said(save(desk["uketsuke"], one, "address", shown))
    assert Filing.objects.filter(member=one).count() == 1
