"""Applications in bulk by CSV: all of them, or the good ones with the bad ones handed back.

Columns: ``insurer_number, symbol, number, branch_number, kind, ground, received_on, via, applicant,
proxy_relationship`` (the last two may be left out).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction

from certificates.decisions.services import find_members
from certificates.requests.applications.intake import Form, take_in
from core.calendar import read_day
from core.csv_rows import open_csv
from core.damage import Use, told
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from members.damaged import damaged, waits
from members.models import Member

REQUIRED = ("insurer_number", "symbol", "number", "branch_number", "kind", "ground", "received_on", "via")
OPTIONAL = ("applicant", "proxy_relationship")


@dataclass
class Taken:
    """What became of a file: ids of the applications, each once; mistakes of the bad rows; what merely looks odd; lines
    that brought nothing new."""

    applications: list[int] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    odd: list[Mistake] = field(default_factory=list)
    already: list[int] = field(default_factory=list)


def receive_file(path: Path, *, on: date, by: Clerk, take_good: bool = False) -> Taken:
    """Takes in a file of applications; without ``take_good``, one bad row keeps all of them out.

    The same row twice, or an application that was taken in before, is one application.

    Raises:
        BadInput: the file cannot be read, or (without ``take_good``) a row is bad; every mistake is listed.
    """
    taken, applications, lines = Taken(), dict[int, None](), dict[int, int]()
    with transaction.atomic(), open_csv(path, required=REQUIRED, known=(*REQUIRED, *OPTIONAL)) as file:
        for row in file:
            try:
                if row.mistakes:
                    raise BadInput(row.mistakes)
                cells = dict(zip(file.names, row.cells, strict=True))
                with transaction.atomic():
                    member = _member(cells)
                    received, new = take_in(member, _form(cells), on=on, by=by)
            except BadInput as bad:
                taken.mistakes += [Mistake(m.expected, line=row.line, column=m.column) for m in bad.mistakes]
            except Refused as refused:
                taken.mistakes += [Mistake(reason, line=row.line, column="number") for reason in refused.reasons]
            else:
                applications[received.pk] = None
                lines.setdefault(member.pk, row.line)
                if odd := told(cells.get("proxy_relationship") or "", Use.OTHER):
                    taken.odd.append(Mistake(odd, line=row.line, column="proxy_relationship"))
                if not new:
                    taken.already.append(row.line)
        if taken.mistakes and not take_good:
            raise BadInput(taken.mistakes)
        # Whose paper would be held: said now, not when it is printed.
        for one in damaged(on, lines):
            taken.odd.append(Mistake(waits(one), line=lines[one.member_id]))  # type: ignore[index]
    taken.applications = list(applications)
    return taken


def _member(row: dict[str, str]) -> Member:
    """The newest cover under the row's numbers."""
    try:
        found = find_members(row["symbol"], row["number"], row["branch_number"], insurer_number=row["insurer_number"])
    except BadInput as bad:
        raise BadInput(Mistake(mistake.expected, column="number") for mistake in bad.mistakes) from None
    return max(found, key=lambda member: member.acquired_on)


def _form(row: dict[str, str]) -> Form:
    try:
        received_on = read_day(row["received_on"])
    except ValueError:
        raise BadInput(Mistake("暦にある日を YYYY-MM-DD の形で入れてください。", column="received_on")) from None
    return Form(
        row["kind"],
        row["ground"],
        received_on,
        row["via"],
        row.get("applicant") or "insured",
        row.get("proxy_relationship") or "",
    )
