"""A secret of the home's own, made once, also when two processes start at the same moment. Pure."""

from __future__ import annotations

import os
from pathlib import Path


def own_secret(path: Path, fresh: str) -> bytes:
    """The secret kept in ``path``; ``fresh`` becomes it when there is none yet (readable by the owner only)."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh)
        try:
            # A link appears whole or not at all, and never replaces what another process put there.
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_bytes()
