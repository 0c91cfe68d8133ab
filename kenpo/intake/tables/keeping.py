"""A clerk's table between preview and confirmation: sealed, for that clerk alone, for one hour.

The name on the disk tells when it was kept and nothing else; the name of the file that was handed in is not kept.
"""

from __future__ import annotations

import io
import json
import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from core import crypto, disk
from core.errors import Refused
from core.models import Clerk

HOLDS = timedelta(hours=1)
GONE = "確認から1時間が過ぎたか、すでに取り込んだ表です。もう一度、ファイルを選んでください。"
NOT_YOURS = "ほかの担当者が読み込んだ表です。取り込むのは、ファイルを選んだ担当者だけです。"
_NAME = re.compile(r"\A(\d{1,12})-[A-Za-z0-9_-]{32}\Z")
_FRAME = 1 << 20


def _home() -> Path:
    home = Path(settings.KENPO_HOME) / "tables"
    with disk.writing_in(home):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def keep(told: dict[str, Any], *, by: Clerk, now: datetime) -> str:
    """Seals what is told; answers the name under which this clerk finds it again."""
    name = f"{int(now.timestamp())}-{secrets.token_urlsafe(24)}"
    replace(name, told, by=by)
    return name


def replace(name: str, told: dict[str, Any], *, by: Clerk) -> None:
    """Seals what is told in the place of what was kept under this name; its hour goes on."""
    plain = json.dumps({"clerk": by.pk, "told": told}, ensure_ascii=False).encode()
    with disk.part(_home() / name) as file:
        crypto.write_frames((plain[at : at + _FRAME] for at in range(0, len(plain), _FRAME)), file)


def kept(name: str, *, by: Clerk, now: datetime) -> dict[str, Any]:
    """What was told.

    Raises:
        Refused: it is gone, its hour is over, or it is another clerk's.
    """
    found = _NAME.match(name)
    path = _home() / name if found else None
    if found is None or path is None or not path.is_file() or _over(int(found[1]), now):
        raise Refused(GONE)
    content = b"".join(crypto.read_frames(io.BytesIO(path.read_bytes())))
    sealed = json.loads(content)
    if sealed["clerk"] != by.pk:
        raise Refused(NOT_YOURS)
    told: dict[str, Any] = sealed["told"]
    return told


def remove(name: str) -> None:
    """Takes it away; gone already is fine."""
    if _NAME.match(name):
        (_home() / name).unlink(missing_ok=True)


def sweep(now: datetime) -> int:
    """Removes every table whose hour is over; answers how many. What is left half written goes with ``core.scratch``."""
    removed = 0
    for path in _home().iterdir():
        if (found := _NAME.match(path.name)) and _over(int(found[1]), now):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _over(since: int, now: datetime) -> bool:
    return now.timestamp() - since >= HOLDS.total_seconds()
