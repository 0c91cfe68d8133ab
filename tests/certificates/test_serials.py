"""Serials: unique, without holes, and a mistyped one is noticed."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from certificates.documents.serials import draw, serial_text, valid
from core.errors import Fault
from members.models import Insurer

NUMBERS = st.integers(1, 10**11 - 1)


@pytest.fixture
def society(db: None) -> Insurer:
    return Insurer.objects.create(number="06130488", name="架空健康保険組合")


def test_a_known_serial() -> None:
    assert serial_text(1) == "000000000018"
    assert serial_text(7992739871) == "079927398713"


@given(NUMBERS)
def test_every_serial_has_twelve_digits_and_is_valid(number: int) -> None:
    assert len(serial_text(number)) == 12
    assert valid(serial_text(number))


@given(NUMBERS, st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: int, place: int, shift: int) -> None:
    digits = serial_text(number)
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert not valid(wrong)


@pytest.mark.parametrize(
    "text", ["", "18", "00000000001８", "00000000018", "0000000000018", "00000000001a", "-00000000018"]
)
def test_what_is_no_serial(text: str) -> None:
    assert not valid(text)


def test_postgresql_builds_the_same_text(society: Insurer) -> None:
    numbers = [1, 2, 9, 10, 123, 99_999, 10**11 - 1, 7992739871, *range(1000, 1100)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT certificates_serial(n) FROM unnest(%s::bigint[]) WITH ORDINALITY u(n, i) ORDER BY i", [numbers]
        )
        assert [row[0] for row in cursor.fetchall()] == [serial_text(n) for n in numbers]


def test_numbers_run_on_and_a_second_insurer_number_shares_them(society: Insurer) -> None:
    retired = Insurer.objects.create(number="63137251", name="特例退職", main=society)
    assert draw(society, 3) == 1
    assert draw(retired, 2) == 4
    assert draw(society, 0) == 6
    assert draw(society, 1) == 6


def test_a_run_that_dies_leaves_no_hole(society: Insurer) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        draw(society, 5)
        raise ZeroDivisionError
    assert draw(society, 1) == 1


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_drawn() -> None:
    society = Insurer.objects.create(number="06130488", name="架空健康保険組合")
    with pytest.raises(Fault):
        draw(society, 1)
