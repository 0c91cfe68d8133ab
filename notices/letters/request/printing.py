"""Printing 返納のお願い: each open duty is asked for once, as soon as a letter about it can be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from certificates.models import Recovery
from certificates.recovery import due_requests, note_requests
from core.jobs import claim
from core.models import Clerk, Event
from notices.letters import service
from notices.letters.changes import office_words
from notices.letters.reading import Held
from notices.letters.request.data import request_faces


@dataclass(frozen=True, slots=True)
class Requested:
    """A day's requests: how many duties were asked for, their files, and the duties nobody could be asked about."""

    count: int
    files: tuple[Path, ...]
    held: tuple[Held, ...]


@office_words()
def print_requests(on: date, *, by: Clerk) -> Requested:
    """Asks for every paper whose duty had no letter yet: the letters and the record are one step.

    A repeat prints nothing twice and draws a missing file of the day anew. A duty whose letter cannot be printed
    stays open for the next time and is answered with the reason.

    Raises:
        Refused: the clerk may not, the society has no settings for the day, or another process is at it.
    """
    with claim("request", by=by) as job:
        due = list(due_requests(on))
        faces, held = request_faces(due, on)
        printable, misfits = service.fitting(faces)
        damage = service.spoilt(due, on)
        printable -= {one.id for one in damage}
        files = _files(on)
        path = service.folder() / f"requests-{on:%Y%m%d}-{len(files) + 1}.pdf"
        with transaction.atomic():
            # The file is whole before the record stands: a run that dies here is simply repeated.
            taken = note_requests(on, by=by, only=printable, note={"file": path.name})
            if taken:
                _draw(path, taken, on)
        for name in files:
            restore(name, on)
        unwritten = (*held, *misfits, *damage)
        job.outcome = {"duties": len(taken), "unwritten": unwritten[: service.KEPT]}
    files = _files(on)
    return Requested(sum(map(len, files.values())), tuple(service.folder() / name for name in files), unwritten)


@office_words()
def restore(name: str, on: date) -> None:
    """Draws a file of the day anew, if it is gone; one that nobody knows stays away."""
    path, known = service.folder() / name, _files(on).get(name)
    if known and not path.exists():
        again = Recovery.objects.select_related("certificate__member", "elderly_certificate__member")
        _draw(path, list(again.filter(pk__in=known)), on)


def _draw(path: Path, recoveries: Sequence[Recovery], on: date) -> None:
    faces, _ = request_faces(recoveries, on)
    service.write(path, [face.letter() for face in faces])


def _files(on: date) -> dict[str, list[int]]:
    """The day's files, oldest first, each with its duties; the log knows them. What a dispatch encloses is in none."""
    events = Event.objects.filter(subject=Recovery._meta.label, verb="request", on=on, note__has_key="file")
    files: dict[str, list[int]] = {}
    for recovery_id, note in events.order_by("seq").values_list("subject_id", "note"):
        files.setdefault(note["file"], []).append(recovery_id)
    return files
