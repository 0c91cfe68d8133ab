"""What every working day does by itself: filings whose day has come, open cases, news of the fund, what the calendar
ends; and it counts what only a look at everybody tells.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from certificates import applications, deregistration, elderly, filings, inquiries, recovering, ruling
from certificates.ending import close_what_ended
from certificates.shares_ahead import foresee_shares
from core import jobs, scratch
from kenpo import surveys
from kenpo.tables import keeping
from mailing import returns
from mailing.services import supersede_changed_shares
from members.models import Insurer
from members.services import society


def key_of(insurer: Insurer) -> str:
    """The key of the daily job."""
    return f"daily:{insurer.number}"


def run_day(on: date) -> dict[str, Any]:
    """Brings due filings into effect, confirms deregistrations, settles open decisions, ends what is over.

    May run any number of times a day.

    Raises:
        core.errors.Refused: another process is doing it now, or nothing has been loaded yet.
    """
    insurer = society()
    with jobs.claim(key_of(insurer)) as job:
        job.outcome = {
            "on": on.isoformat(),
            "filings": filings.apply_due(on=on),
            "ahead": filings.look_ahead(on=on),
            "duties": recovering.begin_duties(on),
            "deregistrations_done": deregistration.confirm(on),
            **ruling.settle(insurer, on=on),
            "inquiries_closed": inquiries.close_settled(on),
            "news": ruling.follow_news(insurer, on=on),
            "shares_ahead": foresee_shares(on),
            "shares_changed": supersede_changed_shares(on, by=None),
            "elderly_certificates": elderly.propose_elderly(None, by=None, on=on),
            "duties_put_off": len(recovering.wait_for_replacements(on)),
            "applications_done": applications.finish_sent(on),
            "ended": close_what_ended(on),
            "returned_mail_closed": returns.close_ended(on=on),
            "tables_removed": keeping.sweep(timezone.now()),
            "leftovers_removed": scratch.sweep(),
            **surveys.count_all(insurer, on),
        }
        return dict(job.outcome)
