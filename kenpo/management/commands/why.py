from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from certificates.decisions.services import Answer, find_members, latest_run, run_of, why
from core import clock
from core.calendar import wareki_month
from core.commands import KenpoCommand, month
from core.errors import Refused
from kenpo.people.answers import answer_of
from members.models import Member
from members.services import society


class Command(KenpoCommand):
    help = "一行目は今日の答え、その下は、ある加入者になぜ資格確認書が交付された（されなかった）かの説明です。"

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
        for _, covers in groupby(members, key=lambda member: member.person_id):
            self._tell(why(list(covers), run))

    def _tell(self, history: Iterable[Answer]) -> None:
        """One person: today's answer, then what the month said of each cover."""
        for place, answer in enumerate(history):
            if place == 0:
                self.stdout.write(_today(answer.member))
            named = f"{answer.member} {answer.member.get_kind_display()} {wareki_month(answer.run.month)}"
            self.stdout.write(named)
            for line in _lines(answer):
                self.stdout.write(f"  {line}")


def _today(member: Member) -> str:
    covers = list(Member.objects.filter(person_id=member.person_id))
    try:
        return answer_of(society(), covers, clock.today())[1].sentence
    except Refused as refused:
        return f"今日の答えは出せません。{refused}"


def _lines(answer: Answer) -> list[str]:
    if answer.explanation is None:
        return [
            "この月の判定にはまだ含まれていません（判定のあとに登録された資格です）。次の月次判定で判定します。",
            *answer.afterwards,
        ]
    parts = [answer.explanation.sentence, *answer.explanation.because, answer.explanation.what_would_change]
    return [part for part in (*parts, *answer.afterwards) if part]
