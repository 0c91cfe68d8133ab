"""A small office and the browsers of its clerks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from core.models import Clerk
from kenpo.intake.load import load
from tests.builders import Folder
from tests.kenpo.desk.pages import ON


@pytest.fixture
def office(tmp_path: Path) -> Folder:
    """A family of three and somebody alone; nobody has a マイナ保険証 unless a test says so."""
    folder = Folder(tmp_path / "in")
    folder.establishment("0001", symbol="101").establishment("0002", symbol="102", name="架空物流株式会社")
    folder.insured("1").dependent("1", "01")
    folder.dependent(
        "1", "02", relationship="長男", name="山田 次郎", name_kana="ヤマダ ジロウ", sex="1", birth_date="2015-05-05"
    )
    folder.insured("2", name="佐藤 一", name_kana="サトウ ハジメ", birth_date="1975-06-07")
    load(folder.write(), on=ON)
    return folder


@pytest.fixture
def desk(office: Folder, home: Path) -> Iterator[dict[str, Client]]:
    """Browsers of two clerks, an approver and an auditor, by name."""
    browsers = {}
    for name, role in (("uketsuke", "clerk"), ("shonin", "approver"), ("kansa", "auditor")):
        browser = Client()
        browser.force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
        browsers[name] = browser
    yield browsers
