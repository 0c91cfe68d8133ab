"""Telephone search: whatever a caller says or reads from a paper finds the person, in few queries and from indexes."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.models import EligibilityCertificate
from core.models import Clerk
from kenpo.intake.load import load
from kenpo.pages.search import SHOWN, covers_meant
from mailing.models import Dispatch, Envelope
from mailing.post import tracking
from mailing.services import assemble, print_dispatch
from members.models import Member, MynaStatus, Person
from members.search import members, people
from tests.builders import Folder
from tests.kenpo.reading import latin_words, searched, text_of
from tests.mailing import build

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 10)


@pytest.fixture
def desk(settings: Any, client: Client) -> Client:
    settings.KENPO_TODAY = ON
    client.force_login(Clerk.objects.create_user("denwa", role="clerk", is_staff=True))
    return client


@pytest.fixture
def people_here(tmp_path: Path, db: None) -> None:
    """Two households and a woman by herself, with rare forms of their names."""
    folder = Folder(tmp_path / "in")
    folder.establishment("0001", symbol="101").establishment("0002", symbol="東A", name="架空物流株式会社")
    folder.insured("5", name="髙橋 正一", name_kana="タカハシ シヨウイチ", birth_date="1980-04-15")
    folder.dependent("5", "01", name="髙橋 さくら", name_kana="タカハシ サクラ", birth_date="1982-01-20")
    folder.insured(
        "0012",
        symbol="東A",
        establishment_code="0002",
        name="渡邉\U000e0100　﨑",
        name_kana="ワタナベ サキ",
        birth_date="1980-04-15",
        sex="2",
    )
    folder.insured("77", name="ＡＮＮ　Smith", name_kana="アン スミス", printed_name="林 杏", birth_date="1999-12-31")
    load(folder.write(), on=ON)


def found(words: str) -> list[str]:
    return [str(cover) for cover in covers_meant(words)]


SHOICHI, SAKURA, SAKI, ANN = "101-5-00", "101-5-01", "東A-0012-00", "101-77-00"


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("101-5-01", [SAKURA]),
        ("１０１－５－０１", [SAKURA]),
        ("101 5 01", [SAKURA]),
        ("101・5・01", [SAKURA]),
        ("101ー5ー01", [SAKURA]),
        ("101の5の01", [SAKURA]),
        ("記号101番号5", [SHOICHI, SAKURA]),
        ("記号 東ａ　番号 0012", [SAKI]),
        ("東A-0012", [SAKI]),
        ("0012", [SAKI]),
        ("12", []),
        ("タカハシ", [SHOICHI, SAKURA]),
        ("たかはし", [SHOICHI, SAKURA]),
        ("ﾀｶﾊｼ", [SHOICHI, SAKURA]),
        ("しょういち", [SHOICHI]),
        ("ショウイチ", [SHOICHI]),
        ("ハシサ", [SAKURA]),
        ("さくら たかはし", [SAKURA]),
        ("ハシタ", []),
        ("高橋", [SHOICHI, SAKURA]),
        ("髙橋", [SHOICHI, SAKURA]),
        ("高橋さくら", [SAKURA]),
        ("渡辺", [SAKI]),
        ("渡邊", [SAKI]),
        ("崎", []),  # a single character must be the first
        ("渡", [SAKI]),
        ("林", [ANN]),
        ("林杏", [ANN]),
        ("林 杏", [ANN]),  # a given name of one kanji, after the family's
        ("林　杏 1999-12-31", [ANN]),
        ("林 正", []),
        ("渡辺 崎", [SAKI]),
        ("さくら 高", [SAKURA]),
        ("さくら た", [SAKURA]),
        ("ann smith", [ANN]),
        ("ｓｍｉｔｈ", [ANN]),
        ("S55.4.15", [SHOICHI, SAKI]),
        ("昭和５５年４月１５日", [SHOICHI, SAKI]),
        ("昭和55年 4月 15日", [SHOICHI, SAKI]),
        ("1980-04-15", [SHOICHI, SAKI]),
        ("19800415", [SHOICHI, SAKI]),
        ("S55.4.14", []),
        ("S55.4.16", []),
        ("高橋　S55.4.15", [SHOICHI]),
        ("さくら 1980-04-15", []),
        ("101-5 さくら", [SAKURA]),
        ("101-5 渡辺", []),
        ("平成99年1月1日", []),
        ("％", []),
        ("_", []),
    ],
)
def test_every_way_of_saying_it_finds_the_same_people(people_here: None, words: str, wanted: list[str]) -> None:
    assert found(words) == wanted
    assert {str(cover) for cover in members(words)} == set(wanted)
    assert set(people(words)) == {cover.person for cover in members(words)}


def test_the_index_compares_every_form_of_the_table_as_one() -> None:
    table = Path(django_settings.BASE_DIR, "core/paper/variants.toml")
    groups = tomllib.loads(table.read_text(encoding="utf-8"))["groups"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT text FROM unnest(%s::text[]) AS text"
            " WHERE members_name_key(text) <> repeat(members_name_key(left(text, 1)), length(text))",
            [groups],
        )
        apart = cursor.fetchall()
    assert apart == [], "the table has grown: make the function and its index again by a migration"


@pytest.fixture
def posted(office: build.Office) -> Dispatch:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"], symbol="1"))
    office.certify(office.household("0002", ["鈴木 一郎"], symbol="1", establishment=1))
    (number,) = assemble(office.run, by=office.clerk, on=build.ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=build.ON)
    return dispatch


@pytest.fixture
def office(db: None, home: Path) -> build.Office:
    return build.office()


def test_a_code_on_a_paper_or_an_envelope_leads_to_who_it_is_for(posted: Dispatch) -> None:
    taro = EligibilityCertificate.objects.select_related("member__person").get(member__person__name="山田 太郎")
    envelope = Envelope.objects.get(insured=taro.member)
    family = ["1-0001-00", "1-0001-01"]
    tracking.enter([(envelope.code, "131-12-38385-2")], by=posted.printed_by, on=build.ON)

    assert found(taro.serial) == ["1-0001-00"]
    assert found(f"{taro.serial[:4]}-{taro.serial[4:8]}-{taro.serial[8:]}") == ["1-0001-00"]
    assert found(envelope.code) == family
    assert found("131-12-38385-2") == found("13112383852") == family
    assert found(f"{envelope.code} 花子") == ["1-0001-01"]
    assert found(f"{taro.serial} 鈴木") == []
    assert found("131-12-38385-9") == []


def test_one_person_is_opened_at_once_and_no_address_holds_a_name(desk: Client, people_here: None) -> None:
    answer = desk.post(reverse("search"), {"words": "さくら"})
    sakura = Person.objects.get(name="髙橋 さくら")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("admin:members_person_change", args=[sakura.pk])

    answer = desk.post(reverse("search"), {"words": "たかはし"})
    page = text_of(answer.content.decode())
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert "髙橋 正一さんの世帯" in page and "2 人（2 件）" in page
    assert "たかはし" not in unquote(answer.request["QUERY_STRING"] + answer.request["PATH_INFO"])
    assert not latin_words(page, data={"denwa"})
    assert "髙橋" not in unquote(desk.get(reverse("search"), {"words": "髙橋"}).content.decode())


def test_a_line_says_what_can_be_shown_today(desk: Client, people_here: None) -> None:
    shoichi = Person.objects.get(name="髙橋 正一")
    MynaStatus.objects.create(
        person=shoichi,
        as_of=date(2026, 10, 31),
        source="monthly",
        state="registered",
        e_certificate_expires_on=date(2027, 1, 5),
    )
    html = desk.post(reverse("search"), {"words": "101-5"}).content.decode()
    page = text_of(html)
    assert "マイナ保険証（\n2027-04-30\n令和9年4月30日\nまで）" in page
    assert "使える手段なし" in page and "判定待ち" in page
    assert 'title="1980-04-15">昭和55年4月15日' in html


def test_nobody_found_says_what_to_try_next(desk: Client, people_here: None) -> None:
    page = text_of(desk.post(reverse("search"), {"words": "存在しない"}).content.decode())
    assert "当てはまる方はいません" in page and "生年月日だけで探す" in page
    assert not latin_words(page, data={"denwa"})


def test_an_empty_register_says_how_to_fill_it(desk: Client) -> None:
    html = desk.post(reverse("search"), {"words": "佐藤"}).content.decode()
    assert "管理者に台帳の取込みを頼んでください（管理者の方は、手引きの「12 管理者の仕事」" in html
    assert not latin_words(text_of(html), data={"denwa"})


def test_only_the_office_searches(people_here: None) -> None:
    answer = Client().post(reverse("search"), {"words": "たかはし"})
    assert answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login"))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Clerk.objects.create_user("denwa", role="clerk", is_staff=True))
    assert strict.post(reverse("search"), {"words": "たかはし"}).status_code == 403


def test_many_are_found_with_as_many_queries_as_few(desk: Client, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "in")
    folder.insured("1", name="少 数", name_kana="スクナイ カズ").dependent(
        "1", "01", name="少 人", name_kana="スクナイ ヒト"
    )
    for number in range(2, SHOWN + 12):
        folder.insured(str(number), name="多 数", name_kana="オオイ カズ")
    load(folder.write(), on=ON)

    def queries(words: str) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as asked:
            page = text_of(desk.post(reverse("search"), {"words": words}).content.decode())
        return len(asked), page

    few, _ = queries("すくない")
    many, page = queries("おおい")
    assert many == few
    assert f"はじめの {SHOWN} 件だけ" in page


def plans(words: str) -> str:
    """How PostgreSQL would answer, were the tables large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    return str(covers_meant(words)[:SHOWN].explain())


@pytest.mark.parametrize(
    ("words", "indexes"),
    [
        ("101-5-01", ["member_number_alone", "member_number"]),
        ("たかはし", ["person_name_grams"]),
        ("高橋", ["person_name_grams"]),
        ("S55.4.15", ["person_birth"]),
    ],
)
def test_every_way_is_answered_from_an_index(people_here: None, words: str, indexes: Sequence[str]) -> None:
    plan = plans(words)
    assert all(index in plan for index in indexes), plan
    assert "Seq Scan on members_person" not in plan


def test_lists_search_the_same_way(desk: Client, people_here: None) -> None:
    answer = searched(desk, reverse("admin:members_member_changelist"), "高橋 S55.4.15")
    assert list(answer.context["cl"].result_list) == [Member.objects.get(branch_number="00", number="5")]
