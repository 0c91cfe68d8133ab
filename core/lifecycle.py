"""Lifecycles as tables: which verb moves a document from which states to which.

Pure data. ``core.transitions`` is the only writer of any status and reads it from here; so do the
PostgreSQL guards, the admin's buttons, the diagram in docs/ and the tests (every state × verb).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Transition:
    """One allowed change: ``verb`` takes a document from any of ``sources`` to ``target``.

    ``label`` is the button's Japanese text, ``permission`` the capability a clerk needs, ``asks`` the
    facts that must be given with it (``reason`` …), ``source`` the rule behind it.
    """

    verb: str
    sources: tuple[str, ...]
    target: str
    label: str
    permission: str
    asks: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Lifecycle:
    """All states of one kind of document, where it may begin, and every transition.

    ``beginnings``: the verbs under which a document's beginning is recorded, each with its label; its day counts as the
    first step's. ``forward``: whether its steps bear their own days; those of a file that a month applies bear the
    month's.
    """

    name: str
    label: str
    states: Mapping[str, str]
    initial: tuple[str, ...]
    transitions: tuple[Transition, ...]
    carried_over: tuple[str, ...] = ()
    beginnings: Mapping[str, str] = field(default_factory=dict)
    forward: bool = True
    by_verb: Mapping[str, Transition] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_verb", {t.verb: t for t in self.transitions})
        known = set(self.states)
        used = {s for t in self.transitions for s in (*t.sources, t.target)}
        if len(self.by_verb) != len(self.transitions):
            raise ValueError(f"{self.name}: a verb stands twice")
        if not (used | set(self.initial) | set(self.carried_over)) <= known:
            raise ValueError(f"{self.name}: a transition names an unknown state")

    def pairs(self) -> list[tuple[str, str]]:
        """Every allowed (from, to), for the database's guard."""
        return sorted({(s, t.target) for t in self.transitions for s in t.sources})

    def possible(self, status: str) -> list[Transition]:
        """Transitions that may start in ``status``, in table order."""
        return [t for t in self.transitions if status in t.sources]

    def why_not(self, status: str, verb: str) -> str:
        """Sentence that tells a clerk why ``verb`` is not possible now."""
        transition = self.by_verb[verb]
        allowed = "・".join(self.states[s] for s in transition.sources)
        return (
            f"{self.label}は「{self.states.get(status, status)}」のため、「{transition.label}」はできません"
            f"（「{allowed}」のときにできます）。"
        )
