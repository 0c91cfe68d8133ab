"""A filing's preview names the envelopes that it touches: dispatch, envelope, place, and what happens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from certificates.requests import filings
from mailing.bundling.pulls import pull_list
from mailing.bundling.sending import seal, send
from mailing.models import Enclosure
from mailing.services import assemble, prove_dispatch
from members.models import Member
from tests.mailing import build

pytestmark = pytest.mark.django_db


def previewed(member: Member, kind: str, **data: Any) -> filings.Preview:
    told = {"effective_on": build.ON.isoformat(), **data}
    shown = filings.preview(filings.FilingData(kind, member, told, build.ON, "mail"), on=build.ON)
    assert not shown.refusals
    return shown


def enclosed(member: Member) -> Enclosure:
    return Enclosure.objects.select_related("envelope__dispatch", "certificate").get(certificate__member=member)


def in_bundle() -> Member:
    found = Enclosure.objects.filter(envelope__establishment__isnull=False, certificate__member__kind="insured").first()
    assert found is not None
    return found.certificate.member


@pytest.mark.parametrize("state", ["printed", "sealed"])
def test_what_has_to_be_pulled_is_named_with_its_place(office: build.Office, printed: Any, state: str) -> None:
    if state == "sealed":
        prove_dispatch(printed, by=office.clerk)
        seal(printed, by=office.clerk, on=build.ON)
    printed.refresh_from_db()
    member = in_bundle()
    one = enclosed(member)
    shown = previewed(member, "loss", effective_on=(build.ON - timedelta(days=1)).isoformat(), reason="other")
    [said] = [line for line in shown.consequences if one.certificate.serial in line and "引き抜" in line]
    for words in (
        f"発送{printed.pk}（{printed.get_status_display()}）",
        f"封筒 {one.envelope.code}",
        f"束の{one.envelope.bundle_position}番目",
        "資格がなくなった",
        "無効になった",
    ):
        assert words in said, said
    assert not pull_list(printed, on=build.ON), "a preview writes nothing"


def test_a_flag_that_touches_no_certificate_still_names_the_envelope(office: build.Office, printed: Any) -> None:
    member = in_bundle()
    shown = previewed(member, "flags", address_protected="1")
    codes = [enclosed(one).envelope.code for one in Member.objects.filter(number=member.number)]
    assert {code for code in codes if any(code in line for line in shown.consequences)} == set(codes)
    assert any("住所などを伏せる方になった" in line for line in shown.consequences)


def test_before_printing_it_leaves_its_envelope(office: build.Office) -> None:
    office.certify(office.household("0001", ["山田 太郎"]))
    assemble(office.run, by=office.clerk, on=build.ON)
    member = Member.objects.get(number="0001")
    shown = previewed(member, "loss", effective_on=build.ON.isoformat(), reason="other")
    [said] = [line for line in shown.consequences if "外れます" in line]
    assert enclosed(member).envelope.code in said


def test_what_is_posted_cannot_be_pulled(office: build.Office, printed: Any) -> None:
    prove_dispatch(printed, by=office.clerk)
    seal(printed, by=office.clerk, on=build.ON)
    send(printed, by=office.clerk, on=build.ON)
    member = in_bundle()
    shown = previewed(member, "loss", effective_on=build.ON.isoformat(), reason="other")
    said = [line for line in shown.consequences if "引き抜けません" in line]
    assert any(f"発送{printed.pk}" in line and enclosed(member).certificate.serial in line for line in said)
    assert any("回収します" in line for line in shown.consequences)


def test_what_touches_nobody_s_paper_says_nothing(office: build.Office, printed: Any) -> None:
    member = in_bundle()
    assert not previewed(member, "remuneration", standard_monthly_remuneration_yen="300000").consequences
