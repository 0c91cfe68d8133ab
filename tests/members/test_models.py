"""What PostgreSQL itself refuses about people, whoever writes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from core.cells import insurer_number_valid
from core.errors import Refused
from members import services
from members.models import Address, Establishment, Insurer, Member, Person, Policy
from members.policy import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def society() -> Insurer:
    return Insurer.objects.create(number="06130488", name="架空健康保険組合")


def with_check_digit(seven: str) -> str:
    return seven + luhn.calc_check_digit(seven)


def person(**values: Any) -> Person:
    given = {
        "name": "山田 太郎",
        "name_kana": "ヤマダ タロウ",
        "name_kana_key": "ヤマダタロウ",
        "sex": "1",
        "birth_date": date(1980, 4, 15),
        "individual_number_state": "registered",
    }
    return Person.objects.create(**(given | values))


def member(society: Insurer, **values: Any) -> Member:
    employer, _ = Establishment.objects.get_or_create(insurer=society, code="1", defaults={"name": "架空紡績"})
    given = {
        "insurer": society,
        "establishment": employer,
        "symbol": "101",
        "number": "1",
        "branch_number": "00",
        "kind": "insured",
        "coverage_kind": "regular",
        "acquired_on": date(2020, 4, 1),
    } | values
    given |= {"symbol_key": given["symbol"], "number_key": given["number"], "branch_key": given["branch_number"]}
    given.setdefault("person", None)
    given["person"] = given["person"] or person()
    return Member.objects.create(**given)


@pytest.mark.parametrize("number", ["06130488", "06137251", "06132757", "06139497", "63130488"])
def test_insurer_numbers_that_are(number: str) -> None:
    assert Insurer.objects.create(number=number, name="x").number == number
    assert insurer_number_valid(number)


@pytest.mark.parametrize(
    ("prefecture", "valid"),
    [
        ("00", False),
        ("01", True),
        ("47", True),
        ("48", False),
        ("50", False),
        ("51", True),
        ("97", True),
        ("98", False),
        ("99", False),
    ],
)
def test_the_prefecture_part_is_01_to_47_or_51_to_97(prefecture: str, valid: bool) -> None:
    number = with_check_digit(f"06{prefecture}048")
    assert insurer_number_valid(number) is valid
    if valid:
        Insurer.objects.create(number=number, name="x")
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            Insurer.objects.create(number=number, name="x")


@pytest.mark.parametrize(
    "number", ["06130489", "6130488", "", "0613048", "061304888", "0613048a", "０６１３０４８８", " 6130488"]
)
def test_insurer_numbers_that_are_not(number: str) -> None:
    assert not insurer_number_valid(number)
    with pytest.raises(DatabaseError), transaction.atomic():
        Insurer.objects.create(number=number, name="x")


@given(st.text("0123456789", min_size=8, max_size=8))
def test_the_code_and_postgresql_agree_on_insurer_numbers(number: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT members_insurer_number_valid(%s)", [number])
        assert cursor.fetchone()[0] is insurer_number_valid(number)


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ((date(2020, 4, 1), None), (date(2025, 4, 1), None), True),
        ((date(2020, 4, 1), date(2025, 3, 31)), (date(2025, 4, 1), None), False),
        ((date(2020, 4, 1), date(2025, 4, 1)), (date(2025, 4, 1), None), False),  # the loss is the first day without
        ((date(2020, 4, 1), date(2025, 4, 2)), (date(2025, 4, 1), None), True),
        ((date(2020, 4, 1), date(2020, 4, 1)), (date(2020, 3, 1), None), False),  # an empty cover is in nobody's way
        ((date(2020, 4, 1), date(2019, 4, 1)), (date(2020, 3, 1), None), False),  # so is a loss before the beginning
    ],
)
def test_one_cover_of_a_number_at_a_time(society: Insurer, first: Any, second: Any, refused: bool) -> None:
    member(society, acquired_on=first[0], lost_on=first[1])
    if refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            member(society, acquired_on=second[0], lost_on=second[1])
    else:
        member(society, acquired_on=second[0], lost_on=second[1])


def test_another_branch_symbol_or_insurer_is_another_number(society: Insurer) -> None:
    second = Insurer.objects.create(number="63130488", name="特例退職", main=society)
    member(society)
    member(society, branch_number="01")
    member(society, symbol="102")
    member(second)
    assert second.society == society


def test_a_dependent_has_an_insured_person_and_an_insured_person_none(society: Insurer) -> None:
    insured = member(society)
    member(society, branch_number="01", kind="dependent", insured=insured)
    for wrong in ({"kind": "dependent"}, {"kind": "insured", "insured": insured}):
        with pytest.raises(IntegrityError), transaction.atomic():
            member(society, branch_number="02", **wrong)


@pytest.mark.parametrize(("branch", "kept"), [("", True), ("00", True), ("99", True), ("1", False), (" 1", False)])
def test_a_branch_number_has_two_characters_or_none(society: Insurer, branch: str, kept: bool) -> None:
    if kept:
        assert member(society, branch_number=branch).branch_number == branch
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        member(society, branch_number=branch)


def test_one_address_of_a_kind_from_a_day() -> None:
    someone = person()
    Address.objects.create(person=someone, use="residence", address="旧住所", valid_from=date(2020, 4, 1))
    Address.objects.create(person=someone, use="mailing", address="送付先", valid_from=date(2020, 4, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(person=someone, use="residence", address="新住所", valid_from=date(2020, 4, 1))


def test_the_society_and_its_settings_of_a_day(society: Insurer) -> None:
    second = Insurer.objects.create(number="63130488", name="特例退職", main=society)
    for day, preset in ((date(2024, 12, 2), "toyobo"), (date(2026, 4, 1), "kyokai")):
        Policy.objects.create(insurer=society, valid_from=day, preset=preset, values=build(preset, {}).as_json())
    assert services.society() == society
    assert services.policy_on(society, date(2026, 3, 31)).form == "postcard"
    assert services.policy_on(second, date(2026, 4, 1)).form == "card"
    with pytest.raises(Refused):
        services.policy_on(society, date(2024, 12, 1))


def test_without_a_society_nothing_can_be_asked() -> None:
    with pytest.raises(Refused):
        services.society()
