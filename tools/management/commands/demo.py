from __future__ import annotations

from typing import Any

from django.conf import settings

from core.commands import KenpoCommand
from tools.demo import play


class Command(KenpoCommand):
    help = "架空の組合で一か月を通します（何度実行しても同じ結果です）。"
    invented = True

    def run(self, **options: Any) -> dict[str, Any]:
        counts = play(self.stdout.write)
        paper = settings.KENPO_HOME / "paper"
        for path in sorted(paper.rglob("*.pdf")):
            self.stdout.write(f"  {path.relative_to(settings.KENPO_HOME)}")
        self.stdout.write(f"印刷物は {paper} にあります。次は `make serve` で画面を開いてください。")
        return counts
