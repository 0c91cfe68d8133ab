"""Seed 000: what a filing does to the paper of a family, under ``renesas``."""

from __future__ import annotations

import pytest
from stdnum.jp import in_

from members.models import Member
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED

pytestmark = pytest.mark.django_db

LONG = "2029-04-15"


def test_000_q09_rehired_the_card_is_taken_back_and_the_myna_goes_on_without_any_act(renesas: Office) -> None:
    with_card, with_myna = renesas.joins(), renesas.joins(myna=LONG)
    renesas.holds_card(with_card)
    renesas.month("2025-02", on="2025-02-10")
    for who, number in ((with_card, "901"), (with_myna, "902")):
        renesas.files("rehire", who, "2025-03-01", on="2025-03-03", new_number=number)
    assert [card.status for card in renesas.cards(with_card)] == ["recovered"]
    after_card, after_myna = (Member.objects.get(number=number) for number in ("901", "902"))
    assert [paper.ground for paper in after_card.certificates.all()] == ["not_registered"]
    assert not after_myna.certificates.exists()


def test_000_q10_voluntary_cover_from_2024_12_02_brings_no_card_but_a_certificate(renesas: Office) -> None:
    who = renesas.joins()
    renesas.holds_card(who)
    renesas.month("2025-03", on="2025-03-10")
    renesas.files("loss", who, "2025-03-31", on="2025-04-02", reason="retirement")
    renesas.files("voluntary", who, "2025-04-01", on="2025-04-07", new_number="903")
    after = Member.objects.get(number="903")
    (paper,) = after.certificates.all()
    assert (paper.ground, str(paper.valid_through), paper.limit) == ("not_registered", "2027-03-31", "voluntary_term")
    assert not after.legacy_cards.exists()


def test_000_q48_a_newborn_is_filed_without_a_number_and_the_number_follows(renesas: Office) -> None:
    insured = renesas.joins(myna=LONG)
    renesas.month("2026-01", on="2026-01-09")
    renesas.files(
        "dependent_added",
        insured,
        "2026-01-15",
        on="2026-01-20",
        name="青葉 新",
        name_kana="アオバ アラタ",
        sex="1",
        birth_date="2026-01-15",
        branch_number="01",
        relationship="子",
    )
    baby = renesas.meets(Member.objects.get(person__birth_date="2026-01-15"), None)
    assert renesas.member(baby).person.individual_number_state == "pending"
    assert renesas.month("2026-02", on="2026-02-10").answer(baby) == ("wait", "number_pending")
    number = "12345678901" + in_.calc_check_digit("12345678901")
    renesas.files("individual_number", baby, "2026-02-16", on="2026-02-16", individual_number=number)
    renesas.fund_says(baby, NEVER_REGISTERED)
    assert renesas.month("2026-03", on="2026-03-10").answer(baby) == ("issue", "not_registered")


def test_000_q51_back_from_abroad_the_employer_files_the_acquisition_and_the_family_follows(renesas: Office) -> None:
    before = renesas.joins(myna=LONG)
    renesas.leaves(before, "2025-03-31")
    renesas.month("2026-01", on="2026-01-09")
    entry = {"sex": "1", "birth_date": before.row["birth_date"], "establishment_code": "0001", "symbol": "101"}
    renesas.files(
        "acquisition",
        None,
        "2026-01-05",
        on="2026-01-09",
        number="904",
        branch_number="00",
        name=before.row["name"],
        name_kana=before.row["name_kana"],
        former_symbol="101",
        former_number=before.row["number"],
        former_branch_number="00",
        **entry,
    )
    again = Member.objects.get(number="904")
    assert again.person == renesas.member(before).person
    renesas.files(
        "dependent_added",
        renesas.meets(again),
        "2026-01-05",
        on="2026-01-09",
        name="青葉 花",
        name_kana="アオバ ハナ",
        sex="2",
        birth_date="1983-03-03",
        branch_number="01",
        relationship="妻",
    )
    assert Member.objects.get(person__birth_date="1983-03-03").insured == again


def test_000_3_4_every_certificate_before_its_end_comes_back_with_those_of_the_family(renesas: Office) -> None:
    insured = renesas.joins()
    wife, child = renesas.joins("1982-02-02", of=insured), renesas.joins("2012-03-03", of=insured)
    for who in (insured, wife):
        renesas.holds_certificate(who, since="2025-12-02", until="2030-12-01")
    renesas.holds_certificate(child, since="2025-01-10", until="2026-03-15")
    renesas.is_at("2026-04-02")
    renesas.files("loss", insured, "2026-03-31", on="2026-04-02", reason="retirement")
    for who in (insured, wife):
        (duty,) = renesas.duties(who)
        assert (duty.cause, duty.return_to, str(duty.due_on)) == ("loss", "establishment", "2026-04-07")
    assert renesas.duties(child) == [], "expired before: its holder discards it"


def test_000_1_1_retiring_before_the_end_of_the_cards_the_whole_family_hands_them_in(renesas: Office) -> None:
    insured = renesas.joins()
    child = renesas.joins("2012-03-03", of=insured)
    for who in (insured, child):
        renesas.holds_card(who)
    renesas.is_at("2025-10-02")
    renesas.files("loss", insured, "2025-09-30", on="2025-10-02", reason="retirement")
    assert [renesas.cards(who)[0].status for who in (insured, child)] == ["recovered"] * 2
