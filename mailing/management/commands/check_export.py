"""manage.py check_export DIR: whether an exported folder is what its control list says; asks no database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand
from core.errors import Refused
from mailing.bundling.outside import check


class Command(KenpoCommand):
    help = "書き出したフォルダーを照合表（control.csv）と比べ、違いをすべて示します。"
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="書き出したフォルダー")

    def run(self, **options: Any) -> dict[str, Any]:
        if found := check(options["folder"]):
            raise Refused(found)
        return {"differences": 0}
