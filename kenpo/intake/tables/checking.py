"""From a clerk's file to what it would do, and from there, on confirmation, into the records."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from import_export.results import Result

from core.bad_rows import ERRORS, RENAMED
from core.characters import replaced
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.transitions import record
from kenpo.intake.tables import keeping, reading, standing
from kenpo.intake.tables.columns import column
from kenpo.intake.tables.kinds import KINDS, Kind
from kenpo.intake.tables.reading import Row, Sheet
from kenpo.intake.tables.resource import TableResource
from members.services import society

SHOWN_MAX = 200
COUNTED = ("new", "update", "skip", "invalid")
CHANGED_SINCE = "確認した後に登録の内容が変わりました。何も取り込んでいません。もう一度、ファイルを選んでください。"
NAMES = ("name", "name_kana", "printed_name", "address", "mailing_address")
GARBLED = "{line}行目の{label}：文字化けかもしれません。登録と違い「{found}」があります。元の表の文字と保存の形式を確かめてください。"
NOT_YET = "まだ確認が終わっていません。件数が出てから取り込んでください。"


@dataclass(frozen=True, slots=True)
class Check:
    """What a file would do: counts by import-export's names, the first rows that do something, the bad ones."""

    counts: dict[str, int]
    shown: list[dict[str, Any]]
    bad: list[dict[str, Any]]
    odd: list[str]
    fingerprint: str


def hand_in(kind: Kind, content: bytes, *, form: str, by: Clerk, now: datetime) -> str:
    """Keeps a clerk's file; answers the name under which it is checked and then confirmed."""
    keeping.sweep(now)
    told = {"kind": kind.code, "form": form, "content": b64encode(content).decode("ascii")}
    return keeping.keep(told, by=by, now=now)


def check(name: str, *, by: Clerk, on: date, now: datetime) -> dict[str, int]:
    """Reads and rehearses what was handed in, and keeps the outcome in its place; answers the counts.

    Raises:
        BadInput: the file as a whole cannot be taken; nothing is kept any more.
        Refused: it is gone or another clerk's, or nothing has been loaded yet.
    """
    handed = keeping.kept(name, by=by, now=now)
    if "content" not in handed:
        return _told(handed["counts"])
    try:
        sheet = reading.read(b64decode(handed["content"]), form=handed["form"])
        resource = TableResource(KINDS[handed["kind"]], sheet, by=by, on=on)
        found = _summed(resource, resource.rehearse())
    except (BadInput, Refused):
        keeping.remove(name)
        raise
    told = {
        "kind": handed["kind"],
        "header": sheet.header,
        "rows": [[row.line, row.cells, [[m.column, m.expected] for m in row.mistakes]] for row in sheet.rows],
        "counts": found.counts,
        "shown": found.shown,
        "bad": found.bad,
        "odd": found.odd,
        "fingerprint": found.fingerprint,
    }
    keeping.replace(name, told, by=by)
    return _told(found.counts)


def confirm(name: str, *, take_good: bool, by: Clerk, on: date, now: datetime) -> dict[str, int]:
    """Takes in what was kept, and only if it still does what was shown; answers the counts.

    Raises:
        Refused: it is gone, another clerk's or not yet checked, it has bad rows and ``take_good`` is not set, or the
            records changed.
    """
    with transaction.atomic():
        _one_at_a_time(name)
        told = keeping.kept(name, by=by, now=now)
        if "counts" not in told:
            raise Refused(NOT_YET)
        if told["counts"]["invalid"] and not take_good:
            raise Refused("誤りのある行があります。正しい行だけを取り込むか、直してからもう一度選んでください。")
        kind = KINDS[told["kind"]]
        resource = TableResource(kind, _sheet(told), by=by, on=on)
        found = _summed(resource, resource.take())
        if found.fingerprint != told["fingerprint"]:
            raise Refused(CHANGED_SINCE)
        note = {"kind": kind.code, **_told(found.counts)}
        insurer = society()
        record("take_table", insurer._meta.label, [insurer.pk], by=by, on=on, note=note)
        keeping.remove(name)
    return _told(found.counts)


def _told(counts: dict[str, int]) -> dict[str, int]:
    """The counts under the names that the log and a job's row use."""
    return {
        "created": counts["new"],
        "updated": counts["update"],
        "unchanged": counts["skip"],
        "rejected": counts["invalid"],
    }


def _one_at_a_time(name: str) -> None:
    """A button pressed twice waits for its first press, and then finds the file gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"kenpo table {name}"])


def bad_table(told: dict[str, Any]) -> tuple[list[str], list[dict[str, str]]]:
    """The bad rows with line, column and reason in front, as they may be corrected and handed in again."""
    own = [RENAMED + name if name in ERRORS else name for name in told["header"]]
    names = [*ERRORS, *own]
    rows = []
    for bad in told["bad"]:
        front = [str(bad["line"]), bad["columns"], bad["reason"]]
        rows.append(dict(zip(names, [*front, *told["rows"][bad["place"]][1]], strict=False)))
    return names, rows


def _sheet(told: dict[str, Any]) -> Sheet:
    rows = [
        Row(line, cells, [Mistake(expected, line=line, column=column) for column, expected in mistakes])
        for line, cells, mistakes in told["rows"]
    ]
    return Sheet(told["header"], rows)


def _summed(resource: TableResource, result: Result) -> Check:
    shown: list[dict[str, Any]] = []
    digest = hashlib.sha256()
    for place, row in enumerate(result.rows):
        changes = row.diff or []
        digest.update(json.dumps([row.import_type, changes], ensure_ascii=False).encode())
        if row.import_type in ("new", "update") and len(shown) < SHOWN_MAX:
            line = resource.sheet.rows[place]
            cells = dict(zip(resource.sheet.header, line.cells, strict=False))
            shown.append(
                {
                    "line": line.line,
                    "type": row.import_type,
                    "changes": changes,
                    "key": [cells.get(name, "") for name in key_columns(resource.kind)],
                }
            )
    bad = [_bad(resource, place, found) for place, found in sorted(resource.mistakes.items())]
    counts = {name: int(result.totals[name]) for name in COUNTED}
    return Check(counts, shown, bad, [*_garbled(resource, result), *resource.odd], digest.hexdigest())


def _garbled(resource: TableResource, result: Result) -> list[str]:
    """Where a registered character became a replacement character: a table saved in an encoding that lacks it."""
    header = resource.sheet.header
    names = [name for name in NAMES if name in header]
    rows = [{} if row.mistakes else dict(zip(header, row.cells, strict=True)) for row in resource.sheet.rows]
    said = []
    for place, (row, known) in enumerate(zip(rows, standing.registered(rows) if names else (), strict=False)):
        if result.rows[place].import_type not in ("new", "update"):
            continue
        line = resource.sheet.rows[place].line
        for name in names:
            if found := replaced(known.get(name, ""), row.get(name, "")):
                label = column(name).label.split("（")[0]
                said.append(GARBLED.format(line=line, label=label, found="」「".join(found)))
    return said[:SHOWN_MAX]


def key_columns(kind: Kind) -> tuple[str, ...]:
    """The columns by which a clerk knows a row again."""
    wanted = ("symbol", "number", "branch_number", "name", "envelope_code")
    return tuple(name for name in wanted if name in kind.names)


def _bad(resource: TableResource, place: int, found: list[Mistake]) -> dict[str, Any]:
    columns = dict.fromkeys(one for m in found if m.column for one in m.column.split("・"))
    return {
        "place": place,
        "line": resource.sheet.rows[place].line,
        "columns": "・".join(columns),
        "reason": " ".join(dict.fromkeys(m.expected for m in found)),
    }
