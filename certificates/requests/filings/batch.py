"""Filings of a file: each takes effect in its turn, their own rows and events are written together."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction

from certificates.models import ComingFace, Filing
from certificates.requests.filings import ahead, service
from certificates.requests.filings.case import Case
from certificates.requests.filings.opening import Standing
from certificates.requests.filings.service import FilingData
from certificates.requests.filings.table import HANDLERS
from certificates.rules.filing_kinds import Kind
from core.models import Clerk
from core.transitions import advance_many, record
from members.models import Member

SIZE = 500


class Batch:
    """Within one transaction: call ``finish`` after the last filing, and at the latest after ``SIZE`` of them."""

    def __init__(self, *, by: Clerk | None, on: date) -> None:
        self._by, self._on = by, on
        self._received: dict[str, Filing] = {}
        self._applied: list[Filing] = []
        self._waiting: list[Filing] = []
        self._ids: list[int] = []

    def take_in(self, told: FilingData) -> tuple[Filing, bool]:
        """See ``service.take_in``; a new filing has its id, and is kept once it has taken effect or has to wait."""
        filing, new = service.found_or_made(told, self._find, by=self._by, on=self._on)
        if new:
            filing.pk = self._next_id()
        return filing, new

    def _find(self, content_key: str) -> Filing | None:
        if content_key in self._received:
            return self._received[content_key]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM certificates_filing WHERE content_key = %s", [content_key])
            known = cursor.fetchone()
        return Filing.objects.get(content_key=content_key) if known else None

    def _next_id(self) -> int:
        if not self._ids:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence('certificates_filing', 'id')) FROM generate_series(1, %s)",
                    [SIZE],
                )
                self._ids = [row[0] for row in reversed(cursor.fetchall())]
        return self._ids.pop()

    def carry_out(self, filing: Filing, member: Member | None, at: Standing, *, paperless: frozenset[int]) -> Case:
        """Brings a filing into effect, or takes all of it back and raises. See ``service.apply``."""
        if HANDLERS[Kind(filing.kind)].looks_back:
            self.write()
        with transaction.atomic():
            if not filing._state.adding:
                return service.carry_out(filing, member, at, by=self._by, on=self._on)
            case = service.take_effect(filing, member, at, by=self._by, on=self._on, paperless=paperless)
        self.keep(filing)
        self._applied.append(filing)
        return case

    def keep(self, filing: Filing) -> None:
        """Takes a new filing into the batch."""
        if filing._state.adding:
            self._received[filing.content_key] = filing

    def write(self) -> None:
        """Stores the filings kept so far, received and, where they took effect, applied."""
        filings = list(self._received.values())
        Filing.objects.bulk_create(filings)
        self._record_by_kind(filings)
        for kind in dict.fromkeys(filing.kind for filing in self._applied):
            ids = [filing.pk for filing in self._applied if filing.kind == kind]
            advance_many(Filing.objects.filter(pk__in=ids), "apply", by=self._by, on=self._on, note={"kind": kind})
        self._waiting += [filing for filing in filings if filing.status == "received"]
        self._received, self._applied = {}, []

    def finish(self) -> None:
        """Stores the rest, and sees to faces to come: those that these filings tell, and those that they make others."""
        self.write()
        ahead.receive(self._waiting, by=self._by, on=self._on)
        self._waiting = []
        if ComingFace.objects.exists():
            ahead.look_ahead(on=self._on, by=self._by)

    def _record_by_kind(self, filings: list[Filing]) -> None:
        for kind in dict.fromkeys(filing.kind for filing in filings):
            ids = [filing.pk for filing in filings if filing.kind == kind]
            note = {"kind": kind}
            record("receive", Filing._meta.label, ids, by=self._by, on=self._on, note=note)
