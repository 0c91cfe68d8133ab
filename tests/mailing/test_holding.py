"""保留 and 封入待ち: each paper named with its reason, on the board, in the queue, in the sums, and at the month's end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.decisions.gaps import Waiting
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Ruling
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance
from kenpo.month.closing import close_month, held_back, still_open
from kenpo.people.board import gaps
from mailing.envelopes import HOLD_NAMES, HOLD_TURNS, HOLDS
from mailing.models import Dispatch, HeldPaper
from mailing.papers.kinds import CERTIFICATE
from mailing.planning import holding
from mailing.post.ledger import Line, ledger
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, review_holds, seal, send
from members.models import Address, Member, MynaStatus, Person
from tests.kenpo.reading import text_of
from tests.mailing.build import ON, Office

LONG = "山田" * 60


def enclose(office: Office) -> list[int]:
    return assemble(office.run, by=office.clerk, on=ON).dispatches


def post(office: Office, number: int) -> None:
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    confirm(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=ON)


def reasons() -> dict[str, str]:
    """記号-番号-枝番 of what is held, with the reason."""
    return {str(row.member): row.reason for row in holding.held().select_related("member")}


@pytest.fixture
def desk(office: Office, client: Client, settings: Any) -> Client:
    settings.KENPO_TODAY = ON
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    return client


@pytest.fixture
def mixed(office: Office) -> Office:
    """One clear, one protected, one without a glyph, one spoilt, one too long."""
    office.certify(office.household("1"))
    office.certify(office.household("2", address_protected=True))
    office.certify(office.household("3", ["山田 \U0002ffff郎"]))
    office.certify(office.household("4", ["山田 〓郎"]))
    office.certify(office.household("5", [LONG]))
    return office


HELD = {"1-2-00": "protected", "1-3-00": "missing_glyph", "1-4-00": "damaged", "1-5-00": "does_not_fit"}


def test_every_reason_has_its_words_and_a_turn() -> None:
    assert set(HOLDS) == set(HOLD_NAMES) == set(HOLD_TURNS)


def test_what_is_left_out_is_a_queue_by_reason_with_whose_turn_it_is(mixed: Office, desk: Client) -> None:
    enclose(mixed)
    assert reasons() == HELD
    told = [queue for queue in desk.get(reverse("admin:index")).context["waiting"] if "保留の書類" in queue.title]
    assert {queue.count for queue in told} == {1}
    assert len(told) == 4 and all("手番：届出の担当者" in queue.title for queue in told)
    for queue in told:
        (row,) = desk.get(queue.url).context["cl"].result_list
        assert HOLD_NAMES[row.reason] in queue.title
        assert desk.get(reverse("admin:mailing_heldpaper_change", args=[row.pk])).status_code == 200
    page = text_of(desk.get(reverse("admin:mailing_heldpaper_changelist")).content.decode())
    for words in ("1-2-00", "安全な送付先の確認中", "届出の担当者", "安全な送付先を入れる", "U+2FFFF", "1-5-00"):
        assert words in page


def test_each_next_step_opens(mixed: Office, desk: Client) -> None:
    from mailing.pages.holds import next_step

    enclose(mixed)
    for row in HeldPaper.objects.select_related("member__person"):
        assert desk.get(next_step(row)[0], follow=True).status_code == 200, row.reason


def test_a_safe_address_ends_the_hold_at_once_and_the_next_planning_takes_it(mixed: Office) -> None:
    enclose(mixed)
    member = mixed.members["2-00"]
    assert member.pk not in holding.waiting(CERTIFICATE).values_list("member", flat=True)
    mixed.address(member, Address.Use.SAFE, "奈良県奈良市")
    assert "1-2-00" not in reasons()
    assert [paper.member for paper in holding.waiting(CERTIFICATE)] == [member]
    enclose(mixed)
    assert not HeldPaper.objects.filter(member=member).exists()
    assert not holding.waiting(CERTIFICATE).exists()


def test_since_when_stays_while_it_is_held(mixed: Office) -> None:
    enclose(mixed)
    review_holds(mixed.insurer, on=ON + timedelta(3))
    assert set(HeldPaper.objects.values_list("since", flat=True)) == {ON}


def test_the_daily_look_finds_what_is_clear_and_what_became_held(mixed: Office) -> None:
    enclose(mixed)
    Person.objects.filter(name__contains="〓").update(name="山田 次郎")
    assert review_holds(mixed.insurer, on=ON) == {"held": 3, "ended": 1}  # the face is not what was decided


@pytest.mark.parametrize(("days", "ends"), [(-1, False), (0, True), (1, True)])
def test_a_hold_whose_cover_has_ended_closes_itself(office: Office, days: int, ends: bool) -> None:
    (member,) = office.household("2", address_protected=True)
    (pk,) = office.certify([member])
    enclose(office)
    lost_on = ON + timedelta(5)
    Member.objects.filter(pk=member.pk).update(lost_on=lost_on)
    review_holds(office.insurer, on=lost_on + timedelta(days))
    assert (EligibilityCertificate.objects.get(pk=pk).status == "voided") is ends
    assert holding.held().exists() is not ends
    assert HeldPaper.objects.exists() is not ends


@pytest.mark.parametrize(("days", "ends"), [(-1, False), (0, False), (1, True)])
def test_a_hold_past_its_valid_day_closes_itself(office: Office, days: int, ends: bool) -> None:
    (pk,) = office.certify(office.household("2", address_protected=True))
    enclose(office)
    last = EligibilityCertificate.objects.get(pk=pk).valid_through
    review_holds(office.insurer, on=last + timedelta(days))
    assert (EligibilityCertificate.objects.get(pk=pk).status == "voided") is ends


def test_a_voided_paper_is_held_no_more(mixed: Office) -> None:
    enclose(mixed)
    paper = EligibilityCertificate.objects.get(member=mixed.members["2-00"])
    advance(paper, "void", by=mixed.clerk, on=ON, reason="取りやめ")
    assert "1-2-00" not in reasons()
    review_holds(mixed.insurer, on=ON)
    assert not HeldPaper.objects.filter(certificate=paper).exists()


def unregistered(office: Office, number: str, name: str) -> Member:
    (member,) = office.household(number, [name])
    MynaStatus.objects.create(person=member.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered")
    return member


def test_the_board_says_held_where_the_planning_left_it_out(office: Office, desk: Client) -> None:
    from kenpo.pages.gap_steps import next_steps

    narrow, changed = unregistered(office, "1", LONG), unregistered(office, "2", "山田 花子")
    office.certify([narrow, changed])
    Person.objects.filter(pk=changed.person_id).update(name="佐藤 花子")
    enclose(office)
    found = {gap.read.member_id: gap for gap in gaps(office.insurer, ON)}
    assert found[narrow.pk].waiting is Waiting.NARROW
    assert found[changed.pk].waiting is Waiting.FACE
    assert all(gap.waiting.label.startswith("保留") and gap.waiting.turn for gap in found.values())
    members = Member.objects.select_related("person").in_bulk(list(found))
    for step in next_steps(list(found.values()), members).values():
        assert desk.get(step.url, follow=True).status_code == 200


def test_a_changed_face_is_decided_anew_by_the_daily_look(office: Office) -> None:
    changed = unregistered(office, "2", "山田 花子")
    office.certify([changed])
    Person.objects.filter(pk=changed.person_id).update(name="佐藤 花子")
    enclose(office)
    review_holds(office.insurer, on=ON)
    review_holds(office.insurer, on=ON)
    old, new = EligibilityCertificate.objects.filter(member=changed).order_by("pk")
    assert (old.status, new.status) == ("voided", "proposed")
    assert Ruling.objects.get().request == f"eligibilitycertificate:{old.pk}"
    assert not HeldPaper.objects.exists()


def elderly(office: Office, member: Member) -> ElderlyBeneficiaryCertificate:
    made = ElderlyBeneficiaryCertificate.objects.create(
        serial="E00000000001",
        member=member,
        run=office.run,
        cause="turns_70",
        copayment_percent=20,
        issued_on=ON,
        effective_on=ON,
        valid_through=date(2031, 7, 31),
        face_key="x" * 64,
    )
    advance(made, "approve", by=office.clerk, on=ON)
    return made


def test_an_approved_elderly_certificate_outside_envelopes_is_in_the_queue(office: Office, desk: Client) -> None:
    paper = elderly(office, *office.household("1"))
    (queue,) = [
        queue
        for queue in desk.get(reverse("admin:index")).context["waiting"]
        if queue.title == "封入を待つ高齢受給者証"
    ]
    assert list(desk.get(queue.url).context["cl"].result_list) == [paper]


def line(kind: str = "certificate", scope: str = "month") -> Line:
    (found,) = (one for one in ledger() if (one.scope, one.kind) == (scope, kind))
    return found


def sums(office: Office) -> str:
    """The sum of what was approved; every sum closes, for every scope."""
    assert all(one.closes for one in ledger()), [one.broken for one in ledger()]
    return next(str(equation) for equation in line().equations if equation.name == "承認")


def test_approved_is_enclosed_held_and_waiting_at_every_step(mixed: Office) -> None:
    assert sums(mixed) == "承認 5 ＝ 封入待ち 5"
    (number,) = enclose(mixed)
    assert sums(mixed) == "承認 5 ＝ 封入 1 ＋ 保留 4"
    post(mixed, number)
    assert sums(mixed) == "承認 5 ＝ 封入 1 ＋ 保留 4"
    advance(
        EligibilityCertificate.objects.get(member=mixed.members["2-00"]),
        "void",
        by=mixed.clerk,
        on=ON,
        reason="取りやめ",
    )
    assert sums(mixed) == "承認 5 ＝ 封入 1 ＋ 保留 3 ＋ 封入前に無効 1"


def test_enclosed_is_printed_and_taken_out(office: Office) -> None:
    office.certify(office.household("1") + office.household("2"))
    (number,) = enclose(office)
    said = {equation.name: str(equation) for equation in line().equations}
    assert said["封入した分"] == "封入した分 2 ＝ 印刷待ち 2"
    Member.objects.filter(pk=office.members["2-00"].pk).update(lost_on=ON)
    post(office, number)
    said = {equation.name: str(equation) for equation in line().equations}
    assert said["封入した分"] == "封入した分 2 ＝ 印刷 1 ＋ 印刷前に外した分 1"
    assert said["承認"] == "承認 2 ＝ 封入 2"
    assert all(one.closes for one in ledger())


def test_a_paper_that_nobody_approved_breaks_the_sum(office: Office) -> None:
    import pgtrigger

    (pk,) = office.certify(office.household("1"), approved=False)
    with pgtrigger.ignore("certificates.EligibilityCertificate:status_change"):
        EligibilityCertificate.objects.filter(pk=pk).update(status="approved")
    assert not line().closes


@pytest.fixture
def approver(office: Office) -> Clerk:
    return Clerk.objects.create_user("approver", role="approver", is_staff=True)


def test_the_month_is_closed_with_what_is_held_named(mixed: Office, approver: Clerk, desk: Client) -> None:
    assert [why for why in still_open(mixed.run) if "1-2-00" in why]
    with pytest.raises(Refused, match="5枚）"):
        close_month(mixed.run, by=approver, on=ON)
    (number,) = enclose(mixed)
    post(mixed, number)
    assert still_open(mixed.run) == []
    told = held_back(mixed.run)
    assert told[0].startswith("保留の書類が 4枚残ります")
    assert {
        key: reason for key, reason in HELD.items() if any(key in one and HOLDS[reason] in one for one in told)
    } == HELD
    desk.force_login(approver)
    url = reverse("admin:certificates_run_close", args=[mixed.run.pk])
    page = text_of(desk.get(url).content.decode())
    assert "1-2-00の資格確認書" in page and HOLDS["protected"] in page
    done = desk.post(url, follow=True)
    assert "保留の書類が 4枚残ります" in text_of(done.content.decode())
    mixed.run.refresh_from_db()
    assert mixed.run.status == "closed"
