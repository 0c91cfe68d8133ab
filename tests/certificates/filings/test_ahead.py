"""A face that changes on a day to come, within one cover: ruled on at receipt, right from its day, the old until then."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certificates import recovery
from certificates.decisions import reading
from certificates.decisions.ruling import replayed
from certificates.decisions.timeline import timeline
from certificates.models import ComingFace, EligibilityCertificate, Recovery, Ruling
from certificates.requests import filings
from core.models import Clerk
from core.transitions import advance
from mailing.papers.faces import faces
from members.models import Member
from members.services import policy_on
from tests.builders import POLICY
from tests.certificates.filings.office import ON, Office, codes, duty_of
from tests.certificates.filings.test_between import granted, newest

pytestmark = pytest.mark.django_db
DAY = timedelta(1)
FIRST = date(2026, 12, 1)
SYMBOL = {"establishment_code": "0001", "new_symbol": "105"}
NAME = {"name": "山本 太郎", "name_kana": "ヤマモト タロウ"}


def held(office: Office, member: Member, on: date) -> list[tuple[int, date, date]]:
    """The certificates that count for a cover on a day, each with its first and last day."""
    facts = reading.facts_of(member.insurer_id, on, [member.pk])[member.pk]
    return [(one.id, one.effective_on, one.valid_through) for one in facts.certificates]


def post(paper: EligibilityCertificate, on: date, in_hand_on: date) -> None:
    for verb in ("approve", "print"):
        advance(paper, verb, by=None, on=on)
    advance(paper, "send", by=None, on=on, sent_on=on, arrives_on=in_hand_on)


def run_day(on: date) -> None:
    """The daily job as far as it concerns faces."""
    filings.apply_due(on=on)
    filings.look_ahead(on=on)
    recovery.begin_duties(on)


def status(paper: EligibilityCertificate) -> str:
    paper.refresh_from_db()
    return paper.status


def test_a_symbol_that_changes_on_a_day_to_come(office: Office) -> None:
    """Posted for ``renewing_card``; filed on 11-10 for 12-01: another at once, the old one right through 11-30."""
    paper = granted(office, "renewing_card")
    filing = office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    new, cover = newest(office.cover()), office.cover()
    assert (new.status, new.basis, new.ground) == ("proposed", "application", "renewing_card")
    assert (new.effective_on, new.valid_through, new.issued_on) == (FIRST, paper.valid_through, ON)
    assert (cover.symbol, filing.status, status(paper)) == ("101", "received", "sent")
    duty = duty_of(paper)
    assert (duty.status, duty.opened_on, duty.cause, duty.due_on) == (
        "planned",
        FIRST,
        "face_changed",
        date(2026, 12, 8),
    )
    assert codes(filing) == ["recovery", "ruled"]
    ends = [entry.on for entry in timeline([cover], on=ON) if "はこの日まで使えます" in entry.text]
    assert ends == [FIRST - DAY, new.valid_through]
    until_then = [(paper.pk, paper.effective_on, FIRST - DAY), (new.pk, FIRST, new.valid_through)]
    for on in (ON, FIRST - DAY):
        assert held(office, cover, on) == until_then

    post(new, date(2026, 11, 12), date(2026, 11, 22))
    run_day(FIRST - DAY)
    assert (status(paper), status(new), duty_of(paper).status) == ("sent", "sent", "planned")
    for on in (FIRST, FIRST + DAY):
        run_day(on)
        assert (status(paper), status(new), duty_of(paper).status) == ("superseded", "sent", "open")
        assert held(office, office.cover(symbol="105"), on) == until_then[1:]
    assert EligibilityCertificate.objects.count() == 2 and not ComingFace.objects.exists()
    filing.refresh_from_db()
    assert codes(filing) == ["recovery", "ruled", "superseded", "covers_renumbered"]


def test_what_is_posted_only_after_the_receipt_serves_until_the_day(office: Office) -> None:
    """Approved when the symbol is filed, posted on the next day: both papers go out, and the first comes back."""
    paper = office.unposted(office.cover(), "approved")
    EligibilityCertificate.objects.filter(pk=paper.pk).update(ground="renewing_card")
    office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    advance(paper, "print", by=None, on=ON)
    advance(paper, "send", by=None, on=ON + DAY, sent_on=ON + DAY, arrives_on=ON + 11 * DAY)
    new = newest(office.cover())
    assert (new.ground, new.effective_on) == ("renewing_card", FIRST)
    post(new, ON + 2 * DAY, ON + 12 * DAY)
    for on, kept, duty in (
        (FIRST - DAY, "sent", "planned"),
        (FIRST, "superseded", "open"),
        (FIRST + DAY, "superseded", "open"),
    ):
        run_day(on)
        assert (status(paper), duty_of(paper).status, status(new)) == (kept, duty, "sent")


@pytest.mark.parametrize(("effective_on", "ahead"), [("2026-11-09", 0), ("2026-11-10", 0), ("2026-11-11", 1)])
def test_only_a_day_to_come_is_seen_ahead(office: Office, effective_on: str, ahead: int) -> None:
    paper = granted(office, "renewing_card")
    office.receive("symbol_change", None, effective_on, **SYMBOL)
    assert (
        EligibilityCertificate.objects.count() == 1 + ahead == 1 + ComingFace.objects.exclude(certificates=None).count()
    )
    run_day(date(2026, 11, 11))
    assert EligibilityCertificate.objects.count() == 2
    assert (status(paper), newest(office.cover(symbol="105")).ground) == ("superseded", "renewing_card")


def test_the_share_of_somebody_of_71_from_a_day_to_come(tmp_path: Path, clerk: Clerk) -> None:
    """2割 through November, 3割 from December: the new one is made ahead and shows 3割, the old one 2割."""
    office = Office(tmp_path / "elderly", clerk, POLICY)
    office.folder.establishment("0001", symbol="101")
    office.folder.insured("1", birth_date="1955-06-10", standard_monthly_remuneration_yen="200000")
    office.load()
    paper = granted(office, "lost_card")
    policy = policy_on(office.cover().insurer, ON)
    filing = office.receive("remuneration", office.cover(), "2026-12-01", standard_monthly_remuneration_yen="300000")
    new = newest(office.cover())
    assert (new.effective_on, new.basis, new.ground, new.status) == (FIRST, "application", "lost_card", "proposed")
    shares = {pk: face.copayment_percent for pk, face in faces([paper.pk, new.pk], policy).items()}
    assert shares == {paper.pk: 20, new.pk: 30}
    post(new, date(2026, 11, 25), date(2026, 12, 5))
    from mailing.services import supersede_changed_shares

    for on, kept in ((FIRST - DAY, "sent"), (FIRST, "superseded"), (FIRST + DAY, "superseded")):
        run_day(on)
        supersede_changed_shares(on, by=None)
        assert (status(paper), status(new)) == (kept, "sent")
    assert EligibilityCertificate.objects.count() == 2 and filing.pk
    assert faces([new.pk], policy)[new.pk].copayment_percent == 30
    recovery.wait_for_replacements(FIRST + DAY)
    # In hand on 12-05; the day it is wrong + 7 is later.
    assert duty_of(paper).due_on == date(2026, 12, 8)


def test_the_old_one_is_not_due_before_the_new_one_is_in_hand(office: Office) -> None:
    paper = granted(office, "lost_card")
    office.receive("name_change", office.cover(), "2026-11-12", **NAME)
    assert duty_of(paper).due_on == date(2026, 11, 20)  # ten days from today; the policy's seven are over before


def test_what_was_issued_ex_officio_is_ruled_on_by_the_table(office: Office) -> None:
    lacking, usable = office.unasked(office.cover()), office.unasked(office.cover("2"))
    office.myna(office.cover(), "not_registered")
    office.myna(office.cover("2"))
    office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    assert (newest(office.cover()).ground, newest(office.cover()).effective_on) == ("not_registered", FIRST)
    assert newest(office.cover("2")) == usable and duty_of(usable).status == duty_of(lacking).status == "planned"
    run_day(FIRST)
    assert {status(lacking), status(usable)} == {"superseded"}
    assert EligibilityCertificate.objects.count() == 3
    for ruling in Ruling.objects.all():
        assert replayed(ruling).outcome == ruling.outcome


def test_nobody_waits_for_the_fund_while_the_paper_is_taken(office: Office) -> None:
    paper = office.unasked(office.cover("2"))
    office.receive("name_change", office.cover("2"), "2027-03-01", name="佐藤 始")
    new = newest(office.cover("2"))
    assert (new.ground, new.effective_on) == ("unsettled", date(2027, 3, 1)) and new != paper


def test_a_face_is_drawn_as_it_will_be(office: Office) -> None:
    own, wife = granted(office, "no_card"), office.in_hand(office.cover("1", "01"))
    policy = policy_on(office.cover().insurer, ON)
    office.receive("name_change", office.cover(), "2026-12-01", **NAME, printed_name="山本 タロー")
    new, hers = newest(office.cover()), newest(office.cover("1", "01"))
    drawn = faces([own.pk, wife.pk, new.pk, hers.pk], policy)
    assert (drawn[own.pk].name, drawn[own.pk].printed_name, drawn[wife.pk].insured_name) == (
        "山田 太郎",
        "",
        "山田 太郎",
    )
    assert (drawn[new.pk].name, drawn[new.pk].name_kana, drawn[new.pk].printed_name) == (
        "山本 太郎",
        "ヤマモト タロウ",
        "山本 タロー",
    )
    assert (drawn[hers.pk].name, drawn[hers.pk].insured_name) == ("山田 花子", "山本 タロー")
    run_day(FIRST)
    assert faces([new.pk, hers.pk], policy) == {pk: drawn[pk] for pk in (new.pk, hers.pk)}


@pytest.mark.parametrize("verb", ["withdraw", "refuse"])
@pytest.mark.parametrize("posted", [False, True])
def test_a_filing_that_will_not_come_about_takes_its_paper_back(office: Office, verb: str, posted: bool) -> None:
    paper = granted(office, "lost_card")
    filing = office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    new = newest(office.cover())
    if posted:
        post(new, ON, date(2026, 11, 20))
    getattr(filings, verb)(filing, reason="事業主の申出", by=office.clerk, on=ON + DAY)
    assert (status(paper), duty_of(paper).status, duty_of(paper).outcome) == ("sent", "closed", "lifted")
    assert status(new) == ("superseded" if posted else "voided")
    assert Recovery.objects.filter(certificate=new, status="open").exists() is posted
    assert held(office, office.cover(), ON + DAY) == [(paper.pk, paper.effective_on, paper.valid_through)]
    run_day(FIRST)
    assert EligibilityCertificate.objects.count() == 2 and status(paper) == "sent"


def test_another_name_before_the_day(office: Office) -> None:
    """The paper that was made ahead says the former name: another is made for today, and another for the day."""
    granted(office, "lost_card")
    office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    first = newest(office.cover())
    office.file("name_change", office.cover(), "2026-11-10", **NAME)
    live = EligibilityCertificate.objects.filter(member=office.cover(), status="proposed").order_by("effective_on")
    now, later = live
    assert status(first) == "voided"
    assert (now.effective_on, now.ground, later.effective_on, later.ground) == (ON, "lost_card", FIRST, "lost_card")
    drawn = faces([now.pk, later.pk], policy_on(office.cover().insurer, ON))
    assert [(drawn[one.pk].symbol, drawn[one.pk].name) for one in live] == [("101", "山本 太郎"), ("105", "山本 太郎")]
    run_day(FIRST)
    assert (status(now), status(later)) == ("voided", "proposed")
    assert held(office, office.cover(symbol="105"), FIRST) == [(later.pk, FIRST, later.valid_through)]


@pytest.mark.parametrize("later_first", [False, True])
@pytest.mark.parametrize("name_on", ["2026-11-30", "2026-12-01", "2026-12-02"])
def test_two_changes_to_come_in_whatever_order(office: Office, later_first: bool, name_on: str) -> None:
    """Each day has one right paper, with all that holds by then."""
    granted(office, "lost_card")
    told = [
        lambda: office.receive("symbol_change", None, "2026-12-01", **SYMBOL),
        lambda: office.receive("name_change", office.cover(), name_on, **NAME),
    ]
    for receive in reversed(told) if later_first else told:
        receive()
    policy, cover = policy_on(office.cover().insurer, ON), office.cover()
    for on in (ON + n * DAY for n in range(24)):
        run_day(on)
        usable = [pk for pk, first, last in held(office, cover, on) if first <= on <= last]
        assert len(usable) == 1
        face = faces(usable, policy)[usable[0]]
        assert face.symbol == ("105" if on >= FIRST else "101")
        assert face.name == ("山本 太郎" if on >= date.fromisoformat(name_on) else "山田 太郎")
    assert not ComingFace.objects.exists()
    papers = EligibilityCertificate.objects.filter(member=cover)
    assert all(
        Recovery.objects.filter(certificate=one, status="open").exists() for one in papers.filter(sent_on__isnull=False)
    )
    # The old one, one for each change, and where the earlier day was filed later the one that had to be made again.
    assert papers.count() == 3 + (name_on < "2026-12-01") * (not later_first) + (name_on > "2026-12-01") * later_first


def test_a_loss_before_the_day_takes_the_coming_paper(office: Office) -> None:
    paper = granted(office, "lost_card", number="2")
    office.receive("name_change", office.cover("2"), "2026-12-01", name="佐藤 始")
    new = newest(office.cover("2"))
    office.file("loss", office.cover("2"), "2026-11-20")
    assert status(new) == "voided" and newest(office.cover("2")) == new
    # Wrong from 11-20 on, no longer only from 12-01.
    assert [(d.status, d.opened_on, d.cause) for d in Recovery.objects.filter(certificate=paper).order_by("pk")] == [
        ("closed", FIRST, "face_changed"),
        ("planned", date(2026, 11, 20), "loss"),
    ]
    assert not ComingFace.objects.exists()


def test_a_loss_after_the_day_leaves_a_paper_for_the_days_between(office: Office) -> None:
    granted(office, "lost_card", number="2")
    office.receive("name_change", office.cover("2"), "2026-12-01", name="佐藤 始")
    office.file("loss", office.cover("2"), "2027-01-20")
    new = newest(office.cover("2"))
    assert (new.status, new.effective_on, new.valid_through) == ("proposed", FIRST, date(2027, 1, 19))
    assert faces([new.pk], policy_on(new.member.insurer, ON))[new.pk].name == "佐藤 始"


def test_who_gets_paper_after_the_receipt_is_seen_to_by_the_daily_job(office: Office) -> None:
    office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    paper = granted(office, "lost_card")
    assert filings.look_ahead(on=ON)["proposed"] == 1
    new = newest(office.cover())
    assert (new.effective_on, duty_of(paper).status) == (FIRST, "planned")
    assert filings.look_ahead(on=ON) == {"waiting": 1, "proposed": 0}
    # Who is covered only from another day on is none of it.
    assert {face.member.number for face in ComingFace.objects.all()} == {"1", "2"}


def test_what_can_no_longer_come_about_is_taken_back_on_its_day(office: Office) -> None:
    """The symbol is taken meanwhile: the filing is left to a clerk, and nobody's paper is."""
    paper = granted(office, "lost_card")
    office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    new = newest(office.cover())
    filings.look_ahead(on=FIRST - DAY)
    assert (status(paper), status(new)) == ("sent", "proposed")
    office.file(
        "acquisition",
        None,
        "2026-11-10",
        symbol="105",
        number="1",
        branch_number="00",
        establishment_code="0002",
        name="甲",
        name_kana="コウ",
        sex="1",
        birth_date="1990-01-01",
    )
    run_day(FIRST)
    assert (status(paper), status(new), duty_of(paper).status) == ("sent", "voided", "closed")


