"""Printing letters and forms: files under ``paper/letters`` whose names hold ids and days only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import models, transaction

from certificates.models import Application, Recovery
from certificates.recovery import due_reminders, remind
from certificates.recovery.duties import paper_of
from certificates.requests.applications.intake import ITEMS
from core.errors import Refused
from core.jobs import claim
from core.models import Clerk, Event
from core.paper.book import Book
from core.roles import EDIT
from core.transitions import record
from members.damaged import check, damaged, damaged_employers, waits
from members.models import Establishment, Member
from members.printed_texts import Place
from members.services import municipal, policy_on, society
from notices.letters import base, form_layout, interim, numbering, reading
from notices.letters.application import ApplicationFace
from notices.letters.changes import office_words
from notices.letters.content import Letter, letter_number
from notices.letters.form_reading import form_face
from notices.letters.interim_reading import interim_face
from notices.letters.reading import Held
from notices.letters.reminder import ReminderFace
from notices.letters.request import RequestFace
from notices.letters.unregistered import UnregisteredFace

KEPT = 200
"""How many of those that could not be written are kept with the job."""


def folder() -> Path:
    """Where letters lie."""
    return Path(settings.KENPO_HOME) / "paper" / "letters"


def shown(path: Path) -> str:
    """The file as commands name it, from the home on."""
    return path.relative_to(settings.KENPO_HOME).as_posix()


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
        faces, held = reading.reminder_faces(due, steps, on)
        printable, misfits = fitting(faces)
        damage = spoilt(due, on)
        printable -= {one.id for one in damage}
        misfits += damage
        batches = _batches(on)
        path = folder() / f"reminders-{on:%Y%m%d}-{len(batches) + 1}.pdf"
        with transaction.atomic():
            # The file is whole before the record stands: a run that dies here is simply repeated.
            taken = remind(on, by=by, only=printable, note={"file": path.name})
            if taken:
                _draw_reminders(path, taken, steps, on)
        for name in batches:
            restore_reminders(name, on)
        unwritten = (*held, *misfits)
        job.outcome = {"duties": len(taken), "unwritten": unwritten[:KEPT]}
        return _answer(on, unwritten)


@office_words()
def restore_reminders(name: str, on: date) -> None:
    """Draws a file of the day anew, if it is gone; one that nobody knows stays away."""
    known = _batches(on).get(name)
    if known and not (folder() / name).exists():
        again = Recovery.objects.select_related("certificate__member", "elderly_certificate__member")
        _draw_reminders(folder() / name, list(again.filter(pk__in=known)), known, on)


def fitting(faces: Iterable[ReminderFace | RequestFace]) -> tuple[set[int], list[Held]]:
    """Duties whose letter fits, and the others with the field that does not."""
    fit: set[int] = set()
    misfits = []
    for face in faces:
        problems = base.check(face.letter())
        for paper in face.papers:
            if problems:
                misfits.append(Held(paper.recovery_id, str(problems[0])))
            else:
                fit.add(paper.recovery_id)
    return fit, misfits


def spoilt(recoveries: Iterable[Recovery], on: date) -> list[Held]:
    """Duties about whose people a text may be damaged, each with the reason."""
    covers = {recovery.pk: paper_of(recovery).member for recovery in recoveries}
    heads = {pk: {member.pk, member.household_id} for pk, member in covers.items()}
    found = {one.member_id: waits(one) for one in damaged(on, set().union(*heads.values()), ended=True)}
    return [
        Held(pk, found[member_id]) for pk, members in heads.items() for member_id in sorted(members & found.keys())[:1]
    ]


def _draw_reminders(path: Path, recoveries: Sequence[Recovery], steps: dict[int, int], on: date) -> None:
    faces, _ = reading.reminder_faces(recoveries, steps, on)
    write(path, [face.letter() for face in faces])


def write(path: Path, letters: Iterable[Letter]) -> None:
    with Book(path, title=path.stem) as book:
        for letter in letters:
            base.draw(book, letter)


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
    file = folder() / list(batches)[-1] if batches else None
    return Reminded(tuple(steps.count(step) for step in range(1, rungs + 1)), file, held)


@office_words()
def print_refusal(application: Application, *, by: Clerk, on: date) -> Path:
    """The letter that says why an application is refused, dated with the decision.

    Raises:
        Refused: it is not refused, nobody can be written to, or a field cannot be printed.
    """
    if application.status != "refused" or not application.refusal_text:
        raise Refused("不交付と決めた申請だけ、通知を印刷できます。")
    issued_on = application.decided_on or on
    check([application.member_id], issued_on)
    path = folder() / f"refusal-{application.pk}.pdf"
    face, reason = _face(application, issued_on), application.refusal_text
    return _print(path, application, "refusal", lambda number: face.refusal(reason, number), by=by, on=on)


@office_words()
def print_incomplete(application: Application, *, by: Clerk, on: date) -> Path:
    """不備返戻: the letter that goes back with the application.

    Raises:
        Refused: nothing is missing, nobody can be written to, or a field cannot be printed.
    """
    if application.status != "incomplete":
        raise Refused("不備として返す申請だけ、返戻の案内を印刷できます。先に足りないものを選んでください。")
    check([application.member_id], on)
    missing = tuple(ITEMS.get(item, item) for item in application.items_missing)
    path = folder() / f"incomplete-{application.pk}-{on:%Y%m%d}.pdf"
    face = _face(application, on)
    return _print(path, application, "incomplete", lambda number: face.incomplete(missing, number), by=by, on=on)


def _face(application: Application, on: date) -> ApplicationFace:
    face, problem = reading.application_face(application, on)
    if face is None:
        raise Refused(problem)
    return face


@office_words()
def print_unregistered(
    establishments: Sequence[Establishment], *, by: Clerk, on: date
) -> tuple[list[Path], list[Held]]:
    """未提出者 reminders, one file per establishment that has any; and the establishments that could not be written to."""
    if municipal():
        raise Refused("この制度には事業所がないため、事業所あての督促はありません。ご本人へ連絡してください。")
    faces, held = reading.unregistered_faces(establishments, on)
    known = {establishment.pk: establishment for establishment in establishments}
    paths = []
    for face in faces:
        if reason := _why_held(face, on):
            held.append(Held(face.establishment_id, reason))
            continue
        path = folder() / f"unregistered-{face.establishment_id}-{on:%Y%m%d}.pdf"
        paths.append(_print(path, known[face.establishment_id], "unregistered", face.letter, by=by, on=on))
    return paths, held


def _why_held(face: UnregisteredFace, on: date) -> str:
    """Why an establishment's letter is not printed, empty when it is."""
    if problems := base.check(face.letter(letter_number(on, 1))):
        return str(problems[0])
    people = damaged(on, [one.member_id for one in face.members])
    named = (one for one in people if one.place in (Place.NAME, Place.PRINTED_NAME))
    found = [*damaged_employers([face.establishment_id]), *named]
    return waits(found[0]) if found else ""


