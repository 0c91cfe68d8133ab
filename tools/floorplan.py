"""Draws the floors and rooms from the imports as they are, into docs/architecture.md.

    python -m tools.floorplan           prints the plan
    python -m tools.floorplan --write   puts it into docs/architecture.md
    python -m tools.floorplan --count   modules, lines, and imports among rooms, by app

A room is a package of an app, or one of its modules that stands alone; their order is that of the import-linter
contracts in pyproject.toml.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grimp

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- plan: python -m tools.floorplan --write -->\n", "<!-- end of the plan -->\n"
LEFT_OUT: Final = frozenset({"migrations", "apps"})
"""Made by Django, or there to tell Django of the app."""


@dataclass(slots=True)
class Room:
    """One room: its modules and lines, and how many imports lead from it to which other room of its app."""

    name: str
    modules: int = 0
    lines: int = 0
    imports: Counter[str] = field(default_factory=Counter)


def contracts() -> list[Mapping[str, Any]]:
    """The contracts of import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["importlinter"]["contracts"]


def floors() -> list[list[str]]:
    """The apps from top to bottom; several on one floor know nothing of each other."""
    layers = next(c["layers"] for c in contracts() if c["id"] == "floors")
    return [[app.strip() for app in floor.split("|")] for floor in layers]


def order_of(app: str) -> list[str]:
    """The app's rooms from top to bottom, as its contract lists them; empty where it has none."""
    for contract in contracts():
        if contract.get("containers") == [app]:
            return [room.strip() for layer in contract["layers"] for room in layer.split("|")]
    return []


def rooms() -> dict[str, dict[str, Room]]:
    """Each app's rooms."""
    apps = [app for floor in floors() for app in floor]
    graph = grimp.build_graph(*apps, include_external_packages=False, cache_dir=None)
    found: dict[str, dict[str, Room]] = {app: {} for app in apps}
    for module in sorted(graph.modules):
        app, _, rest = module.partition(".")
        name = rest.partition(".")[0]
        if not name or name in LEFT_OUT:
            continue
        room = found[app].setdefault(name, Room(name))
        room.modules += 1
        room.lines += _lines(module)
        for imported in graph.find_modules_directly_imported_by(module):
            other, _, inside = imported.partition(".")
            target = inside.partition(".")[0]
            if other == app and target and target != name and target not in LEFT_OUT:
                room.imports[target] += 1
    return found


def _lines(module: str) -> int:
    folder = ROOT.joinpath(*module.split("."))
    path = folder.with_suffix(".py")  # a folder of data may stand beside the module that reads it
    path = path if path.exists() else folder / "__init__.py"
    return len(path.read_text(encoding="utf-8").splitlines())


def plan() -> str:
    """The plan as text: a floor a block, a room a line with the rooms below that it asks."""
    found = rooms()
    lines = []
    for floor in floors():
        for app in floor:
            lines += [*_floor(app, found[app]), ""]
    return "```\n" + "\n".join(lines).rstrip() + "\n```\n"


def _floor(app: str, mine: Mapping[str, Room]) -> Iterator[str]:
    yield f"{app:<14}{len(mine)} rooms, {sum(room.modules for room in mine.values())} modules"
    order = order_of(app)
    if not order:
        shown = sorted(mine.values(), key=lambda room: (-room.modules, room.name))
        packages = [f"{room.name}/ ({room.modules})" for room in shown if room.modules > 1]
        alone = sorted(room.name for room in shown if room.modules == 1)
        yield from (f"  {line}" for line in _wrapped([*packages, *alone]))
        return
    for name in order:
        if name in mine:
            room = mine[name]
            below = " ".join(sorted(room.imports, key=order.index))
            yield f"  {name:<12}{room.modules:>3}  {'→ ' + below if below else ''}".rstrip()


def _wrapped(words: list[str], width: int = 100) -> Iterator[str]:
    line = ""
    for word in words:
        if line and len(line) + len(word) + 2 > width:
            yield line
            line = ""
        line = f"{line}, {word}" if line else word
    yield line


def with_plan(text: str) -> str:
    """The document with the plan of today between its two marks."""
    head, _, rest = text.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise SystemExit(f"{DOCUMENT.name} has no place for the plan: {BEGIN!r} … {END!r}")
    return head + BEGIN + plan() + END + tail


def count() -> Iterator[str]:
    """One line an app: modules, lines, rooms, pairs of rooms that know each other, imports among rooms."""
    totals: dict[str, list[int]] = defaultdict(list)
    for app, mine in rooms().items():
        totals[app] = [
            sum(room.modules for room in mine.values()),
            sum(room.lines for room in mine.values()),
            len(mine),
            sum(len(room.imports) for room in mine.values()),
            sum(room.imports.total() for room in mine.values()),
        ]
    yield f"{'app':<14}{'modules':>8}{'lines':>8}{'rooms':>7}{'arrows':>8}{'imports':>9}"
    for app, figures in totals.items():
        modules, lines, places, arrows, imports = figures
        yield f"{app:<14}{modules:>8}{lines:>8,}{places:>7}{arrows:>8}{imports:>9}"


def main(arguments: list[str]) -> None:
    """Prints the plan or its figures, or writes the plan into its document."""
    if "--write" in arguments:
        DOCUMENT.write_text(with_plan(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    elif "--count" in arguments:
        print(*count(), sep="\n")
    else:
        print(plan(), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
