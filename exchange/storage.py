"""Keeps a received file's bytes sealed under their hash, before anything reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from core import crypto, disk
from core.errors import BadInput, Fault

FOLDER = "exchange"


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)


def keep(source: str | Path | BinaryIO) -> tuple[str, str]:
    """Stores the bytes sealed and on disk for good; answers (SHA-256, path relative to the files' folder).

    Storing the same bytes again replaces them by themselves.

    Raises:
        BadInput: a path that cannot be opened.
        Fault: there is no room for the file.
    """
    if not isinstance(source, (str, Path)):
        return _keep_stream(source)
    try:
        with open(source, "rb") as stream:
            return _keep_stream(stream)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError):
        raise BadInput("ファイルを開けません。場所と名前を確認してください。") from None


def _keep_stream(stream: BinaryIO) -> tuple[str, str]:
    digest = hashlib.sha256()

    def plain() -> Iterator[bytes]:
        while chunk := stream.read(crypto.FRAME_BYTES):
            digest.update(chunk)
            yield chunk

    folder = _root() / FOLDER
    # Its name is known when all of it has been read.
    with disk.part(folder / "arriving", final=lambda: folder / digest.hexdigest()) as target:
        crypto.write_frames(plain(), target)
    sha256 = digest.hexdigest()
    return sha256, f"{FOLDER}/{sha256}"


def read(path: str, sha256: str) -> Iterator[bytes]:
    """The plain bytes kept under ``path``, in chunks.

    Raises:
        Fault: missing, cut or altered since it was received.
    """
    digest = hashlib.sha256()
    try:
        with (_root() / path).open("rb") as source:
            for chunk in crypto.read_frames(source):
                digest.update(chunk)
                yield chunk
    except FileNotFoundError:
        raise Fault("保管したファイルがありません。控えから戻してください。") from None
    if digest.hexdigest() != sha256:
        raise Fault("保管したファイルが受け付けたときと違います。控えから戻してください。")
