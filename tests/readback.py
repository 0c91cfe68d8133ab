"""What a finished file shows on paper, compared with the index that was kept while it was drawn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.paper.book import PageEntry
from core.paper.readback import OpenPage, open_pdf, read_page, reads_as
from core.paper.sheet import Box


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that does not read as it should; the texts are personal data and belong in no log."""

    page_number: int
    field: str
    expected: str
    found: str


def compare(entry: PageEntry, pdf: Any) -> list[Difference]:
    """The fields of the page that do not read as the index says; see ``reads_as``."""
    boxes = [replace(item.box, name=name) for name, item in entry.fields.items()]
    found = read_page(pdf, entry.page_number, boxes)
    return [
        Difference(entry.page_number, name, item.text, found[name])
        for name, item in entry.fields.items()
        if not reads_as(found[name], item.text)
    ]


def fonts_of(pdf: Any, page_number: int) -> frozenset[str]:
    """PostScript names of the fonts that the page's text uses."""
    with OpenPage(pdf, page_number) as page:
        return frozenset(run.font for run in page.runs())


def red_share(pdf: Any, page_number: int, box: Box) -> float:
    """Share (0–1) of the box's pixels that are seal red; 0 where the seal was not printed."""
    with OpenPage(pdf, page_number) as page:
        return page.picture(288, box).red_share()


def compare_all(entries: Iterable[PageEntry], path: str | os.PathLike[str]) -> list[Difference]:
    """Every difference between the file and its index, a missing or surplus page included (field ``page``).

    Raises:
        Fault: the file cannot be opened.
    """
    listed: Mapping[int, PageEntry] = {entry.page_number: entry for entry in entries}
    with open_pdf(path) as pdf:
        pages = range(1, len(pdf) + 1)
        differences = [Difference(n, "page", "", "") for n in sorted(set(pages) ^ set(listed))]
        for number in pages:
            if number in listed:
                differences += compare(listed[number], pdf)
    return differences
