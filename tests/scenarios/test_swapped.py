"""The same facts under another preset: the answer differs, so a scenario fails when its preset is swapped."""

from __future__ import annotations

import pytest

from core.errors import Refused
from tests.scenarios.conftest import OpenOffice

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"


@pytest.mark.parametrize(
    ("preset", "with_notice"),
    [
        ("toyobo", {"registered", "certified"}),
        ("kyokai", {"registered", "certified"}),
        ("renesas", {"registered"}),
        ("kokuho", {"registered"}),
    ],
)
def test_who_gets_the_notice_differs_between_the_presets(
    open_office: OpenOffice, preset: str, with_notice: set[str]
) -> None:
    office = open_office(preset)
    people = {"registered": office.joins(myna=LONG, acquired_on="2025-12-10")}
    people["certified"] = office.joins(acquired_on="2025-12-10")
    office.month("2026-01", on="2026-01-09")
    office.approve()
    office.draft_notices("2026-01-09")
    assert {name for name, who in people.items() if office.notices(who)} == with_notice


@pytest.mark.parametrize("preset", ["renesas", "toyobo", "kyokai", "kokuho"])
def test_whose_registration_is_not_known_gets_no_notice(open_office: OpenOffice, preset: str) -> None:
    office = open_office(preset)
    who = office.joins(fund=None, acquired_on="2025-12-10")
    month = office.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("review", "missing_from_file")
    office.approve()
    office.draft_notices("2026-01-09")
    assert not office.notices(who)


@pytest.mark.parametrize(
    ("preset", "valid_through"),
    [("renesas", "2031-01-08"), ("toyobo", "2031-01-08"), ("kyokai", "2030-11-30"), ("kokuho", "2026-07-31")],
)
def test_how_long_a_certificate_lasts_differs_between_the_presets(
    open_office: OpenOffice, preset: str, valid_through: str
) -> None:
    office = open_office(preset)
    who = office.joins()
    month = office.month("2026-01", on="2026-01-09")
    assert month.period(who) == ("2026-01-09", valid_through, "scheme")


@pytest.mark.parametrize(("preset", "limit"), [("toyobo", "turns_70"), ("kyokai", "scheme")])
def test_whether_70_ends_a_certificate_differs_between_the_presets(
    open_office: OpenOffice, preset: str, limit: str
) -> None:
    office = open_office(preset)
    who = office.joins("1957-06-20")
    assert office.month("2026-01", on="2026-01-09")[who].limit == limit


@pytest.mark.parametrize(("preset", "duties"), [("toyobo", 1), ("renesas", 0), ("kyokai", 0), ("kokuho", 0)])
def test_whether_a_registered_holder_must_return_the_certificate_differs_between_the_presets(
    open_office: OpenOffice, preset: str, duties: int
) -> None:
    office = open_office(preset)
    who = office.joins(fund="1,20251215,20290415,0,")  # registered after the certificate was issued
    office.holds_certificate(who, since="2025-12-02", until="2026-07-31")
    office.month("2026-01", on="2026-01-09")
    assert len(office.duties(who)) == duties


@pytest.mark.parametrize(
    ("preset", "copayment"), [("renesas", "2割"), ("toyobo", "2割"), ("kokuho", "2割"), ("kyokai", None)]
)
def test_whether_the_share_stands_on_the_face_differs_between_the_presets(
    open_office: OpenOffice, preset: str, copayment: str | None
) -> None:
    office = open_office(preset)
    told = {"copayment_percent": "20"} if preset == "kokuho" else {}
    who = office.joins("1953-06-06", standard_monthly_remuneration_yen="200000", **told)
    office.month("2026-01", on="2026-01-09")
    assert office.face(who, "2026-01-09").fields().get("copayment") == copayment


@pytest.mark.parametrize(
    ("preset", "granted"), [("renesas", True), ("toyobo", False), ("kyokai", False), ("kokuho", False)]
)
def test_whether_a_wish_is_ground_enough_differs_between_the_presets(
    open_office: OpenOffice, preset: str, granted: bool
) -> None:
    office = open_office(preset)
    who = office.joins(myna=LONG)
    office.month("2026-01", on="2026-01-09")
    application = office.applies(who, "anyone", "2026-01-13")
    if granted:
        assert office.grants(application, "2026-01-13").basis == "application"
    else:
        with pytest.raises(Refused, match="今回は交付できません"):
            office.grants(application, "2026-01-13")
