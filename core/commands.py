"""The base of every command: an empty home becomes a working one, errors become exit codes."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from abc import abstractmethod
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, models

from core import clock, disk
from core.calendar import parse_month
from core.characters import CONTROL_CLASS
from core.errors import BadInput, Fault, Refused
from core.forward import not_before_the_last
from core.models import Clerk
from core.plausible import OFFICE
from core.text import whole_number

DISK_FULL = "53100"
"""PostgreSQL's code for a full disk."""
log = logging.getLogger(__name__)


def ensure_migrated() -> None:
    """Brings the database up to date, once, also when two commands start on an empty home at once."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('kenpo migrate', 0))")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended('kenpo migrate', 0))")


def refuse_in_production() -> None:
    """Raises ``Refused`` in production: invented people, and clerks whose password is known, have no place there."""
    if settings.KENPO_ENV == "production":
        raise Refused(
            "本番（KENPO_ENV=production）では、架空の人や担当者を作る処理、取り込む処理はできません。"
            "試すときは、別の KENPO_HOME で、KENPO_ENV を設定せずに実行してください。"
        )


@contextmanager
def _disk_in_words() -> Iterator[None]:
    """What a disk or the database's disk refuses, said in words where nobody nearer has said it."""
    try:
        yield
    except OSError as error:
        if not disk.is_of_disk(error):
            raise
        named = Path(os.fsdecode(error.filename)).parent if error.filename else Path(settings.KENPO_HOME)
        raise disk.told(error, named, "を読み書きできません") from error
    except OperationalError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state is None:  # never answered, or went away
            log.error("database: no answer")
            raise Fault(
                "データベースに接続できないか、接続が途中で切れました。DATABASE_URL の接続先と、データベースが動いているかを"
                "確かめて、もう一度実行してください。"
            ) from error
        if state != DISK_FULL:
            raise
        log.error("database: disk full")
        raise Fault(
            "データベースの保存先に空きがありません（ディスクがいっぱいです）。"
            "空きを作ってから、もう一度実行してください。"
        ) from error


def clerk_named(username: str) -> Clerk:
    """The active clerk of that name.

    Raises:
        BadInput: there is none.
    """
    clerk = Clerk.objects.filter(username=Clerk.normalize_username(username), is_active=True).first()
    if clerk is None:
        raise BadInput(f"担当者「{username}」は登録されていません。`manage.py clerk {username}` で登録してください。")
    return clerk


def day(text: str) -> date:
    """A day given as YYYY-MM-DD.

    Raises:
        BadInput: not a day of the calendar, or not one that the office can work on.
    """
    try:
        if len(text) != 10:
            raise ValueError
        told = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"日付「{text}」は暦にありません。YYYY-MM-DD の形で指定してください。") from None
    if not OFFICE.holds(told, clock.today()):
        raise BadInput(f"日付「{text}」は使えません。{OFFICE.words(clock.today())}")
    return told


def month(text: str) -> date:
    """First day of a month given as YYYY-MM.

    Raises:
        BadInput: not a month.
    """
    try:
        return parse_month(text)
    except ValueError as error:
        raise BadInput(str(error)) from None


def number(text: str) -> int:
    """An argument that is a whole number in plain digits, for ``add_argument(type=number)``.

    Raises:
        ArgumentTypeError: it is none; digits of other scripts are none.
    """
    given = whole_number(text)
    if given is None:
        raise ArgumentTypeError("半角数字の番号か数を指定してください。")
    return given


_UNREADABLE = re.compile(rf"(?!\t)[{CONTROL_CLASS}\ud800-\udfff]")


def is_readable(text: str) -> bool:
    """Whether a text can be typed on a page and stored: no control character, no byte that is no UTF-8."""
    return _UNREADABLE.search(text) is None


def _check_readable(options: Mapping[str, Any]) -> None:
    """Raises BadInput: a control character or a byte that is no UTF-8 stands in an argument; nothing is stored so."""
    for value in options.values():
        told = value if isinstance(value, (list, tuple)) else [value]
        if any(isinstance(one, str) and not is_readable(one) for one in told):
            raise BadInput("引数に使えない文字（制御文字など）があります。打ち直してください。")


class KenpoCommand(BaseCommand):
    """Runs ``run`` and prints its answer as one line of JSON; exits 0, 1 (refused) or 2 (bad input)."""

    requires_system_checks: list[str] = []
    needs_database = True
    invented = False
    """Whether the command brings invented people or their clerks in, which production refuses before anything is made."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        for action in parser._actions:
            if action.dest in ("version", "settings", "pythonpath", "no_color", "force_color", "skip_checks"):
                action.help = "==SUPPRESS=="
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Overridden by commands with options."""

    @abstractmethod
    def run(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        """Does the work and answers what goes on the last line, or None when there is no such line."""

    def before(self, *args: Any, **options: Any) -> None:
        """Refuses before anything is created, the database included; overridden by commands with such reasons."""
        if self.invented:
            refuse_in_production()

    def handle(self, **options: Any) -> None:
        try:
            self.before(**options)
            _check_readable(options)
            with _disk_in_words():
                if self.needs_database:
                    ensure_migrated()
                answer = self.run(**options)
        except Refused as refusal:
            self._say(refusal.reasons)
            sys.exit(1)
        except BadInput as bad:
            self._say(str(mistake) for mistake in bad.mistakes)
            sys.exit(2)
        except Fault as fault:
            self._say([str(fault)])
            sys.exit(1)
        if answer is not None:
            self.stdout.write(json.dumps(answer, ensure_ascii=False, default=str))

    def _say(self, lines: Any) -> None:
        for line in lines:
            self.stderr.write(str(line))

    def on(self, given: str | None, *, after: models.Model | None = None) -> date:
        """The day given, or today; not before the newest step of the document that goes on (``after``).

        A month that was decided for a day to come goes on from that day.
        """
        if given:
            return day(given)
        today = clock.today()
        return today if after is None else not_before_the_last(type(after), [after.pk], on=today)
