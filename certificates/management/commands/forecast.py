from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from certificates.decisions.forecast import EMPLOYERS_ONLY, KINDS, forecast
from certificates.rules.law import law_on
from core import clock
from core.commands import KenpoCommand, number
from core.errors import BadInput
from members.services import municipal, society


class Command(KenpoCommand):
    help = "使えなくなる資格確認書・マイナ保険証、負担割合や加入の変わる年齢、任意継続の満了を、これからの月ごとに数えます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=number, default=12, help="何か月分か（1〜120）")
        parser.add_argument("--establishments", action="store_true", help="事業所ごとの人数も示す")

    def run(self, **options: Any) -> dict[str, Any]:
        if not 1 <= options["months"] <= 120:
            raise BadInput("--months は 1 から 120 までの整数で指定してください。")
        on = clock.today()
        ahead = forecast(society(), on, options["months"])
        ours = municipal()
        if ours and options["establishments"]:
            raise BadInput("この制度には事業所がありません。--establishments を付けずに実行してください。")
        kinds = [kind for kind in KINDS if not (ours and kind in EMPLOYERS_ONLY)]
        self.stdout.write(f"月,{','.join(law_on(on).fill(KINDS[kind]) for kind in kinds)}")
        for entry in ahead:
            self.stdout.write(f"{entry.month:%Y-%m},{_cells(entry.counts, kinds)}")
            for code, counts in entry.by_establishment.items() if options["establishments"] else ():
                self.stdout.write(f"  事業所{code},{_cells(counts, kinds)}")
        return {"months": [{"month": f"{entry.month:%Y-%m}", **entry.counts} for entry in ahead]}


def _cells(counts: dict[str, int], kinds: Iterable[str]) -> str:
    return ",".join(str(counts[kind]) for kind in kinds)
