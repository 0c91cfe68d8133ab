"""Printing letters and forms: files under ``paper/letters`` whose names hold ids and days only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import models, transaction

from certificates.models import Recovery
from certificates.recovery.duties import paper_of
from core.errors import Refused
from core.models import Clerk
from core.paper.book import Book
from core.roles import EDIT
from core.transitions import record
from members.damaged import damaged, waits
from notices.letters import base, numbering, registry
from notices.letters.changes import office_words
from notices.letters.content import Letter
from notices.letters.papers_due import AsksBack
from notices.letters.reading import Held
from notices.letters.registry import Ready

KEPT = 200
"""How many of those that could not be written are kept with the job."""


def folder() -> Path:
    """Where letters lie."""
    return Path(settings.KENPO_HOME) / "paper" / "letters"


def shown(path: Path) -> str:
    """The file as commands name it, from the home on."""
    return path.relative_to(settings.KENPO_HOME).as_posix()


@office_words()
def print_letter(code: str, about: models.Model, *, by: Clerk, on: date) -> Path:
    """Prints a letter or form about a document; printed again, it keeps its number.

    Raises:
        Refused: no such letter, the clerk may not, it is not to be written, nobody can be written to, a text may be
            damaged, or a field cannot be printed.
    """
    kind = registry.find(code)
    if kind is None or kind.ready is None:
        raise Refused("この文書はありません。")
    if kind.deed and not by.can(EDIT):
        raise Refused(f"「{kind.deed}」は{by.get_role_display()}の権限ではできません。")
    return keep(code, about, kind.ready(about, on), by=by, on=on)


def keep(code: str, about: models.Model, ready: Ready, *, by: Clerk, on: date) -> Path:
    """Draws the file, under its number if it bears one, and writes down that it was printed; the same content gives the
    same file again.

    Raises:
        Refused: a field cannot be printed.
    """
    path = folder() / f"{ready.file}.pdf"
    note, number = {"letter": code, "file": path.name}, ""
    with transaction.atomic():
        if ready.numbered_on:
            number = numbering.draw(path.name, about, ready.numbered_on)
            note["number"] = number
        with Book(path, title=path.stem) as book:
            ready.draw(book, number)
        record("letter", about._meta.label, [about.pk], by=by, on=on, note=note)
    return path


def fitting(faces: Iterable[AsksBack]) -> tuple[set[int], list[Held]]:
    """Duties whose letter fits, and the others with the field that does not."""
    fit: set[int] = set()
    misfits = []
    for face in faces:
        problems = base.check(face.letter())
        for paper in face.papers:
            if problems:
                misfits.append(Held(paper.recovery_id, str(problems[0])))
            else:
                fit.add(paper.recovery_id)
    return fit, misfits


def spoilt(recoveries: Iterable[Recovery], on: date) -> list[Held]:
    """Duties about whose people a text may be damaged, each with the reason."""
    covers = {recovery.pk: paper_of(recovery).member for recovery in recoveries}
    heads = {pk: {member.pk, member.household_id} for pk, member in covers.items()}
    found = {one.member_id: waits(one) for one in damaged(on, set().union(*heads.values()), ended=True)}
    return [
        Held(pk, found[member_id]) for pk, members in heads.items() for member_id in sorted(members & found.keys())[:1]
    ]


def write(path: Path, letters: Iterable[Letter]) -> None:
    """Draws several letters into one file.

    Raises:
        Refused: a field cannot be printed.
    """
    with Book(path, title=path.stem) as book:
        for letter in letters:
            base.draw(book, letter)
