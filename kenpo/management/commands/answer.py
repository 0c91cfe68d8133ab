from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.decisions.services import find_members
from core.commands import KenpoCommand
from kenpo.people.answers import answer_of
from members.models import Member
from members.services import society


class Command(KenpoCommand):
    help = "今日、その方について何と答えるか。一行目は判断の行の番号、その次が文です。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbol", metavar="記号")
        parser.add_argument("number", metavar="番号")
        parser.add_argument("branch", metavar="枝番", nargs="?")
        parser.add_argument("--insurer", metavar="N", help="保険者番号")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")

    def run(self, **options: Any) -> None:
        found = find_members(options["symbol"], options["number"], options["branch"], insurer_number=options["insurer"])
        on = self.on(options["on"])
        people = list(dict.fromkeys(member.person_id for member in found))
        for person_id in people:
            covers = list(Member.objects.filter(person_id=person_id))
            _, said = answer_of(society(), covers, on)
            self.stdout.write(str(int(said.line)))
            self.stdout.write(said.sentence)
