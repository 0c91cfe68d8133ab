"""Seed 004: new members tick on the acquisition whether they want a certificate, under ``kyokai``."""

from __future__ import annotations

import pytest

from members.models import Member
from tests.scenarios.office import Office

pytestmark = pytest.mark.django_db

ENTRY = {
    "symbol": "101",
    "establishment_code": "0001",
    "branch_number": "00",
    "sex": "1",
    "birth_date": "1990-06-06",
    "name": "四葉 新人",
    "name_kana": "ヨツバ シンジン",
}


@pytest.mark.parametrize(("wanted", "papers"), [(True, ["application"]), (False, [])])
def test_004_a_new_member_says_on_the_acquisition_whether_a_certificate_is_wanted(
    kyokai: Office, wanted: bool, papers: list[str]
) -> None:
    kyokai.joins()
    kyokai.is_at("2026-01-20")
    kyokai.files(
        "acquisition",
        None,
        "2026-01-15",
        on="2026-01-20",
        number="905",
        individual_number_state="registered",
        certificate_wanted=wanted,
        **ENTRY,
    )
    member = Member.objects.get(number="905")
    assert [paper.basis for paper in member.certificates.all()] == papers
