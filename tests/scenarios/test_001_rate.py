"""Seed 001: how many of a society's members are registered. It has no preset of its own; played under ``toyobo``."""

from __future__ import annotations

from datetime import date

import pytest

from exchange import incoming as exchange
from tests.conftest import run_command
from tests.scenarios.conftest import OpenOffice
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED

pytestmark = pytest.mark.django_db


def _society_of_59(office: Office, registered: int) -> None:
    for nth in range(59):
        office.joins(myna="2029-04-15" if nth < registered else None)


def test_001_the_share_of_registered_members_is_the_one_that_the_fund_s_rows_give(toyobo: Office) -> None:
    _society_of_59(toyobo, 39)
    toyobo.month("2026-01", on="2026-01-09")
    files = exchange.monthly_files(date(2025, 12, 31))
    assert str(exchange.figures(files).registration["06130488"]) == "66.1%（39 / 59）"


def test_001_a_share_that_falls_by_more_than_three_points_holds_the_month(open_office: OpenOffice) -> None:
    office = open_office("toyobo", gate_registration_drop_points=3)
    _society_of_59(office, 39)
    office.month("2026-01", on="2026-01-09")
    for who in office.everybody[:2]:
        office.fund_says(who, NEVER_REGISTERED)
    office.is_at("2026-02-10")
    office.fund_file("2026-01-31")
    held = run_command("run_month", "2026-02", "--by", "hanako", "--on", "2026-02-10")
    assert held.code == 1
    assert "66.1%" in held.err
