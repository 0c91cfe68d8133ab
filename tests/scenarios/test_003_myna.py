"""Seed 003, parts 2 and 3: the マイナ保険証 in use, and the end of the 健康保険証, under ``toyobo``."""

from __future__ import annotations

import pytest

from certificates.models import Recovery
from notices.face import CUT_HERE
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED, registered

pytestmark = pytest.mark.django_db

MYNA = ("not_needed", "myna_usable")
NOT_REGISTERED = ("issue", "not_registered")
NO_NUMBER = ("issue", "number_unregistered")
LONG = "2029-04-15"


def test_003_2_02_number_card_and_registration_are_all_three_needed(toyobo: Office) -> None:
    all_three = toyobo.joins(myna=LONG)
    no_number = toyobo.joins(myna=LONG, individual_number_state="unregistered")
    no_registration = toyobo.joins()
    month = toyobo.month("2026-01", on="2026-01-09")
    answers = [month.answer(who) for who in (all_three, no_number, no_registration)]
    assert answers == [MYNA, NO_NUMBER, NOT_REGISTERED]


def test_003_2_03_while_the_number_is_being_registered_the_case_waits_and_without_one_paper_goes(
    toyobo: Office,
) -> None:
    being_registered = toyobo.joins(fund=None, individual_number_state="pending")
    never_filed = toyobo.joins(fund=None, individual_number_state="unregistered")
    month = toyobo.month("2026-01", on="2026-01-09")
    assert month.answer(being_registered) == ("wait", "number_pending")
    assert month.answer(never_filed) == NO_NUMBER


def test_003_2_04_also_whoever_has_no_card_is_known_to_the_fund_by_the_number(toyobo: Office) -> None:
    filed = toyobo.joins()
    not_filed = toyobo.joins(fund=None, individual_number_state="unregistered")
    month = toyobo.month("2026-01", on="2026-01-09")
    assert (month.answer(filed), month.answer(not_filed)) == (NOT_REGISTERED, NO_NUMBER)
    assert "個人番号は未登録です" in toyobo.why(not_filed)


def test_003_2_05_everybody_new_gets_the_notice_to_show_beside_the_card(toyobo: Office) -> None:
    with_myna, without = (toyobo.joins(myna=LONG, acquired_on="2025-12-10"), toyobo.joins(acquired_on="2025-12-10"))
    toyobo.month("2026-01", on="2026-01-09")
    toyobo.approve()
    assert toyobo.draft_notices("2026-01-09") == 2
    assert toyobo.notices(with_myna)
    assert toyobo.notices(without)


@pytest.mark.parametrize(("fund", "said"), [(registered(LONG), "利用登録あり"), (NEVER_REGISTERED, "利用登録なし")])
def test_003_2_07_whether_the_card_was_ever_registered_the_office_reads_in_the_fund_s_file(
    toyobo: Office, fund: str, said: str
) -> None:
    who = toyobo.joins(fund=fund)
    toyobo.month("2026-01", on="2026-01-09")
    assert f"令和7年12月31日時点（ファイル{_file()}の2行目）では、{said}" in toyobo.why(who)


def _file() -> int:
    from exchange.models import ExchangeFile

    return int(ExchangeFile.objects.get().pk)


