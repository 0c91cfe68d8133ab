"""Days on forms: the form asks the day people know, the register keeps the first day without cover. rules.md §3."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from certificates.decisions.timeline import family_of, timeline
from certificates.models import Filing
from certificates.requests import filings
from certificates.requests.filings import Kind, finding
from certificates.requests.filings.taking import take_file
from certificates.rules import filing_days as days
from certificates.rules.law import law_on
from core.plausible import COVER
from kenpo.intake.tables.kinds import KINDS
from kenpo.intake.tables.standing import filings_back
from members.models import Member
from tests.certificates.filings.office import ON, Office, duty_of
from tests.certificates.filings.test_file import COLUMNS, row, write
from tests.conftest import run_command

TOLD, NEXT = date(2026, 10, 12), date(2026, 10, 13)
ENDS = (
    (Kind.DEATH, None, NEXT),
    (Kind.LOSS, "retirement", NEXT),
    (Kind.LOSS, "other", TOLD),
    (Kind.LOSS, None, TOLD),
    (Kind.DEPENDENT_REMOVED, None, TOLD),
    (Kind.DEPENDENT_REMOVED, "retirement", TOLD),
)


def lost_days(number: str = "1") -> list[date | None]:
    found = Member.objects.filter(number=number).order_by("branch_number")
    return list(found.values_list("lost_on", flat=True))


@pytest.mark.parametrize(("kind", "reason", "effect"), ENDS)
def test_which_day_has_effect(kind: Kind, reason: str | None, effect: date) -> None:
    assert days.effect_of(kind, reason, TOLD) == effect
    assert days.told_for(kind, reason, effect) == TOLD


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.DEATH, Kind.LOSS)])
def test_every_other_kind_has_effect_on_the_day_it_tells(kind: Kind) -> None:
    for reason in (None, "retirement", "other"):
        assert days.effect_of(kind, reason, TOLD) == TOLD == days.told_for(kind, reason, TOLD)


@pytest.mark.django_db
def test_the_day_of_a_death_is_a_day_of_cover_for_the_whole_family(office: Office) -> None:
    filing = office.file("death", office.cover(), "2026-10-12")
    assert lost_days() == [NEXT] * 3
    assert filing.effective_on == NEXT and filing.data[days.KNOWN_DAY] == "2026-10-12"
    law, member = law_on(ON), office.cover()
    covered = [TOLD + timedelta(days=n) <= finding.last_day(member, law) for n in (-1, 0, 1)]
    assert covered == [True, True, False], "the day before, the day of death, the day after"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "branch", "told", "data", "lost_on"),
    [
        ("death", "02", "2026-10-12", {}, NEXT),
        ("loss", "00", "2026-10-12", {"reason": "retirement"}, NEXT),
        ("loss", "00", "2026-10-12", {"reason": "other"}, TOLD),
        ("dependent_removed", "01", "2026-10-12", {}, TOLD),
    ],
)
def test_the_day_by_kind_and_reason(
    office: Office, kind: str, branch: str, told: str, data: dict[str, str], lost_on: date
) -> None:
    office.file(kind, office.cover("1", branch), told, **data)
    assert office.cover("1", branch).lost_on == lost_on


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "refusal"), [("2010-03-30", "より前です"), ("2010-03-31", "同じです"), ("2010-04-01", "")]
)
def test_who_died_on_the_first_day_was_covered_that_day(office: Office, told: str, refusal: str) -> None:
    shown = office.preview("death", office.cover(), told)
    assert [refusal in one for one in shown.refusals] == ([True] if refusal else [])
    if refusal:
        assert "死亡日平成22年3月" in shown.refusals[0] and "翌日" in shown.refusals[0]


@pytest.mark.django_db
def test_the_days_for_returning_run_from_the_day_after_the_death(office: Office) -> None:
    own, died_on = office.in_hand(office.cover()), date(2026, 11, 20)
    told = {"effective_on": died_on.isoformat()}
    about = filings.receive(
        "death", office.cover(), told, received_on=ON, via="establishment", by=office.clerk, on=died_on
    )
    filings.apply(about, by=office.clerk, on=died_on)
    assert duty_of(own).due_on == date(2026, 11, 28), "loss on 21 November + 7 days"


@pytest.mark.django_db
def test_the_preview_and_the_story_name_both_days(office: Office) -> None:
    shown = office.preview("death", office.cover(), "2026-10-12")
    assert days.said(shown.days) == "死亡日 令和8年10月12日、資格喪失日 令和8年10月13日"
    shown = office.preview("loss", office.cover(), "2026-10-12", reason="retirement")
    assert days.said(shown.days) == "退職日 令和8年10月12日、資格喪失日 令和8年10月13日"
    shown = office.preview("dependent_removed", office.cover("1", "01"), "2026-10-12")
    assert days.said(shown.days) == "扶養から外れた日 令和8年10月12日"
    office.file("death", office.cover(), "2026-10-12")
    member = office.cover()
    said = [(one.on, one.text) for one in timeline(family_of(member.person), on=ON) if one.member == member]
    assert (TOLD, "この日で資格が終わりました。") in said
    assert (ON, "届出（死亡、死亡日 令和8年10月12日、資格喪失日 令和8年10月13日）の内容を反映しました。") in said


@pytest.mark.django_db
def test_a_corrected_death_moves_the_whole_family(office: Office) -> None:
    office.file("death", office.cover(), "2026-10-12")
    refused = office.preview("death", office.cover(), "2026-10-14")
    assert "令和8年10月13日" in refused.refusals[0] and "死亡日令和8年10月14日の翌日" in refused.refusals[0]
    office.file("death", office.cover(), "2026-10-14", correct="1")
    assert lost_days() == [date(2026, 10, 15)] * 3


@pytest.mark.django_db
def test_a_loss_annulled_names_the_day_in_the_register(office: Office) -> None:
    office.file("death", office.cover(), "2026-10-12")
    assert office.preview("loss_annulled", office.cover(), "2026-10-12").refusals
    office.file("loss_annulled", office.cover(), "2026-10-13")
    assert lost_days() == [None] * 3


@pytest.mark.django_db
def test_voluntary_cover_begins_on_the_day_after_the_retirement(office: Office) -> None:
    office.file("loss", office.cover(), "2026-10-31", reason="retirement")
    assert "令和8年11月1日" in office.preview("voluntary", office.cover(), "2026-10-31", new_number="80").refusals[0]
    office.file("voluntary", office.cover(), "2026-11-01", new_number="80")
    assert office.cover("80").acquired_on == date(2026, 11, 1)


WITH_LOST = (*COLUMNS, "lost_on")
WINDOW = COVER.words(ON)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "lost_on"),
    [
        ({"kind": "death", "effective_on": "2026-10-12"}, NEXT),
        ({"kind": "death", "effective_on": "", "lost_on": "2026-10-13"}, NEXT),
        ({"kind": "death", "effective_on": "2026-10-12", "lost_on": "2026-10-13"}, NEXT),
        ({"kind": "loss", "reason": "retirement", "effective_on": "2026-10-12"}, NEXT),
        ({"kind": "loss", "reason": "other", "effective_on": "2026-10-12"}, TOLD),
        ({"kind": "loss", "effective_on": "2026-10-12"}, TOLD),
    ],
)
def test_a_row_of_a_file_tells_the_day_as_a_form_does(
    office: Office, tmp_path: Path, cells: dict[str, str], lost_on: date
) -> None:
    path = write(tmp_path / "f.csv", row(**cells), columns=WITH_LOST)
    taken = take_file(path, by=office.clerk, on=ON)
    assert (taken.taken, taken.bad) == (1, 0)
    assert lost_days() == [lost_on] * 3
    unsaid = cells["kind"] == "loss" and "reason" not in cells
    assert [one.line for one in taken.odd if one.line != 1] == ([2] if unsaid else []), (
        "a loss without its reason is asked about"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"kind": "death", "lost_on": "2026-10-12", "effective_on": "2026-10-12"}, "lost_on", "死亡日の翌日"),
        ({"kind": "death", "effective_on": ""}, "effective_on", "死亡日"),
        ({"kind": "death", "effective_on": "2026-10-32"}, "effective_on", "死亡日"),
        ({"kind": "death", "effective_on": "9999-12-31"}, "effective_on", WINDOW),
        ({"kind": "death", "effective_on": "0001-01-01"}, "effective_on", WINDOW),
        ({"kind": "death", "effective_on": "9999-12-31"}, "effective_on", "死亡日"),
        ({"kind": "death", "effective_on": "", "lost_on": "0001-01-01"}, "lost_on", WINDOW),
        ({"kind": "death", "effective_on": "", "lost_on": "9999-12-31"}, "lost_on", WINDOW),
        ({"kind": "loss", "reason": "retirement", "effective_on": "9999-12-31"}, "effective_on", WINDOW),
        ({"kind": "loss", "reason": "other", "effective_on": "0001-01-01"}, "effective_on", WINDOW),
        ({"kind": "loss", "reason": "retirement", "effective_on": ""}, "effective_on", "退職日"),
        ({"kind": "dependent_removed", "branch_number": "01", "effective_on": "x"}, "effective_on", "扶養から外れた日"),
    ],
)
def test_a_wrong_day_in_a_file_says_which_day_is_wanted(
    office: Office, tmp_path: Path, cells: dict[str, str], column: str, says: str
) -> None:
    path = write(tmp_path / "f.csv", row(**cells), columns=WITH_LOST)
    answer = run_command("file_filings", path, "--by", "suzuki", "--on", ON)
    assert answer.code == 2
    with Path(f"{path}.errors.csv").open(encoding="utf-8", newline="") as file:
        [bad] = csv.DictReader(file)
    assert bad["column"] == column and says in bad["reason"]
    assert not Filing.objects.exists()


LAST = COVER.until(ON)


@pytest.mark.django_db
@pytest.mark.parametrize(("days_before", "taken"), [(2, True), (1, True), (0, False)])
def test_a_day_whose_morrow_ends_the_cover_has_both_days_within_the_window(
    office: Office, tmp_path: Path, days_before: int, taken: bool
) -> None:
    told = LAST - timedelta(days=days_before)
    shown = office.preview("loss", office.cover(), told.isoformat(), reason="retirement")
    assert [WINDOW in one and "の翌日" in one for one in shown.refusals] == ([] if taken else [True])
    cells = {"kind": "loss", "reason": "retirement", "effective_on": told.isoformat()}
    found = take_file(
        write(tmp_path / "f.csv", row(**cells), columns=WITH_LOST), by=office.clerk, on=ON, take_good=True
    )
    assert (found.taken, found.bad) == ((1, 0) if taken else (0, 1))
    stored = Filing.objects.values_list("effective_on", flat=True)
    assert list(stored) == ([told + timedelta(days=1)] if taken else [])


@pytest.mark.django_db
def test_a_table_written_out_tells_the_day_of_the_form_and_is_known_again(office: Office) -> None:
    office.file("death", office.cover(), "2026-10-12")
    [written] = KINDS["filings"].rows(Filing.objects.all())
    assert (written["kind"], written["effective_on"]) == ("death", "2026-10-12")
    assert filings_back([written]).now() == [written]
    by_loss = {**written, "effective_on": "", "lost_on": "2026-10-13"}
    assert filings_back([by_loss]).now() == [written]


def test_the_table_s_columns_say_which_day_each_kind_wants() -> None:
    [column] = [one for one in KINDS["filings"].columns if one.name == "effective_on"]
    for word in ("死亡日", "退職日", "就職日", "75歳の誕生日", "lost_on"):
        assert word in column.told
