"""The facts a decision reads, as of a day: typed, and compact when stored. Pure.

``certificates.decisions.reading`` fills them from the database; ``as_json`` and ``from_json`` keep them with the
decision, so that it can be replayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

USABLE_STATES = ("registered", "not_registered", "returned")
POSTED_STATES = ("sent", "returned")


@dataclass(frozen=True, slots=True)
class InsuredCover:
    """The insured person's own cover, as a dependent's facts need it."""

    coverage_kind: str
    acquired_on: date
    lost_on: date | None
    birth_date: date
    resident: bool


@dataclass(frozen=True, slots=True)
class FundRow:
    """The newest word of the fund on the person. ``state`` is one of ``MynaStatus.State``.

    Registered, not_registered and returned can be used; rejected, conflict and double are a row that says nothing;
    absent is no row. ``line_no`` names the line of the file ``file_id``; ``other_lines`` (file, line) name the same
    person, where the row is double.
    """

    state: str
    as_of: date
    source: str = "monthly"
    registered_on: date | None = None
    expires_on: date | None = None
    file_id: int | None = None
    line_no: int | None = None
    other_lines: tuple[tuple[int, int], ...] = ()

    @property
    def usable(self) -> bool:
        return self.state in USABLE_STATES


@dataclass(frozen=True, slots=True)
class Registration:
    """What was known of the マイナ保険証 on some earlier day."""

    registered: bool
    registered_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A live certificate of this cover (rules.md §4); days inclusive.

    ``arrives_on`` is the day it is in the holder's hands, absent while it is not on its way. ``known``: what was known
    of the マイナ保険証 on ``issued_on``, absent when nothing was. ``carried_over``: taken from another system.
    """

    id: int
    effective_on: date
    valid_through: date
    status: str = "sent"
    arrives_on: date | None = None
    issued_on: date | None = None
    ground: str = ""
    carried_over: bool = False
    known: Registration | None = None

    @property
    def posted(self) -> bool:
        """Whether it has left the house; also when the post brought it back."""
        return self.status in POSTED_STATES


@dataclass(frozen=True, slots=True)
class HeldCard:
    """A legacy card still in use."""

    issued_on: date
    valid_through: date | None


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Everything the rules read about one member on the day of the decision."""

    acquired_on: date
    birth_date: date
    kind: str = "insured"
    coverage_kind: str = "regular"
    lost_on: date | None = None
    resident: bool = True
    insured: InsuredCover | None = None
    number_state: str = "registered"
    nondisclosure: bool = False
    address_protected: bool = False
    needs_assistance: bool = False
    assisted: bool = False
    fund_registered_on: date | None = None
    row: FundRow | None = None
    deregistered_on: tuple[date, ...] = ()
    certificates: tuple[HeldCertificate, ...] = ()
    cards: tuple[HeldCard, ...] = ()


# Facts as stored are read here alone: SQL asks by these names. A row of the fund is stored in the order of ``_ROW``.
_ROW = ("state", "as_of", "source", "registered_on", "expires_on", "file_id", "line_no", "other_lines")


def row_as_of_sql(facts: str) -> str:
    """The day of the fund's word in ``facts``, a column that ``as_json`` filled; NULL where they had none."""
    return f"({facts} -> 'r' ->> {_ROW.index('as_of')})::date"


def row_file_sql(facts: str) -> str:
    """The file of that word, NULL where it came in none."""
    return f"({facts} -> 'r' ->> {_ROW.index('file_id')})::bigint"


