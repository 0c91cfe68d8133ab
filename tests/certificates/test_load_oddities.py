"""Loading a folder: what merely looks odd is loaded and listed."""

from __future__ import annotations

import pytest

from members.models import Member
from tests.builders import Folder
from tests.certificates.loads import odd

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"lost_on": "2001-01-01"}, "lost_on"),
        ({"birth_date": "1899-12-31", "resident": "0"}, "birth_date"),
        ({"birth_date": "2015-01-01"}, "acquired_on"),
        ({"standard_monthly_remuneration_yen": ""}, "standard_monthly_remuneration_yen"),
        ({"symbol": "202"}, "symbol"),
    ],
)
def test_an_odd_member_is_loaded_and_listed(folder: Folder, cells: dict[str, str], column: str) -> None:
    assert odd(folder.insured("1", **cells)) == [("members.csv", 2, column)]
    assert Member.objects.count() == 1


def test_odd_families_and_persons(folder: Folder) -> None:
    folder.insured("1", lost_on="2026-04-01").dependent("1")
    folder.insured("2", person_key="K").insured("3", person_key="K", acquired_on="2020-01-01", birth_date="1980-04-16")
    assert sorted(odd(folder), key=str) == sorted(
        [
            ("members.csv", 3, "acquired_on"),
            ("members.csv", 4, "acquired_on"),
            ("members.csv", 5, "acquired_on"),
            ("members.csv", 4, "person_key"),
        ],
        key=str,
    )


@pytest.mark.parametrize(
    ("effective_on", "valid_through", "listed"),
    [
        ("2025-12-02", "2030-12-01", False),
        ("2025-12-02", "2030-12-02", True),
        ("2024-02-29", "2029-02-28", False),
        ("2024-02-29", "2029-03-01", True),
        ("2026-02-28", "2031-02-28", True),
        ("2026-12-02", "2026-12-01", True),
    ],
)
def test_a_certificate_beyond_five_years_is_listed(
    folder: Folder, effective_on: str, valid_through: str, listed: bool
) -> None:
    folder.insured("1").certificate("1", effective_on=effective_on, valid_through=valid_through)
    assert odd(folder) == ([("certificates.csv", 2, "valid_through")] if listed else [])


def test_odd_papers(folder: Folder) -> None:
    folder.insured("1").legacy_card("1", issued_on="2024-12-01").legacy_card("1", issued_on="2024-12-02")
    folder.deregistration("1", accepted_on="2026-11-07")
    assert odd(folder) == [("legacy_cards.csv", 3, "issued_on"), ("deregistrations.csv", 2, "accepted_on")]


def test_an_unknown_column_is_listed_and_ignored(folder: Folder) -> None:
    folder.extra_columns["members"] = ("備考",)
    assert odd(folder.insured("1", 備考="何か")) == [("members.csv", 1, "備考")]
