"""利用登録解除 after the fund's intake: until when the card lasts, what confirms the cut, whom to chase."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.decisions.gaps import has_route
from certificates.decisions.reading import facts_of
from certificates.models import Deregistration, Inquiry, Recovery, Run
from certificates.requests import deregistration as deregistrations
from certificates.rules import monthly
from certificates.rules.law import law_on
from core.models import Clerk
from core.transitions import advance
from core.web.html import list_url, page_url
from members.models import Member
from members.services import policy_on, society
from tests.certificates.deregistering.asking import DAY, EFFECT, TODAY, Clerks, _granted, _receive, _says
from tests.conftest import run_command

pytestmark = pytest.mark.django_db


def _run(as_of: date, status: str = "open") -> Run:
    """A month whose file was read: what the file left as it was is confirmed for its day."""
    month = as_of + DAY
    run = Run.objects.create(
        insurer=society(),
        month=month,
        as_of=as_of,
        decided_on=month,
        issue_on=month,
        file_hash="",
        policy={},
        run_by=Clerk.objects.first(),
    )
    if status == "applied":
        advance(run, "apply", by=None, on=month)
    return run


@pytest.mark.parametrize(
    ("accepted_on", "last"),
    [
        (date(2026, 11, 29), date(2026, 12, 31)),
        (date(2026, 11, 30), date(2026, 12, 31)),
        (date(2026, 12, 1), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
    ],
)
def test_the_card_lasts_to_the_end_of_the_month_after_the_intakes(
    member: Member, clerks: Clerks, accepted_on: date, last: date
) -> None:
    made = _granted(member, clerks[0], accepted_on)
    policy, law = policy_on(society(), last), law_on(last)

    assert deregistrations.effect_on(accepted_on) == last
    assert deregistrations.last_day(made, None) == last
    for on, usable in ((last - DAY, True), (last, True), (last + DAY, False)):
        facts = facts_of(society().pk, on, [member.pk])[member.pk]
        assert monthly.myna(facts, law, on=on).last_day == last
        assert has_route(facts, on, policy, law) is usable


@pytest.mark.parametrize("state", ["not_registered", "returned"])
@pytest.mark.parametrize(("as_of", "done"), [(TODAY - DAY, 0), (TODAY, 1), (TODAY + DAY, 1)])
def test_a_word_of_the_intakes_day_or_later_confirms(
    member: Member, clerks: Clerks, as_of: date, done: int, state: str
) -> None:
    made = _granted(member, clerks[0], TODAY)
    _says(member, as_of, state)

    assert deregistrations.confirm(TODAY + DAY) == done
    assert deregistrations.confirm(TODAY + DAY) == 0
    made.refresh_from_db()
    assert made.status == ("done" if done else "granted")


@pytest.mark.parametrize(("registered_on", "done"), [(TODAY - DAY, 0), (TODAY, 0), (TODAY + DAY, 1)])
def test_a_new_registration_after_the_intake_overtakes_it(
    member: Member, clerks: Clerks, registered_on: date, done: int
) -> None:
    _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), registered_on=registered_on)

    assert deregistrations.confirm(date(2027, 2, 5)) == done


@pytest.mark.parametrize("state", ["absent", "conflict"])
def test_silence_confirms_nothing(member: Member, clerks: Clerks, state: str) -> None:
    _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), state)

    assert deregistrations.confirm(date(2027, 2, 5)) == 0
    assert deregistrations.to_chase(date(2027, 2, 5)) == []


def test_a_word_of_tomorrow_confirms_nothing_today(member: Member, clerks: Clerks) -> None:
    _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), "not_registered")

    assert deregistrations.confirm(date(2027, 1, 30)) == 0


@pytest.mark.parametrize(("as_of", "chased"), [(EFFECT - DAY, 0), (EFFECT, 0), (EFFECT + DAY, 1)])
def test_still_registered_after_the_effect_is_chased(member: Member, clerks: Clerks, as_of: date, chased: int) -> None:
    made = _granted(member, clerks[0], TODAY)
    _says(member, as_of)

    assert deregistrations.to_chase(date(2027, 1, 5)) == [made][:chased]
    assert deregistrations.confirm(date(2027, 1, 5)) == 0


@pytest.mark.parametrize(("status", "chased"), [("open", 0), ("applied", 1)])
def test_a_month_that_changed_nothing_shows_the_link_uncut(
    member: Member, clerks: Clerks, status: str, chased: int
) -> None:
    """Statuses are written when a file differs, so January's file says of October's row that it still holds."""
    _granted(member, clerks[0], TODAY)
    _run(date(2027, 1, 31), status)

    assert len(deregistrations.to_chase(date(2027, 2, 5))) == chased


def test_the_month_after_the_effect_finds_the_certificate_in_hand(
    member: Member, clerks: Clerks, tmp_path: Path, settings: Any
) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    deregistrations.grant([made.pk], accepted_on=date(2026, 11, 12), file=1, by=clerks[0], on=TODAY)
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261130,20261203,M\nD,101,1,00,ヤマダ タロウ,19800415,1,1,20240101,20300101,0,\nT,1\n",
        encoding="utf-8",
    )
    settings.KENPO_TODAY = date(2026, 12, 8)
    assert run_command("receive", file).code == 0

    ran = run_command("run_month", "2026-12", "--by", "suzuki")

    assert (ran.code, ran.json["certificates"]) == (0, 0)
    assert not Recovery.objects.exists()


@pytest.mark.parametrize(("as_of", "chased"), [(EFFECT - DAY, 0), (EFFECT, 0), (EFFECT + DAY, 1)])
def test_whom_to_chase_is_a_queue_that_leads_to_an_inquiry(
    member: Member, clerks: Clerks, client: Client, settings: Any, as_of: date, chased: int
) -> None:
    settings.KENPO_TODAY = date(2027, 1, 5)
    made = _granted(member, clerks[0], TODAY)
    _says(member, as_of)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    queues = [one for one in client.get(reverse("admin:index")).context["waiting"] if "登録のまま" in one.title]
    assert [queue.count for queue in queues] == [1][:chased]
    listed = client.get(list_url(Deregistration, uncut="1")).context["cl"].result_list
    assert [one.pk for one in listed] == [made.pk][:chased]
    page = client.get(page_url(made)).content.decode()
    assert ("登録のままです。「個別照会を起こす」で" in page) == bool(chased)
    inquiry = page_url(made).replace("change/", "inquiry/")
    assert (client.get(inquiry).status_code == 200) == bool(chased)
    if chased:
        assert client.get(queues[0].url).context["cl"].result_count == 1
        client.post(inquiry)
        assert Inquiry.objects.get().person_id == member.person_id
