"""The three ways a step can end badly; each is shown to a clerk in Japanese.

``Refused``: the rules or a gate say no (a command exits 1). ``BadInput``: what was handed in cannot be read
(exit 2). ``Fault``: our own side is broken. None of them carries personal data: ids, line and column names only.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an accident
    """The rules say no; ``reasons`` says why, one polite sentence each."""

    def __init__(self, reasons: str | Iterable[str]) -> None:
        self.reasons: tuple[str, ...] = (reasons,) if isinstance(reasons, str) else tuple(reasons)
        super().__init__("\n".join(self.reasons))


@dataclass(frozen=True, slots=True)
class Mistake:
    """One bad place in an input: which file, line and column, and what was expected there."""

    expected: str
    line: int | None = None
    column: str | None = None
    file: str | None = None

    def __str__(self) -> str:
        place = [part for part in (self.file, f"{self.line}行目" if self.line else None) if part]
        if self.column:
            place.append(f"「{self.column}」")
        return f"{' '.join(place)}: {self.expected}" if place else self.expected

    def of_file(self, name: str) -> Mistake:
        """The same, in the file of that name."""
        return self if self.file else replace(self, file=name)


class BadInput(Exception):  # noqa: N818 - see Refused
    """Input that cannot be taken; nothing of it was kept. ``mistakes`` lists every place found."""

    def __init__(self, mistakes: str | Mistake | Iterable[Mistake]) -> None:
        if isinstance(mistakes, str):
            mistakes = Mistake(mistakes)
        self.mistakes: tuple[Mistake, ...] = (mistakes,) if isinstance(mistakes, Mistake) else tuple(mistakes)
        super().__init__("\n".join(str(m) for m in self.mistakes))


class Fault(Exception):  # noqa: N818 - see Refused
    """Something of ours is missing or broken; the message says what to do about it."""


def place_of(error: BaseException) -> str:
    """Kind of an error, number of its cause in the system, and where it arose; nothing of its text, which may quote data."""
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    number = f" {errno.errorcode.get(cause.errno or 0, cause.errno)}" if isinstance(cause, OSError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    at = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{number}{at}"


@contextmanager
def naming_file(name: str) -> Iterator[None]:
    """Whatever is told of one input inside is told with the file's name."""
    try:
        yield
    except BadInput as bad:
        raise BadInput(mistake.of_file(name) for mistake in bad.mistakes) from None
