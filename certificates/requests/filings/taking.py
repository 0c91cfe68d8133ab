"""Filings in bulk by CSV: all of them, or the good ones with the bad ones handed back as a file.

Everything is one transaction with a savepoint a row, in the order of the file, so that a row may build on an
earlier one. Source: interfaces.md "CSV".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction

from certificates.models import Filing
from certificates.requests.filings import opening, service
from certificates.requests.filings.batch import SIZE, Batch
from certificates.requests.filings.case import Case, NotYet
from certificates.requests.filings.fields import FIELDS
from certificates.requests.filings.finding import NO_COVER, Number, cover_under, covers_once_under
from certificates.requests.filings.households import Households, Key, key_of
from certificates.requests.filings.service import FilingData
from certificates.requests.filings.table import HANDLERS
from certificates.requests.via import ways, wrong_via
from certificates.rules.filing_days import effect_of, known_day, told_for
from certificates.rules.filing_kinds import Kind, KnownDay
from core.bad_rows import ERRORS_SUFFIX, BadRows, bad_rows
from core.calendar import iso_text
from core.cells import branch, day, identifier
from core.csv_rows import UNKNOWN, CsvRow, CsvRows, open_csv
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.plausible import COVER
from core.roles import EDIT
from core.text import identifier_key
from core.transitions import lock_chain
from members.models import Member

REQUIRED = ("kind", "insurer_number", "symbol", "number", "branch_number", "effective_on")
HEAD = (*REQUIRED, "received_on", "via")
NUMBERS = ("insurer_number", "symbol", "number", "branch_number")
DAYS = ("acquired_on", "lost_on")
NO_REASON = (
    "理由（reason）がないので、資格喪失日そのものとして読みました。"
    "退職日なら、理由に retirement を入れて「日付の訂正」で届け出てください。"
)
DAYS_DIFFER = "{label}と合いません。{rule}どちらが正しいか確認してください。"
WANTED = "ここに入れるのは{label}です。"
NEXT_DAY = "資格喪失日は{label}の翌日です。"
ODD_KEPT = 20
PROGRESS_EVERY = 1_000
FOR_MANY_ROWS = (
    # As for a load (see ``kenpo.intake.load.service``): a guard's unset setting, or checks put off to the commit,
    # would cost more with each savepoint.
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SELECT set_config('pgtrigger.ignore', '{}', true)",
    # Each row asks about a few covers by their keys: finding the best order of the joins takes longer than the joins.
    "SET LOCAL join_collapse_limit = 1",
    "SET LOCAL from_collapse_limit = 1",
    "SET LOCAL jit = off",
)


@dataclass
class Taken:
    """What became of a file's rows. ``waiting``: taken, and applied once their day has come. ``odd``: the first few.

    ``already_lines``: where the rows start that brought nothing new.
    """

    taken: int = 0
    bad: int = 0
    already: int = 0
    waiting: int = 0
    errors_file: Path | None = None
    odd: tuple[Mistake, ...] = ()
    already_lines: list[int] = field(default_factory=list)


class _NothingTaken(Exception):  # noqa: N818 - takes everything back; the caller answers
    pass


def take_file(
    path: Path, *, by: Clerk, on: date, take_good: bool = False, progress: Callable[[int], None] | None = None
) -> Taken:
    """Receives and applies every row; the bad ones come back in ``<FILE>.errors.csv`` with their cells.

    With a bad row and without ``take_good`` nothing at all is taken: ``taken`` is 0, ``bad`` says how many. The same
    rows again are ``already``; the corrected list of errors may be handed in as it is.

    Raises:
        BadInput: the file cannot be read; nothing is taken, no list is written.
        Refused: the clerk may not.
    """
    if not by.can(EDIT):
        raise Refused(f"「届出の取込み」は{by.get_role_display()}の権限ではできません。")
    errors_path = path.with_name(path.name + ERRORS_SUFFIX)
    taken = Taken()
    known = {*HEAD, *DAYS, *FIELDS}
    with open_csv(path, required=REQUIRED, known=known) as file, bad_rows(errors_path) as errors:
        try:
            with transaction.atomic():
                lock_chain()
                with connection.cursor() as cursor:
                    for setting in FOR_MANY_ROWS:
                        cursor.execute(setting)
                _Taking(taken, errors, by, on).rows(file, progress)
                if taken.bad and not take_good:
                    raise _NothingTaken
        except _NothingTaken:
            taken.taken = taken.already = taken.waiting = 0
            taken.already_lines.clear()
            taken.odd = ()
        errors.keep = taken.bad > 0
    taken.errors_file = errors_path if taken.bad else None
    return taken


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: its line, its own cells, those that are not empty by column, and why it cannot be read."""

    line: int
    cells: list[str]
    told: dict[str, str]
    mistakes: tuple[Mistake, ...]


