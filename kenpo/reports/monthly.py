"""月報: what was issued, renewed, reissued, taken back and returned in a month, and how fast and how far it goes.

Every figure comes from one statement over the whole society; the number of statements does not depend on its size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final

from django.db import connection

from certificates import recovery
from certificates.recovery import RateRow
from certificates.recovery.duties import PAPERS
from certificates.rules.codes import Basis, Ground, by_number
from certificates.rules.filing_kinds import Kind
from core.calendar import month_end, month_end_after, month_start, wareki_month
from exchange.models import ExchangeFile
from exchange.rules.gates import Rate
from kenpo.reports.table import Cell, Column, Report, Table
from mailing.papers import kinds
from mailing.papers.kinds import DocumentKind
from members.models import Insurer
from members.services import municipal

HAPPENED: Final = {
    "issued": "新規交付",
    "renewed": "更新",
    "reissued": "再交付",
    "recovered": "回収",
    "returned": "返戻",
}
BAND_YEARS, LAST_BAND = 10, 70
JOINING: Final = (Kind.ACQUISITION, Kind.DEPENDENT_ADDED, Kind.REHIRE)
LOADED: Final = "事由の記録なし（取り込んだ証など）"


def _happened_of(kind: DocumentKind) -> Iterator[str]:
    """The documents of one kind that were issued, taken back or returned by the post in the month, with whose they are.

    A shared sheet counts once. What was never sent (void) was not issued; a kind that says not as what it is issued is not
    counted then.
    """
    whose = f"'{kind.kind}' AS paper, {kind.basis_sql} AS basis, {kind.ground_sql} AS ground, d.member_id"
    if kind.issue_sql:
        yield f"""
    SELECT {kind.issue_sql} AS what, {whose} FROM {kind.table} d {kind.issue_joins_sql}
    WHERE d.issued_on BETWEEN %(first)s AND %(last)s AND d.status NOT IN ('proposed', 'voided')"""
    if column := PAPERS.get(kind.model):
        yield f"""
    SELECT 'recovered' AS what, {whose} FROM certificates_recovery y JOIN {kind.table} d ON d.id = y.{column}_id
    WHERE y.outcome = 'recovered' AND y.closed_on BETWEEN %(first)s AND %(last)s"""
    yield f"""
    SELECT 'returned' AS what, {whose} FROM mailing_returnedmail b
    JOIN mailing_enclosure x ON x.envelope_id = b.envelope_id AND x.active
    JOIN {kind.table} d ON d.id = x.{kind.column}_id
    WHERE b.returned_on BETWEEN %(first)s AND %(last)s"""


def _happened_sql() -> str:
    """What happened, counted by kind, ground, establishment and age."""
    return f"""
WITH happened AS (
    {" UNION ALL ".join(part for kind in kinds.every() for part in _happened_of(kind))}
), told AS (
    SELECT h.what, h.paper, h.basis, h.ground, coalesce(mi.establishment_id, m.establishment_id) AS establishment,
        least(extract(year FROM age(%(last)s::date + 1, p.birth_date))::int / %(years)s * %(years)s, %(oldest)s) AS band
    FROM happened h JOIN members_member m ON m.id = h.member_id JOIN members_person p ON p.id = m.person_id
    LEFT JOIN members_member mi ON mi.id = m.insured_id
)
SELECT grouping(t.paper, t.ground, t.establishment), t.what, t.paper, t.basis, t.ground, e.code, e.name, t.band, count(*)
FROM told t JOIN members_establishment e ON e.id = t.establishment
GROUP BY GROUPING SETS (
    (t.what, t.paper), (t.what, t.paper, t.basis, t.ground), (t.what, t.establishment, e.code, e.name), (t.what, t.band)
)
"""


_BY_PAPER, _BY_GROUND, _BY_ESTABLISHMENT, _BY_BAND = 0b011, 0b001, 0b110, 0b111

_DEREGISTRATIONS = """
SELECT count(*) FILTER (WHERE received_on BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE accepted_on BETWEEN %(first)s AND %(last)s),
    count(*) FILTER (WHERE status = 'received' AND received_on <= %(last)s)
