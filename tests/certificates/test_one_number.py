"""A number that differs by a blank or by what nobody sees is the same number, at every door."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from certificates.decisions.services import find_members
from certificates.models import Application, Inquiry, LegacyCard
from certificates.requests import filings
from certificates.requests.applications.bulk import receive_file
from certificates.requests.filings.taking import take_file
from certificates.requests.inquiries.bulk import answers_from_file
from core.models import Clerk
from exchange import incoming
from kenpo.intake.load import load
from members.models import Member
from members.search import members
from tests.builders import INSURER, Folder
from tests.certificates.filings.office import ON, Office
from tests.certificates.loads import DAY, mistakes, odd
from tests.conftest import run_command
from tests.exchange.fund import Line, receive, v1

pytestmark = pytest.mark.django_db

SAME = ["1\u00a0", "1\t", "\u200b1", "1\u00ad", "\u30001", "１", "1\ufe0f", "\ufeff1"]
HIDDEN = SAME[:5]


@pytest.fixture
def office(tmp_path: Path, clerk: Clerk) -> Office:
    office = Office(tmp_path / "load", clerk)
    office.folder.insured("1")
    return office.load()


def write(path: Path, **cells: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(cells), lineterminator="\n")
        writer.writeheader()
        writer.writerow(cells)
    return path


@pytest.mark.parametrize("number", SAME)
def test_twice_in_one_folder_is_refused(folder: Folder, number: str) -> None:
    folder.insured("1").insured(number)
    assert mistakes(folder)[:1] == [("members.csv", 3, "number")]


@pytest.mark.parametrize("number", HIDDEN)
def test_a_load_speaks_of_the_cover_there_is_and_leaves_its_number(office: Office, number: str) -> None:
    office.folder.change("members", number=number, name="山田 太一").legacy_card(number)
    counts = load(office.folder.write(), on=DAY)
    assert (counts["added"], counts["updated"]) == (0, 1)
    only = Member.objects.get()
    assert (only.number, only.person.name) == ("1", "山田 太一")
    assert LegacyCard.objects.get().member == only
    assert find_members("101", number, insurer_number=INSURER) == [only]


@pytest.mark.parametrize("number", HIDDEN)
def test_a_new_one_is_kept_as_it_came_and_listed(folder: Folder, number: str) -> None:
    folder.insured(number).insured("2", symbol="101\u00a0")
    assert odd(folder) == [("members.csv", 2, "number"), ("members.csv", 3, "symbol")]
    assert set(Member.objects.values_list("number", flat=True)) == {number, "2"}


@pytest.mark.parametrize("number", SAME)
def test_a_row_of_the_fund_is_the_members(office: Office, number: str) -> None:
    file = receive(v1([Line("101", number, "00", "ヤマダ タロウ", "19800415")]))
    row = file.rows.get()
    assert (row.outcome, row.number, row.number_key) == ("staged", number, "1")


@pytest.mark.parametrize("number", SAME)
def test_an_acquisition_under_it_is_refused(office: Office, number: str, tmp_path: Path) -> None:
    told = {
        "effective_on": "2026-11-01",
        "symbol": "101",
        "number": number,
        "branch_number": "00",
        "establishment_code": "0001",
        "name": "高橋 一",
        "name_kana": "タカハシ ハジメ",
        "sex": "1",
        "birth_date": "1990-02-03",
    }
    asked = filings.FilingData("acquisition", None, told, ON)
    assert "記号・番号" in filings.preview(asked, on=ON).refusals[0]
    path = write(tmp_path / "f.csv", kind="acquisition", insurer_number=INSURER, **told)
    assert take_file(path, by=office.clerk, on=ON, take_good=True).bad == 1
    assert Member.objects.count() == 1


@pytest.mark.parametrize("number", SAME)
def test_filings_applications_and_answers_find_the_member(office: Office, number: str, tmp_path: Path) -> None:
    named: dict[str, Any] = {"insurer_number": INSURER, "symbol": "101", "number": number, "branch_number": "00"}
    path = write(
        tmp_path / "f.csv", kind="address", effective_on="2026-11-01", postal_code="530-0009", address="大阪市", **named
    )
    assert take_file(path, by=office.clerk, on=ON).taken == 1
    path = write(tmp_path / "a.csv", kind="issue", ground="lost_card", received_on="2026-11-09", via="mail", **named)
    receive_file(path, on=ON, by=office.clerk)
    assert Application.objects.get().member == Member.objects.get()
    Inquiry.objects.create(
        person=Member.objects.get().person, member=Member.objects.get(), opened_on=ON, due_on=ON, status="open"
    )
    path = write(
        tmp_path / "i.csv",
        as_of="2026-11-09",
        registration="0",
        registered_on="",
        e_certificate_expires_on="",
        returned="0",
        returned_on="",
        **named,
    )
    result = answers_from_file(path, by=office.clerk, on=ON)
    assert result.taken is not None and result.taken.answered == 1


@pytest.mark.parametrize("number", SAME)
def test_the_search_and_the_explanation_find_it(office: Office, number: str) -> None:
    assert list(members(f"101-{number}")) == [Member.objects.get()]
    answer = run_command("why", "101", number, "00")
    assert answer.code == 1 and "月次判定" in answer.err, answer.err


PLAIN = "オニール　ジヤンポール"


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize(
    ("kana", "outcome"),
    [
        ("オ'ニール ジャン＝ポール", "staged"),
        ("オ’ニール ジャン゠ポール", "staged"),
        ("オニール ジャン·ポール", "staged"),
        ("オニール　ジャンホ\u309aール", "staged"),
        ("オニール　ジャンボール", "conflict"),
        ("オニール　ジャンホ\u3099ール", "conflict"),
    ],
)
def test_separators_and_marks_in_a_reading_do_not_divide_a_man(
    folder: Folder, kana: str, outcome: str, registered: bool
) -> None:
    ours, theirs = (kana, PLAIN) if registered else (PLAIN, kana)
    load(folder.insured("1", name_kana=ours).write(), on=DAY)
    file = receive(v1([Line("101", "1", "00", theirs, "19800415")]))
    incoming.match([file], on=DAY)
    row = file.rows.get()
    assert (row.outcome, row.member_id) == (outcome, Member.objects.get().pk)
