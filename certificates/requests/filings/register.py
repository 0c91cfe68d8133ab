"""What many filings ask for again and again: insurer numbers and employers, read once."""

from __future__ import annotations

from django.db.models import Q

from members.models import Establishment, Insurer


class Register:
    """The society's insurer numbers and employers as of when they were first asked for."""

    def __init__(self, society: Insurer) -> None:
        self._society = society
        self._insurers: dict[str, Insurer] | None = None
        self._establishments: dict[tuple[int, str], Establishment | None] = {}

    def insurer(self, number: str) -> Insurer | None:
        """The insurer of this society under a number."""
        if self._insurers is None:
            ours = Insurer.objects.filter(Q(pk=self._society.pk) | Q(main=self._society))
            self._insurers = {one.number: one for one in ours.select_related("main")}
        return self._insurers.get(number)

    def establishment(self, insurer: Insurer, code: str) -> Establishment | None:
        """The employer of a code; an insurer's second number may use the society's own."""
        key = (insurer.pk, code)
        if key not in self._establishments:
            ours = Q(insurer=insurer) | Q(insurer=self._society) | Q(insurer__main=self._society)
            found = sorted(
                Establishment.objects.filter(ours, code=code), key=lambda one: (one.insurer_id != insurer.pk, one.pk)
            )
            self._establishments[key] = found[0] if found else None
        return self._establishments[key]
