"""The office on this machine: web and worker together, for trying out (production: docker-compose.yml)."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import connection

from core import scratch
from core.commands import KenpoCommand, number
from core.errors import Fault
from core.paper import fonts
from kenpo import embedded
from members.models import Insurer
from tools.demo import CLERKS, clerks, play

ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PATIENCE_SECONDS = 15


class Command(KenpoCommand):
    invented = True
    help = "画面（127.0.0.1:8000）と裏の処理を動かします。空なら架空の組合で一か月を通してから開きます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=number, default=8000)

    def run(self, **options: Any) -> None:
        fonts.require_all()
        scratch.sweep()
        if not Insurer.objects.exists():
            play(self.stdout.write)
        port = options["port"]
        if _taken(port):
            raise Fault(f"ポート {port} はほかの処理が使っています。--port で別の番号を指定してください。")
        for (clerk, password), (_, _, what) in zip(clerks(), CLERKS, strict=True):
            self.stdout.write(f"{what}: {clerk.username} / {password}")
        self.stdout.write(f"http://127.0.0.1:{port}/ を開いてください（終えるには Ctrl-C）。")
        self.stdout.flush()
        _run_together(port)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Told(Exception):  # noqa: N818 - no error: somebody ends the office
    """SIGTERM, SIGINT or SIGHUP."""


def _ended(*_: object) -> None:
    raise Told


def _start(command: list[str], environment: Mapping[str, str], **options: Any) -> subprocess.Popen[bytes]:
    """In a process group of its own: what ends the office ends the group, workers' children included."""
    return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True, **options)


def _redis(environment: dict[str, str]) -> dict[str, subprocess.Popen[bytes]]:
    """A redis of our own when there is none; without the program, tasks run inside the web process."""
    program = shutil.which("redis-server")
    if environment.get("REDIS_URL") or program is None:
        return {}
    port = _free_port()
    environment["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    environment.pop("REDIS_PASSWORD", None)
    environment.pop("REDIS_PASSWORD_FILE", None)
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = _start([*command, "--dir", str(scratch.root())], environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while not _taken(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    return {"処理の受渡し（redis）": process}


def _run_together(port: int) -> None:
    """Runs everything until a part of it ends or we are told to; then all that was started here ends.

    Raises:
        Fault: a part ended by itself.
    """
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "kenpo.settings"}
    running: dict[str, subprocess.Popen[bytes]] = {}
    for told in ENDS:
        signal.signal(told, _ended)
    try:
        running |= _redis(environment)
        if environment.get("REDIS_URL"):
            worker = [sys.executable, "-m", "celery", "-A", "kenpo", "worker", "-l", "WARNING", "-c", "1"]
            running["裏の処理（worker）"] = _start(worker, environment)
        web = [sys.executable, "-m", "gunicorn", "kenpo.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2"]
        running["画面（web）"] = _start(web, environment)
        while not (stopped := [part for part, process in running.items() if process.poll() is not None]):
            time.sleep(0.5)
        raise Fault(
            f"{'と'.join(stopped)}が止まったため、ほかも終えました。止まった理由は、この行の上に出ています。"
            "直してから、もう一度始めてください。"
        )
    except Told:
        pass
    finally:
        for told in ENDS:
            signal.signal(told, signal.SIG_IGN)  # ending has begun; asked again it goes on
        _end(list(running.values()))


def _end(running: list[subprocess.Popen[bytes]]) -> None:
    """The web first, redis last; whoever does not end in time is ended."""
    for process in reversed(running):
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # whatever of its group is left
        process.wait()
    connection.close()
    if not os.environ.get("DATABASE_URL") and embedded.started_here(settings.KENPO_HOME):
        embedded.stop_unless_used(settings.KENPO_HOME)
