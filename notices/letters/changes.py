"""The office's own words: drafted by one clerk, approved by another, from a day that has not come; read once a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from core import scratch
from core.calendar import wareki
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.paper.book import Book
from core.paper.fonts import missing
from core.parameters import Dated
from core.roles import EDIT
from core.transitions import advance, lock_chain, record
from members.services import municipal
from notices.letters import registry, wording
from notices.letters.leaves import Leaf, asked, leaves, loose_braces, place_names, put
from notices.letters.wording import Wording
from notices.models import LetterWording

NEEDS_ANOTHER = "作成した担当者とは別の担当者が承認してください。"
SOURCE = "当組合が変えた文面"
MOST_DAYS = 365


def approved() -> dict[tuple[str, str], tuple[Dated, ...]]:
    """Every approved change by letter and key, the oldest first. One query."""
    found: dict[tuple[str, str], tuple[Dated, ...]] = {}
    for row in LetterWording.objects.filter(status="approved").order_by("valid_from", "pk"):
        place = (row.letter, row.key)
        found[place] = (*found.get(place, ()), Dated(row.valid_from, value_of(row), SOURCE))
    return found


def value_of(row: LetterWording) -> Any:
    """The words of a change in the order of the file; the database keeps none."""
    written = wording.table(row.letter).at(row.key, row.valid_from)
    return put(written, {leaf.path: leaf.value for leaf in leaves(row.value)})


@contextmanager
def office_words() -> Iterator[None]:
    """Lets the approved changes count in a run; within another run, those that it has read."""
    if wording.in_use() is not None:
        yield
    else:
        with wording.of_scheme(municipal()), wording.using(approved()):
            yield


@dataclass(frozen=True, slots=True)
class Place:
    """One key of a letter on a day: what it says, since when and why, and what is to come."""

    letter: str
    key: str
    label: str
    now: Dated | None
    coming: tuple[Dated, ...]

    @property
    def newest(self) -> Dated:
        return self.coming[-1] if self.coming else self.now  # type: ignore[return-value]


def places(letter: str, day: date) -> list[Place]:
    """Every key of a letter in the order of its file.

    Raises:
        Refused: no such letter.
    """
    if registry.find(letter) is None:
        raise Refused("この文書はありません。")
    with office_words():
        table = wording.table(letter)
        changes = wording.in_use() or {}
        return [_place(letter, key, label, table.values[key], changes, day) for key, label in table.labels.items()]


def _place(letter: str, key: str, label: str, filed: Sequence[Dated], changes: wording.Changes, day: date) -> Place:
    days = sorted({each.valid_from for each in (*filed, *changes.get((letter, key), ()))})
    dated = [Wording(letter, each).dated(key) for each in days]
    begun = [each for each in dated if each.valid_from <= day]
    return Place(letter, key, label, begun[-1] if begun else None, tuple(d for d in dated if d.valid_from > day))


def place(letter: str, key: str, day: date) -> Place:
    """One of them. Raises Refused: no such place."""
    found = next((each for each in places(letter, day) if each.key == key), None)
    if found is None:
        raise Refused("この箇所はありません。")
    return found


def allowed(letter: str, key: str) -> dict[tuple[str | int, ...], set[str]]:
    """What each text of a place may ask to be filled in: whatever the file has ever asked there."""
    found: dict[tuple[str | int, ...], set[str]] = {}
    with office_words():
        written = wording.table(letter).values[key]
    for dated in written:
        for leaf in leaves(dated.value):
            found.setdefault(leaf.path, set()).update(*map(asked, leaf.texts()))
    return found


def check(letter: str, key: str, value: Any, day: date) -> None:
    """Whether the words can be printed from a day on.

    Raises:
        BadInput: each text that cannot be, by the name of its leaf.
        Refused: a sample of the letter cannot be set with them.
    """
    with office_words():
        present = list(leaves(Wording(letter, day).raw(key)))
    texts, known = list(leaves(value)), allowed(letter, key)
    if {(leaf.path, leaf.kind) for leaf in texts} != {(leaf.path, leaf.kind) for leaf in present}:
        raise Refused("この日に使う用紙とは形が違います。画面を開き直してから、もう一度直してください。")
    mistakes = [Mistake(why, column=leaf.name) for leaf in texts for why in _wrong(leaf, known.get(leaf.path, set()))]
    if mistakes:
        raise BadInput(mistakes)
    with scratch.folder() as folder:
        preview(letter, key, value, day, folder / "longest.pdf", longest=True)


def _wrong(leaf: Leaf, known: set[str]) -> Iterator[str]:
    if leaf.kind == "number":
        if not 1 <= leaf.value <= MOST_DAYS:
            yield f"1から{MOST_DAYS}までの日数にしてください。"
        return
    if not leaf.texts() or not all(text.strip() for text in leaf.texts()):
        yield "文を入れてください。"
    if leaf.kind == "text" and "\n" in leaf.value:
        yield "改行を入れずに、一続きの文にしてください。"
        return
    whole = "".join(leaf.texts())
    unknown = asked(whole) - known
    if unknown or loose_braces(whole):
        names = "・".join(place_names(known))
        yield f"中かっこは、{names} のとおりに使ってください。" if names else "ここでは中かっこを使えません。"
        return
    glyphs = {str(each): each for role in ("label", "label_bold") for each in missing(whole, role)}
    if glyphs:
        yield f"文字{'、'.join(glyphs)}は、印刷できません。ほかの文字にしてください。"


def preview(letter: str, key: str, value: Any, day: date, path: Path, *, longest: bool = False) -> None:
    """Draws the letter with invented values, as it would be printed on a day with these words.

    Raises:
        Refused: a field cannot be printed.
    """
    with office_words():
        changes = dict(wording.in_use() or {})
    mine = Dated(day, value, SOURCE)
    others = [each for each in changes.get((letter, key), ()) if each.valid_from < day]
    with wording.using({**changes, (letter, key): (*others, mine)}), Book(path, title=path.stem) as book:
        for draw in registry.samples(letter)(day, longest):
            draw(book)


def draft(letter: str, key: str, valid_from: date, value: Any, *, by: Clerk, on: date) -> LetterWording:
    """Keeps other words for a second clerk's approval; nothing is printed with them yet.

    Raises:
        BadInput: a day or a text that cannot be, each by its name.
        Refused: the clerk may not, nothing differs, or the letter does not fit its paper any more.
    """
    if not by.can(EDIT):
        raise Refused(f"文面の変更案の作成は{by.get_role_display()}の権限ではできません。")
    check_day(valid_from, on)
    check(letter, key, value, valid_from)
    with office_words():
        if Wording(letter, valid_from).raw(key) == value:
            raise Refused("この日に使う文面から何も変わっていません。変える文を直してください。")
    with transaction.atomic():
        made = LetterWording.objects.create(
            letter=letter, key=key, valid_from=valid_from, value=value, drafted_by=by, drafted_on=on
        )
        record("draft", LetterWording._meta.label, [made.pk], by=by, on=on, note={})
    return made


def check_day(valid_from: date, on: date) -> None:
    """Whether words may change from a day on. Raises BadInput: it is today or before."""
    if valid_from <= on:
        why = f"使い始める日は、明日（{wareki(on)}の翌日）以後の日にしてください。印刷した文書の文面は変えられません。"
        raise BadInput(Mistake(why, column="valid_from"))


def approve(mine: LetterWording, *, by: Clerk, on: date) -> None:
    """Lets the words count from their day on.

    Raises:
        Refused: the same clerk drafted them, their day has come, others were approved for that day, or they wait no more.
    """
    with transaction.atomic():
        lock_chain()
        mine.refresh_from_db()
        if mine.drafted_by_id == by.pk:
            raise Refused(NEEDS_ANOTHER)
        if mine.status == "drafted" and mine.valid_from <= on:
            raise Refused("使い始める日が来ました。この変更案は取り下げて、作り直してください。")
        same_day = LetterWording.objects.filter(letter=mine.letter, key=mine.key, valid_from=mine.valid_from)
        if mine.status == "drafted" and same_day.filter(status="approved").exists():
            raise Refused(
                f"{wareki(mine.valid_from)}からの文面は、別の変更案が承認されています。この変更案は取り下げてください。"
            )
        if mine.status == "drafted":
            _check_again(mine)
        advance(mine, "approve", by=by, on=on, approved_by=by)


def _check_again(mine: LetterWording) -> None:
    """Other places of the letter may have become longer since."""
    try:
        check(mine.letter, mine.key, value_of(mine), mine.valid_from)
    except BadInput as bad:
        raise Refused([mistake.expected for mistake in bad.mistakes]) from None


def drop(mine: LetterWording, *, by: Clerk, on: date) -> None:
    """Takes a draft back. Raises Refused: it is not waiting, or the clerk may not."""
    advance(mine, "drop", by=by, on=on)
