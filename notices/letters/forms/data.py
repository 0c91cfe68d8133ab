"""What is known of a member, for a prefilled form. Addresses and individual numbers are never filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from certificates.models import EligibilityCertificate
from certificates.recovery.duties import POSTED
from certificates.requests.applications.intake import ISSUE_GROUNDS, REISSUE_GROUNDS
from certificates.rules.codes import Ground
from certificates.rules.copayment import copayment_percent, share_from
from certificates.rules.law import law_on
from core.errors import Refused
from core.text import tenths
from members.damaged import check
from members.models import Member, ShareRelief
from members.policy import Policy
from members.printed_forms import name_on_paper
from members.services import municipal, policy_on
from notices.letters.forms import layout
from notices.letters.forms.letter import FormFace
from notices.letters.reading import ground_in_words, numbers, sender_of
from notices.letters.registry import Ready

EMPLOYERS_ONLY = ("relief", "unrecoverable")


@dataclass(frozen=True, slots=True)
class _Insured:
    """The insured person, as the rule about the share reads it."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None
    relieved: bool


def form_face(kind: str, member: Member, on: date) -> FormFace:
    """The form for one member as of a day.

    Raises:
        Refused: the form is not for this member, or the society has no settings for the day.
    """
    if kind in EMPLOYERS_ONLY and municipal():
        raise Refused("この用紙は、事業所のある健康保険だけで使います。ほかの用紙を選んでください。")
    head = member.householder
    if kind == "relief":
        # The insured person applies for the whole family.
        member = head
    share = None if municipal() else _share(head, on)
    person, policy = member.person, policy_on(member.insurer, on)
    if kind == "relief" and share != (law := law_on(on)).copayment_elderly_high_percent:
        raise Refused(
            f"基準収入額適用申請書は、{law.elderly_age}歳以上で負担割合が"
            f"{tenths(law.copayment_elderly_high_percent)}の被保険者の世帯だけが使います。"
        )
    if kind == "unrecoverable" and (person.nondisclosure or person.address_protected):
        raise Refused("住所秘匿などの方の回収不能届は、事業所へ渡せません。当組合で回収不能を記録してください。")
    paper = (
        EligibilityCertificate.objects.filter(member=member, status__in=POSTED, valid_through__gte=on)
        .order_by("-effective_on", "-pk")
        .first()
    )
    return FormFace(
        kind,
        member.pk,
        on,
        sender_of(member.insurer),
        member.insurer.number,
        numbers(member),
        member.head_name or name_on_paper(head.person),
        name_on_paper(person),
        person.name_kana,
        person.birth_date,
        "" if policy.municipal else member.get_kind_display(),
        "" if policy.municipal else head.establishment.name,
        member.lost_on or head.lost_on,
        str(EligibilityCertificate._meta.verbose_name) if paper else "",
        paper.serial if paper else "",
        paper.valid_through if paper else None,
        share,
        policy.turnaround_days,
        policy.reissue_fee_yen,
        _grounds(policy),
        policy.municipal,
    )


def ready(kind: str, member: Member, on: date) -> Ready:
    """The form to be printed; it bears no number.

    Raises:
        Refused: as ``form_face``, or a text about the member may be damaged.
    """
    check([member.pk], on)
    form = form_face(kind, member, on).form()
    return Ready(f"form-{kind}-{member.pk}-{on:%Y%m%d}", lambda book, number: layout.draw(book, form))


def _grounds(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The grounds this society accepts, in words."""
    anyone = "anyone" in policy.accepted_grounds
    accepted = {*policy.accepted_grounds}

    def words(grounds: tuple[Ground, ...]) -> tuple[str, ...]:
        return tuple(ground_in_words(ground.label) for ground in grounds if anyone or ground in accepted)

    return {"issue_grounds": words(ISSUE_GROUNDS), "reissue_grounds": words(REISSUE_GROUNDS)}


def _share(head: Member, on: date) -> int | None:
    """The insured person's share on the day; none before the share from 70 is decided."""
    law = law_on(on)
    if on < share_from(head.person.birth_date, law):
        return None
    relieved = (
        ShareRelief.objects.filter(Q(valid_through=None) | Q(valid_through__gte=on))
        .filter(member=head, valid_from__lte=on)
        .exists()
    )
    insured = _Insured(head.person.birth_date, head.standard_monthly_remuneration_yen, relieved)
    return copayment_percent(head.person.birth_date, insured, on=on, law=law)
