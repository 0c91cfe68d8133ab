"""Cases that fell short when the office was played, each with its right answer. Source: rules.md §4, §9, §14."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certificates.models import Decision, Recovery, Ruling
from certificates.rules.answer import Answer, Line
from core.calendar import business_days_after, wareki
from exchange.models import ExchangeFile
from kenpo.people.answers import answers
from mailing.post.ledger import ledger
from members.services import society
from tests.conftest import run_command
from tests.scenarios.office import Office, Someone
from tests.scenarios.people import NEVER_REGISTERED, day, registered, returned

pytestmark = pytest.mark.django_db


def said(office: Office, who: Someone, on: str) -> Answer:
    """What the office says of somebody on a day."""
    member = office.member(who)
    return answers(society(), [member], day(on))[member.pk]


def first_decision(office: Office, who: Someone) -> Decision:
    return Decision.objects.get(member=office.member(who), run__month=day(office.last_month + "-01"))


def newest_ruling(office: Office, who: Someone) -> Ruling:
    found = Ruling.objects.filter(member=office.member(who)).order_by("pk").last()
    assert found is not None
    return found


def statuses(office: Office, who: Someone) -> list[str]:
    return [paper.status for paper in office.certificates(who)]


def test_who_returns_the_card_before_a_later_paper_begins_has_one_at_once(toyobo: Office) -> None:
    who = toyobo.joins(fund=registered("2026-08-31"))
    toyobo.joins()
    toyobo.month("2026-11", on="2026-11-06")
    (later,) = toyobo.certificates(who)
    assert (later.status, later.effective_on) == ("proposed", day("2026-12-01"))
    toyobo.fund_says(who, returned("2026-11-08"))
    toyobo.settings.KENPO_TODAY = day("2026-11-09")
    toyobo.fund_file("2026-11-09", [who], kind="D")
    assert run_command("daily", "--on", "2026-11-09").code == 0
    old, now = sorted(toyobo.certificates(who), key=lambda paper: paper.pk)
    assert (old.status, now.status, now.effective_on) == ("voided", "proposed", day("2026-11-09"))
    ruled = newest_ruling(toyobo, who)
    assert (ruled.outcome, ruled.reason, ruled.detail) == ("issue", "not_registered", "returned")


def test_the_days_before_a_posted_paper_begins_are_covered_by_another(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.holds_certificate(who, since="2026-12-01", until="2031-11-30")
    toyobo.month("2026-10", on="2026-10-06")
    first = first_decision(toyobo, who)
    assert (first.outcome, first.valid_through, first.limit) == ("issue", day("2026-11-30"), "next_certificate")


@pytest.mark.parametrize(("leaves", "papers"), [("2026-10-09", 1), ("2026-10-10", 1), ("2026-10-11", 1)])
def test_a_removal_known_ahead_makes_no_paper_of_one_day(toyobo: Office, leaves: str, papers: int) -> None:
    husband = toyobo.joins()
    wife = toyobo.joins(of=husband)
    toyobo.month("2026-10", on="2026-10-06")
    toyobo.approve_and_post("2026-10-07")
    toyobo.files("dependent_removed", wife, leaves, on="2026-10-09", reason="other")
    assert len(toyobo.certificates(wife)) == papers
    assert [duty.opened_on for duty in toyobo.duties(wife)] == [max(day(leaves), day("2026-10-09"))]


def test_a_protected_person_is_held_until_an_address_is_named(toyobo: Office) -> None:
    who = toyobo.joins(address_protected="1")
    toyobo.joins()
    toyobo.month("2026-10", on="2026-10-06")
    toyobo.approve()
    toyobo.print_all("2026-10-09")
    assert said(toyobo, who, "2026-10-09").line is Line.HELD
    assert toyobo.gaps("2026-10-09")[who] == "保留（送付先確認中）"
    toyobo.files(
        "address",
        who,
        "2026-10-14",
        on="2026-10-14",
        safe_postal_code="530-0001",
        safe_address="大阪府大阪市北区梅田9-9-9",
    )
    assert said(toyobo, who, "2026-10-14").line is Line.PREPARED
    assert toyobo.gaps("2026-10-14")[who] == "封入待ち"
    toyobo.post_the_day("2026-10-14")
    assert statuses(toyobo, who) == ["sent"]
    assert said(toyobo, who, "2026-10-14").line is Line.POSTED


def newborn(office: Office, **data: object) -> Someone:
    """A child that the fund does not know yet, filed for 1 October on the 9th."""
    father = office.joins()
    office.month("2026-10", on="2026-10-06")
    office.approve_and_post("2026-10-07")
    filing = office.files(
        "dependent_added",
        father,
        "2026-10-01",
        on="2026-10-09",
        name="若葉 花",
        name_kana="ワカバ ハナ",
        sex="2",
        birth_date="2026-10-01",
        relationship="長女",
        **data,
    )
    assert filing.member is not None
    return office.meets(filing.member.dependents.get(), None)


def test_a_dependent_whom_the_fund_does_not_know_is_asked_about_from_the_filing_on(toyobo: Office) -> None:
    child = newborn(toyobo)
    ruled, answer = newest_ruling(toyobo, child), said(toyobo, child, "2026-10-09")
    assert ruled.outcome == "wait"
    due = business_days_after(day("2026-10-09"), 4)
    assert (answer.line, answer.answer_by) == (Line.OPEN_CASE, due)
    for on, papers in ((due - timedelta(days=1), 0), (due, 1), (due + timedelta(days=1), 1)):
        assert run_command("daily", "--on", on).code == 0
        assert len(toyobo.certificates(child)) == papers


def test_the_same_with_the_tick_is_issued_at_once_and_says_why(toyobo: Office) -> None:
    child = newborn(toyobo, certificate_wanted="1")
    (paper,) = toyobo.certificates(child)
    ruled = newest_ruling(toyobo, child)
    assert (ruled.outcome, ruled.reason, paper.ground) == ("issue", "new_member", "new_member")
    assert paper.limit == "short_term"
    assert "利用登録がない" not in toyobo.why(child)
    assert "ご希望があったのでお送りします。利用登録の有無は確認中です。" in toyobo.why(child)


def test_a_reissue_that_is_granted_is_prepared_and_not_in_hand(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.month("2026-10", on="2026-10-06")
    toyobo.approve_and_post("2026-10-07")
    application = toyobo.applies(who, "lost_certificate", "2026-11-02", kind="reissue")
    assert said(toyobo, who, "2026-11-02").line is Line.ASKED
    toyobo.grants(application, "2026-11-04")
    answer = said(toyobo, who, "2026-11-04")
    assert (answer.line, answer.usable_through) == (Line.PREPARED, None)
    assert "お手元の" not in answer.sentence


def test_who_leaves_while_the_paper_is_under_way_hears_until_when_and_where_it_goes(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.month("2026-11", on="2026-11-09")
    toyobo.approve_and_post("2026-11-10")
    toyobo.files("loss", who, "2026-11-30", on="2026-11-12", reason="retirement")
    answer = said(toyobo, who, "2026-11-12")
    (duty,) = toyobo.duties(who)
    assert (answer.line, answer.posted_on, answer.in_hand_on) == (Line.POSTED, day("2026-11-10"), day("2026-11-20"))
    assert answer.return_by == duty.due_on
    for one in (day("2026-11-10"), day("2026-11-20"), day("2026-11-30"), duty.due_on):
        assert wareki(one) in answer.sentence
    assert duty.get_return_to_display() in answer.sentence


def test_a_paper_held_for_a_glyph_is_told_as_held(toyobo: Office) -> None:
    who = toyobo.joins(name="\U0002ffff田 一郎")
    other = toyobo.joins()
    toyobo.month("2026-10", on="2026-10-06")
    toyobo.approve()
    toyobo.post("2026-10-07")
    assert (statuses(toyobo, who), statuses(toyobo, other)) == (["approved"], ["sent"])
    assert said(toyobo, who, "2026-10-08").line is Line.HELD
    assert toyobo.gaps("2026-10-08")[who] == "保留（字形確認中）"
    (month,) = [one for one in ledger(day("2026-10-01")) if (one.scope, one.kind) == ("month", "certificate")]
    assert (month.counts["approved"], month.counts["in_envelopes"], month.counts["held"]) == (2, 1, 1)
    assert month.closes


def test_a_granted_paper_that_nobody_has_enclosed_waits_on_the_board(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.month("2026-08", on="2026-08-06")
    toyobo.approve_and_post("2026-08-07")
    toyobo.grants(toyobo.applies(who, "lost_certificate", "2026-08-20", kind="reissue"), "2026-08-21")
    for on in ("2026-08-21", "2026-09-21"):
        assert toyobo.gaps(on)[who] == "封入待ち"
        assert said(toyobo, who, on).line is Line.PREPARED


def test_an_old_card_s_last_day_is_told_and_it_is_collected_from_who_leaves_in_time(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.holds_card(who, until="2025-11-30")
    toyobo.month("2025-10", on="2025-10-06")
    assert wareki(day("2025-11-30")) in toyobo.why(who)
    toyobo.files("loss", who, "2025-10-31", on="2025-11-05", reason="retirement")
    assert [card.status for card in toyobo.cards(who)] == ["recovered"]


def test_one_void_paper_does_not_stop_a_dispatch(toyobo: Office) -> None:
    who, other = toyobo.joins(), toyobo.joins()
    toyobo.month("2026-10", on="2026-10-06")
    toyobo.approve()
    assembled = run_command("assemble", "2026-10", "--by", "hanako", "--on", "2026-10-07")
    assert assembled.code == 0
    toyobo.files("death", who, "2026-10-07", on="2026-10-08")
    for number in assembled.json["dispatches"]:
        printed = run_command("print_dispatch", number, "--by", "hanako", "--on", "2026-10-09")
        assert printed.code == 0, printed.err
        assert run_command("prove_dispatch", number).code == 0
    assert (statuses(toyobo, who), statuses(toyobo, other)) == (["voided"], ["printed"])


def test_the_month_after_a_mass_month_is_not_held_for_its_share_of_issues(open_office: object) -> None:
    office: Office = open_office("toyobo", gate_issue_points=10)  # type: ignore[operator]
    people = [office.joins() for _ in range(5)]
    office.month("2026-10", on="2026-10-06")
    office.approve_and_post("2026-10-07")
    assert all(statuses(office, who) == ["sent"] for who in people)
    office.month("2026-11", on="2026-11-06")
    assert {file.status for file in ExchangeFile.objects.all()} == {"applied"}


def test_a_posted_paper_comes_back_when_the_loss_arrives_in_the_list(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.month("2026-10", on="2026-10-06")
    toyobo.approve_and_post("2026-10-07")
    toyobo.leaves(who, "2026-10-19")
    toyobo.is_at("2026-10-20")
    duty = Recovery.objects.get(certificate__member=toyobo.member(who))
    assert (duty.status, duty.opened_on) == ("open", day("2026-10-20"))
    answer = said(toyobo, who, "2026-10-20")
    assert (answer.line, answer.return_by) == (Line.NO_COVER, duty.due_on)
    assert duty.get_return_to_display() in answer.sentence


def test_a_card_lost_is_no_reason_to_take_its_paper_back(toyobo: Office) -> None:
    who = toyobo.joins(fund=registered("2030-05-15", since="2021-05-01"))
    toyobo.joins(fund=NEVER_REGISTERED)
    toyobo.month("2026-08", on="2026-08-03")
    toyobo.approve_and_post("2026-08-03")
    toyobo.grants(toyobo.applies(who, "lost_card", "2026-08-03"), "2026-08-04")
    toyobo.post_the_day("2026-08-04")
    toyobo.month("2026-09", on="2026-09-07")
    assert toyobo.duties(who) == []
    toyobo.fund_says(who, registered("2036-05-15", since="2021-05-01"))
    toyobo.month("2026-10", on="2026-10-07")
    assert [duty.cause for duty in toyobo.duties(who)] == ["registration"]
