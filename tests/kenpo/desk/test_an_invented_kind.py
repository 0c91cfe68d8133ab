"""A kind of filing that is made up, with two values of its own, is known wherever kinds and values are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import Filing
from certificates.pages.filing_form import form_of
from certificates.requests.filings import Case, Kind, fields, persons
from certificates.requests.filings.fields import FIELDS
from certificates.requests.filings.table import HANDLERS, Group, Handler
from certificates.requests.filings.taking import HEAD
from certificates.rules.filing_kinds import KnownDay
from core import plausible
from core.plausible import Window
from core.web.forms import DayField
from kenpo.intake.tables import columns
from kenpo.intake.tables.kinds import KINDS
from tests.builders import INSURER
from tests.kenpo.desk.pages import file, member, said, save
from tests.kenpo.reading import latin_words, page_of
from tests.kenpo.tables.sheets import post, table

pytestmark = pytest.mark.django_db

LANGUAGES = (("sign", "手話"), ("braille", "点字"))
VALUES = (
    fields.code("told_in", "案内の方法", LANGUAGES, example="sign"),
    fields.day("told_until", "案内の期限", Window(plausible.OFFICE.first, 1), column="期限"),
)
HEADER = [*HEAD, *(one.name for one in VALUES)]
PAPER = {"received_on": "2026-11-10", "via": "mail", "effective_on": "2026-11-01", "told_in": "braille"}


def _check(case: Case) -> None:
    if case.cover.person.needs_assistance:
        case.refuse("もう登録されています。", "told_in")


def _act(case: Case) -> None:
    persons.change_person(case, case.cover.person, {"needs_assistance": True}, who=case.cover)
    case.follows("told_otherwise", [case.cover.pk], told_in=case.value("told_in"))


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    """The code of the kind as an enum would make it, its row, and its values."""
    made = str.__new__(Kind, "guidance")
    made._name_, made._value_, made.label = "GUIDANCE", "guidance", "案内の申出"
    made.day = KnownDay("申出日", "申し出た日を入れてください。")
    monkeypatch.setattr(Kind, "_member_names_", [*Kind._member_names_, made._name_])
    monkeypatch.setitem(Kind._member_map_, made._name_, made)
    monkeypatch.setitem(Kind._value2member_map_, made._value_, made)
    for field in VALUES:
        monkeypatch.setitem(FIELDS, field.name, field)
    handler = Handler(
        _check,
        _act,
        Group.PERSON,
        required=("told_in",),
        optional=("told_until",),
        sayings={"told_otherwise": lambda f: f"ご案内は{dict(LANGUAGES)[f['told_in']]}でします。"},
    )
    monkeypatch.setitem(HANDLERS, made, handler)
    monkeypatch.setitem(KINDS, "filings", replace(KINDS["filings"], columns=columns.filings()))
    yield made


def test_its_page_offers_it_and_its_form_asks_each_value_as_what_it_is(kind: Kind, desk: dict[str, Client]) -> None:
    page = said(desk["uketsuke"].get(page_of(member(), "filing")))
    assert page.index("配慮・秘匿の申出") < page.index("案内の申出") < page.index("事業所の異動")
    asked = form_of(kind).base_fields
    assert list(asked) == ["received_on", "via", "effective_on", "told_in", "told_until", "name_kana", "birth_date"]
    assert (asked["effective_on"].label, asked["effective_on"].help_text) == (kind.day.label, kind.day.help)
    assert asked["told_in"].choices == [("", "選んでください"), *LANGUAGES]  # type: ignore[attr-defined]
    until = asked["told_until"]
    assert isinstance(until, DayField) and until.window == VALUES[1].window and not until.required


@pytest.mark.parametrize(("until", "wrong"), [("2027-11-10", False), ("2027-11-11", True)])
def test_its_day_lies_in_its_own_window(kind: Kind, desk: dict[str, Client], until: str, wrong: bool) -> None:
    form = file(desk["uketsuke"], member(), kind, {**PAPER, "told_until": until}).context.get("form")
    assert bool(form and form.errors.get("told_until")) is wrong


def test_what_it_would_do_is_said_and_saving_applies_it(kind: Kind, desk: dict[str, Client]) -> None:
    one = member()
    shown = file(desk["uketsuke"], one, kind, {**PAPER, "told_until": "令和9年3月31日"})
    page = said(shown)
    for words in ("案内の申出", "申出日 令和8年11月1日", "点字", "ご案内は点字でします。", "要配慮者"):
        assert words in page, words
    page = said(save(desk["uketsuke"], one, kind, shown))
    filing = Filing.objects.get()
    assert (filing.kind, filing.status) == ("guidance", "applied")
    assert filing.data == {"told_in": "braille", "told_until": "2027-03-31"}
    for words in ("案内の方法", "点字", "令和9年3月31日", "ご案内は点字でします。"):
        assert words in page, words
    assert not latin_words(page, data={"uketsuke"})
    one.person.refresh_from_db()
    assert one.person.needs_assistance
    again = file(desk["uketsuke"], one, kind, {**PAPER, "effective_on": "2026-11-02"})
    assert "もう登録されています。" in said(again)


def test_a_table_has_its_columns_shows_them_in_words_and_applies_them(kind: Kind, desk: dict[str, Client]) -> None:
    named = {one.name: one for one in KINDS["filings"].columns}
    assert (named["told_in"].label, named["told_in"].form) == ("案内の方法", "code")
    assert (named["told_until"].label, named["told_until"].form) == ("期限（年-月-日）", "day")
    assert {one.name for one in KINDS["filings"].columns if one.example and not one.required} == {
        "postal_code",
        "address",
    }
    template = desk["uketsuke"].get(reverse("table_template", args=["filings", "csv"]))
    assert {"told_in", "told_until"} <= set(b"".join(template).decode("utf-8-sig").splitlines()[0].split(","))

    row = ["guidance", INSURER, "101", "1", "00", "2026-11-01", "2026-11-10", "mail", "sign", "R9.3.31"]
    checked = post(desk["uketsuke"], "filings", table(HEADER, row))
    page = said(checked)
    assert "案内の方法" in page and "手話" in page and "令和9年3月31日" in page
    assert not Filing.objects.exists()
    desk["uketsuke"].post(checked.redirect_chain[-1][0], {"take": "all"}, follow=True)
    filing = Filing.objects.get()
    assert (filing.kind, filing.status, filing.data["told_in"]) == ("guidance", "applied", "sign")
    [written] = KINDS["filings"].rows(Filing.objects.all())
    assert (written["told_in"], written["told_until"]) == ("sign", "2027-03-31")


def test_a_code_that_it_does_not_know_is_refused_by_either_door(kind: Kind, desk: dict[str, Client]) -> None:
    form = file(desk["uketsuke"], member(), kind, {**PAPER, "told_in": "smoke"}).context["form"]
    assert set(form.errors) == {"told_in"}
    row = ["guidance", INSURER, "101", "1", "00", "2026-11-01", "2026-11-10", "mail", "smoke", ""]
    assert "のどれか" in said(post(desk["uketsuke"], "filings", table(HEADER, row)))