def test_003_2_08_whoever_only_believes_to_be_registered_gets_the_certificate(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.month("2026-01", on="2026-01-09")
    assert "マイナ保険証の利用登録がないため、資格確認書をお送りします" in toyobo.why(who)


def test_003_2_09_the_notice_is_to_be_shown_with_the_card_where_it_cannot_be_read(toyobo: Office) -> None:
    who = toyobo.joins(myna=LONG, acquired_on="2025-12-10")
    toyobo.month("2026-01", on="2026-01-09")
    toyobo.approve()
    toyobo.draft_notices("2026-01-09")
    assert "マイナ保険証を読み取れない医療機関や薬局では、両方を窓口で見せてください" in CUT_HERE
    assert toyobo.notice_face(who, "2026-01-09").fields()["insurer_number"] == "06130488"


def test_003_2_10_the_my_number_card_is_voluntary_and_nobody_without_it_is_left_out(toyobo: Office) -> None:
    people = [toyobo.joins() for _ in range(3)]
    month = toyobo.month("2026-01", on="2026-01-09")
    toyobo.approve_and_post("2026-01-13")
    assert month.issued() == {who.key for who in people}
    assert toyobo.gaps("2026-01-23") == {}


def test_003_2_11_a_new_card_after_a_loss_is_no_myna_until_it_is_linked(toyobo: Office) -> None:
    who = toyobo.joins(fund=NEVER_REGISTERED)
    assert toyobo.month("2026-01", on="2026-01-09").answer(who) == NOT_REGISTERED
    toyobo.approve_and_post("2026-01-13")
    toyobo.fund_says(who, registered("2031-04-15", since="2026-01-25"))
    toyobo.month("2026-02", on="2026-02-10")
    assert "利用登録あり（登録日令和8年1月25日）" in toyobo.why(who)
    assert [duty.cause for duty in toyobo.duties(who)] == ["registration"]


def test_003_2_25_before_its_electronic_certificate_ends_the_office_says_what_renewal_would_keep(
    toyobo: Office,
) -> None:
    who = toyobo.joins(myna="2026-03-20")
    assert toyobo.month("2026-01", on="2026-01-09").answer(who) == MYNA
    said = toyobo.why(who)
    assert "電子証明書は令和8年3月20日まで" in said
    assert "令和8年6月30日までに電子証明書の更新がない場合" in said


def test_003_2_26_three_months_after_the_electronic_certificate_the_insurance_use_ends(toyobo: Office) -> None:
    who = toyobo.joins(myna="2025-10-05")
    month = toyobo.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("issue", "e_certificate_expired")
    assert month[who].effective_on == "2026-02-01"
    assert toyobo.has_route(who, "2026-01-31")
    assert not toyobo.has_route(who, "2026-02-01")


def test_003_2_28_the_notice_waits_for_the_registration_and_names_its_day(toyobo: Office) -> None:
    who = toyobo.joins(myna=LONG, acquired_on="2025-12-22", fund_registered_on="2026-01-06")
    month = toyobo.month("2026-01", on="2026-01-09")
    assert month.answer(who) == ("wait", "joined_after_file")
    toyobo.approve()
    assert toyobo.draft_notices("2026-01-09") == 0
    toyobo.month("2026-02", on="2026-02-10")
    toyobo.approve()
    assert toyobo.draft_notices("2026-02-10") == 1
    sentences = toyobo.notice_face(who, "2026-02-10").fields()["sentences"]
    assert "国のシステムへの登録は令和8年1月6日に終わりました" in sentences


def test_003_2_29_while_another_s_data_may_be_shown_viewing_stops_and_a_certificate_goes_out(toyobo: Office) -> None:
    who = toyobo.joins(myna=LONG, individual_number_state="mismatch")
    assert toyobo.month("2026-01", on="2026-01-09").answer(who) == NO_NUMBER
    assert "不一致（閲覧停止）" in toyobo.why(who)


def test_003_2_30_the_notice_asks_its_reader_to_report_what_is_wrong(toyobo: Office) -> None:
    who = toyobo.joins(myna=LONG, acquired_on="2025-12-10")
    toyobo.month("2026-01", on="2026-01-09")
    toyobo.approve()
    toyobo.draft_notices("2026-01-09")
    fields = toyobo.notice_face(who, "2026-01-09").fields()
    assert (fields["name"], fields["name_kana"]) == (who.row["name"], who.row["name_kana"])
    assert "誤りがあれば、事業所の担当者または当組合へ連絡してください" in fields["sentences"]


def test_003_2_43_old_parents_who_cannot_fetch_a_card_are_sent_certificates(toyobo: Office) -> None:
    insured = toyobo.joins(myna=LONG)
    parents = [toyobo.joins(born, of=insured, needs_assistance="1") for born in ("1953-01-01", "1954-02-02")]
    month = toyobo.month("2026-01", on="2026-01-09")
    assert month.issued() == {who.key for who in parents}


def test_003_3_1_cards_serve_until_2025_12_01_and_a_tolerance_beyond_is_no_route(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.holds_card(who, until="2026-03-31")
    toyobo.month("2025-10", on="2025-10-10")
    assert toyobo.has_route(who, "2025-12-01")
    assert toyobo.gaps("2025-12-02") == toyobo.gaps("2026-03-31") == {who: "判定待ち"}


def test_003_3_2_from_2025_12_02_cards_are_discarded_by_their_holders(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.holds_card(who)
    toyobo.is_at("2025-12-01")
    toyobo.day_closes("2025-12-01")
    assert [card.status for card in toyobo.cards(who)] == ["valid"]
    toyobo.day_closes("2025-12-02")
    assert [card.status for card in toyobo.cards(who)] == ["void"]
    assert not Recovery.objects.exists()


def test_003_3_3_symbol_and_number_stand_on_the_notice(toyobo: Office) -> None:
    who = toyobo.joins(acquired_on="2025-12-10")
    toyobo.month("2026-01", on="2026-01-09")
    toyobo.approve()
    toyobo.draft_notices("2026-01-09")
    fields = toyobo.notice_face(who, "2026-01-09").fields()
    assert (fields["symbol"], fields["number"], fields["branch_number"]) == who.key


def test_003_3_5_a_lost_card_is_not_replaced_by_another_but_by_a_certificate(toyobo: Office) -> None:
    lost_it = toyobo.joins()
    assert toyobo.month("2025-03", on="2025-03-10").answer(lost_it) == NOT_REGISTERED
    assert toyobo.cards(lost_it) == []
    assert len(toyobo.certificates(lost_it)) == 1


def test_003_2_38_while_a_lost_card_is_made_anew_a_certificate_is_granted(toyobo: Office) -> None:
    who = toyobo.joins(myna=LONG)
    toyobo.month("2026-01", on="2026-01-09")
    application = toyobo.applies(who, "lost_card", "2026-01-13")
    paper = toyobo.grants(application, "2026-01-14")
    assert (paper.basis, str(paper.issued_on)) == ("application", "2026-01-14")
    assert str(application.due_on) == "2026-01-23"
