"""Paper outside the month: what was decided by a ruling leaves the same day, by the same rules as the month's."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest
from django.test import Client

from certificates.decisions import ruling
from certificates.models import Application, EligibilityCertificate, Ruling
from certificates.requests import applications
from certificates.requests.applications.intake import Form
from core.errors import Refused
from core.models import Clerk, Event, Job
from mailing.models import Dispatch, Enclosure
from mailing.papers import files
from mailing.services import (
    assemble,
    assemble_day,
    cancel,
    confirm,
    holds_of_day,
    print_dispatch,
    prove_dispatch,
    pull_list,
    seal,
    send,
)
from members.models import Member, MynaStatus, Policy
from members.policy import build as build_policy
from tests.conftest import run_command
from tests.kenpo.reading import text_of
from tests.mailing.build import ON, Office

LATER = ON + timedelta(2)


@pytest.fixture
def other(office: Office) -> Clerk:
    return Clerk.objects.create_user("tanaka", role="clerk")


def granted(office: Office, other: Clerk, member: Member, *, on: date = ON) -> Application:
    """An application taken in by one clerk and granted by the other: its certificate is approved at once."""
    application = applications.receive(member, Form("issue", "lost_card", on, "establishment"), on=on, by=office.clerk)
    applications.grant(application, by=other, on=on)
    application.refresh_from_db()
    return application


def ruled(member: Member, state: str, *, on: date = ON) -> Ruling:
    """A case settled by what the fund said of the day before."""
    MynaStatus.objects.create(person=member.person, as_of=on - timedelta(1), source="daily", state=state)
    return ruling.rule(member.pk, cause=Ruling.Cause.NEWER_ROW, request=f"decision:{member.pk}", on=on, by=None)


def post(dispatch: Dispatch, office: Office, *, on: date = ON) -> None:
    print_dispatch(dispatch, by=office.clerk, on=on)
    prove_dispatch(dispatch)
    confirm(dispatch, by=office.clerk, on=on)
    seal(dispatch, by=office.clerk, on=on)
    send(dispatch, by=office.clerk, on=on)


def test_from_the_granted_application_to_the_post_on_one_day(office: Office, other: Clerk) -> None:
    (member,) = office.household("0001")
    application = granted(office, other, member)

    answer = assemble_day(ON, by=office.clerk)
    (dispatch,) = Dispatch.objects.all()
    assert (answer.dispatches, answer.enclosed["certificates"], answer.held) == ([dispatch.pk], 1, {})
    assert (dispatch.run, dispatch.insurer, dispatch.assembled_on) == (None, office.insurer, ON)
    assert applications.finish_sent(ON) == 0
    post(dispatch, office)

    certificate = EligibilityCertificate.objects.get(member=member)
    assert (certificate.status, certificate.sent_on) == ("sent", ON)
    assert certificate.arrives_on == ON + timedelta(10)
    assert applications.finish_sent(ON) == 1
    application.refresh_from_db()
    assert application.status == "done"
    with (files.folder(dispatch) / "manifest.csv").open(encoding="utf-8") as manifest:
        (row,) = csv.DictReader(manifest)
    assert (row["serial"], row["kind"], row["establishment_code"]) == (certificate.serial, "certificate", "001")


def test_twice_is_once_and_the_day_keeps_its_ids(office: Office, other: Clerk) -> None:
    granted(office, other, office.household("0001")[0])
    first = assemble_day(ON, by=office.clerk)
    assert assemble_day(ON, by=office.clerk) == first
    granted(office, other, office.household("0002")[0])
    second = assemble_day(ON, by=office.clerk)
    assert (second.enclosed["certificates"], len(second.dispatches)) == (2, 2)
    assert second.dispatches[0] == first.dispatches[0]
    assert assemble_day(LATER, by=office.clerk).dispatches == []
    assert Enclosure.objects.count() == 2


def test_month_and_day_leave_each_others_paper_alone(office: Office, other: Clerk) -> None:
    office.certify(office.household("0001"))
    granted(office, other, office.household("0002")[0])
    day, month = assemble_day(ON, by=office.clerk), assemble(office.run, by=office.clerk, on=ON)
    assert (day.enclosed["certificates"], month.enclosed["certificates"]) == (1, 1)
    assert not set(day.dispatches) & set(month.dispatches)
    assert assemble(office.run, by=office.clerk, on=ON) == month


def test_what_awaits_approval_stays_out(office: Office) -> None:
    (member,) = office.household("0001")
    granted(office, office.clerk, member)  # the clerk who took the form in granted it: a second one approves
    assert EligibilityCertificate.objects.get().status == "proposed"
    assert assemble_day(ON, by=office.clerk).dispatches == []


def test_the_same_holds_as_in_the_month(office: Office, other: Clerk) -> None:
    names = ["山田 太郎", "山\U000e0fff田 太郎", "山田 太郎", "山田 太郎", "山田 太郎"]
    people = [office.household(f"{n:04d}", [name])[0] for n, name in enumerate(names, start=1)]
    for member in people:
        granted(office, other, member)
    hidden, _, changed, left, _ = people
    hidden.person.address_protected = True
    hidden.person.save()
    changed.person.name = "佐藤 太郎"
    changed.person.save()
    left.lost_on = ON
    left.save()
    answer = assemble_day(ON, by=office.clerk)
    assert answer.held == {"cover_ended": 1, "face_changed": 1, "missing_glyph": 1, "protected": 1}
    assert answer.enclosed["certificates"] == 1
    assert holds_of_day(ON) == answer.holds
    office.address(hidden, "safe", "大阪市北区梅田一丁目")
    again = assemble_day(ON, by=office.clerk)
    assert (again.enclosed["certificates"], Dispatch.objects.filter(to_safe_address=True).count()) == (2, 1)


def test_a_family_of_the_day_shares_its_envelope(office: Office, other: Clerk) -> None:
    for member in office.household("0001", ["山田 太郎", "山田 花子"]):
        granted(office, other, member)
    (dispatch,) = assemble_day(ON, by=office.clerk).dispatches
    assert Dispatch.objects.get(pk=dispatch).counts["envelopes"] == 1


def test_the_settings_of_the_day_count(office: Office, other: Clerk) -> None:
    Policy.objects.create(
        insurer=office.insurer,
        valid_from=LATER,
        preset="toyobo",
        values=build_policy("toyobo", {"form": "card", "certificate_channel": "home"}).as_json(),
    )
    granted(office, other, office.household("0001")[0])
    assemble_day(ON, by=office.clerk)
    granted(office, other, office.household("0002")[0], on=LATER)
    assemble_day(LATER, by=office.clerk)
    kinds = list(Dispatch.objects.order_by("pk").values_list("form", "channel"))
    assert kinds == [("postcard", "establishment"), ("card", "home")]
    for dispatch in Dispatch.objects.order_by("pk"):
        print_dispatch(dispatch, by=office.clerk, on=LATER)
        assert prove_dispatch(dispatch)["status"] == "proved"


def test_print_claims_once(office: Office, other: Clerk) -> None:
    granted(office, other, office.household("0001")[0])
    dispatch = Dispatch.objects.get(pk=assemble_day(ON, by=office.clerk).dispatches[0])
    first = print_dispatch(dispatch, by=office.clerk, on=ON)
    events = Event.objects.count()
    assert print_dispatch(dispatch, by=office.clerk, on=LATER) == first
    assert Event.objects.count() == events
    assert (dispatch.printed_on, Enclosure.objects.get().file.dispatch) == (ON, dispatch)


def test_a_cancelled_day_gives_its_paper_back(office: Office, other: Clerk) -> None:
    granted(office, other, office.household("0001")[0])
    (first,) = assemble_day(ON, by=office.clerk).dispatches
    cancel(Dispatch.objects.get(pk=first), by=office.clerk, on=ON, reason="様式の変更")
    (second,) = assemble_day(LATER, by=office.clerk).dispatches
    assert second != first


@pytest.mark.parametrize(("days", "pulled"), [(-2, False), (-1, False), (0, True)])
def test_who_registers_after_the_ruling_is_pulled(office: Office, days: int, pulled: bool) -> None:
    """The row that the ruling read is of the day before; only a newer one speaks against its certificate."""
    (member,) = office.household("0001")
    ruling.approve(ruled(member, "not_registered"), by=office.clerk, on=ON)
    dispatch = Dispatch.objects.get(pk=assemble_day(ON, by=office.clerk).dispatches[0])
    print_dispatch(dispatch, by=office.clerk, on=ON)
    MynaStatus.objects.create(
        person=member.person,
        as_of=ON + timedelta(days),
        source="daily",
        state="registered",
        e_certificate_expires_on=date(2031, 4, 1),
    )
    assert [row.reasons for row in pull_list(dispatch, on=ON)] == ([("registered",)] if pulled else [])


def test_who_leaves_before_the_post_is_pulled_and_the_ledger_closes(office: Office, other: Clerk) -> None:
    stays, leaves = office.household("0001", ["山田 太郎", "山田 花子"])
    for member in (stays, leaves):
        granted(office, other, member)
    dispatch = Dispatch.objects.get(pk=assemble_day(ON, by=office.clerk).dispatches[0])
    print_dispatch(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    leaves.lost_on = ON
    leaves.save()
    with pytest.raises(Refused, match="1 件"):
        seal(dispatch, by=office.clerk, on=ON)
    confirm(dispatch, by=office.clerk, on=ON)
    seal(dispatch, by=office.clerk, on=ON)
    counts = send(dispatch, by=office.clerk, on=ON)
    assert (counts["decided"], counts["pulled"], counts["sent"]) == (2, 1, 1)


def test_an_auditor_is_refused_and_so_is_a_day_without_settings(office: Office) -> None:
    with pytest.raises(Refused, match="権限"):
        assemble_day(ON, by=Clerk.objects.create_user("auditor", role="auditor"))
    with pytest.raises(Refused, match="運用設定"):
        assemble_day(date(2024, 12, 1), by=office.clerk)


def test_the_command_says_what_was_enclosed_and_what_waits(office: Office, other: Clerk) -> None:
    granted(office, other, office.household("0001")[0])
    (hidden,) = office.household("0002", nondisclosure=True)
    ruling.approve(ruled(hidden, "not_registered"), by=office.clerk, on=ON)
    said = run_command("assemble_day", "--by", "haraguchi", "--on", ON.isoformat())
    assert said.code == 0, said.err
    (dispatch,) = Dispatch.objects.all()
    assert said.json == {
        "dispatches": [dispatch.pk],
        "held": {"protected": 1},
        "certificates": 1,
        "elderly": 0,
        "notices": 0,
    }
    assert "1-0002-00 の資格確認書" in said.out and "山田" not in said.out
    assert run_command("assemble_day", "--by", "haraguchi", "--on", ON.isoformat()).json == said.json
    assert Job.objects.get(key=f"assemble_day {ON.isoformat()}").attempts == 2


def test_the_page_names_a_hold_by_the_number_clerks_know(office: Office, client: Client) -> None:
    (member,) = office.household("0007")
    granted(office, Clerk.objects.create_user("tanaka", role="clerk"), member)
    member.person.address_protected = True
    member.person.save()
    client.force_login(Clerk.objects.create_user("haso", role="dispatcher", is_staff=True))
    said = text_of(client.get("/admin/mailing/dispatch/day/").content.decode())
    assert f"保留 {member}の資格確認書" in said and f"加入者 {member.pk} " not in said
