"""Serials of certificates: 11 digits of a society's running number and one Luhn check digit."""

from __future__ import annotations

from django.db import connection
from stdnum import luhn

from core.errors import Fault
from members.models import Insurer

DIGITS = 11
LENGTH = DIGITS + 1

_DRAW = """
    INSERT INTO certificates_serialcounter AS counter (insurer_id, next_value) VALUES (%(society)s, 1 + %(count)s)
    ON CONFLICT (insurer_id) DO UPDATE SET next_value = counter.next_value + %(count)s
    RETURNING next_value - %(count)s
"""


def draw(insurer: Insurer, count: int) -> int:
    """The first of the next ``count`` running numbers of the insurer's society, taken when the transaction ends.

    The counter's row stays locked until then: two runs never draw the same number, and a run that dies leaves no hole.
    Set-based callers number their rows from it and build the text with the PostgreSQL function
    ``certificates_serial(bigint)``.

    Raises:
        Fault: called outside a transaction, or the numbers are used up.
    """
    if not connection.in_atomic_block:
        raise Fault("発行番号はトランザクションの中で採番してください。")
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, {"society": insurer.society.pk, "count": count})
        first = cursor.fetchone()[0]
    if first + count > 10**DIGITS:
        raise Fault("発行番号を使い切りました。システムの管理者に知らせてください。")
    return int(first)


def serial_text(number: int) -> str:
    """The serial of a running number, as printed; the same as PostgreSQL's ``certificates_serial``."""
    digits = f"{number:0{DIGITS}d}"
    return digits + str(luhn.calc_check_digit(digits))


def valid(text: str) -> bool:
    """Whether a scanned or typed serial can be one: twelve ASCII digits with a right check digit."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and bool(luhn.is_valid(text))
