"""What each kind of filing carries and who handles it: one entry a kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from certificates.requests.filings import bulk, ending, entering, income, items, moving, numbers, personal, persons
from certificates.requests.filings.case import Case
from certificates.requests.filings.fields import CONFIRMING
from certificates.rules.filing_kinds import Kind

NUMBERS = ("symbol", "number")
WISH = ("certificate_wanted", "certificate_ground")


def _at_once(case: Case) -> date | None:
    return None


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind goes: the values it needs and may carry, its check, its act.

    ``about_member`` says that it concerns a cover on record. ``waits_until`` answers the first day on
    which it may be applied, where that is not any day; ``changes_face``: what it changes until then stands on a face.
    """

    check: Callable[[Case], None]
    act: Callable[[Case], None]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    about_member: bool = True
    waits_until: Callable[[Case], date | None] = _at_once
    changes_face: bool = False

    @property
    def may_carry(self) -> tuple[str, ...]:
        return (*self.optional, *CONFIRMING) if self.about_member else self.optional


HANDLERS: Mapping[Kind, Handler] = {
    Kind.ACQUISITION: Handler(
        entering.check_acquisition,
        entering.acquire,
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
        about_member=False,
        waits_until=entering.wish_waits,
    ),
    Kind.ACQUISITION_ANNULLED: Handler(ending.check_annulled, ending.annul, optional=("reason",)),
    Kind.LOSS: Handler(ending.check_loss, ending.lose, optional=("reason", "correct")),
    Kind.LOSS_ANNULLED: Handler(ending.check_loss_annulled, ending.annul_loss),
    Kind.DEATH: Handler(ending.check_death, ending.die, optional=("correct",)),
    Kind.DEPENDENT_ADDED: Handler(
        entering.check_added,
        entering.add_dependent,
        required=persons.ENTRY_REQUIRED,
        optional=("branch_number", "relationship", "fund_registered_on", *WISH, *persons.ENTRY_OPTIONAL),
        waits_until=entering.wish_waits,
    ),
    Kind.DEPENDENT_REMOVED: Handler(ending.check_removed, ending.remove, optional=("reason", "correct")),
    Kind.NAME_CHANGE: Handler(
        personal.check_name,
        personal.change_name,
        optional=("name", "name_kana", "printed_name", "printed_name_ends"),
        waits_until=personal.waits,
        changes_face=True,
    ),
    Kind.BIRTH_DATE: Handler(
        personal.check_birth_date,
        personal.change_birth_date,
        required=("birth_date",),
        waits_until=personal.waits,
        changes_face=True,
    ),
    Kind.SEX: Handler(
        personal.check_sex,
        personal.change_sex,
        optional=("sex", "sex_on_back"),
        waits_until=personal.waits,
        changes_face=True,
    ),
    Kind.ADDRESS: Handler(
        personal.check_address,
        personal.change_address,
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
        personal.check_flags, personal.change_flags, optional=persons.FLAGS, waits_until=personal.waits
    ),
    Kind.ESTABLISHMENT_MOVE: Handler(
        moving.check_move,
        moving.move,
        required=("new_establishment_code",),
        optional=moving.NEW_COVER,
        waits_until=moving.move_waits,
    ),
    Kind.SYMBOL_CHANGE: Handler(
        bulk.check_symbol,
        bulk.change_symbol,
        required=("establishment_code", "new_symbol"),
        optional=("insurer_number", "symbol"),
        about_member=False,
        waits_until=bulk.waits,
        changes_face=True,
    ),
    Kind.MERGER: Handler(
        bulk.check_merger,
        bulk.merge,
        required=("insurer_number", "new_insurer_number"),
        optional=("establishment_code",),
        about_member=False,
        waits_until=bulk.waits,
        changes_face=True,
    ),
    Kind.REHIRE: Handler(moving.check_rehire, moving.rehire, required=("new_number",), optional=moving.NEW_COVER),
    Kind.VOLUNTARY: Handler(
        moving.check_voluntary, moving.voluntary, required=("new_number",), optional=moving.NEW_COVER
    ),
    Kind.SPECIAL_RETIRED: Handler(
        moving.check_special_retired, moving.special_retired, required=("new_number",), optional=moving.NEW_COVER
    ),
    Kind.REMUNERATION: Handler(
        income.check_remuneration,
        income.change_remuneration,
        required=("standard_monthly_remuneration_yen",),
        waits_until=income.waits,
        changes_face=True,
    ),
    Kind.SHARE_RELIEF: Handler(
        income.check_relief,
        income.grant_relief,
        optional=("relief_from", "relief_through"),
        waits_until=income.waits,
        changes_face=True,
    ),
    Kind.INDIVIDUAL_NUMBER: Handler(
        numbers.check_number,
        numbers.report_number,
        optional=("reason", "individual_number", "fund_registered_on"),
        waits_until=personal.waits,
    ),
    Kind.OPTIONAL_ITEMS: Handler(
        items.check, items.record, optional=items.VALUES, waits_until=personal.waits, changes_face=True
    ),
}
