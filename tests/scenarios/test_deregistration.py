"""Whoever does not want the マイナ保険証: refused a mere wish, and always free to end the registration (all seeds)."""

from __future__ import annotations

import pytest

from certificates.requests import deregistration
from core.errors import Refused
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED, day

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"
IN_HAND = ("not_needed", "certificate_in_hand")


def test_003_1_12_whoever_does_not_want_the_myna_is_refused_after_asking_and_told_of_deregistration(
    toyobo: Office,
) -> None:
    who = toyobo.joins(myna=LONG)
    toyobo.month("2026-01", on="2026-01-09")
    application = toyobo.applies(who, "anyone", "2026-01-13")
    with pytest.raises(Refused, match="個別照会をしてください"):
        toyobo.refuses(application, "2026-01-13")
    toyobo.asks_the_fund(who, "2026-01-15")
    letter = toyobo.refuses(application, "2026-01-16")
    assert "マイナ保険証を利用できることを確認したため、今回は交付できません" in letter
    assert "利用登録の解除を申請できます（理由は問いません）" in letter


def test_002_q14_deregistration_is_asked_of_the_insurer_and_needs_no_ground(kokuho: Office) -> None:
    who = kokuho.joins(myna=LONG)
    kokuho.month("2025-09", on="2025-09-10")
    request = kokuho.asks_to_deregister(who, "2025-09-16")
    kokuho.hands_over_deregistrations("2025-09-18")
    request.refresh_from_db()
    assert (request.status, str(request.accepted_on)) == ("granted", "2025-09-18")
    assert deregistration.effect_on(request.accepted_on) == day("2025-10-31")


def test_002_q15_the_certificate_comes_with_acceptance_without_another_application(kokuho: Office) -> None:
    who = kokuho.joins(myna=LONG)
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.asks_to_deregister(who, "2025-09-16")
    (paper,) = kokuho.certificates(who)
    assert (paper.ground, paper.status, str(paper.issued_on)) == ("deregistration", "approved", "2025-09-16")
    assert not kokuho.member(who).applications.exists()


def test_004_case_b_certificate_at_once_request_to_the_fund_link_cut_and_confirmed_by_its_file(kyokai: Office) -> None:
    who = kyokai.joins(myna=LONG)
    kyokai.month("2026-01", on="2026-01-09")
    request = kyokai.asks_to_deregister(who, "2026-01-13")
    assert [paper.ground for paper in kyokai.certificates(who)] == ["deregistration"]
    kyokai.hands_over_deregistrations("2026-01-15")
    assert kyokai.month("2026-02", on="2026-02-10").answer(who) == IN_HAND
    assert deregistration.confirm(day("2026-02-10")) == 0
    kyokai.fund_says(who, NEVER_REGISTERED)
    assert kyokai.month("2026-03", on="2026-03-10").answer(who) == IN_HAND
    assert deregistration.confirm(day("2026-03-10")) == 1
    request.refresh_from_db()
    assert request.status == "done"


def test_004_case_b_one_still_linked_after_its_effect_is_chased(kyokai: Office) -> None:
    who = kyokai.joins(myna=LONG)
    kyokai.month("2026-01", on="2026-01-09")
    request = kyokai.asks_to_deregister(who, "2026-01-13")
    kyokai.hands_over_deregistrations("2026-01-15")
    kyokai.month("2026-03", on="2026-03-10")
    assert deregistration.to_chase(day("2026-03-10")) == [], "the file of the last day does not show it yet"
    kyokai.month("2026-04", on="2026-04-10")
    assert deregistration.to_chase(day("2026-04-10")) == [request]
