"""A dispatch for an outside printer: its finished files with a control list that the printer can check alone.

No file's name holds personal data. Source: rules.md §10 (accidents); interfaces.md (files of a dispatch).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

from core.csv_rows import CsvRows
from core.disk import write_whole
from core.errors import BadInput, Fault, Refused, naming_file
from core.forward import require_forward
from core.models import Clerk
from core.paper import readback
from core.roles import DISPATCH
from core.transitions import record
from mailing.models import Dispatch, PrintedFile
from mailing.papers import contents, files
from mailing.planning import leaving

CONTROL: Final = "control.csv"
PULLED: Final = "pulled.csv"
PULLED_COLUMNS = ("serial", "kind", "file", "page", "envelope")
TOTAL: Final = "total"
EXPORTABLE = ("proved", "sealed")


@dataclass(frozen=True, slots=True)
class Line:
    """One file: its pages, the sheets of paper they make, and the envelopes that it fills.

    ``sheets``: a document has two pages on one sheet or one page on one; of lists and address sheets, the pages.
    """

    file: str
    kind: str
    pages: int
    sheets: int
    sha256: str
    envelopes: int
    first_envelope: str
    last_envelope: str


COLUMNS = tuple(field.name for field in fields(Line))
Row = Mapping[str, str]


def export(dispatch: Dispatch, to: Path, *, by: Clerk, on: date) -> dict[str, Any]:
    """Copies the dispatch's files to the folder, with ``control.csv`` and the list of what was pulled.

    A repeat writes the same bytes; every export is logged.

    Raises:
        BadInput: the folder holds something else.
        Refused: the clerk may not; the dispatch is not proved, or is sent; something is to be pulled; a file is not
            the one that was proved.
    """
    if not by.can(DISPATCH):
        raise Refused(f"「印刷会社へ書き出す」は{by.get_role_display()}の権限ではできません。")
    if dispatch.status not in EXPORTABLE:
        raise Refused(
            f"発送 {dispatch.pk} は「{dispatch.get_status_display()}」です。"
            "照合を済ませてから発送するまでの間に書き出してください。"
        )
    require_forward(Dispatch, [dispatch.pk], "印刷会社へ書き出す", on=on)
    if waiting := leaving.find(dispatch, on=on):
        raise Refused(
            f"引き抜く分が {len(waiting)} 件あります。`manage.py pull_list {dispatch.pk}` で確かめ、"
            "引き抜いてから --confirm を付けて記録し、もう一度照合してください。"
        )
    data = dict(_copies(dispatch))
    data[PULLED] = _pulled(dispatch)
    kinds = dict(PrintedFile.objects.filter(dispatch=dispatch).values_list("name", "kind"))
    pages = dict(PrintedFile.objects.filter(dispatch=dispatch).values_list("name", "pages"))
    lines = control(
        [
            (name, kinds.get(name, "pulled"), pages.get(name, 0), hashlib.sha256(d).hexdigest())
            for name, d in sorted(data.items())
        ],
        _rows(data[files.MANIFEST], files.MANIFEST, files.MANIFEST_COLUMNS),
    )
    data[CONTROL] = _csv(COLUMNS, map(astuple, lines))
    _check_folder(to, data)
    for name, content in data.items():
        if files.sha256(to / name) != hashlib.sha256(content).hexdigest():
            write_whole(to / name, content)
    total = lines[-1]
    note = {"files": len(lines) - 1, "pages": total.pages, "sha256": hashlib.sha256(data[CONTROL]).hexdigest()}
    record("export", Dispatch._meta.label, [dispatch.pk], by=by, on=on, note=note)
    return {
        "dispatch": dispatch.pk,
        "files": len(lines) - 1,
        "pages": total.pages,
        "sheets": total.sheets,
        "envelopes": total.envelopes,
    }


def _copies(dispatch: Dispatch) -> Iterator[tuple[str, bytes]]:
    """Each file of the dispatch with its bytes, which must be those that were proved."""
    for name, digest in PrintedFile.objects.filter(dispatch=dispatch).order_by("name").values_list("name", "sha256"):
        path = files.folder(dispatch) / name
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != digest:
            raise Refused(
                f"{name} が、照合したものと違うか、ありません。`manage.py prove_dispatch {dispatch.pk}` で確かめてください。"
            )
        yield name, content


def _pulled(dispatch: Dispatch) -> bytes:
    """What the printer must take out: printed, and not to be sent any more."""
    names = dict(PrintedFile.objects.filter(dispatch=dispatch).values_list("id", "name"))
    return _csv(
        PULLED_COLUMNS,
        (
            (item.serial, item.kind, names.get(item.file_id or 0, ""), item.first_page, item.envelope_code)
            for item in contents.items(dispatch)
            if not item.active
        ),
    )


def _check_folder(to: Path, data: Mapping[str, bytes]) -> None:
    if to.exists() and not to.is_dir():
        raise BadInput(f"{to} はフォルダーではありません。新しいフォルダーを指定してください。")
    foreign = sorted(path.name for path in to.iterdir() if path.name not in data) if to.exists() else []
    if foreign:
        raise BadInput(
            f"{to} には、この発送のものでないファイルが {len(foreign)} 個あります。空のフォルダーを指定してください。"
        )


def control(listed: Sequence[tuple[str, str, int, str]], manifest: Sequence[Row]) -> list[Line]:
    """The control list for files (name, kind, pages, hash), the totals last."""
    every = list(dict.fromkeys(row["envelope"] for row in manifest))
    by_file: dict[str, list[str]] = {}
    for row in manifest:
        by_file.setdefault(row["file"], []).append(row["envelope"])
    lines, addressed = [], 0
    for name, kind, pages, digest in listed:
        mine = by_file.get(name, [])
        sheets = len(mine) or pages
        if kind == "address":
            mine = every[addressed : addressed + pages]
            addressed += pages
        codes = list(dict.fromkeys(mine)) or [""]
        lines.append(Line(name, kind, pages, sheets, digest, len(set(mine)), codes[0], codes[-1]))
    codes = every or [""]
    pages, sheets = sum(line.pages for line in lines), sum(line.sheets for line in lines)
    return [*lines, Line(TOTAL, "", pages, sheets, "", len(every), codes[0], codes[-1])]


def check(folder: Path) -> list[str]:
    """Every difference between an exported folder and its control list; empty when they agree.

    Raises:
        BadInput: there is no control list, or it is none.
    """
    path = folder / CONTROL
    if not path.is_file():
        raise BadInput(f"{folder} に {CONTROL} がありません。書き出したフォルダーを指定してください。")
    kept = _rows(path.read_bytes(), CONTROL, COLUMNS)
    if not kept or tuple(kept[0]) != COLUMNS:
        raise BadInput(f"{CONTROL} の見出しが違います。書き出したままの {CONTROL} を使ってください。")
    named = [row for row in kept if row["file"] != TOTAL]
    names = {row["file"] for row in named}
    present = [row for row in named if (folder / row["file"]).is_file()]
    found = [f"{row['file']}: ファイルがありません。" for row in named if row not in present]
    found += [
        f"{other.name}: {CONTROL} にないファイルです。"
        for other in sorted(folder.iterdir())
        if other.name not in (*names, CONTROL)
    ]
    if len(kept) - len(named) != 1:
        found.append(f"{CONTROL}: 合計の行が一つではありません。")
    manifest = folder / files.MANIFEST
    try:
        documents = _rows(manifest.read_bytes(), files.MANIFEST, files.MANIFEST_COLUMNS) if manifest.is_file() else []
    except BadInput as bad:
        documents = []
        found += map(str, bad.mistakes)
    listed = [
        (row["file"], row["kind"], _pages(folder / row["file"]), files.sha256(folder / row["file"])) for row in present
    ]
    wanted = {line.file: line for line in control(listed, documents)}
    return found + [text for row in kept if row["file"] in wanted for text in _differences(row, wanted[row["file"]])]


_WORDS = {
    "kind": "種類",
    "pages": "ページ数",
    "sheets": "枚数",
    "sha256": "ハッシュ",
    "envelopes": "封筒の数",
    "first_envelope": "最初の封筒番号",
    "last_envelope": "最後の封筒番号",
}


def _differences(row: Row, line: Line) -> Iterator[str]:
    place = "合計" if row["file"] == TOTAL else row["file"]
    for column, now in zip(COLUMNS[1:], map(str, astuple(line)[1:]), strict=True):
        if row[column] != now:
            yield f"{place}: {_WORDS[column]}が {CONTROL} では {row[column] or '空'}、実際は {now or '空'} です。"


def _pages(path: Path) -> int:
    """Pages of a PDF; 0 of anything else, or where it cannot be opened."""
    if path.suffix != ".pdf":
        return 0
    try:
        with readback.open_pdf(path) as pdf:
            return len(pdf)
    except Fault:
        return 0


def _csv(columns: Sequence[str], rows: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _rows(content: bytes, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of one of the lists written here. Raises BadInput: it is none any more."""
    text = io.StringIO(content.decode("utf-8", "surrogateescape"), newline="")
    with naming_file(name):
        rows = CsvRows(text, required=columns)
        found = list(rows)
        if mistakes := [mistake for row in found for mistake in row.mistakes]:
            raise BadInput(mistakes)
    return [dict(zip(rows.names, row.cells, strict=True)) for row in found]
