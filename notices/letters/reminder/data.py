"""From the database to reminders: one letter for what a household is reminded of alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from certificates.models import Recovery
from certificates.recovery.duties import paper_of
from members.services import policy_on, society
from notices.letters.reading import NO_ADDRESS, Held, bereaved, paper_due, recipients, to_the_bereaved
from notices.letters.reminder.letter import ReminderFace


def reminder_faces(
    recoveries: Sequence[Recovery], steps: Mapping[int, int], on: date
) -> tuple[list[ReminderFace], list[Held]]:
    """One letter per household, step, cause and due date; and the duties nobody can be written to about."""
    by_member = recipients({paper_of(recovery).member_id for recovery in recoveries}, on)
    granted = on + timedelta(policy_on(society(), on).return_days)
    letters: dict[tuple[object, ...], ReminderFace] = {}
    held = []
    for recovery in recoveries:
        recipient = by_member[paper_of(recovery).member_id]
        if recipient.addressee is None:
            held.append(Held(recovery.pk, NO_ADDRESS))
            continue
        step, gone = steps[recovery.pk], bereaved(recovery, recipient)
        key = (recipient.household, step, recovery.cause, recovery.return_to, recovery.due_on, gone)
        if key not in letters:
            to = recipient.addressee
            letters[key] = ReminderFace(
                step,
                recovery.cause,
                recovery.return_to,
                to_the_bereaved(to) if gone else to,
                recipient.sender,
                on,
                recovery.due_on,
                granted,
                recipient.establishment,
                (),
            )
        letters[key] = letters[key].with_paper(paper_due(recovery, recipient))
    return list(letters.values()), held
