"""Opens an insurer's office under one of the presets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.office import Office

OpenOffice = Callable[..., Office]


@pytest.fixture
def open_office(db: None, home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> OpenOffice:
    """An office of a preset; further keywords are settings that differ from the preset."""
    # The session's database is up to date; no command need look again.
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)

    def opened(preset: str, **settings_that_differ: Any) -> Office:
        return Office(preset, tmp_path / "in", settings, settings_that_differ)

    return opened


@pytest.fixture
def renesas(open_office: OpenOffice) -> Office:
    """The society of seed 000."""
    return open_office("renesas")


@pytest.fixture
def kokuho(open_office: OpenOffice) -> Office:
    """The municipal scheme of seed 002: no employers."""
    return open_office("kokuho")


@pytest.fixture
def toyobo(open_office: OpenOffice) -> Office:
    """The society of seed 003."""
    return open_office("toyobo")


@pytest.fixture
def kyokai(open_office: OpenOffice) -> Office:
    """The nation-wide association of seed 004."""
    return open_office("kyokai")
