"""Filings by CSV: bad rows come back with line, column and reason; all or nothing, or the good ones."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import pytest

from certificates.models import EligibilityCertificate, Filing, Recovery, Ruling
from certificates.requests.filings.taking import take_file
from core.models import Clerk, Event
from members.models import Member, Person
from tests.builders import INSURER
from tests.certificates.filings.office import ON, Office
from tests.conftest import run_command

pytestmark = pytest.mark.django_db

COLUMNS = (
    "kind",
    "insurer_number",
    "symbol",
    "number",
    "branch_number",
    "effective_on",
    "received_on",
    "via",
    "name",
    "name_kana",
    "sex",
    "birth_date",
    "establishment_code",
    "reason",
    "new_number",
    "new_symbol",
    "postal_code",
    "address",
    "certificate_wanted",
    "備考",
)
JOINS = {
    "kind": "acquisition",
    "name": "高橋 𠮷男",
    "name_kana": "タカハシ ヨシオ",
    "sex": "1",
    "birth_date": "1990-02-03",
    "establishment_code": "0001",
}


def row(**cells: Any) -> dict[str, str]:
    return {
        "insurer_number": INSURER,
        "symbol": "101",
        "number": "1",
        "branch_number": "00",
        "effective_on": "2026-11-01",
        "received_on": "2026-11-09",
        "via": "establishment",
        **cells,
    }


def write(path: Path, *rows: dict[str, str], encoding: str = "utf-8", columns: Any = COLUMNS) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def everything() -> tuple[Any, ...]:
    models = (Member, Person, Filing, Recovery, Ruling, EligibilityCertificate)
    return (*(list(model.objects.order_by("pk").values()) for model in models), Event.objects.count())


GOOD = row(kind="loss", reason="retirement")
ADDRESS = row(kind="address", number="2", postal_code="530-0009", address="大阪市")
BAD = row(kind="loss", number="999", address="架空の住所")
WORSE = row(**{**JOINS, "number": "90", "effective_on": "2026-02-30", "sex": "x"})


def test_with_a_bad_row_nothing_is_taken(office: Office, tmp_path: Path) -> None:
    before = everything()
    path = write(tmp_path / "f.csv", GOOD, BAD, ADDRESS, WORSE)
    answer = run_command("file_filings", path, "--by", "suzuki", "--on", ON)
    assert answer.code == 2
    assert answer.json == {"taken": 0, "bad": 2, "already": 0, "waiting": 0, "errors_file": f"{path}.errors.csv"}
    assert everything() == before
    assert "架空" not in answer.out + answer.err


def test_with_take_good_the_good_ones_are_applied(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", GOOD, BAD, ADDRESS, WORSE, encoding="utf-8-sig")
    answer = run_command("file_filings", path, "--by", "suzuki", "--on", ON, "--take-good")
    assert answer.code == 0
    assert answer.json == {"taken": 2, "bad": 2, "already": 0, "waiting": 0, "errors_file": f"{path}.errors.csv"}
    assert Filing.objects.filter(status="applied").count() == 2
    assert not Member.objects.filter(number__in=("999", "90")).exists()


def test_the_bad_rows_come_back_with_line_column_reason_and_their_cells(office: Office, tmp_path: Path) -> None:
    broken = row(**{**BAD, "備考": "一行目\n二行目"})
    path = write(tmp_path / "f.csv", GOOD, broken, WORSE)
    taken = take_file(path, by=office.clerk, on=ON, take_good=True)
    assert taken.errors_file is not None
    assert stat.S_IMODE(taken.errors_file.stat().st_mode) == 0o600
    with taken.errors_file.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert list(found[0])[:4] == ["line", "column", "reason", "kind"]
    # The third row begins after a row of two lines.
    assert [(one["line"], one["column"]) for one in found] == [("3", "number"), ("5", "effective_on")]
    assert "見つかりません" in found[0]["reason"] and "暦にある日" in found[1]["reason"]
    assert (found[0]["備考"], found[0]["address"]) == ("一行目\n二行目", "架空の住所")
    assert found[1]["name"] == "高橋 𠮷男"


def test_the_corrected_list_is_handed_in_as_it_is(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", row(kind="loss", number="9", reason="other"), ADDRESS)
    errors = take_file(path, by=office.clerk, on=ON, take_good=True).errors_file
    assert errors is not None
    errors.write_text(errors.read_text(encoding="utf-8").replace(",101,9,", ",101,1,"), encoding="utf-8")
    taken = take_file(errors, by=office.clerk, on=ON)
    assert (taken.taken, taken.bad, taken.errors_file) == (1, 0, None)
    assert Filing.objects.get(kind="loss").data == {"reason": "other"}


def test_the_same_file_twice_is_once(office: Office, tmp_path: Path) -> None:
    office.myna(office.cover(), "not_registered")
    rows = (
        row(kind="name_change", name="山邉 太郎", name_kana="ヤマベ タロウ"),
        row(kind="symbol_change", establishment_code="0001", number="", branch_number="", new_symbol="105"),
        row(kind="loss", symbol="105"),
        row(kind="voluntary", symbol="105", new_number="70"),
        row(**{**JOINS, "symbol": "105", "number": "90", "certificate_wanted": "1"}),
    )
    path = write(tmp_path / "f.csv", *rows)
    first = run_command("file_filings", path, "--by", "suzuki", "--on", ON)
    assert first.json == {"taken": 5, "bad": 0, "already": 0, "waiting": 0, "errors_file": None}, first.err
    before = everything()
    again = run_command("file_filings", path, "--by", "suzuki", "--on", ON)
    assert again.json == {"taken": 0, "bad": 0, "already": 5, "waiting": 0, "errors_file": None}
    assert everything() == before


def test_a_row_may_build_on_an_earlier_one(office: Office, tmp_path: Path) -> None:
    rows = (
        row(**{**JOINS, "number": "90"}),
        row(
            kind="dependent_added",
            number="90",
            branch_number="01",
            name="高橋 花",
            name_kana="タカハシ ハナ",
            sex="2",
            birth_date="2026-10-30",
        ),
        row(kind="name_change", number="90", name="髙橋 𠮷男"),
        row(kind="loss", number="90", effective_on="2026-11-05"),
        row(kind="rehire", number="90", effective_on="2026-11-08", new_number="91"),
        row(kind="address", number="91", branch_number="01", effective_on="2026-11-08", address="大阪市"),
    )
    taken = take_file(write(tmp_path / "f.csv", *rows), by=office.clerk, on=ON)
    assert (taken.taken, taken.bad) == (6, 0)
    assert [(m.branch_number, m.lost_on) for m in Member.objects.filter(number="91").order_by("branch_number")] == [
        ("00", None),
        ("01", None),
    ]
    assert office.cover("91").person.name == "髙橋 𠮷男"


def test_a_row_that_builds_on_a_bad_one_is_bad_too(office: Office, tmp_path: Path) -> None:
    rows = (
        row(**{**JOINS, "number": "90", "birth_date": "2027-01-01"}),
        row(kind="address", number="90", address="大阪市"),
        ADDRESS,
    )
    taken = take_file(write(tmp_path / "f.csv", *rows), by=office.clerk, on=ON, take_good=True)
    assert (taken.taken, taken.bad) == (1, 2)


def test_a_change_still_to_come_is_taken_and_waits(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", row(kind="name_change", name="山邉 太郎", effective_on="2026-11-11"))
    assert run_command("file_filings", path, "--by", "suzuki", "--on", ON).json["waiting"] == 1
    assert Filing.objects.get().status == "received" and office.cover().person.name == "山田 太郎"
    assert run_command("file_filings", path, "--by", "suzuki", "--on", ON).json["already"] == 1
    assert run_command("file_filings", path, "--by", "suzuki", "--on", "2026-11-11").json["taken"] == 1
    assert office.cover().person.name == "山邉 太郎"


def test_a_row_copied_from_members_csv_may_tell_its_day_there(office: Office, tmp_path: Path) -> None:
    columns = (*COLUMNS, "acquired_on", "lost_on")
    good = row(kind="loss", effective_on="", lost_on="2026-11-01", acquired_on="2010-04-01")
    differs = row(kind="loss", number="2", lost_on="2026-11-02")
    path = write(tmp_path / "f.csv", good, differs, columns=columns)
    taken = take_file(path, by=office.clerk, on=ON, take_good=True)
    assert (taken.taken, taken.bad) == (1, 1)
    assert Filing.objects.get().effective_on.isoformat() == "2026-11-01"


@pytest.mark.parametrize(
    "content",
    [
        b"kind,symbol\nloss,101\n",
        "kind,insurer_number,symbol,number,branch_number,effective_on\n山田".encode("cp932"),
        b'kind,insurer_number,symbol,number,branch_number,effective_on\n"loss,1\n',
        b"kind,kind,insurer_number,symbol,number,branch_number,effective_on\n",
        b"",
    ],
)
def test_a_file_that_cannot_be_read_takes_nothing(office: Office, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    answer = run_command("file_filings", path, "--by", "suzuki", "--on", ON, "--take-good")
    assert answer.code == 2 and answer.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["f.csv", "load"]


def test_unreadable_after_good_rows_takes_none_of_them(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", GOOD, ADDRESS)
    path.write_bytes(path.read_bytes() + b'"never closed\n')
    before = everything()
    assert run_command("file_filings", path, "--by", "suzuki", "--on", ON, "--take-good").code == 2
    assert everything() == before


def test_a_row_of_another_width(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", GOOD)
    path.write_text(path.read_text(encoding="utf-8") + "loss,1\n", encoding="utf-8")
    taken = take_file(path, by=office.clerk, on=ON, take_good=True)
    assert (taken.taken, taken.bad) == (1, 1)


def test_a_cell_that_cannot_be_stored_is_a_bad_row(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", {**GOOD, "number": "1\0"}, {**ADDRESS, "address": "架空\x01"})
    taken = take_file(path, by=office.clerk, on=ON, take_good=True)
    assert (taken.taken, taken.bad) == (0, 2) and taken.errors_file is not None
    with taken.errors_file.open(encoding="utf-8", newline="") as file:
        assert [(row["line"], row["column"]) for row in csv.DictReader(file)] == [("2", "number"), ("3", "address")]


@pytest.mark.parametrize("day", ["20261101", "2026/11/1", "令和8年11月1日", "R8.11.1"])
def test_a_day_is_taken_as_the_pages_take_it_and_kept_as_one(office: Office, tmp_path: Path, day: str) -> None:
    told = {**row(kind="loss", effective_on=day), "birth_date": "昭和55年4月15日"}
    path = write(tmp_path / "f.csv", told, {**told, "effective_on": "2026-11-01"})
    taken = take_file(path, by=office.clerk, on=ON)
    assert (taken.taken, taken.bad, taken.already_lines) == (1, 0, [3])
    assert Filing.objects.get().effective_on.isoformat() == "2026-11-01"


def test_a_file_without_mistakes_leaves_no_list(office: Office, tmp_path: Path) -> None:
    path = write(tmp_path / "f.csv", GOOD)
    (tmp_path / "f.csv.errors.csv").write_text("of an earlier try", encoding="utf-8")
    assert take_file(path, by=office.clerk, on=ON).errors_file is None
    assert not (tmp_path / "f.csv.errors.csv").exists()


def test_who_may_not(office: Office, tmp_path: Path) -> None:
    Clerk.objects.create_user("kansa", role="auditor")
    path = write(tmp_path / "f.csv", GOOD)
    assert run_command("file_filings", path, "--by", "kansa", "--on", ON).code == 1
    assert run_command("file_filings", path, "--by", "nobody", "--on", ON).code == 2
    assert run_command("file_filings", tmp_path / "none.csv", "--by", "suzuki", "--on", ON).code == 2
    assert not Filing.objects.exists()
