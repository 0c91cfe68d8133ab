"""Encryption at rest: stored files in frames, individual numbers with a blind index; keys rotate.

Keys are Fernet keys, newest first, one a line: file named by ``ENCRYPTION_KEYS_FILE``, else one made
in ``$KENPO_HOME/secrets``. The newest key writes, every key reads. The blind index has its own key
derived from the oldest, so that rotation does not lose it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from core.errors import Fault
from core.secret_files import own_secret

FRAME_BYTES = 1 << 20


def _key_file() -> Path:
    return Path(settings.ENCRYPTION_KEYS_FILE)


@cache
def keys() -> tuple[bytes, ...]:
    """All keys, newest first.

    Raises:
        Fault: production without a key file, or an empty one.
    """
    path = _key_file()
    if not path.exists():
        if settings.KENPO_ENV == "production":
            raise Fault("暗号鍵のファイル（ENCRYPTION_KEYS_FILE）がありません。保管場所を確認してください。")
        own_secret(path, Fernet.generate_key().decode() + "\n")
    found = tuple(line.strip() for line in path.read_bytes().splitlines() if line.strip())
    if not found:
        raise Fault("暗号鍵のファイルが空です。控えから戻してください。")
    return found


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys()])


def encrypt(plain: bytes) -> bytes:
    """One sealed token under the newest key."""
    return _cipher().encrypt(plain)


def decrypt(token: bytes) -> bytes:
    """The plain bytes of a token.

    Raises:
        Fault: no key opens it, or it was altered.
    """
    try:
        return _cipher().decrypt(token)
    except InvalidToken as error:
        raise Fault("暗号化された内容を開けません。鍵の控えを確認してください。") from error


def blind_index(text: str) -> str:
    """A keyed fingerprint by which equal individual numbers are found without being readable."""
    secret = hashlib.sha256(b"kenpo blind index" + keys()[-1]).digest()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def write_frames(chunks: Iterable[bytes], target: BinaryIO) -> None:
    """Writes a stream as sealed frames (4-byte length, token); the order is sealed in too."""
    cipher = _cipher()
    for index, chunk in enumerate(chunks):
        token = cipher.encrypt(index.to_bytes(8, "big") + chunk)
        target.write(len(token).to_bytes(4, "big") + token)


def read_frames(source: BinaryIO) -> Iterator[bytes]:
    """The plain chunks of ``write_frames``, in order.

    Raises:
        Fault: a frame is cut, altered, or out of order.
    """
    index = 0
    while head := source.read(4):
        token = source.read(int.from_bytes(head, "big"))
        plain = decrypt(token)
        if int.from_bytes(plain[:8], "big") != index:
            raise Fault("保管したファイルの並びが変わっています。控えを確認してください。")
        yield plain[8:]
        index += 1
