"""What every command has in common, and the clerk's own."""

from __future__ import annotations

from datetime import date

import pytest

from core import commands
from core.errors import BadInput
from core.models import Clerk
from core.roles import ROLES
from tests.conftest import run_command

pytestmark = pytest.mark.django_db


def test_a_clerk_is_created_once_and_repeating_changes_nothing() -> None:
    first = run_command("clerk", "suzuki")
    again = run_command("clerk", "suzuki")
    assert (first.code, first.json["created"], again.json["created"], again.json["changed"]) == (0, 1, 0, 0)
    assert first.json["clerk"] == again.json["clerk"]
    clerk = Clerk.objects.get()
    assert (clerk.role, clerk.is_staff, clerk.is_superuser) == ("clerk", True, False)
    assert not clerk.has_usable_password()


def test_only_an_explicit_role_changes_the_role() -> None:
    run_command("clerk", "sato", "--role", "approver")
    run_command("clerk", "sato")
    assert Clerk.objects.get().role == "approver"
    assert run_command("clerk", "sato", "--role", "administrator").json["changed"] == 1
    assert Clerk.objects.get().is_superuser
    run_command("clerk", "sato", "--role", "auditor")
    assert not Clerk.objects.get().is_superuser


@pytest.mark.parametrize("role", list(ROLES))
def test_every_role_can_be_given(role: str) -> None:
    assert run_command("clerk", "sato", "--role", role).json["role"] == role


def test_a_password_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KENPO_CLERK_PASSWORD", "a long enough one")
    run_command("clerk", "sato")
    assert Clerk.objects.get().check_password("a long enough one")
    assert run_command("clerk", "sato").json["changed"] == 0
    monkeypatch.delenv("KENPO_CLERK_PASSWORD")
    run_command("clerk", "sato")
    assert Clerk.objects.get().check_password("a long enough one")


@pytest.mark.parametrize("username", ["", "two words", "a/b", "x" * 151])
def test_a_bad_username_is_bad_input(username: str) -> None:
    assert run_command("clerk", username).code == 2
    assert not Clerk.objects.exists()


def test_a_clerk_by_name() -> None:
    with pytest.raises(BadInput):
        commands.clerk_named("nobody")
    run_command("clerk", "sato")
    assert commands.clerk_named("sato").username == "sato"


def test_days_of_the_command_line() -> None:
    assert commands.day("2026-11-06") == date(2026, 11, 6)
    for text in ("2026-11-31", "2026/11/06", "20261106", "６", ""):
        with pytest.raises(BadInput):
            commands.day(text)


@pytest.mark.parametrize("bad", ["sato\0", "sato\x1b", "\x00", "sa\udcffto"])
def test_an_argument_that_no_database_holds_is_bad_input(bad: str) -> None:
    for arguments in (
        ("clerk", bad),
        ("why", "101", bad),
        ("run_month", "2026-11", "--by", bad),
        ("gaps", "--on", bad),
    ):
        answer = run_command(*arguments)
        assert answer.code == 2 and "使えない文字" in answer.err, arguments
    assert not Clerk.objects.exists()
