"""引受番号: read as printed, once per dispatch, by hand, by scan or by file; delivered by number."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from certificates.decisions.gaps import gaps
from core.errors import Refused
from core.models import Clerk, Event
from core.web.html import page_url
from kenpo.people.answers import answers
from mailing.models import Dispatch, Enclosure, Tracking
from mailing.post import returns, tracking
from mailing.services import assemble, prove_dispatch, seal, send
from members.models import Member, MynaStatus
from notices.models import EligibilityNotice
from notices.services import draft
from tests.kenpo.reading import text_of
from tests.mailing.build import ON, Office
from tests.mailing.test_returns import BACK_ON, POSTED_ON, post, posted  # noqa: F401
from tests.notices.play import joined, rule

GOOD, NEXT = "131-12-38385-2", "131-12-38386-3"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (GOOD, "13112383852"),
        ("１３１－１２－３８３８５－２", "13112383852"),
        ("A13112383852A", "13112383852"),
        ("1234-5678-9012", "123456789012"),
        ("1234567890123", "1234567890123"),
        ("1234567890", ""),
        ("12345678901234", ""),
        ("1-00001-8", ""),
        ("", ""),
        ("ABC", ""),
    ],
)
def test_a_number_is_read_as_printed(text: str, number: str) -> None:
    assert tracking.read_number(text) == number


def test_the_check_digit_is_the_rest_by_seven() -> None:
    assert tracking.check_digit_fits("13112383852")
    assert not tracking.check_digit_fits("13112383853")
    assert tracking.shown("13112383852") == GOOD


def codes(dispatch: Dispatch) -> list[str]:
    return list(dispatch.envelopes.order_by("position").values_list("code", flat=True))


def said(dispatch: Dispatch, office: Office, *rows: tuple[str, str]) -> list[str]:
    found = tracking.enter(rows, by=office.clerk, on=POSTED_ON)
    return [v.mistake.expected if v.mistake else v.warning for v in found]


def test_entered_once_and_again_changes_nothing(posted: Dispatch, office: Office) -> None:  # noqa: F811
    first, second = codes(posted)
    done = tracking.enter([(first, GOOD), (second, NEXT)], by=office.clerk, on=POSTED_ON)
    assert [(v.taken, v.warning) for v in done] == [(True, ""), (True, "")]
    events = Event.objects.count()
    again = tracking.enter([(first, GOOD)], by=office.clerk, on=POSTED_ON)
    assert [(v.taken, v.already) for v in again] == [(False, True)]
    assert (Tracking.objects.count(), Event.objects.count()) == (2, events)


def test_a_wrong_check_digit_only_warns(posted: Dispatch, office: Office) -> None:  # noqa: F811
    (warned,) = said(posted, office, (codes(posted)[0], "131-12-38385-3"))
    assert "検証番号" in warned
    assert Tracking.objects.get().number == "13112383853"


def test_a_number_twice_or_another_number_is_refused(posted: Dispatch, office: Office) -> None:  # noqa: F811
    first, second = codes(posted)
    assert "記録済み" in said(posted, office, (first, GOOD), (second, GOOD))[1]
    assert "別の引受番号" in said(posted, office, (first, NEXT))[0]
    assert "封筒番号" in said(posted, office, ("1-77777-1", NEXT))[0]
    assert "11～13桁" in said(posted, office, (second, "12"))[0]
    assert Tracking.objects.count() == 1


def test_an_envelope_emptied_or_not_yet_printed_gets_none(posted: Dispatch, office: Office) -> None:  # noqa: F811
    Enclosure.objects.filter(envelope__position=2).update(active=False)
    assert "引き抜いて" in said(posted, office, (codes(posted)[1], GOOD))[0]
    office.certify(office.household("0009", coverage_kind="voluntary"))
    number = max(assemble(office.run, by=office.clerk, on=ON).dispatches)
    assert "印刷した後" in said(posted, office, (codes(Dispatch.objects.get(pk=number))[0], GOOD))[0]


def test_through_an_establishment_the_bundle_has_the_number(printed: Dispatch, office: Office) -> None:
    first, second, other = codes(printed)
    assert said(printed, office, (first, GOOD)) == [""]
    found = Tracking.objects.get()
    assert (found.establishment_id, found.envelope_id) == (office.establishments[0].pk, None)
    of_bundle = {v.code: v.establishment_id for v in printed.envelopes.all()}
    same = next(c for c in (second, other) if of_bundle[c] == of_bundle[first])
    assert tracking.enter([(same, GOOD)], by=office.clerk, on=ON)[0].already


def test_a_number_can_be_taken_back_with_a_reason(posted: Dispatch, office: Office) -> None:  # noqa: F811
    said(posted, office, (codes(posted)[0], GOOD))
    with pytest.raises(Refused, match="理由"):
        tracking.withdraw(Tracking.objects.get(), by=office.clerk, on=BACK_ON, reason=" ")
    tracking.withdraw(Tracking.objects.get(), by=office.clerk, on=BACK_ON, reason="貼り違い")
    assert not Tracking.objects.exists()
    assert said(posted, office, (codes(posted)[1], GOOD)) == [""]


@pytest.mark.parametrize(("after", "taken"), [(-1, False), (0, True), (8, True), (9, False)])
def test_delivered_between_the_posting_and_today(posted: Dispatch, office: Office, after: int, taken: bool) -> None:  # noqa: F811
    said(posted, office, (codes(posted)[0], GOOD))
    day = POSTED_ON + timedelta(after)
    (verdict,) = tracking.deliver([(GOOD, day.isoformat())], by=office.clerk, on=POSTED_ON + timedelta(8))
    assert verdict.taken is taken
    assert Tracking.objects.get().delivered_on == (day if taken else None)


def test_delivered_again_and_otherwise(posted: Dispatch, office: Office) -> None:  # noqa: F811
    said(posted, office, (codes(posted)[0], GOOD))
    rows = [(GOOD, "2026-11-13"), (GOOD, "2026-11-13"), (GOOD, "2026-11-14"), (NEXT, "2026-11-13"), (GOOD, "13日")]
    found = tracking.deliver(rows, by=office.clerk, on=BACK_ON)
    assert [(v.taken, v.already, v.mistake is not None) for v in found] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
        (False, False, True),
        (False, False, True),
    ]
    with pytest.raises(Refused, match="配達済み"):
        tracking.withdraw(Tracking.objects.get(), by=office.clerk, on=BACK_ON, reason="誤り")


@pytest.mark.parametrize("delivered", [1, 3, 6], ids=["sooner", "as estimated", "later"])
def test_what_the_post_delivers_to_a_home_is_in_hand_from_that_day(office: Office, delivered: int) -> None:
    """Posted on the 12th and estimated for the 15th; only the first envelope, with both of its people, has a number."""
    for number, names in (("0001", ["山田 太郎", "山田 花子"]), ("0002", ["佐藤 一郎"])):
        household = office.household(number, names, coverage_kind="voluntary")
        Member.objects.filter(pk__in=[one.pk for one in household]).update(acquired_on=date(2026, 4, 1))
        office.certify(household)
        for member in household:
            MynaStatus.objects.create(
                person=member.person, as_of=date(2026, 10, 31), source="monthly", state="not_registered"
            )
    dispatch = post(office)
    said(dispatch, office, (codes(dispatch)[0], GOOD))
    day = POSTED_ON + timedelta(delivered)
    tracking.deliver([(GOOD, day.isoformat())], by=office.clerk, on=POSTED_ON + timedelta(8))
    first = Enclosure.objects.filter(envelope__position=1).values_list("certificate__arrives_on", flat=True)
    second = Enclosure.objects.filter(envelope__position=2).values_list("certificate__arrives_on", flat=True)
    assert (set(first), set(second)) == ({day}, {POSTED_ON + timedelta(3)})
    waiting = [len(gaps(office.insurer, day + timedelta(after))) for after in (-1, 0, 1)]
    others = [int(day + timedelta(after) < POSTED_ON + timedelta(3)) for after in (-1, 0, 1)]
    assert waiting == [2 + others[0], others[1], others[2]]


def test_what_is_delivered_is_in_hand_for_everybody_on_its_sheet(office: Office) -> None:
    rule(notice_channel="home", notice_unit="household")
    joined(office, "0001", "山田 太郎", "山田 花子")
    draft(office.run, by=office.clerk, on=ON)
    dispatch = post(office)
    said(dispatch, office, (codes(dispatch)[0], GOOD))
    tracking.deliver([(GOOD, "2026-11-13")], by=office.clerk, on=BACK_ON)
    first, second = EligibilityNotice.objects.order_by("pk")
    assert (first.leader, second.leader) == (None, first)
    assert [first.arrives_on, second.arrives_on] == [date(2026, 11, 13)] * 2


AGAIN = "200-00-00000-5"


def sent_again(dispatch: Dispatch, office: Office, on: date) -> tuple[Any, list[date]]:
    """The first envelope came back and went home again on the day, under a number of its own; its papers' days."""
    returned = returns.receive(codes(dispatch)[0], reason="moved", by=office.clerk, on=on).returned
    made = returns.send_again(returned, by=office.clerk, on=on)
    assert said(dispatch, office, (made.code, AGAIN)) == [""]
    return made, arrivals(1)


