"""Three people of whom the fund is asked something."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kenpo.intake.load import load
from members.models import Member, MynaStatus
from tests.builders import ALSO, POLICY, SECOND_INSURER, Folder
from tests.exchange.requests.asking import TODAY, Clerks

BORN = {"1": "1980-04-15", "2": "1991-01-31", "3": "2000-02-29"}


@pytest.fixture
def people(tmp_path: Path, clerks: Clerks, home: Path) -> dict[str, Member]:
    """Three insured persons with a マイナ保険証, one of them under the second number."""
    folder = Folder(tmp_path / "in", POLICY + ALSO)
    for number, born in BORN.items():
        more = {"insurer_number": SECOND_INSURER, "coverage_kind": "special_retired"} if number == "3" else {}
        folder.insured(number, birth_date=born, name_kana=f"ヤマダ {'アイウ'[int(number) - 1]}", **more)
    load(folder.write(), on=TODAY)
    found = {member.number: member for member in Member.objects.all()}
    for member in found.values():
        MynaStatus.objects.create(
            person=member.person,
            as_of=date(2026, 10, 31),
            source="monthly",
            state="registered",
            registered_on=date(2024, 1, 1),
            e_certificate_expires_on=date(2030, 1, 1),
        )
    return found
