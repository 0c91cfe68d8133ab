"""manage.py recover SERIAL… --by CLERK: papers that came back, one after the other."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from certificates.recovery import recover_by_serials
from certificates.recovery.scanning import CHANNELS
from core.commands import KenpoCommand, clerk_named
from core.csv_rows import open_lines
from core.errors import BadInput, Mistake, naming_file


class Command(KenpoCommand):
    help = "返ってきた証を発行番号で回収します。読めない番号は行とともに示し、ほかはそのまま回収します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("serials", metavar="SERIAL", nargs="*", help="発行番号（12桁）")
        parser.add_argument("--file", type=Path, metavar="FILE", help="発行番号を1行に1つ書いたファイル")
        parser.add_argument("--by", required=True, metavar="CLERK", help="回収する担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="回収日（省略すると今日）")
        parser.add_argument(
            "--channel", choices=list(CHANNELS), default="mail", help="返ってきた経路（省略すると mail）"
        )

    def run(self, **options: Any) -> dict[str, Any] | None:
        lines = [*enumerate(options["serials"], start=1), *_lines(options["file"])]
        if not lines:
            raise BadInput("発行番号を並べるか、--file で発行番号のファイルを指定してください。")
        name = options["file"].name if options["file"] else None
        scans = recover_by_serials(
            [serial for _, serial in lines],
            by=clerk_named(options["by"]),
            on=self.on(options["on"]),
            channel=options["channel"],
        )
        given = len(options["serials"])
        bad = [
            Mistake(scan.sentence, line=number, file=name if place >= given else None)
            for place, ((number, _), scan) in enumerate(zip(lines, scans, strict=True))
            if not scan.taken
        ]
        counts = Counter(scan.result for scan in scans)
        answer = {key: counts[key] for key in ("recovered", "already", "ended")} | {"bad": len(bad)}
        if not bad:
            return answer
        # Said before leaving: the good ones stay taken.
        self.stdout.write(json.dumps(answer))
        self._say(str(mistake) for mistake in bad)
        sys.exit(2)


def _lines(path: Path | None) -> list[tuple[int, str]]:
    """Line number and serial of each line that is not empty; what is no serial is told by the scan."""
    if path is None:
        return []
    with naming_file(path.name), open_lines(path) as lines:
        return [(n, line.strip()) for n, line in enumerate(lines, start=1) if line.strip()]
