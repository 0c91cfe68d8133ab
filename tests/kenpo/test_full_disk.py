"""A disk that is full, closed or broken: every command that writes says so in words, with the folder, and exits 1."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import OperationalError

from core import disk
from core.commands import KenpoCommand
from exchange.models import ExchangeFile
from mailing.models import Dispatch
from notices.letters.forms.letter import FORMS
from tests.conftest import run_command
from tests.kenpo.calls import month_sent
from tests.story.month import MONTH
from tools import invent

pytestmark = pytest.mark.django_db
FORM = next(iter(FORMS))
REFUSALS = [(errno.ENOSPC, "空きがありません"), (errno.EROFS, "読取り専用"), (errno.EACCES, "権限がない")]


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the one door through which files go refuse from now on."""

    def begin(number: int) -> None:
        def refuses(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(disk.tempfile, "mkstemp", refuses)
        monkeypatch.setattr(Path, "write_text", refuses)

    return begin


@pytest.mark.parametrize(("number", "said"), REFUSALS)
def test_commands_before_the_month(
    home: Path, tmp_path: Path, refusing: Callable[[int], None], number: int, said: str
) -> None:
    invent.write(tmp_path / "in", members=20, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    refusing(number)
    for command, place in (
        (("receive", tmp_path / "in" / "fund_2026-11.csv"), home / "files" / "exchange"),
        (("invent", tmp_path / "out", "--members", 5, "--seed", 1, "--month", "2026-11"), tmp_path / "out"),
        (("demo",), home / "demo" / "in"),
        (("names", "--csv", tmp_path / "names" / "n.csv"), tmp_path / "names"),
    ):
        answer = run_command(*command)
        assert (answer.code, said in answer.err) == (1, True), (command, answer.err)
        assert str(place) in answer.err, command
    assert not ExchangeFile.objects.exists(), "nothing was received"


@pytest.mark.parametrize(("number", "said"), REFUSALS[:1])
def test_commands_of_a_printed_month(
    home: Path, tmp_path: Path, refusing: Callable[[int], None], number: int, said: str
) -> None:
    month_sent(tmp_path)
    dispatch = Dispatch.objects.earliest("pk").pk
    assert run_command("prove_dispatch", dispatch).code == 0
    refusing(number)
    for command, place in (
        (("export_decisions", "2026-11", tmp_path / "d" / "d.csv"), tmp_path / "d"),
        (("export_dispatch", dispatch, "--by", "hanako", "--to", tmp_path / "e"), tmp_path / "e"),
        (("establishment_lists", "2026-11", "--to", tmp_path / "l", "--by", "hanako"), tmp_path / "l"),
        (("letters", "form", FORM, "101", "1", "--by", "hanako"), home / "paper" / "letters"),
        (("addresses", "--csv", tmp_path / "a" / "a.csv"), tmp_path / "a"),
        (("report", "2026-11", "--xlsx", tmp_path / "r" / "r.xlsx"), tmp_path / "r"),
    ):
        answer = run_command(*command)
        assert (answer.code, said in answer.err) == (1, True), (command, answer.err)
        assert str(place) in answer.err, command


def test_a_database_that_does_not_answer_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    command = Writes()
    command.failure = OperationalError("server closed the connection")  # type: ignore[attr-defined]
    with pytest.raises(SystemExit) as ended:
        command.handle()
    assert ended.value.code == 1
    assert "接続できないか、接続が途中で切れました" in capsys.readouterr().err


class Writes(KenpoCommand):
    def run(self, **options: object) -> None:
        raise self.failure  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_what_no_one_nearer_has_said_is_said_by_every_command(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, number: int
) -> None:
    command = Writes()
    command.failure = OSError(number, os.strerror(number), "/somewhere/else/山田太郎.csv")  # type: ignore[attr-defined]
    with pytest.raises(SystemExit) as ended, caplog.at_level(logging.ERROR):
        command.handle()
    assert ended.value.code == 1
    assert "「/somewhere/else」" in capsys.readouterr().err
    assert "山田" not in caplog.text


def test_a_full_database_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    class DiskFull(Exception):  # noqa: N818 - psycopg's name
        sqlstate = "53100"

    command = Writes()
    command.failure = OperationalError("could not extend file")  # type: ignore[attr-defined]
    command.failure.__cause__ = DiskFull()  # type: ignore[attr-defined]
    with pytest.raises(SystemExit) as ended:
        command.handle()
    assert ended.value.code == 1
    assert "データベースの保存先に空きがありません" in capsys.readouterr().err
