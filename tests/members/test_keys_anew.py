"""Rows stored under the keys of before: the migrations make them anew, and nothing else moves."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from exchange.models import ExchangeRow
from members.models import Member, Person
from members.search import members
from tests.exchange.fund import Line, insurer, member, receive, v1

pytestmark = pytest.mark.django_db
MEMBERS = import_module("members.migrations.0012_keys_anew")
EXCHANGE = import_module("exchange.migrations.0003_keys_anew")


def under(cover: Member, **columns: Any) -> None:
    """The row as an older version stored it."""
    Member.objects.filter(pk=cover.pk).update(**columns)


def keys(cover: Member) -> tuple[str, str, str]:
    cover.refresh_from_db()
    return cover.symbol_key, cover.number_key, cover.branch_key


def test_numbers_and_kana_get_the_keys_of_now() -> None:
    spaced, wide, plain = member("1\u00a0"), member("2", symbol="東Ａ"), member("3")
    other = member("4", kana="オ'ニール　ジャン＝ポール")
    under(spaced, number_key="1\u00a0")
    Person.objects.filter(pk=other.person_id).update(name_kana_key="オ'ニールジヤン＝ポール")
    MEMBERS.rekey(apps, None)
    assert keys(spaced) == ("100", "1", "00") and spaced.number == "1\u00a0"
    assert keys(wide) == ("東A", "2", "00") and keys(plain) == ("100", "3", "00")
    other.person.refresh_from_db()
    assert other.person.name_kana_key == "オニールジヤンポール"


def test_the_history_is_made_anew_and_does_not_grow() -> None:
    cover = member("1\u00a0")
    under(cover, number_key="1\u00a0")
    under(cover, relationship="本人")
    history = apps.get_model("members", "MemberHistory")
    before = history.objects.count()
    MEMBERS.rekey(apps, None)
    assert history.objects.count() == before
    assert set(history.objects.values_list("number_key", flat=True)) == {"1"}


def test_two_covers_that_are_one_number_are_told_and_left(capsys: pytest.CaptureFixture[str]) -> None:
    first = member("1")
    second = member("1\u00a0", acquired_on=date(2030, 1, 1), symbol="９９")
    under(second, symbol_key="100", number_key="1\u00a0", acquired_on=date(2021, 4, 1), symbol="100")
    later = member("2\u00a0")
    under(later, number_key="2\u00a0")
    MEMBERS.rekey(apps, None)
    assert keys(first) == ("100", "1", "00") and keys(second) == ("100", "1\u00a0", "00")
    assert keys(later) == ("100", "2", "00")
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "100-1-00" in said and "届書" in said


def test_rows_of_the_fund_too() -> None:
    insurer()
    receive(v1([Line(number="1\u00a0", kana="ジャン＝ポール")]))
    ExchangeRow.objects.update(number_key="1\u00a0", name_kana_key="ジヤン＝ポール")
    EXCHANGE.rekey(apps, None)
    row = ExchangeRow.objects.get()
    assert (row.number_key, row.name_kana_key) == ("1", "ジヤンポール") and row.number == "1\u00a0"


@pytest.mark.parametrize("word", ["馬場", "馬\u200b場", "馬場\u00a0", "José", "Jose\u0301", "ばば", "は\u3099は\u3099"])
def test_names_are_found_however_their_marks_were_written(word: str) -> None:
    ours = member("1", kana="ハ\u3099ハ\u3099　ショウジ")
    Person.objects.filter(pk=ours.person_id).update(name="馬場\u00ad　Jose\u0301")
    assert list(members(word)) == [ours]
