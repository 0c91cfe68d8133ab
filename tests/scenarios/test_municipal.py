"""A municipal scheme from load to post: households under a 世帯主, no employers, shares as the municipality tells them."""

from __future__ import annotations


import pytest

from mailing.models import Dispatch, Enclosure, Envelope
from members.models import Member
from notices.face import HouseholdFace
from tests.conftest import run_command
from tests.scenarios.conftest import OpenOffice
from tests.scenarios.office import Office
from tests.scenarios.people import Someone

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"
EMPLOYERS_WORDS = ("事業主", "事業所", "退職", "扶養", "健康保険組合", "当組合", "被保険者証")
FAMILY = (
    ("1980-04-15", "世帯主"), ("1982-01-20", "妻"), ("2008-05-05", "長男"), ("2010-06-06", "長女"), ("2013-07-07", "次男"),
    ("1955-08-08", "母"),
)  # fmt: skip


def household(office: Office, key: str, people: tuple[tuple[str, str], ...], **cells: str) -> list[Someone]:
    """People of one household; the first is its head."""
    return [
        office.joins(
            born, relationship=relation, household_key=key, household_head=str(int(not nth)),
            **{"copayment_percent": "20" if born < "1956" else "", **cells},
        )
        for nth, (born, relation) in enumerate(people)
    ]  # fmt: skip


def posted(office: Office, month: str, on: str) -> None:
    office.approve()
    office.draft_notices(on)
    office.post(on)


def envelopes() -> list[tuple[str, int]]:
    """Recipient and papers of each envelope."""
    return [(v.recipient, v.enclosures.filter(active=True).count()) for v in Envelope.objects.order_by("pk")]


def test_six_people_of_one_household_get_one_envelope_to_the_head(kokuho: Office) -> None:
    six = household(kokuho, "S1", FAMILY)
    month = kokuho.month("2026-09", on="2026-09-10")
    assert len(month.issued()) == 6
    posted(kokuho, "2026-09", "2026-09-11")
    assert envelopes() == [(six[0].row["name"], 6)]
    assert {paper.status for who in six for paper in kokuho.certificates(who)} == {"sent"}


def test_six_registered_people_of_one_household_get_one_notice_to_the_head(kokuho: Office) -> None:
    six = [
        kokuho.joins(
            born, myna=LONG, acquired_on="2026-08-10" if born < "2026" else born, household_key="S1",
            household_head=str(int(not nth)), copayment_percent="20" if born < "1956" else "",
        )
        for nth, (born, _) in enumerate(FAMILY)
    ]  # fmt: skip
    kokuho.month("2026-09", on="2026-09-10")
    posted(kokuho, "2026-09", "2026-09-11")
    (sheet,) = kokuho.notice_sheets("2026-09-11")
    assert isinstance(sheet, HouseholdFace)
    assert (sheet.addressee, len(sheet.people)) == (six[0].row["name"], 6)
    assert envelopes() == [(six[0].row["name"], 1)]
