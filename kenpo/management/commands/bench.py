from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, ensure_migrated
from core.disk import write_whole
from core.errors import BadInput
from kenpo.bench import bench, bench_desk


class Command(KenpoCommand):
    help = "一か月の各段階を、人数を4倍にしたときの比で測り、画面の待ち時間を測ります。"
    invented = True
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=int, default=5_000, help="小さいほうの人数")
        parser.add_argument(
            "--desk-only",
            action="store_true",
            help="画面だけを測ります（KENPO_HOME に加入者がいればその組合、いなければ架空の組合）",
        )
        parser.add_argument("--requests", type=int, default=200, help="一つの画面を開く回数")
        parser.add_argument("--out", type=Path, help="結果を書き込むファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        members, requests = options["members"], options["requests"]
        if members < 200:
            raise BadInput("--members は 200 以上にしてください。")
        if requests < 1:
            raise BadInput("--requests は 1 以上にしてください。")
        if options["desk_only"]:
            ensure_migrated()
            result = bench_desk(members, requests)
        else:
            result = bench(members, requests)
        self._tell(result)
        if options["out"]:
            write_whole(options["out"], (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
        return result

    def _tell(self, result: dict[str, Any]) -> None:
        for name, step in result.get("steps", {}).items():
            seconds, peak = step["seconds"], step["peak_mib"]
            self.stdout.write(
                f"{name:15s} {seconds[0]:8.2f}秒 → {seconds[1]:8.2f}秒（{step['time_ratio']}倍）"
                f" {peak[0]:5d} → {peak[1]:5d}MiB（{step['memory_ratio']}倍）"
            )
        desk = result["desk"]
        self.stdout.write(f"画面（{desk['people']:,}人、各{desk['requests']}回）")
        for title, page in desk["pages"].items():
            fewest, most = page["queries"]
            self.stdout.write(
                f"p50 {page['p50_ms']:8.1f} p95 {page['p95_ms']:8.1f}ミリ秒（{page['ratio']:5.1f}倍）"
                f" 問合せ {fewest}–{most} {page['requests']}回 {title}"
            )
