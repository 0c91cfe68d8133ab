"""Legacy cards from their last days to nothing, and what the night closes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from certificates.models import LegacyCard
from certificates.recovery import cards_to_collect, hand_back_card, last_card_day, recover_card, report_card_lost
from certificates.recovery.ending import close_what_ended
from core.errors import Refused
from members.models import Member
from tests.mailing import build
from tests.mailing.build import Office

D = date


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def card(
    office: Office, number: str = "0001", *, through: date | None = None, lost_on: date | None = None
) -> LegacyCard:
    (member,) = office.household(number)
    Member.objects.filter(pk=member.pk).update(lost_on=lost_on)
    member.refresh_from_db()
    return LegacyCard.objects.create(member=member, issued_on=D(2020, 4, 1), valid_through=through)


@pytest.mark.parametrize(
    ("on", "status"), [(D(2025, 11, 30), "valid"), (D(2025, 12, 1), "valid"), (D(2025, 12, 2), "void")]
)
def test_cards_lapse_after_the_laws_day(office: Office, on: date, status: str) -> None:
    mine = card(office)
    close_what_ended(on)
    mine.refresh_from_db()
    assert mine.status == status
    assert close_what_ended(on)["legacy_cards"] == 0


@pytest.mark.parametrize(("on", "lapsed"), [(D(2025, 9, 29), 0), (D(2025, 9, 30), 0), (D(2025, 10, 1), 1)])
def test_a_card_with_a_day_of_its_own(office: Office, on: date, lapsed: int) -> None:
    card(office, through=D(2025, 9, 30))
    card(office, "0002")
    assert close_what_ended(on)["legacy_cards"] == lapsed


@pytest.mark.parametrize(("on", "lapsed"), [(D(2025, 7, 31), 0), (D(2025, 8, 1), 1)])
def test_a_society_may_end_cards_earlier(db: None, home: Path, on: date, lapsed: int) -> None:
    office = build.office(legacy_last_day=D(2025, 7, 31))
    card(office)
    assert last_card_day(on) == D(2025, 7, 31)
    assert close_what_ended(on)["legacy_cards"] == lapsed


def test_without_any_settings_only_the_law_speaks(db: None) -> None:
    assert last_card_day(D(2025, 8, 1)) == D(2025, 12, 1)
    assert set(close_what_ended(D(2026, 1, 1)).values()) == {0}


def allowed(act: Any, mine: LegacyCard, office: Office, on: date) -> bool:
    try:
        act(mine, by=office.clerk, on=on)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("act", [recover_card, hand_back_card, report_card_lost])
@pytest.mark.parametrize(("on", "may"), [(D(2025, 11, 30), True), (D(2025, 12, 1), True), (D(2025, 12, 2), False)])
def test_nothing_after_the_last_day(office: Office, act: Any, on: date, may: bool) -> None:
    mine = card(office, lost_on=D(2025, 11, 1))
    assert allowed(act, mine, office, on) is may
    mine.refresh_from_db()
    assert (mine.status != "valid") is may


@pytest.mark.parametrize(
    ("lost_on", "may"), [(D(2025, 11, 30), True), (D(2025, 12, 1), True), (D(2025, 12, 2), False), (None, False)]
)
def test_recovered_only_if_cover_was_lost_by_then(office: Office, lost_on: date | None, may: bool) -> None:
    assert allowed(recover_card, card(office, lost_on=lost_on), office, D(2025, 12, 1)) is may


def test_a_dependent_loses_with_the_insured_person(office: Office) -> None:
    insured, dependent = office.household("0001", ["山田 太郎", "山田 花子"])
    mine = LegacyCard.objects.create(member=dependent, issued_on=D(2020, 4, 1))
    assert not allowed(recover_card, mine, office, D(2025, 11, 1))
    Member.objects.filter(pk=insured.pk).update(lost_on=D(2025, 11, 1))
    mine = LegacyCard.objects.get(pk=mine.pk)
    assert list(cards_to_collect(D(2025, 11, 1))) == [mine]
    assert allowed(recover_card, mine, office, D(2025, 11, 1))


@pytest.mark.parametrize(("on", "may"), [(D(2024, 12, 1), False), (D(2024, 12, 2), True), (D(2024, 12, 3), True)])
def test_handed_back_from_the_day_issuing_ended(office: Office, on: date, may: bool) -> None:
    mine = card(office)
    assert allowed(hand_back_card, mine, office, on) is may
    assert mine.status == ("handed_back" if may else "valid")


@pytest.mark.parametrize(
    ("on", "count"), [(D(2025, 10, 31), 0), (D(2025, 11, 1), 1), (D(2025, 12, 1), 1), (D(2025, 12, 2), 0)]
)
def test_which_cards_to_collect(office: Office, on: date, count: int) -> None:
    card(office, lost_on=D(2025, 11, 1))
    card(office, "0002")
    card(office, "0003", lost_on=D(2025, 11, 1), through=D(2025, 9, 30))
    assert cards_to_collect(on).count() == count


def test_a_card_ends_once(office: Office) -> None:
    mine = card(office, lost_on=D(2025, 11, 1))
    recover_card(mine, by=office.clerk, on=D(2025, 11, 2))
    with pytest.raises(Refused):
        hand_back_card(mine, by=office.clerk, on=D(2025, 11, 3))
