"""One place where paper and database differ, in the words of the office; the text itself is never quoted."""

from __future__ import annotations

from dataclasses import dataclass

from certificates.documents.face import LABELS as CERTIFICATE_LABELS
from mailing.papers import files, kinds
from mailing.papers.layouts import address, cover
from notices.letters import base as letters

OTHER = "データベースの内容と違います"

_MARKS = {
    "seal": "印",
    "heading": "見出し",
    "page": "ページ",
    "sheet": "用紙",
    "sha": "ハッシュ",
    "file": "ファイル",
    "order": "順",
    "lines": "行数",
    "columns": "列",
    "envelope": "封筒番号",
    "position": "束の中の順",
    "kind": "種類",
    "establishment_code": "事業所コード",
    "household": "世帯",
    "qr": "QRコード",
    "font": "書体",
    "place": "面付けの場所",
    "trim": "トンボ",
    "row": "表",
}


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One place where paper and database differ: file, page (0: the whole file), field, and what is wrong.

    Of the manifest, ``page`` is the line and ``field`` the column. ``characters``: which letters, with their code
    points; ``whose``: envelope and 記号・番号・枝番. No name is ever told.
    """

    file: str
    page: int
    field: str
    problem: str = OTHER
    characters: str = ""
    whose: str = ""

    def __str__(self) -> str:
        unit = "行目" if self.file == files.MANIFEST else "ページ"
        page = f" {self.page}{unit}" if self.page else ""
        letters = f"（{self.characters}）" if self.characters else ""
        whose = f"［{self.whose}］" if self.whose else ""
        return f"{self.file}{page} 「{_label(self.file, self.field)}」: {self.problem}{letters}。{whose}"


def _label(file: str, field: str) -> str:
    """The field in Japanese, with its code."""
    if file.startswith("covers"):
        row, _, column = field.partition("_") if field.startswith("row") else ("", "", field)
        labels = {name: label for name, label, *_ in cover.COLUMNS}
        return f"{row.removeprefix('row')}番目の{labels[column]}（{field}）" if row else field
    documents = next((kind for kind in kinds.every() if file.startswith(kind.stem)), None)
    if documents is not None:
        label = documents.field_label(field)
    elif file.startswith("requests"):
        label = letters.LABELS.get(field, "")
    else:
        label = (address.LABELS if file.startswith("addresses") else CERTIFICATE_LABELS).get(field, "")
    label = label or _MARKS.get(field.rstrip("0123456789"), "")
    return f"{label}（{field}）" if label else field
