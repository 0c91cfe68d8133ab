"""Small CSV files about what was posted: all rows, or the good ones with the bad ones handed back as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from core.bad_rows import ERRORS, ERRORS_SUFFIX, RENAMED, bad_rows
from core.errors import BadInput, Mistake

ROWS_TOLD = 200
"""Bad rows that are told one by one; the errors file has them all."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one row: taken, there already, or not, with the reason beside its column. ``warning``: odd, but taken."""

    taken: bool = False
    already: bool = False
    mistake: Mistake | None = None
    warning: str = ""


@dataclass
class Taken:
    """What became of a file's rows; ``refused`` tells the first of the bad ones, the errors file all."""

    taken: int = 0
    already: int = 0
    bad: int = 0
    errors_file: Path | None = None
    refused: list[Mistake] = field(default_factory=list)
    odd: list[Mistake] = field(default_factory=list)


class _NothingTaken(Exception):  # noqa: N818 - takes everything back; the caller answers
    pass


def take_file(
    path: Path,
    columns: tuple[str, str],
    take: Callable[[Sequence[tuple[str, str]]], Sequence[Verdict]],
    *,
    take_good: bool = False,
) -> Taken:
    """Hands every row's two cells to ``take`` and lists the bad rows in ``<FILE>.errors.csv``.

    With a bad row and without ``take_good`` nothing is taken. The corrected list may be handed in as it is.

    Raises:
        BadInput: the file cannot be read; nothing is taken, no list is written.
        Refused: the clerk may not.
    """
    header, rows = _rows(path, columns)
    errors_path = path.with_name(path.name + ERRORS_SUFFIX)
    places = [header.index(name) for name in columns]
    taken = Taken()
    with bad_rows(errors_path) as errors:
        errors.head(header)
        whole = [(line, cells) for line, cells in rows if len(cells) == len(header)]
        try:
            with transaction.atomic():
                told = [(cells[places[0]].strip(), cells[places[1]].strip()) for _, cells in whole]
                said = dict(zip((line for line, _ in whole), take(told), strict=True))
                for line, cells in rows:
                    verdict = said.get(line, _WRONG_WIDTH)
                    taken.taken += verdict.taken
                    taken.already += verdict.already
                    if verdict.mistake is not None:
                        taken.bad += 1
                        errors.add([verdict.mistake], line, cells)
                        if taken.bad <= ROWS_TOLD:
                            taken.refused.append(Mistake(verdict.mistake.expected, line=line))
                    if verdict.warning:
                        taken.odd.append(Mistake(verdict.warning, line=line))
                if taken.bad and not take_good:
                    raise _NothingTaken
        except _NothingTaken:
            taken.taken = taken.already = 0
            taken.odd.clear()
        errors.keep = taken.bad > 0
    taken.errors_file = errors_path if taken.bad else None
    return taken


_WRONG_WIDTH = Verdict(mistake=Mistake("列の数が見出しと違います。行を確認してください。"))


def _rows(path: Path, columns: Sequence[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header and every row that is not empty, with its line; what an errors file adds in front is left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, None) or []
            annotated = len(ERRORS) if tuple(header[: len(ERRORS)]) == ERRORS else 0
            rows = [(reader.line_num, cells[annotated:]) for cells in reader if cells]
    except OSError:
        raise BadInput("ファイルを開けません。場所と名前を確認してください。") from None
    except UnicodeDecodeError:
        raise BadInput(
            "文字コードがUTF-8ではありません。UTF-8（CSV UTF-8）で保存し直してください。"
        ) from None
    except csv.Error:
        raise BadInput('引用符（"）の対応が正しくありません。ファイルを保存し直してください。') from None
    names = [name.removeprefix(RENAMED) for name in header[annotated:]]
    if missing := [name for name in columns if name not in names]:
        raise BadInput(
            Mistake("この列がありません。1行目の列の名前を確認してください。", line=1, column=name)
            for name in missing
        )
    return names, rows
