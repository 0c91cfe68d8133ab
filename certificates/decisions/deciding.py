"""The month's decisions: facts streamed through the rules, decisions and proposals written set-based.

Each function is one transaction and may be repeated: what is there already is left alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, transaction

from certificates.decisions import reading
from certificates.decisions.coming import face_on_sql
from certificates.decisions.ruling import REPLACED
from certificates.documents.serials import draw
from certificates.models import Decision, EligibilityCertificate, Recovery, Run
from certificates.rules import facts as fact_module
from certificates.rules import monthly
from certificates.rules.codes import Outcome
from certificates.rules.law import law_on
from certificates.rules.monthly import Days, Decided
from core.models import Clerk
from core.planner import refresh_statistics
from core.streaming import BATCH
from core.transitions import advance, advance_many, lock_chain, record
from members import policy as policies
from members.policy import Policy
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS

_COLUMNS = (
    "run_id",
    "member_id",
    "outcome",
    "reason",
    "detail",
    "kind",
    "need_from",
    "effective_on",
    "valid_through",
    '"limit"',
    "then_effective_on",
    "then_valid_through",
    "then_limit",
    "further",
    "due_on",
    "recover",
    "recovers",
    "replaces",
    "straight_home",
    "facts",
)


def days_of(run: Run) -> Days:
    """The run's days for the rules."""
    return monthly.days_of_run(as_of=run.as_of, decided_on=run.decided_on, issue_on=run.issue_on)


def policy_of(run: Run) -> Policy:
    """The policy the run was decided under, as stored with it."""
    return policies.from_json(run.policy)


@contextmanager
def decided(
    run: Run, policy: Policy, *, day: date | None = None, ordered: bool = False, members: list[int] | None = None
) -> Iterator[Iterator[tuple[reading.Read, Decided]]]:
    """Streams every cover of the run's society with the answer of the rules; writes nothing.

    Raises:
        core.errors.Refused: the policy's fixed dates have run out.
    """
    days, law = days_of(run), law_on(run.decided_on)
    with reading.stream(run.insurer_id, day or run.decided_on, ordered=ordered, members=members) as covers:
        yield ((read, monthly.decide(read.facts, days, policy, law)) for read in covers)


def count_outcomes(run: Run) -> Counter[str]:
    """How many covers each outcome would get now; for gates and simulation."""
    with decided(run, policy_of(run)) as answers:
        return Counter(str(answer.outcome) for _, answer in answers)


def issue_percent(counts: dict[str, int]) -> float:
    """Share of covered members who get a certificate, in percent."""
    covered = sum(n for outcome, n in counts.items() if outcome != Outcome.NOT_COVERED)
    return 100 * counts.get(Outcome.ISSUE, 0) / covered if covered else 0.0


def decide(run: Run) -> Counter[str]:
    """Writes one decision per cover and answers the counts by outcome. All or nothing.

    Raises:
        core.errors.Refused: the policy's fixed dates have run out.
    """
    counts: Counter[str] = Counter()
    batch: list[tuple[Any, ...]] = []
    with transaction.atomic(), decided(run, policy_of(run)) as answers:
        for read, answer in answers:
            counts[str(answer.outcome)] += 1
            batch.append(_row(run.pk, read, answer))
            if len(batch) >= BATCH:
                _copy(batch)
                batch.clear()
        _copy(batch)
    refresh_statistics(Decision, written=counts.total())
    return counts


def _row(run_id: int, read: reading.Read, answer: Decided) -> tuple[Any, ...]:
    first, successors = answer.certificate, answer.successors
    then = successors[0] if successors else None
    further = [[v.effective_on.isoformat(), v.valid_through.isoformat(), v.limit] for v in successors[1:]]
    return (
        run_id,
        read.member_id,
        str(answer.outcome),
        str(answer.reason),
        str(answer.detail or ""),
        answer.kind,
        answer.need_from,
        first and first.effective_on,
        first and first.valid_through,
        str(first.limit) if first else "",
        then and then.effective_on,
        then and then.valid_through,
        str(then.limit) if then else "",
        json.dumps(further) if further else None,
        answer.due_on,
        bool(answer.recover),
        _ids(answer.recover),
        _ids(answer.replaced),
        answer.straight_home,
        json.dumps(fact_module.as_json(read.facts), separators=(",", ":")),
    )


def _ids(ids: tuple[int, ...]) -> str | None:
    return json.dumps(ids) if ids else None


def _copy(batch: list[tuple[Any, ...]]) -> None:
    if not batch:
        return
    with connection.connection.cursor() as cursor:
        statement = f"COPY {Decision._meta.db_table} ({', '.join(_COLUMNS)}) FROM STDIN"
        with cursor.copy(statement) as copy:
            for row in batch:
                copy.write_row(row)


