from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand
from core.errors import BadInput
from kenpo.bench import bench


class Command(KenpoCommand):
    help = "一か月の各段階の時間とメモリーを、人数を4倍にしたときの比で測ります。"
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=5_000, help="小さいほうの人数")
        parser.add_argument("--out", type=Path, help="結果を書き込むファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        if options["members"] < 200:
            raise BadInput("--members は 200 以上にしてください。")
        result = bench(options["members"])
        for name, step in result["steps"].items():
            seconds, peak = step["seconds"], step["peak_mib"]
            self.stdout.write(
                f"{name:15s} {seconds[0]:8.2f}秒 → {seconds[1]:8.2f}秒（{step['time_ratio']}倍）"
                f" {peak[0]:5d} → {peak[1]:5d}MiB（{step['memory_ratio']}倍）"
            )
        if options["out"]:
            options["out"].parent.mkdir(parents=True, exist_ok=True)
            options["out"].write_text(
                json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        return result