@office_words()
def print_form(kind: str, member: Member, *, by: Clerk, on: date) -> Path:
    """A form with what is known of the member filled in.

    Raises:
        BadInput: no such form.
        Refused: the form is not for this member, or a field cannot be printed.
    """
    check([member.pk], on)
    form = form_face(kind, member, on).form()
    path = folder() / f"form-{kind}-{member.pk}-{on:%Y%m%d}.pdf"
    return _keep(path, member, form.kind, lambda book: form_layout.draw(book, form), by=by, on=on)


@office_words()
def print_interim(member: Member, *, by: Clerk, on: date) -> Path:
    """被保険者資格証明書: the sheet that proves the cover until paper comes.

    Raises:
        Refused: the clerk may not, the member is not covered or holds a usable route, or a field cannot be printed.
    """
    if not by.can(EDIT):
        raise Refused(f"「資格証明書を印刷する」は{by.get_role_display()}の権限ではできません。")
    check([member.pk], on)
    face = interim_face(member, on)
    path = folder() / f"interim-{member.pk}-{on:%Y%m%d}.pdf"
    return _print(path, member, interim.KIND, face.letter, by=by, on=on)


def _print(path: Path, about: models.Model, kind: str, make: Callable[[str], Letter], *, by: Clerk, on: date) -> Path:
    """Draws the letter under its number and writes down that it was printed; printed again, it keeps the number."""
    issued_on = make("").issued_on
    with transaction.atomic():
        number = numbering.draw(path.name, about, issued_on)
        return _keep(
            path, about, kind, lambda book: base.draw(book, make(number)), by=by, on=on, note={"number": number}
        )


def _keep(
    path: Path,
    about: models.Model,
    kind: str,
    draw: Callable[[Book], object],
    *,
    by: Clerk,
    on: date,
    note: Mapping[str, str] | None = None,
) -> Path:
    """Draws the file and writes down that it was printed; the same content gives the same file again."""
    with transaction.atomic():
        with Book(path, title=path.stem) as book:
            draw(book)
        told = {"letter": kind, "file": path.name, **(note or {})}
        record("letter", about._meta.label, [about.pk], by=by, on=on, note=told)
    return path
