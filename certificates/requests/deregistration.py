"""利用登録解除: a person ends the insurance use of the card; no ground is needed.

Taken in by one clerk and accepted by another: the certificate is issued with acceptance, the request goes to the
fund, the link is cut at the end of the month after the fund's intake. What files the request travels in is the
business of the floor above; it says here when a request was handed over and what the fund answered.

Source: rules.md §4, §8; seed 004 資料⑦.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from certificates.decisions import ruling as rulings
from certificates.decisions.reading import facts_of
from certificates.models import Deregistration, EligibilityCertificate, Recovery, Ruling, Via
from certificates.recovery import open_duties
from certificates.requests.inquiries.known import newest_words
from certificates.requests.via import wrong_via
from certificates.rules import monthly
from certificates.rules.codes import Basis, Ground
from certificates.rules.facts import FundRow, MemberFacts
from certificates.rules.law import law_on, law_on_or_after
from certificates.rules.validity import last_day_of_cover
from core.calendar import wareki
from core.errors import BadInput, Mistake, Refused
from core.forward import require_forward
from core.models import Clerk, Event
from core.roles import EDIT
from core.transitions import advance, advance_many, lock_chain, record
from members.models import Insurer, Member
from members.services import municipal, policy_on

LABEL = Deregistration._meta.label
UNPOSTED = ("proposed", "approved", "printed")
# Acceptance moves no status (the fund's intake does); the log is where it stands.
_ACCEPTED = Exists(Event.objects.filter(subject=LABEL, subject_id=OuterRef("pk"), verb="accept"))


def receive(member: Member, *, received_on: date, via: str = Via.MAIL, by: Clerk | None, on: date) -> Deregistration:
    """Takes in a request; while the person has an open one, answers that.

    Raises:
        BadInput: ``via`` is unknown, or ``received_on`` is yet to come.
        Refused: the cover has ended, the newest row does not say that the person is registered, or the clerk may not.
    Source: rules.md §8.
    """
    _may(by, "利用登録解除の受付")
    if wrong := wrong_via(via, municipal=municipal()):
        raise BadInput(wrong)
    if received_on > on:
        raise BadInput(Mistake("受付日が先の日付です。受け付けた日を確認してください。", column="received_on"))
    with transaction.atomic():
        lock_chain()
        if (known := open_of(member.person_id, on)) is not None:
            return known
        _require_registered(member, on)
        made = Deregistration.objects.create(person_id=member.person_id, member=member, received_on=received_on)
        record("receive", LABEL, [made.pk], by=by, on=on, note={"via": Via(via).label})
    return made


def open_of(person_id: int, on: date) -> Deregistration | None:
    """The person's request that is under way: not yet at the fund, or there without having been carried out."""
    theirs = Deregistration.objects.filter(person_id=person_id).order_by("pk")
    carried_out = {request.pk for request, row in _with_words(theirs, on) if last_day(request, row) is None}
    return theirs.filter(status__in=("received", "granted")).exclude(pk__in=carried_out).first()


def _require_registered(member: Member, on: date) -> None:
    facts = facts_of(member.insurer.society.pk, on, [member.pk])[member.pk]
    if last_day_of_cover(facts, law_on(on)) < on:
        raise Refused("資格が終わっているため、利用登録解除を受け付けられません。いまの保険者へご案内ください。")
    row = monthly.row_of(facts)
    if row is None:
        raise Refused(
            "利用登録の有無がわからないため、利用登録解除を受け付けられません。"
            "個別照会の回答が届いてから、もう一度受け付けてください。"
        )
    if row.state != "registered":
        why = "カードが返納されている" if row.state == "returned" else "利用登録がない"
        raise Refused(
            f"{wareki(row.as_of)}の情報では{why}ため、解除の必要はありません。"
            "資格確認書が必要なときは、交付の申請をご案内ください。"
        )


def accept(deregistration: Deregistration, *, by: Clerk | None, on: date) -> Ruling | None:
    """Accepts a request and issues the certificate with it; answers the ruling, or None when none was needed.

    None is needed while a valid certificate lasts beyond the earliest day on which the link can be cut. The
    certificate is approved at once when another clerk took the form in; else a second call by another approves it.

    Raises:
        Refused: the request was withdrawn or refused, the cover has ended, no policy is in force, or the clerk may not.
    Source: rules.md §8 "利用登録解除".
    """
    _may(by, "利用登録解除の受理")
    with transaction.atomic():
        lock_chain()
        deregistration.refresh_from_db()
        if deregistration.status in ("refused", "withdrawn"):
            raise Refused(
                f"この申請は「{deregistration.get_status_display()}」です。必要なときは新しく受け付けてください。"
            )
        if not _accepted(deregistration) and deregistration.status == "received":
            require_forward(Deregistration, [deregistration.pk], "受理する", on=on)
            record("accept", LABEL, [deregistration.pk], by=by, on=on, note={})
            _issue(deregistration, by=by, on=on)
        ruling = Ruling.objects.filter(request=_request(deregistration)).first()
        if ruling is not None and by is not None and _received_by(deregistration) not in (None, by.pk):
            waiting = EligibilityCertificate.objects.filter(ruling=ruling, status="proposed")
            advance_many(waiting, "approve", by=by, on=on, note={"deregistration": deregistration.pk})
    return ruling


