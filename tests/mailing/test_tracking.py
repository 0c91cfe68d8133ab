"""引受番号: read as printed, once per dispatch, by hand, by scan or by file; delivered by number."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from certificates.decisions.gaps import gaps
from core.errors import Refused
from core.models import Clerk, Event
from mailing.models import Dispatch, Enclosure, Tracking
from mailing.post import tracking
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


def test_the_command_says_what_it_took(posted: Dispatch, office: Office, tmp_path: Path, command) -> None:  # type: ignore[no-untyped-def] # noqa: F811
    path = tmp_path / "numbers.csv"
    path.write_text(f"envelope_code,tracking_number\n{codes(posted)[0]},{GOOD}\nx,{NEXT}\n", encoding="utf-8")
    refused = command("track_mail", path, "--by", "haraguchi", "--on", "2026-11-12")
    assert (refused.code, refused.json["taken"], refused.json["bad"]) == (2, 0, 1)
    good = command("track_mail", path, "--by", "haraguchi", "--on", "2026-11-12", "--take-good")
    assert (good.code, good.json["taken"]) == (0, 1)
    path.write_text(f"tracking_number,delivered_on\n{GOOD},2026-11-14\n", encoding="utf-8")
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
