"""manage.py assemble YYYY-MM --by CLERK [--per-day N [--from D]]: envelopes and dispatches for the month's approved paper."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from core.calendar import wareki
from core.commands import KenpoCommand, clerk_named, day, month
from core.errors import BadInput
from core.naming import names_of
from core.text import whole_number
from mailing.papers.kinds import CERTIFICATE, NOTICE
from mailing.planning.days import DayLimit
from mailing.services import assemble, planned_days, run_of_month
from members.models import Member


class Command(KenpoCommand):
    help = "承認済みの資格確認書とお知らせを封筒と発送にまとめます。もう一度実行しても増えません。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="判定の月")
        parser.add_argument("--by", required=True, metavar="CLERK", help="担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="封入を計画する日（省略すると今日）")
        parser.add_argument("--per-day", metavar="N", help="1日に発送する枚数の上限（省略すると日を分けない）")
        parser.add_argument(
            "--from", dest="first", metavar="YYYY-MM-DD", help="発送の最初の日（省略すると封入を計画する日）"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        run, clerk = run_of_month(month(options["month"])), clerk_named(options["by"])
        on = self.on(options["on"], after=run)
        limit = _limit(options["per_day"], options["first"], on)
        answer = assemble(run, by=clerk, on=on, limit=limit)
        names = names_of((Member._meta.label, hold.member_id) for hold in answer.holds)
        for hold in answer.holds:
            self.stdout.write(hold.told(f"{names[Member._meta.label, hold.member_id]} "))
        if limit is not None:
            for planned_on, dispatches, sheets in planned_days(answer.dispatches):
                self.stdout.write(
                    f"発送予定日 {wareki(planned_on)} 発送 {'・'.join(map(str, dispatches))}（{sheets:,}枚）"
                )
        return {
            "dispatches": answer.dispatches,
            "held": answer.held,
            **{kind.stem: answer.enclosed[kind.stem] for kind in (CERTIFICATE, NOTICE)},
        }


def _limit(per_day: str | None, first: str | None, on: date) -> DayLimit | None:
    """The limit asked for, none without ``--per-day``.

    Raises:
        BadInput: not a number of sheets, a day that has passed, or a first day without a limit.
    """
    if per_day is None:
        if first is not None:
            raise BadInput("--from は --per-day（1日に発送する枚数）と一緒に指定してください。")
        return None
    count = whole_number(per_day)
    if count is None:
        raise BadInput("1日に発送する枚数が数ではありません。1以上の整数を、半角数字で指定してください。")
    return DayLimit.checked(count, day(first) if first else None, on=on)
