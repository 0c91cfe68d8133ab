"""What happened to a cover: rulings, applications, filings, paper, recovery, each with its day.

Sentences a call centre can read out. Source: rules.md §4, §8, §9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db import models

from certificates.decisions import ruling as rulings
from certificates.models import (
    Application,
    Deregistration,
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Filing,
    Inquiry,
    LegacyCard,
    Recovery,
    Ruling,
    Run,
)
from certificates.recovery.duties import place_words
from certificates.rules.codes import Code
from certificates.rules.explain import Case, explain, without_file
from certificates.rules.facts import from_json
from certificates.rules.filing_days import named_days, said
from certificates.rules.filing_kinds import Kind
from certificates.rules.law import law_on, law_on_or_after
from core.calendar import wareki
from core.models import Event
from core.web.words import code_title
from members import policy as policies
from members.models import Member
from members.services import municipal

PAPERS = (EligibilityCertificate, ElderlyBeneficiaryCertificate)
_PAPER_VERBS = {
    "send": "を発送しました。",
    "return": "を返戻として受け取りました。",
    "resend": "を再送しました。",
    "recover": "を回収しました。",
    "report_lost": "を滅失届により終わりとしました。",
    "give_up": "を回収不能としました。",
    "supersede": "を新しいものに差し替えました。",
    "expire": "は有効期限が切れました。",
    "void": "を発送前に取り消しました。",
}
_CARD_VERBS = {
    "recover": "を回収しました。",
    "report_lost": "の滅失届を受けました。",
    "hand_back": "の自主返納を受けました。",
    "lapse": "は制度の廃止により無効になりました。",
}


class Topic(Code):
    """What a sentence of a story is about, in the order in which one thing follows from another on the same day."""

    COVER = "cover", "資格"
    REQUEST = "request", "申請"
    FILING = "filing", "届出"
    INQUIRY = "inquiry", "照会"
    DECISION = "decision", "判定"
    PAPER = "paper", "書類"
    RECOVERY = "recovery", "回収"
    DEADLINE = "deadline", "期限"


@dataclass(frozen=True, slots=True)
class Happening:
    """One sentence of a cover's story."""

    on: date
    topic: Topic
    text: str


def explained(ruling: Ruling) -> str:
    """The sentence of one ruling, replayed from its stored facts; it says so where the month's file had not come."""
    facts, policy = from_json(ruling.facts), policies.from_json(ruling.policy)
    case = Case(
        facts,
        rulings.replayed(ruling),
        rulings.days_of(ruling),
        policy,
        law_on(ruling.decided_on),
        wished=ruling.wished,
        informed_through=ruling.informed_through,
    )
    return "".join([explain(case).sentence, *without_file(case)])


def afterwards(member: Member, run: Run) -> list[str]:
    """What happened to the cover from the run's day until the next run's, one sentence each."""
    following = Run.objects.filter(insurer=run.insurer, month__gt=run.month).order_by("month").first()
    until = following.decided_on if following is not None else date.max
    said = [told for told in everything(member) if run.decided_on <= told.on < until]
    return [f"{wareki(told.on)}：{told.text}" for told in sorted(said, key=lambda told: told.on)]


def everything(member: Member) -> Iterator[Happening]:
    """Every dated sentence about the cover, in no order: rulings, requests, filings, paper, duties."""
    for ruling in Ruling.objects.filter(member=member).order_by("pk"):
        text = f"個別に判定しました（きっかけ：{ruling.get_cause_display()}）。{explained(ruling)}"
        yield Happening(ruling.decided_on, Topic.DECISION, text)
    yield from _requests(member)
    for filing in Filing.objects.filter(member=member, status__in=("received", "applied")).order_by("pk"):
        yield _filed(filing)
    for model in PAPERS:
        yield from _paper(member, model)
    yield from _cards(member)
    yield from _duties(member)
    yield from _letters(member)


