"""The queue of characters that cannot be printed: known beforehand, by place and code point, with what could be printed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from members.models import Member
from members.printed_forms import record_form
from members.unprintable import Place, unprintable
from tests.conftest import Answer
from tests.mailing import build
from tests.mailing.build import ON, Office

NABE = "\u9089\U000e0102"
RARE = "\U000e0fff"
DAY = timedelta(1)


@pytest.fixture
def office(db: None) -> Office:
    return build.office()


def found(on: date = ON) -> list[tuple[int, str, str]]:
    return [(one.person_id, one.place, one.glyph.code_point) for one in unprintable(on)]


def say(member: Member, **facts: object) -> None:
    for name, value in facts.items():
        setattr(member.person, name, value)
    member.person.save()


def test_nothing_is_said_of_names_that_can_be_printed(office: Office) -> None:
    office.household("0001", ["髙橋 \U00020bb7男", "邉\U000e011f 三郎"])
    assert found() == []


def test_every_place_is_looked_at_in_the_typeface_that_prints_it(office: Office) -> None:
    head, child = office.household("0001", [f"渡{NABE} 一郎", f"渡 {RARE}{RARE}子"])
    # The typeface of kana has fewer kanji than the one of names.
    say(child, printed_name=f"田{NABE}", name_kana="ワタナベ ㇷ゚\U00020bb7")
    office.address(child, "mailing", f"大阪市{RARE}区")
    kana = [code for _, place, code in found() if place == Place.NAME_KANA]
    assert "U+20BB7" in kana
    assert [line for line in found() if line[1] != Place.NAME_KANA] == [
        (head.person_id, Place.NAME, "U+9089 U+E0102"),
        (child.person_id, Place.NAME, "U+E0FFF"),
        (child.person_id, Place.PRINTED_NAME, "U+9089 U+E0102"),
        (head.person_id, Place.INSURED_NAME, "U+9089 U+E0102"),
        (child.person_id, Place.ADDRESS, "U+E0FFF"),
    ]


@pytest.mark.parametrize(("days", "listed"), [(-1, False), (0, False), (1, True)])
def test_only_covers_that_have_not_ended(office: Office, days: int, listed: bool) -> None:
    head, _ = office.household("0001", [f"渡{NABE} 一郎", "渡 花子"])
    head.lost_on = ON + days * DAY
    head.save()
    assert bool(found()) is listed


@pytest.mark.parametrize(("days", "listed"), [(-1, False), (0, False), (1, True)])
def test_an_address_counts_until_a_newer_one(office: Office, days: int, listed: bool) -> None:
    (member,) = office.household("0001", address=f"大阪市{RARE}区")
    member.person.addresses.create(use="residence", address="大阪市北区", valid_from=ON + days * DAY)
    assert bool(found()) is listed


def test_a_recorded_form_ends_it_for_the_family(office: Office) -> None:
    head, _ = office.household("0001", [f"渡{NABE} 一郎", "渡 花子"])
    assert len(found()) == 2
    record_form(head.person, "name", "渡\u9089 一郎", "本人の申出", by=office.clerk, on=ON)
    assert found() == []


def test_the_command_names_ids_and_characters_and_ends_with_the_number(
    office: Office, command: Callable[..., Answer], tmp_path: Path
) -> None:
    assert command("names", "--on", ON).out == "0\n"
    (member,) = office.household("0001", [f"渡{NABE} 一郎"])
    path = tmp_path / "names.csv"
    answer = command("names", "--on", ON, "--csv", path)
    line, number = answer.out.splitlines()
    assert (answer.code, number) == (0, "1")
    assert line.startswith(f"{member.pk},{member.person_id},1,0001,00,氏名,{NABE},U+9089 U+E0102,")
    assert "\u9089（U+9089）" in line and "一郎" not in answer.out
    head, row = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert (head[5], row[5], row[7]) == ("field", "氏名", "U+9089 U+E0102")
    assert command("names", "--csv", path / "names.csv").code == 1
