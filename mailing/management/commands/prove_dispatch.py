"""manage.py prove_dispatch ID: reads the printed files back and compares every page with the database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from core.commands import KenpoCommand
from mailing.services import dispatch_of, prove_dispatch


class Command(KenpoCommand):
    help = "印刷したファイルを全ページ読み直し、データベースと照合します。違いがあればすべて示します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("id", metavar="ID", help="発送の番号")

    def run(self, **options: Any) -> dict[str, Any]:
        return prove_dispatch(dispatch_of(options["id"]))
