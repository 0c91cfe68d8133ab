"""The 資格情報のお知らせ beyond new members: the round of autumn 2024, a changed share, given again (000, 003, 004)."""

from __future__ import annotations

import pytest
from stdnum.jp import in_

from notices import services
from tests.scenarios.conftest import OpenOffice
from tests.scenarios.office import Office
from tests.scenarios.people import day

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"
KNOWN = {"fund_registered_on": "2024-11-25"}
NUMBERS = ["12345678901", "12345678902"]


def _number(nth: int) -> str:
    return NUMBERS[nth] + in_.calc_check_digit(NUMBERS[nth])


def test_000_appendix_the_first_round_goes_to_everybody_by_household_with_the_last_four_digits(renesas: Office) -> None:
    insured = renesas.joins(myna=LONG, individual_number=_number(0), **KNOWN)
    wife = renesas.joins("1982-02-02", of=insured, individual_number=_number(1), **KNOWN)
    without_number = renesas.joins("2024-11-20", of=insured, individual_number_state="unregistered", **KNOWN)
    assert renesas.first_round("2024-12-02") == 3
    (sheet,) = renesas.notice_sheets("2024-12-02")
    assert sheet.addressee == insured.row["name"]
    assert [person.last_four for person in sheet.people] == [_number(0)[-4:], _number(1)[-4:], ""]
    assert {person.number for person in sheet.people} == {wife.row["number"]} == {without_number.row["number"]}
    assert "下4桁" in sheet.fields()["sentences"]


def test_004_first_round_everybody_is_shown_the_last_four_digits_on_a_sheet_of_their_own(kyokai: Office) -> None:
    insured = kyokai.joins(myna=LONG, individual_number=_number(0), **KNOWN)
    kyokai.joins("1982-02-02", of=insured, individual_number=_number(1), **KNOWN)
    assert kyokai.first_round("2024-12-02") == 2
    sheets = kyokai.notice_sheets("2024-12-02")
    assert [sheet.fields()["last_four"] for sheet in sheets] == [_number(0)[-4:], _number(1)[-4:]]


@pytest.mark.parametrize(
    ("preset", "causes"),
    [
        ("renesas", ["new_member"]),
        ("toyobo", ["new_member", "share_change"]),
        ("kyokai", ["new_member", "share_change"]),
    ],
)
def test_000_4_1_a_changed_share_brings_no_new_notice_where_others_send_one(
    open_office: OpenOffice, preset: str, causes: list[str]
) -> None:
    office = open_office(preset)
    who = office.joins("1953-06-06", myna=LONG, acquired_on="2025-12-10", standard_monthly_remuneration_yen="300000")
    office.month("2026-01", on="2026-01-09")
    office.approve()
    office.draft_notices("2026-01-09")
    office.post("2026-01-13")
    office.files("remuneration", who, "2026-02-01", on="2026-02-03", standard_monthly_remuneration_yen="200000")
    office.month("2026-03", on="2026-03-10")
    office.approve()
    office.draft_notices("2026-03-10")
    assert [notice.cause for notice in office.notices(who)] == causes


def test_003_1_2_whoever_has_no_notice_at_hand_is_given_another_one(toyobo: Office) -> None:
    who = toyobo.joins(myna=LONG, **KNOWN)
    toyobo.is_at("2026-01-13")
    services.reissue(toyobo.member(who), by=toyobo.clerk("hanako"), on=day("2026-01-13"))
    assert [notice.cause for notice in toyobo.notices(who)] == ["reissue"]
    assert toyobo.certificates(who) == []
