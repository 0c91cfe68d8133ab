"""What each kind of filing carries, where it is offered, who handles it and what is said of it: one row a kind.

Its name and the day on its form stand in ``certificates.rules.filing_kinds``, its values in ``fields``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto

from certificates.requests.filings import bulk, ending, entering, income, items, moving, numbers, personal, persons
from certificates.requests.filings.case import Case
from certificates.requests.filings.fields import CONFIRMING, Choices
from certificates.requests.filings.phrases import Saying
from certificates.rules.filing_kinds import Kind, LossReason, NumberReport

NUMBERS = ("symbol", "number")
WISH = ("certificate_wanted", "certificate_ground")


class About(Enum):
    """On whose page a kind is offered."""

    MEMBER = auto()
    EMPLOYER = auto()
    SOCIETY = auto()


class Group(Enum):
    """The headings under which kinds are offered, in their order on the page."""

    about: About

    def __new__(cls, title: str, about: About) -> Group:
        group = object.__new__(cls)
        group._value_ = title
        group.about = about
        return group

    COVER = "資格", About.MEMBER
    PERSON = "氏名・住所など", About.MEMBER
    MOVING = "事業所・続けて加入する方", About.MEMBER
    INCOME = "報酬・負担割合・個人番号", About.MEMBER
    ITEMS = "資格確認書に印字する事項", About.MEMBER
    EMPLOYER = "事業所", About.EMPLOYER
    SOCIETY = "保険者", About.SOCIETY
    JOINING = "加入", About.SOCIETY


def _at_once(case: Case) -> date | None:
    return None


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind goes: its check, its act, its place on the page, the values it needs and may carry.

    ``waits_until`` answers the first day on which it may be applied, where that is not any day; ``changes_face``: what
    it changes until then stands on a face. ``sayings``: the sentences of consequences that no other kind has, by code.
    """

    check: Callable[[Case], None]
    act: Callable[[Case], None]
    group: Group
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    waits_until: Callable[[Case], date | None] = _at_once
    changes_face: bool = False
    sayings: Mapping[str, Saying] = field(default_factory=dict)
    reasons: Choices = ()
    """The reasons that the form offers; none: whatever the reason, it changes nothing, and the form asks for none."""
    new_person: bool = False
    """It may bring somebody who is not on record yet."""
    looks_back: bool = False
    """It reads what was filed before, so that has to be written."""
    employers_only: bool = False
    """Only a scheme with employers and dependents has it. Source: rules.md §12 ``scheme``."""
    without_employers: Group | None = None
    """Where it is offered besides in a scheme without employers, under whom people would join."""

    @property
    def about_member(self) -> bool:
        """Whether it concerns a cover on record."""
        return self.group.about is About.MEMBER

    @property
    def about_all(self) -> bool:
        """Whether it concerns whoever is covered through an employer or the society."""
        return not (self.about_member or self.new_person)

    @property
    def may_carry(self) -> tuple[str, ...]:
        return (*self.optional, *CONFIRMING) if self.about_member else self.optional

    def groups(self, *, municipal: bool) -> tuple[Group, ...]:
        """Under which headings it is offered in the scheme."""
        if not municipal:
            return (self.group,)
        if self.employers_only:
            return ()
        return (self.group,) if self.without_employers is None else (self.group, self.without_employers)


def offered(about: About, *, municipal: bool) -> tuple[tuple[str, tuple[Kind, ...]], ...]:
    """The kinds that a page offers, by the headings' titles, in the order of the rows."""
    found = (
        (group.value, tuple(kind for kind, one in HANDLERS.items() if group in one.groups(municipal=municipal)))
        for group in Group
        if group.about is about
    )
    return tuple((title, kinds) for title, kinds in found if kinds)


