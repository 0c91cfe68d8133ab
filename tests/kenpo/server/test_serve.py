"""`manage.py serve` ends what it has started; `manage.py embedded` shows, stops and removes a home's database."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kenpo import embedded
from kenpo.embedded.server import server_of
from tests.conftest import require
from tests.kenpo.server.conftest import tidy
from tests.kenpo.server.processes import REPOSITORY, note
from tests.story.month import MONTH
from tools import invent

pytestmark = pytest.mark.concurrency


def environment(home: Path) -> dict[str, str]:
    dropped = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "KENPO_HOME": str(home), "KENPO_ENV": "development"}


def manage(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=REPOSITORY,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def family(pid: int) -> set[int]:
    """The process and all that descend from it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
    found, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(happens: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a small society, its database stopped."""
    folder = tmp_path_factory.mktemp("serve")
    home = folder / "home"
    invent.write(folder / "in", members=20, seed=1, month=MONTH, preset="toyobo")
    loaded = manage(home, "load", str(folder / "in"))
    assert loaded.returncode == 0, loaded.stderr
    embedded.stop(home)
    yield home
    tidy(home)


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The office on a free port, as soon as all of it runs."""
    require("redis-server", shutil.which("redis-server") is not None)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=REPOSITORY,
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=(home / "serve.txt").open("wb"),
        start_new_session=True,
    )
    try:
        # The process, redis, the worker and its child, the web and its two workers.
        until(lambda: answers(port) and len(family(process.pid)) >= 7)
        yield process, port
    finally:
        for pid in family(process.pid) if process.poll() is None else ():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize(
    ("number", "ran_before"),
    [(signal.SIGTERM, False), (signal.SIGINT, True)],
    ids=["ended, own database", "interrupted, database that ran before"],
)
def test_told_to_end_the_office_ends_what_it_started_and_nothing_else(
    small_home: Path, number: signal.Signals, ran_before: bool
) -> None:
    if ran_before:
        embedded.database_url(small_home)
    with serving(small_home) as (process, port):
        started = family(process.pid)
        process.send_signal(number)
        assert process.wait(90) == 0
        assert [pid for pid in started if lives(pid)] == []
        assert not answers(port)
    assert (server_of(small_home).postmaster() is not None) is ran_before


def commands(pids: Iterable[int]) -> dict[int, str]:
    return {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in pids if lives(pid)}


def test_a_part_that_stops_ends_the_office_and_is_named(small_home: Path) -> None:
    with serving(small_home) as (process, _):
        started = family(process.pid)
        worker = next(pid for pid, told in sorted(commands(started).items()) if " celery " in told)
        os.kill(worker, signal.SIGKILL)
        assert process.wait(90) == 1
        assert [pid for pid in started if lives(pid)] == []
    assert "裏の処理（worker）が止まったため、ほかも終えました。" in (small_home / "serve.txt").read_text()


def test_the_database_is_shown_stopped_and_removed(home: Path) -> None:
    assert "動いていません" in manage(home, "embedded").stdout
    assert not server_of(home).folder.exists(), "looking creates nothing"
    note(embedded.database_url(home, fast=True), "kept")
    folder = server_of(home).folder
    shown = manage(home, "embedded", "status").stdout
    assert "動いています" in shown
    assert str(folder) in shown
    assert "停止しました" in manage(home, "embedded", "stop").stdout
    assert server_of(home).postmaster() is None
    embedded.database_url(home, fast=True)

    asked = manage(home, "embedded", "remove")
    assert (asked.returncode, "--yes" in asked.stderr, str(folder) in asked.stderr) == (1, True, True)
    assert server_of(home).postmaster() is not None
    removed = manage(home, "embedded", "remove", "--yes")
    assert removed.returncode == 0
    assert str(folder) in removed.stdout
    assert not folder.exists()
    assert not (home / "postgres.id").exists()
    assert "消すものはありません" in manage(home, "embedded", "remove", "--yes").stdout


def test_the_command_is_listed_and_explains_itself(home: Path) -> None:
    assert "embedded" in manage(home, "help", "--commands").stdout.split()
    told = manage(home, "embedded", "--help")
    assert told.returncode == 0
    assert all(word in told.stdout for word in ("status", "stop", "remove", "--yes"))
