"""How a form came in, as far as the scheme has that way. Source: rules.md §8, §12 ``scheme``."""

from __future__ import annotations

from typing import Any

from certificates.models import Via
from core.errors import Mistake
from members import services

NO_EMPLOYERS = "この制度には事業所がありません。受付方法は、郵送・電子メール・窓口のどれかにしてください。"


def ways(*, municipal: bool) -> list[tuple[str, str]]:
    """The ways there are, with their names, the usual one first."""
    if not municipal:
        return list(Via.choices)
    usual = [way for way in Via.choices if way[0] == Via.COUNTER]
    return usual + [way for way in Via.choices if way[0] not in (Via.COUNTER, Via.ESTABLISHMENT)]


def set_ways(form: Any) -> None:
    """Offers in a form's field ``via`` the ways there are, and chooses the usual one where nothing is chosen yet."""
    offered = ways(municipal=services.municipal())
    form.fields["via"].choices = offered
    form.initial.setdefault("via", offered[0][0])


def wrong_via(via: str, *, municipal: bool) -> Mistake | None:
    """What is wrong with a way, ``None`` when nothing is."""
    if municipal and via == Via.ESTABLISHMENT:
        return Mistake(NO_EMPLOYERS, column="via")
    if via not in Via.values:
        words = " / ".join(way for way, _ in ways(municipal=municipal))
        return Mistake(f"受付方法は {words} のどれかにしてください。", column="via")
    return None
