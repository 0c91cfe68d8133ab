"""The folder of a home's server: made once, guarded by a lock, set aside when its home was removed."""

import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import Fault
from kenpo.embedded.programs import ADVICE
from kenpo.embedded.running import stop_server
from kenpo.embedded.server import Server, marker_of, write_whole

logger = logging.getLogger(__name__)

LOCK_SECONDS = 180.0


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
def locked(server: Server) -> Iterator[None]:
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


def home_was_removed(server: Server) -> bool:
    """Whether the folder holds the database of a home that lay at this path before, and is gone."""
    if not server.as_root or not (server.folder / "id").exists():
        return False
    marker = marker_of(server)
    return not marker.exists() or marker.read_bytes() != (server.folder / "id").read_bytes()


def set_aside(server: Server) -> None:
    """Makes room for a new database, keeping one generation of the old: removing a home may have been a mistake."""
    stop_server(server)
    aside = server.former
    if aside.exists():
        shutil.rmtree(aside)
    server.folder.rename(aside)
    logger.warning("home was removed; its former database is kept in %s", aside)


def name_database(server: Server) -> None:
    """Gives the folder its id; the marker comes first, so that a death in between leaves a pair that still fits."""
    identity = server.folder / "id"
    if identity.exists():
        return
    value = secrets.token_hex(8).encode()
    if server.as_root:
        marker = marker_of(server)
        if marker.exists():
            logger.warning("no database in %s for the home %s; a new one is created", server.folder, server.home)
            value = marker.read_bytes()
        else:
            write_whole(marker, value, 0o600)
    write_whole(identity, value, 0o600)
