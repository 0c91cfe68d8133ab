"""manage.py names: which names and addresses hold a character that cannot be printed?"""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand
from core.disk import text_part
from members.damaged import damaged
from members.models import Member
from members.unprintable import Unprintable, unprintable

COLUMNS = (
    "member_id",
    "person_id",
    "symbol",
    "number",
    "branch_number",
    "field",
    "character",
    "code_point",
    "unicode_name",
    "candidates",
    "odd",
)


class Command(KenpoCommand):
    help = (
        "印刷できない文字がある加入者を、文字・符号位置・印字できる字の候補とともに、文字化けかもしれない登録を、"
        "気になるところとともに一覧します。"
        "最後の行は件数です。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")
        parser.add_argument("--csv", metavar="FILE", type=Path, help="一覧をCSVファイルにも書きます")

    def run(self, **options: Any) -> None:
        on = self.on(options["on"])
        rows = [*map(_row, unprintable(on)), *_odd(on)]
        for row in rows:
            self.stdout.write(",".join(row))
        if options["csv"] is not None:
            _write(options["csv"], rows)
        self.stdout.write(str(len(rows)))


def _row(found: Unprintable) -> list[str]:
    return [
        str(found.member_id),
        str(found.person_id),
        found.symbol,
        found.number,
        found.branch_number,
        found.place.label,
        found.glyph.shown,
        found.glyph.code_point,
        found.glyph.name,
        "・".join(f"{one.character}（{one.code_point}）" for one in found.candidates),
        "",
    ]


def _odd(on: date) -> Iterator[list[str]]:
    """Texts that may be damaged; the text itself is for the desk to see."""
    found = list(damaged(on))
    members = Member.objects.in_bulk([one.member_id for one in found])
    for one in found:
        member = members[one.member_id]
        numbers = [member.symbol, member.number, member.branch_number]
        yield [str(member.pk), str(one.owner), *numbers, one.label, "", "", "", "", "、".join(one.signs)]


def _write(path: Path, rows: list[list[str]]) -> None:
    with text_part(path) as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *rows])
