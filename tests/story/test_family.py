"""One family's year, and the list that tells it to whoever takes the call."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from certificates.decisions.timeline import Entry, family_of, timeline
from certificates.models import EligibilityCertificate
from members.models import Member
from tests.scenarios.office import Office
from tests.scenarios.people import day
from tests.story.family import BEGINS, ENDS, settle_down

pytestmark = [pytest.mark.django_db, pytest.mark.story]


@pytest.fixture
def told(home: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    """The family's timeline after everything has happened."""
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    office = Office("toyobo", tmp_path / "in", settings)
    office.is_at(BEGINS)
    settle_down(office).live()
    person = Member.objects.filter(person__birth_date="1990-04-15")[0].person
    return timeline(family_of(person), on=day(ENDS))


MILESTONES = (
    ("2026-02-10", "月見里 一郎", "届出（氏名変更"),
    ("2026-02-10", "月見里 一郎", "届出（被扶養者追加"),
    ("2026-02-10", "若葉 二葉", "新しいものに差し替えました。"),
    ("2026-05-20", "月見里 蕾", "発行のご希望があったのでお送りします。利用登録の有無は確認中です。"),
    ("2026-07-02", "月見里 一郎", "届出（事業所の異動"),
    ("2026-07-02", "月見里 蕾", "発行のご希望があったのでお送りします。利用登録の有無は確認中です。"),
    ("2026-08-12", "月見里 蕾", "届出（個人番号"),
    ("2026-10-02", "月見里 一郎", "届出（資格喪失"),
    ("2026-10-02", "月見里 花", "事業所へ返していただきます（事由：資格喪失）。"),
    ("2026-10-09", "月見里 一郎", "届出（任意継続"),
    ("2026-10-09", "月見里 蕾", "マイナ保険証の利用登録がないため、資格確認書をお送りします"),
    ("2026-11-09", "若葉 二葉", "必要になる前に資格がなくなる"),
    ("2026-11-19", "若葉 二葉", "この日で資格が終わりました。"),
    ("2028-09-30", "月見里 一郎", "この日で資格が終わる予定です。"),
)


def test_the_timeline_tells_the_family_in_order(told: list[Entry]) -> None:
    assert [entry.on for entry in told] == sorted(entry.on for entry in told)
    lines = iter(told)
    for on, name, words in MILESTONES:
        assert any(
            (entry.on, entry.member.person.name) == (date.fromisoformat(on), name) and words in entry.text
            for entry in lines
        ), (on, name, words)
    assert told[-1].on == date(2028, 9, 30)  # paper of the covers before serves no more
    assert "紅葉 三郎" not in {entry.member.person.name for entry in told}
    _without_a_gap({entry.member for entry in told})


def _without_a_gap(covers: set[Member]) -> None:
    """Covers follow each other without a day between; who ever had paper had some on every later day."""
    by_person: dict[int, list[Member]] = {}
    for cover in sorted(covers, key=lambda cover: cover.acquired_on):
        by_person.setdefault(cover.person_id, []).append(cover)
    assert sorted(len(found) for found in by_person.values()) == [3, 3, 3, 3]
    for found in by_person.values():
        for before, after in pairwise(found):
            assert before.lost_on == after.acquired_on
        papers = EligibilityCertificate.objects.filter(member__in=found).exclude(status="voided")
        periods = sorted(papers.values_list("effective_on", "valid_through"))
        for (_, last), (first, _) in pairwise(periods):
            assert first <= last + timedelta(days=1)