def arrivals(position: int) -> list[date]:
    inside = Enclosure.objects.filter(envelope__position=position).order_by("position")
    return list(inside.values_list("certificate__arrives_on", flat=True))


def test_what_is_told_late_of_the_first_posting_leaves_what_is_in_the_post_again(
    posted: Dispatch,  # noqa: F811
    office: Office,
) -> None:
    said(posted, office, (codes(posted)[0], GOOD))
    again = POSTED_ON + timedelta(4)
    _, expected = sent_again(posted, office, again)
    late = (POSTED_ON + timedelta(1)).isoformat()
    (verdict,) = tracking.deliver([(GOOD, late)], by=office.clerk, on=again)
    assert verdict.taken and arrivals(1) == expected
    day = again + timedelta(1)
    tracking.deliver([(AGAIN, day.isoformat()), (GOOD, late)], by=office.clerk, on=day)
    assert arrivals(1) == [day, day]


@pytest.mark.parametrize(("channel", "after"), [("counter", 0), ("establishment", 10)])
def test_what_is_told_late_leaves_what_was_handed_over(
    posted: Dispatch,  # noqa: F811
    office: Office,
    channel: str,
    after: int,
) -> None:
    said(posted, office, (codes(posted)[0], GOOD))
    again = POSTED_ON + timedelta(4)
    returned = returns.receive(codes(posted)[0], reason="moved", by=office.clerk, on=again).returned
    returns.hand_over(returned, channel, by=office.clerk, on=again)
    tracking.deliver([(GOOD, POSTED_ON.isoformat())], by=office.clerk, on=again)
    assert set(arrivals(1)) == {again + timedelta(after)}


