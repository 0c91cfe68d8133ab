"""Loading a folder: which row is whose cover, whose family, whose address."""

from __future__ import annotations

from datetime import date

import pytest

from certificates.models import Deregistration, EligibilityCertificate, LegacyCard
from core import crypto
from kenpo.intake.load import load
from members.models import Address, IndividualNumber, Member, MynaStatus, Person
from tests.builders import Folder
from tests.certificates.loads import DAY, NUMBER_A, NUMBER_B, mistakes, odd, state

pytestmark = pytest.mark.django_db


# 記号番号 used in turn


def test_a_number_used_in_turn_finds_the_cover_that_holds_the_day(folder: Folder) -> None:
    folder.insured("1", name="先の人", acquired_on="2010-04-01", lost_on="2025-01-01")
    folder.insured("1", name="後の人", acquired_on="2025-01-01")
    folder.dependent("1", acquired_on="2012-05-05", lost_on="2025-01-01", name="先の家族")
    folder.dependent("1", acquired_on="2025-01-01", name="後の家族")
    folder.legacy_card("1", issued_on="2024-12-01").certificate("1", issued_on="2024-12-20", effective_on="2025-01-01")
    folder.deregistration("1", accepted_on="2024-12-31").deregistration("1", accepted_on="2025-01-01")
    load(folder.write(), on=DAY)
    for dependent in Member.objects.filter(kind="dependent"):
        assert dependent.insured.person.name[0] == dependent.person.name[0]
    assert LegacyCard.objects.get().member.person.name == "先の人"
    assert EligibilityCertificate.objects.get().member.person.name == "後の人"
    assert [d.person.name for d in Deregistration.objects.order_by("accepted_on")] == ["先の人", "後の人"]


def test_a_single_cover_is_found_whatever_the_day(folder: Folder) -> None:
    folder.insured("1", acquired_on="2020-04-01").dependent("1", acquired_on="2019-01-01")
    load(folder.legacy_card("1", issued_on="2019-12-01").write(), on=DAY)
    assert Member.objects.get(kind="dependent").insured == Member.objects.get(kind="insured")
    assert LegacyCard.objects.count() == 1


def test_between_two_covers_a_paper_belongs_to_nobody(folder: Folder) -> None:
    folder.insured("1", lost_on="2020-01-01").insured("1", acquired_on="2022-01-01")
    folder.legacy_card("1", issued_on="2021-01-01")
    assert mistakes(folder) == [("legacy_cards.csv", 2, "number")]


