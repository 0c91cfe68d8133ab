"""A small society and files of the fund, for the tests of this floor. All people are invented."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.text import identifier_key, kana_key
from exchange import incoming
from exchange.models import ExchangeFile
from members.models import Establishment, Insurer, Member, MynaStatus, Person
from members.querysets import newest_first_sql

FIRST, SECOND = "06130488", "06137251"
SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)
ON = date(2026, 11, 5)
NAMES = ("ヤマダ　ショウイチ", "ヤマダ　ハナコ", "サトウ　ジロウ", "スズキ　ユキ", "タカハシ　ケン")


@dataclass(frozen=True)
class Line:
    """One data row of ``example-v1``, every cell as it will be written."""

    symbol: str = "100"
    number: str = "1"
    branch: str = "00"
    kana: str = NAMES[0]
    birth: str = "19800115"
    sex: str = "1"
    registered: str = "1"
    registered_on: str = "20240401"
    expires: str = "20290115"
    returned: str = "0"
    returned_on: str = ""

    def cells(self) -> list[str]:
        return [
            self.symbol,
            self.number,
            self.branch,
            self.kana,
            self.birth,
            self.sex,
            self.registered,
            self.registered_on,
            self.expires,
            self.returned,
            self.returned_on,
        ]


def insurer(number: str = FIRST, **more: Any) -> Insurer:
    return Insurer.objects.get_or_create(number=number, defaults={"name": "試験健康保険組合", **more})[0]


def member(
    number: str = "1",
    *,
    symbol: str = "100",
    branch: str = "00",
    kana: str = NAMES[0],
    birth: date = date(1980, 1, 15),
    acquired_on: date = date(2020, 4, 1),
    lost_on: date | None = None,
    of: Insurer | None = None,
    person: Person | None = None,
) -> Member:
    """One cover, of a new person unless one is given."""
    of = of or insurer()
    employer = Establishment.objects.get_or_create(insurer=of, code="1", defaults={"name": "試験株式会社"})[0]
    person = person or Person.objects.create(
        name="試験 太郎",
        name_kana=kana,
        name_kana_key=kana_key(kana),
        birth_date=birth,
        sex="1",
        individual_number_state="registered",
    )
    return Member.objects.create(
        person=person,
        insurer=of,
        establishment=employer,
        symbol=symbol,
        number=number,
        branch_number=branch,
        symbol_key=identifier_key(symbol),
        number_key=identifier_key(number),
        branch_key=identifier_key(branch),
        kind="insured",
        coverage_kind="regular",
        acquired_on=acquired_on,
        lost_on=lost_on,
    )


def v1(
    lines: Iterable[Line],
    *,
    as_of: date = OCTOBER,
    number: str = FIRST,
    kind: str = "M",
    trailer: int | None = -1,
    end: str = "\n",
    created: date = date(2026, 11, 4),
) -> bytes:
    """A file of ``example-v1``; ``trailer`` None leaves it out, another number lies about the rows."""
    rows = [",".join(["D", *line.cells()]) for line in lines]
    text = [f"H,{number},{as_of:%Y%m%d},{created:%Y%m%d},{kind}", *rows]
    if trailer is not None:
        text.append(f"T,{len(rows) if trailer == -1 else trailer}")
    return "".join(part + end for part in text).encode()


def cp932(lines: Iterable[Line]) -> bytes:
    """The same rows as a file of ``example-cp932``."""
    names = "記号,番号,枝番,カナ氏名,生年月日,性別,利用登録,利用登録日,電子証明書有効期限,返納,返納日"
    rows = []
    for line in lines:
        cells = line.cells()
        for at in (4, 7, 8, 10):
            cells[at] = f"{cells[at][:4]}/{cells[at][4:6]}/{cells[at][6:]}" if cells[at] else ""
        rows.append(",".join(cells))
    return "".join(row + "\r\n" for row in [names, *rows]).encode("cp932")


def receive(data: bytes, **more: Any) -> ExchangeFile:
    return incoming.receive(io.BytesIO(data), **{"on": ON, **more})


def month(lines: Iterable[Line], **more: Any) -> ExchangeFile:
    """A monthly file received, matched and applied."""
    file = receive(v1(lines, **more), on=date(2026, 12, 31))
    incoming.match([file], on=ON)
    incoming.apply([file], on=ON)
    file.refresh_from_db()
    return file


def daily(lines: Iterable[Line], as_of: date, **more: Any) -> ExchangeFile:
    return receive(v1(lines, as_of=as_of, kind="D", **more), on=date(2026, 12, 31))


def newest(person: Person, on: date = date(2026, 12, 31)) -> MynaStatus | None:
    """The status in force on a day, as the facts read it."""
    found = MynaStatus.objects.raw(
        "SELECT * FROM members_mynastatus s WHERE person_id = %s AND as_of <= %s"
        f" ORDER BY {newest_first_sql('s')} LIMIT 1",
        [person.pk, on],
    )
    return next(iter(found), None)


def outcomes(file: ExchangeFile) -> list[tuple[str, str]]:
    return list(file.rows.order_by("line_no").values_list("outcome", "reason"))
