"""manage.py recovery_rate YYYY-MM: how many papers came back within one month, by establishment and way back."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from typing import Any

from certificates.recovery import rate
from certificates.recovery.scanning import CHANNELS
from core.commands import KenpoCommand, month

COLUMNS = ("establishment_code", "return_to", "opened", "recovered", "otherwise", "percent", *CHANNELS)


class Command(KenpoCommand):
    help = "その月に生じた回収のうち、1か月以内に返ってきた割合を、事業所と返納先ごとに示します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="回収が生じた月")

    def run(self, **options: Any) -> dict[str, Any]:
        first = month(options["month"])
        rows = rate(first)
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            counts = (row.opened, row.recovered, row.otherwise, row.percent)
            writer.writerow((row.establishment_code, row.return_to, *counts, *row.came_by.values()))
        opened, recovered = sum(r.opened for r in rows), sum(r.recovered for r in rows)
        percent = round(100 * recovered / opened, 1) if opened else None
        return {"month": f"{first:%Y-%m}", "opened": opened, "recovered": recovered, "percent": percent}
