"""The invented society: the same bytes for the same arguments, every special case, files that keep their contracts."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import call_command
from fontTools.ttLib import TTFont
from stdnum import luhn
from stdnum.jp import in_

from certificates import rules
from certificates.facts import FundRow, HeldCard, HeldCertificate, InsuredCover, MemberFacts
from certificates.law import law_on
from core.calendar import age_reached_on, month_end_after
from core.errors import BadInput
from core.text import identifier_key, kana_key
from kenpo import invent
from kenpo.invent import files
from kenpo.invent.fund import ODDITIES
from kenpo.invent.households import GRADES_YEN
from kenpo.invent.names import GLYPHLESS_NAMES
from kenpo.invent.papers import LEGACY_STOPPED_ON
from kenpo.invent.world import frame
from members.policy import PRESETS, build

MONTH = date(2026, 11, 1)
Row = dict[str, str]
Society = Callable[..., tuple[Path, dict[str, int]]]
TABLES = {
    "establishments": files.ESTABLISHMENTS,
    "members": files.MEMBERS,
    "legacy_cards": files.LEGACY_CARDS,
    "certificates": files.CERTIFICATES,
    "deregistrations": files.DEREGISTRATIONS,
    "cases": files.CASES,
}


@pytest.fixture(scope="module")
def society(tmp_path_factory: pytest.TempPathFactory) -> Society:
    """Answers a folder and its counts; each is written once."""

    @cache
    def written(
        preset: str = "toyobo", members: int = 400, month: date = MONTH
    ) -> tuple[Path, dict[str, int]]:
        folder = tmp_path_factory.mktemp("society")
        return folder, invent.write(folder, members=members, seed=7, month=month, preset=preset)

    return written


def table(folder: Path, name: str) -> list[Row]:
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def fund_rows(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def key(row: Row) -> tuple[str, str, str, str]:
    return row["insurer_number"], row["symbol"], row["number"], row["branch_number"]


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def certain(text: str) -> date:
    return date.fromisoformat(text)


def covered(row: Row, on: date) -> bool:
    lost_on = day(row["lost_on"])
    return certain(row["acquired_on"]) <= on and (lost_on is None or on < lost_on)


def digest(folder: Path) -> str:
    sums = [
        f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(folder.iterdir())
    ]
    return "\n".join(sums)


def case_rows(folder: Path, kind: str) -> list[Row]:
    """Rows of ``members.csv`` that ``cases.csv`` names for a kind."""
    keys = {key(row) for row in table(folder, "cases") if row["case"] == kind}
    return [row for row in table(folder, "members") if key(row) in keys]


# The same arguments, the same bytes


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        invent.write(tmp_path / name, members=300, seed=3, month=MONTH, preset="renesas")
    assert digest(tmp_path / "first") == digest(tmp_path / "second")


def test_another_process_with_another_hash_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys, datetime, pathlib; from kenpo import invent;"
        "invent.write(pathlib.Path(sys.argv[1]), members=300, seed=3, month=datetime.date(2026, 11, 1), preset='toyobo')"
    )
    for hash_seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / hash_seed)],
            check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": hash_seed},
        )
    assert digest(tmp_path / "1") == digest(tmp_path / "2")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        invent.write(tmp_path / str(seed), members=100, seed=seed, month=MONTH, preset="toyobo")
    assert (tmp_path / "1" / "members.csv").read_bytes() != (tmp_path / "2" / "members.csv").read_bytes()


def test_the_generator_needs_no_django() -> None:
    program = "import sys; import kenpo.invent; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])


# Rows and columns


@pytest.mark.parametrize("members", [1, 2, 3, 7, 50, 199, 200, 401])
@pytest.mark.parametrize("preset", PRESETS)
def test_members_are_exactly_as_many_as_asked(tmp_path: Path, preset: str, members: int) -> None:
    counts = invent.write(tmp_path, members=members, seed=5, month=MONTH, preset=preset)
    assert counts["members"] == members == len(table(tmp_path, "members"))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_table_has_the_columns_of_the_contract_and_no_ragged_row(society: Society, preset: str) -> None:
    folder, counts = society(preset)
    for name, columns in TABLES.items():
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
    establishments = {(row["insurer_number"], row["code"]) for row in table(folder, "establishments")}
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


def test_only_the_society_with_special_retirement_has_a_second_number_and_files_for_it(
    society: Society,
) -> None:
    for preset in PRESETS:
        folder, _ = society(preset)
        second = {
            row["insurer_number"] for row in table(folder, "members") if row["insurer_number"][:2] == "63"
        }
        assert len(second) == (preset == "renesas")
        assert ("[[insurer.also]]" in (folder / "policy.toml").read_text(encoding="utf-8")) == bool(second)
        expected = {f"fund_2026-{month:02d}.csv" for month in (9, 10, 11)}
        expected |= {f"fund_2026-{month:02d}_{number}.csv" for month in (9, 10, 11) for number in second}
        assert {path.name for path in folder.glob("fund_*.csv")} == expected


def test_the_municipal_scheme_has_neither_dependents_nor_employers(society: Society) -> None:
    folder, _ = society("kokuho")
    assert {row["kind"] for row in table(folder, "members")} == {"insured"}
    assert len(table(folder, "establishments")) == 1


# Special cases


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


# The fund's files


@pytest.mark.parametrize("preset", PRESETS)
def test_header_and_trailer_fit_the_file(society: Society, preset: str) -> None:
    folder, counts = society(preset)
    newest = 0
    for path in folder.glob("fund_*.csv"):
        rows = fund_rows(path)
        as_of = date.fromisoformat(f"{path.stem[5:12]}-01") - timedelta(days=1)
        assert rows[0][0] == "H" and rows[0][2] == f"{as_of:%Y%m%d}" and rows[0][4] == "M"
        assert rows[0][1] == (
            path.stem[13:] or next(r["insurer_number"] for r in table(folder, "establishments"))
        )
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
                line
                for line in rows
                if (identifier_key(line[1]), identifier_key(line[2])) == (symbol, number)
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


# The month that will be run on it


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("month", [date(2026, 11, 1), date(2025, 10, 1), date(2027, 2, 1), date(2026, 8, 1)])
def test_no_gate_holds_in_three_months_run_in_turn(society: Society, preset: str, month: date) -> None:
    folder, _ = society(preset, 1500, month)
    issues, registered, known = [], [], None
    policy = build(preset, {})
    held: dict[int, list[HeldCertificate]] = {}
    for months in (-2, -1, 0):
        file = Month(folder, month_end_after(month, months).replace(day=1))
        assert file.unmatched / file.rows <= policy.gate_unmatched_percent / 100
        states = file.states
        if known is not None:
            changed = sum(
                replace(known[who], as_of=row.as_of) != row for who, row in states.items() if who in known
            )
            assert changed / len(states) <= policy.gate_status_change_percent / 100
        known = states
        registered.append(100 * sum(row.state == "registered" for row in states.values()) / len(states))
        decided = file.decide(preset, held)
        issued = sum(each.outcome == "issue" for each in decided)
        issues.append(100 * issued / sum(each.outcome != "not_covered" for each in decided))
    assert max(abs(a - b) for a, b in pairwise(issues)) < policy.gate_issue_points
    drop = policy.gate_registration_drop_points
    assert max(abs(a - b) for a, b in pairwise(registered)) < drop
    assert 0.3 < issues[0] < 6 and 0 < issues[2] < 6


class Month:
    """One month's files matched to the members, and the outcome the rules give, without a database."""

    def __init__(self, folder: Path, first: date) -> None:
        self.folder, self.first = folder, first
        self.as_of = first - timedelta(days=1)
        self.members = table(folder, "members")
        self.rows = self.unmatched = 0
        self.states: dict[str, FundRow] = {}
        here = {
            (insurer, identifier_key(symbol), identifier_key(number), branch): row
            for row in self.members
            for insurer, symbol, number, branch in [key(row)]
            if covered(row, self.as_of)
        }
        seen: Counter[str] = Counter()
        for path in sorted(folder.glob(f"fund_{first:%Y-%m}*.csv")):
            lines = fund_rows(path)
            for line in lines[1:-1]:
                self.rows += 1
                row = here.get(
                    (lines[0][1], identifier_key(line[1]), identifier_key(line[2]), line[3] or "00")
                )
                if row is None:
                    self.unmatched += 1
                elif self._agrees(line, row):
                    seen[self.who(row)] += 1
                    self.states[self.who(row)] = self._state(line)
        for who in [who for who, count in seen.items() if count > 1]:
            del self.states[who]

    @staticmethod
    def who(row: Row) -> str:
        return row["person_key"] or "-".join((*key(row), row["acquired_on"]))

    @staticmethod
    def _agrees(line: list[str], row: Row) -> bool:
        same = kana_key(line[4]) == kana_key(row["name_kana"]) and line[5] == row["birth_date"].replace(
            "-", ""
        )
        return same and line[7] in ("0", "1")

    def _state(self, line: list[str]) -> FundRow:
        state = "returned" if line[10] == "1" else "registered" if line[7] == "1" else "not_registered"
        return FundRow(state, self.as_of, registered_on=_compact(line[8]), expires_on=_compact(line[9]))

    def decide(self, preset: str, held: dict[int, list[HeldCertificate]]) -> list[rules.Decided]:
        """The outcomes on the sixth; ``held`` gathers what this run issues, for the next month."""
        on = self.first + timedelta(days=5)
        days = rules.days_of_run(as_of=self.as_of, decided_on=on)
        papers = Papers(self.folder, self.members)
        decided = []
        for index, row in enumerate(self.members):
            own = papers.certificates.get(index, []) + held.get(index, [])
            facts = papers.facts(index, row, [each for each in own if each.valid_through >= on])
            facts = replace(facts, row=self.states.get(self.who(row)))
            outcome = rules.decide(facts, days, build(preset, {}), law_on(on))
            if outcome.certificate is not None:
                periods = (outcome.certificate, *outcome.successors)
                new = [HeldCertificate(0, each.effective_on, each.valid_through) for each in periods]
                held.setdefault(index, []).extend(new)
            decided.append(outcome)
        return decided


