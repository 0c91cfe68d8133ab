"""Printing 督促状: everyone who is due is reminded once a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from certificates.models import Recovery
from certificates.recovery import due_reminders, remind
from core.jobs import claim
from core.models import Clerk, Event
from members.services import policy_on, society
from notices.letters import service
from notices.letters.changes import office_words
from notices.letters.reading import Held
from notices.letters.reminder.data import reminder_faces


@dataclass(frozen=True, slots=True)
class Reminded:
    """A day's reminders: duties by step, the newest file if any, and those that could not be written."""

    by_step: tuple[int, ...]
    file: Path | None
    held: tuple[Held, ...]


@office_words()
def print_reminders(on: date, *, by: Clerk) -> Reminded:
    """Reminds everyone who is due: the letters and the ladder's record are one step. A repeat prints nothing twice.

    A duty whose letter cannot be printed stays due and is answered with the reason.

    Raises:
        Refused: the clerk may not, the society has no settings for the day, or another process is at it.
    """
    with claim("remind", by=by) as job:
        due = list(due_reminders(on))
        steps = {recovery.pk: recovery.reminders + 1 for recovery in due}
        faces, held = reminder_faces(due, steps, on)
        printable, misfits = service.fitting(faces)
        damage = service.spoilt(due, on)
        printable -= {one.id for one in damage}
        misfits += damage
        batches = _batches(on)
        path = service.folder() / f"reminders-{on:%Y%m%d}-{len(batches) + 1}.pdf"
        with transaction.atomic():
            # The file is whole before the record stands: a run that dies here is simply repeated.
            taken = remind(on, by=by, only=printable, note={"file": path.name})
            if taken:
                _draw_reminders(path, taken, steps, on)
        for name in batches:
            restore_reminders(name, on)
        unwritten = (*held, *misfits)
        job.outcome = {"duties": len(taken), "unwritten": unwritten[: service.KEPT]}
        return _answer(on, unwritten)


@office_words()
def restore_reminders(name: str, on: date) -> None:
    """Draws a file of the day anew, if it is gone; one that nobody knows stays away."""
    known = _batches(on).get(name)
    if known and not (service.folder() / name).exists():
        again = Recovery.objects.select_related("certificate__member", "elderly_certificate__member")
        _draw_reminders(service.folder() / name, list(again.filter(pk__in=known)), known, on)


def _draw_reminders(path: Path, recoveries: Sequence[Recovery], steps: dict[int, int], on: date) -> None:
    faces, _ = reminder_faces(recoveries, steps, on)
    service.write(path, [face.letter() for face in faces])


def _batches(on: date) -> dict[str, dict[int, int]]:
    """The day's files, oldest first, each with its duties and their steps; the log knows them."""
    events = Event.objects.filter(subject=Recovery._meta.label, verb="remind", on=on).order_by("seq")
    batches: dict[str, dict[int, int]] = {}
    for recovery_id, note in events.values_list("subject_id", "note"):
        if "file" in note:
            batches.setdefault(note["file"], {})[recovery_id] = note["step"]
    return batches


def _answer(on: date, held: tuple[Held, ...]) -> Reminded:
    batches = _batches(on)
    steps = [step for known in batches.values() for step in known.values()]
    rungs = len(policy_on(society(), on).reminder_days)
    file = service.folder() / list(batches)[-1] if batches else None
    return Reminded(tuple(steps.count(step) for step in range(1, rungs + 1)), file, held)
