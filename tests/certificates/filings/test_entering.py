"""資格取得 and 被扶養者追加: who is new, who is the same person, what is refused, and the tick 発行要否."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from certificates.decisions.afterwards import explained
from certificates.decisions.ruling import due_of
from certificates.models import EligibilityCertificate, Filing, Ruling
from core.errors import BadInput, Refused
from members.models import Address, IndividualNumber, Member, NumberState, Person
from tests.certificates.filings.office import ON, Office, codes

pytestmark = pytest.mark.django_db

NEW = {
    "symbol": "101",
    "number": "90",
    "branch_number": "00",
    "establishment_code": "0001",
    "name": "髙橋 𠮷男",
    "name_kana": "タカハシ ヨシオ",
    "sex": "1",
    "birth_date": "1990-02-03",
    "postal_code": "530-0001",
    "address": "大阪府大阪市北区新1-1",
    "standard_monthly_remuneration_yen": "260000",
    "individual_number_state": "registered",
}
BABY = {
    "branch_number": "03",
    "name": "山田 生",
    "name_kana": "ヤマダ ウブ",
    "sex": "2",
    "birth_date": "2026-11-02",
    "relationship": "長女",
}
NUMBER = "123456789018"


def certificates_of(member: Member) -> list[EligibilityCertificate]:
    return list(EligibilityCertificate.objects.filter(member=member).order_by("sequence"))


def test_a_new_insured_person(office: Office) -> None:
    filing = office.file("acquisition", None, "2026-11-01", **NEW)
    member = office.cover("90")
    assert filing.member == member
    assert (member.kind, member.acquired_on, member.lost_on) == ("insured", date(2026, 11, 1), None)
    assert member.person.name == "髙橋 𠮷男" and member.person.name_kana_key == "タカハシヨシオ"
    home = Address.objects.get(person=member.person)
    assert (home.use, home.address, home.valid_from) == ("residence", NEW["address"], date(2026, 11, 1))
    # Nothing is known of a new person: the fund is asked from this day on.
    assert codes(filing) == ["cover_opened", "ruled"]
    asked = Ruling.objects.get()
    assert (asked.outcome, asked.reason, asked.member) == ("wait", "joined_after_file", member)
    assert due_of(asked) == date(2026, 11, 16)


def test_who_is_sure_to_have_no_myna_gets_a_certificate_at_once(office: Office) -> None:
    office.file("acquisition", None, "2026-11-01", **{**NEW, "individual_number_state": "unregistered"})
    (paper,) = certificates_of(office.cover("90"))
    assert (paper.ground, paper.status, paper.basis) == ("number_unregistered", "proposed", "ex_officio")


def test_the_tick_is_an_application(office: Office) -> None:
    filing = office.file("acquisition", None, "2026-11-01", **NEW, certificate_wanted=True)
    (paper,) = certificates_of(office.cover("90"))
    assert (paper.ground, paper.basis, paper.status) == ("new_member", "application", "proposed")
    assert (paper.limit, paper.valid_through) == ("short_term", date(2027, 2, 28))
    ruling = Ruling.objects.get()
    assert (ruling.request, ruling.cause) == (f"filing:{filing.pk}", "application")
    # The fund has said nothing, so nobody is told that a registration is missing.
    assert explained(ruling) == "発行のご希望があったのでお送りします。利用登録の有無は確認中です。"


def again(office: Office, state: str = "", **known: object) -> dict[str, str]:
    """The form of somebody on record who left and comes back; what the fund and the register say."""
    old = office.cover("2")
    if state:
        office.myna(old, state)
    Person.objects.filter(pk=old.person_id).update(**known)
    office.file("loss", old, "2026-10-31")
    Ruling.objects.all().delete()
    return {
        **{name: value for name, value in NEW.items() if name != "individual_number_state"},
        "name": "佐藤 一",
        "name_kana": "サトウ ハジメ",
        "birth_date": "1975-06-07",
        "person_key": "P4",
    }


@pytest.mark.parametrize(
    ("state", "known", "ground"),
    [
        ("", {}, "new_member"),
        ("conflict", {}, "new_member"),
        ("not_registered", {}, "not_registered"),
        ("", {"nondisclosure": True}, "nondisclosure"),
        ("not_registered", {"individual_number_state": "unregistered"}, "number_unregistered"),
    ],
)
def test_the_ground_of_a_tick_is_what_is_known(
    office: Office, state: str, known: dict[str, object], ground: str
) -> None:
    office.file("acquisition", None, "2026-11-01", **again(office, state, **known), certificate_wanted=True)
    (paper,) = certificates_of(office.cover("90"))
    assert (paper.ground, paper.basis) == (ground, "application")
    assert "利用登録がない" not in explained(Ruling.objects.get()) or state == "not_registered"


def test_a_wish_granted_despite_a_usable_myna_is_called_a_wish(office: Office) -> None:
    from members.models import Policy

    row = Policy.objects.get()
    row.values = {**row.values, "accepted_grounds": ["anyone"]}
    row.save()
    office.file("acquisition", None, "2026-11-01", **again(office, "registered"), certificate_wanted=True)
    assert [paper.ground for paper in certificates_of(office.cover("90"))] == ["anyone"]


def test_the_tick_of_someone_with_a_usable_myna_is_left_to_the_rules(office: Office) -> None:
    old = office.cover("2")
    office.myna(old)
    office.file("loss", old, "2026-11-01")
    again = {**NEW, "name": "佐藤 一", "name_kana": "サトウ ハジメ", "birth_date": "1975-06-07", "person_key": "P4"}
    filing = office.file("acquisition", None, "2026-11-01", **again, certificate_wanted=True)
    assert "wish_not_granted" in codes(filing)
    assert certificates_of(office.cover("90")) == []
    assert office.cover("90").person == old.person


def test_a_ground_that_the_policy_does_not_accept(office: Office) -> None:
    from members.models import Policy

    row = Policy.objects.get()
    row.values = {**row.values, "accepted_grounds": ["lost_card"]}
    row.save()
    told = {**again(office, "not_registered"), "number": "92"}
    refused = office.file("acquisition", None, "2026-11-01", **told, certificate_wanted=True)
    assert "wish_not_granted" in codes(refused)
    lost = {**NEW, "number": "91", "certificate_wanted": True, "certificate_ground": "lost_card"}
    office.file("acquisition", None, "2026-11-01", **lost)
    assert [paper.ground for paper in certificates_of(office.cover("91"))] == ["lost_card"]


def test_a_newborn_whose_number_is_pending_gets_a_short_one(office: Office) -> None:
    filing = office.file("dependent_added", office.cover(), "2026-11-02", **BABY, certificate_wanted=True)
    baby = office.cover("1", "03")
    assert (baby.insured, baby.relationship, filing.member) == (office.cover(), "長女", office.cover())
    assert baby.person.individual_number_state == NumberState.PENDING
    (paper,) = certificates_of(baby)
    assert (paper.ground, paper.limit, paper.valid_through) == ("new_member", "short_term", date(2027, 2, 28))


def test_a_newborn_without_the_tick_waits_for_the_number(office: Office) -> None:
    filing = office.file("dependent_added", office.cover(), "2026-11-02", **BABY)
    assert codes(filing) == ["cover_opened", "ruled"]
    assert (Ruling.objects.get().outcome, Ruling.objects.get().reason) == ("wait", "number_pending")
    assert certificates_of(office.cover("1", "03")) == []


def test_who_joins_while_a_loss_is_known_leaves_with_it(office: Office) -> None:
    office.file("loss", office.cover(), "2026-12-01")
    office.file("dependent_added", office.cover(), "2026-11-02", **BABY)
    assert office.cover("1", "03").lost_on == date(2026, 12, 1)


def test_a_ticked_cover_far_ahead_waits_until_paper_can_be_issued(office: Office) -> None:
    from certificates.requests import filings

    filing = office.receive("acquisition", None, "2027-02-01", **NEW, certificate_wanted=True)
    with pytest.raises(filings.NotYet) as waiting:
        filings.apply(filing, by=office.clerk, on=ON)
    assert waiting.value.day == date(2027, 1, 1)
    assert filings.apply_due(on=date(2026, 12, 31), by=office.clerk)["applied"] == 0
    assert filings.apply_due(on=date(2027, 1, 1), by=office.clerk) == {"applied": 1, "waiting": 0, "refused": 0}
    assert len(certificates_of(office.cover("90"))) == 1


def test_the_individual_number_tells_the_same_person(office: Office) -> None:
    office.file("individual_number", office.cover("2"), "2026-10-01", individual_number=NUMBER)
    office.file("loss", office.cover("2"), "2026-11-01")
    person = office.cover("2").person
    again = {**NEW, "name": "佐藤 新", "name_kana": "サトウ シン", "birth_date": "1975-06-07"}
    filing = office.file("acquisition", None, "2026-11-05", **again, individual_number=NUMBER)
    assert office.cover("90").person == person
    person.refresh_from_db()
    assert person.name == "佐藤 新"
    assert IndividualNumber.objects.count() == 1
    assert NUMBER not in str(filing.data) and "individual_number_seal" not in filing.data
    assert filing.consequences[0]["former"] == Member.objects.get(number="2").pk


def test_a_number_of_somebody_born_on_another_day_is_refused(office: Office) -> None:
    office.file("individual_number", office.cover("2"), "2026-10-01", individual_number=NUMBER)
    office.file("loss", office.cover("2"), "2026-11-01")
    with pytest.raises(Refused, match="生年月日が違います"):
        office.file("acquisition", None, "2026-11-05", **NEW, individual_number=NUMBER)
    assert not Member.objects.filter(number="90").exists()


def test_two_values_that_mean_two_people_are_refused(office: Office) -> None:
    office.file("individual_number", office.cover("2"), "2026-10-01", individual_number=NUMBER)
    with pytest.raises(Refused, match="別々の方"):
        office.file("dependent_added", office.cover(), "2026-11-02", **BABY, individual_number=NUMBER, person_key="P2")


def test_the_seal_stays_out_of_the_filing_once_it_is_applied(office: Office) -> None:
    filing = office.receive("acquisition", None, "2026-11-01", **NEW, individual_number=NUMBER)
    assert NUMBER not in str(filing.data)
    assert office.receive("acquisition", None, "2026-11-01", **NEW, individual_number=NUMBER) == filing
    from certificates.requests import filings

    filings.apply(filing, by=office.clerk, on=ON)
    sealed = IndividualNumber.objects.get(person=office.cover("90").person)
    from core import crypto

    assert crypto.decrypt(bytes(sealed.sealed)).decode() == NUMBER
    filing.refresh_from_db()
    assert "individual_number_seal" not in filing.data


def test_the_re_used_number_in_turn(office: Office) -> None:
    office.file("loss", office.cover("2"), "2026-11-01")
    for day, allowed in (("2026-10-31", False), ("2026-11-01", True)):
        told = {**NEW, "number": "2"}
        if allowed:
            office.file("acquisition", None, day, **told)
        else:
            with pytest.raises(Refused, match="期間の重なる資格"):
                office.file("acquisition", None, day, **told)
    first, second = Member.objects.filter(number="2").order_by("acquired_on")
    assert first.lost_on == second.acquired_on and first.person != second.person


@pytest.mark.parametrize(
    ("differs", "says"),
    [
        ({"number": "1"}, "期間の重なる資格"),
        ({"number": "１"}, "期間の重なる資格"),  # the same number in wide digits
        ({"establishment_code": "9999"}, "事業所コードは登録されていません"),
        ({"insurer_number": "06137251"}, "この組合の保険者番号ではありません"),
        ({"birth_date": "1951-11-01"}, "75歳以上"),
        ({"birth_date": "2026-11-02"}, "生年月日が異動日より後"),
        ({"former_symbol": "101", "former_number": "777"}, "前の記号・番号・枝番の加入者は見つかりません"),
        ({"person_key": "P4", "birth_date": "1975-06-07"}, "期間の重なる別の資格"),
        ({"individual_number": NUMBER, "individual_number_state": "pending"}, "どちらかを直して"),
    ],
)
def test_refused(office: Office, differs: dict[str, str], says: str) -> None:
    before = (Member.objects.count(), Person.objects.count())
    with pytest.raises(Refused, match=says):
        office.file("acquisition", None, "2026-11-01", **{**NEW, **differs})
    assert (Member.objects.count(), Person.objects.count()) == before


@pytest.mark.parametrize(("birth_date", "allowed"), [("1951-11-01", False), ("1951-11-02", True)])
def test_the_day_before_75_is_the_last(office: Office, birth_date: str, allowed: bool) -> None:
    told = {**NEW, "birth_date": birth_date}
    if allowed:
        office.file("acquisition", None, "2026-11-01", **told)
    else:
        with pytest.raises(Refused, match="75歳以上"):
            office.file("acquisition", None, "2026-11-01", **told)


def test_what_cannot_be_read_is_named_by_column(office: Office) -> None:
    wrong: dict[str, Any] = {**NEW, "sex": "3", "birth_date": "1990-02-30", "name": " ", "shoe_size": "27"}
    del wrong["symbol"]
    with pytest.raises(BadInput) as found:
        office.receive("acquisition", None, "2026-11-01", **wrong)
    assert {m.column for m in found.value.mistakes} == {"sex", "birth_date", "name", "symbol", "shoe_size"}
    assert "1990-02-30" not in str(found.value)
    with pytest.raises(BadInput, match="effective_on"):
        office.receive("acquisition", None, "", **NEW)
    with pytest.raises(BadInput, match="kind"):
        office.receive("marriage", office.cover(), "2026-11-01")
    assert not Filing.objects.exists()


@pytest.mark.parametrize(
    ("branch", "day", "differs", "says"),
    [
        ("01", "2026-11-02", {}, "被扶養者は被保険者に付けます"),
        ("00", "2010-03-31", {"birth_date": "2009-01-01"}, "認定日に被保険者の資格がありません"),
        ("00", "2026-11-02", {"branch_number": "01"}, "期間の重なる資格"),
        ("00", "2026-11-01", {}, "生年月日が異動日より後"),
    ],
)
def test_a_dependent_is_refused(office: Office, branch: str, day: str, differs: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        office.file("dependent_added", office.cover("1", branch), day, **{**BABY, **differs})


def test_a_dependent_after_the_insured_person_left(office: Office) -> None:
    office.file("loss", office.cover(), "2026-11-02")
    with pytest.raises(Refused, match="被保険者の資格がありません"):
        office.file("dependent_added", office.cover(), "2026-11-02", **BABY)


def test_preview_of_a_new_member_names_the_paper_and_keeps_nothing(office: Office) -> None:
    shown = office.preview("acquisition", None, "2026-11-01", **NEW, certificate_wanted=True)
    assert any("資格確認書を1件、交付します（新規加入（短期））" in one for one in shown.consequences)
    assert not Member.objects.filter(number="90").exists() and not EligibilityCertificate.objects.exists()
