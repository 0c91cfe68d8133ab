"""Benchmarks as ratios within one run: the same month at one size and at four times that size, then the desk's pages.

Each step is a command of its own process on a home of its own, so that its time and its largest memory
are its own. A time ratio near 4 is linear; a memory ratio near 1 is flat. The pages are those of the larger society.
"""

from __future__ import annotations

import json
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
from kenpo.bench_desk import measure
from kenpo.embedded.server import server_of
from members.models import Member

MONTH, DAY, TIMES = "2026-11", "2026-11-10", 4
DESK = "desk.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall time and the largest resident memory in MiB of one command."""

    seconds: float
    peak_mib: float


def bench(members: int, requests: int) -> dict[str, Any]:
    """Time and memory of each step at ``members`` and ``TIMES`` × ``members``, their ratios, and the larger's pages."""
    with _home() as home:
        small = _month(home, members)
    with _home() as home:
        large, desk = _month(home, members * TIMES), _desk(home, requests)
    steps = {
        name: {
            "seconds": [round(small[name].seconds, 2), round(large[name].seconds, 2)],
            "time_ratio": round(large[name].seconds / small[name].seconds, 2),
            "peak_mib": [round(small[name].peak_mib), round(large[name].peak_mib)],
            "memory_ratio": round(large[name].peak_mib / small[name].peak_mib, 2),
        }
        for name in small
    }
    return {"members": [members, members * TIMES], "steps": steps, "desk": desk}


def bench_desk(members: int, requests: int) -> dict[str, Any]:
    """The pages of the society at hand; of an invented one of ``members`` where none is loaded."""
    if Member.objects.exists():
        return {"desk": measure(requests)}
    with _home() as home:
        _society(home, members)
        return {"desk": _desk(home, requests)}


@contextmanager
def _home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="kenpo-bench-"))
    try:
        yield folder
    finally:
        embedded.stop(folder)
        shutil.rmtree(server_of(folder).folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _month(home: Path, members: int) -> dict[str, Measured]:
    paper = [
        ("replay", [MONTH]), ("gaps", ["--on", DAY]), ("assemble", [MONTH, "--by", "a"]),
        ("print_dispatch", ["1", "--by", "a"]), ("prove_dispatch", ["1"]),
    ]  # fmt: skip
    return _society(home, members) | {name: _run(home, [name, *arguments]) for name, arguments in paper}


def _society(home: Path, members: int) -> dict[str, Measured]:
    """An invented society in an empty home, its month decided and approved."""
    source = str(home / "in")
    for clerk in ("a", "b"):
        _run(home, ["clerk", clerk])
    steps = [
        ("invent", [source, "--members", str(members), "--seed", "1", "--month", MONTH]), ("load", [source]),
        ("receive", [f"{source}/fund_{MONTH}.csv"]), ("run_month", [MONTH, "--by", "a", "--on", DAY]),
        ("approve_month", [MONTH, "--by", "b"]),
    ]  # fmt: skip
    return {name: _run(home, [name, *arguments]) for name, arguments in steps}


def _desk(home: Path, requests: int) -> Any:
    told = home / DESK
    _run(home, ["bench", "--desk-only", "--requests", str(requests), "--out", str(told)])
    return json.loads(told.read_text(encoding="utf-8"))["desk"]


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