def _issue(deregistration: Deregistration, *, by: Clerk | None, on: date) -> None:
    """Issues unless a certificate lasts; one that does not last so long ends with the new one."""
    member = deregistration.member
    policy, law = policy_on(member.insurer, on), law_on(on)
    facts = facts_of(member.insurer.society.pk, on, [member.pk])[member.pk]
    effect = effect_on(on)
    if any(monthly.certificate_last_day(h, facts.birth_date, policy, law) > effect for h in facts.certificates):
        return
    rulings.issue(
        member.pk,
        cause=Ruling.Cause.DEREGISTRATION,
        request=_request(deregistration),
        ground=Ground.DEREGISTRATION,
        basis=Basis.APPLICATION,
        on=on,
        by=by,
    )
    earlier = EligibilityCertificate.objects.filter(pk__in=[held.id for held in facts.certificates])
    note = {"deregistration": deregistration.pk}
    advance_many(earlier, "void", by=by, on=on, reason="利用登録解除による新しい交付に差し替えたため", note=note)
    replaced = advance_many(earlier, "supersede", by=by, on=on, note=note)
    if replaced:
        open_duties(
            EligibilityCertificate.objects.filter(pk__in=replaced),
            cause=Recovery.Cause.SUPERSEDED,
            received_on=deregistration.received_on or on,
            on=on,
            by=by,
        )


def not_to_withdraw(deregistration: Deregistration) -> str:
    """Why the fund's part in it keeps the applicant from taking it back; empty if it does not."""
    if deregistration.status in ("granted", "done"):
        return (
            "支払基金が受け付けたあとは取り下げられません。マイナ保険証を続けて使いたいときは、"
            "解除されたあとに、改めて利用登録をするようご案内ください。"
        )
    if deregistration.status == "received" and handed_over(deregistration):
        return (
            "すでに支払基金へ渡しているため取り下げられません。支払基金に取下げを申し出て、"
            "受け付けなかったとの回答があれば、受付の記録でその行の理由を入れてください。"
        )
    return ""


def withdraw(deregistration: Deregistration, *, reason: str, by: Clerk | None, on: date) -> None:
    """The applicant takes it back before it was handed to the fund; the unposted certificate is voided.

    Raises:
        Refused: it was handed over or decided already, no reason is given, or the clerk may not.
    """
    with transaction.atomic():
        lock_chain()
        deregistration.refresh_from_db()
        if why_not := not_to_withdraw(deregistration):
            raise Refused(why_not)
        advance(deregistration, "withdraw", by=by, on=on, reason=reason)
        _void_unposted([deregistration.pk], "利用登録解除が取り下げられたため", by=by, on=on)


def to_request(insurer: Insurer) -> QuerySet[Deregistration]:
    """Accepted requests of members under one insurer number that the fund has not taken in, oldest first."""
    return _received(insurer).filter(_ACCEPTED)


def not_accepted(insurer: Insurer) -> QuerySet[Deregistration]:
    """Requests of members under one insurer number that still want accepting, oldest first."""
    return _received(insurer).exclude(_ACCEPTED)


def _received(insurer: Insurer) -> QuerySet[Deregistration]:
    return Deregistration.objects.filter(status="received", member__insurer=insurer).order_by("pk")


def hand_over(ids: Iterable[int], *, file: int, by: Clerk | None, on: date) -> None:
    """Notes that requests were handed to the fund, in which file; from then on they cannot be withdrawn."""
    record("hand_over", LABEL, ids, by=by, on=on, note={"outgoing_file": file})


def take_back(ids: Iterable[int], *, file: int, by: Clerk | None, on: date) -> None:
    """Notes that the file they were handed over in was cancelled."""
    record("take_back", LABEL, ids, by=by, on=on, note={"outgoing_file": file})


