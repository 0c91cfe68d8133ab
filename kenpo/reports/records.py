"""交付決裁書 and 資格確認書交付簿: what is put to the approver, and what was issued and became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.db import connection

from certificates.decisions.holding import held_back
from certificates.lifecycle import CERTIFICATE
from certificates.models import EligibilityCertificate, Run
from certificates.rules.codes import Basis, Ground
from core.calendar import wareki, wareki_month
from core.streaming import streamed
from kenpo.reports.table import Cell, Column, Report, Table
from members.functions import number_order_sql
from members.models import Insurer
from members.querysets import MUNICIPAL_SQL, name_sql
from members.services import municipal

SEALS: Final = ("常務理事", "事務長", "課長", "係長", "起案")
MUNICIPAL_SEALS: Final = ("部長", "課長", "係長", "起案")
_NUMBER = "concat_ws('-', m.symbol, m.number, nullif(m.branch_number, ''))"

_PROPOSED = f"""
SELECT c.serial, {_NUMBER}, {name_sql("p")}, CASE WHEN {MUNICIPAL_SQL} THEN m.household_key ELSE e.code END, c.ground, c.effective_on, c.valid_through
FROM certificates_eligibilitycertificate c JOIN members_member m ON m.id = c.member_id
JOIN members_person p ON p.id = m.person_id JOIN members_establishment e ON e.id = m.establishment_id
WHERE c.run_id = %(run)s AND c.status <> 'voided' ORDER BY {number_order_sql("m")}, c.serial
"""
_COUNTED = """
SELECT c.ground, count(*) FILTER (WHERE c.kind <> 'renewal'), count(*) FILTER (WHERE c.kind = 'renewal'), count(*),
    min(c.valid_through), max(c.valid_through)
FROM certificates_eligibilitycertificate c
WHERE c.run_id = %(run)s AND c.status <> 'voided' GROUP BY c.ground
"""

# The day on which each thing happened to a certificate, as the log has it; the sheet that was spoiled in printing; the
# next certificate that was issued in its place on an application (再交付).
_REGISTER = f"""
WITH mine AS MATERIALIZED (
    SELECT * FROM certificates_eligibilitycertificate
    WHERE issued_on BETWEEN %(first)s AND %(last)s AND status <> 'proposed'
), anew AS (
    SELECT c.id, c.member_id, c.issued_on FROM certificates_application a
    JOIN certificates_ruling r ON r.request = 'application:' || a.id
    JOIN certificates_eligibilitycertificate c ON c.ruling_id = r.id AND c.status NOT IN ('proposed', 'voided')
    WHERE a.kind = 'reissue'
), replaced AS (
    SELECT mine.id, min(anew.issued_on) AS day FROM mine JOIN anew ON anew.member_id = mine.member_id AND anew.id > mine.id
    GROUP BY mine.id
), told AS (
    SELECT subject_id, max("on") FILTER (WHERE verb = 'void') AS voided,
        max("on") FILTER (WHERE verb = 'recover') AS recovered
    FROM core_event WHERE subject = %(subject)s AND verb IN ('void', 'recover') AND subject_id IN (SELECT id FROM mine)
    GROUP BY subject_id
), spoiled AS (
    SELECT serial, max("on") AS day FROM mailing_papermovement WHERE kind = 'spoil' AND serial <> '' GROUP BY serial
)
SELECT c.serial, c.basis, c.ground, anew.id IS NOT NULL, {_NUMBER}, {name_sql("p")}, c.issued_on, c.valid_through,
    coalesce(told.voided, spoiled.day), replaced.day, told.recovered, c.status
