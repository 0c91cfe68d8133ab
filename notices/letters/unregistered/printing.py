"""Printing the reminders of employers: a file each, for those whose letter can be printed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from core.errors import Refused
from core.models import Clerk
from members.damaged import damaged, damaged_employers, waits
from members.models import Establishment
from members.printed_texts import Place
from members.services import municipal
from notices.letters import base, service
from notices.letters.changes import office_words
from notices.letters.content import letter_number
from notices.letters.reading import Held
from notices.letters.registry import numbered
from notices.letters.unregistered.data import unregistered_faces
from notices.letters.unregistered.letter import KIND, UnregisteredFace


@office_words()
def print_unregistered(
    establishments: Sequence[Establishment], *, by: Clerk, on: date
) -> tuple[list[Path], list[Held]]:
    """未提出者 reminders, one file per establishment that has any; and the establishments that could not be written to.

    Raises:
        Refused: the scheme has no employers.
    """
    if municipal():
        raise Refused("この制度には事業所がないため、事業所あての督促はありません。ご本人へ連絡してください。")
    faces, held = unregistered_faces(establishments, on)
    known = {establishment.pk: establishment for establishment in establishments}
    paths = []
    for face in faces:
        if reason := _why_held(face, on):
            held.append(Held(face.establishment_id, reason))
            continue
        ready = numbered(f"{KIND}-{face.establishment_id}-{on:%Y%m%d}", face.letter)
        paths.append(service.keep(KIND, known[face.establishment_id], ready, by=by, on=on))
    return paths, held


def _why_held(face: UnregisteredFace, on: date) -> str:
    """Why an establishment's letter is not printed, empty when it is."""
    if problems := base.check(face.letter(letter_number(on, 1))):
        return str(problems[0])
    people = damaged(on, [one.member_id for one in face.members])
    named = (one for one in people if one.place in (Place.NAME, Place.PRINTED_NAME))
    found = [*damaged_employers([face.establishment_id]), *named]
    return waits(found[0]) if found else ""
