"""A face to come, whatever the door: a file of filings, the folder, the month, an application between receipt and day."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from certificates.decisions import deciding
from certificates.models import ComingFace, EligibilityCertificate, Filing, Recovery, Run
from certificates.requests import applications, filings
from certificates.requests.applications.intake import Form
from certificates.requests.filings.taking import take_file
from core.models import Clerk
from core.transitions import advance
from kenpo.intake.load import load
from mailing.papers.faces import faces
from members.services import policy_on
from tests.builders import INSURER, POLICY
from tests.certificates.filings.office import ON, Office, duty_of
from tests.certificates.filings.test_ahead import FIRST, NAME, SYMBOL, held, post, run_day, status
from tests.certificates.filings.test_between import granted, newest
from tests.certificates.filings.test_items import ITEMS

pytestmark = pytest.mark.django_db
DAY = timedelta(1)


def test_a_row_of_a_file_is_ruled_on_when_it_is_taken(office: Office, tmp_path: Path) -> None:
    paper = granted(office, "lost_card", number="2")
    path = tmp_path / "filings.csv"
    head = "kind,insurer_number,symbol,number,branch_number,effective_on,name\n"
    row = f"name_change,{INSURER},101,{{}},00,2026-12-01,{{}}\n"
    path.write_text(head + row.format("1", "山本 太郎") + row.format("2", "佐藤 始"), encoding="utf-8")
    for waiting in (2, 0):
        taken = take_file(path, by=office.clerk, on=ON)
        assert (taken.bad, taken.waiting) == (0, waiting)
        assert EligibilityCertificate.objects.count() == 2
    new = newest(office.cover("2"))
    assert (new.effective_on, new.ground, duty_of(paper).status) == (FIRST, "lost_card", "planned")
    assert [filing.consequences != [] for filing in Filing.objects.order_by("member__number")] == [False, True]


def test_a_row_for_today_has_paper_until_the_day_to_come(office: Office, tmp_path: Path) -> None:
    """What is not yet posted and begins later gives way to today's, and is made again for its day."""
    paper = granted(office, "lost_card", number="2")
    office.receive("name_change", office.cover("2"), "2026-12-01", name="佐藤 始")
    later = newest(office.cover("2"))
    path = tmp_path / "filings.csv"
    head = "kind,insurer_number,symbol,number,branch_number,effective_on,name\n"
    path.write_text(head + f"name_change,{INSURER},101,2,00,2026-11-10,佐藤 肇\n", encoding="utf-8")
    assert take_file(path, by=office.clerk, on=ON).taken == 1
    today, again = EligibilityCertificate.objects.filter(status="proposed").order_by("effective_on")
    assert (status(paper), status(later)) == ("superseded", "voided")
    assert (today.effective_on, again.effective_on) == (ON, FIRST)
    assert (duty_of(today).status, duty_of(today).opened_on) == ("planned", FIRST)
    drawn = faces([today.pk, again.pk], policy_on(today.member.insurer, ON))
    assert (drawn[today.pk].name, drawn[again.pk].name) == ("佐藤 肇", "佐藤 始")


def test_a_folder_that_says_it_before_the_day(office: Office) -> None:
    """The register has the name from today on: the paper made ahead is right, and another bridges the days until it."""
    granted(office, "lost_card", number="2")
    office.receive("name_change", office.cover("2"), "2026-12-01", name="佐藤 始")
    new = newest(office.cover("2"))
    office.folder.change("members", 3, name="佐藤 始")
    load(office.folder.write(), on=ON)
    assert not ComingFace.objects.exists()
    live = held(office, office.cover("2"), ON)
    assert (
        live[0][1] == ON
        and faces([one[0] for one in live], policy_on(new.member.insurer, ON))[live[0][0]].name == "佐藤 始"
    )
    run_day(FIRST)
    today = [pk for pk, first, last in held(office, office.cover("2"), FIRST) if first <= FIRST <= last]
    assert len(today) == 1


def test_the_same_folder_again_takes_nothing(office: Office) -> None:
    paper = granted(office, "lost_card", number="2")
    office.receive("name_change", office.cover("2"), "2026-12-01", name="佐藤 始")
    load(office.folder.write(), on=ON)
    assert (status(paper), status(newest(office.cover("2")))) == ("sent", "proposed")
    assert EligibilityCertificate.objects.count() == 2 and ComingFace.objects.count() == 1


