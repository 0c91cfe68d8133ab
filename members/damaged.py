"""Registered texts that look like damage and that nobody has said are right: listed, and held from print until then.

A confirmation is of exactly one text of one person or employer; a changed text asks again. Source: rules.md §3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.damage import Use, signs
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import lock_chain, record
from members.models import ConfirmedText, Establishment, Member, Person
from members.printed_texts import Place, printed_texts

LABEL = "登録のとおりで正しい"
VERB = "confirm_text"
OF_COVER, OF_EMPLOYER = "cover", "employer"
"""Groups of the kept list: what the subject of a line is."""
EMPLOYER = {"name": "事業所名", "address": "所在地"}


@dataclass(frozen=True, slots=True)
class Damaged:
    """One text that looks like damage: whose register holds it, where it stands, and what is odd about it.

    ``member_id`` is the cover it was found at; of an employer there is none, but the ``field`` that holds it. ``label``
    names the place in Japanese.
    """

    owner: int
    member_id: int | None
    label: str
    text: str
    signs: tuple[str, ...]
    place: Place | None = None
    field: str = ""

    @property
    def key(self) -> str:
        """Names exactly this text, without saying it."""
        return hashlib.sha256(f"{self.label}\x1f{self.text}".encode()).hexdigest()

    def __str__(self) -> str:
        """Where and what, without the text."""
        return f"{self.label} {'、'.join(self.signs)}"


def damaged(on: date, members: Collection[int] | None = None, *, ended: bool = False) -> Iterator[Damaged]:
    """The unconfirmed texts of whoever is covered on the day or later, in the order of the lists; streamed.

    The insured person's name is told with the insured person alone. ``members`` limits it to some covers, with
    ``ended`` those that have ended included.
    """
    known = _confirmed()
    for cover in printed_texts(on, None if members is None else list(members), ended=ended):
        for place, text in dict.fromkeys(cover.texts):
            if place is Place.INSURED_NAME or not (found := signs(text, place.use)):
                continue
            if (cover.person_id, text) not in known:
                yield Damaged(cover.person_id, cover.member_id, place.label, text, tuple(found), place)


def _confirmed() -> set[tuple[int, str]]:
    said = ConfirmedText.objects.filter(person__isnull=False)
    return set(said.values_list("person_id", "text"))


def damaged_employers(ids: Collection[int] | None = None) -> Iterator[Damaged]:
    """The unconfirmed texts of employers with members; ``ids`` limits it to some employers."""
    known = set(ConfirmedText.objects.filter(establishment__isnull=False).values_list("establishment_id", "text"))
    employers = Establishment.objects.order_by("insurer", "code")
    if ids is not None:
        employers = employers.filter(pk__in=ids)
    for employer in employers.iterator():
        for field, label in EMPLOYER.items():
            text = getattr(employer, field)
            if (found := signs(text, Use.OTHER)) and (employer.pk, text) not in known:
                yield Damaged(employer.pk, None, label, text, tuple(found), field=field)


def damaged_of(owner: Person | Establishment, on: date) -> list[Damaged]:
    """The unconfirmed texts of one person or employer, each once."""
    if isinstance(owner, Establishment):
        return list(damaged_employers([owner.pk]))
    covers = list(Member.objects.filter(person=owner).values_list("pk", flat=True))
    return list({one.key: one for one in damaged(on, covers, ended=True)}.values())


def check(members: Collection[int], on: date) -> None:
    """Makes sure that nothing of these covers, or of the heads of their households, awaits a clerk's word.

    Raises:
        Refused: something does; places and signs are named, never the text.
    """
    heads = {member.household_id for member in Member.objects.filter(pk__in=members)}
    found = list(damaged(on, {*members, *heads}, ended=True))
    if found:
        raise Refused([waits(one) for one in found])


def waits(one: Damaged) -> str:
    """Why nothing with this text is printed, and what to do."""
    return (
        f"「{one.label}」が文字化けかもしれないため、印刷できません（{'、'.join(one.signs)}）。"
        f"届書や本人に確かめて、「{LABEL}」を記録するか、届出で直してください。"
    )


def confirm(
    owner: Person | Establishment, keys: Collection[str], reason: str, *, by: Clerk, on: date
) -> list[ConfirmedText]:
    """Records that these texts, as they are registered now, are right, and may be printed.

    Raises:
        Refused: the clerk may not.
        BadInput: none is chosen, one has changed meanwhile, or the reason is missing.
    """
    if not by.can(EDIT):
        raise Refused(f"「{LABEL}」は{by.get_role_display()}の権限ではできません。")
    if not reason.strip():
        raise BadInput(Mistake("何で確かめたかを入れてください。", column="reason"))
    with transaction.atomic():
        lock_chain()
        waiting = {one.key: one for one in damaged_of(owner, on)}
        if not keys or not waiting.keys() >= set(keys):
            raise BadInput(
                Mistake("内容が変わったか、選ばれていません。いまの内容を見て選び直してください。", column="texts")
            )
        whose = {"establishment" if isinstance(owner, Establishment) else "person": owner}
        made = [
            ConfirmedText.objects.create(
                **whose,
                label=waiting[key].label,
                text=waiting[key].text,
                reason=reason.strip(),
                clerk=by,
                recorded_on=on,
            )
            for key in dict.fromkeys(keys)
        ]
        note = {name: each.pk for name, each in whose.items()}
        record(VERB, ConfirmedText._meta.label, [one.pk for one in made], by=by, on=on, note=note)
    return made
