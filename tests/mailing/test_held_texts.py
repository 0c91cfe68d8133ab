"""What cannot be seen, has no ink or may be damaged holds that person's paper, named by what it is; the others go."""

from __future__ import annotations

import pytest

from core.errors import Refused
from mailing.envelopes import HOLDS
from mailing.models import Dispatch
from mailing.papers import files
from mailing.services import Assembly, assemble, holds_of, print_dispatch, prove_dispatch
from members.damaged import confirm, damaged_of
from members.models import Establishment, Person
from members.printed_forms import record_form, suggestion
from notices.models import EligibilityNotice
from notices.services import draft
from tests.mailing import build
from tests.mailing.build import ON, Office
from tests.notices.play import joined


def run(office: Office) -> Assembly:
    return assemble(office.run, by=office.clerk, on=ON)


def held(office: Office) -> list[tuple[str, str]]:
    """記号・番号・枝番 of each paper that waits, and where and why."""
    found = {member.pk: key for key, member in office.members.items()}
    return [(found[hold.member_id], "、".join(hold.places)) for hold in holds_of(office.run, on=ON)]


def reasons(office: Office) -> set[str]:
    return {hold.reason for hold in holds_of(office.run, on=ON)}


def settle(owner: Person | Establishment, office: Office) -> None:
    keys = [one.key for one in damaged_of(owner, ON)]
    confirm(owner, keys, "届書の原本", by=office.clerk, on=ON)


def proved(office: Office, answer: Assembly) -> Dispatch:
    dispatch = Dispatch.objects.get(pk=answer.dispatches[-1])
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert prove_dispatch(dispatch)["status"] == "proved"
    return dispatch


UNSEEN = [
    ("山\u00ad田 太郎", "氏名 「見えない文字（ソフトハイフン U+00AD）」"),
    ("山\u200b田 太郎", "氏名 「見えない文字（幅のない空白 U+200B）」"),
    ("山\u200e田 太郎", "氏名 「見えない文字（左から右の方向指定 U+200E）」"),
    ("山\uf860田 太郎", "氏名 「外字（U+F860）」"),
    ("山\uf87a田 太郎", "氏名 「外字（U+F87A）」"),
    ("山\ue123田 太郎", "氏名 「外字（U+E123）」"),
    ("か\u309aね 太郎", "氏名 「か\u309a」（U+304B U+309A）"),
    ("山\u0085田 太郎", "氏名 「制御文字（U+0085）」"),
    ("山\u2009田 太郎", "氏名 「特殊な空白（U+2009）」"),
]


@pytest.mark.parametrize(("name", "place"), UNSEEN)
def test_a_name_that_cannot_be_set_is_held_and_the_others_are_proved(office: Office, name: str, place: str) -> None:
    office.certify([*office.household("0001", [name]), *office.household("0002")])
    ((who, where),) = held(office)
    assert who == "0001-00" and place in where and "太郎" not in where
    answer = run(office)
    assert (answer.held, answer.enclosed["certificates"]) == ({"missing_glyph": 1}, 1)
    proved(office, answer)


@pytest.mark.parametrize("spoilt", ["大阪市\u00ad北区", "大阪市\u2060北区", "大阪市\uf860北区", "か\u309a町"])
def test_an_address_that_cannot_be_set_is_held_and_named(db: None, home: object, spoilt: str) -> None:
    office = build.office(certificate_channel="home")
    office.certify([*office.household("0001", address=spoilt), *office.household("0002")])
    ((who, where),) = held(office)
    assert who == "0001-00" and where.startswith("住所 「")
    proved(office, run(office))


def test_kana_and_the_employer_are_looked_at_too(office: Office) -> None:
    kana, at_employer = office.household("0001")[0], office.household("0002", establishment=1)[0]
    kana.person.name_kana = "ヤ\u00adマダ タロウ"
    kana.person.save()
    Establishment.objects.filter(pk=at_employer.establishment_id).update(name="第\uf8602製作所")
    office.certify([kana, at_employer, *office.household("0003")])
    told = dict(held(office))
    assert "フリガナ" in told["0001-00"] and "ソフトハイフン" in told["0001-00"]
    assert "U+F860" in told["0002-00"] and set(told) == {"0001-00", "0002-00"}