class _Taking:
    """Takes a file's rows in order, reading ahead and writing the filings themselves by the batch."""

    def __init__(self, taken: Taken, errors: BadRows, by: Clerk, on: date) -> None:
        self.taken, self.errors, self.by, self.on = taken, errors, by, on
        self._at = opening.standing(on)
        self._batch = Batch(by=by, on=on)

    def rows(self, file: CsvRows, progress: Callable[[int], None] | None) -> None:
        for unknown in file.unknown:
            self.odd(Mistake(UNKNOWN, line=1, column=unknown))
        self.errors.head(file.names)
        rows, count = map(partial(_row, file.names), file), 0
        while batch := list(islice(rows, SIZE)):
            households = Households(key for row in batch for key in self._keys(row))
            for row in batch:
                self._row(row, households)
            self._batch.finish()
            count += len(batch)
            if progress is not None and count % PROGRESS_EVERY == 0:
                progress(count)

    def _keys(self, row: _Row) -> Iterator[Key]:
        """The number of the family that a row speaks of, where it can be read."""
        told = row.told
        insurer = self._at.register.insurer(told.get("insurer_number", ""))
        if insurer is not None and told.get("symbol") and told.get("number"):
            yield key_of(Number(insurer, told["symbol"], told["number"]))

    def _row(self, row: _Row, households: Households) -> None:
        try:
            if row.mistakes:
                raise BadInput(row.mistakes)
            self._one(row.line, row.told, households)
        except IntegrityError:
            self._bad(service.clash(), row)
        except (BadInput, Refused) as bad:
            self._bad(bad, row)

    def _bad(self, bad: BadInput | Refused, row: _Row) -> None:
        self.taken.bad += 1
        self.errors.add(_mistakes(bad), row.line, row.cells)

    def _one(self, line: int, row: dict[str, str], households: Households) -> None:
        told = self._told(row, households)
        if told is None:
            self._already(line)
            return
        filing, new = self._batch.take_in(told)
        if filing.status == "applied" or (filing._state.adding and not new):
            self._already(line)
            return
        try:
            case = self._batch.carry_out(filing, told.member, self._at, paperless=households.paperless)
        except NotYet as later:
            self._batch.keep(filing)
            self.taken.taken += new
            self.taken.waiting += new
            if not new:
                self._already(line)
            self._odd(later.oddities, line, row)
            return
        self._settle(case, households)
        self.taken.taken += 1
        self._odd(case.oddities, line, row)

    def _odd(self, oddities: Iterable[str], line: int, row: Mapping[str, str]) -> None:
        for oddity in oddities:
            self.odd(Mistake(oddity, line=line))
        if row["kind"] == Kind.LOSS and "reason" not in row and "lost_on" not in row:
            self.odd(Mistake(NO_REASON, line=line, column="effective_on"))

    def _already(self, line: int) -> None:
        self.taken.already += 1
        self.taken.already_lines.append(line)

    def _settle(self, case: Case, households: Households) -> None:
        """What was read ahead and is another now must be read again."""
        if HANDLERS[case.kind].about_all:
            households.forget_all()
            self._at = opening.standing(self.on)
        # Nobody gets paper but by a ruling.
        households.paperless -= {one["member"] for one in case.consequences if one["code"] == "ruled"}
        if (person := case.found.get("person")) is not None:
            households.forget_person(person.pk)
        for name in ("number", "new_number"):
            if case.value(name):
                households.forget_number(identifier_key(case.value(name)))

    def _told(self, row: dict[str, str], households: Households) -> FilingData | None:
        """The row as a form; None where it was applied before its cover got another number.

        Raises:
            BadInput: unknown kind, day or cover.
        """
        told = _form(row, self.on, municipal=self._at.policy.municipal)
        if not HANDLERS[Kind(told.kind)].about_member:
            return told
        number = self._number(row)
        kind = Kind(told.kind)
        day = effect_of(kind, told.data.get("reason"), date.fromisoformat(told.data["effective_on"]))
        family = households.take(key_of(number))
        member = cover_under(number, kind=kind, day=day, among=family)
        if member is None:
            if _applied_under_former_number(told, number, self.on):
                return None
            raise BadInput(Mistake(NO_COVER, column="number"))
        return _about(told, member)

    def _number(self, row: dict[str, str]) -> Number:
        insurer = self._at.insurer
        if "insurer_number" in row:
            found = self._at.register.insurer(row["insurer_number"])
            if found is None:
                raise BadInput(
                    Mistake("登録されていない保険者番号です。届書で確認してください。", column="insurer_number")
                )
            insurer = found
        return Number(
            insurer,
            _cell(row, "symbol", _identifier),
            _cell(row, "number", _identifier),
            _cell(row, "branch_number", branch),
        )

    def odd(self, mistake: Mistake) -> None:
        """Keeps the first few of what merely looks odd."""
        if len(self.taken.odd) < ODD_KEPT:
            self.taken.odd = (*self.taken.odd, mistake)


def _mistakes(bad: BadInput | Refused) -> list[Mistake]:
    if isinstance(bad, BadInput):
        return list(bad.mistakes)
    columns = getattr(bad, "columns", ())
    return [Mistake(reason, column=columns[n] if n < len(columns) else None) for n, reason in enumerate(bad.reasons)]


