"""Benchmarks as ratios within one run: the same month at one size and at four times that size.

Each step is a command of its own process on a home of its own, so that its time and its largest memory
are its own. A time ratio near 4 is linear; a memory ratio near 1 is flat.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import Fault
from kenpo import embedded
from kenpo.embedded.server import server_of

MONTH, DAY, TIMES = "2026-11", "2026-11-10", 4


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall time and the largest resident memory in MiB of one command."""

    seconds: float
    peak_mib: float


def bench(members: int) -> dict[str, Any]:
    """Time and memory of each step at ``members`` and ``TIMES`` × ``members``, and their ratios."""
    small, large = _month(members), _month(members * TIMES)
    steps = {
        name: {
            "seconds": [round(small[name].seconds, 2), round(large[name].seconds, 2)],
            "time_ratio": round(large[name].seconds / small[name].seconds, 2),
            "peak_mib": [round(small[name].peak_mib), round(large[name].peak_mib)],
            "memory_ratio": round(large[name].peak_mib / small[name].peak_mib, 2),
        }
        for name in small
    }
    return {"members": [members, members * TIMES], "steps": steps}


@contextmanager
def _home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kenpo-bench-"))
    try:
        yield folder
    finally:
        embedded.stop(folder)
        shutil.rmtree(server_of(folder).folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _month(members: int) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    with _home() as home:
        source = str(home / "in")
        steps: list[tuple[str, list[str]]] = [
            ("invent", ["invent", source, "--members", str(members), "--seed", "1", "--month", MONTH]),
            ("", ["clerk", "a"]),
            ("", ["clerk", "b"]),
            ("load", ["load", source]),
            ("receive", ["receive", f"{source}/fund_{MONTH}.csv"]),
            ("run_month", ["run_month", MONTH, "--by", "a", "--on", DAY]),
            ("approve_month", ["approve_month", MONTH, "--by", "b"]),
            ("replay", ["replay", MONTH]),
            ("gaps", ["gaps", "--on", DAY]),
            ("assemble", ["assemble", MONTH, "--by", "a"]),
            ("print_dispatch", ["print_dispatch", "1", "--by", "a"]),
            ("prove_dispatch", ["prove_dispatch", "1"]),
        ]
        for name, arguments in steps:
            measured = _run(home, arguments)
            if name:
                found[name] = measured
    return found


def _run(home: Path, arguments: list[str]) -> Measured:
    environment = {**os.environ, "KENPO_HOME": str(home), "KENPO_TODAY": DAY}
    environment.pop("DATABASE_URL", None)
    started = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR, env=environment, stdout=subprocess.DEVNULL, stderr=errors,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise Fault(
                f"{arguments[0]} が終了コード {process.returncode} で止まりました: {errors.read()[-500:]!r}"
            )
    return Measured(time.monotonic() - started, usage.ru_maxrss / 1024)
