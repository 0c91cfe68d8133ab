"""The last four digits of the 個人番号: where they stand, where never, and that nothing keeps them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from core import crypto
from core.models import Event, Job
from core.paper import readback
from core.paper.sheet import Box
from mailing.models import Dispatch, PrintedFile
from mailing.papers import files
from mailing.services import confirm, differences, prove_dispatch
from members.models import IndividualNumber, Member
from notices.layouts import a4, household
from notices.models import EligibilityNotice
from notices.services import draft, draft_first_round, reissue
from tests.mailing import build
from tests.mailing.build import ON, Office
from tests.notices.play import NUMBERS, dispatches, joined, leave, numbered, printed, rule, say

FILE = "notices-0001.pdf"


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office(last_four_digits="first_round", notice_channel="home", mass_channel="home")


@pytest.fixture
def member(office: Office) -> Member:
    (found,) = joined(office, "0001")
    numbered(found, NUMBERS[0])
    return found


def page(dispatch: Dispatch, number: int = 1) -> str:
    with readback.open_pdf(files.folder(dispatch) / FILE) as pdf:
        return "".join(readback.full_text(pdf, number).split())


def inside(dispatch: Dispatch, box: Box) -> str:
    with readback.open_pdf(files.folder(dispatch) / FILE) as pdf:
        return readback.read_page(pdf, 1, [box])[box.name]


def round_printed(office: Office) -> Dispatch:
    draft_first_round(ON, by=office.clerk, on=ON)
    return printed(office, day=True)


def test_they_stand_on_the_sheet_and_not_on_the_card(office: Office, member: Member) -> None:
    dispatch = round_printed(office)
    assert page(dispatch).count("9018") == 1 and "個人番号の下4桁" in page(dispatch)
    assert "お手元の番号と違うときは、すぐに連絡してください。" in page(dispatch)
    assert "9018" not in inside(dispatch, a4.CARD)
    assert NUMBERS[0] not in page(dispatch)
    leave(dispatch, office)


@pytest.mark.parametrize("state", ["unregistered", "mismatch", "pending"])
def test_they_are_left_out_where_the_number_is_not_sure(office: Office, member: Member, state: str) -> None:
    say(member, individual_number_state=state)
    dispatch = round_printed(office)
    assert "9018" not in page(dispatch)
    assert "お手元の番号" not in page(dispatch) and "下4桁" not in page(dispatch)
    assert differences(dispatch) == []


def test_they_are_left_out_where_no_number_is_stored(office: Office) -> None:
    joined(office, "0001")
    dispatch = round_printed(office)
    assert "下4桁" not in page(dispatch)
    assert differences(dispatch) == []


@pytest.mark.parametrize(
    ("policy", "on_round", "on_new", "on_reissue"),
    [("never", False, False, False), ("first_round", True, False, False), ("always", True, True, True)],
)
def test_when_they_are_printed_is_the_policys_word(
    office: Office, member: Member, policy: str, on_round: bool, on_new: bool, on_reissue: bool
) -> None:
    rule(last_four_digits=policy)
    draft(office.run, by=office.clerk, on=ON)
    draft_first_round(ON, by=office.clerk, on=ON)
    reissue(member, by=office.clerk, on=ON)
    found = dict(EligibilityNotice.objects.values_list("cause", "last_four"))
    assert found == {"new_member": on_new, "first_round": on_round, "reissue": on_reissue}
    assert differences(printed(office)) == []  # what is outside the month goes along with the month's


def test_on_a_familys_sheet_each_has_only_the_own_ones(office: Office) -> None:
    rule(notice_unit="household")
    members = joined(office, "0001", "山田 太郎", "山田 花子", "山田 一郎")
    for one, number in zip(members, NUMBERS, strict=False):
        numbered(one, number)
    say(members[1], individual_number_state="mismatch")
    dispatch = round_printed(office)
    rows = [
        inside(dispatch, household.fields(_face(office)).get(f"p{n}_last_four").box)  # type: ignore[union-attr]
        for n in (1, 2, 3)
    ]
    assert [row.strip() for row in rows] == ["9018", "", "3338"]
    for card in household._cards(3):
        assert not any(end in inside(dispatch, card) for end in ("9018", "1019", "3338"))
    leave(dispatch, office)


def _face(office: Office) -> Any:
    from members.services import policy_on
    from notices.services import sheets

    (leader,) = EligibilityNotice.objects.filter(leader__isnull=True)
    return sheets([leader.pk], policy_on(office.insurer, ON))[leader.pk]


def test_each_sheet_with_digits_has_an_envelope_of_its_own(office: Office) -> None:
    members = joined(office, "0001", "山田 太郎", "山田 花子", "山田 一郎")
    for one, number in zip(members, NUMBERS, strict=False):
        numbered(one, number)
    draft_first_round(office.run, by=office.clerk, on=ON)
    office.certify(members[:1])
    rule(certificate_channel="home")
    by_kind = {d.kind: d for d in dispatches(office)}
    assert by_kind["certificate"].counts["notices"] == 0
    assert (by_kind["notice"].counts["envelopes"], by_kind["notice"].counts["sheets"]) == (3, 3)


def test_without_digits_the_family_has_one_envelope(office: Office) -> None:
    rule(last_four_digits="never")
    joined(office, "0001", "山田 太郎", "山田 花子", "山田 一郎")
    draft_first_round(office.run, by=office.clerk, on=ON)
    (dispatch,) = dispatches(office)
    assert (dispatch.counts["envelopes"], dispatch.counts["sheets"]) == (1, 3)


@pytest.mark.parametrize(("mass", "expected"), [("home", "home"), ("establishment", "establishment")])
def test_the_round_goes_the_way_of_mass_mail(office: Office, member: Member, mass: str, expected: str) -> None:
    other = "establishment" if mass == "home" else "home"
    rule(mass_channel=mass, notice_channel=other)
    draft_first_round(ON, by=office.clerk, on=ON)
    (dispatch,) = dispatches(office, day=True)
    assert dispatch.channel == expected


def replace_number(member: Member, number: str) -> None:
    IndividualNumber.objects.filter(person=member.person).update(
        sealed=crypto.encrypt(number.encode()), blind_index=crypto.blind_index(number)
    )


def test_another_number_after_the_print_is_found_by_the_proof_and_pulled(office: Office, member: Member) -> None:
    dispatch = round_printed(office)
    replace_number(member, NUMBERS[1])
    assert {(d.page, d.field) for d in differences(dispatch)} == {(1, "last_four")}
    assert "個人番号の下4桁" in str(differences(dispatch)[0])
    assert "1019" not in str(differences(dispatch)[0])
    (row,) = confirm(dispatch, by=office.clerk, on=ON)
    assert row.reasons == ("face_changed",)


def test_digits_that_no_longer_belong_there_are_found_by_the_proof(office: Office, member: Member) -> None:
    dispatch = round_printed(office)
    prove_dispatch(dispatch)
    say(member, individual_number_state="mismatch")
    assert (FILE, 1, "last_four") in {(d.file, d.page, d.field) for d in differences(dispatch)}
    (row,) = confirm(dispatch, by=office.clerk, on=ON)
    assert row.reasons == ("face_changed",)
    assert not differences(dispatch)


def test_nothing_keeps_them(office: Office, member: Member, home: Path, caplog: Any) -> None:
    dispatch = round_printed(office)
    leave(dispatch, office)
    kept = json.dumps(
        [list(Event.objects.values_list("note", flat=True)), list(Job.objects.values_list("outcome", "message"))]
    )
    manifest = (files.folder(dispatch) / "manifest.csv").read_text()
    names = " ".join(str(path.name) for path in home.rglob("*"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(n::text, ' ') FROM notices_eligibilitynotice n")
        (rows,) = cursor.fetchone()
    hashes = "".join(PrintedFile.objects.values_list("sha256", flat=True))
    for text in (kept, manifest.replace(hashes, ""), names, caplog.text):
        assert "9018" not in text
    keys = EligibilityNotice.objects.values_list("face_key", "name_key").get()
    assert "9018" not in rows.replace(keys[0], "").replace(keys[1], "")
    assert "9018" not in repr(_face(office))
