from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from certificates.models import Run
from core import clock
from core.calendar import wareki_month
from core.commands import KenpoCommand, month
from core.errors import Refused
from kenpo.reports import decision_sheet, report
from kenpo.reports.paper import shown, write_pdf
from kenpo.reports.sheets import write_xlsx
from members.services import society


class Command(KenpoCommand):
    help = "月報を示します。--pdf・--xlsx でファイルにも書きます。--decision なら、その月の交付決裁書にします。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM", help="月")
        parser.add_argument("--decision", action="store_true", help="月報ではなく交付決裁書")
        parser.add_argument("--pdf", metavar="FILE", type=Path, help="書き出すPDF")
        parser.add_argument("--xlsx", metavar="FILE", type=Path, help="書き出す表計算ファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        insurer, wanted, on = society(), month(options["month"]), clock.today()

        def made() -> Any:
            if not options["decision"]:
                return report(insurer, wanted, made_on=on)
            run = Run.objects.select_related("insurer").filter(insurer=insurer, month=wanted).first()
            if run is None:
                raise Refused(f"{wareki_month(wanted)}の月次判定はまだありません。判定を行ってください。")
            return decision_sheet(run, made_on=on)

        answer: dict[str, Any] = {"month": f"{wanted:%Y-%m}"}
        if options["pdf"]:
            answer["pages"] = write_pdf(made(), options["pdf"])
        if options["xlsx"]:
            answer["rows"] = write_xlsx(made(), options["xlsx"])
        if not options["decision"]:
            for table in made().tables:
                self.stdout.write(table.title)
                self.stdout.write("  " + ",".join(column.label for column in table.columns))
                for row in table.rows:
                    self.stdout.write("  " + ",".join(shown(cell) for cell in row))
        return answer
