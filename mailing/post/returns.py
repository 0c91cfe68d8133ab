"""返戻: an envelope comes back, waits, and is sent again, handed over, or its papers end by the legal verbs.

The serials stay what they are; a paper that came back counts as a route that is not in hand, so no month prints
another (rules.md §4 "Gaps", §10).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certificates.models import Via
from certificates.requests.filings import service as filings
from certificates.rules.filing_kinds import Kind
from core.errors import BadInput, Mistake, Refused
from core.forward import require_not_before
from core.models import Clerk
from core.roles import DISPATCH
from core.text import identifier_key
from core.transitions import lock_chain, record
from mailing.models import EnclosedRequest, Enclosure, Envelope, Resend, ReturnedMail
from mailing.papers import kinds, requests
from mailing.papers.kinds.rows import concerns, document_is, ids_in
from mailing.post import resends
from mailing.post.tracking import newest_numbers
from members.models import Member
from members.services import policy_on

Resolution = ReturnedMail.Resolution


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one scan of returned mail came to: the envelope's record, and how many papers came back with it."""

    result: Literal["returned", "already"]
    returned: ReturnedMail
    papers: int = 0

    @property
    def sentence(self) -> str:
        """What the clerk is told; names no person."""
        if self.result == "already":
            return "すでに返戻を受けています。記録は変えていません。"
        return f"返戻を受けました（封筒 {self.returned.envelope.code}、同封 {self.papers}点）。"


def waiting() -> QuerySet[ReturnedMail]:
    """Returned mail that somebody still has to do something about."""
    return ReturnedMail.objects.filter(resolved_on__isnull=True)


def envelope_of(text: str) -> Envelope:
    """The envelope of a scanned envelope code, code of a resend, or serial of a paper in it.

    Raises:
        BadInput: there is none.
    """
    key = identifier_key(text)
    found = Envelope.objects.filter(
        Q(code=key) | Q(returns__resend__code=key) | Q(pk__in=_enclosing(key))
    ).select_related("dispatch__insurer")
    envelope = found.distinct().order_by("-id").first()
    if envelope is None:
        raise BadInput("この番号の封筒も証もありません。封筒番号か発行番号をもう一度読み取ってください。")
    return envelope


def _enclosing(serial: str) -> QuerySet[Enclosure]:
    plain = serial.replace("-", "")
    return Enclosure.objects.filter(concerns(serial=plain), active=True).values("envelope")


def receive(text: str, *, reason: str, by: Clerk, on: date) -> Receipt:
    """Takes one envelope back: everything in it that was in the post is ``returned``, in one transaction.

    A second scan says so and changes nothing.

    Raises:
        BadInput: no such envelope or paper, or no such reason.
        Refused: it was never sent, nothing in it is in the post any more, the day is before it was sent or delivered,
            or the clerk may not.
    """
    _may(by, "返戻を受ける")
    if reason not in ReturnedMail.Reason.values:
        raise BadInput(Mistake("返戻の理由を選んでください。", column="reason"))
    with transaction.atomic():
        lock_chain()
        envelope = envelope_of(text)
        known = waiting().filter(envelope=envelope).select_related("envelope").first()
        if known is not None:
            return Receipt("already", known)
        _check_sent(envelope, on)
        label = ReturnedMail.Reason(reason).label
        papers = _advance(envelope, "return", by=by, on=on, reason=label, note={"envelope": envelope.code})
        if not papers:
            raise Refused(
                "この封筒の証やお知らせは、もう発送中ではありません（回収・差替え・期限切れなど）。"
                "証の画面で状態を確かめ、裁断してください。"
            )
        # Nobody has read what lay beside the papers.
        asked = EnclosedRequest.objects.filter(enclosure__envelope=envelope)
        requests.withdraw(asked, by=by, on=on)
        made = ReturnedMail.objects.create(envelope=envelope, reason=reason, returned_on=on, received_by=by)
        record(
            "come_back",
            ReturnedMail._meta.label,
            [made.pk],
            by=by,
            on=on,
            note={"dispatch": envelope.dispatch_id, "enclosed": papers},
        )
    return Receipt("returned", made, papers)


def held_request(envelope: Envelope) -> bool:
    """Whether a letter that asks papers back lay in the envelope when it was sent."""
    return EnclosedRequest.objects.filter(enclosure__envelope=envelope, enclosure__active=True).exists()


def _check_sent(envelope: Envelope, on: date) -> None:
    dispatch = envelope.dispatch
    if dispatch.status != "sent" or dispatch.sent_on is None:
        raise Refused(
            f"発送{dispatch.pk}は「{dispatch.get_status_display()}」で、まだ発送していません。返戻は受けられません。"
        )
    again = Resend.objects.filter(returned__envelope=envelope).order_by("-sent_on").first()
    require_not_before("戻った", on, "発送", again.sent_on if again else dispatch.sent_on)
    number = newest_numbers([envelope]).get(envelope.pk)
    require_not_before("戻った", on, "配達", number.delivered_on if number else None)


def _advance(envelope: Envelope, verb: str, *, by: Clerk, on: date, **rest: Any) -> int:
    """Moves everything active in the envelope that may take the verb; answers how many papers moved."""
    moved = 0
    enclosed = Enclosure.objects.filter(envelope=envelope, active=True)
    for kind in kinds.every():
        if ids := ids_in(enclosed, kind):
            moved += len(kind.advance(ids, verb, by=by, on=on, **rest))
    return moved