def test_the_answer_tells_the_number_of_the_newest_posting_and_nobody_else_s(office: Office) -> None:
    """The second household's envelope has no number, the first's went to the post once more under another."""

    def numbers(on: date) -> list[list[str]]:
        covers = [office.members[key] for key in ("0001-00", "0001-01", "0002-00")]
        told = answers(office.insurer, covers, on)
        return [re.findall(r"引受番号は([-\d]+)です", told[cover.pk].sentence) for cover in covers]

    households = [("0001", ["山田 太郎", "山田 花子"]), ("0002", ["佐藤 一郎"])]
    made = [office.household(number, names, coverage_kind="voluntary") for number, names in households]
    Member.objects.update(acquired_on=date(2026, 4, 1))
    for household in made:
        office.certify(household)
    dispatch = post(office)
    said(dispatch, office, (codes(dispatch)[0], GOOD))
    assert numbers(POSTED_ON) == [[GOOD], [GOOD], []]
    again = POSTED_ON + timedelta(4)
    returned = returns.receive(codes(dispatch)[0], reason="moved", by=office.clerk, on=again).returned
    resend = returns.send_again(returned, by=office.clerk, on=again)
    assert numbers(again) == [[], [], []]
    said(dispatch, office, (resend.code, AGAIN))
    assert numbers(again) == [[AGAIN], [AGAIN], []]


def test_a_wrong_day_of_delivery_is_taken_back_with_a_reason(
    posted: Dispatch,  # noqa: F811
    office: Office,
    client: Client,
    settings: Any,
) -> None:
    settings.KENPO_TODAY = BACK_ON
    said(posted, office, (codes(posted)[0], GOOD))
    expected, day = arrivals(1), POSTED_ON + timedelta(1)
    number = Tracking.objects.get()
    with pytest.raises(Refused, match="配達済みと記録していません"):
        tracking.take_back_delivery(number, by=office.clerk, on=BACK_ON, reason="誤り")
    tracking.deliver([(GOOD, day.isoformat())], by=office.clerk, on=BACK_ON)
    with pytest.raises(Refused, match="理由"):
        tracking.take_back_delivery(number, by=office.clerk, on=BACK_ON, reason=" ")
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    with pytest.raises(Refused, match="権限"):
        tracking.take_back_delivery(number, by=auditor, on=BACK_ON, reason="誤り")
    (verdict,) = tracking.deliver([(GOOD, BACK_ON.isoformat())], by=office.clerk, on=BACK_ON)
    assert verdict.mistake is not None and "「配達の記録を取り消す」" in verdict.mistake.expected
    assert arrivals(1) == [day, day]

    Clerk.objects.filter(pk=office.clerk.pk).update(is_staff=True)
    client.force_login(office.clerk)
    client.post(page_url(number).replace("change/", "undeliver/"), {"reason": "一日違い"})
    number.refresh_from_db()
    assert number.delivered_on is None and arrivals(1) == expected
    note = Event.objects.get(verb="undeliver").note
    assert (note["day"], note["reason"]) == (day.isoformat(), "一日違い")
    tracking.deliver([(GOOD, BACK_ON.isoformat())], by=office.clerk, on=BACK_ON)
    assert arrivals(1) == [BACK_ON, BACK_ON]


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_mail_comes_back_no_earlier_than_it_was_delivered(
    posted: Dispatch,  # noqa: F811
    office: Office,
    after: int,
) -> None:
    said(posted, office, (codes(posted)[0], GOOD))
    day = POSTED_ON + timedelta(3)
    tracking.deliver([(GOOD, day.isoformat())], by=office.clerk, on=BACK_ON)
    back_on = day + timedelta(after)
    if after < 0:
        with pytest.raises(Refused, match=r"配達の日（.*）より前"):
            returns.receive(codes(posted)[0], reason="refused", by=office.clerk, on=back_on)
    else:
        assert returns.receive(codes(posted)[0], reason="refused", by=office.clerk, on=back_on).result == "returned"


