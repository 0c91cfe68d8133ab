"""From the database to what letters and forms say: who is written to, at which address, about which papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from django.db import connection

from certificates.models import Application, Recovery
from certificates.recovery.duties import paper_of
from members.functions import number_order_sql
from members.models import Establishment, Insurer
from members.querysets import HOUSEHOLD_SQL, address_sql, name_sql
from members.services import policy_on, society
from notices.letters.application import ApplicationFace
from notices.letters.content import Addressee, Sender
from notices.letters.reminder import PaperDue, ReminderFace
from notices.letters.request import RequestFace
from notices.letters.unregistered import Unregistered, UnregisteredFace

BEREAVED = "ご遺族 様"
Face = TypeVar("Face", ReminderFace, RequestFace)

# Whoever is protected is written to alone and only at the address a clerk named as safe; else the household's head.
_RECIPIENTS = f"""
WITH wanted AS (
    SELECT m.id, m.person_id, h.id AS head_id, h.person_id AS head_person_id, h.lost_on AS head_lost_on,
        m.insurer_id, h.establishment_id, p.nondisclosure OR p.address_protected AS protected,
        hp.nondisclosure OR hp.address_protected AS head_protected,
        {name_sql("p")} AS name,
        CASE WHEN m.head_name <> '' THEN m.head_name ELSE {name_sql("hp")} END AS head_name
    FROM members_member m
    JOIN members_member h ON h.id = {HOUSEHOLD_SQL}
    JOIN members_person p ON p.id = m.person_id JOIN members_person hp ON hp.id = h.person_id
    WHERE m.id = ANY(%(ids)s)
)
SELECT w.id, w.head_id, w.name, w.head_name, w.protected, w.head_lost_on, e.name,
    i.name, coalesce(nullif(i.postal_code, ''), s.postal_code, ''), coalesce(nullif(i.address, ''), s.address, ''),
    coalesce(nullif(i.phone, ''), s.phone, ''),
    CASE WHEN w.protected OR w.head_protected THEN safe.postal_code
         ELSE coalesce(mail.postal_code, home.postal_code) END,
    CASE WHEN w.protected OR w.head_protected THEN safe.address ELSE coalesce(mail.address, home.address) END
FROM wanted w
JOIN members_establishment e ON e.id = w.establishment_id
JOIN members_insurer i ON i.id = w.insurer_id LEFT JOIN members_insurer s ON s.id = i.main_id
LEFT JOIN {address_sql("CASE WHEN w.protected THEN w.person_id ELSE w.head_person_id END", "safe")} safe ON true
LEFT JOIN {address_sql("w.head_person_id", "mailing")} mail ON true
LEFT JOIN {address_sql("w.head_person_id", "residence")} home ON true
"""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is written to about one member. ``addressee`` is none where no address may be used (yet); ``to`` is its name."""

    household: tuple[int, bool]
    name: str
    to: str
    is_head: bool
    head_lost: bool
    establishment: str
    sender: Sender
    addressee: Addressee | None


def recipients(member_ids: Iterable[int], on: date) -> dict[int, Recipient]:
    """The recipient for each member, by the addresses valid on the day."""
    with connection.cursor() as cursor:
        cursor.execute(_RECIPIENTS, {"ids": list(member_ids), "on": on})
        rows = cursor.fetchall()
    found = {}
    for (
        member_id,
        head_id,
        name,
        head_name,
        protected,
        head_lost_on,
        establishment,
        *sender,
        postal_code,
        address,
    ) in rows:
        to = name if protected else head_name
        found[member_id] = Recipient(
            (member_id if protected else head_id, protected),
            name,
            to,
            member_id == head_id,
            head_lost_on is not None,
            establishment,
            Sender(*sender),
            Addressee(postal_code or "", address, to) if address else None,
        )
    return found


class Held(NamedTuple):
    """What cannot be printed, and why; names no person."""

    id: int
    reason: str