FROM certificates_deregistration
"""
# By the day on which the fund had the cover; the nearest rank, so that each figure is one that occurred.
_DAYS = """
SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY taken), percentile_disc(0.9) WITHIN GROUP (ORDER BY taken),
    max(taken)
FROM (
    SELECT m.fund_registered_on - f.received_on AS taken
    FROM certificates_filing f JOIN members_member m ON m.id = f.member_id
    WHERE f.status = 'applied' AND f.kind = ANY(%(joining)s) AND m.fund_registered_on BETWEEN %(first)s AND %(last)s
) registered
"""
_WITHOUT_NUMBER = """
SELECT e.code, e.name, count(*) FILTER (WHERE p.individual_number_state = 'pending'),
    count(*) FILTER (WHERE p.individual_number_state = 'unregistered'), count(*)
FROM members_person p JOIN members_member m ON m.person_id = p.id LEFT JOIN members_member mi ON mi.id = m.insured_id
JOIN members_establishment e ON e.id = coalesce(mi.establishment_id, m.establishment_id)
WHERE p.individual_number_state IN ('pending', 'unregistered') AND m.acquired_on <= %(last)s
    AND (m.lost_on IS NULL OR m.lost_on > %(last)s) AND (mi.lost_on IS NULL OR mi.lost_on > %(last)s)
GROUP BY e.id ORDER BY e.code COLLATE "C", e.id
"""


def report(insurer: Insurer, month: date, *, made_on: date) -> Report:
    """The figures of a calendar month, by the days on which things happened; ages on its last day."""
    params = {
        "first": month_start(month),
        "last": month_end(month),
        "years": BAND_YEARS,
        "oldest": LAST_BAND,
        "joining": [str(kind) for kind in JOINING],
    }
    happened, ours = _all(_happened_sql(), params), municipal()
    return Report(
        f"{wareki_month(month)} 資格確認書 月報",
        insurer.name,
        made_on,
        ("交付は交付年月日、回収は返納を受けた日、返戻は戻った日がこの月のものです。",),
        (
            *_happened(happened, ours),
            _deregistrations(params),
            _days(params, ours),
            _registration(month),
            _recovery(month, ours),
            _without_number(params, ours),
        ),
    )


def _all(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _happened(rows: list[tuple[Any, ...]], ours: bool) -> list[Table]:
    """What happened, by kind of paper, ground, establishment and age; ``ours``: of a municipal scheme, without employers."""
    grounds, labels = [row for row in rows if row[2] == kinds.CERTIFICATE.kind], kinds.labels()
    employers = sorted(rows, key=lambda row: row[5] or "")
    by_employer = _crossed("事業所ごと", "事業所", employers, _BY_ESTABLISHMENT, lambda row: f"{row[5]}　{row[6]}", [])
    return [
        _crossed("書類の種類ごと", "書類", rows, _BY_PAPER, lambda row: labels[row[2]], list(labels.values())),
        _crossed("資格確認書の事由ごと", "事由", grounds, _BY_GROUND, lambda row: _ground(row[3], row[4]), _GROUNDS),
        *([] if ours else [by_employer]),
        _crossed("年齢ごと（月末の年齢）", "年齢", rows, _BY_BAND, lambda row: _band(row[7]), _BANDS),
    ]


def _ground(basis: str, ground: str) -> str:
    label = Ground(ground).label if ground else LOADED
    return f"申請：{label}" if basis == Basis.APPLICATION else label


def _band(first: int) -> str:
    return f"{first}歳以上" if first >= LAST_BAND else f"{first}〜{first + BAND_YEARS - 1}歳"


_GROUNDS: Final = [
    _ground(basis, ground)
    for basis in (Basis.EX_OFFICIO, Basis.APPLICATION)
    for ground in [*sorted(Ground, key=by_number), ""]
]
_BANDS: Final = [_band(first) for first in range(0, LAST_BAND + 1, BAND_YEARS)]


def _crossed(
    title: str, first: str, rows: Iterable[tuple[Any, ...]], grouping: int, name: Callable[[Any], str], order: list[str]
) -> Table:
    """One line a name, one column a thing that happened, with their sums; in the order given, else as they come."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(HAPPENED, 0))
    for row in rows:
        if row[0] == grouping:
            counts[name(row)][row[1]] += row[8]
    names = [each for each in order if each in counts] or list(counts)
    lines: list[tuple[Cell, ...]] = [(each, *counts[each].values()) for each in names]
    if lines:
        lines.append(("合計", *(sum(counts[each][what] for each in names) for what in HAPPENED)))
    columns = (Column(first, 4), *(Column(label, number=True) for label in HAPPENED.values()))
    return Table(title, columns, lines, note="単位：枚")


