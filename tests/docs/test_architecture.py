"""The drawn plan of the house is that of its imports."""

from __future__ import annotations

import subprocess
import sys

from tests.docs.pages import DOCS
from tools import floorplan


def test_the_plan_is_drawn_from_the_imports_as_they_are():
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert page == floorplan.with_plan(page), "python -m tools.floorplan --write"


def test_no_room_asks_one_above_it():
    for app, rooms in floorplan.rooms().items():
        order = floorplan.order_of(app)
        for room in rooms.values() if order else ():
            above = order[: order.index(room.name) + 1]
            assert not set(room.imports) & set(above), f"{app}.{room.name}"


def test_the_figures_name_every_app():
    said = subprocess.run(
        [sys.executable, "-m", "tools.floorplan", "--count"],
        cwd=floorplan.ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    assert [line.split()[0] for line in said.stdout.splitlines()] == [
        "app",
        *(app for floor in floorplan.floors() for app in floor),
    ]
