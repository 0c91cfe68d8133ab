from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, month
from core.errors import BadInput
from kenpo.intake.load.settings_file import toml_of
from kenpo.month.simulate import simulate
from members import policy as policies
from members.policy import Policy


class Command(KenpoCommand):
    help = "月の判定を書き込まずに計算し、保存した判定との違いを示します。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="YYYY-MM")
        parser.add_argument("--policy", metavar="FILE", help="試したい運用設定（policy.toml と同じ形）")

    def run(self, **options: Any) -> dict[str, Any]:
        policy = _policy_file(options["policy"]) if options["policy"] else None
        result = simulate(month(options["month"]), policy=policy)
        for line in result.lines:
            self.stdout.write(line)
        return result.counts


def _policy_file(name: str) -> Policy:
    try:
        table = toml_of(Path(name))
    except OSError:
        raise BadInput(f"運用設定のファイル {name} を開けません。場所を確認してください。") from None
    preset = table.pop("preset", "toyobo")
    for key in ("insurer", "valid_from"):
        table.pop(key, None)
    return policies.build(preset, table)