def _deregistrations(params: dict[str, Any]) -> Table:
    [(received, accepted, waiting)] = _all(_DEREGISTRATIONS, params)
    rows = [("申請の受付", received), ("基金の受付", accepted), ("月末までに受け付け、基金の受付を待つもの", waiting)]
    return Table("利用登録解除", (Column("項目", 4), Column("件数", number=True)), rows)


def _days(params: dict[str, Any], ours: bool) -> Table:
    [(count, median, slow, longest)] = _all(_DAYS, params)
    rows = [(count, f"{median}日", f"{slow}日", f"{longest}日")] if count else []
    columns = (
        Column("登録した人", number=True),
        Column("中央値", number=True),
        Column("9割が登録されるまで", 1.5, number=True),
        Column("最長", number=True),
    )
    joined = "資格取得" if ours else "資格取得・被扶養者追加・再雇用"
    return Table(
        "届出の受付から基金への登録までの日数",
        columns,
        rows,
        note=f"基金への登録日がこの月の、{joined}。暦日",
        empty="この月に基金へ登録した届出はありません。",
    )


def _registration(month: date) -> Table:
    """Of the monthly file that the month is decided on."""
    as_of = month_end_after(month, -1)
    counts = ExchangeFile.objects.filter(kind="monthly", status="applied", as_of=as_of).values_list("counts", flat=True)
    told = list(counts)
    rate = Rate(sum(c.get("registered", 0) for c in told), sum(c.get("rows", 0) - c.get("rejected", 0) for c in told))
    rows = [(rate.part, rate.whole, f"{float(rate.percent):.1f}％")] if rate.whole else []
    columns = (Column("利用登録あり", number=True), Column("読めた行", number=True), Column("割合", number=True))
    return Table("マイナ保険証の利用登録", columns, rows, empty="この月の月次ファイルはまだ反映していません。")


def _recovery(month: date, ours: bool) -> Table:
    rates = recovery.rate(month)
    rows: list[tuple[Cell, ...]] = []
    for place, mine in groupby(rates, key=lambda row: _place(row.establishment_code, row.establishment_name, ours)):
        rows.append((place, *_sums(list(mine))))
    if rows:
        rows.append(("合計", *_sums(rates)))
    columns = (
        Column("区分" if ours else "事業所", 4),
        Column("回収の義務", number=True),
        Column("1か月以内に回収", 1.3, number=True),
        Column("回収率", number=True),
    )
    return Table(
        "回収率",
        columns,
        rows,
        note="この月に生じた義務のうち、1か月以内に戻ったもの",
        empty="この月に生じた回収の義務はありません。",
    )


def _place(code: str, name: str, whole: bool) -> str:
    """An employer by code and name; a municipal scheme is one whole."""
    return "全体" if whole else f"{code}　{name}"


def _sums(rates: list[RateRow]) -> tuple[Cell, ...]:
    opened, recovered = sum(row.opened for row in rates), sum(row.recovered for row in rates)
    return opened, recovered, f"{100 * recovered / opened:.1f}％"


def _without_number(params: dict[str, Any], ours: bool) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (_place(code, name, ours), pending, unregistered, whole)
        for code, name, pending, unregistered, whole in _all(_WITHOUT_NUMBER, params)
    ]
    if rows:
        rows.append(("合計", *(sum(row[place] for row in rows) for place in (1, 2, 3))))  # type: ignore[misc]
    columns = (
        Column("区分" if ours else "事業所", 4),
        Column("手続き中", number=True),
        Column("未登録", number=True),
        Column("合計", number=True),
    )
    return Table("個人番号を提出していない人", columns, rows, note="月末に資格のある人", empty="該当する人はいません。")
