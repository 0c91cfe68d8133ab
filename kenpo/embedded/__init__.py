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

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from core.errors import Fault
from kenpo.embedded.connections import DATABASE_USER, create_database, reachable, used
from kenpo.embedded.folder import home_was_removed, locked, name_database, set_aside
from kenpo.embedded.running import initialise, keep_running, stop_server
from kenpo.embedded.server import PORT, Server, server_of

__all__ = ["database_settings", "database_url", "home_from_environment", "started_here", "stop", "stop_unless_used"]

_STARTED: set[Path] = set()


def database_url(home: Path, *, name: str = "kenpo", fast: bool = False) -> str:
    """Where database ``name`` of ``home`` is reached, with its server running and the database created.

    ``fast`` gives up safety against power loss; for tests. It takes effect when the server is started by this call.

    Raises: Fault when the server cannot be created or started.
    """
    server = server_of(home)
    postmaster = server.postmaster()
    if postmaster is None or home_was_removed(server) or not reachable(postmaster, name):
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


def started_here(home: Path) -> bool:
    """Whether this process has started the home's server, rather than found it running."""
    return home.resolve() in _STARTED


def stop_unless_used(home: Path) -> bool:
    """Whether the home's server was stopped: not while anybody but the caller still has it open."""
    server = server_of(home)
    postmaster = server.postmaster()
    if postmaster is None or used(postmaster):
        return False
    return stop(home)


def stop(home: Path) -> bool:
    """Whether a server of ``home`` was running and has now been stopped."""
    server = server_of(home)
    if not server.folder.is_dir():
        return False
    with locked(server):
        return stop_server(server)


def home_from_environment() -> Path:
    """The home of this process: ``KENPO_HOME``, or ``var`` beside ``manage.py``."""
    given = os.environ.get("KENPO_HOME")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "var"


def _make_ready(server: Server, name: str, *, fast: bool) -> None:
    while True:
        with locked(server):
            if home_was_removed(server):
                set_aside(server)
                continue
            name_database(server)
            initialise(server, fast=fast)
            if server.postmaster() is None:
                _STARTED.add(server.home)
            keep_running(server, fast=fast)
            create_database(server, name)
            return
