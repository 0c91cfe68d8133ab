"""A whole month under each preset, and then the whole month again: nothing changes, nobody is left out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from certificates.models import Decision, EligibilityCertificate
from core.models import Event
from tests.conftest import Answer, run_command
from tests.story.month import DAY, everything_stored, invent_and_load, play

pytestmark = [pytest.mark.django_db, pytest.mark.story]

PRESETS = ("renesas", "toyobo", "kyokai", "kokuho")
AFTER_ARRIVAL = "2026-11-21"  # posted on the 10th; at most ten days on its way through the establishment


@pytest.mark.parametrize("preset", PRESETS)
def test_a_month_ends_posted_and_playing_it_again_changes_nothing(tmp_path: Path, home: Path, preset: str) -> None:
    invent_and_load(tmp_path / "in", preset=preset)
    first = play(tmp_path / "in")
    stored, events = everything_stored(), Event.objects.count()
    assert stored["certificates"]

    again = play(tmp_path / "in")

    assert [_ids_and_counts(answer) for answer in again] == [_ids_and_counts(answer) for answer in first]
    assert everything_stored() == stored
    assert Event.objects.count() == events
    assert run_command("replay", "2026-11").json["differences"] == 0
    assert run_command("verify_log").code == 0


def _ids_and_counts(answer: Answer) -> object:
    """What a command said, but for how far the month or dispatch has come since."""
    said = answer.json
    return {k: v for k, v in said.items() if k not in ("status", "sent")} if isinstance(said, dict) else answer.out


@pytest.mark.parametrize("preset", PRESETS)
def test_once_the_paper_has_arrived_only_open_and_held_cases_have_no_route(
    tmp_path: Path, home: Path, preset: str
) -> None:
    invent_and_load(tmp_path / "in", preset=preset)
    play(tmp_path / "in")

    lines = run_command("gaps", "--on", AFTER_ARRIVAL).out.splitlines()

    assert int(lines[-1]) == len(lines) - 1
    allowed = _open_or_held()
    assert {line.rsplit(",", 1)[0] for line in lines[:-1]} <= allowed


def _open_or_held() -> set[str]:
    members = {d.member for d in Decision.objects.filter(outcome__in=("wait", "review")).select_related("member")}
    held = EligibilityCertificate.objects.filter(status="approved").select_related("member")
    members |= {c.member for c in held}
    return {f"{m.symbol},{m.number},{m.branch_number}" for m in members}


def test_every_covered_member_gets_exactly_one_decision(tmp_path: Path, home: Path) -> None:
    invent_and_load(tmp_path / "in")
    run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY)

    per_member = Counter(Decision.objects.values_list("member_id", flat=True))

    assert set(per_member.values()) == {1}
    assert len(per_member) == 400


def test_the_clerk_who_ran_the_month_may_not_approve_it(tmp_path: Path, home: Path) -> None:
    invent_and_load(tmp_path / "in")
    run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY)

    refused = run_command("approve_month", "2026-11", "--by", "hanako")

    assert refused.code == 1
    assert "別の担当者" in refused.err
    assert not EligibilityCertificate.objects.exclude(status="proposed").filter(run__isnull=False).exists()


def test_a_month_without_its_file_is_refused_and_names_the_day_it_waits_for(tmp_path: Path, home: Path) -> None:
    invent_and_load(tmp_path / "in")

    refused = run_command("run_month", "2026-12", "--by", "hanako", "--on", "2026-12-10")

    assert refused.code == 1
    assert "令和8年11月30日" in refused.err
    assert not Decision.objects.exists()


@pytest.mark.parametrize(("on", "code"), [("2026-10-31", 2), ("2026-11-01", 0), ("2026-11-30", 0), ("2026-12-01", 2)])
def test_the_day_of_the_decision_lies_in_its_month(tmp_path: Path, home: Path, on: str, code: int) -> None:
    invent_and_load(tmp_path / "in", members=60)

    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", on, "--until", "match").code == code
