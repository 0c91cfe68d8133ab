"""Invented societies, each written once a process."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from tests.kenpo.invented.reading import MONTH, Society
from tools import invent


@pytest.fixture(scope="session")
def society(tmp_path_factory: pytest.TempPathFactory) -> Society:
    """Answers a folder and its counts; each is written once."""

    @cache
    def written(preset: str = "toyobo", members: int = 400, month: date = MONTH) -> tuple[Path, dict[str, int]]:
        folder = tmp_path_factory.mktemp("society")
        return folder, invent.write(folder, members=members, seed=7, month=month, preset=preset)

    return written