def send_again(returned: ReturnedMail, *, by: Clerk, on: date, postal_code: str = "", address: str = "") -> Resend:
    """Sends the same papers home once more, under a new address sheet. No serial is printed again.

    A new ``address`` is filed first (送付先, for a protected person 安全な送付先) and so holds for what comes later.

    Raises:
        BadInput: the address is not complete.
        Refused: something on the papers is no longer right, somebody in the envelope may not share it, there is no
            address, the sheet cannot be printed, or the clerk may not.
    """
    _may(by, "再送する")
    with transaction.atomic():
        envelope = _open(returned, on)
        resends.check_still_right(envelope, on=on)
        person = Member.objects.select_related("person").get(pk=envelope.person_id)
        if address.strip():
            _file_address(person, postal_code.strip(), address.strip(), by=by, on=on)
        to = resends.address_of(person, on)
        made = resends.make(returned, to, sheets=_count(envelope), on=on)
        _advance(envelope, "resend", by=by, on=on, note={"resend": made.code}, sent_on=on, arrives_on=made.arrives_on)
        same = (to.postal_code, to.address) == (envelope.postal_code, envelope.address)
        how = Resolution.SAME_ADDRESS if same else Resolution.NEW_ADDRESS
        _resolve(returned, how, by=by, on=on)
    return made


def _file_address(member: Member, postal_code: str, address: str, *, by: Clerk, on: date) -> None:
    protected = member.person.nondisclosure or member.person.address_protected
    use = "safe" if protected else "mailing"
    data = {"effective_on": on.isoformat(), f"{use}_address": address, f"{use}_postal_code": postal_code}
    filing = filings.receive(Kind.ADDRESS, member, data, received_on=on, via=Via.MAIL, by=by, on=on)
    filings.apply(filing, by=by, on=on)


def _count(envelope: Envelope) -> int:
    return Enclosure.objects.filter(document_is(status="returned"), envelope=envelope, active=True).count()


def hand_over(returned: ReturnedMail, channel: str, *, by: Clerk, on: date) -> None:
    """The papers were given to the establishment (``establishment``) or at the counter (``counter``) on the day.

    Raises:
        BadInput: another channel.
        Refused: something on the papers is no longer right, somebody in the envelope is protected (establishment),
            or the clerk may not.
    """
    _may(by, "渡したことを記録する")
    if channel not in (Resolution.ESTABLISHMENT, Resolution.COUNTER):
        raise BadInput(Mistake("渡した相手を選んでください。", column="channel"))
    with transaction.atomic():
        envelope = _open(returned, on)
        resends.check_still_right(envelope, on=on)
        arrives_on = on
        if channel == Resolution.ESTABLISHMENT:
            if resends.protected_in(envelope):
                raise Refused("自己情報提供不可・住所秘匿の方の分があるため、事業所へは渡せません。")
            arrives_on += timedelta(policy_on(envelope.dispatch.insurer, on).arrives_after_days("establishment"))
        _advance(envelope, "resend", by=by, on=on, note={"handed_to": channel}, sent_on=on, arrives_on=arrives_on)
        _resolve(returned, channel, by=by, on=on)


def end_papers(returned: ReturnedMail, *, reason: str, by: Clerk, on: date) -> None:
    """Ends the papers by their own verbs and shreds them: certificates are recovered, notices made void.

    Whoever is still covered and has no other route gets another with the next month's decision.

    Raises:
        Refused: no reason is given, or the clerk may not.
    """
    _may(by, "再送しないで終える")
    if not reason.strip():
        raise Refused("再送しないで終える理由を書いてください。")
    with transaction.atomic():
        envelope = _open(returned, on)
        enclosed = Enclosure.objects.filter(envelope=envelope, active=True)
        for kind in kinds.every():
            if ids := ids_in(enclosed, kind, status="returned"):
                kind.end(ids, by=by, on=on, reason=reason)
        if _count(envelope):
            raise Refused("終えられない証があります。証の画面で状態を確かめてください。")
        _resolve(returned, Resolution.ENDED, by=by, on=on, reason=reason)


def close_ended(*, on: date, by: Clerk | None = None) -> int:
    """Closes the records whose papers have all ended by other ways (expired, recovered); answers how many. Repeatable."""
    held = Enclosure.objects.filter(document_is(status="returned"), envelope=OuterRef("envelope"), active=True)
    with transaction.atomic():
        lock_chain()
        ended = list(waiting().filter(~Exists(held)).order_by("pk").values_list("pk", flat=True))
        _set_resolved(ended, Resolution.ENDED, by=by, on=on)
    return len(ended)


def _open(returned: ReturnedMail, on: date) -> Envelope:
    """The envelope of a record that is still open, under the lock."""
    lock_chain()
    returned.refresh_from_db()
    if returned.resolved_on is not None:
        raise Refused(f"この返戻は「{returned.get_resolution_display()}」として終わっています。")
    require_not_before("返戻に対応した", on, "返戻", returned.returned_on)
    return Envelope.objects.select_related("dispatch__insurer").get(pk=returned.envelope_id)


def _resolve(returned: ReturnedMail, how: str, *, by: Clerk, on: date, reason: str = "") -> None:
    _set_resolved([returned.pk], how, by=by, on=on, reason=reason)
    returned.refresh_from_db()


def _set_resolved(ids: Collection[int], how: str, *, by: Clerk | None, on: date, reason: str = "") -> None:
    ReturnedMail.objects.filter(pk__in=ids).update(resolution=how, resolved_on=on, resolved_by=by)
    if ids:
        note = {"resolution": str(how), **({"reason": reason} if reason else {})}
        record("resolve", ReturnedMail._meta.label, ids, by=by, on=on, note=note)


def _may(by: Clerk, label: str) -> None:
    if not by.can(DISPATCH):
        raise Refused(f"「{label}」は{by.get_role_display()}の権限ではできません。")
