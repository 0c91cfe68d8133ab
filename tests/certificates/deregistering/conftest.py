"""One member whom the fund calls registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from kenpo.intake.load import load
from members.models import Member
from tests.builders import Folder
from tests.certificates.deregistering.asking import TODAY, Clerks, _says


@pytest.fixture
def member(tmp_path: Path, clerks: Clerks) -> Member:
    """Insured, with a マイナ保険証 by the fund's word of October."""
    load(Folder(tmp_path / "in").insured("1").write(), on=TODAY)
    _says(Member.objects.get())
    return Member.objects.get()
