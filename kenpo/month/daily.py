"""What every working day does by itself: filings whose day has come, open cases, news of the fund, what the calendar
ends; and it counts what only a look at everybody tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from certificates import recovery
from certificates.decisions import elderly, ruling
from certificates.decisions.shares_ahead import foresee_shares
from certificates.recovery.ending import close_what_ended
from certificates.requests import applications, deregistration, filings, inquiries
from core import jobs, scratch
from core.calendar import wareki
from core.forward import require_not_before
from core.models import Event
from core.transitions import record
from kenpo.intake.tables import keeping
from kenpo.month import surveys
from mailing.post import returns
from mailing.services import review_holds, supersede_changed_shares
from members.models import Insurer
from members.services import society

VERB = "daily"
USUAL_DAYS = 3
"""So many days after the last one the job comes in the ordinary way, a long weekend being over; later is told in words."""
STANDING = frozenset({"open", "waiting", "refused", "held"})
"""Counts of what is left, not of what was done."""


def key_of(insurer: Insurer) -> str:
    """The key of the daily job."""
    return f"daily:{insurer.number}"


def last_day(insurer: Insurer) -> date | None:
    """The newest day for which the daily job was done; none before the first."""
    done = Event.objects.filter(subject=Insurer._meta.label, subject_id=insurer.pk, verb=VERB)
    newest: date | None = done.aggregate(newest=Max("on"))["newest"]
    return newest


def missed_days(last: date | None, on: date) -> list[date]:
    """The days between the last one and ``on``, in order; a first day has missed none."""
    return [] if last is None else [last + timedelta(days=n) for n in range(1, (on - last).days)]


def late_words(last: date | None, on: date) -> str:
    """That the job comes more than ``USUAL_DAYS`` after the last one, and what is done about it; empty when it does not."""
    if last is None or (on - last).days <= USUAL_DAYS:
        return ""
    missed = missed_days(last, on)
    return (
        f"前回の毎日の処理（{wareki(last)}）から{(on - last).days}日たっています。"
        f"行われなかった{wareki(missed[0])}から{wareki(missed[-1])}までの分を、1日ずつ順に行いました。"
    )


def late_since(insurer: Insurer, on: date) -> str:
    """That the job has not come for longer than usual, for the first page; empty while it has, and before the first time."""
    last = last_day(insurer)
    if last is None or (on - last).days <= USUAL_DAYS:
        return ""
    return (
        f"毎日の処理が{wareki(last)}のあと行われていません。管理者に知らせてください。"
        "次に行われるときに、間の日の分も1日ずつ順に行います。"
    )


def run_day(on: date) -> dict[str, Any]:
    """Brings due filings into effect, confirms deregistrations, settles open decisions, ends what is over.

    Days that were missed are caught up first, one by one. May run any number of times a day. Answers the counts of all
    the days together, ``caught_up`` how many were missed, and ``late`` in words where that is more than usual.

    Raises:
        core.errors.Refused: another process is doing it now, nothing has been loaded yet, or the day is before the last.
    """
    insurer = society()
    with jobs.claim(key_of(insurer)) as job:
        last = last_day(insurer)
        require_not_before("毎日の処理をする", on, "毎日の処理", last)
        missed, counts = missed_days(last, on), dict[str, Any]()
        for day in (*missed, on):
            jobs.step(job, day.isoformat())
            counts = _added(counts, _day(insurer, day))
            if last is None or last < day:
                record(VERB, Insurer._meta.label, [insurer.pk], by=None, on=day, note={})
        job.outcome = {
            "on": on.isoformat(),
            "caught_up": len(missed),
            "late": late_words(last, on),
            **counts,
            "tables_removed": keeping.sweep(timezone.now()),
            "leftovers_removed": scratch.sweep(),
            **surveys.count_all(insurer, on),
        }
        return dict(job.outcome)


def _day(insurer: Insurer, on: date) -> dict[str, Any]:
    return {
        "filings": filings.apply_due(on=on),
        "ahead": filings.look_ahead(on=on),
        "duties": recovery.begin_duties(on),
        "deregistrations_done": deregistration.confirm(on),
        **ruling.settle(insurer, on=on),
        "inquiries_closed": inquiries.close_settled(on),
        "news": ruling.follow_news(insurer, on=on),
        "shares_ahead": foresee_shares(on),
        "shares_changed": supersede_changed_shares(on, by=None),
        "elderly_certificates": elderly.propose_elderly(None, by=None, on=on),
        "holds": review_holds(insurer, on=on),
        "duties_put_off": len(recovery.wait_for_replacements(on)),
        "applications_done": applications.finish_sent(on),
        "ended": close_what_ended(on),
        "returned_mail_closed": returns.close_ended(on=on),
    }


def _added(before: Mapping[str, Any], day: Mapping[str, Any]) -> dict[str, Any]:
    """The counts of several days together; what is left open or waiting is told as the last day leaves it."""
    added: dict[str, Any] = {}
    for key, count in day.items():
        if isinstance(count, Mapping):
            added[key] = _added(before.get(key, {}), count)
        else:
            added[key] = count if key in STANDING else before.get(key, 0) + count
    return added
