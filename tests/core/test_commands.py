"""What every command has in common, and the clerk's own."""

from __future__ import annotations

import io
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from core import commands
from core.commands import number
from core.errors import BadInput
from core.models import Clerk
from core.roles import ROLES
from tests.conftest import run_command

ROOT = Path(__file__).parents[2]
APPS = ("core", "members", "certificates", "notices", "exchange", "mailing", "kenpo", "tools")

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


GOOD = "ながい合言葉 no 1!"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A terminal at which a person types; answers what was asked."""
    asked: list[str] = []
    waiting = iter(answers)
    monkeypatch.setattr("sys.stdin", Terminal())

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return next(waiting)

    monkeypatch.setattr("getpass.getpass", ask)
    return asked


def test_at_a_terminal_the_password_is_asked_twice_and_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = typed(monkeypatch, GOOD, GOOD)
    answer = run_command("clerk", "sato", "--name", "佐藤　一郎")
    assert (answer.code, answer.json["created"], answer.json["password"], len(asked)) == (0, 1, 1, 2)
    clerk = Clerk.objects.get()
    assert (clerk.last_name, clerk.first_name) == ("佐藤", "一郎")
    page = Client().post("/admin/login/", {"username": "sato", "password": GOOD, "next": "/admin/"})
    assert (page.status_code, page["Location"]) == (302, "/admin/")
    again = typed(monkeypatch)
    assert (run_command("clerk", "sato").json["changed"], again) == (0, [])


def test_two_different_passwords_register_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, GOOD, GOOD + "?")
    answer = run_command("clerk", "sato")
    assert (answer.code, "二度のパスワードが違います" in answer.err) == (2, True)
    assert not Clerk.objects.exists()


def test_no_password_at_a_terminal_is_an_account_that_cannot_log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "")
    assert run_command("clerk", "sato").json["password"] == 0
    assert not Clerk.objects.get().has_usable_password()


def test_a_password_from_standard_input_and_its_change(monkeypatch: pytest.MonkeyPatch) -> None:
    for password, changed in ((GOOD, 0), (GOOD, 0), (GOOD + "2", 1)):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        answer = run_command("clerk", "sato", "--password-stdin")
        assert (answer.code, answer.json["changed"]) == (0, changed)
        assert password not in answer.out + answer.err
        assert Clerk.objects.get().check_password(password)
    assert run_command("clerk", "sato").json["changed"] == 0


@pytest.mark.parametrize("password", ["", "short1!", "password", "8202736455"])
def test_a_weak_password_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    answer = run_command("clerk", "sato", "--password-stdin")
    assert answer.code == 2
    assert "パスワード" in answer.err
    assert not password or f"「{password}" not in answer.err
    assert not Clerk.objects.exists()


@pytest.mark.parametrize("odd", ["\0", "\x1b", "\udcff"], ids=ascii)
def test_a_password_that_no_page_takes_is_refused(monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{GOOD}{odd}\n"))
    answer = run_command("clerk", "sato", "--password-stdin")
    assert (answer.code, "使えない文字" in answer.err, GOOD in answer.err) == (2, True, False)
    assert not Clerk.objects.exists()


def test_a_name_in_wide_letters_is_the_same_clerk_and_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(GOOD + "\n"))
    assert run_command("clerk", "ｓａｔｏ", "--password-stdin").json["username"] == "sato"
    assert (run_command("clerk", "sato").json["created"], Clerk.objects.count()) == (0, 1)
    assert commands.clerk_named("ｓａｔｏ") == Clerk.objects.get()
    page = Client().post("/admin/login/", {"username": "ｓａｔｏ", "password": GOOD, "next": "/admin/"})
    assert page.status_code == 302


def test_a_name_that_is_too_long_is_bad_input() -> None:
    assert run_command("clerk", "sato", "--name", "長" * 151).code == 2
    assert not Clerk.objects.exists()


def test_only_a_given_name_changes_the_name() -> None:
    run_command("clerk", "sato", "--name", "佐藤 一郎")
    assert run_command("clerk", "sato").json["changed"] == 0
    assert run_command("clerk", "sato", "--name", "佐藤").json["changed"] == 1
    assert (Clerk.objects.get().last_name, Clerk.objects.get().first_name) == ("佐藤", "")


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u200d\u2060", "\ufeff", "\u3164"])
@pytest.mark.parametrize("before", ["", "佐藤"])
def test_a_name_with_what_nobody_sees_is_bad_input(unseen: str, before: str) -> None:
    answer = run_command("clerk", "sato", "--name", before + unseen)
    assert answer.code == 2 and "見えない文字" in answer.err and f"U+{ord(unseen[0]):04X}" in answer.err
    assert not Clerk.objects.exists()


@pytest.mark.parametrize("unseen", ["\u3164", "\u115f", "\u200b"])
def test_a_username_with_what_nobody_sees_is_bad_input(unseen: str) -> None:
    assert run_command("clerk", f"sato{unseen}").code == 2
    assert run_command("clerk", unseen).code == 2
    assert not Clerk.objects.exists()


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


@pytest.mark.parametrize("text", ["", "x", "-1", "1.0", "²", "١", "１", "9" * 5_000, "1" + "0" * 30])
def test_an_argument_that_is_no_number_in_plain_digits_is_told(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="半角数字"):
        number(text)
    assert number("0042") == 42


def test_every_command_reads_its_numbers_so() -> None:
    """``int`` takes digits of every script, and fails in English on five thousand of them."""
    sources = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    assert [str(path.relative_to(ROOT)) for path in sources if "type=int" in path.read_text(encoding="utf-8")] == []
