"""The clerk's handbook: its pictures exist, every menu entry has its place in it, every command it names is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.test import RequestFactory

from kenpo.pages.admin_site import navigation

ROOT = Path(__file__).parent.parent.parent
HANDBOOK = ROOT / "docs" / "operations.ja.md"
PICTURES = ROOT / "docs" / "pictures"
LARGEST_BYTES, LARGEST_TOTAL_BYTES = 150_000, 2_500_000


@pytest.fixture(scope="module")
def handbook() -> str:
    return HANDBOOK.read_text(encoding="utf-8")


def slug(heading: str) -> str:
    """The anchor that a heading gets on the page."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("document", ["docs/operations.ja.md", "README.md", "README.ja.md"])
def test_every_picture_and_page_that_is_linked_exists(document: str) -> None:
    path = ROOT / document
    linked = re.findall(r"""(?:\]\(|src=")([^)"#\s]+)""", path.read_text(encoding="utf-8"))
    assert linked
    assert [name for name in linked if "://" not in name and not (path.parent / name).exists()] == []


def test_every_picture_is_shown_and_light(handbook: str) -> None:
    kept = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert set(kept) == set(re.findall(r"\(pictures/([\w-]+\.png)\)", handbook))
    assert [name for name, size in kept.items() if size > LARGEST_BYTES] == []
    assert sum(kept.values()) < LARGEST_TOTAL_BYTES


def test_every_chapter_that_is_linked_is_there(handbook: str) -> None:
    headings = {slug(heading) for heading in re.findall(r"^#+ (.+)$", handbook, re.M)}
    assert set(re.findall(r"\]\(#([^)]+)\)", handbook)) <= headings


def test_the_list_of_pages_is_the_menu_in_its_order(handbook: str) -> None:
    menu = [item["title"] for group in navigation(RequestFactory().get("/")) for item in group["items"]]
    pages = handbook.split("## 13 画面の一覧")[1]
    assert re.findall(r"^\| ([^|]+) \|", pages, re.M)[1:] == menu


def test_every_command_it_names_exists(handbook: str) -> None:
    named = set(re.findall(r"manage\.py (\w+)", handbook))
    named |= set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", handbook))
    assert {"load", "run_month"} <= named
    assert named <= set(get_commands())