# Every certificate of the run: the first, the next, and any further one of each issue, numbered in the
# order of the lists (insurer, symbol, number, branch), so that serials do not depend on how often a run
# was interrupted.
_PROPOSE = f"""
WITH periods AS (
    SELECT d.id, d.member_id, d.reason, d.kind, 0 AS sequence, d.effective_on, d.valid_through, d."limit",
        d.straight_home
    FROM certificates_decision d WHERE d.run_id = %(run)s AND d.outcome = 'issue'
    UNION ALL
    SELECT d.id, d.member_id, d.reason, 'renewal', 1, d.then_effective_on, d.then_valid_through, d.then_limit,
        d.straight_home
    FROM certificates_decision d WHERE d.run_id = %(run)s AND d.then_effective_on IS NOT NULL
    UNION ALL
    SELECT d.id, d.member_id, d.reason, 'renewal', 1 + more.place::int, (more.period ->> 0)::date,
        (more.period ->> 1)::date, more.period ->> 2, d.straight_home
    FROM certificates_decision d, jsonb_array_elements(d.further) WITH ORDINALITY AS more(period, place)
    WHERE d.run_id = %(run)s AND d.further IS NOT NULL
)
INSERT INTO certificates_eligibilitycertificate
    (serial, member_id, run_id, sequence, basis, ground, kind, issued_on, effective_on, valid_through,
     "limit", straight_home, face_key, coming_id, status)
SELECT certificates_serial(%(first)s + row_number() OVER (
        {reading.PLACE}, periods.sequence) - 1),
    m.id, %(run)s, periods.sequence, 'ex_officio', periods.reason, periods.kind, %(issue_on)s,
    periods.effective_on, periods.valid_through, periods."limit", periods.straight_home,
    coalesce(coming.face_key, {FACE_KEY_SQL}), coming.id, 'proposed'
FROM periods JOIN members_member m ON m.id = periods.member_id {PEOPLE_JOINS}
LEFT JOIN {face_on_sql("periods.effective_on")} coming ON true
RETURNING id
"""


def propose(run: Run, *, by: Clerk) -> int:
    """Turns the run's issues into certificates awaiting approval, with serials; answers how many.

    Opens the recovery duties that the policy asks for. One transaction.
    """
    with transaction.atomic():
        lock_chain()
        wanted = _wanted(run)
        params = {"run": run.pk, "issue_on": run.issue_on, "first": draw(run.insurer, wanted)}
        with connection.cursor() as cursor:
            cursor.execute(_PROPOSE, params)
            ids = [row[0] for row in cursor.fetchall()]
        refresh_statistics(EligibilityCertificate, written=len(ids))
        subject = EligibilityCertificate._meta.label
        record("propose", subject, ids, by=by, on=run.decided_on, note={"run": run.pk})
        _void_replaced(run, by=by)
        duties = _open_recoveries(run)
        refresh_statistics(Recovery, written=len(duties))
        record("open", Recovery._meta.label, duties, by=by, on=run.decided_on, note={"run": run.pk})
        advance(
            run,
            "propose",
            by=by,
            on=run.decided_on,
            counts={**run.counts, "certificates": len(ids), "recoveries": len(duties)},
        )
    return len(ids)


def _void_replaced(run: Run, *, by: Clerk) -> None:
    """Voids what is not yet posted and would begin only after a new certificate is needed (§4 ``serves_through``)."""
    named = Decision.objects.filter(run=run, replaces__isnull=False).values_list("replaces", flat=True)
    ids = sorted({pk for replaced in named for pk in replaced})
    advance_many(
        EligibilityCertificate.objects.filter(pk__in=ids),
        "void",
        by=by,
        on=run.decided_on,
        reason=REPLACED,
        note={"run": run.pk},
    )


def _wanted(run: Run) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) + count(then_effective_on) + coalesce(sum(jsonb_array_length(further)), 0)"
            " FROM certificates_decision WHERE run_id = %s AND outcome = 'issue'",
            [run.pk],
        )
        return int(cursor.fetchone()[0])


def _open_recoveries(run: Run) -> list[int]:
    """Opens the duties that the decisions name: the holder's マイナ保険証 has newly become usable (§4)."""
    policy = policy_of(run)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO certificates_recovery"
            " (certificate_id, cause, return_to, opened_on, due_on, reminders, outcome, status)"
            " SELECT c.id, 'registration', 'insurer', %(on)s, %(on)s + %(days)s, 0, '', 'open'"
            " FROM certificates_decision d"
            " CROSS JOIN jsonb_array_elements_text(d.recovers) AS back(id)"
            " JOIN certificates_eligibilitycertificate c ON c.id = back.id::bigint"
            " WHERE d.run_id = %(run)s AND d.recover AND c.status = 'sent' AND c.valid_through >= %(on)s"
            # Who asked for deregistration keeps the certificate, also before the fund takes the request in.
            " AND NOT EXISTS (SELECT 1 FROM certificates_deregistration r JOIN members_member m"
            " ON m.person_id = r.person_id WHERE m.id = d.member_id AND r.status IN ('received', 'granted'))"
            " ON CONFLICT DO NOTHING RETURNING id",
            {"run": run.pk, "on": run.decided_on, "days": policy.return_days},
        )
        return [row[0] for row in cursor.fetchall()]