def test_the_insured_person_may_be_there_from_an_earlier_load(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    later = Folder(folder.path).dependent("1").legacy_card("1").certificate("1").deregistration("1")
    load(later.write(), on=DAY)
    insured = Member.objects.get(kind="insured")
    assert Member.objects.get(kind="dependent").insured == insured
    assert LegacyCard.objects.get().member == insured


def test_one_number_passes_on_within_one_load(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    folder.change("members", lost_on="2026-10-01").insured("1", acquired_on="2026-10-01", name="後の人")
    counts = load(folder.write(), on=DAY)
    assert (counts["added"], counts["updated"]) == (1, 1)


# Persons


def test_rows_with_one_key_are_one_person_and_the_last_cover_speaks(folder: Folder) -> None:
    folder.insured("9", person_key="K", acquired_on="2026-04-01", name="新姓 太郎", individual_number_state="pending")
    folder.insured("1", person_key="K", lost_on="2026-04-01", name="旧姓 太郎", nondisclosure="1", needs_assistance="1")
    load(folder.write(), on=DAY)
    person = Person.objects.get()
    assert (person.name, person.individual_number_state, person.load_key) == ("新姓 太郎", "pending", "K")
    assert person.nondisclosure
    assert person.needs_assistance
    assert person.covers.count() == 2


def test_a_key_links_a_later_load_also_when_it_tells_an_older_cover_only(folder: Folder) -> None:
    folder.insured("9", person_key="K", acquired_on="2026-04-01", name="新姓 太郎", nondisclosure="1")
    load(folder.write(), on=DAY)
    older = Folder(folder.path).insured(
        "1", person_key="K", lost_on="2026-04-01", name="旧姓 太郎", needs_assistance="1"
    )
    load(older.write(), on=DAY)
    person = Person.objects.get()
    assert (person.name, person.nondisclosure, person.needs_assistance) == ("新姓 太郎", True, True)


def test_without_a_key_each_new_row_is_a_person_and_a_known_cover_keeps_its_own(folder: Folder) -> None:
    load(folder.insured("1").insured("2").write(), on=DAY)
    persons = dict(Member.objects.values_list("number", "person"))
    assert len(set(persons.values())) == 2
    load(folder.change("members", name="別名 太郎").write(), on=DAY)
    assert dict(Member.objects.values_list("number", "person")) == persons


def test_a_key_told_later_links_two_covers_and_keeps_what_is_known(folder: Folder) -> None:
    load(folder.insured("1", lost_on="2026-04-01").insured("9", acquired_on="2026-04-01").write(), on=DAY)
    old, new = (Member.objects.get(number=n).person for n in ("1", "9"))
    MynaStatus.objects.create(person=old, as_of=date(2026, 9, 30), source="monthly", state="registered")
    folder.change("members", 0, person_key="K").change("members", 1, person_key="K")
    counts = load(folder.write(), on=DAY)
    assert counts["persons"] == 1
    assert {m.person for m in Member.objects.all()} == {new}
    assert MynaStatus.objects.get().person == new
    before = state()
    load(folder.path, on=DAY)
    assert state() == before


def test_another_key_moves_the_cover_to_that_person(folder: Folder) -> None:
    folder.insured("1", person_key="A", lost_on="2026-04-01").insured("9", person_key="A", acquired_on="2026-04-01")
    load(folder.deregistration("1", accepted_on="2025-05-05").write(), on=DAY)
    load(folder.change("members", 0, person_key="B").write(), on=DAY)
    former, latter = (Member.objects.get(number=n).person for n in ("1", "9"))
    assert (former.load_key, latter.load_key) == ("B", "A")
    assert Deregistration.objects.get().person == former
    before = state()
    load(folder.path, on=DAY)
    assert state() == before


def test_a_key_changed_for_all_covers_renames_the_person(folder: Folder) -> None:
    load(folder.insured("1", person_key="A").write(), on=DAY)
    person = Person.objects.get()
    load(folder.change("members", person_key="B").write(), on=DAY)
    assert Person.objects.get() == person
    assert Person.objects.get().load_key == "B"


def test_one_person_known_twice_divides_by_key(folder: Folder) -> None:
    folder.insured("1", person_key="A", lost_on="2026-04-01").insured("9", person_key="A", acquired_on="2026-04-01")
    load(folder.write(), on=DAY)
    load(folder.change("members", 0, person_key="B").change("members", 1, person_key="C").write(), on=DAY)
    assert Member.objects.get(number="1").person != Member.objects.get(number="9").person


def test_equal_individual_numbers_link_within_a_load_and_over_loads(folder: Folder) -> None:
    folder.insured("1", individual_number=NUMBER_A, lost_on="2026-04-01")
    folder.insured("9", individual_number=NUMBER_A, acquired_on="2026-04-01").insured("3", individual_number=NUMBER_B)
    load(folder.write(), on=DAY)
    assert Person.objects.count() == 2
    later = Folder(folder.path).insured("12", individual_number=NUMBER_B, acquired_on="2026-10-01")
    load(later.write(), on=DAY)
    assert Member.objects.get(number="12").person == Member.objects.get(number="3").person


def test_an_individual_number_is_sealed_and_only_a_fingerprint_finds_it(folder: Folder) -> None:
    load(folder.insured("1", individual_number=NUMBER_A).write(), on=DAY)
    row = IndividualNumber.objects.get()
    assert crypto.decrypt(bytes(row.sealed)) == NUMBER_A.encode()
    assert row.blind_index == crypto.blind_index(NUMBER_A)
    assert NUMBER_A not in str(state())


def test_numbers_entered_crosswise_can_be_put_right(folder: Folder) -> None:
    folder.insured("1", person_key="A", individual_number=NUMBER_A).insured(
        "2", person_key="B", individual_number=NUMBER_B
    )
    load(folder.write(), on=DAY)
    folder.change("members", 0, individual_number=NUMBER_B).change("members", 1, individual_number=NUMBER_A)
    load(folder.write(), on=DAY)
    stored = {n.person.load_key: n.blind_index for n in IndividualNumber.objects.select_related("person")}
    assert stored == {"A": crypto.blind_index(NUMBER_B), "B": crypto.blind_index(NUMBER_A)}


def test_one_number_under_two_keys_is_one_person_and_listed(folder: Folder) -> None:
    folder.insured("1", person_key="A", individual_number=NUMBER_A, lost_on="2026-04-01")
    folder.insured("9", person_key="B", individual_number=NUMBER_A, acquired_on="2026-04-01")
    assert odd(folder) == [("members.csv", 3, "person_key")]
    assert Person.objects.count() == 1
    before = state()
    load(folder.path, on=DAY)
    assert state() == before


# Addresses


def addresses(use: str) -> list[tuple[str, date]]:
    return list(Address.objects.filter(use=use).order_by("valid_from").values_list("address", "valid_from"))


def test_addresses_are_dated(folder: Folder) -> None:
    folder.insured("1", address="旧住所", mailing_address="送付先", mailing_postal_code="100-0001")
    load(folder.write(), on=DAY)
    start = date(2010, 4, 1)
    assert (addresses("residence"), addresses("mailing")) == ([("旧住所", start)], [("送付先", start)])
    assert load(folder.change("members", address="新住所").write(), on=DAY)["updated"] == 1
    assert addresses("residence") == [("旧住所", start), ("新住所", DAY)]
    load(folder.change("members", address="訂正した住所").write(), on=DAY)
    assert addresses("residence") == [("旧住所", start), ("訂正した住所", DAY)]
    assert addresses("mailing") == [("送付先", start)]


def test_an_emptied_mailing_address_sends_post_home_again(folder: Folder) -> None:
    load(folder.insured("1", mailing_address="送付先").write(), on=DAY)
    load(folder.change("members", mailing_address="").write(), on=DAY)
    assert addresses("mailing")[-1] == ("", DAY)
    before = state()
    load(folder.path, on=date(2026, 12, 1))
    assert state() == before


def test_an_address_before_the_cover_begins_holds_already(folder: Folder) -> None:
    load(folder.insured("1", acquired_on="2026-12-01").write(), on=DAY)
    assert addresses("residence")[0][1] == DAY
    load(folder.change("members", address="新住所").write(), on=date(2026, 11, 1))
    assert [a for a, _ in addresses("residence")] == ["新住所"]