class Papers:
    """Certificates, cards and deregistrations by the member's place in ``members.csv``."""

    def __init__(self, folder: Path, members: list[Row]) -> None:
        self.members = members
        self._places: dict[tuple[str, ...], list[int]] = {}
        for index, row in enumerate(members):
            self._places.setdefault(key(row), []).append(index)
        self.certificates: dict[int, list[HeldCertificate]] = {}
        self.assisted: set[int] = set()
        for row in table(folder, "certificates"):
            index = self._place(row, "effective_on")
            period = HeldCertificate(0, certain(row["effective_on"]), certain(row["valid_through"]))
            self.certificates.setdefault(index, []).append(period)
            if row["basis"] == "application" and row["ground"] == "needs_assistance":
                self.assisted.add(index)
        self.cards: dict[int, list[HeldCard]] = {}
        for row in table(folder, "legacy_cards"):
            card = HeldCard(certain(row["issued_on"]), day(row["valid_through"]))
            self.cards.setdefault(self._place(row, "issued_on"), []).append(card)
        self.released: dict[int, list[date]] = {}
        for row in table(folder, "deregistrations"):
            self.released.setdefault(self._place(row, "accepted_on"), []).append(certain(row["accepted_on"]))

    def _place(self, row: Row, column: str) -> int:
        """The cover that holds the day of the row; every row must have exactly one."""
        [index] = [i for i in self._places[key(row)] if covered(self.members[i], certain(row[column]))]
        return index

    def facts(self, index: int, row: Row, certificates: list[HeldCertificate]) -> MemberFacts:
        return MemberFacts(
            acquired_on=certain(row["acquired_on"]),
            birth_date=certain(row["birth_date"]),
            kind=row["kind"],
            coverage_kind=row["coverage_kind"],
            lost_on=day(row["lost_on"]),
            resident=row["resident"] == "1",
            insured=self._insured(row),
            number_state=row["individual_number_state"],
            nondisclosure=row["nondisclosure"] == "1",
            needs_assistance=row["needs_assistance"] == "1",
            assisted=index in self.assisted,
            fund_registered_on=day(row["fund_registered_on"]),
            deregistered_on=tuple(self.released.get(index, [])),
            certificates=tuple(certificates),
            cards=tuple(self.cards.get(index, [])),
        )

    def _insured(self, row: Row) -> InsuredCover | None:
        if row["kind"] == "insured":
            return None
        head = self.members[self._places[*key(row)[:3], "00"][0]]
        return InsuredCover(
            head["coverage_kind"],
            certain(head["acquired_on"]),
            day(head["lost_on"]),
            certain(head["birth_date"]),
            head["resident"] == "1",
        )