def test_the_preview_says_what_is_made_and_from_which_day(office: Office) -> None:
    paper = granted(office, "lost_card")
    shown = office.preview("symbol_change", None, "2026-12-01", **SYMBOL)
    assert shown.waits_until == FIRST and not shown.refusals
    assert shown.consequences == (
        f"資格確認書1件（{paper.serial}）は令和8年12月1日から使えません。令和8年12月8日までに回収します"
        "（表面の内容の変更、返納先は当組合）。",
        "101-1-00：令和8年12月1日から使う資格確認書を1件、交付します（カードの紛失）。承認を待ちます。",
    )
    assert str(shown.changes[0]) == "0001 記号：101 → 105"
    assert not ComingFace.objects.exists() and EligibilityCertificate.objects.count() == 1
    assert office.preview("symbol_change", None, "2026-12-01", **SYMBOL).seal == shown.seal


def test_a_merger_prints_the_other_insurer_number(office: Office) -> None:
    from members.models import Establishment, Insurer
    from tests.builders import SECOND_INSURER

    society = office.cover().insurer
    second = Insurer.objects.create(number=SECOND_INSURER, name="旧組合", main=society)
    Establishment.objects.update(insurer=second)
    Member.objects.update(insurer=second)
    paper = granted(office, "lost_card")
    office.receive("merger", None, "2026-12-01", insurer_number=SECOND_INSURER, new_insurer_number=society.number)
    new = newest(office.cover())
    drawn = faces([paper.pk, new.pk], policy_on(society, ON))
    assert drawn[paper.pk].insurer.number == SECOND_INSURER
    assert drawn[new.pk].insurer.number == society.number and drawn[new.pk].insurer.name == society.name


@pytest.mark.parametrize("papers", [1, 3])
def test_a_whole_employer_is_seen_to_at_once(office: Office, papers: int) -> None:
    """Rehearsal, faces, rulings, duties and their lifting are set-based."""
    for branch in ("00", "01", "02")[:papers]:
        office.myna(office.cover("1", branch))
        office.unasked(office.cover("1", branch))
    filing = office.receive("symbol_change", None, "2026-12-01", **SYMBOL)
    assert (
        Recovery.objects.filter(status="planned").count() == papers
        and Ruling.objects.filter(from_day=FIRST).count() == papers
    )
    with CaptureQueriesContext(connection) as asked:
        filings.look_ahead(on=ON)
        filings.withdraw(filing, reason="事業主の申出", by=office.clerk, on=ON)
    assert len(asked) < 130
    assert not Recovery.objects.exclude(status="closed").exists()