def _requests(member: Member) -> Iterator[Happening]:
    for application in Application.objects.filter(member=member).order_by("pk"):
        asked = f"{application.get_kind_display()}の申請（{application.get_ground_display()}）を受け付けました。"
        yield Happening(application.received_on, Topic.REQUEST, asked)
        if application.decided_on is not None:
            said = application.refusal_text or "申請を認めました。"
            yield Happening(application.decided_on, Topic.REQUEST, said)
    for request in Deregistration.objects.filter(person=member.person_id, member=member).order_by("pk"):
        if request.received_on is not None:
            yield Happening(request.received_on, Topic.REQUEST, "利用登録解除の申請を受け付けました。")
        if request.accepted_on is not None:
            cut = law_on_or_after(request.accepted_on).deregistered
            text = f"利用登録の解除を支払基金が受け付けました。{cut}に解除されます。"
            yield Happening(request.accepted_on, Topic.REQUEST, text)
    for inquiry in Inquiry.objects.filter(member=member).order_by("pk"):
        if inquiry.asked_on is not None:
            yield Happening(inquiry.asked_on, Topic.INQUIRY, "マイナ保険証の状況を支払基金に照会しました。")
        if inquiry.answered_on is not None:
            yield Happening(inquiry.answered_on, Topic.INQUIRY, "照会の回答を支払基金から受けました。")


def _filed(filing: Filing) -> Happening:
    kind = Kind(filing.kind)
    name, day = kind.label, said(named_days(kind, filing.data, filing.effective_on))
    if filing.applied_on is None:
        text = f"届出（{name}、{day}）を受け付けました。{wareki(filing.effective_on)}に反映します。"
        return Happening(filing.received_on, Topic.FILING, text)
    return Happening(filing.applied_on, Topic.FILING, f"届出（{name}、{day}）の内容を反映しました。")


def _paper(member: Member, model: type[models.Model]) -> Iterator[Happening]:
    """What became of the member's papers of one kind, from the event log; a void or a return says why."""
    name = model._meta.verbose_name
    serials = dict(model._default_manager.filter(member=member).values_list("pk", "serial"))
    events = Event.objects.filter(subject=model._meta.label, subject_id__in=list(serials), verb__in=_PAPER_VERBS)
    for event in events.order_by("seq"):
        told = event.note.get("reason") if event.verb in ("void", "return") else ""
        reason = f"理由：{told}" if told else ""
        text = f"{name}（{serials[event.subject_id]}）{_PAPER_VERBS[event.verb]}{reason}"
        yield Happening(event.on, Topic.PAPER, text)


def _cards(member: Member) -> Iterator[Happening]:
    cards = {card.pk: card for card in LegacyCard.objects.filter(member=member)}
    for card in cards.values():
        yield Happening(card.issued_on, Topic.PAPER, "健康保険証を交付しました。")
    events = Event.objects.filter(subject=LegacyCard._meta.label, subject_id__in=list(cards), verb__in=_CARD_VERBS)
    for event in events.order_by("seq"):
        yield Happening(event.on, Topic.PAPER, f"健康保険証{_CARD_VERBS[event.verb]}")


def _duties(member: Member) -> Iterator[Happening]:
    # One query for each kind of paper, so that each is answered from an index.
    every = Recovery.objects.order_by()
    mine = every.filter(certificate__member=member).values("pk")
    duties = Recovery.objects.filter(
        pk__in=mine.union(every.filter(elderly_certificate__member=member).values("pk"), all=True)
    )
    for duty in duties.select_related("certificate", "elderly_certificate").order_by("pk"):
        paper = duty.certificate or duty.elderly_certificate
        name = f"{paper._meta.verbose_name}（{paper.serial}）"
        text = (
            f"{name}を{wareki(duty.due_on)}までに{place_words(duty.return_to, municipal=municipal())}へ返していただきます"
            f"（事由：{duty.get_cause_display()}）。"
        )
        if duty.closed_on is not None and duty.closed_on < duty.opened_on:
            continue  # it was planned, and ended before its day: nobody was to return anything
        yield Happening(duty.opened_on, Topic.RECOVERY, text)
        if duty.closed_on is not None:
            text = f"{name}の回収の記録を閉じました（{duty.get_outcome_display()}）。"
            yield Happening(duty.closed_on, Topic.RECOVERY, text)


def _letters(member: Member) -> Iterator[Happening]:
    """Sheets and forms printed about the member, from the event log."""
    for event in Event.objects.filter(subject=Member._meta.label, subject_id=member.pk, verb="letter").order_by("seq"):
        yield Happening(event.on, Topic.PAPER, f"{code_title('letter', event.note['letter'])}を印刷しました。")