def test_a_form_may_leave_out_what_nobody_sees(office: Office) -> None:
    (member,) = office.household("0001", ["山\u00ad田 太郎"])
    office.certify([member])
    assert suggestion(member.person.name) == "山田 太郎"
    record_form(member.person, "name", "山田 太郎", "見えない文字のため", by=office.clerk, on=ON)
    proved(office, run(office))
    member.person.refresh_from_db()
    assert member.person.name == "山\u00ad田 太郎"


DAMAGED = [
    "?田 三郎",
    "〓崎 次郎",
    "□田 三郎",
    "尾崎_x000D_",
    "山田  太郎",
    "　山田 太郎",
    "山田 ﾀﾛｳ",
    "螻ｱ逕ｰ 螟ｪ驛",
    "JosÃ© NÃºÃ±ez",
]


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_held_until_a_clerk_says_it_is_right(office: Office, name: str) -> None:
    spoilt, other = office.household("0001", [name])[0], office.household("0002")[0]
    office.certify([spoilt, other])
    ((who, where),) = held(office)
    assert who == "0001-00" and where.startswith("氏名 ") and name not in where
    assert "登録のとおりで正しい" in HOLDS["damaged"]
    first = run(office)
    assert (first.held, first.enclosed["certificates"]) == ({"damaged": 1}, 1)
    proved(office, first)
    settle(spoilt.person, office)
    second = run(office)
    assert (second.held, second.enclosed["certificates"]) == ({}, 2)
    proved(office, second)


def test_a_text_that_changes_after_the_word_asks_again(office: Office) -> None:
    (member,) = office.household("0001", ["〓崎 次郎"])
    settle(member.person, office)
    member.person.name = "〓崎 二郎"
    member.person.save()
    office.certify([member])
    assert reasons(office) == {"damaged"}


def test_the_insured_persons_damage_holds_the_family(office: Office) -> None:
    family = office.household("0001", ["〓崎 次郎", "尾崎 花子"])
    office.certify(family)
    assert [who for who, _ in held(office)] == ["0001-00", "0001-01"]
    settle(family[0].person, office)
    assert held(office) == []


def test_a_dependents_damage_holds_nobody_else(office: Office) -> None:
    office.certify(office.household("0001", ["尾崎 次郎", "〓崎 花子"]))
    assert [who for who, _ in held(office)] == ["0001-01"]


@pytest.mark.parametrize(("channel", "waits"), [("home", ["0001-00", "0001-01"]), ("establishment", [])])
def test_an_address_counts_where_it_is_printed(db: None, home: object, channel: str, waits: list[str]) -> None:
    office = build.office(certificate_channel=channel)
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"], address="東京都?区"))
    assert [who for who, _ in held(office)] == waits


def test_an_employers_damage_holds_its_bundle(office: Office) -> None:
    employer = office.establishments[0]
    employer.name = "第一〓製作所"
    employer.save()
    office.certify([*office.household("0001"), *office.household("0002", establishment=1)])
    ((who, where),) = held(office)
    assert who == "0001-00" and where.startswith("事業所名 ")
    settle(employer, office)
    assert held(office) == []


def test_a_notice_is_held_alone(office: Office) -> None:
    joined(office, "0001", "尾崎 次郎", "〓崎 花子", "尾崎 三郎")
    draft(office.run, by=office.clerk, on=ON)
    assert EligibilityNotice.objects.count() == 3
    assert [who for who, _ in held(office)] == ["0001-01"]
    answer = run(office)
    assert answer.held == {"damaged": 1}
    proved(office, answer)


def test_a_face_that_cannot_be_drawn_any_more_leaves_its_envelope(office: Office) -> None:
    (member,) = office.household("0001")
    office.certify([member])
    answer = run(office)
    member.person.name = "山\uf860田 太郎"
    member.person.save()
    dispatch = Dispatch.objects.get(pk=answer.dispatches[0])
    with pytest.raises(Refused) as refused:
        print_dispatch(dispatch, by=office.clerk, on=ON)
    assert "印刷する書類が残っていません" in str(refused.value) and "太郎" not in str(refused.value)
    assert not list(files.folder(dispatch).glob("*.pdf"))
