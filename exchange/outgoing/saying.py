"""A file for the fund in the words of the commands: the clerk's lines, and the last line's values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from core.errors import BadInput
from core.text import identifier_key, whole_number
from exchange.models import OutgoingFile
from exchange.outgoing.making import place_of


def lines(files: Iterable[OutgoingFile]) -> Iterator[str]:
    """What the clerk hands over and compares with the fund's receipt."""
    for file in files:
        yield (
            f"{file.get_kind_display()} {file.insurer.number}：{file.row_count} 件、照合用の合計 {file.control_total}"
            f"（{file.get_status_display()}、{place_of(file)}）"
        )


def values(file: OutgoingFile) -> dict[str, Any]:
    """The file for the last line."""
    return {
        "file": file.pk,
        "kind": file.kind,
        "status": file.status,
        "rows": file.row_count,
        "control_total": file.control_total,
    }


def file_of(number: int) -> OutgoingFile:
    """The file of that id.

    Raises:
        BadInput: there is none.
    """
    file = OutgoingFile.objects.select_related("insurer").filter(pk=number).first()
    if file is None:
        raise BadInput(f"依頼ファイル「{number}」はありません。番号を確認してください。")
    return file


def refused_lines(given: Iterable[str]) -> dict[int, str]:
    """Lines that the fund did not take in, with its reasons, from texts like 「3=該当者なし」; blank ones say nothing.

    Raises:
        BadInput: a text of another form, or a line told twice.
    """
    refused: dict[int, str] = {}
    for text in given:
        line, sign, reason = text.partition("=")
        if not text.strip():
            continue
        number = whole_number(identifier_key(line))
        if not sign or number is None or number in refused:
            raise BadInput("受け付けなかった行は「3=該当者なし」のように、行の番号と理由を一行に一つ書いてください。")
        refused[number] = reason.strip()
    return refused
