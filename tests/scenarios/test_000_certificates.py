"""Seed 000: the 資格確認書 and the 資格情報のお知らせ, under ``renesas``."""

from __future__ import annotations

import pytest

from certificates.documents import layouts
from mailing.models import Dispatch
from tests.scenarios.office import Office

pytestmark = pytest.mark.django_db


def test_000_q29_a_certificate_comes_without_any_application(renesas: Office) -> None:
    who = renesas.joins()
    renesas.month("2026-01", on="2026-01-09")
    assert [paper.basis for paper in renesas.certificates(who)] == ["ex_officio"]
    assert not renesas.member(who).applications.exists()


def test_000_q30_whoever_is_registered_is_sent_none_unasked(renesas: Office) -> None:
    who = renesas.joins(myna="2029-04-15")
    month = renesas.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("not_needed", "myna_usable")
    assert renesas.certificates(who) == []
    assert "今はお送りしていません" in renesas.why(who)


def test_000_q33_from_70_the_certificate_is_also_the_share_and_never_the_limit(renesas: Office) -> None:
    who = renesas.joins("1953-06-06", standard_monthly_remuneration_yen="280000")
    renesas.month("2026-01", on="2026-01-09")
    face = renesas.face(who, "2026-01-09")
    assert face.fields()["copayment"] == "3割"
    assert any("限度額適用認定証や特定疾病療養受療証の働きはありません" in note for note in face.notes())
    assert not any("高齢受給者証" in note for note in face.notes())


def test_000_q36_the_certificate_is_a_sheet_of_the_size_of_a_postcard(renesas: Office) -> None:
    renesas.joins()
    renesas.month("2026-01", on="2026-01-09")
    renesas.approve()
    (number,) = renesas.print_all("2026-01-12")
    sheet = layouts.get(Dispatch.objects.get(pk=number).form).form.sheet
    assert (sheet.width_mm, sheet.height_mm) == (91, 128)


def test_000_q37_five_years_unless_70_or_the_end_of_voluntary_cover_comes_first(renesas: Office) -> None:
    anybody, nearly_70 = renesas.joins(), renesas.joins("1958-06-20")
    voluntary = renesas.joins(coverage_kind="voluntary", acquired_on="2025-10-01")
    month = renesas.month("2026-01", on="2026-01-09")
    assert month.period(anybody) == ("2026-01-09", "2031-01-08", "scheme")
    assert month.period(nearly_70) == ("2026-01-09", "2028-06-30", "turns_70")
    assert month.period(voluntary) == ("2026-01-09", "2027-09-30", "voluntary_term")


def test_000_q40_the_back_has_a_place_for_the_address_and_the_front_that_of_the_society(renesas: Office) -> None:
    who = renesas.joins()
    renesas.month("2026-01", on="2026-01-09")
    face = renesas.face(who, "2026-01-09")
    assert "架空1-2-3" in face.fields()["insurer_address"]
    assert "address" not in face.fields(), "the holder writes it"
    assert "住所欄に住所を自筆で記入してください" in face.notes()[0]


def test_000_q46_no_limit_of_payment_stands_on_the_certificate(renesas: Office) -> None:
    who = renesas.joins()
    renesas.month("2026-01", on="2026-01-09")
    assert renesas.policy("2026-01-09").optional_items == ()
    assert not any("限度" in text for text in renesas.face(who, "2026-01-09").fields().values())


def test_000_3_1_certificates_go_to_those_without_myna_only(renesas: Office) -> None:
    without, with_myna = renesas.joins(), renesas.joins(myna="2029-04-15")
    month = renesas.month("2026-01", on="2026-01-09")
    assert month.issued() == {without.key}
    assert "対象になります" in renesas.why(with_myna)


def test_000_3_2_75_ends_a_certificate_before_its_five_years(renesas: Office) -> None:
    who = renesas.joins("1951-07-10")
    month = renesas.month("2026-01", on="2026-01-09")
    assert month.period(who) == ("2026-01-09", "2026-07-09", "turns_75")


def test_000_3_3_form_and_paper_are_those_of_a_postcard(renesas: Office) -> None:
    renesas.joins()
    renesas.is_at("2026-01-09")
    assert renesas.policy("2026-01-09").form == "postcard"


def test_000_4_1_new_members_get_the_notice_unless_they_get_a_certificate(renesas: Office) -> None:
    insured = renesas.joins("1953-06-06", myna="2029-04-15", acquired_on="2025-12-10")
    wife = renesas.joins("1956-02-02", of=insured)
    renesas.month("2026-01", on="2026-01-09")
    renesas.approve()
    assert renesas.draft_notices("2026-01-09") == 1
    assert (len(renesas.notices(insured)), len(renesas.notices(wife))) == (1, 0)
    face = renesas.notice_face(insured, "2026-01-09")
    assert face.fields()["copayment"] == "3割"
    assert "再交付しません" in face.fields()["sentences"], "a changed share brings no other one"
