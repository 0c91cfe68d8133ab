"""Creates, starts and stops a server. Every function here is called with the folder's lock held."""

import logging
import os
import re
import secrets
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from psycopg import pq

from core.errors import Fault
from kenpo.embedded.connections import DATABASE_USER, ping
from kenpo.embedded.programs import ADVICE, last_line, wheel_version
from kenpo.embedded.server import PORT, Server, command_line, is_child_title, socket_of, write_whole

logger = logging.getLogger(__name__)

SOCKET_BYTES = 103  # the shortest limit of a unix socket's path (macOS; Linux has 107)
# What neither libpq nor postgresql.conf reads as a separator or a quote.
PLAIN_PATH = re.compile(r"[\w/. @+-]+")
NEVER_A_PID = 2**31 - 1
START_SECONDS = 180.0
ORPHAN_SECONDS = 3.0
LOG_BYTES = 5_000_000

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "synchronous_commit": "on",
    # A killed worker's locks must not outlive it.
    "client_connection_check_interval": "200ms",
    "timezone": "Asia/Tokyo",
    "log_timezone": "Asia/Tokyo",
    "lc_messages": "C",
    # Statements and error details carry people's names; the log must not.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# Tests: what a vacuum in the background finds between two tests must not change the next one's plans.
FAST_SETTINGS = {
    "autovacuum": "off",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def initialise(server: Server, *, fast: bool) -> None:
    """Creates the data directory under another name first, so that a death half way leaves nothing half made."""
    if server.data.exists():
        _check_version(server)
        return
    for leftover in server.folder.glob("data.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh = server.folder / f"data.new-{secrets.token_hex(4)}"
    fresh.mkdir()
    server.give(fresh, 0o700)
    options = ["--no-sync"] if fast else []
    result = server.run(
        "initdb",
        f"--pgdata={fresh.name}",
        f"--username={DATABASE_USER}",
        "--auth=trust",  # the socket's folder is closed to every other user
        "--encoding=UTF8",
        "--locale=C",
        "--no-instructions",
        *options,
        timeout=START_SECONDS,
    )
    if result.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise Fault(f"データベースを作成できませんでした（{last_line(result.stdout)}）。{ADVICE}")
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude '../server.conf'\n")
    fresh.rename(server.data)


def _check_version(server: Server) -> None:
    version_file = server.data / "PG_VERSION"
    if not version_file.exists():
        raise Fault(f"{server.data} はデータベースの保存先ではないようです。中身をご確認ください。")
    found, ours = version_file.read_text().strip(), wheel_version().split(".")[0]
    if found != ours:
        raise Fault(
            f"{server.data} はPostgreSQL {found} のデータで、この版（PostgreSQL {ours}）では開けません。"
            "前の版で書き出し（pg_dump）、新しい保存先に読み込んでください。"
        )


def keep_running(server: Server, *, fast: bool) -> None:
    """Starts the server unless it runs, and returns when it takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        postmaster = server.postmaster()
        if postmaster is None:
            _start(server, fast=fast)
        elif ping(postmaster) == pq.Ping.OK:
            return
        elif postmaster.ready and not socket_of(postmaster.socket_folder).exists():
            stop_server(server)  # somebody cleaned the temporary folder: nobody can reach it any more
        else:
            time.sleep(0.02)  # it recovers from a crash, or is shutting down
    raise Fault(
        "データベースが応答しません。「python -m kenpo.embedded stop」で止めてから、もう一度実行してください"
        f"（記録: {server.log}）。"
    )


def _start(server: Server, *, fast: bool) -> None:
    """Starts the server. After a crash its orphans may hold the shared memory: they get a moment, then are ended."""
    began, crashed = time.monotonic(), server.pid_file.exists()
    _forget_dead(server)
    socket_folder = _make_socket_folder(server)
    _write_settings(server, socket_folder, fast=fast)
    _open_log(server)
    while True:
        result = server.run(
            "pg_ctl",
            "start",
            "--pgdata=data",
            "--log=server.log",
            "--wait",
            "--timeout=120",
            "--silent",
            f"--options=--cluster_name={server.token}",
            timeout=START_SECONDS,
        )
        if result.returncode == 0 or server.postmaster() is not None:
            return
        waited = time.monotonic() - began
        if not crashed or waited > 10 * ORPHAN_SECONDS:
            reason = last_line(server.log.read_bytes()) or last_line(result.stdout)
            raise Fault(f"データベースを起動できませんでした（{reason}）。記録 {server.log} をご確認ください。")
        if waited > ORPHAN_SECONDS:
            _end_orphans(server)
        time.sleep(0.1)


def _forget_dead(server: Server) -> None:
    """Makes PostgreSQL see that the server named in ``postmaster.pid`` is gone, whoever has its process id now.

    Only the id is replaced: the line with the shared memory is PostgreSQL's guard against orphans still writing.
    """
    try:
        lines = server.pid_file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    if len(lines) > 4 and lines[0].strip().isdigit():
        lines[0] = str(NEVER_A_PID).encode()
        server.pid_file.write_bytes(b"\n".join(lines))
    else:
        server.pid_file.unlink()  # died while writing it: it never had shared memory


def _make_socket_folder(server: Server) -> Path:
    folder = server.folder / "run"
    if not (PLAIN_PATH.fullmatch(str(folder)) and len(os.fsencode(socket_of(str(folder)))) <= SOCKET_BYTES):
        parent = Path(tempfile.gettempdir())
        if len(os.fsencode(parent)) > 50 or not PLAIN_PATH.fullmatch(str(parent)):
            parent = Path("/tmp")  # the folder inside is checked to be ours alone
        folder = parent / server.token
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    expected = {os.geteuid()} | ({server.account.pw_uid} if server.account else set())
    if folder.is_symlink() or found.st_uid not in expected:
        raise Fault(f"{folder} は別の利用者のものです。そのフォルダーを取り除いてから、もう一度実行してください。")
    server.give(folder, 0o700)
    for leftover in (socket_of(str(folder)), Path(f"{socket_of(str(folder))}.lock")):
        leftover.unlink(missing_ok=True)
    return folder


def _write_settings(server: Server, socket_folder: Path, *, fast: bool) -> None:
    settings = SETTINGS | {"unix_socket_directories": str(socket_folder), "unix_socket_permissions": "0700"}
    if fast:
        settings |= FAST_SETTINGS
    lines = [f"{key} = '{value}'\n" for key, value in settings.items()]
    write_whole(server.folder / "server.conf", "".join(lines).encode(), 0o600)
    server.give(server.folder / "server.conf", 0o600)


def _open_log(server: Server) -> None:
    """A log of the server's user, in a folder that is not its own; begins anew when it has grown long."""
    keep = server.log.exists() and server.log.stat().st_size < LOG_BYTES
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (0 if keep else os.O_TRUNC)
    os.close(os.open(server.log, flags, 0o600))
    server.give(server.log, 0o600)


def stop_server(server: Server) -> bool:
    """Whether the server was running and has been stopped."""
    postmaster = server.postmaster()
    if postmaster is None:
        return False
    # First politely (open transactions are rolled back), then at once (recovers at the next start).
    for how, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        with suppress(ProcessLookupError):
            os.kill(postmaster.pid, how)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if server.postmaster() is None:
                if Path(postmaster.socket_folder).parent != server.folder:
                    shutil.rmtree(postmaster.socket_folder, ignore_errors=True)
                return True
            time.sleep(0.02)
    raise Fault(
        f"データベース（プロセス {postmaster.pid}）を止められませんでした。記録 {server.log} をご確認ください。"
    )


def _end_orphans(server: Server) -> None:
    """Ends what a dead server left behind: a backend in a long query does not notice that its server is gone."""
    for entry in Path("/proc").glob("[0-9]*"):
        if is_child_title(command_line(int(entry.name)), server.token):
            logger.warning("ending orphan %s of a crashed database server", entry.name)
            with suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)
