"""Where a gap is ended: for each person on the board the page of the next step, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from certificates.decisions.gaps import Gap, Waiting
from certificates.models import EligibilityCertificate, Inquiry, Ruling
from certificates.requests.filings import Kind
from core.web import page_url
from kenpo.people.board import enclosures_of, holds_of
from mailing.models import Enclosure, HeldPaper, ReturnedMail
from mailing.pages.holds import next_step
from members.models import Member


@dataclass(frozen=True, slots=True)
class NextStep:
    """A page and what is done there."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class _Pages:
    """What the steps of some gaps are about, by certificate, envelope and person."""

    papers: Mapping[int, EligibilityCertificate]
    enclosures: Mapping[int, Enclosure]
    returned: Mapping[int, ReturnedMail]
    inquiries: Mapping[int, Inquiry]
    held: Mapping[int, HeldPaper]


def next_steps(gaps: Sequence[Gap], members: Mapping[int, Member]) -> dict[int, NextStep]:
    """By member id what ends each gap."""
    enclosures = enclosures_of(gaps)
    papers = [gap.certificate for gap in gaps if gap.certificate is not None]
    envelopes = [one.envelope_id for one in enclosures.values()]
    people = [member.person_id for member in members.values()]
    pages = _Pages(
        EligibilityCertificate.objects.select_related("run").in_bulk(papers),
        enclosures,
        {one.envelope_id: one for one in ReturnedMail.objects.filter(envelope__in=envelopes, resolved_on=None)},
        {one.person_id: one for one in Inquiry.objects.filter(person__in=people, status__in=("open", "asked"))},
        holds_of(gaps),
    )
    return {gap.read.member_id: _step(gap, members[gap.read.member_id], pages) for gap in gaps}


def _step(gap: Gap, member: Member, pages: _Pages) -> NextStep:
    match gap.waiting:
        case Waiting.DECISION:
            return NextStep(reverse("month"), "今月の判定を進める")
        case Waiting.INQUIRY:
            if (inquiry := pages.inquiries.get(member.person_id)) is not None:
                return NextStep(page_url(inquiry), "照会の回答を入れる")
            return NextStep(reverse("admin:members_member_inquiry", args=[member.pk]), "個別照会を起こす")
        case Waiting.ADDRESS:
            filing = reverse("admin:members_member_filing", args=[member.pk])
            return NextStep(f"{filing}?kind={Kind.ADDRESS.value}", "安全な送付先を入れる")
        case Waiting.GLYPH:
            return NextStep(reverse("admin:members_person_unprintable"), "印字する形を決める")
        case Waiting.DAMAGE:
            return NextStep(reverse("admin:members_person_damaged"), "登録の文字を確かめる")
        case Waiting.NARROW | Waiting.FACE if (row := pages.held.get(gap.read.member_id)) is not None:
            return NextStep(*next_step(row))
        case Waiting.SHARE | Waiting.HEAD:
            return NextStep(page_url(member), "台帳の世帯主・負担割合を確かめる")
        case Waiting.TOO_LATE:
            return NextStep(reverse("admin:members_member_interim", args=[member.pk]), "資格証明書を印刷する")
    return _of_paper(gap, pages)


def _of_paper(gap: Gap, pages: _Pages) -> NextStep:
    paper = pages.papers[gap.certificate or 0]
    if gap.waiting is Waiting.APPROVAL:
        if paper.run is not None:
            return NextStep(_month(paper), "月の判定を承認する")
        if paper.ruling_id is not None:
            return NextStep(page_url(Ruling(pk=paper.ruling_id)), "個別判定を承認する")
    if gap.waiting is Waiting.ENCLOSING:
        if paper.run is not None:
            return NextStep(_month(paper), "封入を計画する")
        return NextStep(reverse("admin:mailing_dispatch_day"), "月次の外の分を封入する")
    enclosure = pages.enclosures.get(paper.pk)
    if enclosure is None:  # posted by another system, or to be approved anew after a spoilt print
        return NextStep(page_url(paper), "資格確認書を見る")
    if gap.waiting is Waiting.RETURNED and (back := pages.returned.get(enclosure.envelope_id)) is not None:
        return NextStep(page_url(back), "返戻に対応する")
    return NextStep(page_url(enclosure.envelope.dispatch), "発送を進める" if gap.waiting.wants_work else "発送を見る")


def _month(paper: EligibilityCertificate) -> str:
    assert paper.run is not None
    return f"{reverse('month')}?month={paper.run.month:%Y-%m}"
