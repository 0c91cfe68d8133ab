"""An invented society's tables keep the contract, whatever the preset."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path

import pytest
from stdnum import luhn
from stdnum.jp import in_

from members.policy import PRESETS
from tests.kenpo.invented.reading import MONTH, Society, certain, day, key, table
from tools import invent
from tools.invent import files
from tools.invent.households import GRADES_YEN

TABLES = {
    "establishments": files.ESTABLISHMENTS,
    "members": files.MEMBERS,
    "legacy_cards": files.LEGACY_CARDS,
    "certificates": files.CERTIFICATES,
    "deregistrations": files.DEREGISTRATIONS,
    "cases": files.CASES,
}


@pytest.mark.parametrize("members", [1, 2, 3, 7, 50, 199, 200, 401])
@pytest.mark.parametrize("preset", PRESETS)
def test_members_are_exactly_as_many_as_asked(tmp_path: Path, preset: str, members: int) -> None:
    counts = invent.write(tmp_path, members=members, seed=5, month=MONTH, preset=preset)
    assert counts["members"] == members == len(table(tmp_path, "members"))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_table_has_the_columns_of_the_contract_and_no_ragged_row(society: Society, preset: str) -> None:
    folder, counts = society(preset)
    municipal = preset == "kokuho"
    tables = {**TABLES, "members": (*files.MEMBERS, *files.HOUSEHOLDS)} if municipal else TABLES
    for name, columns in tables.items():
        if municipal and name == "establishments":
            continue
        raw = (folder / f"{name}.csv").read_bytes()
        assert not raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8"))))
        assert tuple(rows[0]) == columns
        assert {len(row) for row in rows} == {len(columns)}
        if name in counts:
            assert len(rows) - 1 == counts[name]


@pytest.mark.parametrize("preset", PRESETS)
def test_codes_and_keys_are_those_of_the_contract(society: Society, preset: str) -> None:
    folder, _ = society(preset)
    employed = preset != "kokuho"
    listed = table(folder, "establishments") if employed else [{"insurer_number": "00119842", "code": ""}]
    establishments = {(row["insurer_number"], row["code"]) for row in listed}
    seen, insured = set(), set()
    for row in table(folder, "members"):
        assert (row["insurer_number"], row["establishment_code"]) in establishments
        assert (*key(row), row["acquired_on"]) not in seen
        seen.add((*key(row), row["acquired_on"]))
        assert row["sex"] in ("1", "2") and row["kind"] in ("insured", "dependent")
        assert row["coverage_kind"] in ("regular", "voluntary", "special_retired")
        assert row["individual_number_state"] in ("registered", "pending", "unregistered", "mismatch")
        for flag in ("resident", "nondisclosure", "needs_assistance", "address_protected", "sex_on_back"):
            assert row[flag] in ("0", "1")
        assert certain(row["birth_date"]) <= certain(row["acquired_on"])
        assert day(row["lost_on"]) is None or row["acquired_on"] < row["lost_on"]
        if row["kind"] == "insured":
            insured.add(key(row)[:3])
            assert row["standard_monthly_remuneration_yen"] in ("", *map(str, GRADES_YEN))
        else:
            assert key(row)[:3] in insured and row["standard_monthly_remuneration_yen"] == ""


def test_covers_under_one_number_never_overlap(society: Society) -> None:
    folder, _ = society()
    spells: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for row in table(folder, "members"):
        spells.setdefault(key(row), []).append((row["acquired_on"], row["lost_on"] or "9999-12-31"))
    assert any(len(each) > 1 for each in spells.values())
    for each in spells.values():
        each.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(each))


def test_a_persons_covers_agree_on_who_it_is(society: Society) -> None:
    folder, _ = society()
    people: dict[str, set[tuple[str, ...]]] = {}
    for row in table(folder, "members"):
        if row["person_key"]:
            facts = ("name", "name_kana", "birth_date", "sex", "individual_number", "individual_number_state")
            people.setdefault(row["person_key"], set()).add(tuple(row[fact] for fact in facts))
    assert people and all(len(each) == 1 for each in people.values())


@pytest.mark.parametrize("preset", PRESETS)
def test_check_digits_are_right_and_individual_numbers_unique(society: Society, preset: str) -> None:
    folder, _ = society(preset)
    members = table(folder, "members")
    for number in {row["insurer_number"] for row in members}:
        assert len(number) == 8 and luhn.is_valid(number) and 1 <= int(number[2:4]) <= 47
    holders: dict[str, set[str]] = {}
    for row in members:
        if row["individual_number"]:
            assert in_.is_valid(row["individual_number"]) and row["individual_number_state"] == "registered"
            holders.setdefault(row["individual_number"], set()).add(row["person_key"] or str(key(row)))
    assert holders and all(len(each) == 1 for each in holders.values())


def test_only_the_society_with_special_retirement_has_a_second_number_and_files_for_it(society: Society) -> None:
    for preset in PRESETS:
        folder, _ = society(preset)
        second = {row["insurer_number"] for row in table(folder, "members") if row["insurer_number"][:2] == "63"}
        assert len(second) == (preset == "renesas")
        assert ("[[insurer.also]]" in (folder / "policy.toml").read_text(encoding="utf-8")) == bool(second)
        expected = {f"fund_2026-{month:02d}.csv" for month in (9, 10, 11)}
        expected |= {f"fund_2026-{month:02d}_{number}.csv" for month in (9, 10, 11) for number in second}
        assert {path.name for path in folder.glob("fund_*.csv")} == expected


def test_the_municipal_scheme_has_neither_dependents_nor_employers(society: Society) -> None:
    folder, _ = society("kokuho")
    members = table(folder, "members")
    assert {row["kind"] for row in members} == {"insured"}
    assert {row["establishment_code"] for row in members} == {""}
    assert not (folder / "establishments.csv").exists()


def test_each_household_of_the_municipal_scheme_has_one_head_and_shares_are_told_from_70_on(society: Society) -> None:
    folder, _ = society("kokuho")
    heads: dict[str, int] = {}
    for row in table(folder, "members"):
        heads[row["household_key"]] = heads.get(row["household_key"], 0) + int(row["household_head"])
        if row["birth_date"] < "1956-11-01":
            assert row["copayment_percent"] in ("20", "30")
    assert len(heads) > 1 and set(heads.values()) == {1}
