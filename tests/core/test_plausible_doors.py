"""Days that cannot be, at the doors that no file goes through: commands and forms."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core import plausible
from core.web.forms import day_field
from tests.conftest import run_command
from tests.exchange.fund import insurer


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2036-11-11", "9999-12-31"])
@pytest.mark.parametrize(
    "command",
    [
        ("gaps", "--on", "{}"),
        ("daily", "--on", "{}"),
        ("run_month", "2026-11", "--by", "hanako", "--on", "{}"),
        ("run_month", "2026-11", "--by", "hanako", "--issue-on", "{}"),
        ("register", "--xlsx", "x.xlsx", "--from", "{}"),
        ("names", "--on", "{}"),
    ],
)
def test_a_command_refuses_such_a_day(
    command: tuple[str, ...], day: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    insurer()
    run_command("clerk", "hanako")
    answer = run_command(*(word.format(day) for word in command))
    assert answer.code == 2 and "平成12年1月1日から令和18年11月10日まで" in answer.err


@pytest.mark.django_db
@pytest.mark.parametrize("month", ["0001-01", "1999-12", "2100-01", "9999-12"])
def test_a_command_refuses_such_a_month(month: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    insurer()
    answer = run_command("export_decisions", month)
    assert answer.code == 2 and "2000-01 から 2099-12" in answer.err


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("1999-12-31", False),
        ("平成12年1月1日", True),
        ("2000-01-02", True),
        ("2036-11-09", True),
        ("令和18年11月10日", True),
        ("2036-11-11", False),
        ("0001-01-01", False),
        ("9999-12-31", False),
    ],
)
def test_a_form_refuses_it_beside_the_field(typed: str, taken: bool) -> None:
    from django.core.exceptions import ValidationError

    field = day_field("受付日")
    if taken:
        assert field.clean(typed)
    else:
        with pytest.raises(ValidationError, match="平成12年1月1日から"):
            field.clean(typed)


def test_every_window_ends_where_the_rule_says() -> None:
    today = date(2024, 2, 29)
    assert plausible.window("birth_date").until(today) == today
    assert plausible.window("lost_on").until(today) == date(2034, 2, 28)
    assert plausible.window("e_certificate_expires_on").until(today) == date(2035, 2, 28)
    assert plausible.window("anything_else") is plausible.OFFICE
