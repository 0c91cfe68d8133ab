"""Benchmarks as ratios within one run: the same two months at one size and at four times that size, then the desk's pages.

A plain month, and one in which a third of the members lose their registration at once. Each step is a command of its
own process on a home of its own, so that its time and its largest memory are its own; the time of an empty command is
taken off. A time ratio near 4 is linear; a memory ratio near 1 is flat. The pages are those of the larger society.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from core.errors import Fault
from kenpo import embedded
from kenpo.embedded.server import server_of
from members.models import Member
from tools.bench_desk import measure

MONTH, DAY, TIMES = "2026-11", "2026-11-10", 4
DESK = "desk.json"
ROUNDS: Final = {"plain": "ふだんの月", "mass": "一斉交付の月（加入者の3分の1）"}
MOST_GROWTH = 1.4
"""How many times more than the society the time of a step may grow."""
NOISE_SECONDS = 0.5
"""A step that takes less at the smaller size counts as if it took so long."""
_REGISTERED = -5  # the cell of the invented fund file that says whether somebody is registered


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall time, without the program's start, and the largest resident memory in MiB of one command."""

    seconds: float
    peak_mib: float


def bench(members: int, requests: int) -> dict[str, Any]:
    """Time and memory of each step at ``members`` and ``TIMES`` × ``members``, their ratios, and the larger's pages.

    ``too_slow`` names the steps whose time grows faster than the society.
    """
    steps: dict[str, dict[str, Any]] = {}
    for round_ in ROUNDS:
        with _home() as home:
            small = _month(home, members, round_)
        with _home() as home:
            large = _month(home, members * TIMES, round_)
            if round_ == "plain":
                desk = _desk(home, requests)
        steps[round_] = compared(small, large)
    return {
        "members": [members, members * TIMES],
        "steps": steps,
        "too_slow": [f"{ROUNDS[name]} {step}" for name, found in steps.items() for step in too_slow(found)],
        "desk": desk,
    }


def compared(small: Mapping[str, Measured], large: Mapping[str, Measured]) -> dict[str, Any]:
    """Both sizes of each step and their ratios."""
    return {
        name: {
            "seconds": [round(small[name].seconds, 2), round(large[name].seconds, 2)],
            "time_ratio": round(large[name].seconds / max(small[name].seconds, 0.01), 2),
            "peak_mib": [round(small[name].peak_mib), round(large[name].peak_mib)],
            "memory_ratio": round(large[name].peak_mib / small[name].peak_mib, 2),
        }
        for name in small
    }


def too_slow(steps: Mapping[str, Any]) -> list[str]:
    """The steps whose time grew by more than ``MOST_GROWTH`` × ``TIMES``; what is short at the smaller size is noise."""
    most = MOST_GROWTH * TIMES
    return [name for name, step in steps.items() if step["seconds"][1] > most * max(step["seconds"][0], NOISE_SECONDS)]


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


def _month(home: Path, members: int, round_: str) -> dict[str, Measured]:
    after = [
        ("replay", [MONTH]),
        ("gaps", ["--on", DAY]),
        ("draft_notices", [MONTH, "--by", "a"]),
        ("assemble", [MONTH, "--by", "a"]),
        ("print_dispatch", ["1", "--by", "a"]),
        ("prove_dispatch", ["1"]),
        ("pull_list", ["1"]),
        ("pull_list --confirm", ["1", "--by", "a"]),
        ("seal_dispatch", ["1", "--by", "b"]),
        ("send_dispatch", ["1", "--by", "b", "--on", DAY]),
        ("daily", ["--on", DAY]),
        ("ledger", [MONTH]),
        ("export_decisions", [MONTH, str(home / "decisions.csv")]),
        ("forecast", []),
        ("report", [MONTH]),
        ("names", []),
        ("addresses", []),
        ("letters unregistered", ["--by", "a"]),
    ]
    measured = _society(home, members, mass=round_ == "mass")
    return measured | {name: _run(home, [*name.split(), *arguments]) for name, arguments in after}


def _society(home: Path, members: int, *, mass: bool = False) -> dict[str, Measured]:
    """An invented society in an empty home, its month decided and approved."""
    source = home / "in"
    _command(home, ["verify_log"])  # the server and its tables are made with the first word to them
    for clerk in ("a", "b"):
        _run(home, ["clerk", clerk])
    fund = source / f"fund_{MONTH}.csv"
    invented = _run(home, ["invent", str(source), "--members", str(members), "--seed", "1", "--month", MONTH])
    if mass:
        without_registration(fund)
    steps = [
        ("load", [str(source)]),
        ("receive", [str(fund)]),
        ("run_month", [MONTH, "--by", "a", "--on", DAY]),
        ("approve_month", [MONTH, "--by", "b"]),
    ]
    return {"invent": invented} | {name: _run(home, [name, *arguments]) for name, arguments in steps}


def without_registration(fund: Path) -> None:
    """Takes the registration from so many people of an invented fund file that they are a third of its rows."""
    rows = taken = 0
    fresh = fund.with_suffix(".mass")
    with fund.open(encoding="utf-8") as read, fresh.open("w", encoding="utf-8") as write:
        for line in read:
            cells = line.rstrip("\n").split(",")
            if cells[0] == "D":
                rows += 1
                if cells[_REGISTERED] == "1" and taken * 3 < rows:
                    taken += 1
                    line = ",".join([*cells[:_REGISTERED], "0", "", "", "0", ""]) + "\n"
            write.write(line)
    fresh.replace(fund)


def _desk(home: Path, requests: int) -> Any:
    told = home / DESK
    _run(home, ["bench", "--desk-only", "--requests", str(requests), "--out", str(told)])
    return json.loads(told.read_text(encoding="utf-8"))["desk"]


def _run(home: Path, arguments: list[str]) -> Measured:
    """The command's own work: what its program needs to start is the same at every size, and would hide a growth.

    The start is that of a command which has nothing to do, the shorter of one before and one after: a machine is not as
    fast every minute, and what held up the start alone must not be taken off the work.
    """
    before = _command(home, ["check_parameters"]).seconds
    whole = _command(home, arguments)
    start = min(before, _command(home, ["check_parameters"]).seconds)
    return Measured(max(0.0, whole.seconds - start), whole.peak_mib)


def _command(home: Path, arguments: list[str]) -> Measured:
    environment = {**os.environ, "KENPO_HOME": str(home), "KENPO_TODAY": DAY}
    environment.pop("DATABASE_URL", None)
    started = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise Fault(f"{arguments[0]} が終了コード {process.returncode} で止まりました: {errors.read()[-500:]!r}")
    return Measured(time.monotonic() - started, usage.ru_maxrss / 1024)
