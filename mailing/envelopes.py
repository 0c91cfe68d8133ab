"""Which paper goes into which envelope, and which envelopes travel together. Pure.

One household per envelope, at most N sheets; whoever is protected rides alone, to a safe address, or not at all.
Source: rules.md §4 (successor), §10.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from core.text import number_order

Channel = Literal["establishment", "home"]

PROTECTED, ADDRESS_MISSING, SHARE_MISSING = "protected", "address_missing", "share_missing"
HOLDS: Mapping[str, str] = {
    PROTECTED: "住所などを伏せる方で、安全な送付先がまだ決まっていません",
    ADDRESS_MISSING: "送付先の住所が登録されていません",
    "missing_glyph": "印刷できない文字があります",
    "damaged": "文字化けかもしれない登録があります。確かめて「登録のとおりで正しい」を記録するか、届出で直してください",
    "does_not_fit": "印刷する枠に入らない項目があります",
    "face_changed": "決定の後に表面の内容（氏名・番号など）が変わりました",
    "head_left": "世帯主の資格が終わっています。新しい世帯主を台帳に入れてください",
    SHARE_MISSING: "一部負担金の割合がまだ届いていません。割合を台帳に入れてください",
    "cover_ended": "決定の後に資格がなくなりました",
    "not_needed": "資格確認書がなく、要らなくなりました",
}
"""Why a paper waits, by code, as a sentence."""
HOLD_NAMES: Mapping[str, str] = {
    PROTECTED: "安全な送付先の確認中",
    ADDRESS_MISSING: "送付先の確認中",
    "missing_glyph": "字形の確認中",
    "damaged": "登録の文字の確認中",
    "does_not_fit": "印字の枠に入らない",
    "face_changed": "表面の内容が変わった",
    "head_left": "世帯主の確認中",
    SHARE_MISSING: "負担割合の確認中",
    "cover_ended": "資格がなくなった",
    "not_needed": "要らなくなった",
}
"""The same in the few words of a list."""
HOLD_TURNS: Mapping[str, str] = {
    **dict.fromkeys(
        (PROTECTED, ADDRESS_MISSING, "missing_glyph", "damaged", "does_not_fit", "head_left", SHARE_MISSING),
        "届出の担当者",
    ),
    **dict.fromkeys(("face_changed", "cover_ended", "not_needed"), "毎日の処理（作業は要りません）"),
}
"""Whose turn it is."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where an envelope goes, as printed in its window."""

    postal_code: str
    address: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One document to enclose, with what decides its way.

    ``household_id`` is the cover of the insured person, or of the household's head. ``always_home``: 任意継続 or 特例退職. ``household_protected``: the
    insured person is protected, so that no list may name the household. ``own_address`` is a mailing address of the
    person's own; ``person_address`` wherever the person gets post, ``household_address`` the insured person.
    ``sealed``: it shows digits of a 個人番号 and lies in no envelope with anything else. ``mass``: of the mass round.
    ``rank``: the place of its kind among the kinds; those of one rank follow each other by their codes.
    """

    kind: str
    id: int
    member_id: int
    household_id: int
    establishment_id: int
    establishment_code: str
    symbol: str
    number: str
    branch_number: str
    form: str
    sequence: int = 0
    always_home: bool = False
    protected: bool = False
    household_protected: bool = False
    safe_address: PostalAddress | None = None
    own_address: PostalAddress | None = None
    person_address: PostalAddress | None = None
    household_address: PostalAddress | None = None
    sealed: bool = False
    mass: bool = False
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """A paper's way: ``alone`` means an envelope of the person's own."""

    channel: Channel
    to_safe_address: bool = False
    alone: bool = False
    address: PostalAddress | None = None


@dataclass(frozen=True, slots=True)
class DispatchKey:
    """What one dispatch has in common."""

    kind: str
    channel: Channel
    form: str
    to_safe_address: bool


@dataclass(frozen=True, slots=True)
class EnvelopePlan:
    """One envelope with its papers in the order of insertion; positions count from 1."""

    position: int
    bundle_position: int
    establishment_id: int | None
    household_id: int
    member_id: int
    address: PostalAddress | None
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Dispatches with their envelopes, and the papers that must wait with the reason."""

    dispatches: dict[DispatchKey, list[EnvelopePlan]]
    held: list[tuple[Paper, str]]


def route(paper: Paper, channels: Mapping[str, Channel]) -> Route | str:
    """The way of one paper, or the code of the reason why it has none yet.

    A dependent of a protected insured person goes to its own address under its own name: an envelope at the
    employer would name the insured person.
    Source: rules.md §10.
    """
    if paper.protected:
        if paper.safe_address is None:
            return PROTECTED
        return Route("home", to_safe_address=True, alone=True, address=paper.safe_address)
    channel = channels["mass" if paper.mass else paper.kind]
    if not (paper.always_home or paper.household_protected) and channel == "establishment":
        return Route("establishment")
    alone = paper.household_protected or paper.own_address is not None
    address = paper.own_address or (paper.person_address if alone else paper.household_address)
    if address is None:
        return ADDRESS_MISSING
    return Route("home", alone=alone, address=address)


Routed = tuple[Paper, Route]
_Party = tuple[str, bool, str, int, int, int]


def _party(paper: Paper, way: Route) -> _Party:
    """Whose envelope it is: the household on one channel, one person of it, or one sealed sheet."""
    establishment = paper.establishment_code if way.channel == "establishment" else ""
    person = paper.member_id if way.alone else 0
    sheet = paper.id if paper.sealed else 0
    return (way.channel, way.to_safe_address, establishment, paper.household_id, person, sheet)


