"""manage.py remind --by CLERK: the reminders that are due, as one PDF of letters."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.models import Recovery
from core.commands import KenpoCommand, clerk_named
from core.naming import names_of
from notices.letters.reminder.printing import print_reminders
from notices.letters.service import shown


class Command(KenpoCommand):
    help = "返納の期限を過ぎた証の督促状を印刷します。同じ日にもう一度実行しても、二重には出しません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", required=True, metavar="CLERK", help="督促する担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="督促日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        done = print_reminders(self.on(options["on"]), by=clerk_named(options["by"]))
        names = names_of((Recovery._meta.label, held.id) for held in done.held)
        for held in done.held:
            self.stdout.write(f"督促できません {names[Recovery._meta.label, held.id]}: {held.reason}")
        return {
            "reminders": list(done.by_step),
            "file": shown(done.file) if done.file else None,
            "held": len(done.held),
        }
