"""Taking in an application, one by one; sending it back when something is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from certificates.decisions.reading import facts_of
from certificates.models import Application
from certificates.requests.via import wrong_via
from certificates.rules.codes import Ground
from certificates.rules.law import law_on
from certificates.rules.validity import last_day_of_cover
from core.calendar import days_after
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.plausible import OFFICE
from core.transitions import advance, record
from members.models import Member
from members.services import municipal, policy_on

ISSUE_GROUNDS = (
    Ground.LOST_CARD,
    Ground.RENEWING_CARD,
    Ground.E_CERTIFICATE_EXPIRED,
    Ground.NOT_REGISTERED,
    Ground.NO_CARD,
    Ground.RETURNED_CARD,
    Ground.NEEDS_ASSISTANCE,
    Ground.ANYONE,
)
REISSUE_GROUNDS = (Ground.LOST_CERTIFICATE, Ground.DAMAGED_CERTIFICATE, Ground.EXPIRED_CERTIFICATE)
GROUNDS = {Application.Kind.ISSUE: ISSUE_GROUNDS, Application.Kind.REISSUE: REISSUE_GROUNDS}

# What an application must carry; sent back (不備返戻) when one is missing.
ITEMS: dict[str, str] = {
    "signature": "申請者の署名",
    "ground": "事由の記入",
    "number": "記号・番号の記入",
    "identity": "本人確認書類の写し",
    "proxy": "委任状または代理権のわかる書類",
    "damaged_certificate": "傷んだ資格確認書",
    "fee": "再交付手数料",
}


LONGEST_RELATIONSHIP = 20


@dataclass(frozen=True, slots=True)
class Form:
    """What stands on an application form. ``via`` is one of ``Via``, ``applicant`` of ``Application.Applicant``."""

    kind: str
    ground: str
    received_on: date
    via: str
    applicant: str = "insured"
    proxy_relationship: str = ""


def check(form: Form, *, on: date) -> list[Mistake]:
    """Everything wrong with a form, by column; empty when it can be taken in."""
    mistakes = []
    if form.kind not in Application.Kind.values:
        mistakes.append(Mistake("issue（交付）か reissue（再交付）にしてください。", column="kind"))
    elif form.ground not in GROUNDS[Application.Kind(form.kind)]:
        words = " / ".join(GROUNDS[Application.Kind(form.kind)])
        mistakes.append(Mistake(f"事由は {words} のどれかにしてください。", column="ground"))
    if wrong := wrong_via(form.via, municipal=municipal()):
        mistakes.append(wrong)
    if form.applicant not in Application.Applicant.values:
        words = " / ".join(Application.Applicant.values)
        mistakes.append(Mistake(f"申請者は {words} のどれかにしてください。", column="applicant"))
    if form.applicant == Application.Applicant.PROXY and not form.proxy_relationship.strip():
        mistakes.append(Mistake("代理人の続柄を書いてください。", column="proxy_relationship"))
    if len(form.proxy_relationship) > LONGEST_RELATIONSHIP:
        mistakes.append(
            Mistake(f"代理人の続柄は{LONGEST_RELATIONSHIP}字までにしてください。", column="proxy_relationship")
        )
    if form.received_on < OFFICE.first:
        mistakes.append(Mistake(OFFICE.words(on), column="received_on"))
    if form.received_on > on:
        mistakes.append(Mistake("受付日が先の日付です。受け付けた日を確認してください。", column="received_on"))
    return mistakes


def receive(member: Member, form: Form, *, on: date, by: Clerk | None) -> Application:
    """Takes in one application; the same one again answers the first.

    Raises:
        BadInput: the form is not right; every mistake is listed by column.
        Refused: the cover has ended, or no policy is in force.
    """
    return take_in(member, form, on=on, by=by)[0]


def take_in(member: Member, form: Form, *, on: date, by: Clerk | None) -> tuple[Application, bool]:
    """``receive``, and whether the application is new."""
    if mistakes := check(form, on=on):
        raise BadInput(mistakes)
    facts = facts_of(member.insurer.society.pk, on, [member.pk])[member.pk]
    if last_day_of_cover(facts, law_on(on)) < on:
        raise Refused("資格が終わっているため、申請を受け付けられません。資格の異動を確認してください。")
    policy = policy_on(member.insurer, on)
    with transaction.atomic():
        application, created = Application.objects.exclude(status="withdrawn").get_or_create(
            member=member,
            kind=form.kind,
            ground=form.ground,
            received_on=form.received_on,
            defaults={
                "received_via": form.via,
                "applicant": form.applicant,
                "received_by": by,
                "proxy_relationship": form.proxy_relationship,
                "fee_yen": policy.reissue_fee_yen if form.kind == Application.Kind.REISSUE else 0,
                "due_on": days_after(form.received_on, policy.turnaround_days),
            },
        )
        if created:
            record("receive", Application._meta.label, [application.pk], by=by, on=on, note={})
    return application, created


def send_back(application: Application, items: Sequence[str], *, by: Clerk, on: date) -> None:
    """Sends an application back for what is missing (不備返戻).

    Raises:
        BadInput: no item, or an unknown one.
        Refused: it is decided already.
    """
    unknown = [item for item in items if item not in ITEMS]
    if not items or unknown:
        raise BadInput(f"不備の項目を {' / '.join(ITEMS)} から選んでください。")
    advance(application, "send_back", by=by, on=on, note={"items": list(items)}, items_missing=list(items))


def complete(application: Application, *, by: Clerk, on: date) -> None:
    """What was missing has come."""
    advance(application, "complete", by=by, on=on, items_missing=[])


def withdraw(application: Application, *, by: Clerk, on: date) -> None:
    """The applicant takes it back."""
    advance(application, "withdraw", by=by, on=on)
