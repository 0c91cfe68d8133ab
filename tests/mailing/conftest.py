"""A society for the tests of paper; small files, so that one dispatch has several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mailing.printing import printing
from tests.mailing import build


@pytest.fixture
def office(db: None, home: Path) -> build.Office:
    return build.office()


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two documents a file."""
    monkeypatch.setattr(printing, "PER_FILE", 2)


@pytest.fixture
def printed(office: build.Office, small_files: None) -> Any:
    """A dispatch of five certificates in three households, printed in three files."""
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0002", ["髙橋 一郎", "髙橋 二郎"], establishment=1))
    office.certify(office.household("0003", ["邉\U000e011f 三郎"]))
    from mailing.models import Dispatch
    from mailing.services import assemble, print_dispatch

    (number,) = assemble(office.run, by=office.clerk, on=build.ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=build.ON)
    return dispatch
