"""The embedded server when it or its starter is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from kenpo import embedded
from kenpo.embedded.server import Server, server_of, socket_of
from tests.kenpo.server.processes import REPOSITORY, answer, note, running

START = (
    "import sys; from pathlib import Path; from kenpo import embedded;"
    "print(embedded.database_url(Path(sys.argv[1]), fast=True), flush=True)"
)


def crash(home: Path) -> Server:
    """Kills the server as a power cut would, and waits until it is gone; its pid file stays."""
    server, pid = server_of(home), running(home).pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: server.postmaster() is None)
    assert server.pid_file.exists()
    return server


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def start_elsewhere(home: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def test_a_killed_server_starts_again_with_all_that_was_committed(home: Path) -> None:
    note(embedded.database_url(home), "committed")
    crash(home)
    assert answer(embedded.database_url(home), "SELECT word FROM note") == "committed"


def test_a_killed_server_starts_again_though_its_process_id_now_belongs_to_another(home: Path) -> None:
    note(embedded.database_url(home), "kept")
    socket_folder = running(home).socket_folder
    server = crash(home)
    for file in (server.pid_file, Path(f"{socket_of(socket_folder)}.lock")):
        lines = file.read_text().split("\n")
        file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert server.postmaster() is None
    assert answer(embedded.database_url(home), "SELECT word FROM note") == "kept"
    assert running(home).pid != os.getpid()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="orphans are found through /proc")
def test_a_killed_server_starts_again_though_a_long_query_goes_on_without_it(home: Path) -> None:
    url = embedded.database_url(home, fast=True)
    with psycopg.connect(url) as connection:
        orphan = connection.info.backend_pid
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
        until(lambda: answer(url, f"SELECT state FROM pg_stat_activity WHERE pid = {orphan}") == "active")
        crash(home)
        assert answer(embedded.database_url(home, fast=True), "SELECT 1") == 1
        until(lambda: not Path(f"/proc/{orphan}/cmdline").exists() or not Path(f"/proc/{orphan}/cmdline").read_bytes())
        connection.close()


@pytest.mark.concurrency
def test_several_processes_at_the_same_moment_all_get_the_same_server(home: Path) -> None:
    starters = [start_elsewhere(home) for _ in range(4)]
    urls = {starter.communicate(timeout=120)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 4
    assert urls == {embedded.database_url(home)}


@pytest.mark.concurrency
def test_the_server_outlives_the_killed_process_group_that_started_it(home: Path) -> None:
    script = f"{START}; input()"
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(home)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert starter.stdout is not None
    url = starter.stdout.readline().strip()
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate(timeout=30)
    assert answer(url, "SELECT 1") == 1


@pytest.mark.concurrency
def test_a_start_that_is_killed_half_way_harms_nothing(home: Path) -> None:
    folder = server_of(home).folder
    for sign in (folder / "lock", folder / "id", folder / "data", folder / "server.log"):
        starter = start_elsewhere(home, start_new_session=True)
        until(lambda sign=sign: sign.exists())
        os.killpg(starter.pid, signal.SIGKILL)
        starter.communicate(timeout=30)
    assert answer(embedded.database_url(home, fast=True), "SELECT 1") == 1
    assert not list(folder.glob("data.new-*"))
