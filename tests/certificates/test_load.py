"""Loading a folder: what comes in, and that nothing changes twice."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import connection

from certificates.documents.serials import valid
from certificates.models import Deregistration, EligibilityCertificate, LegacyCard
from core.models import Event
from kenpo.intake.load import load
from members.models import Address, Establishment, Insurer, Member, Person, Policy
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS
from tests.builders import ALSO, POLICY, SECOND_INSURER, Folder
from tests.certificates.loads import DAY, odd, state, whole
from tests.conftest import run_command

pytestmark = pytest.mark.django_db


# What comes in


def test_a_whole_folder_comes_in(folder: Folder) -> None:
    counts = load(whole(folder).write(), on=DAY)
    assert counts == {
        "members": 4,
        "added": 4,
        "updated": 0,
        "unchanged": 0,
        "persons": 3,
        "establishments": 1,
        "legacy_cards": 2,
        "certificates": 2,
        "deregistrations": 1,
        "others_changed": 8,
        "odd": 0,
    }
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
    again = Folder(folder.path).establishment(symbol="東A").insured("001", symbol="東Ａ").dependent("001", symbol="東A")
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
    changed = Folder(folder.path).insured("1", standard_monthly_remuneration_yen="410000", lost_on="2026-12-01")
    counts = load(changed.write(), on=DAY)
    assert (counts["added"], counts["updated"], counts["unchanged"]) == (0, 1, 0)
    member = Member.objects.get(number="1")
    assert (member.standard_monthly_remuneration_yen, member.lost_on) == (410000, date(2026, 12, 1))
    assert Member.objects.filter(number="2", lost_on=None).exists()
    assert apps.get_model("members", "MemberHistory").objects.count() == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "山田 太朗"),
        ("name_kana", "ヤマダ タローウ"),
        ("sex", "2"),
        ("birth_date", "1980-04-16"),
        ("resident", "0"),
        ("individual_number_state", "mismatch"),
        ("nondisclosure", "1"),
        ("needs_assistance", "1"),
        ("address_protected", "1"),
        ("printed_name", "タロー"),
        ("sex_on_back", "1"),
    ],
)
def test_what_belongs_to_the_person_updates_too(folder: Folder, column: str, value: str) -> None:
    load(folder.insured("1").insured("2").write(), on=DAY)
    counts = load(folder.change("members", **{column: value}).write(), on=DAY)
    assert (counts["updated"], counts["unchanged"], counts["persons"]) == (1, 1, 2)
    stored = getattr(Member.objects.get(number="1").person, column)
    assert str(int(stored) if isinstance(stored, bool) else stored) == value


def test_a_left_out_column_tells_nothing_and_an_empty_cell_takes_away(folder: Folder) -> None:
    told = {"printed_name": "タロー", "sex_on_back": "1", "address_protected": "1", "fund_registered_on": "2010-05-01"}
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


# Papers


def test_certificates_enter_as_sent_or_expired(folder: Folder) -> None:
    folder.insured("1").certificate("1", effective_on="2025-12-02", valid_through="2026-11-05")
    folder.certificate(
        "1", effective_on="2025-12-03", valid_through="2026-11-06", basis="application", ground="lost_card"
    )
    load(folder.write(), on=DAY)
    ended, live = EligibilityCertificate.objects.order_by("serial")
    assert (ended.status, live.status) == ("expired", "sent")
    assert (live.basis, live.ground, live.kind, live.limit, live.run) == ("application", "lost_card", "new", "", None)
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
