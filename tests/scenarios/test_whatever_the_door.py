"""What the office's lists say has the same consequences as a filing, and older lists take nothing back (rules.md §4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from certificates.models import Recovery, Ruling
from members.models import Address, Member
from tests.conftest import run_command
from tests.scenarios.office import Office, Someone, day


@pytest.fixture
def posted(toyobo: Office) -> tuple[Office, Someone, Someone]:
    """A couple whose papers were posted on 7 August."""
    husband = toyobo.joins()
    wife = toyobo.joins("1982-02-02", of=husband)
    toyobo.month("2026-08", on="2026-08-06")
    toyobo.approve_and_post("2026-08-07")
    return toyobo, husband, wife


def duties(office: Office, who: Someone) -> list[tuple[str, date, str]]:
    return [(duty.cause, duty.opened_on, duty.status) for duty in office.duties(who)]


def reload(office: Office, on: str) -> list[str]:
    """Loads the lists as they stand; answers what is listed as contradicted."""
    office.settings.KENPO_TODAY = day(on)
    answer = run_command("load", office._folder.write(), "--on", on)
    assert answer.code == 0, answer.err
    return [line for line in answer.out.splitlines() if "届出より前の値" in line]


def test_a_loss_in_the_list_opens_the_duties_that_day(posted: tuple[Office, Someone, Someone]) -> None:
    office, husband, wife = posted
    office.leaves(husband, "2026-08-19")
    assert reload(office, "2026-08-20") == []
    assert duties(office, husband) == [("loss", day("2026-08-20"), "open")]
    # The family's cover ends with the insured person's, though its row does not say so.
    assert duties(office, wife) == [("loss", day("2026-08-20"), "open")]
    (duty,) = office.duties(husband)
    assert (duty.return_to, duty.due_on) == ("establishment", day("2026-08-27"))
    assert reload(office, "2026-08-21") == [] and Recovery.objects.count() == 2


def test_a_dependent_who_leaves_alone(posted: tuple[Office, Someone, Someone]) -> None:
    office, husband, wife = posted
    office.leaves(wife, "2026-08-19")
    reload(office, "2026-08-20")
    assert duties(office, husband) == []
    assert duties(office, wife) == [("removed", day("2026-08-20"), "open")]


def test_paper_not_posted_yet_is_void(toyobo: Office) -> None:
    who = toyobo.joins()
    toyobo.month("2026-08", on="2026-08-06")
    toyobo.approve()
    toyobo.leaves(who, "2026-08-06")
    reload(toyobo, "2026-08-07")
    assert [paper.status for paper in toyobo.certificates(who)] == ["voided"] and duties(toyobo, who) == []


def test_a_loss_undone_lifts_the_duty(posted: tuple[Office, Someone, Someone]) -> None:
    office, husband, wife = posted
    office.leaves(wife, "2026-08-19")
    reload(office, "2026-08-20")
    office.changes(wife, lost_on="")
    assert reload(office, "2026-08-21") == []
    assert duties(office, wife) == [("removed", day("2026-08-20"), "closed")]
    assert duties(office, husband) == []


def test_another_name_replaces_the_family_s_paper(posted: tuple[Office, Someone, Someone]) -> None:
    office, husband, wife = posted
    office.changes(husband, name="若葉 一郎", name_kana="ワカバ イチロウ")
    reload(office, "2026-08-20")
    for who in (husband, wife):
        assert duties(office, who) == [("face_changed", day("2026-08-20"), "open")]
        assert [paper.status for paper in office.certificates(who)] == ["superseded", "proposed"]
    assert set(Ruling.objects.values_list("request", flat=True)) == {"load:2026-08-20:1"}
    reload(office, "2026-08-20")
    assert Ruling.objects.count() == 2


def test_two_loads_of_one_day_are_two_requests(posted: tuple[Office, Someone, Someone]) -> None:
    office, husband, _ = posted
    for name in ("若葉 一郎", "紅葉 一郎"):
        office.changes(husband, name=name)
        reload(office, "2026-08-20")
    assert [paper.status for paper in office.certificates(husband)] == ["superseded", "voided", "proposed"]


def test_another_number_gives_another_paper(posted: tuple[Office, Someone, Someone]) -> None:
    office, _, _ = posted
    single = office.joins(person_key="P9")
    office.month("2026-09", on="2026-09-07")
    office.approve_and_post("2026-09-08")
    office.leaves(single, "2026-09-14")
    again = office.joins(
        single.row["birth_date"],
        acquired_on="2026-09-15",
        person_key="P9",
        name=single.row["name"],
        name_kana=single.row["name_kana"],
    )
    reload(office, "2026-09-15")
    assert duties(office, single) == [("loss", day("2026-09-15"), "open")]
    assert [paper.status for paper in office.certificates(again)] == ["proposed"]


def test_another_share_replaces_what_shows_the_former(toyobo: Office) -> None:
    who = toyobo.joins("1955-03-03", standard_monthly_remuneration_yen="260000")
    other = toyobo.joins("1980-03-03", standard_monthly_remuneration_yen="260000")
    toyobo.month("2026-08", on="2026-08-06")
    toyobo.approve_and_post("2026-08-07")
    for one in (who, other):
        toyobo.changes(one, standard_monthly_remuneration_yen="300000")
    reload(toyobo, "2026-08-20")
    # The yearly day of the share falls before the next run: two papers were posted.
    assert set(duties(toyobo, who)) == {("face_changed", day("2026-08-20"), "open")}
    *former, latest = sorted(toyobo.certificates(who), key=lambda paper: paper.pk)
    assert {paper.status for paper in former} == {"superseded", "proposed"} and latest.status == "proposed"
    assert duties(toyobo, other) == []


def test_who_may_not_be_looked_up_any_more_gets_paper_at_once(toyobo: Office) -> None:
    who = toyobo.joins(myna="2031-08-20")
    toyobo.month("2026-08", on="2026-08-06")
    toyobo.changes(who, nondisclosure="1")
    reload(toyobo, "2026-08-20")
    assert [(paper.status, paper.ground) for paper in toyobo.certificates(who)] == [("proposed", "nondisclosure")]


@pytest.mark.parametrize("who_leaves", ["husband", "wife"])
def test_an_older_list_does_not_take_a_filed_loss_back(
    posted: tuple[Office, Someone, Someone], who_leaves: str
) -> None:
    office, husband, wife = posted
    leaver = husband if who_leaves == "husband" else wife
    kind = "loss" if leaver is husband else "dependent_removed"
    office.files(kind, leaver, "2026-08-19", on="2026-08-20")
    before = duties(office, leaver)
    said = reload(office, "2026-08-21")
    assert len(said) == (2 if leaver is husband else 1) and all("lost_on" in line for line in said)
    assert office.member(leaver).lost_on is not None
    assert duties(office, leaver) == before and before[0][2] == "open"


def test_a_list_that_knows_the_filed_loss_is_not_contradicted(posted: tuple[Office, Someone, Someone]) -> None:
    office, _, wife = posted
    office.files("dependent_removed", wife, "2026-08-20", on="2026-08-20")
    office.changes(wife, lost_on="2026-08-20")
    assert reload(office, "2026-08-21") == []


def test_a_newer_day_in_the_list_corrects_the_filed_one(posted: tuple[Office, Someone, Someone]) -> None:
    office, _, wife = posted
    office.files("dependent_removed", wife, "2026-08-20", on="2026-08-20")
    office.changes(wife, lost_on="2026-08-18")
    assert reload(office, "2026-08-21") == []
    assert office.member(wife).lost_on == day("2026-08-18")


OLDER: list[tuple[str, dict[str, Any], str]] = [
    ("name_change", {"name": "若葉 一郎", "name_kana": "ワカバ イチロウ"}, "name"),
    ("sex", {"sex": "2"}, "sex"),
    ("birth_date", {"birth_date": "1980-04-16"}, "birth_date"),
    ("flags", {"needs_assistance": "1"}, "needs_assistance"),
    ("individual_number", {"reason": "not_submitted"}, "individual_number_state"),
    ("remuneration", {"standard_monthly_remuneration_yen": "410000"}, "standard_monthly_remuneration_yen"),
]


@pytest.mark.parametrize(("kind", "data", "column"), OLDER)
def test_an_older_list_does_not_take_a_filed_value_back(
    posted: tuple[Office, Someone, Someone], kind: str, data: dict[str, Any], column: str
) -> None:
    office, husband, _ = posted
    office.files(kind, husband, "2026-08-20", on="2026-08-20", **data)
    owner = office.member(husband)
    source = owner if column.startswith("standard") else owner.person
    told = getattr(source, column)
    papers = [paper.status for paper in office.certificates(husband)]
    said = reload(office, "2026-08-21")
    assert any(column in line for line in said)
    owner = Member.objects.select_related("person").get(pk=owner.pk)
    assert getattr(owner if column.startswith("standard") else owner.person, column) == told
    assert [paper.status for paper in office.certificates(husband)] == papers


def test_an_older_list_does_not_take_a_filed_address_back(posted: tuple[Office, Someone, Someone]) -> None:
    office, husband, _ = posted
    office.files("address", husband, "2026-08-20", on="2026-08-20", address="大阪府大阪市北区架空9-9-9")
    (line,) = reload(office, "2026-08-21")
    assert "address" in line
    newest = Address.objects.filter(person=office.member(husband).person).order_by("-valid_from")[0]
    assert newest.address == "大阪府大阪市北区架空9-9-9"


def test_an_older_list_does_not_bring_a_former_symbol_back(posted: tuple[Office, Someone, Someone]) -> None:
    office, _, _ = posted
    covers = Member.objects.count()
    office.files("symbol_change", None, "2026-08-20", on="2026-08-20", establishment_code="0001", new_symbol="909")
    said = reload(office, "2026-08-21")
    assert Member.objects.count() == covers and len(said) == 3  # the employer's row and the couple's
    assert set(Member.objects.values_list("symbol", flat=True)) == {"909"}
