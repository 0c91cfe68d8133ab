"""An invented society, the browsers of its office, and a month as far as it has come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from certificates.models import Run
from core.models import Clerk
from mailing.models import Dispatch
from tests.conftest import run_command
from tests.kenpo.month.pages import ON, Desk, files_of, hand_in, press, start
from tests.story.month import MONTH
from tools import invent


@pytest.fixture
def folder(tmp_path: Path, home: Path, settings: Any) -> Path:
    """An invented society in the database; its files of the month still lie in the folder."""
    settings.KENPO_TODAY = ON
    invent.write(tmp_path / "in", members=80, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    return tmp_path / "in"


@pytest.fixture
def desk(folder: Path) -> Desk:
    """Browsers of two clerks, a dispatcher and an auditor."""
    browsers = {}
    for name, role in (("hanako", "clerk"), ("taro", "clerk"), ("haruko", "dispatcher"), ("kansa", "auditor")):
        browser = Client()
        browser.force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
        browsers[name] = browser
    return browsers


@pytest.fixture
def proposed(desk: Desk, folder: Path) -> Run:
    """The month run by hanako."""
    hand_in(desk["hanako"], *files_of(folder))
    start(desk["hanako"])
    run = Run.objects.get()
    assert run.status == "proposed", run.held_reasons
    return run


@pytest.fixture
def approved(desk: Desk, proposed: Run) -> Run:
    press(desk["taro"], proposed, "approve")
    proposed.refresh_from_db()
    assert proposed.status == "approved"
    return proposed


@pytest.fixture
def assembled(desk: Desk, approved: Run) -> Run:
    press(desk["hanako"], approved, "draft")
    press(desk["hanako"], approved, "assemble")
    assert Dispatch.objects.exists()
    return approved