def number_state_sql(facts: str) -> str:
    """The state of the individual number where it is not registered; else NULL."""
    return f"({facts} ->> 'n')"


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def as_json(facts: MemberFacts) -> dict[str, Any]:
    """Compact plain values; what equals the default is left out."""
    out: dict[str, Any] = {"a": facts.acquired_on.isoformat(), "b": facts.birth_date.isoformat()}
    if facts.kind != "insured":
        out["k"] = facts.kind
    if facts.coverage_kind != "regular":
        out["c"] = facts.coverage_kind
    if facts.lost_on is not None:
        out["l"] = facts.lost_on.isoformat()
    if not facts.resident:
        out["abroad"] = 1
    if (i := facts.insured) is not None:
        out["i"] = [i.coverage_kind, i.acquired_on.isoformat(), _day(i.lost_on), i.birth_date.isoformat(), i.resident]
    if facts.number_state != "registered":
        out["n"] = facts.number_state
    for key, flag in (
        ("nd", facts.nondisclosure),
        ("ap", facts.address_protected),
        ("na", facts.needs_assistance),
        ("as", facts.assisted),
    ):
        if flag:
            out[key] = 1
    if facts.fund_registered_on is not None:
        out["f"] = facts.fund_registered_on.isoformat()
    if (r := facts.row) is not None:
        out["r"] = [
            r.state,
            r.as_of.isoformat(),
            r.source,
            _day(r.registered_on),
            _day(r.expires_on),
            r.file_id,
            r.line_no,
            *([[list(line) for line in r.other_lines]] if r.other_lines else []),
        ]
    if facts.deregistered_on:
        out["d"] = [d.isoformat() for d in facts.deregistered_on]
    if facts.certificates:
        out["h"] = [_held_json(held) for held in facts.certificates]
    if facts.cards:
        out["g"] = [[g.issued_on.isoformat(), _day(g.valid_through)] for g in facts.cards]
    return out


def _held_json(held: HeldCertificate) -> list[Any]:
    known = held.known
    return [
        held.id,
        held.effective_on.isoformat(),
        held.valid_through.isoformat(),
        held.status,
        _day(held.arrives_on),
        _day(held.issued_on),
        held.ground,
        held.carried_over,
        [known.registered, _day(known.registered_on), _day(known.expires_on)] if known else None,
    ]


def held_of(stored: list[Any]) -> HeldCertificate:
    """One certificate as stored; facts of before version 2 of the rules end with ``arrives_on``."""
    day = date.fromisoformat
    pk, effective_on, valid_through, status, arrives_on, *more = stored
    held = HeldCertificate(pk, day(effective_on), day(valid_through), status, _date(arrives_on))
    if not more:
        return held
    issued_on, ground, carried_over, known = more
    registration = Registration(known[0], _date(known[1]), _date(known[2])) if known else None
    return replace(held, issued_on=_date(issued_on), ground=ground, carried_over=carried_over, known=registration)


def _row_of(
    state: str,
    as_of: str,
    source: str,
    registered_on: str | None,
    expires_on: str | None,
    file_id: int | None,
    line_no: int | None,
    others: Sequence[Sequence[int]] = (),
) -> FundRow:
    lines = tuple((file, line) for file, line in others)
    day = date.fromisoformat(as_of)
    return FundRow(state, day, source, _date(registered_on), _date(expires_on), file_id, line_no, lines)


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value is not None else None


def from_json(stored: Mapping[str, Any]) -> MemberFacts:
    """The facts that ``as_json`` stored."""
    day = date.fromisoformat
    i, r = stored.get("i"), stored.get("r")
    return MemberFacts(
        acquired_on=day(stored["a"]),
        birth_date=day(stored["b"]),
        kind=stored.get("k", "insured"),
        coverage_kind=stored.get("c", "regular"),
        lost_on=_date(stored.get("l")),
        resident="abroad" not in stored,
        insured=InsuredCover(i[0], day(i[1]), _date(i[2]), day(i[3]), i[4]) if i else None,
        number_state=stored.get("n", "registered"),
        nondisclosure="nd" in stored,
        address_protected="ap" in stored,
        needs_assistance="na" in stored,
        assisted="as" in stored,
        fund_registered_on=_date(stored.get("f")),
        row=_row_of(*r) if r else None,
        deregistered_on=tuple(day(d) for d in stored.get("d", ())),
        certificates=tuple(held_of(h) for h in stored.get("h", ())),
        cards=tuple(HeldCard(day(g[0]), _date(g[1])) for g in stored.get("g", ())),
    )
