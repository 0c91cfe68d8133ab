"""Files put on the disk whole or not at all, what a killed process leaves of them, and words for a disk that refuses. Pure.

While a file is being written it is a hidden neighbour, ``.<name>.<random>.part``, locked by its writer: a lock ends with
the process, so whoever finds one that is not locked knows that nobody writes it any more.
"""

from __future__ import annotations

import errno
import fcntl
import io
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

from core.errors import Fault

PART = ".part"
log = logging.getLogger(__name__)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_NO_FOLDER = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG)
_OF_DISKS = (*_FULL, *_CLOSED, *_NO_FOLDER, errno.EIO, errno.EMFILE, errno.ENFILE)


def is_of_disk(error: BaseException) -> bool:
    """Whether the error speaks of a disk or a folder, not of a network or another process."""
    return isinstance(error, OSError) and error.errno in _OF_DISKS


def refusal(error: OSError, folder: Path, what: str = "に書き込めません") -> str:
    """Why it cannot be done there, and what to do, in one or two sentences; names the folder."""
    if error.errno in _FULL:
        return f"「{folder}」に空きがありません（ディスクがいっぱいです）。空きを作ってから、もう一度行ってください。"
    if error.errno in _CLOSED:
        return (
            f"「{folder}」{what}（権限がないか、読取り専用です）。"
            "権限を直すか、別の場所を指定してから、もう一度行ってください。"
        )
    if error.errno in _NO_FOLDER:
        return f"「{folder}」{what}。その場所と名前を確かめて、もう一度行ってください。"
    return f"「{folder}」の読み書きに失敗しました。ディスクの状態を管理者に確かめてもらい、もう一度行ってください。"


def told(error: OSError, folder: Path, what: str = "に書き込めません") -> Fault:
    """The error as a refusal in words; the log gets its number and place, and nothing of any content."""
    log.error("%s in %s", errno.errorcode.get(error.errno or 0, type(error).__name__), folder)
    return Fault(refusal(error, folder, what))


@contextmanager
def writing_in(folder: Path) -> Iterator[None]:
    """Around whatever writes in a folder.

    Raises:
        Fault: the disk is full, closed or broken; the sentence names the folder.
    """
    try:
        yield
    except OSError as error:
        if not is_of_disk(error):
            raise
        raise told(error, folder) from error


def lock(file: IO[bytes] | IO[str]) -> bool:
    """Marks an open file as written by this process; ``False`` where it has just been swept away."""
    fcntl.flock(file.fileno(), fcntl.LOCK_EX)
    return os.fstat(file.fileno()).st_nlink > 0


def remove_abandoned(path: Path) -> bool:
    """Removes a file that no living process has locked, and answers whether it did."""
    try:
        with path.open("r+b") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except OSError:  # gone already, locked by its writer, or not ours
        return False
    return True


@contextmanager
def part(path: Path, *, final: Callable[[], Path | None] | None = None) -> Iterator[BinaryIO]:
    """A file to be written; it takes the name ``path`` when all of it is on the disk, readable by its owner only.

    ``final`` tells the name instead where only the written bytes do, or ``None``: it is not to be kept. The folder is
    made, for its owner only, where there is none. What killed processes have left of the same file goes first.

    Raises:
        Fault: see ``writing_in``.
    """
    with writing_in(path.parent):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in path.parent.glob(f".{_plain(path.name)}.*{PART}"):
            remove_abandoned(leftover)
        file = _neighbour(path)
        try:
            with file:
                yield file
                file.flush()
                os.fsync(file.fileno())
                name = final() if final else path
                if name is None:
                    os.unlink(file.name)
                else:
                    os.replace(file.name, name)  # while it is still locked
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
        _sync(path.parent)


@contextmanager
def text_part(path: Path, *, final: Callable[[], Path | None] | None = None) -> Iterator[TextIO]:
    """The same for text in UTF-8, with the ends of lines as they are written."""
    with part(path, final=final) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()  # flushed; what follows is the file's own business


def write_whole(path: Path, data: bytes) -> None:
    """Puts the bytes under the name all at once: a reader sees the old file or the new one, never a part.

    Raises:
        Fault: see ``writing_in``.
    """
    with part(path) as file:
        file.write(data)


def _plain(name: str) -> str:
    """The name with what a pattern would read as more than itself taken for any one character."""
    return "".join("?" if character in "*?[]" else character for character in name)


def _neighbour(path: Path) -> BinaryIO:
    while True:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
        os.close(handle)
        file = cast(BinaryIO, open(name, "r+b"))  # noqa: SIM115 - closed by ``part``, and it knows its name
        if lock(file):
            return file
        file.close()


def _sync(folder: Path) -> None:
    """Makes the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
