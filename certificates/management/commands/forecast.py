from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from certificates.forecast import forecast
from core import clock
from core.commands import KenpoCommand
from core.errors import BadInput
from members.services import society


class Command(KenpoCommand):
    help = "資格確認書とマイナ保険証が使えなくなる人数を、これからの月ごとに数えます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=12, help="何か月分か（1〜120）")

    def run(self, **options: Any) -> dict[str, Any]:
        if not 1 <= options["months"] <= 120:
            raise BadInput("--months は 1 から 120 までの整数で指定してください。")
        ahead = forecast(society(), clock.today(), options["months"])
        self.stdout.write("月       資格確認書  マイナ保険証")
        for entry in ahead:
            self.stdout.write(f"{entry.month:%Y-%m}  {entry.certificates:10d}  {entry.myna:10d}")
        return {"months": [{**asdict(entry), "month": f"{entry.month:%Y-%m}"} for entry in ahead]}
