"""A recorded printed form stands on every paper from then on, and catches what was printed before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused
from core.paper import readback
from mailing.models import Dispatch
from mailing.papers import files, kinds, letters
from mailing.papers.layouts.address import fields as address_fields
from mailing.services import assemble, confirm, holds_of, print_dispatch, prove_dispatch, pull_list, seal
from members.models import Member
from members.printed_forms import record_form
from members.services import policy_on
from notices.letters.forms.data import form_face
from notices.letters.reading import recipients
from notices.letters.unregistered.data import unregistered_faces
from notices.models import EligibilityNotice
from notices.services import draft
from tests.mailing.build import ON, Office
from tests.notices.play import joined

NABE = "\u9089\U000e0102"
"""邉 with a selector of a collection that the name typeface lacks."""


def reshape(office: Office, member: Member, old: str, new: str, field: str = "name") -> None:
    form = getattr(member.person, field).replace(old, new)
    record_form(member.person, field, form, "字形が書体にないため", by=office.clerk, on=ON)


def dispatch_of(office: Office) -> Dispatch:
    return Dispatch.objects.get(pk=assemble(office.run, by=office.clerk, on=ON).dispatches[-1])


def printed_now(office: Office) -> Dispatch:
    dispatch = dispatch_of(office)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


def texts(dispatch: Dispatch) -> str:
    found = []
    for path in sorted(files.folder(dispatch).glob("*.pdf")):
        with readback.open_pdf(path) as pdf:
            found += [readback.full_text(pdf, number) for number in range(1, len(pdf) + 1)]
    return "\n".join(found)


def reasons(dispatch: Dispatch) -> dict[str, tuple[str, ...]]:
    return {row.serial[-1]: row.reasons for row in pull_list(dispatch, on=ON)}


def test_a_held_paper_is_enclosed_once_its_form_is_recorded(office: Office) -> None:
    members = office.household("0001", [f"渡{NABE} 一郎", "渡 花子"])
    office.certify(members)
    # The insured person's name stands on the dependent's paper as well.
    assert [(h.member_id, h.reason) for h in holds_of(office.run, on=ON)] == [
        (member.pk, "missing_glyph") for member in members
    ]
    reshape(office, members[0], NABE, "\u9089")
    answer = assemble(office.run, by=office.clerk, on=ON)
    assert (answer.held, answer.enclosed["certificates"]) == ({}, 2)
    dispatch = printed_now(office)
    said = texts(dispatch)
    # Face, the dependent's face, the establishment's list, the envelope's address and letter.
    assert said.count("渡\u9089 一郎") == 5 and "\U000e0102" not in said
    assert prove_dispatch(dispatch)["status"] == "proved"
    assert reasons(dispatch) == {}


def test_paper_that_was_printed_before_must_come_out(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    reshape(office, office.members["0002-00"], "髙", "高")
    # The head's name stands on the family's paper too; a dependent's form concerns the dependent's alone.
    assert reasons(printed) == {"3": ("form_changed",), "4": ("form_changed",)}
    reshape(office, office.members["0001-01"], "花", "華")
    assert sorted(reasons(printed)) == ["2", "3", "4"]
    assert "印字する字形が変わった" in pull_list(printed, on=ON)[0].label
    with pytest.raises(Refused, match="3 件"):
        seal(printed, by=office.clerk, on=ON)
    confirm(printed, by=office.clerk, on=ON)
    assert prove_dispatch(printed)["status"] == "proved"
    assert seal(printed, by=office.clerk, on=ON)["status"] == "sealed"


def test_a_form_of_a_name_that_is_not_the_registered_one_any_more_pulls_nothing_by_itself(
    printed: Dispatch, office: Office
) -> None:
    person = office.members["0002-01"].person
    reshape(office, office.members["0002-01"], "髙", "高")
    person.name = "佐藤 二郎"
    person.save()
    assert reasons(printed) == {"4": ("face_changed",)}


def test_a_form_recorded_between_plan_and_print_stands_everywhere(office: Office) -> None:
    members = office.household("0001", ["髙橋 一郎", "髙橋 花子"], coverage_kind="voluntary")
    office.certify(members)
    dispatch = dispatch_of(office)
    assert dispatch.channel == "home"
    reshape(office, members[0], "髙", "高")
    print_dispatch(dispatch, by=office.clerk, on=ON)
    (face,) = letters.sheets(dispatch)
    assert address_fields(face)["recipient"].text == "高橋 一郎 様"
    assert "高橋 一郎 様" in texts(dispatch) and "髙橋 一郎" not in texts(dispatch)
    assert prove_dispatch(dispatch)["status"] == "proved"
    assert reasons(dispatch) == {}


def test_the_legal_name_and_the_name_in_use_each_have_their_form(office: Office) -> None:
    (member,) = office.household("0001", ["髙橋 一郎"], printed_name="髙橋 イチロー")
    (ident,) = office.certify([member])
    policy = policy_on(office.insurer, ON)

    def face() -> tuple[str, str]:
        fields: Any = kinds.CERTIFICATE.faces([ident], policy)[ident].fields()
        return fields["name"], fields["legal_name"]

    reshape(office, member, "髙", "高")
    assert face() == ("髙橋 イチロー", "高橋 一郎")
    reshape(office, member, "髙", "高", "printed_name")
    assert face() == ("高橋 イチロー", "高橋 一郎")


def test_notices_letters_and_forms_show_it_too(office: Office) -> None:
    head, child = joined(office, "0001", "髙橋 一郎", "髙橋 花子")
    draft(office.run, by=office.clerk, on=ON)
    for member in (head, child):
        reshape(office, member, "髙", "高")
    ids = list(EligibilityNotice.objects.order_by("serial").values_list("id", flat=True))
    notices = kinds.NOTICE.faces(ids, policy_on(office.insurer, ON))
    assert {face.name for face in notices.values()} == {"高橋 一郎", "高橋 花子"}  # type: ignore[union-attr]
    to = recipients([child.pk], ON)[child.pk]
    assert (to.name, to.addressee and to.addressee.name) == ("高橋 花子", "高橋 一郎")
    form = form_face("lost", child, ON)
    assert (form.insured_name, form.name) == ("高橋 一郎", "高橋 花子")
    for member in (head, child):
        member.person.individual_number_state = "unregistered"
        member.person.save()
    (letter,), _ = unregistered_faces(office.establishments[:1], ON)
    assert [one.name for one in letter.members] == ["高橋 一郎", "高橋 花子"]


def test_the_files_of_a_form_are_the_same_twice(office: Office, tmp_path: Path) -> None:
    """A lost file of a dispatch with forms comes out byte for byte the same."""
    (member,) = office.household("0001", [f"渡{NABE} 一郎"])
    office.certify([member])
    reshape(office, member, NABE, "\u9089\U000e0110")
    dispatch = printed_now(office)
    (path,) = files.folder(dispatch).glob("certificates*.pdf")
    before = path.read_bytes()
    path.unlink()
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert path.read_bytes() == before
