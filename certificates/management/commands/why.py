from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.services import Answer, find_members, latest_run, run_of, why
from core.calendar import wareki_month
from core.commands import KenpoCommand, month
from members.services import society


class Command(KenpoCommand):
    help = "ある加入者に、なぜ資格確認書が交付された（されなかった）かを説明します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbol", metavar="記号")
        parser.add_argument("number", metavar="番号")
        parser.add_argument("branch", metavar="枝番", nargs="?")
        parser.add_argument("--insurer", metavar="N", help="保険者番号")
        parser.add_argument("--month", metavar="YYYY-MM", help="月（なければ最新の月次判定）")

    def run(self, **options: Any) -> None:
        members = find_members(
            options["symbol"], options["number"], options["branch"], insurer_number=options["insurer"]
        )
        run = run_of(society(), month(options["month"])) if options["month"] else latest_run(society())
        for answer in why(members, run):
            self.stdout.write(f"{answer.member} {answer.member.get_kind_display()} {wareki_month(run.month)}")
            for line in _lines(answer):
                self.stdout.write(f"  {line}")


def _lines(answer: Answer) -> list[str]:
    if answer.explanation is None:
        return [
            "この月の判定にはまだ含まれていません（判定のあとに登録された資格です）。次の月次判定で判定します。",
            *answer.afterwards,
        ]
    parts = [answer.explanation.sentence, *answer.explanation.because, answer.explanation.what_would_change]
    return [part for part in (*parts, *answer.afterwards) if part]
