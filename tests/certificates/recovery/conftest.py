"""An office, and one paper in somebody's hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from certificates.models import EligibilityCertificate
from tests.certificates.recovery.papers import certificates
from tests.mailing import build
from tests.mailing.build import Office


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


@pytest.fixture
def paper(office: Office) -> EligibilityCertificate:
    return certificates(office, office.household("0001"))[0]
