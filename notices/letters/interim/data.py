"""Who gets a 被保険者資格証明書, and what stands on it according to the database now."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from certificates.decisions.gaps import covered, routes_in_hand
from certificates.decisions.reading import facts_of
from certificates.models import Application, EligibilityCertificate
from certificates.requests.applications.judging import CARD_NOT_AT_HAND
from certificates.rules.codes import Ground, Reason
from certificates.rules.copayment import Told
from certificates.rules.facts import MemberFacts
from certificates.rules.law import law_on
from certificates.rules.validity import last_day_of_cover
from core.calendar import wareki
from core.errors import Refused
from members.damaged import check
from members.models import Member, ShareRelief
from members.printed_forms import name_on_paper, printed
from members.services import municipal, policy_on
from notices.covers import ShareFacts
from notices.letters.content import Addressee
from notices.letters.interim.letter import KIND, InterimFace, last_usable_day
from notices.letters.reading import numbers, recipients
from notices.letters.registry import Ready, numbered

_CERTIFICATE_NOT_AT_HAND = (Ground.LOST_CERTIFICATE, Ground.DAMAGED_CERTIFICATE)
_USABLE = {
    Reason.MYNA_USABLE: "マイナ保険証を{day}まで使えるため、資格証明書は要りません。"
    "カードをなくしたなど、使えない事情があるときは、先に資格確認書の交付申請を受け付けてください。",
    Reason.CERTIFICATE_IN_HAND: "お手元の資格確認書を{day}まで使えるため、資格証明書は要りません。"
    "なくしたなど、使えない事情があるときは、先に再交付の申請を受け付けてください。",
    Reason.LEGACY_CARD_USABLE: "お手元の健康保険証を{day}まで使えるため、資格証明書は要りません。",
}


def why_not(member: Member, on: date) -> str:
    """Why the member gets no sheet on a day, empty when one may be printed.

    A route counts as usable unless an application under way says that the card or the certificate is not at hand.

    Raises:
        Refused: the society has no settings for the day.
    """
    facts, law = _facts(member, on), law_on(on)
    if facts.acquired_on > on:
        return f"資格の取得は{wareki(facts.acquired_on)}のため、まだ資格証明書を交付できません。"
    if not covered(facts, on, law):
        return f"{wareki(last_day_of_cover(facts, law))}で資格が終わっているため、資格証明書を交付できません。"
    held = list(routes_in_hand(facts, on, policy_on(member.insurer, on), law))
    missing = _not_at_hand(member, on) if held else set()
    usable = [(reason, last) for reason, last in held if reason not in missing]
    if not usable:
        return ""
    reason, last = max(usable, key=lambda route: route[1])
    return _USABLE[reason].format(day=wareki(last))


def interim_face(member: Member, on: date) -> InterimFace:
    """The sheet for one member, printed on a day.

    Raises:
        Refused: the member is not covered, or holds a usable route; it says which.
    """
    if reason := why_not(member, on):
        raise Refused(reason)
    person, head = member.person, member.householder
    recipient = recipients([member.pk], on)[member.pk]
    share = _share_facts(member)
    cover_ends_on = last_day_of_cover(_facts(member, on), law_on(on))
    return InterimFace(
        member.pk,
        # It is handed over at the office: without an address that may be used, it carries none.
        recipient.addressee or Addressee("", "", recipient.to),
        recipient.sender,
        on,
        last_usable_day(on, cover_ends_on, share.percent_on),
        member.insurer.number,
        numbers(member),
        name_on_paper(person),
        person.name_kana,
        person.birth_date,
        person.sex,
        member.acquired_on,
        member.insured is not None,
        member.head_name or name_on_paper(head.person),
        printed(person, "name") if person.printed_name else "",
        person.sex_on_back,
        share.percent_on(on),
        municipal(),
    )


def ready(member: Member, on: date) -> Ready:
    """The sheet to be printed.

    Raises:
        Refused: as ``interim_face``, or a text about the member may be damaged.
    """
    check([member.pk], on)
    return numbered(f"{KIND}-{member.pk}-{on:%Y%m%d}", interim_face(member, on).letter)


def _facts(member: Member, on: date) -> MemberFacts:
    return facts_of(member.insurer.society.pk, on, [member.pk])[member.pk]


def _not_at_hand(member: Member, on: date) -> set[Reason]:
    """Routes that the member cannot show, as told by an application whose certificate is not there yet."""
    told = Application.objects.filter(member=member, received_on__lte=on).filter(
        Q(status__in=("received", "incomplete", "granted")) | Q(pk__in=_on_its_way(member, on))
    )
    grounds = set(told.values_list("ground", flat=True))
    found = set()
    if grounds.intersection(CARD_NOT_AT_HAND):
        found.add(Reason.MYNA_USABLE)
    if grounds.intersection(_CERTIFICATE_NOT_AT_HAND):
        found.add(Reason.CERTIFICATE_IN_HAND)
    return found


def _on_its_way(member: Member, on: date) -> list[int]:
    """Applications whose certificate is in the post."""
    posted = EligibilityCertificate.objects.filter(
        member=member, status="sent", arrives_on__gt=on, ruling__request__startswith="application:"
    )
    return [int(request.removeprefix("application:")) for request in posted.values_list("ruling__request", flat=True)]


def _share_facts(member: Member) -> ShareFacts:
    head = member.insured or member
    reliefs = ShareRelief.objects.filter(member=head).order_by("pk")
    return ShareFacts(
        member.person.birth_date,
        head.person.birth_date,
        head.standard_monthly_remuneration_yen,
        tuple(reliefs.values_list("valid_from", "valid_through")),
        Told(member.copayment_percent) if municipal() else None,
    )