# In the order in which the page offers them.
HANDLERS: Mapping[Kind, Handler] = {
    Kind.LOSS: Handler(
        ending.check_loss, ending.lose, Group.COVER, optional=("reason", "correct"), reasons=LossReason.choices()
    ),
    Kind.DEATH: Handler(ending.check_death, ending.die, Group.COVER, optional=("correct",)),
    Kind.DEPENDENT_ADDED: Handler(
        entering.check_added,
        entering.add_dependent,
        Group.COVER,
        required=persons.ENTRY_REQUIRED,
        optional=("branch_number", "relationship", "fund_registered_on", *WISH, *persons.ENTRY_OPTIONAL),
        waits_until=entering.wish_waits,
        sayings=entering.SAYINGS,
        new_person=True,
        employers_only=True,
    ),
    Kind.DEPENDENT_REMOVED: Handler(
        ending.check_removed, ending.remove, Group.COVER, optional=("reason", "correct"), employers_only=True
    ),
    Kind.LOSS_ANNULLED: Handler(ending.check_loss_annulled, ending.annul_loss, Group.COVER, sayings=ending.RUN_ON),
    Kind.ACQUISITION_ANNULLED: Handler(ending.check_annulled, ending.annul, Group.COVER, optional=("reason",)),
    Kind.NAME_CHANGE: Handler(
        personal.check_name,
        personal.change_name,
        Group.PERSON,
        optional=("name", "name_kana", "printed_name", "printed_name_ends"),
        waits_until=personal.waits,
        changes_face=True,
    ),
    Kind.BIRTH_DATE: Handler(
        personal.check_birth_date,
        personal.change_birth_date,
        Group.PERSON,
        required=("birth_date",),
        waits_until=personal.waits,
        changes_face=True,
    ),
    Kind.SEX: Handler(
        personal.check_sex,
        personal.change_sex,
        Group.PERSON,
        optional=("sex", "sex_on_back"),
        waits_until=personal.waits,
        changes_face=True,
    ),
    Kind.ADDRESS: Handler(
        personal.check_address,
        personal.change_address,
        Group.PERSON,
        optional=(
            "postal_code",
            "address",
            "mailing_postal_code",
            "mailing_address",
            "mailing_ends",
            "safe_postal_code",
            "safe_address",
            "family",
            "resident",
        ),
    ),
    Kind.FLAGS: Handler(
        personal.check_flags, personal.change_flags, Group.PERSON, optional=persons.FLAGS, waits_until=personal.waits
    ),
    Kind.ESTABLISHMENT_MOVE: Handler(
        moving.check_move,
        moving.move,
        Group.MOVING,
        required=("new_establishment_code",),
        optional=moving.NEW_COVER,
        waits_until=moving.move_waits,
        looks_back=True,
        employers_only=True,
    ),
    Kind.REHIRE: Handler(
        moving.check_rehire,
        moving.rehire,
        Group.MOVING,
        required=("new_number",),
        optional=moving.NEW_COVER,
        looks_back=True,
        employers_only=True,
    ),
    Kind.VOLUNTARY: Handler(
        moving.check_voluntary,
        moving.voluntary,
        Group.MOVING,
        required=("new_number",),
        optional=moving.NEW_COVER,
        looks_back=True,
        employers_only=True,
    ),
    Kind.SPECIAL_RETIRED: Handler(
        moving.check_special_retired,
        moving.special_retired,
        Group.MOVING,
        required=("new_number",),
        optional=moving.NEW_COVER,
        looks_back=True,
        employers_only=True,
    ),
    Kind.REMUNERATION: Handler(
        income.check_remuneration,
        income.change_remuneration,
        Group.INCOME,
        required=("standard_monthly_remuneration_yen",),
        waits_until=income.waits,
        changes_face=True,
        sayings=income.SAYINGS,
        employers_only=True,
    ),
    Kind.SHARE_RELIEF: Handler(
        income.check_relief,
        income.grant_relief,
        Group.INCOME,
        optional=("relief_from", "relief_through"),
        waits_until=income.waits,
        changes_face=True,
        sayings=income.SAYINGS,
        employers_only=True,
    ),
    Kind.INDIVIDUAL_NUMBER: Handler(
        numbers.check_number,
        numbers.report_number,
        Group.INCOME,
        optional=("reason", "individual_number", "fund_registered_on"),
        waits_until=personal.waits,
        sayings=numbers.SAYINGS,
        reasons=NumberReport.choices(),
        looks_back=True,
    ),
    Kind.OPTIONAL_ITEMS: Handler(
        items.check, items.record, Group.ITEMS, optional=items.VALUES, waits_until=personal.waits, changes_face=True
    ),
    Kind.ACQUISITION: Handler(
        entering.check_acquisition,
        entering.acquire,
        Group.EMPLOYER,
        required=(*NUMBERS, "establishment_code", *persons.ENTRY_REQUIRED),
        optional=(
            "insurer_number",
            "branch_number",
            "relationship",
            "coverage_kind",
            "standard_monthly_remuneration_yen",
            "fund_registered_on",
            *WISH,
            *persons.ENTRY_OPTIONAL,
        ),
        waits_until=entering.wish_waits,
        sayings=entering.SAYINGS,
        new_person=True,
        without_employers=Group.JOINING,
    ),
    Kind.SYMBOL_CHANGE: Handler(
        bulk.check_symbol,
        bulk.change_symbol,
        Group.EMPLOYER,
        required=("establishment_code", "new_symbol"),
        optional=("insurer_number", "symbol"),
        waits_until=bulk.waits,
        changes_face=True,
        sayings=bulk.SAYINGS,
        employers_only=True,
    ),
    Kind.MERGER: Handler(
        bulk.check_merger,
        bulk.merge,
        Group.SOCIETY,
        required=("insurer_number", "new_insurer_number"),
        optional=("establishment_code",),
        waits_until=bulk.waits,
        changes_face=True,
        sayings=bulk.SAYINGS,
    ),
}
