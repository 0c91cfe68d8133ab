"""What happened to a member after a month's decision: rulings, applications, filings, paper, recovery.

Sentences a call centre can read out, each with its day, oldest first. Source: domain.md §4, §8, §9.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from certificates import ruling as rulings
from certificates.explain import Case, explain
from certificates.facts import from_json
from certificates.law import law_on
from certificates.models import (
    Application,
    Deregistration,
    EligibilityCertificate,
    Filing,
    Recovery,
    Ruling,
    Run,
)
from core.calendar import wareki
from core.models import Event
from members import policy as policies
from members.models import Member

_PAPER_VERBS = {
    "send": "発送しました。",
    "return": "返戻として受け取りました。",
    "resend": "再送しました。",
    "recover": "回収しました。",
    "report_lost": "滅失届により終わりとしました。",
    "give_up": "回収不能としました。",
    "supersede": "新しいものに差し替えました。",
    "expire": "有効期限切れとしました。",
    "void": "発送前に取り消しました。",
}


def explained(ruling: Ruling) -> str:
    """The sentence of one ruling, replayed from its stored facts."""
    facts, policy = from_json(ruling.facts), policies.from_json(ruling.policy)
    case = Case(facts, rulings.replayed(ruling), rulings.days_of(ruling), policy, law_on(ruling.decided_on))
    return explain(case).sentence


def afterwards(member: Member, run: Run) -> list[str]:
    """What happened to the cover from the run's day until the next run's, one sentence each."""
    following = Run.objects.filter(insurer=run.insurer, month__gt=run.month).order_by("month").first()
    until = following.decided_on if following is not None else date.max
    said = [
        (day, sentence)
        for day, sentence in everything(member)
        if day is not None and run.decided_on <= day < until
    ]
    return [f"{wareki(day)}：{sentence}" for day, sentence in sorted(said, key=lambda entry: entry[0])]


def everything(member: Member) -> Iterator[tuple[date | None, str]]:
    """Every dated sentence about the cover, in no order: rulings, requests, filings, paper, duties."""
    for ruling in Ruling.objects.filter(member=member).order_by("pk"):
        yield ruling.decided_on, f"{ruling.get_cause_display()}により個別に判定しました。{explained(ruling)}"
    for application in Application.objects.filter(member=member).order_by("pk"):
        yield application.received_on, f"{application.get_kind_display()}の申請を受け付けました。"
        if application.status == "refused":
            yield application.decided_on, application.refusal_text
    for request in Deregistration.objects.filter(person=member.person_id).order_by("pk"):
        yield request.received_on, "利用登録解除の申請を受け付けました。"
        yield request.accepted_on, "利用登録の解除を支払基金が受け付けました。翌月末に解除されます。"
    for filing in Filing.objects.filter(member=member, status="applied").order_by("pk"):
        yield filing.applied_on, "届出の内容を反映しました。"
    yield from _paper(member)
    for duty in (
        Recovery.objects.filter(certificate__member=member).select_related("certificate").order_by("pk")
    ):
        yield (
            duty.opened_on,
            f"資格確認書（{duty.certificate.serial}）を{wareki(duty.due_on)}までに"
            f"{duty.get_return_to_display()}へ返していただきます（事由：{duty.get_cause_display()}）。",
        )


def _paper(member: Member) -> Iterator[tuple[date | None, str]]:
    """What became of the member's certificates, from the event log; a void says why."""
    serials = dict(EligibilityCertificate.objects.filter(member=member).values_list("pk", "serial"))
    events = Event.objects.filter(
        subject=EligibilityCertificate._meta.label, subject_id__in=list(serials), verb__in=_PAPER_VERBS
    )
    for event in events.order_by("seq"):
        reason = f"理由：{event.note['reason']}" if event.verb == "void" and event.note.get("reason") else ""
        yield event.on, f"資格確認書（{serials[event.subject_id]}）を{_PAPER_VERBS[event.verb]}{reason}"
