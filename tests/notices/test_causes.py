"""Who gets a notice, why, on which day, and never twice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from core.errors import Refused
from core.models import Clerk
from members.models import Member, MynaStatus, ShareRelief
from members.policy import PRESETS, preset_values
from notices.models import EligibilityNotice
from notices.services import draft, draft_first_round, reissue, resend, returned
from tests.mailing import build
from tests.mailing.build import ON, Office
from tests.notices.play import drafted, joined, now, posted, rule, say

LONG_AGO = date(2020, 4, 1)


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def told(office: Office, number: str = "0001", **facts: object) -> Member:
    """Somebody who was sent a notice before this month."""
    (member,) = office.household(number)
    for name, value in facts.items():
        setattr(member.person, name, value)
    member.person.save()
    draft_first_round(ON - timedelta(40), by=office.clerk, on=ON - timedelta(40))
    posted(office)
    return member


@pytest.mark.parametrize(
    ("what", "value", "due"),
    [
        ("name", "佐藤 太郎", True),
        ("name_kana", "サトウ タロウ", True),
        ("printed_name", "李", True),
        ("sex", "2", False),
        ("needs_assistance", True, False),
        ("birth_date", date(1991, 1, 1), False),
    ],
)
def test_a_new_name_and_nothing_else_about_the_person(office: Office, what: str, value: object, due: bool) -> None:
    member = told(office)
    assert drafted(office) == [("0001", "first_round")]
    say(member, **{what: value})
    expected = [("0001", "first_round")] + [("0001", "name_or_number_change")] * due
    assert drafted(office) == expected
    assert drafted(office) == expected


@pytest.mark.parametrize("what", ["symbol", "number", "branch_number"])
def test_a_new_number(office: Office, what: str) -> None:
    member = told(office)
    setattr(member, what, "77")
    member.save()
    assert [cause for _, cause in drafted(office)] == ["first_round", "name_or_number_change"]


def test_a_change_is_told_once_and_a_change_back_again(office: Office) -> None:
    member = told(office)
    say(member, name="佐藤 太郎")
    drafted(office)
    posted(office)
    EligibilityNotice.objects.update(run=None)  # as it looks to the next month
    assert len(drafted(office)) == 2
    say(member, name="山田 太郎")
    assert len(drafted(office)) == 3


def test_whoever_was_never_told_has_no_change(office: Office) -> None:
    (member,) = office.household("0001")
    say(member, name="佐藤 太郎")
    assert drafted(office) == []


def test_a_change_before_the_first_one_leaves_is_drafted_on_it(office: Office) -> None:
    (member,) = joined(office, "0001")
    drafted(office)
    say(member, name="佐藤 太郎")
    assert drafted(office) == [("0001", "new_member")]


BIRTH = date(1956, 11, 15)  # 70 is reached on 14 November 2026


@pytest.mark.parametrize(
    ("on", "due"), [(date(2026, 11, 30), False), (date(2026, 12, 1), True), (date(2026, 12, 2), True)]
)
def test_the_share_begins_with_the_month_after_70(office: Office, on: date, due: bool) -> None:
    told(office, birth_date=BIRTH)
    assert [c for _, c in drafted(office, on)] == ["first_round"] + ["share_change"] * due
    assert [c for _, c in drafted(office, on)] == ["first_round"] + ["share_change"] * due
    if due:
        assert EligibilityNotice.objects.get(cause="share_change").copayment_percent == 30


@pytest.mark.parametrize(("on", "due"), [(ON, False), (ON + timedelta(1), True), (ON + timedelta(2), True)])
def test_a_relief_from_a_day_on_changes_the_share(office: Office, on: date, due: bool) -> None:
    member = told(office, birth_date=date(1954, 3, 1))
    assert EligibilityNotice.objects.get().copayment_percent == 30
    ShareRelief.objects.create(member=member, valid_from=ON + timedelta(1))
    assert [c for _, c in drafted(office, on)] == ["first_round"] + ["share_change"] * due
    assert [n.copayment_percent for n in EligibilityNotice.objects.filter(cause="share_change")] == [20] * due


def test_without_any_notice_before_the_share_counts_from_the_month_before(office: Office) -> None:
    turned = office.household("0001")[0]
    say(turned, birth_date=date(1956, 10, 20))  # the share is decided from 1 November on
    older = office.household("0002")[0]
    say(older, birth_date=date(1956, 9, 20))
    assert drafted(office) == [("0001", "share_change")]


def test_a_changed_remuneration_is_told_against_the_last_notice(office: Office) -> None:
    member = told(office, birth_date=date(1954, 3, 1))
    member.standard_monthly_remuneration_yen = 200_000
    member.save()
    assert [c for _, c in drafted(office)] == ["first_round", "share_change"]


def test_a_society_that_tells_of_no_share_change(office: Office) -> None:
    rule(notice_on_share_change=False)
    told(office, birth_date=BIRTH)
    assert [c for _, c in drafted(office, date(2026, 12, 1))] == ["first_round"]


def test_nobody_stands_under_two_causes(office: Office) -> None:
    member = told(office, birth_date=BIRTH)
    say(member, name="佐藤 太郎")
    assert [c for _, c in drafted(office, date(2026, 12, 1))] == ["first_round", "name_or_number_change"]


def test_the_first_round_is_everyone_covered_and_once(office: Office) -> None:
    rule(notice_scope="registered_only")
    certified, gone = office.household("0001")[0], office.household("0002")[0]
    office.certify([certified])
    gone.lost_on = ON
    gone.save()
    assert draft_first_round(ON, by=office.clerk, on=ON) == 1
    assert now() == [("0001", "first_round")]
    later = office.household("0003")[0]
    assert draft_first_round(ON + timedelta(1), by=office.clerk, on=ON + timedelta(1)) == 2
    assert now() == [("0001", "first_round"), (later.number, "first_round")]
    assert EligibilityNotice.objects.filter(run=None).count() == 2


def test_a_first_round_with_the_month_belongs_to_its_run(office: Office) -> None:
    office.household("0001")
    assert draft_first_round(office.run, by=office.clerk, on=ON) == 1
    assert EligibilityNotice.objects.get().run == office.run
    assert draft(office.run, by=office.clerk, on=ON) == 0


def test_whoever_was_in_the_round_is_not_new_as_well(office: Office) -> None:
    joined(office, "0001")
    draft_first_round(ON, by=office.clerk, on=ON)
    assert drafted(office) == [("0001", "first_round")]


def test_one_more_on_request_until_it_has_left(office: Office) -> None:
    (member,) = office.household("0001")
    first = reissue(member, by=office.clerk, on=ON)
    assert reissue(member, by=office.clerk, on=ON) == first
    assert reissue(member, by=office.clerk, on=ON + timedelta(3)) == first
    posted(office)
    assert reissue(member, by=office.clerk, on=ON) == first  # asked twice on one day
    assert reissue(member, by=office.clerk, on=ON + timedelta(3)) != first
    assert {n.run for n in EligibilityNotice.objects.all()} == {None}


def test_no_other_one_where_the_society_gives_none(office: Office) -> None:
    rule(notice_reissue=False)
    (member,) = office.household("0001")
    with pytest.raises(Refused, match="マイナポータルで確認してください"):
        reissue(member, by=office.clerk, on=ON)
    assert not EligibilityNotice.objects.exists()


@pytest.mark.parametrize(("lost_on", "given"), [(ON - timedelta(1), False), (ON, False), (ON + timedelta(1), True)])
def test_no_other_one_without_cover(office: Office, lost_on: date, given: bool) -> None:
    (member,) = office.household("0001")
    member.lost_on = lost_on
    member.save()
    if given:
        reissue(member, by=office.clerk, on=ON)
    else:
        with pytest.raises(Refused, match="加入していない"):
            reissue(member, by=office.clerk, on=ON)
    assert EligibilityNotice.objects.count() == given


def test_an_auditor_drafts_nothing(office: Office) -> None:
    (member,) = office.household("0001")
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    for act in (
        lambda: draft_first_round(ON, by=auditor, on=ON),
        lambda: reissue(member, by=auditor, on=ON),
        lambda: draft(office.run, by=auditor, on=ON),
    ):
        with pytest.raises(Refused, match="権限"):
            act()


def test_what_came_back_is_sent_again_only_as_it_is(office: Office) -> None:
    member = told(office)
    notice = EligibilityNotice.objects.get()
    with pytest.raises(Refused, match="理由"):
        returned(notice, by=office.clerk, on=ON, reason=" ")
    returned(notice, by=office.clerk, on=ON, reason="あて所に尋ねあたらず")
    assert notice.status == "returned"
    resend(notice, by=office.clerk, on=ON + timedelta(2))
    assert (notice.status, notice.sent_on) == ("sent", ON + timedelta(2))
    returned(notice, by=office.clerk, on=ON + timedelta(2), reason="あて所に尋ねあたらず")
    say(member, name="佐藤 太郎")
    with pytest.raises(Refused, match="新しく作成"):
        resend(notice, by=office.clerk, on=ON + timedelta(2))


PEOPLE = ("registered", "certified", "neither")


def preset_office(preset: str) -> Office:
    """A society under a preset, with one new member of each sort, each a household of two."""
    office = build.office(**preset_values(preset))
    for number, sort in enumerate(PEOPLE, start=1):
        members = joined(office, f"000{number}", "山田 太郎", "山田 花子")
        state = "registered" if sort == "registered" else "not_registered"
        for member in members:
            MynaStatus.objects.create(person=member.person, as_of=date(2026, 10, 31), source="monthly", state=state)
        if sort == "certified":
            office.certify(members)
    return office


SCOPES = {"renesas": ("registered", "neither"), "toyobo": PEOPLE, "kyokai": PEOPLE, "kokuho": ("registered",)}
UNITS = {"renesas": "household", "toyobo": "person", "kyokai": "person", "kokuho": "household"}


@pytest.mark.parametrize("preset", PRESETS)
def test_each_presets_scope_and_unit(db: None, home: Path, preset: str) -> None:
    office = preset_office(preset)
    numbers = [number for number, _ in drafted(office)]
    assert numbers == [f"000{PEOPLE.index(sort) + 1}" for sort in SCOPES[preset] for _ in range(2)]
    together = EligibilityNotice.objects.filter(leader__isnull=False).count()
    assert together == (len(SCOPES[preset]) if UNITS[preset] == "household" else 0)


@pytest.mark.parametrize("preset", PRESETS)
def test_each_presets_word_on_share_changes_and_reissue(db: None, home: Path, preset: str) -> None:
    office = build.office(**preset_values(preset))
    member = told(office, birth_date=BIRTH)
    MynaStatus.objects.create(person=member.person, as_of=date(2026, 10, 31), source="monthly", state="registered")
    if preset == "kokuho":
        Member.objects.filter(pk=member.pk).update(copayment_percent=20)
    causes = [cause for _, cause in drafted(office, date(2026, 12, 1))]
    assert causes == ["first_round"] + ["share_change"] * (preset != "renesas")
    assert reissue(member, by=office.clerk, on=ON).cause == "reissue"