_Order = tuple[str, int, str, int]


def _order(paper: Paper) -> _Order:
    """記号・番号・枝番, numbers as numbers; the establishment leads. Source: rules.md §10."""
    place = (paper.establishment_code, paper.establishment_id)
    return (*place, number_order(paper.symbol, paper.number, paper.branch_number), paper.member_id)


def _home_order(paper: Paper) -> _Order:
    return ("", 0, number_order(paper.symbol, paper.number, paper.branch_number), paper.member_id)


def _units(routed: Sequence[Routed]) -> Iterator[list[Routed]]:
    """The papers of one member, certificates first and in their sequence: they are never divided."""
    ordered = sorted(routed, key=lambda r: (_order(r[0]), *_rank(r[0]), r[0].sequence, r[0].id))
    for _, unit in groupby(ordered, key=lambda r: r[0].member_id):
        yield list(unit)


def pack(units: Iterable[list[Routed]], max_sheets: int) -> Iterator[list[Routed]]:
    """One household's papers in envelopes of at most ``max_sheets``.

    A member's own papers stay together even where they alone are more (successors; rules.md §4).
    """
    current: list[Routed] = []
    for unit in units:
        if current and len(current) + len(unit) > max_sheets:
            yield current
            current = []
        current = [*current, *unit]
    if current:
        yield current


def _rank(paper: Paper) -> tuple[int, str]:
    """The place of its kind: whose dispatch the papers of one envelope are, that of the first kind that lies in it."""
    return (paper.rank, paper.kind)


def _riding_along(routed: Sequence[Routed], apart: Collection[str]) -> Callable[[Paper, Route], DispatchKey]:
    """Puts all papers but those of the kinds ``apart`` into one dispatch with the household's others of that day."""
    leads: dict[_Party, Paper] = {}
    for paper, way in routed:
        if paper.kind not in apart:
            party = _party(paper, way)
            leads[party] = min(leads.get(party, paper), paper, key=_rank)

    def key(paper: Paper, way: Route) -> DispatchKey:
        return _own_key(paper if paper.kind in apart else leads[_party(paper, way)], way)

    return key


def _own_key(paper: Paper, way: Route) -> DispatchKey:
    return DispatchKey(paper.kind, way.channel, paper.form, way.to_safe_address)


def _ordered_envelopes(routed: Sequence[Routed], max_sheets: int) -> list[list[Routed]]:
    parties: dict[_Party, list[Routed]] = {}
    for paper, way in routed:
        parties.setdefault(_party(paper, way), []).append((paper, way))
    envelopes = [e for party in parties.values() for e in pack(_units(party), max_sheets)]

    def order(envelope: list[Routed]) -> _Order:
        paper, way = envelope[0]
        return _order(paper) if way.channel == "establishment" else _home_order(paper)

    return sorted(envelopes, key=order)


def numbered(envelopes: Iterable[EnvelopePlan]) -> Iterator[EnvelopePlan]:
    """The envelopes counted through, and within each establishment's bundle, from 1."""
    bundle, in_bundle = None, 0
    for position, envelope in enumerate(envelopes, start=1):
        in_bundle = in_bundle + 1 if envelope.establishment_id == bundle else 1
        bundle = envelope.establishment_id
        yield replace(envelope, position=position, bundle_position=position if bundle is None else in_bundle)


def _envelope(routed: Sequence[Routed]) -> EnvelopePlan:
    paper, way = routed[0]
    return EnvelopePlan(
        0,
        0,
        paper.establishment_id if way.channel == "establishment" else None,
        paper.household_id,
        paper.member_id if way.alone else paper.household_id,
        way.address,
        tuple(p for p, _ in routed),
    )


def plan(
    papers: Iterable[Paper], *, channels: Mapping[str, Channel], max_sheets: int, apart: Collection[str] = ()
) -> Plan:
    """Envelopes and dispatches for the papers; the same papers in any order give the same plan.

    ``channels``: by kind, and of the mass round; ``apart``: kinds that lie in no envelope with another.
    Source: rules.md §10.
    """
    routed: list[Routed] = []
    held: list[tuple[Paper, str]] = []
    for paper in sorted(papers, key=lambda p: (_order(p), *_rank(p), p.sequence, p.id)):
        way = route(paper, channels)
        if isinstance(way, str):
            held.append((paper, way))
        else:
            routed.append((paper, way))
    key = _riding_along(routed, apart)
    groups: dict[DispatchKey, list[Routed]] = {}
    for paper, way in routed:
        groups.setdefault(key(paper, way), []).append((paper, way))
    ordered = sorted(groups, key=lambda k: (k.kind, k.channel, k.form, k.to_safe_address))
    envelopes = {k: map(_envelope, _ordered_envelopes(groups[k], max_sheets)) for k in ordered}
    return Plan({k: list(numbered(found)) for k, found in envelopes.items()}, held)


def check_digit(digits: str) -> str:
    """Luhn digit that a scanner can check."""
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits))]
    return str(-sum(v // 10 + v % 10 for v in doubled) % 10)


def envelope_code(dispatch_id: int, position: int) -> str:
    """The number on an envelope: dispatch, position and check digit; nothing about anybody."""
    return f"{dispatch_id}-{position:05d}-{check_digit(f'{dispatch_id}{position:05d}')}"
