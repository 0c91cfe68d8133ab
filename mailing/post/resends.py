"""An envelope sent once more: whether its papers may still go, where to, and its address sheet under ``paper/resends/``."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from core.errors import Refused
from core.paper.book import Book
from mailing.addresses import postcodes
from mailing.envelopes import PostalAddress, check_digit
from mailing.models import Enclosure, Envelope, Resend, ReturnedMail
from mailing.papers import files, kinds, shares
from mailing.papers.kinds import sql
from mailing.papers.kinds.rows import any_of, ids_in
from mailing.papers.layouts import address as layout
from mailing.papers.page import Page
from mailing.planning.reading import ENDED_SQL
from mailing.proof.pages import single
from members import damaged
from members.models import Address, Member
from members.printed_forms import name_on_paper
from members.querysets import PEOPLE_JOINS
from members.services import policy_on

NOT_RIGHT = (
    "戻った証やお知らせの内容が、今の登録（資格・氏名・番号・負担割合・期限）と違うため、渡したり再送したりできません。"
    "「再送しないで終える」を行ってください。必要な方には、新しいものが届出や次の月次判定で作られます。"
)


def _wrong_sql() -> str:
    """Returned documents of the envelope that serve for days and no longer say what is true."""
    days = kinds.with_days()
    return f"""
SELECT count(*) FROM mailing_enclosure x
{sql.joins(days)}
JOIN members_member m ON m.id = {sql.first("member_id", days)} {PEOPLE_JOINS}
WHERE x.envelope_id = %(envelope)s AND x.active AND {sql.first("status", days)} = 'returned' AND (
    coalesce({ENDED_SQL}, false) OR {sql.first("valid_through", days)} < %(on)s OR {sql.wrong_face(days)})
"""


def check_still_right(envelope: Envelope, *, on: date) -> None:
    """Makes sure that what came back may be given out as it is.

    Raises:
        Refused: cover ended, the face changed, or a paper expired meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(_wrong_sql(), {"envelope": envelope.pk, "on": on})
        wrong = cursor.fetchone()[0]
    enclosed = Enclosure.objects.filter(envelope=envelope, active=True)
    returned = {kind: ids_in(enclosed, kind, status="returned") for kind in kinds.every()}
    shared = {kind.kind: ids for kind, ids in returned.items() if kind.carries_share}
    other_share = shares.changed(envelope.dispatch.insurer, shared, on=on)
    stale = any(ids and not kind.still_right(ids, on=on) for kind, ids in returned.items())
    if wrong or other_share or stale:
        raise Refused(NOT_RIGHT)


def protected_in(envelope: Envelope) -> bool:
    """Whether somebody whose paper is in the envelope must be kept from others' sight."""
    who = Q(person__nondisclosure=True) | Q(person__address_protected=True)
    return _members(envelope).filter(who).exists()


def _members(envelope: Envelope) -> QuerySet[Member]:
    enclosed = Enclosure.objects.filter(envelope=envelope, active=True)
    return Member.objects.filter(any_of(Q(pk__in=kind.inside(enclosed).values("member")) for kind in kinds.every()))


def address_of(member: Member, on: date) -> PostalAddress:
    """Where the person gets post on the day: a protected one at the safe address only.

    Raises:
        Refused: there is none on record.
    """
    person = member.person
    hidden = person.nondisclosure or person.address_protected
    uses = (Address.Use.SAFE,) if hidden else (Address.Use.MAILING, Address.Use.RESIDENCE)
    for use in uses:
        newest = Address.objects.filter(person=person, use=use, valid_from__lte=on).order_by("-valid_from").first()
        if newest is not None and newest.address:
            outside = "" if hidden or member.head_id else member.head_name
            return PostalAddress(newest.postal_code, newest.address, outside or name_on_paper(person))
    what = "安全な送付先" if hidden else "住所"
    raise Refused(f"再送する{what}が登録されていません。新しい{what}を入れてください。")


def make(returned: ReturnedMail, to: PostalAddress, *, sheets: int, on: date) -> Resend:
    """The resend and its address sheet, within the caller's transaction; the same sheet again gives the same bytes.

    Raises:
        Refused: somebody in a shared envelope has become protected, or the sheet cannot be printed.
    """
    envelope = returned.envelope
    if protected_in(envelope) and _members(envelope).exclude(pk=envelope.person_id).exists():
        raise Refused(
            "自己情報提供不可・住所秘匿の方とほかの方が同じ封筒に入っているため、そのままでは再送できません。"
            "「再送しないで終える」を行い、別々に作り直してください。"
        )
    arrives_on = on + timedelta(policy_on(envelope.dispatch.insurer, on).arrives_after_days("home"))
    made = Resend.objects.create(
        returned=returned,
        code=_code(returned),
        postal_code=to.postal_code,
        address=to.address,
        recipient=to.recipient,
        sheets=sheets,
        sent_on=on,
        arrives_on=arrives_on,
    )
    face = face_of(made)
    if problems := layout.check(face):
        raise Refused([str(problem) for problem in problems])
    damaged.check([envelope.person_id], on)
    path = sheet_path(made)
    with Book(path, title=made.code) as book:
        layout.draw(book, face)
        made.sha256 = book.finish().sha256
    if wrong := single(path, Page(layout.SHEET, layout.fields(face))):
        where = "、".join(f"{layout.LABELS.get(field, field)}：{problem}" for field, problem in wrong.items())
        raise Refused(
            f"再送の宛名用紙の照合で違いが見つかりました（{where}）。再送していません。もう一度行ってください。"
        )
    made.save(update_fields=["sha256"])
    return made


def _code(returned: ReturnedMail) -> str:
    digits = f"{returned.pk:07d}"
    return f"R{digits}-{check_digit(digits)}"


def sheet_path(resend: Resend) -> Path:
    """Where the address sheet lies; its name holds the code only."""
    return Path(settings.KENPO_HOME) / "paper" / "resends" / f"{resend.code}.pdf"


def face_of(resend: Resend) -> layout.AddressFace:
    """What stands on the address sheet."""
    insurer = resend.returned.envelope.dispatch.insurer
    postal_code = f"〒{insurer.postal_code}" if insurer.postal_code else ""
    return layout.AddressFace(
        code=resend.code,
        postal_code=resend.postal_code,
        address=resend.address,
        recipient=resend.recipient,
        sheets=resend.sheets,
        sender_name=insurer.name,
        barcode=postcodes.codes(resend.postal_code, resend.address),
        sender_address=" ".join(part for part in (postal_code, insurer.address) if part),
    )


def sheet(resend: Resend) -> bytes:
    """The address sheet's bytes.

    Raises:
        Refused: the file is gone or is no longer the one that was made.
    """
    path = sheet_path(resend)
    if files.sha256(path) != resend.sha256:
        raise Refused(
            f"再送 {resend.code} の宛名用紙のファイルがないか、作った時と違います。控えから元の場所に戻してください。"
        )
    return path.read_bytes()
