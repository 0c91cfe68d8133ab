"""A family of three and somebody alone, loaded; nobody has a マイナ保険証 unless a test says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models import Clerk
from tests.certificates.filings.office import Office


@pytest.fixture
def empty_office(tmp_path: Path, clerk: Clerk) -> Office:
    return Office(tmp_path / "load", clerk)


@pytest.fixture
def office(empty_office: Office) -> Office:
    folder = empty_office.folder
    folder.establishment("0001", symbol="101").establishment("0002", symbol="102")
    folder.insured("1", person_key="P1").dependent("1", "01", person_key="P2")
    folder.dependent(
        "1",
        "02",
        relationship="長男",
        name="山田 次郎",
        name_kana="ヤマダ ジロウ",
        sex="1",
        birth_date="2015-05-05",
        person_key="P3",
    )
    folder.insured("2", name="佐藤 一", name_kana="サトウ ハジメ", birth_date="1975-06-07", person_key="P4")
    return empty_office.load()
