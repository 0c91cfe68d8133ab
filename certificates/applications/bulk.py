"""Applications in bulk by CSV: all of them, or the good ones with the bad ones handed back.

Columns: ``insurer_number, symbol, number, branch_number, kind, ground, received_on, via, applicant,
proxy_relationship`` (the last two may be left out).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction

from certificates.applications.intake import Form, receive
from certificates.services import find_members
from core.damage import Use, told
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from members.damaged import damaged, waits
from members.models import Member

REQUIRED = ("insurer_number", "symbol", "number", "branch_number", "kind", "ground", "received_on", "via")
OPTIONAL = ("applicant", "proxy_relationship")


@dataclass
class Taken:
    """What became of a file: ids of the applications, the mistakes of the bad rows, and what merely looks odd."""

    applications: list[int] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    odd: list[Mistake] = field(default_factory=list)


def receive_file(path: Path, *, on: date, by: Clerk, take_good: bool = False) -> Taken:
    """Takes in a file of applications; without ``take_good``, one bad row keeps all of them out.

    Raises:
        BadInput: the file cannot be read, or (without ``take_good``) a row is bad; every mistake is listed.
    """
    taken, lines = Taken(), dict[int, int]()
    with transaction.atomic():
        for line, row in _rows(path):
            try:
                with transaction.atomic():
                    member = _member(row)
                    taken.applications.append(receive(member, _form(row), on=on, by=by).pk)
                    lines.setdefault(member.pk, line)
                    if odd := told(row.get("proxy_relationship") or "", Use.OTHER):
                        taken.odd.append(Mistake(odd, line=line, column="proxy_relationship"))
            except BadInput as bad:
                taken.mistakes += [Mistake(m.expected, line=line, column=m.column) for m in bad.mistakes]
            except Refused as refused:
                taken.mistakes += [Mistake(reason, line=line) for reason in refused.reasons]
        if taken.mistakes and not take_good:
            raise BadInput(taken.mistakes)
        # Whose paper would be held: said now, not when it is printed.
        for one in damaged(on, lines):
            taken.odd.append(Mistake(waits(one), line=lines[one.member_id]))  # type: ignore[index]
    return taken


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in REQUIRED if name not in (reader.fieldnames or [])]
            if missing:
                raise BadInput(Mistake("この列がありません。", line=1, column=name) for name in missing)
            return [(reader.line_num, row) for row in reader]
    except FileNotFoundError:
        raise BadInput("ファイルが見つかりません。場所を確認してください。") from None
    except UnicodeDecodeError:
        raise BadInput(
            "文字コードがUTF-8ではありません。UTF-8（CSV UTF-8）で保存し直してください。"
        ) from None
    except csv.Error:
        raise BadInput('引用符（"）の対応が正しくありません。ファイルを保存し直してください。') from None


def _member(row: dict[str, Any]) -> Member:
    """The newest cover under the row's numbers."""
    if None in row or None in row.values():
        raise BadInput("列の数が見出しと違います。行を確認してください。")
    found = find_members(
        row["symbol"], row["number"], row["branch_number"], insurer_number=row["insurer_number"]
    )
    return max(found, key=lambda member: member.acquired_on)


def _form(row: dict[str, str]) -> Form:
    try:
        received_on = date.fromisoformat(row["received_on"])
    except ValueError:
        raise BadInput(
            Mistake("YYYY-MM-DD の形の、暦にある日にしてください。", column="received_on")
        ) from None
    return Form(
        row["kind"], row["ground"], received_on, row["via"], row.get("applicant") or "insured",
        row.get("proxy_relationship") or "",
    )  # fmt: skip