def test_a_bundle_that_is_delivered_is_with_the_establishment_only(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    seal(printed, by=office.clerk, on=ON)
    send(printed, by=office.clerk, on=POSTED_ON)
    assert said(printed, office, (codes(printed)[0], GOOD)) == [""]
    before = set(Enclosure.objects.values_list("certificate__arrives_on", flat=True))
    tracking.deliver([(GOOD, "2026-11-13")], by=office.clerk, on=BACK_ON)
    assert set(Enclosure.objects.values_list("certificate__arrives_on", flat=True)) == before


def test_a_file_all_or_the_good_ones(posted: Dispatch, office: Office, tmp_path: Path) -> None:  # noqa: F811
    first, second = codes(posted)
    path = tmp_path / "numbers.csv"
    path.write_text(f"\ufeffenvelope_code,tracking_number\n{first},{GOOD}\n{second},12\n", encoding="utf-8")
    taken = tracking.numbers_from_file(path, by=office.clerk, on=POSTED_ON)
    assert (taken.taken, taken.bad, Tracking.objects.count()) == (0, 1, 0)
    assert taken.errors_file is not None
    lines = taken.errors_file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "line,column,reason,envelope_code,tracking_number"
    assert lines[1].startswith("3,tracking_number,") and lines[1].endswith(f",{second},12")
    taken = tracking.numbers_from_file(path, by=office.clerk, on=POSTED_ON, take_good=True)
    assert (taken.taken, taken.bad) == (1, 1)
    corrected = taken.errors_file
    assert corrected is not None
    corrected.write_text(corrected.read_text(encoding="utf-8").replace(f"{second},12", f"{second},{NEXT}"))
    assert tracking.numbers_from_file(corrected, by=office.clerk, on=POSTED_ON).taken == 1
    assert Tracking.objects.count() == 2


def test_the_command_says_what_it_took(
    posted: Dispatch,  # noqa: F811
    office: Office,
    tmp_path: Path,
    command: Any,
    settings: Any,
) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(f"envelope_code,tracking_number\n{codes(posted)[0]},{GOOD}\nx,{NEXT}\n", encoding="utf-8")
    refused = command("track_mail", path, "--by", "haraguchi", "--on", "2026-11-12")
    assert (refused.code, refused.json["taken"], refused.json["bad"]) == (2, 0, 1)
    good = command("track_mail", path, "--by", "haraguchi", "--on", "2026-11-12", "--take-good")
    assert (good.code, good.json["taken"]) == (0, 1)
    path.write_text(f"tracking_number,delivered_on\n{GOOD},2026-11-14\n", encoding="utf-8")
    early = command("track_mail", path, "--delivered", "--by", "haraguchi", "--on", "2026-11-16")
    assert early.code == 2 and "今日までの日" in early.err and Tracking.objects.get().delivered_on is None
    settings.KENPO_TODAY = date(2026, 11, 16)
    done = command("track_mail", path, "--delivered", "--by", "haraguchi", "--on", "2026-11-16")
    assert (done.code, done.json["taken"]) == (0, 1)


def test_an_auditor_records_nothing(posted: Dispatch) -> None:  # noqa: F811
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    with pytest.raises(Refused, match="権限"):
        tracking.enter([(codes(posted)[0], GOOD)], by=auditor, on=POSTED_ON)


def test_the_page_tells_each_refused_row(posted: Dispatch, office: Office, client: Any) -> None:  # noqa: F811
    office.clerk.is_staff = True
    office.clerk.save()
    client.force_login(office.clerk)
    file = SimpleUploadedFile("rows.csv", b"envelope_code,tracking_number\nX-1,13112383852\nY\n")
    page = client.post(reverse("admin:mailing_tracking_file"), {"what": "numbers", "file": file})
    said = text_of(page.content.decode())
    assert "誤りのある行 2。何も取り込んでいません。" in said
    assert "2行目: この封筒番号の封筒はありません。" in said and "3行目: 列の数が見出しと違います。" in said
