from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.commands import KenpoCommand, ensure_migrated, number
from core.disk import write_whole
from core.errors import BadInput, Refused
from tools.bench import MOST_GROWTH, NOISE_SECONDS, ROUNDS, TIMES, bench, bench_desk


class Command(KenpoCommand):
    help = "ふだんの月と一斉交付の月の各段階を、人数を4倍にしたときの比で測り（人数より速く延びる段階があれば失敗）、画面の待ち時間を測ります。"
    invented = True
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--members", type=number, default=5_000, help="小さいほうの人数")
        parser.add_argument(
            "--desk-only",
            action="store_true",
            help="画面だけを測ります（KENPO_HOME に加入者がいればその組合、いなければ架空の組合）",
        )
        parser.add_argument("--requests", type=number, default=200, help="一つの画面を開く回数")
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
        if slow := result.get("too_slow"):
            raise Refused(
                f"{name}：人数が{TIMES}倍のとき、時間が{MOST_GROWTH * TIMES:.1f}倍を超えて延びました。" for name in slow
            )
        return result

    def _tell(self, result: dict[str, Any]) -> None:
        for round_, steps in result.get("steps", {}).items():
            small, large = result["members"]
            self.stdout.write(f"{ROUNDS[round_]}（{small:,}人 → {large:,}人、起動にかかる時間を除く）")
            for name, step in steps.items():
                self._tell_step(name, step)
        if "steps" in result:
            self.stdout.write(
                f"時間の比は{MOST_GROWTH * TIMES:.1f}倍までとします"
                f"（{NOISE_SECONDS}秒に満たない段階は、{NOISE_SECONDS}秒かかったものとして比べます）。"
            )
        self._tell_desk(result["desk"])

    def _tell_step(self, name: str, step: dict[str, Any]) -> None:
        seconds, peak = step["seconds"], step["peak_mib"]
        self.stdout.write(
            f"{name:20s} {seconds[0]:8.2f}秒 → {seconds[1]:8.2f}秒（{step['time_ratio']}倍）"
            f" {peak[0]:5d} → {peak[1]:5d}MiB（{step['memory_ratio']}倍）"
        )

    def _tell_desk(self, desk: dict[str, Any]) -> None:
        self.stdout.write(f"画面（{desk['people']:,}人、各{desk['requests']}回）")
        for title, page in desk["pages"].items():
            fewest, most = page["queries"]
            self.stdout.write(
                f"p50 {page['p50_ms']:8.1f} p95 {page['p95_ms']:8.1f}ミリ秒（{page['ratio']:5.1f}倍）"
                f" 問合せ {fewest}–{most} {page['requests']}回 {title}"
            )
