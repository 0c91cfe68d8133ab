"""The home's own place for what lasts a moment: files handed in on a page, and working folders. Owner only.

Nothing of it lies in the system's temporary folder, where others look, and nothing outlives the process that made it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from core.disk import PART, lock, remove_abandoned, writing_in

_OWNER = ".owner"
_WORK = "work-"
_YOUNG_SECONDS = 10.0
# Folders of a home that hold none of our files in the making: the database, and what is collected for browsers.
_NOT_OURS = {"postgres", "static"}


def root() -> Path:
    """The folder itself, made when first needed.

    Raises:
        Fault: it cannot be made.
    """
    place = Path(settings.FILE_UPLOAD_TEMP_DIR)
    with writing_in(place):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


@contextmanager
def folder() -> Iterator[Path]:
    """A working folder, gone after use; of a killed process, after the next sweep.

    Raises:
        Fault: there is no room for it.
    """
    place = root()
    with (
        writing_in(place),
        tempfile.TemporaryDirectory(prefix=_WORK, dir=place) as name,
        (Path(name) / _OWNER).open("wb") as owner,
    ):
        lock(owner)
        yield Path(name)


def leftovers() -> Iterator[Path]:
    """Every file in the making, upload and working folder of the home, whether somebody still writes it or not."""
    home = Path(settings.KENPO_HOME)
    for place, folders, files in os.walk(home):
        if Path(place) == home:
            folders[:] = [name for name in folders if name not in _NOT_OURS]
        yield from (Path(place) / name for name in files if name.startswith(".") and name.endswith(PART))
    scratch = Path(settings.FILE_UPLOAD_TEMP_DIR)
    if scratch.is_dir():
        yield from (path for path in scratch.iterdir() if not path.name.endswith(PART))


def sweep() -> int:
    """Removes what processes that are gone have left behind, never what a living one writes; answers how many."""
    removed = 0
    for path in list(leftovers()):
        if path.is_dir():
            removed += _remove_folder(path)
        else:
            removed += remove_abandoned(path)
    return removed


def _remove_folder(path: Path) -> bool:
    """A folder whose owner is gone; one without an owner may be about to get one, and is left alone for a while."""
    owner = path / _OWNER
    if owner.exists():
        if not remove_abandoned(owner):
            return False
    elif time.time() - path.stat().st_mtime < _YOUNG_SECONDS:
        return False
    shutil.rmtree(path, ignore_errors=True)
    return True
