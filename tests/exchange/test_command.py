"""``manage.py receive`` as an operator sees it: exit codes, one line of JSON, nobody's data on the screen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.models import Clerk
from exchange.models import ExchangeFile
from tests.exchange.fund import NAMES, OCTOBER, Line, insurer, member, month, v1

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

FILES = Path(__file__).parent.parent / "files"
PERSONAL = ("ヤマダ", "ﾔﾏﾀﾞ", "サトウ", "19800115", "1980-01-15")


@pytest.fixture
def run(command: Callable[..., Any], settings: Any) -> Callable[..., Any]:
    settings.KENPO_TODAY = date(2026, 11, 5)
    insurer()
    return lambda name, *arguments: command("receive", FILES / name, *arguments)


def test_a_good_file_answers_its_counts(run: Callable[..., Any]) -> None:
    answer = run("v1_good.csv")
    file = ExchangeFile.objects.get()
    assert answer.code == 0
    assert answer.json == {
        "file": file.pk,
        "kind": "monthly",
        "insurer": "06130488",
        "as_of": "2026-10-31",
        "rows": 4,
        "staged": 4,
        "rejected": 0,
        "odd": 0,
    }


def test_rejected_rows_are_listed_by_line_column_and_reason(run: Callable[..., Any]) -> None:
    answer = run("v1_rejected_rows.csv")
    assert answer.code == 0
    assert (answer.json["rows"], answer.json["rejected"]) == (4, 3)
    said = answer.out.splitlines()[:3]
    assert said[0].startswith("3行目 「性別」: 形式に定めのない値です。")
    assert said[1].startswith("4行目 「電子証明書有効期限」: 暦にない日付")
    assert said[2].startswith("5行目 「番号」: 値が空です。")
    assert not any(text in answer.out for text in PERSONAL)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("v1_cut.csv", 2, "トレーラーがありません"),
        ("v1_trailer_counts_otherwise.csv", 2, "（5）と実際の行数（4）"),
        ("v1_shifted_column.csv", 2, "4行目: 項目の数が 13"),
        ("v1_in_shift_jis.csv", 2, "--profile example-cp932"),
        ("cp932_good.csv", 2, "--profile example-cp932"),
        ("none.csv", 2, "開けません"),
        ("v1_other_insurer.csv", 1, "06139497"),
    ],
)
def test_what_cannot_be_taken_says_why(run: Callable[..., Any], name: str, code: int, said: str) -> None:
    answer = run(name)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert not any(text in answer.err for text in PERSONAL)


def test_the_same_file_twice_is_refused(run: Callable[..., Any]) -> None:
    run("v1_good.csv")
    answer = run("v1_good.csv")
    assert answer.code == 1
    assert "すでに受け付けています" in answer.err


def test_options_tell_what_a_file_does_not(run: Callable[..., Any]) -> None:
    Clerk.objects.create_user("suzuki")
    told = ("--profile", "example-cp932", "--insurer", "06130488", "--as-of", "2026-10-31")
    answer = run("cp932_good.csv", *told, "--by", "suzuki")
    assert (answer.code, answer.json["as_of"], answer.json["rows"]) == (0, "2026-10-31", 4)
    file = ExchangeFile.objects.get()
    assert file.received_by is not None
    assert file.received_by.username == "suzuki"
    assert run("v1_good.csv", "--as-of", "2026-09-31").code == 2
    assert run("v1_good.csv", "--as-of", "2026-09-30").code == 1
    assert run("v1_good.csv", "--by", "nobody").code == 2


def test_a_daily_file_is_applied_at_once(run: Callable[..., Any]) -> None:
    person = member("3", kana=NAMES[3], birth=date(2000, 2, 29)).person
    month([Line(number="3", kana=NAMES[3], birth="20000229")], as_of=OCTOBER)
    answer = run("v1_daily.csv")
    outcome = {key: answer.json[key] for key in ("applied", "unchanged", "rejected", "unmatched", "conflict")}
    assert outcome == {"applied": 1, "unchanged": 0, "rejected": 0, "unmatched": 1, "conflict": 0}
    assert answer.json["kind"] == "daily"
    assert person.myna_statuses.latest("as_of", "id").state == "returned"


@pytest.mark.parametrize("count", ["9" * 5_000, "²", "-1"])
def test_a_trailer_without_a_count_says_its_place(run: Callable[..., Any], tmp_path: Path, count: str) -> None:
    path = tmp_path / "fund.csv"
    path.write_bytes(v1([Line()]).replace(b"\nT,1", f"\nT,{count}".encode()))
    answer = run(path)
    assert (answer.code, answer.out) == (2, "")
    assert "行目" in answer.err and "digits" not in answer.err
    assert ExchangeFile.objects.get().status == "rejected"
