"""The commands: what they answer, twice the same, and how they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from notices.models import EligibilityNotice
from tests.conftest import run_command
from tests.mailing import build
from tests.mailing.build import Office
from tests.notices.play import joined, rule


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def test_the_first_round_twice_is_once(office: Office) -> None:
    joined(office, "0001", "山田 太郎", "山田 花子")
    for _ in range(2):
        answer = run_command("draft_first_round", "--by", "haraguchi", "--on", "2026-11-09")
        assert (answer.code, answer.json) == (0, {"notices": 2})
    assert EligibilityNotice.objects.count() == 2


def test_one_more_notice_by_number(office: Office) -> None:
    joined(office, "0001", "山田 太郎", "山田 花子")
    said = [
        run_command("reissue_notice", "１", "0001", "01", "--by", "haraguchi", "--on", "2026-11-09") for _ in range(2)
    ]
    assert [answer.code for answer in said] == [0, 0]
    notice = EligibilityNotice.objects.get()
    assert said[0].json == said[1].json == {"notice": notice.pk, "serial": notice.serial, "status": "drafted"}
    assert notice.member.branch_number == "01"
    assert not any("山田" in answer.out + answer.err for answer in said)


def test_a_number_of_several_people_wants_the_branch(office: Office) -> None:
    joined(office, "0001", "山田 太郎", "山田 花子")
    answer = run_command("reissue_notice", "1", "0001", "--by", "haraguchi")
    assert (answer.code, "枝番" in answer.err) == (2, True)
    assert run_command("reissue_notice", "1", "9999", "--by", "haraguchi").code == 2


def test_a_society_that_gives_none_again_says_so_politely(office: Office) -> None:
    rule(notice_reissue=False)
    joined(office, "0001")
    answer = run_command("reissue_notice", "1", "0001", "--by", "haraguchi", "--on", "2026-11-09")
    assert answer.code == 1
    assert "マイナポータルで確認してください" in answer.err


def test_an_unknown_clerk_drafts_nothing(office: Office) -> None:
    assert run_command("draft_first_round", "--by", "nobody").code == 2
