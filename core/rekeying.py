"""Keys that are stored beside their text, made anew where ``core.text`` makes them otherwise than before: for migrations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from django.db import IntegrityError, transaction

from core.text import identifier_key, kana_key

_NUMBERS = {"symbol": "symbol_key", "number": "number_key", "branch_number": "branch_key"}
_KANA = {"name_kana": "name_kana_key"}
# The keys of plain digits and letters, and of plain kana, are what they always were.
_PLAIN_NUMBER, _PLAIN_KANA = "^[0-9A-Za-z]*$", "^[ァ-ヶー ]*$"
_CHUNK = 2_000


def rekey_numbers(model: Any) -> None:
    """Makes the keys of 記号・番号・枝番 anew.

    A cover whose new number another one has at the same time keeps its old key; the operator is told which it is.
    """
    for pk, fresh, told in _changed(model, _NUMBERS, identifier_key, _PLAIN_NUMBER):
        try:
            with transaction.atomic():
                model.objects.filter(pk=pk).update(**fresh)
        except IntegrityError:
            number = "-".join(key for name in _NUMBERS if (key := identifier_key(told[name])))
            sys.stderr.write(
                f"記号・番号・枝番 {number} の資格が、見えない文字か空白だけの違いで、同じ期間に二つあります。"
                "片方の番号は前のまま残しました。届書で確認して、誤っている方の資格を取り消してください。\n"
            )


def rekey_kana(model: Any) -> None:
    """Makes the keys of readings anew."""
    for pk, fresh, _ in _changed(model, _KANA, kana_key, _PLAIN_KANA):
        model.objects.filter(pk=pk).update(**fresh)


def _changed(
    model: Any, columns: dict[str, str], key_of: Callable[[str], str], plain: str
) -> Iterator[tuple[int, dict[str, str], dict[str, str]]]:
    """Rows whose stored keys are other than they should be: id, the keys as they should be, the texts."""
    seen: set[int] = set()
    for name in columns:
        rows = model.objects.order_by().exclude(**{f"{name}__regex": plain})
        found = rows.values("pk", *columns, *columns.values()).iterator(chunk_size=_CHUNK)
        for row in [row for row in found if _fresh(row, columns, key_of)]:
            if row["pk"] not in seen:
                seen.add(row["pk"])
                yield row["pk"], _fresh(row, columns, key_of), row


def _fresh(row: dict[str, str], columns: dict[str, str], key_of: Callable[[str], str]) -> dict[str, str]:
    fresh = {key: key_of(row[name]) for name, key in columns.items()}
    return {key: value for key, value in fresh.items() if row[key] != value}
