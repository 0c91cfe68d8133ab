"""Homes whose server is gone when the test is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kenpo import embedded
from kenpo.embedded.server import server_of
from tests.kenpo.server.processes import MakeHome


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[MakeHome]:
    """Homes under the test's folder, whose servers are stopped and whose state elsewhere is removed at the end."""
    homes: list[Path] = []

    def make(name: str = "home") -> Path:
        homes.append(tmp_path / name)
        return homes[-1]

    yield make
    for home in homes:
        tidy(home)


@pytest.fixture
def home(make_home: MakeHome) -> Path:
    return make_home("home")


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the tests that do not harm its server."""
    home = tmp_path_factory.mktemp("shared") / "home"
    embedded.database_url(home, fast=True)
    yield home
    tidy(home)


def tidy(home: Path) -> None:
    folder = server_of(home).folder
    embedded.stop(home)
    for left in (folder, folder.with_name(folder.name + ".before")):
        shutil.rmtree(left, ignore_errors=True)
