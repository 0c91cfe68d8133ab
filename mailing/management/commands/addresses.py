"""manage.py addresses [--csv FILE] [--on D]: addresses whose postal code is missing, unknown or another place's."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand
from core.disk import text_part
from mailing.addresses.odd_addresses import OddAddress, odd_addresses
from members.services import society

COLUMNS = ("member_id", "address_id", "symbol", "number", "branch_number", "use", "oddity", "label")


class Command(KenpoCommand):
    help = "郵便番号が住所と合わない加入者を一覧します。発送は止めません。最後の行は件数です。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--csv", metavar="FILE", type=Path, help="CSVで書き出すファイル")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")

    def run(self, **options: Any) -> None:
        with odd_addresses(society(), self.on(options["on"])) as found:
            self.stdout.write(str(self._write(found, options["csv"])))

    def _write(self, found: Iterator[OddAddress], path: Path | None) -> int:
        """Writes the list to the file, or without one to the screen; answers how long it is."""
        count = 0
        if path is None:
            for odd in found:
                self.stdout.write(",".join((odd.symbol, odd.number, odd.branch_number, odd.use_label, odd.label)))
                count += 1
            return count
        with text_part(path) as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for odd in found:
                writer.writerow(_cells(odd))
                count += 1
        return count


def _cells(odd: OddAddress) -> tuple[Any, ...]:
    return (odd.member_id, odd.address_id, odd.symbol, odd.number, odd.branch_number, odd.use, odd.oddity, odd.label)
