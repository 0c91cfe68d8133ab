"""回収率: of the duties of a month, how many papers came back within one month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from certificates.models import Recovery
from certificates.recovery.scanning import CHANNELS
from core.calendar import month_end, month_start


@dataclass(frozen=True, slots=True)
class RateRow:
    """One establishment and one way back (``return_to``).

    ``recovered``: came back within one month of the duty; ``came_by``: these by the channel they really took;
    ``otherwise``: ended within the month without the paper (lost, expired, given up).
    """

    establishment_code: str
    establishment_name: str
    return_to: str
    opened: int
    recovered: int
    otherwise: int
    came_by: Mapping[str, int]

    @property
    def percent(self) -> float:
        """Share of the duties whose paper came back within one month, to one decimal."""
        return round(100 * self.recovered / self.opened, 1)


# One month from a day ends on the same day of the next month (民法143条; PostgreSQL's month, clamped to its end).
_RATE = """
WITH duty AS (
    SELECT r.id, r.return_to, e.code, e.name,
        CASE WHEN r.closed_on <= r.opened_on + interval '1 month' THEN r.outcome ELSE '' END AS outcome
    FROM certificates_recovery r
    LEFT JOIN certificates_eligibilitycertificate c ON c.id = r.certificate_id
    LEFT JOIN certificates_elderlybeneficiarycertificate k ON k.id = r.elderly_certificate_id
    JOIN members_member m ON m.id = coalesce(c.member_id, k.member_id)
    LEFT JOIN members_member mi ON mi.id = m.insured_id
    JOIN members_establishment e ON e.id = coalesce(mi.establishment_id, m.establishment_id)
    WHERE r.opened_on BETWEEN %(first)s AND %(last)s AND r.status <> 'planned' AND r.outcome <> 'lifted' AND r.cause <> 'reissued'
), came AS (
    SELECT DISTINCT ON (subject_id) subject_id, note ->> 'channel' AS channel
    FROM core_event WHERE subject = %(subject)s AND verb = 'close' AND subject_id IN (SELECT id FROM duty)
    ORDER BY subject_id, seq DESC
)
SELECT d.code, d.name, d.return_to, count(*), count(*) FILTER (WHERE d.outcome = 'recovered'),
    count(*) FILTER (WHERE d.outcome NOT IN ('', 'recovered')),
    count(*) FILTER (WHERE d.outcome = 'recovered' AND came.channel = 'establishment'),
    count(*) FILTER (WHERE d.outcome = 'recovered' AND came.channel = 'mail'),
    count(*) FILTER (WHERE d.outcome = 'recovered' AND came.channel = 'counter')
FROM duty d LEFT JOIN came ON came.subject_id = d.id
GROUP BY d.code, d.name, d.return_to ORDER BY d.code COLLATE "C", d.return_to
"""


def rate(month: date) -> list[RateRow]:
    """The duties opened in the month of ``month``, by establishment and way back.

    Lifted duties were none in the end, and those of a lost paper hold only if it is found: neither counts.
    Source: rules.md §9.
    """
    params = {"first": month_start(month), "last": month_end(month), "subject": Recovery._meta.label}
    with connection.cursor() as cursor:
        cursor.execute(_RATE, params)
        rows = cursor.fetchall()
    return [
        RateRow(code, name, way, opened, recovered, otherwise, dict(zip(CHANNELS, came, strict=True)))
        for code, name, way, opened, recovered, otherwise, *came in rows
    ]


# Of the duties alone: a list's heading needs no establishment, so nobody's cover is looked up.
_SUMS = """
SELECT count(*), count(*) FILTER (WHERE outcome = 'recovered' AND closed_on <= opened_on + interval '1 month')
FROM certificates_recovery
WHERE opened_on BETWEEN %(first)s AND %(last)s AND status <> 'planned' AND outcome <> 'lifted' AND cause <> 'reissued'
"""


def rate_of_all(month: date) -> tuple[int, int]:
    """The sums of ``rate``: duties opened in the month, and papers that came back within one month."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, {"first": month_start(month), "last": month_end(month)})
        opened, recovered = cursor.fetchone()
    return int(opened), int(recovered)
