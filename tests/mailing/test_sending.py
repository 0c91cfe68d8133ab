"""Pull list, seal and send: what left meanwhile comes out, and the numbers close."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from certificates.decisions import ruling
from certificates.models import EligibilityCertificate, Recovery, Run
from core.errors import Refused
from core.models import Clerk, Event
from core.paper import readback
from mailing.models import Dispatch, Pull
from mailing.papers import files
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, pull_list, seal, send
from members.models import Member, MynaStatus, Person, Policy
from members.printed_forms import record_form
from tests.mailing.build import ON, Office

POSTED_ON = date(2026, 11, 12)


def leaves(office: Office, key: str, on: date = ON) -> None:
    member = office.members[key]
    member.lost_on = on
    member.save()


def statuses() -> list[str]:
    return list(EligibilityCertificate.objects.order_by("serial").values_list("status", flat=True))


def test_nothing_to_pull_then_sealed_and_sent(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    assert pull_list(printed, on=ON) == []
    sealed = seal(printed, by=office.clerk, on=ON)
    assert seal(printed, by=office.clerk, on=ON) == sealed
    answer = send(printed, by=office.clerk, on=POSTED_ON)
    assert (answer["status"], answer["sent"], answer["pulled"], answer["decided"]) == ("sent", 5, 0, 5)
    certificate = EligibilityCertificate.objects.first()
    assert certificate is not None
    assert (certificate.sent_on, certificate.arrives_on) == (POSTED_ON, POSTED_ON + timedelta(10))
    events = Event.objects.count()
    assert send(printed, by=office.clerk, on=POSTED_ON + timedelta(3)) == answer
    assert Event.objects.count() == events
    assert prove_dispatch(printed)["status"] == "sent"


def test_unproved_paper_cannot_be_sealed_and_unsealed_paper_cannot_be_sent(printed: Dispatch, office: Office) -> None:
    with pytest.raises(Refused, match="照合"):
        seal(printed, by=office.clerk, on=ON)
    prove_dispatch(printed)
    with pytest.raises(Refused, match="封緘"):
        send(printed, by=office.clerk, on=ON)


def test_a_leaver_is_listed_pulled_voided_and_the_ledger_closes(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    leaves(office, "0001-01")
    (row,) = pull_list(printed, on=ON)
    assert (row.position, row.establishment_code, row.reasons, row.confirmed) == (1, "001", ("left",), False)
    assert row.label == "資格がなくなった" and row.cover == "1-0001-01"
    with pytest.raises(Refused, match="1 件"):
        seal(printed, by=office.clerk, on=ON)
    (row,) = confirm(printed, by=office.clerk, on=ON)
    assert row.confirmed
    before = Pull.objects.values_list("confirmed_at", flat=True).get()
    assert confirm(printed, by=office.clerk, on=ON) == [row]
    assert Pull.objects.values_list("confirmed_at", flat=True).get() == before
    assert statuses() == ["printed", "voided", "printed", "printed", "printed"]
    seal(printed, by=office.clerk, on=ON)
    answer = send(printed, by=office.clerk, on=POSTED_ON)
    assert (answer["decided"], answer["printed"], answer["pulled"], answer["sent"]) == (5, 5, 1, 4)
    assert prove_dispatch(printed)["status"] == "sent"


@pytest.mark.parametrize(("lost_in", "posted"), [(-1, False), (0, False), (1, True)])
def test_who_leaves_between_sealing_and_the_post_is_taken_out_first(
    printed: Dispatch, office: Office, lost_in: int, posted: bool
) -> None:
    prove_dispatch(printed)
    seal(printed, by=office.clerk, on=ON)
    leaves(office, "0001-01", on=POSTED_ON + timedelta(lost_in))
    if posted:
        assert send(printed, by=office.clerk, on=POSTED_ON)["sent"] == 5
        return
    with pytest.raises(Refused, match="1 件"):
        send(printed, by=office.clerk, on=POSTED_ON)
    confirm(printed, by=office.clerk, on=POSTED_ON)
    assert send(printed, by=office.clerk, on=POSTED_ON)["sent"] == 4


def test_the_insured_persons_leaving_takes_the_family_and_the_list_shrinks(printed: Dispatch, office: Office) -> None:
    leaves(office, "0002-00")
    assert [r.reasons for r in pull_list(printed, on=ON)] == [("left",), ("left",)]
    assert pull_list(printed, on=ON - timedelta(1)) == []
    confirm(printed, by=office.clerk, on=ON)
    with readback.open_pdf(files.folder(printed) / "covers-0001.pdf") as pdf:
        assert len(pdf) == 3  # 差出内訳, 送付内訳, list
        posting, packing, listed = ("".join(readback.full_text(pdf, n).split()) for n in (1, 2, 3))
    assert "1束3枚3枚2通" in posting
    assert "3枚3枚2通" in packing
    assert "封筒2通枚数3枚" in listed
    assert prove_dispatch(printed)["pulled"] == 2


def test_a_list_is_brought_up_to_date(printed: Dispatch, office: Office) -> None:
    leaves(office, "0001-01")
    assert len(pull_list(printed, on=ON)) == 1
    member = office.members["0001-01"]
    member.lost_on = None
    member.save()
    assert pull_list(printed, on=ON) == []
    assert not Pull.objects.exists()


def test_a_changed_name_is_pulled_and_then_the_rest_is_proved(printed: Dispatch, office: Office) -> None:
    person = office.members["0001-01"].person
    person.name = "佐藤 花子"
    person.save()
    with pytest.raises(Refused):
        prove_dispatch(printed)
    (row,) = confirm(printed, by=office.clerk, on=ON)
    assert row.reasons == ("face_changed",)
    assert prove_dispatch(printed)["status"] == "proved"


def test_who_became_protected_comes_out_and_off_the_list(printed: Dispatch, office: Office) -> None:
    person = office.members["0001-00"].person
    person.address_protected = True
    person.save()
    rows = pull_list(printed, on=ON)
    assert [r.reasons for r in rows] == [("protected",), ("protected",)]  # the envelope names the household
    confirm(printed, by=office.clerk, on=ON)
    with readback.open_pdf(files.folder(printed) / "covers-0001.pdf") as pdf:
        assert not any("山田" in readback.full_text(pdf, n + 1) for n in range(len(pdf)))


@pytest.mark.parametrize("change", ["moved", "protected", "form_changed"])
def test_whoever_is_still_due_paper_gets_the_same_decision_under_another_serial(
    printed: Dispatch, office: Office, change: str
) -> None:
    member = office.members["0001-01"]
    if change == "moved":
        for key in ("0001-00", "0001-01"):
            Member.objects.filter(pk=office.members[key].pk).update(establishment=office.establishments[1])
    elif change == "protected":
        Person.objects.filter(pk=member.person_id).update(address_protected=True)
    else:
        form = member.person.name.replace("花", "華")
        record_form(member.person, "name", form, "字形が書体にないため", by=office.clerk, on=ON)
    assert (change,) in {row.reasons for row in pull_list(printed, on=ON)}
    confirm(printed, by=office.clerk, on=ON)
    confirm(printed, by=office.clerk, on=ON)
    old = EligibilityCertificate.objects.get(member=member, status="voided")
    new = EligibilityCertificate.objects.get(member=member, status="proposed")
    assert new.serial != old.serial
    assert (new.ground, new.effective_on, new.valid_through, new.face_key) == (
        old.ground,
        old.effective_on,
        old.valid_through,
        old.face_key,
    )


def test_a_face_that_changed_without_a_filing_is_decided_anew(printed: Dispatch, office: Office) -> None:
    changed, granted = office.members["0001-01"], office.members["0002-01"]
    EligibilityCertificate.objects.filter(member=granted).update(basis="application", ground="needs_assistance")
    for member in (changed, granted):
        Person.objects.filter(pk=member.person_id).update(name="佐藤 花子")
    confirm(printed, by=office.clerk, on=ON)
    for member, cause, basis in ((changed, "pulled", "ex_officio"), (granted, "pulled", "application")):
        old = EligibilityCertificate.objects.get(member=member, status="voided")
        new = EligibilityCertificate.objects.get(member=member, status="proposed")
        assert new.face_key != old.face_key
        assert new.ruling is not None and (new.ruling.cause, new.basis) == (cause, basis)
        assert (again := ruling.replayed(new.ruling)).certificate is not None
        assert (again.outcome, again.reason, again.certificate.valid_through) == (
            "issue",
            new.ground,
            new.valid_through,
        )
        assert new.ruling.request == f"eligibilitycertificate:{old.pk}"


def test_who_left_or_registered_gets_nothing_anew(printed: Dispatch, office: Office) -> None:
    leaves(office, "0001-01")
    MynaStatus.objects.create(
        person=office.members["0003-00"].person,
        as_of=date(2026, 11, 8),
        source="daily",
        state="registered",
        registered_on=date(2026, 11, 7),
        e_certificate_expires_on=date(2030, 1, 31),
    )
    confirm(printed, by=office.clerk, on=ON)
    assert not EligibilityCertificate.objects.filter(status="proposed").exists()


def test_a_move_between_employers_and_a_card_registered_meanwhile(printed: Dispatch, office: Office) -> None:
    for key in ("0002-00", "0002-01"):
        member = office.members[key]
        member.establishment = office.establishments[0]
        member.save()
    MynaStatus.objects.create(
        person=office.members["0003-00"].person,
        as_of=date(2026, 11, 8),
        source="daily",
        state="registered",
        registered_on=date(2026, 11, 7),
        e_certificate_expires_on=date(2030, 1, 31),
    )
    assert [r.reasons for r in pull_list(printed, on=ON)] == [("registered",), ("moved",), ("moved",)]


def test_paper_straight_home_is_pulled_when_the_address_changes(office: Office) -> None:
    (member,) = office.household("0001", coverage_kind="voluntary")
    office.certify([member])
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert pull_list(dispatch, on=ON) == []
    office.address(member, "mailing", "大阪市")
    assert [r.reasons for r in pull_list(dispatch, on=ON)] == [("moved",)]


def test_home_paper_arrives_sooner(office: Office) -> None:
    office.certify(office.household("0001", coverage_kind="voluntary"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=POSTED_ON)
    assert EligibilityCertificate.objects.get().arrives_on == POSTED_ON + timedelta(3)
    assert not Recovery.objects.exists()


def test_a_file_changed_after_the_proof_stops_the_seal(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    path = files.folder(printed) / "certificates-0002.pdf"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Refused, match=r"certificates-0002\.pdf"):
        seal(printed, by=office.clerk, on=ON)


def test_numbers_that_do_not_close_stop_the_seal(printed: Dispatch, office: Office) -> None:
    from mailing.models import Enclosure

    prove_dispatch(printed)
    Enclosure.objects.filter(pk=Enclosure.objects.order_by("-id").values_list("id")[0][0]).update(active=False)
    with pytest.raises(Refused):
        seal(printed, by=office.clerk, on=ON)


def test_an_auditor_can_do_nothing_here(printed: Dispatch) -> None:
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    prove_dispatch(printed)
    for act in (seal, confirm):
        with pytest.raises(Refused, match="権限"):
            act(printed, by=auditor, on=ON)


@pytest.mark.parametrize("recover", [True, False])
@pytest.mark.parametrize(
    ("file", "source", "pulled"), [(9, "monthly", True), (1, "monthly", False), (None, "inquiry", False)]
)
def test_a_correction_of_the_very_file_calls_printed_paper_back(
    office: Office, recover: bool, file: int | None, source: str, pulled: bool
) -> None:
    """Whatever the policy says of recovery: the paper was decided on a mistaken row and is not posted yet."""
    policy = Policy.objects.get()
    Policy.objects.update(values={**policy.values, "recover_on_registration": recover})
    Run.objects.filter(pk=office.run.pk).update(policy={**office.run.policy, "recover_on_registration": recover})
    office.run.refresh_from_db()
    (member,) = office.household("0001")
    office.certify([member])
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    MynaStatus.objects.create(
        person=member.person,
        as_of=office.run.as_of,
        source=source,
        state="registered",
        created_on=ON,
        file_id=file,
        registered_on=date(2022, 6, 1),
        e_certificate_expires_on=date(2030, 1, 31),
    )
    found = [row.reasons for row in pull_list(dispatch, on=ON)]
    assert found == ([("registered",)] if pulled else [])
