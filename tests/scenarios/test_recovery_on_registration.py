"""A registration calls paper back only where it is news since the paper was issued (rules.md §4)."""

from __future__ import annotations

import pytest

from tests.conftest import run_command
from tests.scenarios.office import Office, Someone
from tests.scenarios.people import registered

OLD, NEW = registered("2030-05-15", since="2021-05-01"), registered("2036-08-20", since="2021-05-01")


def granted(office: Office, ground: str, fund: str, **flags: str) -> Someone:
    """Somebody whom the fund knew when the paper was granted and posted in August."""
    who = office.joins(fund=fund, **flags)
    office.joins()
    office.month("2026-08", on="2026-08-06")
    office.approve_and_post("2026-08-07")
    office.grants(office.applies(who, ground, "2026-08-10"), "2026-08-11")
    office.post_the_day("2026-08-12")
    return who


def causes(office: Office, who: Someone) -> list[str]:
    return [duty.cause for duty in office.duties(who)]


@pytest.mark.parametrize("ground", ["lost_card", "renewing_card"])
def test_a_lost_card_calls_its_paper_back_when_the_new_one_is_reported(toyobo: Office, ground: str) -> None:
    who = granted(toyobo, ground, OLD)
    toyobo.month("2026-09", on="2026-09-07")
    assert causes(toyobo, who) == []
    toyobo.fund_says(who, NEW)
    toyobo.month("2026-10", on="2026-10-07")
    assert causes(toyobo, who) == ["registration"]
    toyobo.month("2026-11", on="2026-11-09")
    assert causes(toyobo, who) == ["registration"]


def test_paper_for_who_needs_assistance_is_never_called_back(toyobo: Office) -> None:
    who = granted(toyobo, "needs_assistance", OLD, needs_assistance="1")
    for fund, month, on in ((NEW, "2026-09", "2026-09-07"), (OLD, "2026-10", "2026-10-07")):
        toyobo.fund_says(who, fund)
        toyobo.month(month, on=on)
    assert causes(toyobo, who) == []


@pytest.mark.parametrize(
    ("since", "called"), [("2026-07-31", []), ("2026-08-01", []), ("2026-08-02", ["registration"])]
)
def test_of_a_paper_from_another_system_only_a_later_registration_is_news(
    toyobo: Office, since: str, called: list[str]
) -> None:
    who = toyobo.joins(fund=registered("2036-08-20", since=since))
    toyobo.holds_certificate(who, since="2026-08-01", until="2031-07-31")
    toyobo.month("2026-09", on="2026-09-07")
    assert causes(toyobo, who) == called


def test_what_the_fund_answers_between_two_months_calls_back_the_next_day(toyobo: Office) -> None:
    who = granted(toyobo, "lost_card", OLD)
    toyobo.asks_the_fund(who, "2026-08-20")
    run_command("daily", "--on", "2026-08-20")
    assert causes(toyobo, who) == []
    toyobo.fund_says(who, NEW)
    toyobo.asks_the_fund(who, "2026-08-21")
    run_command("daily", "--on", "2026-08-21")
    assert causes(toyobo, who) == ["registration"]
    run_command("daily", "--on", "2026-08-22")
    assert causes(toyobo, who) == ["registration"]


def test_a_daily_file_calls_back_and_who_asked_to_deregister_keeps_it(toyobo: Office) -> None:
    stays, leaves = toyobo.joins(), toyobo.joins()
    toyobo.month("2026-08", on="2026-08-06")
    toyobo.approve_and_post("2026-08-07")
    for who in (stays, leaves):
        toyobo.fund_says(who, NEW)
    toyobo.is_at("2026-08-20")
    toyobo.fund_file("2026-08-20", [stays, leaves], kind="D")
    toyobo.asks_to_deregister(leaves, "2026-08-21")
    run_command("daily", "--on", "2026-08-21")
    assert (causes(toyobo, stays), causes(toyobo, leaves)) == (["registration"], [])
