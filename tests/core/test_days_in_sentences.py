"""No sentence of the office names a day or a month otherwise than in the era calendar."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings

from core.errors import BadInput
from kenpo.month.month import Order

JAPANESE = re.compile(r"[\u3041-\u30ff\u4e00-\u9fff]")
DAY_OF_A_RECORD = re.compile(r"(_on|as_of|valid_from|valid_through|_by)$")
ROOMS = ("certificates", "core", "exchange", "kenpo", "mailing", "members", "notices")


def sources() -> list[Path]:
    base = Path(settings.BASE_DIR)
    return [p for room in ROOMS for p in sorted((base / room).rglob("*.py")) if "migrations" not in p.parts]


def sentences(tree: ast.AST) -> Iterator[tuple[ast.JoinedStr, frozenset[str]]]:
    """Every f-string with Japanese in it, with the parameters of its function that are days."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    days = {
        id(inner): frozenset(a.arg for a in (*f.args.args, *f.args.kwonlyargs) if _is_day(a.annotation))
        for f in functions
        for inner in ast.walk(f)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and JAPANESE.search(_plain(node)):
            yield node, days.get(id(node), frozenset())


def _is_day(annotation: ast.expr | None) -> bool:
    return annotation is not None and ast.unparse(annotation) in ("date", "date | None", "datetime")


def _plain(node: ast.JoinedStr) -> str:
    return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))


def bare_days(node: ast.JoinedStr, parameters: frozenset[str]) -> Iterator[str]:
    """Days of the sentence that are written as a machine has them; what stands between backquotes is a command."""
    quoted = False
    for part in node.values:
        if isinstance(part, ast.Constant):
            quoted ^= str(part.value).count("`") % 2 == 1
            continue
        assert isinstance(part, ast.FormattedValue)
        if ast.unparse(part.value).startswith(("wareki(", "wareki_month(")):
            continue
        value, form = ast.unparse(part.value), ast.unparse(part.format_spec) if part.format_spec else ""
        bare = value in parameters or (isinstance(part.value, ast.Attribute) and DAY_OF_A_RECORD.search(value))
        # %Y%m%d is no sentence's day but the number of a letter
        if not quoted and ((bare and not form) or "isoformat" in value or re.search(r"%Y[^%]", form)):
            yield value


@pytest.mark.parametrize("source", sources(), ids=lambda p: str(p.relative_to(settings.BASE_DIR)))
def test_a_sentence_names_its_days_in_the_era_calendar(source: Path) -> None:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    found = [f"line {s.lineno}: {day}" for s, days in sentences(tree) for day in bare_days(s, days)]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'def f(on: date): raise X(f"{on} は過ぎています。")',
        'x = f"{run.month:%Y-%m} はまだです。"',
        'x = f"{day.isoformat()} です。"',
        'x = f"喪失日は {member.lost_on} です。"',
    ],
)
def test_the_look_finds_what_it_is_for(code: str) -> None:
    (found,) = sentences(ast.parse(code))
    assert list(bare_days(*found))


@pytest.mark.parametrize(
    "code", ['x = f"`manage.py run_month {month:%Y-%m}` を実行してください。"', 'x = f"{wareki(day)}です。"']
)
def test_a_command_and_a_day_of_the_era_are_let_be(code: str) -> None:
    (found,) = sentences(ast.parse(code))
    assert not list(bare_days(*found))


@pytest.mark.parametrize("path", sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_a_template_formats_a_day_for_machines_only(path: Path) -> None:
    text = re.sub(r"""(datetime|value)=["'][^"'>]*\{\{.*?\}\}["']""", "", path.read_text(encoding="utf-8"))
    assert "|date" not in text


@pytest.mark.parametrize("decided_on", [date(2026, 8, 31), date(2026, 10, 1), date(2026, 11, 10)])
def test_a_day_of_another_month_is_refused_in_the_era_calendar(decided_on: date) -> None:
    with pytest.raises(BadInput) as refused:
        Order(date(2026, 9, 1), decided_on, decided_on).check()
    said = f"判定日（令和8年{decided_on.month}月{decided_on.day}日）は令和8年9月の日ではありません。"
    assert said in str(refused.value)