def _row(names: list[str], row: CsvRow) -> _Row:
    """The row by its columns, days as they are kept; of one that cannot be read, nothing is looked up."""
    cells = {} if row.mistakes else dict(zip(names, row.cells, strict=True))
    told = {name: iso_text(cell) if _is_day(name) else cell for name, cell in cells.items() if cell}
    return _Row(row.line, row.cells, told, row.mistakes)


def _is_day(name: str) -> bool:
    return name in ("effective_on", "received_on", *DAYS) or (name in FIELDS and FIELDS[name].type == "day")


_day, _identifier = day(required=True), identifier()


def _form(row: dict[str, str], on: date, *, municipal: bool) -> FilingData:
    """The row's values as on a form, still without the member. Raises BadInput: unknown kind, wrong day or way."""
    kind = Kind(row["kind"]) if row.get("kind") in set(Kind) else None
    if kind is None:
        raise BadInput(Mistake(f"{' / '.join(Kind)} のどれかを入れてください。", column="kind"))
    received_on = _cell({"received_on": on.isoformat(), **row}, "received_on", _day)
    # A name that FIELDS does not know was told of with the header.
    data: dict[str, Any] = {name: cell for name, cell in row.items() if name in FIELDS and name not in HEAD}
    _check_windows(kind, row, on)
    data["effective_on"] = _told_on(kind, row)
    if not HANDLERS[kind].about_member:
        data |= {name: row[name] for name in NUMBERS if name in row}
    elif kind == Kind.DEPENDENT_ADDED and "branch_number" in row:
        data["branch_number"] = row["branch_number"]
    via = row.get("via", ways(municipal=municipal)[0][0])
    if municipal and (wrong := wrong_via(via, municipal=True)):
        raise BadInput(wrong)
    return FilingData(kind, None, data, date.fromisoformat(received_on), via)


def _check_windows(kind: Kind, row: dict[str, str], on: date) -> None:
    """Raises BadInput: a day that no cover can have (rules.md §3 "Plausible days"), or none of the calendar."""
    asked = known_day(kind, row.get("reason"))
    for name, told in _days_in(kind, row, asked).items():
        if not COVER.holds(told, on):
            wanted = WANTED.format(label=asked.label) if name == "effective_on" else ""
            raise BadInput(Mistake(COVER.words(on) + wanted, column=name))


def _told_on(kind: Kind, row: dict[str, str]) -> str:
    """The day on the form. A row copied from members.csv may tell 資格取得日 or 資格喪失日 in a column of its own.

    Raises:
        BadInput: no day, no day of the calendar, or the two columns disagree; it names the day that is wanted.
    """
    reason, own = row.get("reason"), kind.day.register
    asked = known_day(kind, reason)
    days = {told_for(kind, reason, day) if name == own else day for name, day in _days_in(kind, row, asked).items()}
    if len(days) > 1:
        rule = NEXT_DAY.format(label=asked.label) if asked.still_covered else ""
        raise BadInput(Mistake(DAYS_DIFFER.format(label=f"異動日（{asked.label}）", rule=rule), column=own))
    return next(iter(days)).isoformat() if days else _day_in(row, "effective_on", asked).isoformat()


def day_on_form(row: dict[str, str]) -> str:
    """The day on the form that a row tells, in whichever column; empty where it is none."""
    try:
        return _told_on(Kind(row["kind"]), row)
    except (BadInput, KeyError, ValueError, OverflowError):
        return ""


def _days_in(kind: Kind, row: dict[str, str], asked: KnownDay) -> dict[str, date]:
    """The day in each column that tells one. Raises BadInput: it is none of the calendar."""
    return {name: _day_in(row, name, asked) for name in ("effective_on", kind.day.register) if row.get(name)}


def _day_in(row: dict[str, str], name: str, asked: KnownDay) -> date:
    try:
        return date.fromisoformat(_cell(row, name, _day))
    except BadInput as bad:
        if name != "effective_on":
            raise
        raise BadInput(
            Mistake(mistake.expected + WANTED.format(label=asked.label), column=name) for mistake in bad.mistakes
        ) from None


def _about(told: FilingData, member: Member) -> FilingData:
    return FilingData(told.kind, member, told.data, told.received_on, told.via)


def _cell(row: dict[str, str], name: str, parse: Callable[[str], Any]) -> str:
    try:
        return str(parse(row.get(name, "")))
    except ValueError as error:
        raise BadInput(Mistake(str(error), column=name)) from None


def _applied_under_former_number(told: FilingData, number: Number, on: date) -> bool:
    """Whether the same filing was applied while the cover still had this number (a file handed in again)."""
    found = Member.objects.filter(pk__in=covers_once_under(number))
    keys = [service.content_key(_about(told, member), on=on) for member in found]
    return Filing.objects.filter(content_key__in=keys, status="applied").exists()
