"""From the database to what several letters say: who is written to, at which address, about which paper or application."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from django.db import connection

from certificates.models import Application, Recovery
from certificates.recovery.duties import paper_of
from core.errors import Refused
from members.models import Insurer, Member
from members.querysets import HOUSEHOLD_SQL, address_sql, name_sql
from notices.letters.application import ApplicationFace
from notices.letters.content import Addressee, Sender
from notices.letters.papers_due import PaperDue

BEREAVED = "ご遺族 様"

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


def bereaved(recovery: Recovery, recipient: Recipient) -> bool:
    """Whether the addressee is the one who died."""
    return recovery.cause == Recovery.Cause.DEATH and (recipient.is_head or recipient.head_lost)


def to_the_bereaved(to: Addressee) -> Addressee:
    """The family at the address of the one who died."""
    return replace(to, name=f"故 {to.name}", second_line=BEREAVED)


def paper_due(recovery: Recovery, recipient: Recipient) -> PaperDue:
    """The paper of a duty, as a letter asks it back."""
    paper = paper_of(recovery)
    return PaperDue(recovery.pk, recipient.name, str(paper._meta.verbose_name), paper.serial, paper.valid_through)


def ground_in_words(label: str) -> str:
    """A ground as applicants know it: the office's own numbering (①–⑤) is left out."""
    return label.lstrip("①②③④⑤")


def application_face(application: Application, issued_on: date) -> ApplicationFace:
    """What a letter about the application needs.

    Raises:
        Refused: nobody can be written to.
    """
    recipient = recipients([application.member_id], issued_on)[application.member_id]
    if recipient.addressee is None:
        raise Refused(NO_ADDRESS)
    return ApplicationFace(
        application.pk,
        recipient.name,
        application.get_kind_display(),
        ground_in_words(application.get_ground_display()),
        application.received_on,
        recipient.addressee,
        recipient.sender,
        issued_on,
    )


def sender_of(insurer: Insurer) -> Sender:
    """The society under one of its numbers; a second number shares the first one's address and telephone."""
    main = insurer.society
    return Sender(
        insurer.name,
        insurer.postal_code or main.postal_code,
        insurer.address or main.address,
        insurer.phone or main.phone,
    )


def numbers(member: Member) -> str:
    """記号・番号 (枝番) as printed."""
    branch = f"（枝番 {member.branch_number}）" if member.branch_number else ""
    return f"{member.symbol}・{member.number}{branch}"
