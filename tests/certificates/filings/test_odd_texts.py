"""What looks like damage is said at every door: before a filing is saved, and by line where it comes in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from certificates.requests.applications.bulk import receive_file
from certificates.requests.filings.taking import take_file
from kenpo.intake.load import load_folder
from members.models import Person
from tests.builders import INSURER, Folder
from tests.certificates.filings.office import ON, Office
from tests.certificates.filings.test_file import row, write

pytestmark = pytest.mark.django_db

ASKED = "届書や本人に確かめ"


def test_a_folder_is_loaded_and_each_damaged_cell_listed(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "in").establishment("0001", symbol="101", name="第一〓製作所")
    folder.insured("1", name="?田 三郎", name_kana="ヤマダ  サブロウ", address="大阪市□区")
    folder.insured("2", name="尾崎_x000D_", printed_name="　ジロー", mailing_address="大阪市\ufffd区")
    folder.insured("3", name="邉\U000e0110　José・は\u3099ん", printed_name="", mailing_address="")
    loaded = load_folder(folder.write(), on=ON)
    assert [(odd.file, odd.line, odd.column) for odd in loaded.odd] == [
        ("establishments.csv", 2, "name"),
        ("members.csv", 2, "name"),
        ("members.csv", 2, "name_kana"),
        ("members.csv", 2, "address"),
        ("members.csv", 3, "name"),
        ("members.csv", 3, "mailing_address"),
        ("members.csv", 3, "printed_name"),
    ]
    assert all(ASKED in odd.expected for odd in loaded.odd)
    assert not any("三郎" in str(odd) or "尾崎" in str(odd) for odd in loaded.odd)
    assert Person.objects.filter(name="?田 三郎").exists()


@pytest.mark.parametrize(
    ("kind", "told", "label"),
    [
        ("name_change", {"name": "?田 太郎", "name_kana": "ヤマダ タロウ"}, "氏名"),
        ("name_change", {"printed_name": "〓崎"}, "通称名"),
        ("name_change", {"name": "山田 太郎", "name_kana": "　ヤマダ タロウ"}, "フリガナ"),
        ("address", {"address": "大阪市\u00ad北区", "postal_code": "530-0001"}, "住所"),
        ("address", {"mailing_address": "大阪市□区", "mailing_postal_code": "530-0001"}, "送付先"),
        ("address", {"safe_address": "大阪市_x000D_", "safe_postal_code": "530-0001"}, "安全な送付先"),
    ],
)
def test_a_filing_says_it_before_it_is_saved(office: Office, kind: str, told: dict[str, str], label: str) -> None:
    preview = office.preview(kind, office.cover(), "2026-11-09", **told)
    (odd,) = [one for one in preview.oddities if ASKED in one]
    assert odd.startswith(f"「{label}」：") and not preview.refusals


def test_a_filing_like_any_other_says_nothing(office: Office) -> None:
    told = {"name": "邉\U000e0110　José", "name_kana": "ヤマダ タロウ"}
    assert not [
        one for one in office.preview("name_change", office.cover(), "2026-11-09", **told).oddities if ASKED in one
    ]


@pytest.mark.parametrize("effective_on", ["2026-11-09", "2026-11-10", "2026-11-11"])
def test_filings_of_a_file_say_it_by_line_also_while_they_wait(
    office: Office, tmp_path: Path, effective_on: str
) -> None:
    path = write(
        tmp_path / "in.csv",
        row(kind="name_change", name="?田 太郎", name_kana="ヤマダ タロウ", effective_on=effective_on),
    )
    taken = take_file(path, by=office.clerk, on=ON)
    (odd,) = [one for one in taken.odd if ASKED in one.expected]
    assert odd.line == 2 and odd.expected.startswith("「氏名」：") and taken.taken == 1


def test_applications_say_whose_paper_would_be_held(office: Office, tmp_path: Path) -> None:
    Person.objects.filter(pk=office.cover().person_id).update(name="〓田 太郎")
    path = tmp_path / "applications.csv"
    path.write_text(
        "insurer_number,symbol,number,branch_number,kind,ground,received_on,via,applicant,proxy_relationship\n"
        f"{INSURER},101,2,00,issue,lost_card,2026-11-09,mail,proxy,?の父\n"
        f"{INSURER},101,1,00,issue,lost_card,2026-11-09,mail,,\n",
        encoding="utf-8",
    )
    taken = receive_file(path, on=ON, by=office.clerk)
    assert [(odd.line, odd.column) for odd in taken.odd] == [(2, "proxy_relationship"), (3, None)]
    assert "「氏名」が文字化けかもしれないため、印刷できません" in taken.odd[1].expected
    assert len(taken.applications) == 2 and not taken.mistakes
