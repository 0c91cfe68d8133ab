from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from kenpo.embedded.__main__ import main


class Command(BaseCommand):
    """For the list of commands; ``manage.py`` itself answers it, before the settings start the server."""

    help = "KENPO_HOME のデータベース（同梱のPostgreSQL）の状態を示し、止め、消します。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", default="status", choices=["status", "url", "stop", "remove"])
        parser.add_argument("--yes", action="store_true")

    def handle(self, **options: Any) -> None:
        given = [options["action"], *(["--yes"] if options["yes"] else [])]
        sys.exit(main(given, prog="manage.py embedded"))
