"""Loading a folder: what comes in, what is refused and where, and that nothing changes twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from certificates.loading import load, load_folder
from certificates.models import Deregistration, EligibilityCertificate, LegacyCard
from certificates.serials import valid
from core import crypto
from core.errors import BadInput, Refused
from core.models import Event
from members.models import (
    Address,
    Establishment,
    IndividualNumber,
    Insurer,
    Member,
    MynaStatus,
    Person,
    Policy,
)
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS
from tests.builders import ALSO, POLICY, SECOND_INSURER, Folder
from tests.conftest import run_command

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 6)
NUMBER_A, NUMBER_B = "123456789018", "987654321093"
TABLES = (
    "members_insurer", "members_policy", "members_establishment", "members_person", "members_member",
    "members_address", "members_individualnumber", "members_personhistory", "members_memberhistory",
    "certificates_legacycard", "certificates_eligibilitycertificate", "certificates_deregistration",
    "certificates_serialcounter", "core_event",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "in")


def state() -> dict[str, list[Any]]:
    """Every row of every table with the place it lies in, so that even an UPDATE to equal values shows."""
    rows = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t.ctid::text, t.xmin::text, t::text FROM {table} t ORDER BY t::text")
            rows[table] = cursor.fetchall()
    return rows


def whole(folder: Folder) -> Folder:
    """A folder with something of everything."""
    folder.insured("1", mailing_address="東京都千代田区架空1-1", mailing_postal_code="100-0001")
    folder.dependent("1", individual_number=NUMBER_A, fund_registered_on="2020-05-01")
    folder.insured(
        "2", name="佐藤 次郎", person_key="P2", lost_on="2026-04-01", printed_name="ジロー・サトウ"
    )
    folder.insured("7", name="佐藤 次郎", person_key="P2", acquired_on="2026-04-01", sex_on_back="1")
    folder.legacy_card("1").legacy_card("1", branch_number="01", valid_through="2025-03-31")
    folder.certificate("2", effective_on="2025-12-02").certificate(
        "7", effective_on="2026-04-01", basis="application"
    )
    return folder.deregistration("1")


def mistakes(folder: Folder) -> list[tuple[str | None, int | None, str | None]]:
    """Where the load finds mistakes; nothing may have been kept."""
    before = state()
    with pytest.raises(BadInput) as bad:
        load(folder.write(), on=DAY)
    assert state() == before
    return [(m.file, m.line, m.column) for m in bad.value.mistakes]


def odd(folder: Folder) -> list[tuple[str | None, int | None, str | None]]:
    loaded = load_folder(folder.write(), on=DAY)
    assert loaded.counts["odd"] == len(loaded.odd)
    return [(m.file, m.line, m.column) for m in loaded.odd]


# What comes in


def test_a_whole_folder_comes_in(folder: Folder) -> None:
    counts = load(whole(folder).write(), on=DAY)
    assert counts == {
        "members": 4, "added": 4, "updated": 0, "unchanged": 0, "persons": 3, "establishments": 1,
        "legacy_cards": 2, "certificates": 2, "deregistrations": 1, "others_changed": 8, "odd": 0,
    }  # fmt: skip
    insured, dependent, former, present = Member.objects.order_by("number_key", "branch_key")
    assert (dependent.insured, insured.insured, insured.establishment.code) == (insured, None, "0001")
    assert (dependent.fund_registered_on, insured.fund_registered_on) == (date(2020, 5, 1), None)
    assert former.person == present.person
    assert present.person.sex_on_back
    assert Insurer.objects.get().phone == "06-0000-0000"
    assert Policy.objects.get().value.return_days == 7
    assert Policy.objects.get().valid_from == date(2024, 12, 2)
    event = Event.objects.get(verb="load")
    assert event.note["added"] == 4


def test_the_same_load_twice_changes_nothing_at_all(folder: Folder) -> None:
    path = whole(folder).write()
    load(path, on=DAY)
    before = state()
    counts = load(path, on=date(2026, 11, 9))
    assert state() == before
    assert (counts["added"], counts["updated"], counts["unchanged"], counts["others_changed"]) == (0, 0, 4, 0)


def test_the_command_prints_counts_last_and_oddities_before(folder: Folder) -> None:
    for number in range(25):
        folder.insured(str(number), lost_on="2001-01-01")
    answer = run_command("load", folder.write(), "--on", "2026-11-06")
    lines = answer.out.splitlines()
    assert (answer.code, answer.json["members"], answer.json["odd"]) == (0, 25, 25)
    assert sum("members.csv" in line and "「lost_on」" in line for line in lines) == 20
    assert "5件" in lines[-2]


def test_names_come_in_code_point_for_code_point(folder: Folder) -> None:
    names = [
        "𠮷田 太郎",
        "髙橋 一",
        "山﨑 花",
        "\ufa19谷 実",
        "神谷 実",
        "渡邉\U000e0102 幸",
        "葛\U000e0100城 誠",
        "か\u3099く 学",
        " 前 後 ",
    ]
    for number, name in enumerate(names):
        folder.insured(str(number), name=name, printed_name=name, address=f"{name}ビル")
    load(folder.write(), on=DAY)
    stored = {m.number: m.person for m in Member.objects.select_related("person")}
    assert [stored[str(n)].name for n in range(len(names))] == names
    assert [stored[str(n)].printed_name for n in range(len(names))] == names
    assert set(Address.objects.values_list("address", flat=True)) == {f"{n}ビル" for n in names}


def test_a_byte_order_mark_crlf_and_quoted_lines_are_read(folder: Folder) -> None:
    path = folder.insured("1", address='一行目\n二行目, "三"').insured("2").write()
    file = path / "members.csv"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(path, on=DAY)["members"] == 2


def test_identifiers_are_kept_as_written_and_compared_folded(folder: Folder) -> None:
    folder.establishment(symbol="東Ａ").insured("００１", symbol="東Ａ").dependent("001", symbol="東A")
    load(folder.write(), on=DAY)
    insured, dependent = Member.objects.order_by("branch_key")
    assert (insured.symbol, insured.number, dependent.symbol) == ("東Ａ", "００１", "東A")
    assert dependent.insured == insured
    again = (
        Folder(folder.path)
        .establishment(symbol="東A")
        .insured("001", symbol="東Ａ")
        .dependent("001", symbol="東A")
    )
    counts = load(again.write(), on=DAY)
    assert (counts["added"], counts["updated"]) == (0, 1)
    insured.refresh_from_db()
    assert insured.number == "001"


def test_a_second_number_of_the_society_is_the_right_insurer(folder: Folder) -> None:
    folder.policy = POLICY + ALSO
    folder.insured("1").insured("1", insurer_number=SECOND_INSURER, coverage_kind="special_retired")
    load(folder.write(), on=DAY)
    second = Insurer.objects.get(number=SECOND_INSURER)
    assert second.main == Insurer.objects.get(main__isnull=True)
    assert second.address == second.main.address
    assert Member.objects.get(insurer=second).establishment.insurer == second.main


def test_a_scheme_without_employers_may_leave_the_code_empty(folder: Folder) -> None:
    folder.policy = POLICY.replace("toyobo", "kokuho")
    folder.insured("1", establishment_code="", standard_monthly_remuneration_yen="")
    assert odd(folder) == []
    assert Establishment.objects.get(code="").name == "事業所なし"
    before = state()
    load(folder.path, on=DAY)
    assert state() == before


# Updates


def test_a_changed_row_updates_and_an_absent_one_is_left_alone(folder: Folder) -> None:
    load(folder.insured("1").insured("2").write(), on=DAY)
    changed = Folder(folder.path).insured(
        "1", standard_monthly_remuneration_yen="410000", lost_on="2026-12-01"
    )
    counts = load(changed.write(), on=DAY)
    assert (counts["added"], counts["updated"], counts["unchanged"]) == (0, 1, 0)
    member = Member.objects.get(number="1")
    assert (member.standard_monthly_remuneration_yen, member.lost_on) == (410000, date(2026, 12, 1))
    assert Member.objects.filter(number="2", lost_on=None).exists()
    assert apps.get_model("members", "MemberHistory").objects.count() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "山田 太朗"), ("name_kana", "ヤマダ タローウ"), ("sex", "2"), ("birth_date", "1980-04-16"),
        ("resident", "0"), ("individual_number_state", "mismatch"), ("nondisclosure", "1"),
        ("needs_assistance", "1"), ("address_protected", "1"), ("printed_name", "タロー"), ("sex_on_back", "1"),
    ],
)  # fmt: skip
def test_what_belongs_to_the_person_updates_too(folder: Folder, column: str, value: str) -> None:
    load(folder.insured("1").insured("2").write(), on=DAY)
    counts = load(folder.change("members", **{column: value}).write(), on=DAY)
    assert (counts["updated"], counts["unchanged"], counts["persons"]) == (1, 1, 2)
    stored = getattr(Member.objects.get(number="1").person, column)
    assert str(int(stored) if isinstance(stored, bool) else stored) == value


def test_a_left_out_column_tells_nothing_and_an_empty_cell_takes_away(folder: Folder) -> None:
    told = {
        "printed_name": "タロー",
        "sex_on_back": "1",
        "address_protected": "1",
        "fund_registered_on": "2010-05-01",
    }
    load(folder.insured("1", **told).write(), on=DAY)
    load(Folder(folder.path).insured("1").write(), on=DAY)
    member = Member.objects.select_related("person").get()
    assert (member.person.printed_name, member.person.sex_on_back) == ("タロー", True)
    assert (member.person.address_protected, member.fund_registered_on) == (True, date(2010, 5, 1))
    load(Folder(folder.path).insured("1", **dict.fromkeys(told, "")).write(), on=DAY)
    member = Member.objects.select_related("person").get()
    assert (member.person.printed_name, member.person.sex_on_back) == ("", False)
    assert (member.person.address_protected, member.fund_registered_on) == (False, None)


def test_an_employer_updates(folder: Folder) -> None:
    load(folder.establishment().insured().write(), on=DAY)
    counts = load(folder.change("establishments", name="新社名株式会社").write(), on=DAY)
    assert counts["others_changed"] == 1
    assert Establishment.objects.get().name == "新社名株式会社"


def test_an_insured_person_becomes_a_dependent_and_back(folder: Folder) -> None:
    load(folder.insured("1").insured("1", branch_number="01", name="別人").write(), on=DAY)
    load(Folder(folder.path).insured("1").dependent("1").write(), on=DAY)
    assert Member.objects.get(branch_number="01").insured == Member.objects.get(branch_number="00")
    load(Folder(folder.path).insured("1").insured("1", branch_number="01").write(), on=DAY)
    assert Member.objects.get(branch_number="01").insured is None


# 記号番号 used in turn


def test_a_number_used_in_turn_finds_the_cover_that_holds_the_day(folder: Folder) -> None:
    folder.insured("1", name="先の人", acquired_on="2010-04-01", lost_on="2025-01-01")
    folder.insured("1", name="後の人", acquired_on="2025-01-01")
    folder.dependent("1", acquired_on="2012-05-05", lost_on="2025-01-01", name="先の家族")
    folder.dependent("1", acquired_on="2025-01-01", name="後の家族")
    folder.legacy_card("1", issued_on="2024-12-01").certificate(
        "1", issued_on="2024-12-20", effective_on="2025-01-01"
    )
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
    folder.insured(
        "9", person_key="K", acquired_on="2026-04-01", name="新姓 太郎", individual_number_state="pending"
    )
    folder.insured(
        "1", person_key="K", lost_on="2026-04-01", name="旧姓 太郎", nondisclosure="1", needs_assistance="1"
    )
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
    folder.insured("1", person_key="A", lost_on="2026-04-01").insured(
        "9", person_key="A", acquired_on="2026-04-01"
    )
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
    folder.insured("1", person_key="A", lost_on="2026-04-01").insured(
        "9", person_key="A", acquired_on="2026-04-01"
    )
    load(folder.write(), on=DAY)
    load(folder.change("members", 0, person_key="B").change("members", 1, person_key="C").write(), on=DAY)
    assert Member.objects.get(number="1").person != Member.objects.get(number="9").person


def test_equal_individual_numbers_link_within_a_load_and_over_loads(folder: Folder) -> None:
    folder.insured("1", individual_number=NUMBER_A, lost_on="2026-04-01")
    folder.insured("9", individual_number=NUMBER_A, acquired_on="2026-04-01").insured(
        "3", individual_number=NUMBER_B
    )
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


# Papers


def test_certificates_enter_as_sent_or_expired(folder: Folder) -> None:
    folder.insured("1").certificate("1", effective_on="2025-12-02", valid_through="2026-11-05")
    folder.certificate(
        "1", effective_on="2025-12-03", valid_through="2026-11-06", basis="application", ground="lost_card"
    )
    load(folder.write(), on=DAY)
    ended, live = EligibilityCertificate.objects.order_by("serial")
    assert (ended.status, live.status) == ("expired", "sent")
    assert (live.basis, live.ground, live.kind, live.limit, live.run) == (
        "application",
        "lost_card",
        "new",
        "",
        None,
    )
    assert live.issued_on == live.sent_on == live.arrives_on == date(2025, 11, 10)
    assert valid(ended.serial)
    assert valid(live.serial)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FACE_KEY_SQL} FROM members_member m {PEOPLE_JOINS}")
        assert cursor.fetchone() == (live.face_key,)


def test_a_loaded_certificate_stays_what_it_has_become(folder: Folder) -> None:
    load(folder.insured("1").certificate("1").write(), on=DAY)
    EligibilityCertificate.objects.update(status="returned")
    load(folder.change("certificates", issued_on="2025-11-11", ground="not_registered").write(), on=DAY)
    certificate = EligibilityCertificate.objects.get()
    assert (certificate.status, certificate.issued_on, certificate.ground) == (
        "returned",
        date(2025, 11, 11),
        "not_registered",
    )


def test_a_legacy_card_follows_the_file(folder: Folder) -> None:
    load(folder.insured("1").legacy_card("1").write(), on=DAY)
    load(folder.change("legacy_cards", valid_through="2025-08-31").write(), on=DAY)
    assert LegacyCard.objects.get().valid_through == date(2025, 8, 31)


def test_a_deregistration_enters_as_taken_in_by_the_fund(folder: Folder) -> None:
    load(folder.insured("1").deregistration("1").write(), on=DAY)
    request = Deregistration.objects.get()
    assert (request.status, request.person) == ("granted", Person.objects.get())
    Deregistration.objects.update(status="done")
    load(folder.path, on=DAY)
    assert Deregistration.objects.get().status == "done"


def test_the_door_is_shut_again(folder: Folder) -> None:
    load(whole(folder).write(), on=DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('kenpo.door', true)")
        assert cursor.fetchone()[0] == ""


# Refusals


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", ""), ("name", "　"), ("name_kana", ""), ("birth_date", ""), ("symbol", ""), ("number", ""),
        ("number", " 　"), ("acquired_on", ""), ("acquired_on", "2026-02-29"), ("birth_date", "1980-4-1"),
        ("birth_date", "2026-W45-5"), ("birth_date", "19800401"), ("lost_on", "2026-11-31"), ("lost_on", "昭和55年"),
        ("sex", "3"), ("sex", ""), ("sex", "１"), ("kind", "family"), ("kind", ""), ("coverage_kind", "special"),
        ("individual_number_state", "unknown"), ("resident", "true"), ("resident", ""), ("nondisclosure", "2"),
        ("needs_assistance", "yes"), ("address_protected", "x"), ("sex_on_back", "9"), ("branch_number", "1"),
        ("branch_number", "001"), ("branch_number", "1 "), ("standard_monthly_remuneration_yen", "300,000"),
        ("standard_monthly_remuneration_yen", "30万"), ("standard_monthly_remuneration_yen", "-1"),
        ("standard_monthly_remuneration_yen", "３０００００"), ("standard_monthly_remuneration_yen", "99999999999"),
        ("establishment_code", "9999"), ("establishment_code", ""), ("insurer_number", "06130489"),
        ("insurer_number", "6130488"), ("insurer_number", "06137251"), ("insurer_number", ""),
        ("individual_number", "123456789012"), ("individual_number", "12345678901"), ("name", "x" * 201),
        ("fund_registered_on", "2026-13-01"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_by_file_line_and_column(folder: Folder, column: str, value: str) -> None:
    folder.insured("1").insured(**{"number": "2", column: value})
    assert mistakes(folder) == [("members.csv", 3, column)]


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("establishments", "code", ""), ("establishments", "name", ""), ("establishments", "insurer_number", "x"),
        ("legacy_cards", "issued_on", ""), ("legacy_cards", "valid_through", "2025-02-30"),
        ("legacy_cards", "number", "77"), ("legacy_cards", "branch_number", "09"),
        ("certificates", "basis", ""), ("certificates", "basis", "other"), ("certificates", "issued_on", ""),
        ("certificates", "effective_on", "x"), ("certificates", "valid_through", ""), ("certificates", "ground", "x"),
        ("certificates", "symbol", "999"), ("deregistrations", "accepted_on", ""), ("deregistrations", "number", "77"),
    ],
)  # fmt: skip
def test_a_bad_cell_of_the_other_files_too(folder: Folder, file: str, column: str, value: str) -> None:
    folder.establishment().insured("1").add(
        file, **({"number": "1"} if file != "establishments" else {"code": "0002"})
    )
    folder.change(file, -1, **{column: value})
    where = (
        "number" if file != "establishments" and column in ("symbol", "number", "branch_number") else column
    )
    line = 3 if file == "establishments" else 2
    assert mistakes(folder) == [(f"{file}.csv", line, where)]


def test_all_mistakes_are_found_at_once(folder: Folder) -> None:
    folder.insured("1", sex="9", birth_date="x").insured("1").dependent("2").insured(
        "3", establishment_code="77"
    )
    folder.legacy_card("5").certificate("1", valid_through="x")
    assert (
        mistakes(folder)
        == [
            ("members.csv", 2, "sex"),
            ("members.csv", 2, "birth_date"),
            ("members.csv", 3, "number"),
            ("members.csv", 4, "kind"),
            ("members.csv", 5, "establishment_code"),
            ("legacy_cards.csv", 2, "number"),
            ("certificates.csv", 2, "valid_through"),
        ]
        or sorted
    )


def test_many_mistakes_are_cut_off_and_counted(folder: Folder) -> None:
    for number in range(70):
        folder.insured(str(number), sex="9")
    found = mistakes(folder)
    assert len(found) == 51
    answer = run_command("load", folder.path)
    assert (answer.code, len(answer.err.splitlines())) == (2, 51)
    assert "20件" in answer.err.splitlines()[-1]


def test_a_message_never_repeats_what_stood_in_the_cell(folder: Folder) -> None:
    folder.insured(
        "1", name="x" * 201, birth_date="ひみつの日", individual_number="123456789012", lost_on="ひみつ"
    )
    answer = run_command("load", folder.write())
    assert answer.code == 2
    for secret in ("xxx", "ひみつ", "123456789012", "山田", "ヤマダ"):
        assert secret not in answer.err + answer.out


@pytest.mark.parametrize(
    "file", ["establishments", "members", "certificates", "legacy_cards", "deregistrations"]
)
def test_a_missing_column_is_named(folder: Folder, file: str) -> None:
    whole(folder)
    folder.left_out[file] = ("number",) if file != "establishments" else ("name",)
    assert (f"{file}.csv", 1, "number" if file != "establishments" else "name") in mistakes(folder)


@pytest.mark.parametrize("file", ["establishments.csv", "members.csv", "policy.toml"])
def test_a_missing_file_is_named(folder: Folder, file: str) -> None:
    path = folder.insured("1").write()
    (path / file).unlink()
    answer = run_command("load", path)
    assert answer.code == 2
    assert file in answer.err
    assert not Member.objects.exists()


def test_the_settings_may_be_left_out_once_they_are_known(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    (folder.path / "policy.toml").unlink()
    folder.policy = None
    assert load(folder.insured("2").write(), on=DAY)["added"] == 1


def test_a_folder_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    assert run_command("load", tmp_path / "nowhere").code == 2


def spoil(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    return lambda path: (path / name).write_bytes(change((path / name).read_bytes())) and None


@pytest.mark.parametrize(
    ("damage", "line"),
    [
        (spoil("members.csv", lambda b: b.decode().encode("cp932")), None),
        (spoil("members.csv", lambda b: b + b"\xff\n"), None),
        (spoil("members.csv", lambda b: b""), 1),
        (spoil("members.csv", lambda b: b + b"a,b\n"), 4),
        (spoil("members.csv", lambda b: b + b'"open'), 4),
        (spoil("members.csv", lambda b: b + b'"a"b,c\n'), 4),
        (spoil("members.csv", lambda b: b + b"a\0b\n"), 4),
        (spoil("members.csv", lambda b: b.replace(b",kind,", b",number,")), 1),
    ],
)
def test_a_file_that_cannot_be_read_is_named(folder: Folder, damage: Any, line: int | None) -> None:
    damage(folder.insured("1").insured("2").write())
    with pytest.raises(BadInput) as bad:
        load(folder.path, on=DAY)
    assert {(m.file, m.line) for m in bad.value.mistakes} == {("members.csv", line)}
    assert not Member.objects.exists()


def test_a_line_is_counted_as_an_editor_counts_it(folder: Folder) -> None:
    folder.insured("1", address="一行目\n二行目").insured("2", sex="9")
    assert mistakes(folder) == [("members.csv", 4, "sex")]


def test_a_member_twice_is_a_duplicate_also_in_another_width(folder: Folder) -> None:
    folder.insured("12").insured("１２", name="別の人")
    assert mistakes(folder) == [("members.csv", 3, "number")]


@pytest.mark.parametrize(
    ("lost_on", "acquired_on", "refused"),
    [("2020-04-01", "2020-03-31", True), ("2020-04-01", "2020-04-01", False), ("2020-04-01", "2020-04-02", False), ("", "2020-04-01", True)],
)  # fmt: skip
def test_one_number_at_a_time(folder: Folder, lost_on: str, acquired_on: str, refused: bool) -> None:
    folder.insured("1", lost_on=lost_on).insured("1", acquired_on=acquired_on)
    if refused:
        assert mistakes(folder) == [("members.csv", 3, "acquired_on")]
    else:
        assert load(folder.write(), on=DAY)["added"] == 2


def test_one_number_at_a_time_also_against_what_is_stored(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    later = Folder(folder.path).insured("1", acquired_on="2020-04-01")
    assert mistakes(later) == [("members.csv", 2, "acquired_on")]


def test_the_same_paper_twice_is_a_duplicate(folder: Folder) -> None:
    folder.insured("1").certificate("1").certificate("1", issued_on="2025-11-11").certificate(
        "1", basis="application"
    )
    folder.legacy_card("1").legacy_card("1", valid_through="2025-01-01").deregistration("1").deregistration(
        "1"
    )
    assert mistakes(folder) == [
        ("legacy_cards.csv", 3, "number"), ("certificates.csv", 3, "number"), ("deregistrations.csv", 3, "number"),
    ]  # fmt: skip


def test_the_same_employer_twice_is_a_duplicate(folder: Folder) -> None:
    folder.establishment().establishment(name="別の名").insured("1")
    assert mistakes(folder) == [("establishments.csv", 3, "code")]


def test_a_dependent_without_an_insured_person_is_refused(folder: Folder) -> None:
    folder.insured("1").dependent("2")
    assert mistakes(folder) == [("members.csv", 3, "kind")]


def test_whoever_has_dependents_cannot_become_one(folder: Folder) -> None:
    load(folder.insured("1").dependent("1").write(), on=DAY)
    folder = (
        Folder(folder.path).insured("1", branch_number="05").dependent("1", "00", acquired_on="2010-04-01")
    )
    assert mistakes(folder) == [("members.csv", 3, "kind")]


def test_one_bad_row_keeps_everything_out(folder: Folder) -> None:
    load(whole(folder).write(), on=DAY)
    folder.policy = POLICY.replace('"toyobo"', '"kyokai"')
    folder.change("members", 0, name="変わった 名前").establishment("0002").insured("50", sex="9")
    assert mistakes(folder) == [("members.csv", 6, "sex")]


# policy.toml


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('preset = "toyobo"', 'preset = "nobody"', "preset"),
        ('preset = "toyobo"', "", "preset"),
        ('preset = "toyobo"', 'preset = "toyobo"\nsurprise = 1', "surprise"),
        ('preset = "toyobo"', 'preset = "toyobo"\nexpiry_years = 6', "expiry_years"),
        ('preset = "toyobo"', 'preset = "toyobo"\nvalid_from = "2026-02-30"', "valid_from"),
        ('preset = "toyobo"', 'preset = "toyobo"\nvalid_from = 5', "valid_from"),
        ('"06130488"', '"06130489"', "insurer.number"),
        ('"06130488"', "6130488", "insurer.number"),
        ('"架空健康保険組合"', '""', "insurer.name"),
        ('phone = "06-0000-0000"', 'fax = "06-0000-0000"', "insurer.fax"),
        ("[insurer]", "[society]", "society"),
    ],
)
def test_a_mistake_in_the_settings_is_named(folder: Folder, old: str, new: str, column: str) -> None:
    folder.policy = POLICY.replace(old, new)
    assert ("policy.toml", None, column) in mistakes(folder.insured("1"))


def test_mistakes_of_settings_and_rows_are_found_together(folder: Folder) -> None:
    folder.policy = POLICY.replace("toyobo", "nobody")
    assert mistakes(folder.insured("1", sex="9")) == [
        ("policy.toml", None, "preset"),
        ("members.csv", 2, "sex"),
    ]


@pytest.mark.parametrize(("text", "line"), [("preset = \n", 1), ('a = 1\nb = "', 2), ("a = 1\na = 2\n", 2)])
def test_broken_toml_is_named_by_line(folder: Folder, text: str, line: int) -> None:
    folder.policy = text
    found = mistakes(folder.insured("1"))
    assert found[0][0] == "policy.toml"
    assert found[0][1] in (line, None)


def test_settings_begin_on_their_own_day_and_an_equal_day_replaces(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    folder.policy = POLICY.replace('"toyobo"', '"toyobo"\nvalid_from = 2026-04-01\nreturn_days = 9')
    assert load(folder.write(), on=DAY)["others_changed"] == 1
    folder.policy = folder.policy.replace("= 9", "= 8")
    load(folder.write(), on=DAY)
    assert [p.value.return_days for p in Policy.objects.order_by("valid_from")] == [7, 8]


def test_another_society_is_refused(folder: Folder) -> None:
    load(folder.insured("1").write(), on=DAY)
    folder.policy = POLICY.replace("06130488", "06137251")
    before = state()
    with pytest.raises(Refused):
        load(folder.write(), on=DAY)
    assert state() == before
    assert run_command("load", folder.path).code == 1


def test_a_number_written_twice_is_refused(folder: Folder) -> None:
    folder.policy = POLICY + ALSO.replace(SECOND_INSURER, "06130488")
    assert ("policy.toml", None, "insurer.also.number") in mistakes(folder.insured("1"))


# What merely looks odd


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"lost_on": "2001-01-01"}, "lost_on"),
        ({"birth_date": "2026-12-01", "acquired_on": "2026-12-01"}, "birth_date"),
        ({"birth_date": "2015-01-01"}, "acquired_on"),
        ({"standard_monthly_remuneration_yen": ""}, "standard_monthly_remuneration_yen"),
        ({"symbol": "202"}, "symbol"),
    ],
)
def test_an_odd_member_is_loaded_and_listed(folder: Folder, cells: dict[str, str], column: str) -> None:
    assert odd(folder.insured("1", **cells)) == [("members.csv", 2, column)]
    assert Member.objects.count() == 1


def test_odd_families_and_persons(folder: Folder) -> None:
    folder.insured("1", lost_on="2026-04-01").dependent("1")
    folder.insured("2", person_key="K").insured(
        "3", person_key="K", acquired_on="2020-01-01", birth_date="1980-04-16"
    )
    assert sorted(odd(folder), key=str) == sorted([
        ("members.csv", 3, "acquired_on"), ("members.csv", 4, "acquired_on"), ("members.csv", 5, "acquired_on"),
        ("members.csv", 4, "person_key"),
    ], key=str)  # fmt: skip


@pytest.mark.parametrize(
    ("effective_on", "valid_through", "listed"),
    [
        ("2025-12-02", "2030-12-01", False), ("2025-12-02", "2030-12-02", True), ("2024-02-29", "2029-02-28", False),
        ("2024-02-29", "2029-03-01", True), ("2026-02-28", "2031-02-28", True), ("2026-12-02", "2026-12-01", True),
    ],
)  # fmt: skip
def test_a_certificate_beyond_five_years_is_listed(
    folder: Folder, effective_on: str, valid_through: str, listed: bool
) -> None:
    folder.insured("1").certificate("1", effective_on=effective_on, valid_through=valid_through)
    assert odd(folder) == ([("certificates.csv", 2, "valid_through")] if listed else [])


def test_odd_papers(folder: Folder) -> None:
    folder.insured("1").legacy_card("1", issued_on="2024-12-01").legacy_card("1", issued_on="2024-12-02")
    folder.deregistration("1", accepted_on="2026-11-07")
    assert odd(folder) == [("legacy_cards.csv", 3, "issued_on"), ("deregistrations.csv", 2, "accepted_on")]


def test_an_unknown_column_is_listed_and_ignored(folder: Folder) -> None:
    folder.extra_columns["members"] = ("備考",)
    assert odd(folder.insured("1", 備考="何か")) == [("members.csv", 1, "備考")]