def test_the_month_issues_each_paper_with_the_face_of_its_first_day(office: Office) -> None:
    """Decided on 12-04, the symbol changes on 12-15: needed at once, the old one; from 01-01, the new one."""
    office.receive("symbol_change", None, "2026-12-15", **SYMBOL)
    office.myna(office.cover("1"), "not_registered")
    office.myna(office.cover("2"), expires_on=date(2026, 9, 15))
    day = date(2026, 12, 4)
    run = Run.objects.create(
        insurer=office.cover().insurer,
        month=date(2026, 12, 1),
        as_of=date(2026, 11, 30),
        decided_on=day,
        issue_on=day,
        file_hash="0" * 64,
        policy=policy_on(office.cover().insurer, day).as_json(),
        run_by=office.clerk,
    )
    advance(run, "apply", by=office.clerk, on=day)
    deciding.decide(run)
    advance(run, "decide", by=office.clerk, on=day)
    deciding.propose(run, by=office.clerk)
    now, later = newest(office.cover("1")), newest(office.cover("2"))
    drawn = faces([now.pk, later.pk], policy_on(run.insurer, day))
    assert (now.effective_on, now.coming, drawn[now.pk].symbol) == (day, None, "101")
    assert (later.effective_on, drawn[later.pk].symbol) == (date(2027, 1, 1), "105")
    assert later.coming is not None
    # What begins before the day and reaches it has another for it by the next morning.
    filings.look_ahead(on=day)
    third = newest(office.cover("1"))
    assert (third.effective_on, duty_of(now).status) == (date(2026, 12, 15), "planned")


@pytest.mark.parametrize("posted", [False, True])
def test_a_lost_paper_is_given_again_for_both_sides_of_the_day(
    office: Office, clerks: tuple[Clerk, Clerk], posted: bool
) -> None:
    """The paper of the day to come is no substitute for today; once it is posted, the new one ends before it."""
    granted(office, "lost_card", number="2")
    office.receive("name_change", office.cover("2"), "2026-12-01", name="佐藤 始")
    if posted:
        post(newest(office.cover("2")), ON, FIRST)
    asked = applications.receive(
        office.cover("2"), Form("reissue", "lost_certificate", ON, "establishment"), on=ON, by=clerks[0]
    )
    applications.grant(asked, by=clerks[1], on=ON)
    run_day(ON + DAY)
    assert EligibilityCertificate.objects.count() == (3 if posted else 4)
    policy = policy_on(office.cover().insurer, ON)
    for on in (FIRST - DAY, FIRST, FIRST + DAY):
        run_day(on)
        usable = [
            pk
            for pk, first, last in held(office, office.cover("2"), on)
            if first <= on <= last and not Recovery.objects.filter(certificate=pk).exclude(status="planned").exists()
        ]
        names = {face.name for face in faces(usable, policy).values()}
        assert names == {"佐藤 始" if on >= FIRST else "佐藤 一"}


def test_a_wish_that_begins_on_a_day_to_come_is_printed_from_it(tmp_path: Path, clerk: Clerk) -> None:
    office = Office(tmp_path / "wishing", clerk, POLICY.replace('preset = "toyobo"\n', ITEMS))
    office.folder.insured("1")
    office.load()
    paper = granted(office, "lost_card")
    office.receive("optional_items", office.cover(), "2026-12-01", limit_category="u")
    new = newest(office.cover())
    assert (new.effective_on, new.ground, duty_of(paper).status) == (FIRST, "lost_card", "planned")
    drawn = faces([paper.pk, new.pk], policy_on(office.cover().insurer, ON))
    assert drawn[paper.pk].limit_category == "" and drawn[new.pk].limit_category.startswith(
        "ウ（発効期日：令和8年12月1日"
    )
    run_day(FIRST)
    assert (status(paper), status(new)) == ("superseded", "proposed")
    assert EligibilityCertificate.objects.count() == 2


def test_a_card_returned_before_the_day_has_paper_with_the_coming_face(office: Office) -> None:
    """By the table nothing was due: the マイナ保険証 was usable. Then it is not, and the paper begins on the day."""
    from certificates.decisions import ruling

    paper = office.unasked(office.cover())
    office.myna(office.cover())
    office.receive("name_change", office.cover(), "2026-12-01", **NAME)
    assert newest(office.cover()) == paper
    office.cover().person.myna_statuses.create(as_of=ON, source="daily", state="returned")
    ruling.rule(office.cover().pk, cause="newer_row", request="status:1", on=ON + DAY, by=None)
    new = newest(office.cover())
    assert (new.effective_on, new.ground) == (FIRST, "not_registered")
    assert faces([new.pk], policy_on(new.member.insurer, ON))[new.pk].name == "山本 太郎"
