"""manage.py verify_log: is the event log still what was written?"""

from __future__ import annotations

from typing import Any

from django.db import connection

from core.commands import KenpoCommand
from core.errors import Refused

# One pass over the table: number, link to the row before, and the row's own fingerprint.
_FIRST_WRONG = """
    SELECT seq, number_wrong, link_wrong FROM (
        SELECT e.seq,
            e.seq <> COALESCE(lag(e.seq) OVER tail, 0) + 1 AS number_wrong,
            e.previous_hash <> COALESCE(lag(e.hash) OVER tail, '\\x'::bytea) AS link_wrong,
            e.hash <> core_event_hash(e) AS content_wrong
        FROM core_event e WINDOW tail AS (ORDER BY e.seq)
    ) checked
    WHERE number_wrong OR link_wrong OR content_wrong ORDER BY seq LIMIT 1
"""


class Command(KenpoCommand):
    help = "操作記録の連なりを確かめ、書き換えられた最初の行を示します。"

    def run(self, **options: Any) -> dict[str, Any]:
        return verify()


def verify() -> dict[str, Any]:
    """How many events stand in an unbroken chain, and the fingerprint of the last one.

    Raises:
        Refused: a row was altered, removed or put in; names the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_WRONG)
        wrong = cursor.fetchone()
        if wrong is not None:
            seq, number_wrong, link_wrong = wrong
            if number_wrong:
                what = "の直前の行がなくなっているか、番号が変わっています"
            elif link_wrong:
                what = "かその直前の行が、書かれた後に変わっています"
            else:
                what = "の内容が、書かれた後に変わっています"
            raise Refused(f"操作記録の{seq}番{what}。データベースの控えと比べ、管理者に知らせてください。")
        cursor.execute("SELECT count(*) FROM core_event")
        count = cursor.fetchone()[0]
        cursor.execute("SELECT encode(hash, 'hex') FROM core_event ORDER BY seq DESC LIMIT 1")
        head = cursor.fetchone()
    return {"events": count, "head": head[0] if head else ""}
