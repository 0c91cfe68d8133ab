"""The readable file that a clerk uploads to the fund: put out from the sealed copy, taken away when done with."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from core.disk import part
from exchange import storage
from exchange.models import OutgoingFile

FOLDER = "outgoing"


def _path(file: OutgoingFile) -> Path:
    return Path(settings.KENPO_HOME) / FOLDER / file.name


def put_out(file: OutgoingFile) -> Path:
    """Writes the file whole, readable by its owner only; doing it again replaces it by itself.

    Raises:
        Fault: the sealed copy is missing or was altered, or there is no room for the file.
    """
    target = _path(file)
    with part(target) as stream:
        for chunk in storage.read(file.path, file.sha256):
            stream.write(chunk)
    return target


def take_away(file: OutgoingFile) -> None:
    """Removes the readable file; the sealed copy stays."""
    _path(file).unlink(missing_ok=True)
