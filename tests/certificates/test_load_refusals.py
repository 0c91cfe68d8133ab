"""Loading a folder: what is refused and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, Refused
from kenpo.intake.load import load
from members.models import Member, Policy
from tests.builders import ALSO, POLICY, SECOND_INSURER, Folder
from tests.certificates.loads import DAY, mistakes, state, whole
from tests.conftest import run_command

pytestmark = pytest.mark.django_db


# Refusals


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", ""),
        ("name", "　"),
        ("name_kana", ""),
        ("birth_date", ""),
        ("symbol", ""),
        ("number", ""),
        ("number", " 　"),
        ("acquired_on", ""),
        ("acquired_on", "2026-02-29"),
        ("birth_date", "1980-4-1"),
        ("birth_date", "2026-W45-5"),
        ("birth_date", "19800401"),
        ("lost_on", "2026-11-31"),
        ("lost_on", "昭和55年"),
        ("sex", "3"),
        ("sex", ""),
        ("sex", "１"),
        ("kind", "family"),
        ("kind", ""),
        ("coverage_kind", "special"),
        ("individual_number_state", "unknown"),
        ("resident", "true"),
        ("resident", ""),
        ("nondisclosure", "2"),
        ("needs_assistance", "yes"),
        ("address_protected", "x"),
        ("sex_on_back", "9"),
        ("branch_number", "1"),
        ("branch_number", "001"),
        ("branch_number", "1 "),
        ("standard_monthly_remuneration_yen", "300,000"),
        ("standard_monthly_remuneration_yen", "30万"),
        ("standard_monthly_remuneration_yen", "-1"),
        ("standard_monthly_remuneration_yen", "３０００００"),
        ("standard_monthly_remuneration_yen", "99999999999"),
        ("establishment_code", "9999"),
        ("establishment_code", ""),
        ("insurer_number", "06130489"),
        ("insurer_number", "6130488"),
        ("insurer_number", "06137251"),
        ("insurer_number", ""),
        ("individual_number", "123456789012"),
        ("individual_number", "12345678901"),
        ("name", "x" * 201),
        ("fund_registered_on", "2026-13-01"),
    ],
)
def test_a_bad_cell_is_named_by_file_line_and_column(folder: Folder, column: str, value: str) -> None:
    folder.insured("1").insured(**{"number": "2", column: value})
    assert mistakes(folder) == [("members.csv", 3, column)]


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("establishments", "code", ""),
        ("establishments", "name", ""),
        ("establishments", "insurer_number", "x"),
        ("legacy_cards", "issued_on", ""),
        ("legacy_cards", "valid_through", "2025-02-30"),
        ("legacy_cards", "number", "77"),
        ("legacy_cards", "branch_number", "09"),
        ("certificates", "basis", ""),
        ("certificates", "basis", "other"),
        ("certificates", "issued_on", ""),
        ("certificates", "effective_on", "x"),
        ("certificates", "valid_through", ""),
        ("certificates", "ground", "x"),
        ("certificates", "symbol", "999"),
        ("deregistrations", "accepted_on", ""),
        ("deregistrations", "number", "77"),
    ],
)
def test_a_bad_cell_of_the_other_files_too(folder: Folder, file: str, column: str, value: str) -> None:
    folder.establishment().insured("1").add(file, **({"number": "1"} if file != "establishments" else {"code": "0002"}))
    folder.change(file, -1, **{column: value})
    where = "number" if file != "establishments" and column in ("symbol", "number", "branch_number") else column
    line = 3 if file == "establishments" else 2
    assert mistakes(folder) == [(f"{file}.csv", line, where)]


# Around the ends of each window, seen from 6 November 2026: the day before, the day, the day after.
WINDOWS = [
    ("members", "birth_date", ["1868-01-24", "1868-01-25", "1868-01-26"], ["2026-11-07", "2026-11-06", "2026-11-05"]),
    ("members", "acquired_on", ["1921-12-31", "1922-01-01", "1922-01-02"], ["2036-11-07", "2036-11-06", "2036-11-05"]),
    ("members", "lost_on", ["1921-12-31", "1922-01-01", "1922-01-02"], ["2036-11-07", "2036-11-06", "2036-11-05"]),
    ("legacy_cards", "valid_through", ["1921-12-31", "1922-01-01"], ["9999-12-31", "2036-11-06"]),
    ("certificates", "valid_through", ["0001-01-01", "1922-01-01"], ["2036-11-07", "2036-11-06"]),
    ("deregistrations", "accepted_on", ["1999-12-31"], ["2036-11-07"]),
]


@pytest.mark.parametrize(
    ("file", "column", "day", "refused"),
    [
        (file, column, day, place == 0)
        for file, column, *ends in WINDOWS
        for days in ends
        for place, day in enumerate(days)
    ],
)
def test_a_day_that_cannot_be_is_refused_with_its_window(
    folder: Folder, file: str, column: str, day: str, refused: bool
) -> None:
    folder.insured("1")
    if file != "members":
        folder.add(file, number="1")
    folder.change(file, -1, **{column: day})
    if refused:
        assert mistakes(folder) == [(f"{file}.csv", 2, column)]
        with pytest.raises(BadInput, match="までの日を入れてください"):
            load(folder.path, on=DAY)
    else:
        load(folder.write(), on=DAY)


@pytest.mark.parametrize("key", ["valid_from", "legacy_last_day"])
@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
def test_a_setting_of_an_impossible_day_is_refused(folder: Folder, key: str, day: str) -> None:
    folder.policy = f'{key} = "{day}"\n{POLICY}'
    assert mistakes(folder.insured("1")) == [("policy.toml", None, key)]


def test_all_mistakes_are_found_at_once(folder: Folder) -> None:
    folder.insured("1", sex="9", birth_date="x").insured("1").dependent("2").insured("3", establishment_code="77")
    folder.legacy_card("5").certificate("1", valid_through="x")
    assert (
        mistakes(folder)
        == [
            ("members.csv", 2, "sex"),
            ("members.csv", 2, "birth_date"),
            ("members.csv", 3, "number"),
            ("members.csv", 4, "kind"),
            ("members.csv", 5, "establishment_code"),
            ("legacy_cards.csv", 2, "number"),
            ("certificates.csv", 2, "valid_through"),
        ]
        or sorted
    )


def test_many_mistakes_are_cut_off_and_counted(folder: Folder) -> None:
    for number in range(70):
        folder.insured(str(number), sex="9")
    found = mistakes(folder)
    assert len(found) == 51
    answer = run_command("load", folder.path)
    assert (answer.code, len(answer.err.splitlines())) == (2, 51)
    assert "20件" in answer.err.splitlines()[-1]


def test_a_message_never_repeats_what_stood_in_the_cell(folder: Folder) -> None:
    folder.insured("1", name="x" * 201, birth_date="ひみつの日", individual_number="123456789012", lost_on="ひみつ")
    answer = run_command("load", folder.write())
    assert answer.code == 2
    for secret in ("xxx", "ひみつ", "123456789012", "山田", "ヤマダ"):
        assert secret not in answer.err + answer.out


@pytest.mark.parametrize("file", ["establishments", "members", "certificates", "legacy_cards", "deregistrations"])
def test_a_missing_column_is_named(folder: Folder, file: str) -> None:
    whole(folder)
    folder.left_out[file] = ("number",) if file != "establishments" else ("name",)
    assert (f"{file}.csv", 1, "number" if file != "establishments" else "name") in mistakes(folder)


@pytest.mark.parametrize("file", ["establishments.csv", "members.csv", "policy.toml"])
def test_a_missing_file_is_named(folder: Folder, file: str) -> None:
    path = folder.insured("1").write()
    (path / file).unlink()
    answer = run_command("load", path)
    assert answer.code == 2
    assert file in answer.err
    assert not Member.objects.exists()


def test_the_settings_may_be_left_out_once_they_are_known(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    (folder.path / "policy.toml").unlink()
    folder.policy = None
    assert load(folder.insured("2").write(), on=DAY)["added"] == 1


def test_settings_with_an_escaped_character_that_cannot_be_stored(folder: Folder) -> None:
    path = folder.insured("1").write() / "policy.toml"
    path.write_text(path.read_text("utf-8").replace('name = "', 'name = "\\u0000', 1), "utf-8")
    with pytest.raises(BadInput, match="使えない文字"):
        load(folder.path, on=DAY)


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    assert run_command("load", tmp_path / "nowhere").code == 2


def spoil(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: (path / name).write_bytes(change((path / name).read_bytes())) and None


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (spoil("members.csv", lambda b: b.decode().encode("cp932")), 2),
        (spoil("members.csv", lambda b: b + b"\xff\n"), 4),
        (spoil("members.csv", lambda b: b""), 1),
        (spoil("members.csv", lambda b: b + b"a,b\n"), 4),
        (spoil("members.csv", lambda b: b + b'"open'), 4),
        (spoil("members.csv", lambda b: b + b'"a"b,c\n'), 4),
        (spoil("members.csv", lambda b: b + b"a\0b\n"), 4),
        (spoil("members.csv", lambda b: b.replace(b",kind,", b",number,")), 1),
    ],
)
def test_a_file_that_cannot_be_read_is_named(folder: Folder, damage: Any, line: int | None) -> None:
    damage(folder.insured("1").insured("2").write())
    with pytest.raises(BadInput) as bad:
        load(folder.path, on=DAY)
    assert {(m.file, m.line) for m in bad.value.mistakes} == {("members.csv", line)}
    assert not Member.objects.exists()


def test_a_line_is_counted_as_an_editor_counts_it(folder: Folder) -> None:
    folder.insured("1", address="一行目\n二行目").insured("2", sex="9")
    assert mistakes(folder) == [("members.csv", 4, "sex")]


def test_a_member_twice_is_a_duplicate_also_in_another_width(folder: Folder) -> None:
    folder.insured("12").insured("１２", name="別の人")
    assert mistakes(folder) == [("members.csv", 3, "number")]


@pytest.mark.parametrize(
    ("lost_on", "acquired_on", "refused"),
    [
        ("2020-04-01", "2020-03-31", True),
        ("2020-04-01", "2020-04-01", False),
        ("2020-04-01", "2020-04-02", False),
        ("", "2020-04-01", True),
    ],
)
def test_one_number_at_a_time(folder: Folder, lost_on: str, acquired_on: str, refused: bool) -> None:
    folder.insured("1", lost_on=lost_on).insured("1", acquired_on=acquired_on)
    if refused:
        assert mistakes(folder) == [("members.csv", 3, "acquired_on")]
    else:
        assert load(folder.write(), on=DAY)["added"] == 2


def test_one_number_at_a_time_also_against_what_is_stored(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    later = Folder(folder.path).insured("1", acquired_on="2020-04-01")
    assert mistakes(later) == [("members.csv", 2, "acquired_on")]


def test_the_same_paper_twice_is_a_duplicate(folder: Folder) -> None:
    folder.insured("1").certificate("1").certificate("1", issued_on="2025-11-11").certificate("1", basis="application")
    folder.legacy_card("1").legacy_card("1", valid_through="2025-01-01").deregistration("1").deregistration("1")
    assert mistakes(folder) == [
        ("legacy_cards.csv", 3, "number"),
        ("certificates.csv", 3, "number"),
        ("deregistrations.csv", 3, "number"),
    ]


def test_the_same_employer_twice_is_a_duplicate(folder: Folder) -> None:
    folder.establishment().establishment(name="別の名").insured("1")
    assert mistakes(folder) == [("establishments.csv", 3, "code")]


def test_a_dependent_without_an_insured_person_is_refused(folder: Folder) -> None:
    folder.insured("1").dependent("2")
    assert mistakes(folder) == [("members.csv", 3, "kind")]


def test_whoever_has_dependents_cannot_become_one(folder: Folder) -> None:
    load(folder.insured("1").dependent("1").write(), on=DAY)
    folder = Folder(folder.path).insured("1", branch_number="05").dependent("1", "00", acquired_on="2010-04-01")
    assert mistakes(folder) == [("members.csv", 3, "kind")]


def test_one_bad_row_keeps_everything_out(folder: Folder) -> None:
    load(whole(folder).write(), on=DAY)
    folder.policy = POLICY.replace('"toyobo"', '"kyokai"')
    folder.change("members", 0, name="変わった 名前").establishment("0002").insured("50", sex="9")
    assert mistakes(folder) == [("members.csv", 6, "sex")]


# policy.toml


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('preset = "toyobo"', 'preset = "nobody"', "preset"),
        ('preset = "toyobo"', "", "preset"),
        ('preset = "toyobo"', 'preset = "toyobo"\nsurprise = 1', "surprise"),
        ('preset = "toyobo"', 'preset = "toyobo"\nexpiry_years = 6', "expiry_years"),
        ('preset = "toyobo"', 'preset = "toyobo"\nvalid_from = "2026-02-30"', "valid_from"),
        ('preset = "toyobo"', 'preset = "toyobo"\nvalid_from = 5', "valid_from"),
        ('"06130488"', '"06130489"', "insurer.number"),
        ('"06130488"', "6130488", "insurer.number"),
        ('"架空健康保険組合"', '""', "insurer.name"),
        ('phone = "06-0000-0000"', 'fax = "06-0000-0000"', "insurer.fax"),
        ("[insurer]", "[society]", "society"),
    ],
)
def test_a_mistake_in_the_settings_is_named(folder: Folder, old: str, new: str, column: str) -> None:
    folder.policy = POLICY.replace(old, new)
    assert ("policy.toml", None, column) in mistakes(folder.insured("1"))


def test_mistakes_of_settings_and_rows_are_found_together(folder: Folder) -> None:
    folder.policy = POLICY.replace("toyobo", "nobody")
    assert mistakes(folder.insured("1", sex="9")) == [("policy.toml", None, "preset"), ("members.csv", 2, "sex")]


@pytest.mark.parametrize(("text", "line"), [("preset = \n", 1), ('a = 1\nb = "', 2), ("a = 1\na = 2\n", 2)])
def test_broken_toml_is_named_by_line(folder: Folder, text: str, line: int) -> None:
    folder.policy = text
    found = mistakes(folder.insured("1"))
    assert found[0][0] == "policy.toml"
    assert found[0][1] in (line, None)


def test_settings_begin_on_their_own_day_and_an_equal_day_replaces(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    folder.policy = POLICY.replace('"toyobo"', '"toyobo"\nvalid_from = 2026-04-01\nreturn_days = 9')
    assert load(folder.write(), on=DAY)["others_changed"] == 1
    folder.policy = folder.policy.replace("= 9", "= 8")
    load(folder.write(), on=DAY)
    assert [p.value.return_days for p in Policy.objects.order_by("valid_from")] == [7, 8]


def test_another_society_is_refused(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    folder.policy = POLICY.replace("06130488", "06137251")
    before = state()
    with pytest.raises(Refused):
        load(folder.write(), on=DAY)
    assert state() == before
    assert run_command("load", folder.path).code == 1


def test_a_number_written_twice_is_refused(folder: Folder) -> None:
    folder.policy = POLICY + ALSO.replace(SECOND_INSURER, "06130488")
    assert ("policy.toml", None, "insurer.also.number") in mistakes(folder.insured("1"))
