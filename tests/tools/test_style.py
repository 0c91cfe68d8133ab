"""What no linter asks: the formatter decides the form of every line."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
APPS = ("core", "members", "certificates", "notices", "exchange", "mailing", "kenpo", "tools", "tests")
EXCEPTION = re.compile(r"#\s*" + r"fmt:\s*(skip|off)")


def test_no_line_is_kept_from_the_formatter() -> None:
    kept = [
        f"{path.relative_to(ROOT)}:{number}"
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if EXCEPTION.search(line)
    ]
    assert kept == []
    assert EXCEPTION.search("x = 1  # fmt: " + "skip")
