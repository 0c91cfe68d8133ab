"""Name, birth date, sex, address, flags, 個人番号: what the face says, and who is decided anew."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.models import EligibilityCertificate, LegacyCard, Recovery, Ruling
from certificates.requests import filings
from core.errors import BadInput, Refused
from members.models import Address, IndividualNumber, NumberState, Person
from tests.certificates.filings.office import ON, Office, codes, duty_of

pytestmark = pytest.mark.django_db
NUMBER, OTHER_NUMBER = "123456789018", "111111111118"


def status(paper: EligibilityCertificate) -> str:
    paper.refresh_from_db()
    return paper.status


def test_the_insured_person_s_name_stands_on_every_face_of_the_family(office: Office) -> None:
    own, wife = office.in_hand(office.cover()), office.in_hand(office.cover("1", "01"))
    printed, other = office.unposted(office.cover("1", "02")), office.in_hand(office.cover("2"))
    for branch in ("00", "01", "02"):
        office.myna(office.cover("1", branch), "not_registered")
    filing = office.file("name_change", office.cover(), "2026-11-01", name="山邉 太郎", name_kana="ヤマベ タロウ")
    assert [status(p) for p in (own, wife, printed, other)] == ["superseded", "superseded", "voided", "sent"]
    for paper in (own, wife):
        duty = duty_of(paper)
        assert (duty.cause, duty.return_to, duty.due_on) == ("face_changed", "insurer", date(2026, 11, 20))
    assert office.cover().person.name_kana_key == "ヤマベタロウ"
    fresh = EligibilityCertificate.objects.filter(ruling__request=f"filing:{filing.pk}")
    assert sorted(fresh.values_list("member__branch_number", flat=True)) == ["00", "01", "02"]
    assert "山" not in str(filing.consequences)


def test_a_dependent_s_name_stands_on_one_face_only(office: Office) -> None:
    own, wife = office.in_hand(office.cover()), office.in_hand(office.cover("1", "01"))
    office.file("name_change", office.cover("1", "01"), "2026-11-01", name="山田 はな")
    assert (status(own), status(wife)) == ("sent", "superseded")


def test_the_insured_person_s_kana_stands_on_the_own_face_only(office: Office) -> None:
    own, wife = office.in_hand(office.cover()), office.in_hand(office.cover("1", "01"))
    office.file("name_change", office.cover(), "2026-11-01", name_kana="ヤマダ タロ")
    assert (status(own), status(wife)) == ("superseded", "sent")


@pytest.mark.parametrize("held", [True, False])
def test_whose_paper_is_taken_for_a_new_name_has_another_at_once_whatever_the_fund_has_said(
    office: Office, held: bool
) -> None:
    if held:
        office.unasked(office.cover("2"))
    filing = office.file("name_change", office.cover("2"), "2026-11-01", name="佐藤 始")
    ruled = Ruling.objects.filter(request=f"filing:{filing.pk}")
    assert [(one.outcome, one.reason, one.valid_through) for one in ruled] == (
        [("issue", "unsettled", date(2027, 2, 28))] if held else []
    )


def test_with_a_usable_myna_nothing_new_is_issued(office: Office) -> None:
    paper = office.unasked(office.cover("2"))
    office.myna(office.cover("2"))
    filing = office.file("name_change", office.cover("2"), "2026-11-01", name="佐藤 始")
    assert status(paper) == "superseded"
    assert Ruling.objects.get(request=f"filing:{filing.pk}").reason == "myna_usable"
    assert EligibilityCertificate.objects.count() == 1


def test_who_held_nothing_is_left_to_the_month(office: Office) -> None:
    filing = office.file("name_change", office.cover(), "2026-11-01", name="山邉 太郎")
    assert filing.consequences == []


def test_a_legacy_card_goes_with_the_name_while_cards_last(office: Office) -> None:
    card = LegacyCard.objects.create(member=office.cover("2"), issued_on=date(2020, 4, 1))
    office.file("name_change", office.cover("2"), "2025-12-01", name="佐藤 始")
    card.refresh_from_db()
    assert card.status == "recovered"


def test_printed_name_begins_and_ends(office: Office) -> None:
    office.file("name_change", office.cover("2"), "2026-10-01", printed_name="佐藤 ハジメ")
    paper = office.in_hand(office.cover("2"))
    office.file("name_change", office.cover("2"), "2026-11-01", printed_name_ends=True)
    assert office.cover("2").person.printed_name == "" and status(paper) == "superseded"


@pytest.mark.parametrize(
    ("kind", "data"),
    [("birth_date", {"birth_date": "1980-04-16"}), ("sex", {"sex": "2"}), ("sex", {"sex_on_back": True})],
)
def test_a_correction_changes_the_face(office: Office, kind: str, data: dict[str, object]) -> None:
    paper, wife = office.in_hand(office.cover()), office.in_hand(office.cover("1", "01"))
    office.file(kind, office.cover(), "2026-11-01", **data)
    assert (status(paper), status(wife)) == ("superseded", "sent")


def test_a_change_of_the_face_waits_for_its_day(office: Office) -> None:
    paper = office.in_hand(office.cover("2"))
    filing = office.receive("name_change", office.cover("2"), "2026-11-12", name="佐藤 始")
    for day in (date(2026, 11, 10), date(2026, 11, 11)):
        with pytest.raises(filings.NotYet):
            filings.apply(filing, by=office.clerk, on=day)
        assert filings.apply_due(on=day) == {"applied": 0, "waiting": 1, "refused": 0}
    filing.refresh_from_db()
    assert filing.status == "received" and status(paper) == "sent"
    assert office.preview("name_change", office.cover("2"), "2026-11-12", name="佐藤 始").waits_until == date(
        2026, 11, 12
    )
    assert filings.apply_due(on=date(2026, 11, 12)) == {"applied": 1, "waiting": 0, "refused": 0}
    assert status(paper) == "superseded" and filings.apply_due(on=date(2026, 11, 12))["applied"] == 0


def test_an_address_is_dated_and_changes_no_face(office: Office) -> None:
    paper = office.in_hand(office.cover())
    filing = office.file(
        "address",
        office.cover(),
        "2026-12-01",
        postal_code="100-0001",
        address="東京都千代田区",
        family=True,
        mailing_address="東京都港区",
    )
    new = Address.objects.filter(valid_from=date(2026, 12, 1))
    assert sorted(new.values_list("use", flat=True)) == ["mailing"] * 3 + ["residence"] * 3
    assert filing.consequences == [] and status(paper) == "sent"
    office.file("address", office.cover(), "2027-01-01", mailing_ends=True)
    assert Address.objects.filter(person=office.cover().person, use="mailing").latest("valid_from").address == ""
    office.file("address", office.cover(), "2026-11-01", safe_address="大阪市", safe_postal_code="530-0001")
    assert Address.objects.get(use="safe").person == office.cover().person


def test_an_older_address_is_odd(office: Office) -> None:
    office.file("address", office.cover(), "2026-11-05", address="新しい所")
    assert office.preview("address", office.cover(), "2026-11-01", address="前の所").oddities
    office.file("address", office.cover(), "2026-11-05", address="直した所")
    assert Address.objects.filter(person=office.cover().person).count() == 2


def test_nondisclosure_ends_the_myna_and_a_certificate_follows(office: Office) -> None:
    office.myna(office.cover())
    office.file("flags", office.cover(), "2026-11-01", nondisclosure=True, address_protected=True)
    paper = EligibilityCertificate.objects.get()
    assert (paper.member, paper.ground) == (office.cover(), "nondisclosure")
    assert office.cover().person.address_protected
    office.file("flags", office.cover(), "2026-11-02", needs_assistance=True)
    assert EligibilityCertificate.objects.count() == 1


def test_the_individual_number_is_filed_changed_and_sealed(office: Office) -> None:
    Person.objects.filter(covers__number="2").update(individual_number_state="pending")
    filing = office.file("individual_number", office.cover("2"), "2026-11-01", individual_number=NUMBER)
    person = office.cover("2").person
    assert person.individual_number_state == NumberState.REGISTERED
    before = IndividualNumber.objects.get().blind_index
    assert NUMBER not in f"{filing.data}{filing.consequences}"
    with pytest.raises(Refused, match="個人番号変更届"):
        office.file("individual_number", office.cover("2"), "2026-11-02", individual_number=OTHER_NUMBER)
    office.file("individual_number", office.cover("2"), "2026-11-02", reason="changed", individual_number=OTHER_NUMBER)
    assert IndividualNumber.objects.get().blind_index != before
    with pytest.raises(Refused, match="別の方に登録"):
        office.file("individual_number", office.cover(), "2026-11-02", individual_number=OTHER_NUMBER)
    with pytest.raises(BadInput, match="検査用数字"):
        office.receive("individual_number", office.cover(), "2026-11-02", individual_number="123456789012")


def test_not_obtainable_is_counted_and_a_certificate_follows(office: Office) -> None:
    office.myna(office.cover("2"))
    first = office.file("individual_number", office.cover("2"), "2026-10-01", reason="not_submitted")
    second = office.file("individual_number", office.cover("2"), "2026-11-01", reason="not_submitted")
    assert [one["count"] for f in (first, second) for one in f.consequences if one["code"] == "attempt"] == [1, 2]
    assert office.cover("2").person.individual_number_state == NumberState.UNREGISTERED
    assert EligibilityCertificate.objects.get().ground == "number_unregistered"


def test_a_wrong_linkage_suspected_is_held_and_a_certificate_follows_at_once(office: Office) -> None:
    office.file("individual_number", office.cover("2"), "2026-10-01", individual_number=NUMBER)
    office.myna(office.cover("2"))
    filing = office.file("individual_number", office.cover("2"), "2026-11-01", reason="wrong_linkage")
    assert office.cover("2").person.individual_number_state == NumberState.MISMATCH
    assert codes(filing) == ["viewing_stopped", "ruled"]
    assert EligibilityCertificate.objects.get().ground == "number_unregistered"
    office.file("individual_number", office.cover("2"), "2026-11-05", reason="settled", individual_number=OTHER_NUMBER)
    assert office.cover("2").person.individual_number_state == NumberState.REGISTERED


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("name_change", {}, "変わった項目がありません"),
        ("name_change", {"printed_name": "x", "printed_name_ends": True}, "どちらか"),
        ("sex", {}, "変わった項目がありません"),
        ("address", {}, "変わった項目がありません"),
        ("flags", {}, "変わった項目がありません"),
        ("individual_number", {}, "個人番号がありません"),
        ("individual_number", {"reason": "settled"}, "不一致"),
        ("individual_number", {"reason": "retirement"}, "使わない理由"),
        ("individual_number", {"reason": "pending", "individual_number": NUMBER}, "空にして"),
    ],
)
def test_refused(office: Office, kind: str, data: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        office.file(kind, office.cover(), "2026-11-01", **data)
    assert not Recovery.objects.exists()


def test_received_in_the_future_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="受付日"):
        office.file("name_change", office.cover(), "2026-11-01", name="山", received_on=date(2026, 11, 11))
    assert date(2026, 11, 11) > ON


@pytest.mark.parametrize("born", ["0001-01-01", "1868-01-24", "2026-11-11", "9999-12-31"])
def test_a_birth_date_that_cannot_be_is_not_received(office: Office, born: str) -> None:
    with pytest.raises(BadInput, match="明治元年1月25日から令和8年11月10日までの日") as bad:
        office.receive("birth_date", office.cover(), "2026-11-01", birth_date=born)
    assert [mistake.column for mistake in bad.value.mistakes] == ["birth_date"]


@pytest.mark.parametrize("day", ["0001-01-01", "1921-12-31", "2036-11-11", "9999-12-31"])
@pytest.mark.parametrize("kind", ["loss", "address"])
def test_a_filing_of_an_impossible_day_is_not_received(office: Office, kind: str, day: str) -> None:
    with pytest.raises(BadInput, match="大正11年1月1日から令和18年11月10日までの日") as bad:
        office.receive(kind, office.cover(), day, address="大阪市")
    assert [mistake.column for mistake in bad.value.mistakes] == ["effective_on"]
    assert "大正11年" in office.preview(kind, office.cover(), day, address="大阪市").refusals[0]


def test_who_was_born_long_ago_is_listed(office: Office) -> None:
    assert any(
        "明治33年1月1日" in odd
        for odd in office.preview("birth_date", office.cover(), "2026-11-01", birth_date="1899-12-31").oddities
    )
