"""Whoever does not want the マイナ保険証: refused a mere wish, and always free to end the registration (all seeds)."""

from __future__ import annotations

import pytest

from core.errors import Refused
from tests.scenarios.office import Office

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"


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


def test_002_q15_the_certificate_comes_with_acceptance_without_another_application(kokuho: Office) -> None:
    who = kokuho.joins(myna=LONG)
    kokuho.month("2025-09", on="2025-09-10")
    kokuho.asks_to_deregister(who, "2025-09-16")
    (paper,) = kokuho.certificates(who)
    assert (paper.ground, paper.status, str(paper.issued_on)) == ("deregistration", "approved", "2025-09-16")
    assert not kokuho.member(who).applications.exists()
