"""A small office with every kind of record that a table holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from core.models import Clerk
from kenpo.intake.load import load
from tests.builders import Folder
from tests.kenpo.tables.sheets import ON


@pytest.fixture
def office(tmp_path: Path, home: Path, settings: Any) -> Folder:
    settings.KENPO_TODAY = ON
    folder = Folder(tmp_path / "in")
    folder.establishment("0001", symbol="101")
    folder.insured("0001", person_key="p1", printed_name="", mailing_postal_code="", mailing_address="")
    folder.dependent("0001", "01", person_key="p2", nondisclosure="1")
    folder.insured(
        "0002",
        name="髙橋 𠮷男",
        name_kana="タカハシ ヨシオ",
        person_key="p3",
        address="-1 架空町",
        mailing_postal_code="530-0009",
        mailing_address="大阪府大阪市北区架空9",
        sex_on_back="1",
        fund_registered_on="2020-01-02",
        address_protected="0",
    )
    folder.legacy_card("0001").legacy_card("0002", valid_through="2026-12-31")
    folder.certificate("0001", branch_number="01").certificate("0002", ground="not_registered")
    load(folder.write(), on=ON)
    return folder


@pytest.fixture
def browsers(office: Folder) -> Iterator[dict[str, Client]]:
    made = {}
    for name, role in (("suzuki", "clerk"), ("tanaka", "clerk"), ("kansa", "auditor"), ("haso", "dispatcher")):
        made[name] = Client()
        made[name].force_login(Clerk.objects.create_user(name, role=role, is_staff=True))
    yield made


@pytest.fixture
def by(browsers: dict[str, Client]) -> Clerk:
    return Clerk.objects.get(username="suzuki")
