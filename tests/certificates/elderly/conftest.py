"""An office that prints the share apart, and its second clerk."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models import Clerk
from tests.mailing import build
from tests.mailing.build import Office


@pytest.fixture
def office(home: Path) -> Office:
    return build.office(share_on_face=False)


@pytest.fixture
def other(office: Office) -> Clerk:
    return Clerk.objects.create_user("tanaka", role="clerk")
