"""The documents as text: a page, a section of it, its tables; and the names that our apps define, read without importing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

DOCS = Path(settings.BASE_DIR) / "docs"
_ASIDE = {"migrations", ".venv"}


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def headings(text: str) -> list[str]:
    """Every heading in order, without the signs of a code span."""
    return [title.strip().replace("`", "") for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next one that is not below it."""
    heading = re.search(rf"^(#+) `?{re.escape(title)}`?$", text, re.MULTILINE)
    assert heading, f"no heading {title}"
    level = len(heading[1])
    rest = text[heading.end() :]
    end = re.search(rf"^#{{1,{level}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Header and rows of each table; a bar inside a cell is written ``\\|``."""
    for block in re.findall(r"(?:^\|.*\|\n)+", text + "\n", re.MULTILINE):
        lines = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()]
        yield lines[0], lines[2:]


def rows(text: str, first: str) -> list[list[str]]:
    """The rows of all tables whose first column has this title."""
    return [row for header, body in tables(text) if header[0] == first for row in body]


def spans(text: str) -> list[str]:
    """What stands in code spans; one that is broken over two lines is whole."""
    return [" ".join(span.split()).replace("\\|", "|") for span in re.findall(r"`([^`]+)`", text)]


def words(text: str) -> set[str]:
    """Every name in code spans, also where one span lists several."""
    return {word for span in spans(text) for word in re.findall(r"[A-Za-z_][\w-]*", span)}


def own_apps() -> list[Path]:
    """The folders of our own apps."""
    base = Path(settings.BASE_DIR)
    inside = [path for config in apps.get_app_configs() if (path := Path(config.path)).is_relative_to(base)]
    return sorted(path for path in inside if _ASIDE.isdisjoint(path.relative_to(base).parts))


def sources() -> Iterator[Path]:
    """Every module of our apps but migrations."""
    for app in own_apps():
        modules = sorted(app.rglob("*.py"))
        yield from (path for path in modules if _ASIDE.isdisjoint(path.relative_to(app).parts))


@cache
def names() -> frozenset[str]:
    """``Name`` for what stands at the top of a module, ``Class.name`` and ``Class.Inner.name`` for what stands in a class."""
    return frozenset(name for path in sources() for name in _names(ast.parse(path.read_bytes()).body))


def _names(body: list[ast.stmt], before: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield before + node.name
            yield from _names(node.body, f"{before}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield before + node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                yield from (before + one.id for one in ast.walk(target) if isinstance(one, ast.Name))