FROM mine c JOIN members_member m ON m.id = c.member_id JOIN members_person p ON p.id = m.person_id
LEFT JOIN anew ON anew.id = c.id LEFT JOIN replaced ON replaced.id = c.id
LEFT JOIN told ON told.subject_id = c.id LEFT JOIN spoiled ON spoiled.serial = c.serial
ORDER BY {number_order_sql("m")}, c.serial
"""


def decision_sheet(run: Run, *, made_on: date) -> Report:
    """The month's proposals for approval: counts by ground, and every certificate with its number and holder."""
    params = {"run": run.pk}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, params)
        counted = {row[0]: row[1:] for row in cursor.fetchall()}
    rows: list[tuple[Cell, ...]] = [(_label(ground), *counted[ground]) for ground in sorted(counted, key=_label)]
    whole = sum(counts[2] for counts in counted.values())
    if rows:
        sums = (sum(counts[place] for counts in counted.values()) for place in range(3))
        rows.append(("合計", *sums, None, None))
    held, elderly = held_back(run).count(), run.elderly_certificates.exclude(status="voided").count()
    about = [
        f"次のとおり、資格確認書 {whole:,}枚を交付してよろしいか伺います。",
        f"判定日 {wareki(run.decided_on)}　交付年月日 {wareki(run.issue_on)}　状態 {run.get_status_display()}",
    ]
    ours = municipal()
    about += [f"高齢受給者証 {elderly:,}枚を含めて決裁します。"] * bool(elderly)
    about += [f"交付を止めた {held:,}人の分は含みません。"] * bool(held)
    return Report(
        f"{wareki_month(run.month)} 資格確認書 交付決裁書",
        run.insurer.name,
        made_on,
        tuple(about),
        (
            Table(
                "事由ごとの枚数",
                (
                    Column("事由", 3),
                    Column("新規", number=True),
                    Column("更新", number=True),
                    Column("合計", number=True),
                    Column("有効期限（最も早い）", 1.9),
                    Column("有効期限（最も遅い）", 1.9),
                ),
                rows,
            ),
            Table(
                "交付する資格確認書",
                (
                    Column("発行番号", 19.5),
                    Column("記号・番号・枝番", 27),
                    Column("氏名", 36.5, name=True),
                    Column("世帯番号" if ours else "事業所", 14),
                    Column("事由", 33),
                    Column("発効期日", 25),
                    Column("有効期限", 25),
                ),
                _proposed(params),
                size_pt=8,
            ),
        ),
        seals=MUNICIPAL_SEALS if ours else SEALS,
    )


def _proposed(params: dict[str, Any]) -> Iterator[tuple[Cell, ...]]:
    for serial, number, name, place, ground, effective_on, valid_through in _stream(_PROPOSED, params):
        yield serial, number, name, place, _label(ground), effective_on, valid_through


def register(insurer: Insurer, first: date, last: date, *, made_on: date) -> Report:
    """Every certificate issued on the days ``first`` to ``last``, and what became of it, by 記号・番号・枝番, then by serial."""
    return Report(
        "資格確認書交付簿",
        insurer.name,
        made_on,
        (f"交付年月日 {wareki(first)}から{wareki(last)}まで",),
        (
            Table(
                "",
                (
                    Column("発行番号", 20),
                    Column("根拠・事由", 42),
                    Column("記号・番号・枝番", 29),
                    Column("氏名", 38, name=True),
                    Column("交付年月日", 24.5),
                    Column("有効期限", 24.5),
                    Column("書損・無効", 24.5),
                    Column("再交付", 24.5),
                    Column("回収", 24.5),
                    Column("状態", 15),
                ),
                _registered(first, last),
                empty="この期間に交付した資格確認書はありません。",
                size_pt=8,
            ),
        ),
        wide=True,
    )


def register_size(first: date, last: date) -> int:
    """How many lines the register of these days has."""
    issued = EligibilityCertificate.objects.filter(issued_on__range=(first, last))
    return issued.exclude(status="proposed").count()


def _registered(first: date, last: date) -> Iterator[tuple[Cell, ...]]:
    params = {"first": first, "last": last, "subject": EligibilityCertificate._meta.label}
    for serial, basis, ground, again, *rest, status in _stream(_REGISTER, params):
        yield serial, _entitled(basis, ground, again), *rest, _STATES[status]


def _entitled(basis: str, ground: str, again: bool) -> str:
    """On which footing and ground it was issued; ``again``: on an application for another one."""
    footing = "再交付" if again else Basis(basis).label
    return f"{footing}：{Ground(ground).label}" if ground else footing


_STATES: Final = {**CERTIFICATE.states, "voided": "無効"}


def _label(ground: str) -> str:
    return Ground(ground).label if ground else "記録なし"


def _stream(sql: str, params: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with streamed(sql, params) as rows:
        yield from rows