def _compact(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("month", [date(2025, 1, 1), date(2026, 7, 1), date(2026, 11, 1), date(2031, 3, 1)])
def test_certificates_keep_to_the_limits(society: Society, preset: str, month: date) -> None:
    folder, _ = society(preset, 600, month)
    members = table(folder, "members")
    Papers(folder, members)  # every paper has its cover
    births = {key(row): row for row in members}
    policy = build(preset, {})
    for row in table(folder, "certificates"):
        issued_on, effective_on, last = (
            certain(row[column]) for column in ("issued_on", "effective_on", "valid_through")
        )
        assert LEGACY_STOPPED_ON <= issued_on <= effective_on <= last
        assert issued_on < month + timedelta(days=6)
        assert last < effective_on.replace(year=effective_on.year + policy.expiry_years, day=1) + timedelta(
            31
        )
        holder = births[key(row)]
        if holder["resident"] == "1":
            assert last <= age_reached_on(certain(holder["birth_date"]), 75)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_one_whose_name_cannot_be_printed_needs_a_certificate_this_month(
    society: Society, preset: str
) -> None:
    folder, _ = society(preset)
    rows = case_rows(folder, "missing_glyph")
    assert rows and all("\u8d5f" in row["name"] or "\u9648" in row["name"] for row in rows)
    outcomes = Month(folder, MONTH).decide(preset, {})
    names = [row["name"] for row in table(folder, "members")]
    assert all(outcomes[names.index(row["name"])].outcome == "issue" for row in rows)


# The command


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("invent", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_the_command_ends_with_one_line_of_counts(tmp_path: Path) -> None:
    code, out, _ = run(str(tmp_path / "deep" / "in"), "--members", "60", "--seed", "1", "--month", "2026-11")
    counts = json.loads(out.strip().splitlines()[-1])
    assert code == 0 and counts["members"] == 60
    assert 'preset = "toyobo"' in (tmp_path / "deep" / "in" / "policy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("members", "seed", "month", "preset"),
    [
        ("0", "1", "2026-11", "toyobo"),
        ("-5", "1", "2026-11", "toyobo"),
        ("many", "1", "2026-11", "toyobo"),
        ("10", "x", "2026-11", "toyobo"),
        ("10", "1", "2026-13", "toyobo"),
        ("10", "1", "2026-1", "toyobo"),
        ("10", "1", "2024-12", "toyobo"),
        ("10", "1", "2026-11", "nobody"),
    ],
)
def test_bad_input_is_refused_politely_and_writes_nothing(
    tmp_path: Path, members: str, seed: str, month: str, preset: str
) -> None:
    folder = tmp_path / "none"
    code, out, err = run(
        str(folder), f"--members={members}", "--seed", seed, "--month", month, "--preset", preset
    )
    assert code == 2 and out == "" and "ください" in err and not folder.exists()


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, _, err = run(str(tmp_path / "taken"), "--members", "5", "--seed", "1", "--month", "2026-11")
    assert code == 2 and "フォルダー" in err


def test_an_unknown_preset_is_bad_input() -> None:
    with pytest.raises(BadInput):
        frame(members=1, seed=1, month=MONTH, preset="nobody")


# Memory


def _peaks(folder: Path) -> Iterator[int]:
    program = (
        "import sys, datetime, pathlib, resource; from kenpo import invent;"
        "invent.write(pathlib.Path(sys.argv[1]), members=int(sys.argv[2]), seed=1,"
        " month=datetime.date(2026, 11, 1), preset='toyobo');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    for members in ("3000", "12000"):
        answer = subprocess.run(
            [sys.executable, "-c", program, str(folder), members],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        yield int(answer.stdout)


def test_memory_does_not_grow_with_the_society(tmp_path: Path) -> None:
    small, large = _peaks(tmp_path)
    assert large - small < 4096  # KiB; four times the members
