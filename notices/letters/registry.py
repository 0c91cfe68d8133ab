"""Which letters there are: each is a folder that tells of itself; the page 文面, the command and the printing ask here.

A letter's folder has its ``LETTERS`` in ``__init__.py``: usually one ``LetterKind``. A new letter is a folder and its
name in ``FOLDERS``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.db import models

from core.models import Clerk
from core.paper.book import Book
from core.web import Step
from notices.letters import base
from notices.letters.content import Letter

FOLDERS: Final = ("household", "request", "reminder", "refusal", "incomplete", "unregistered", "interim", "forms")
"""The folders of letters, in the order in which the page 文面 offers them."""
Draw = Callable[[Book], object]
Samples = Callable[[date, bool], Sequence[Draw]]
"""Letters with invented values in the words of a day; the longest values that may stand there, if asked."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What may be printed: its file (without ending), how it is drawn under its number, and the day it is dated with.

    ``numbered_on`` is ``None`` for what bears no number; it is drawn with an empty one.
    """

    file: str
    draw: Callable[[Book, str], object]
    numbered_on: date | None = None


def numbered(file: str, make: Callable[[str], Letter]) -> Ready:
    """The letter that ``make`` writes under a number; its date says of which year the number is."""
    return Ready(file, lambda book, number: base.draw(book, make(number)), make("").issued_on)


@dataclass(frozen=True, slots=True)
class Subcommand(ABC):
    """What may stand first behind ``manage.py letters``: the ``word`` and what its help says."""

    word: str
    help: str

    @abstractmethod
    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes what tells about whom or what is written; who prints and on which day every letter is told."""

    @abstractmethod
    def run(self, options: Mapping[str, Any], say: Callable[[str], object], *, by: Clerk, on: date) -> dict[str, Any]:
        """Prints, says what could not be printed, and answers the last line.

        Raises:
            BadInput: there is none of what was told.
            Refused: it cannot be printed; see the letter.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterKind:
    """All that is known of a letter.

    Attributes:
        code: its name in events, in the page index and in kept changes of its words; at most 40 letters.
        label: what it is called on the page 文面; ``logged``, if the log says it otherwise.
        texts: the file of its words; beside it ``<name>.municipal.toml`` with those that a municipal scheme has otherwise.
        samples: the letter with invented people. An upper floor that prints it hands them in (``sampled``).
        ready: the letter about a document on a day, or ``Refused``. None where many are printed at once.
        deed: what is printed, as a refusal says it, where it takes the right to change something.
        steps: its button, by the model on whose page it stands.
        places: what its texts alone ask to be filled in; parts: the keys of its texts of several cases, in words.
    """

    code: str
    label: str
    texts: Path
    logged: str = ""
    employers_only: bool = False
    samples: Samples | None = None
    ready: Callable[[Any, date], Ready] | None = None
    deed: str = ""
    command: Subcommand | None = None
    steps: Mapping[type[models.Model], Step] = field(default_factory=dict)
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


_REGISTERED: dict[str, LetterKind] = {}
_SAMPLES: dict[str, Samples] = {}


@cache
def _discover() -> None:
    for folder in FOLDERS:
        for kind in import_module(f"notices.letters.{folder}").LETTERS:
            register(kind)


def register(kind: LetterKind) -> LetterKind:
    """Adds a letter behind those there are; answers it.

    Raises:
        ValueError: its code is another letter's, or it calls a place or part otherwise than another does.
    """
    for other in _REGISTERED.values():
        if other.code == kind.code:
            raise ValueError(f"code {kind.code!r} is taken")
        for mine, theirs in ((kind.places, other.places), (kind.parts, other.parts)):
            if differing := [name for name in mine.keys() & theirs.keys() if mine[name] != theirs[name]]:
                raise ValueError(f"{differing} of {kind.code!r} mean something else in {other.code!r}")
    _REGISTERED[kind.code] = kind
    return kind


def every() -> tuple[LetterKind, ...]:
    """Every letter whose words stand in a file, in the order of the page 文面."""
    _discover()
    return tuple(_REGISTERED.values())


def find(code: str) -> LetterKind | None:
    """The letter of that code; None where there is none."""
    _discover()
    return _REGISTERED.get(code)


def labels() -> dict[str, str]:
    """What each letter is called, by code."""
    return {kind.code: kind.label for kind in every()}


def subcommands() -> dict[str, Subcommand]:
    """The words of ``manage.py letters``; several letters may share one."""
    return {kind.command.word: kind.command for kind in every() if kind.command}


def sampled(*codes: str) -> Callable[[Samples], Samples]:
    """Names the function that makes the samples of these letters; an upper floor knows those it prints itself."""

    def known(samples: Samples) -> Samples:
        _SAMPLES.update(dict.fromkeys(codes, samples))
        return samples

    return known


def samples(code: str) -> Samples:
    """The letter with invented people.

    Raises:
        KeyError: no such letter, or nobody has handed its samples in.
    """
    kind = find(code)
    return kind.samples if kind and kind.samples else _SAMPLES[code]
