"""高齢受給者証: a paper of its own where the certificate does not carry the share (000 Q33, 004 資料⑩)."""

from __future__ import annotations

import pytest

from certificates.models import ElderlyBeneficiaryCertificate
from tests.conftest import run_command
from tests.scenarios.office import Office

pytestmark = pytest.mark.django_db

IN_70S = {"born": "1953-06-06", "standard_monthly_remuneration_yen": "300000"}


def _papers(office: Office) -> list[tuple[int, str, str, str]]:
    """Proposes and approves what is due; answers share, first and last day, and state of each."""
    for approve in ([], ["--approve"]):
        by = "taro" if approve else "hanako"
        answer = run_command("elderly", "--by", by, "--on", "2026-01-09", *approve)
        assert answer.code == 0, answer.err
    return [
        (paper.copayment_percent, str(paper.effective_on), str(paper.valid_through), paper.status)
        for paper in ElderlyBeneficiaryCertificate.objects.order_by("pk")
    ]


def test_004_from_70_the_share_goes_out_on_a_paper_of_its_own_beside_the_certificate(kyokai: Office) -> None:
    kyokai.joins(**IN_70S)
    kyokai.joins("1980-04-15")
    kyokai.joins(**IN_70S, myna="2029-04-15")
    kyokai.month("2026-01", on="2026-01-09")
    kyokai.approve()
    assert _papers(kyokai) == [(30, "2026-01-09", "2028-06-05", "approved")], "only beside a certificate"


def test_000_q33_where_the_share_is_on_the_certificate_no_second_paper_goes_with_it(renesas: Office) -> None:
    renesas.joins(**IN_70S)
    renesas.month("2026-01", on="2026-01-09")
    renesas.approve()
    assert _papers(renesas) == []