def handed_over(deregistration: Deregistration) -> bool:
    """Whether the request is with the fund: handed over, and the file not cancelled since."""
    said = Event.objects.filter(subject=LABEL, subject_id=deregistration.pk, verb__in=("hand_over", "take_back"))
    newest = said.order_by("-seq").values_list("verb", flat=True).first()
    return newest == "hand_over"


def grant(ids: Iterable[int], *, accepted_on: date, file: int, by: Clerk | None, on: date) -> list[int]:
    """The fund took requests in on ``accepted_on``; answers those that moved.

    Raises:
        Refused: the clerk may not.
    Source: rules.md §4 (the last usable day counts from ``accepted_on``).
    """
    return advance_many(
        Deregistration.objects.filter(pk__in=list(ids)),
        "grant",
        by=by,
        on=on,
        note={"outgoing_file": file},
        accepted_on=accepted_on,
    )


def refuse(ids: Iterable[int], *, reason: str, by: Clerk | None, on: date) -> list[int]:
    """The fund did not take requests in: the unposted certificates are voided; answers those that moved.

    Raises:
        Refused: no reason is given, or the clerk may not.
    """
    with transaction.atomic():
        moved = advance_many(Deregistration.objects.filter(pk__in=list(ids)), "refuse", by=by, on=on, reason=reason)
        _void_unposted(moved, "基金が利用登録解除を受け付けなかったため", by=by, on=on)
    return moved


def effect_on(accepted_on: date) -> date:
    """Last day on which the card can still be used: the end of the month after the fund's intake."""
    return monthly.deregistration_last_day(accepted_on, law_on_or_after(accepted_on))


def last_day(deregistration: Deregistration, row: FundRow | None) -> date | None:
    """Last usable day that the request leaves, by the month's own rule; None once it is no longer open."""
    accepted_on = deregistration.accepted_on
    if accepted_on is None:
        return None
    # The rule reads nothing of the facts but the days of the fund's intake.
    facts = MemberFacts(accepted_on, accepted_on, deregistered_on=(accepted_on,))
    usable = row if row is not None and row.usable else None
    return monthly.open_deregistration_last_day(facts, usable, law_on_or_after(accepted_on))


def confirm(on: date) -> int:
    """Completes every request that a newer word of the fund shows carried out, or overtaken by a new registration.

    May run any number of times a day; answers how many were completed. Source: rules.md §4.
    """
    granted = Deregistration.objects.filter(status="granted", accepted_on__lte=on)
    done = [request.pk for request, row in _with_words(granted, on) if last_day(request, row) is None]
    return len(advance_many(Deregistration.objects.filter(pk__in=done), "complete", by=None, on=on))


def to_chase(on: date) -> list[Deregistration]:
    """Requests whose person the fund still says registered under an older date after the effect, oldest first.

    Source: rules.md §4 (a case to chase).
    """
    granted = Deregistration.objects.filter(status="granted", accepted_on__lte=on)
    late = []
    for request, row in _with_words(granted.order_by("accepted_on", "pk"), on):
        ends = last_day(request, row)
        # On the last day itself the link still stands, so only a later word shows it uncut.
        if ends is not None and row is not None and row.state == "registered" and row.as_of > ends:
            late.append(request)
    return late


def _with_words(requests: QuerySet[Deregistration], on: date) -> list[tuple[Deregistration, FundRow | None]]:
    """Requests that the fund has taken in, each with the newest word on its person."""
    listed = list(requests.filter(status="granted").select_related("member__insurer"))
    words = newest_words((request.person_id for request in listed), on) if listed else {}
    return [(request, words.get(request.person_id)) for request in listed]


def _void_unposted(ids: Iterable[int], reason: str, *, by: Clerk | None, on: date) -> None:
    requests = [f"deregistration:{pk}" for pk in ids]
    mine = EligibilityCertificate.objects.filter(ruling__request__in=requests, status__in=UNPOSTED)
    advance_many(mine, "void", by=by, on=on, reason=reason)


def _request(deregistration: Deregistration) -> str:
    return f"deregistration:{deregistration.pk}"


def _accepted(deregistration: Deregistration) -> bool:
    return Deregistration.objects.filter(_ACCEPTED, pk=deregistration.pk).exists()


def _received_by(deregistration: Deregistration) -> int | None:
    taken_in = Event.objects.filter(subject=LABEL, subject_id=deregistration.pk, verb="receive")
    return taken_in.order_by("seq").values_list("actor_id", flat=True).first()


def _may(by: Clerk | None, what: str) -> None:
    if by is not None and not by.can(EDIT):
        raise Refused(f"{what}は{by.get_role_display()}の権限ではできません。担当者に依頼してください。")
