"""The families that the next rows of a file speak of, read together; and which of them hold no certificate at all."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from certificates.requests.filings.finding import DEPENDENTS, RELATED, Number
from core.text import identifier_key
from members.models import Member

Key = tuple[int, str, str]

_COVERS = """
    WITH named AS (
        SELECT m.id FROM members_member m
        JOIN unnest(%s::bigint[], %s::text[], %s::text[]) AS asked (insurer_id, symbol_key, number_key)
            USING (insurer_id, symbol_key, number_key)
    )
    SELECT id FROM named UNION SELECT d.id FROM members_member d JOIN named ON named.id = d.insured_id
"""
_HOLDING = """
    SELECT member_id FROM certificates_eligibilitycertificate
    WHERE member_id = ANY(%(ids)s) AND status IN ('proposed', 'approved', 'printed', 'sent', 'returned')
    UNION SELECT member_id FROM certificates_elderlybeneficiarycertificate
    WHERE member_id = ANY(%(ids)s) AND status IN ('proposed', 'approved', 'printed', 'sent', 'returned')
"""


def key_of(number: Number) -> Key:
    return number.insurer.pk, identifier_key(number.symbol), identifier_key(number.number)


class Households:
    """Covers by number, each family handed out once: whoever comes again is read again, so nothing stale is used."""

    def __init__(self, keys: Iterable[Key]) -> None:
        wanted = sorted(set(keys))
        self._families: dict[Key, list[Member]] = {key: [] for key in wanted}
        self._families_of_person: dict[int, set[Key]] = {}
        self.paperless: frozenset[int] = frozenset()
        if wanted:
            self._read(wanted)

    def _read(self, wanted: list[Key]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_COVERS, [list(column) for column in zip(*wanted, strict=True)])
            ids = [row[0] for row in cursor.fetchall()]
            cursor.execute(_HOLDING, {"ids": ids})
            self.paperless = frozenset(ids) - {row[0] for row in cursor.fetchall()}
        everyone = {one.pk: one for one in Member.objects.filter(pk__in=ids).select_related(*RELATED)}
        for one in everyone.values():
            if one.kind == Member.Kind.INSURED:
                setattr(one, DEPENDENTS, [])
        for one in sorted(everyone.values(), key=lambda m: (m.branch_key, m.acquired_on, m.pk)):
            if one.insured_id in everyone:
                one.insured = everyone[one.insured_id]
                getattr(one.insured, DEPENDENTS).append(one)
            key = (one.insurer_id, one.symbol_key, one.number_key)
            self._families.setdefault(key, []).append(one)
            self._families_of_person.setdefault(one.person_id, set()).add(key)

    def take(self, key: Key) -> list[Member] | None:
        """The covers under a number, once; None when they have to be read."""
        family = self._families.pop(key, None)
        for member in family or ():
            # The same people under other numbers: what happens here holds there.
            self.forget_person(member.person_id)
        return family

    def forget_person(self, person_id: int) -> None:
        """Something about the person has changed."""
        for key in self._families_of_person.pop(person_id, set()):
            self._families.pop(key, None)

    def forget_number(self, number_key: str) -> None:
        """A cover has begun under a number, whatever its 記号."""
        for key in [one for one in self._families if one[2] == number_key]:
            del self._families[key]

    def forget_all(self) -> None:
        """Whole employers have moved."""
        self._families.clear()
