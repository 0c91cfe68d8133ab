"""The special cases of an invented society, and the oddities of its fund's files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from core.calendar import age_reached_on
from core.text import identifier_key, kana_key
from members.policy import PRESETS
from tests.kenpo.invented.reading import MONTH, Society, case_rows, certain, covered, fund_rows, key, table
from tools import invent
from tools.invent.fund import ODDITIES
from tools.invent.names import GLYPHLESS_NAMES
from tools.invent.world import frame


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("members", [200, 400])
def test_every_special_case_is_there(society: Society, preset: str, members: int) -> None:
    folder, counts = society(preset, members)
    kinds = invent.kinds(frame(members=members, seed=7, month=MONTH, preset=preset))
    assert len(kinds) > 45 and [kind for kind in kinds if counts[kind] == 0] == []
    assert set(kinds) == {row["case"] for row in table(folder, "cases")}
    assert counts["missing_glyph"] in (1, 2) and counts["fund_unmatched"] >= 1


def test_ages_are_reached_on_the_boundaries(society: Society) -> None:
    folder, _ = society()
    reached_70 = {age_reached_on(certain(r["birth_date"]), 70) for r in case_rows(folder, "turns_70")}
    assert {date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 14), date(2026, 11, 30)} <= reached_70
    last_days = {age_reached_on(certain(r["birth_date"]), 75) for r in case_rows(folder, "turns_75")}
    assert {date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30)} <= last_days
    for kind in ("leap_day_70", "leap_day_75"):
        assert {r["birth_date"][5:] for r in case_rows(folder, kind)} == {"02-29"}
    births = {r["birth_date"] for r in case_rows(folder, "school_age_boundary")}
    assert births == {"2020-03-31", "2020-04-01", "2020-04-02"}


def test_newborns_are_pending_acquired_after_the_file_and_not_in_it(society: Society) -> None:
    folder, _ = society()
    named = {row[1] + row[2] + row[3] for row in fund_rows(folder / "fund_2026-11.csv")[1:-1]}
    for row in case_rows(folder, "newborn_pending"):
        assert row["individual_number_state"] == "pending" and row["acquired_on"] > "2026-10-31"
        assert row["symbol"] + row["number"] + row["branch_number"] not in named


def test_electronic_certificates_run_out_on_exact_days(society: Society) -> None:
    folder, _ = society(members=2000)
    states = {tuple(row[1:4]): row[9] for row in fund_rows(folder / "fund_2026-11.csv")[1:-1]}

    def expiries(kind: str) -> set[str]:
        return {states[key(row)[1:]] for row in case_rows(folder, kind)}

    assert "20260731" in expiries("grace_over") and max(expiries("grace_over")) == "20260731"
    assert {"20260801", "20260831", "20260830"} == expiries("grace_ends_in_month")
    assert {"20260901", "20260930"} == expiries("grace_ends_next_month")
    assert expiries("expiry_blank") == {""}


def test_certificates_end_last_month_this_month_and_next(society: Society) -> None:
    folder, _ = society()
    ends = {key(row): row["valid_through"] for row in table(folder, "certificates")}
    for kind, last in (
        ("certificate_ended_last_month", "2026-10-31"),
        ("certificate_ends_in_month", "2026-11-30"),
        ("certificate_ends_next_month", "2026-12-31"),
        ("assistance_renewal", "2026-11-30"),
    ):
        assert {ends[key(row)] for row in case_rows(folder, kind)} == {last}


def test_rare_characters_are_written_as_they_are_and_the_face_has_them(society: Society) -> None:
    folder, _ = society()
    text = "".join(row["name"] + row["printed_name"] for row in table(folder, "members"))
    for rare in ("\U00020bb7", "髙", "\ufa11", "\ufa19", "渡邉\U000e010f"):
        assert rare in text
    missing = {c for surname, given in GLYPHLESS_NAMES for c in surname[0] + given[0] if c in "\u8d5f\u9648"}
    for path in Path("/usr/share/fonts").rglob("ipamjm.ttf"):
        known, sequences = _face(path)
        for first, second in zip(text, f"{text[1:]} ", strict=True):
            if 0xE0100 <= ord(second) <= 0xE01EF:
                assert (ord(first), ord(second)) in sequences
            elif not 0xE0100 <= ord(first) <= 0xE01EF:
                assert ord(first) in known or first in missing
        assert not any(ord(character) in known for character in missing)


def _face(path: Path) -> tuple[set[int], set[tuple[int, int]]]:
    font = TTFont(path)
    tables = [t for t in font["cmap"].tables if t.format == 14]
    pairs = {(pair[0], selector) for t in tables for selector, listed in t.uvsDict.items() for pair in listed}
    return set(font.getBestCmap()), pairs


@pytest.mark.parametrize("preset", PRESETS)
def test_header_and_trailer_fit_the_file(society: Society, preset: str) -> None:
    folder, counts = society(preset)
    newest = 0
    for path in folder.glob("fund_*.csv"):
        rows = fund_rows(path)
        as_of = date.fromisoformat(f"{path.stem[5:12]}-01") - timedelta(days=1)
        assert rows[0][0] == "H" and rows[0][2] == f"{as_of:%Y%m%d}" and rows[0][4] == "M"
        assert rows[0][1] == (path.stem[13:] or next(r["insurer_number"] for r in table(folder, "members")))
        assert rows[-1] == ["T", str(len(rows) - 2)]
        assert {(row[0], len(row)) for row in rows[1:-1]} == {("D", 12)}
        newest += (len(rows) - 2) * ("2026-11" in path.name)
    assert newest == counts["fund_rows"]


def test_oddities_differ_as_they_should_and_nothing_else_does(society: Society) -> None:
    folder, _ = society(members=1000)
    members = {key(row)[1:]: row for row in table(folder, "members") if covered(row, date(2026, 10, 31))}
    lines: dict[str, list[list[str]]] = {}
    rows = fund_rows(folder / "fund_2026-11.csv")[1:-1]
    for kind in ODDITIES:
        for row in case_rows(folder, kind):
            symbol, number = row["symbol"], row["number"]
            lines.setdefault(kind, []).extend(
                line for line in rows if (identifier_key(line[1]), identifier_key(line[2])) == (symbol, number)
            )
    member = {kind: members[key(case_rows(folder, kind)[0])[1:]] for kind in ODDITIES}
    for kind in ("fund_small_kana", "fund_half_width", "fund_conflict_kana"):
        given, known = lines[kind][0][4], member[kind]["name_kana"]
        assert given != known and (kana_key(given) == kana_key(known)) == (kind != "fund_conflict_kana")
    assert lines["fund_no_branch"][0][3] == "" and lines["fund_missing"] == []
    assert lines["fund_wide_digits"][0][2] != member["fund_wide_digits"]["number"]
    assert len(lines["fund_double"]) == 2 * len(case_rows(folder, "fund_double"))
    assert lines["fund_conflict_birth"][0][5] != member["fund_conflict_birth"]["birth_date"].replace("-", "")
    assert lines["fund_rejected_date"][0][5].endswith("0231") and lines["fund_rejected_code"][0][7] == "9"