NO_ADDRESS = "送付先がありません。住所、または住所秘匿の方の安全な送付先を登録してください。"


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
            addressee = recipient.addressee
            if gone:
                addressee = replace(addressee, name=f"故 {addressee.name}", second_line=BEREAVED)
            letters[key] = ReminderFace(
                step,
                recovery.cause,
                recovery.return_to,
                addressee,
                recipient.sender,
                on,
                recovery.due_on,
                granted,
                recipient.establishment,
                (),
            )
        letters[key] = with_paper(letters[key], recovery, recipient)
    return list(letters.values()), held


def bereaved(recovery: Recovery, recipient: Recipient) -> bool:
    """Whether the addressee is the one who died."""
    return recovery.cause == Recovery.Cause.DEATH and (recipient.is_head or recipient.head_lost)


def with_paper(face: Face, recovery: Recovery, recipient: Recipient) -> Face:
    """The letter with one more paper; after its last valid day a paper is not wanted back any more."""
    paper = paper_of(recovery)
    due = PaperDue(recovery.pk, recipient.name, str(paper._meta.verbose_name), paper.serial, paper.valid_through)
    return replace(face, papers=(*face.papers, due), until=min(face.until, paper.valid_through))


def ground_in_words(label: str) -> str:
    """A ground as applicants know it: the office's own numbering (①–⑤) is left out."""
    return label.lstrip("①②③④⑤")


def application_face(application: Application, issued_on: date) -> tuple[ApplicationFace | None, str]:
    """What a letter about the application needs, or why none can be written."""
    recipient = recipients([application.member_id], issued_on)[application.member_id]
    if recipient.addressee is None:
        return None, NO_ADDRESS
    face = ApplicationFace(
        application.pk,
        recipient.name,
        application.get_kind_display(),
        ground_in_words(application.get_ground_display()),
        application.received_on,
        recipient.addressee,
        recipient.sender,
        issued_on,
    )
    return face, ""


# 任意継続 and 特例退職 have no employer who could ask them; nobody protected stands on an establishment's list.
_UNREGISTERED = f"""
SELECT e.id, m.symbol, m.number, m.branch_number, {name_sql("p")}, m.id
FROM members_member m
JOIN members_member h ON h.id = coalesce(m.insured_id, m.id)
JOIN members_person p ON p.id = m.person_id JOIN members_person hp ON hp.id = h.person_id
JOIN members_establishment e ON e.id = h.establishment_id
WHERE e.id = ANY(%(ids)s) AND p.individual_number_state IN ('unregistered', 'pending')
  AND NOT (p.nondisclosure OR p.address_protected OR hp.nondisclosure OR hp.address_protected)
  AND m.coverage_kind = 'regular' AND h.coverage_kind = 'regular'
  AND m.acquired_on <= %(on)s AND (m.lost_on IS NULL OR m.lost_on > %(on)s)
  AND (h.lost_on IS NULL OR h.lost_on > %(on)s)
ORDER BY e.id, {number_order_sql("m")}, m.id
"""
DEPARTMENT = "健康保険ご担当者 様"


def unregistered_faces(establishments: Sequence[Establishment], on: date) -> tuple[list[UnregisteredFace], list[Held]]:
    """The reminder to each establishment that has members without a number; and those without an address."""
    with connection.cursor() as cursor:
        cursor.execute(_UNREGISTERED, {"ids": [e.pk for e in establishments], "on": on})
        rows = cursor.fetchall()
    members: dict[int, list[Unregistered]] = {}
    for establishment_id, *who in rows:
        members.setdefault(establishment_id, []).append(Unregistered(*who))
    faces, held = [], []
    for establishment in establishments:
        if establishment.pk not in members:
            continue
        if not establishment.address:
            held.append(Held(establishment.pk, "事業所の所在地がありません。所在地を登録してください。"))
            continue
        to = Addressee(establishment.postal_code, establishment.address, establishment.name, "", DEPARTMENT)
        sender = sender_of(establishment.insurer)
        faces.append(UnregisteredFace(establishment.pk, to, sender, on, tuple(members[establishment.pk])))
    return faces, held


def sender_of(insurer: Insurer) -> Sender:
    """The society under one of its numbers; a second number shares the first one's address and telephone."""
    main = insurer.society
    return Sender(
        insurer.name,
        insurer.postal_code or main.postal_code,
        insurer.address or main.address,
        insurer.phone or main.phone,
    )
