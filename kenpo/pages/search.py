"""Telephone search: one box for whatever a caller says or reads from a paper; posted, so that no address holds a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from certificates.decisions.gaps import Standing
from certificates.rules.answer import Answer
from core import clock
from core.errors import Refused
from core.text import identifier_key
from core.web import EMPTY, day_html, page_url
from kenpo.pages.routes import covered_words, route_words
from kenpo.people.answers import answers
from kenpo.people.board import standings
from mailing.models import Enclosure, Envelope, Tracking
from mailing.papers import kinds
from mailing.post.tracking import read_number
from members.functions import NumberOrder
from members.models import Member
from members.search import member_condition, words_of
from members.services import society
from notices.services import letter_meant

TITLE = "電話で探す"
LONGEST, SHOWN, MOST = 100, 50, 500
# 発行番号, 管理番号 (N…), 封筒番号, 再送の封筒番号 (R…) and 引受番号: nothing shorter is looked for among papers.
_CODE = re.compile(r"[NR]?\d{7,14}")


@dataclass(frozen=True, slots=True)
class Line:
    """One cover that was found, as it stands today."""

    member: Member
    born: str
    kind: str
    covered: str
    route: str
    said: str


@dataclass(frozen=True, slots=True)
class Household:
    """The lines of one household, under its number and its insured person."""

    insured: Member
    lines: list[Line]


def search_page(request: HttpRequest) -> HttpResponse:
    """The page of the box, and its answer; a single person is opened at once, and what a letter's number names."""
    words = request.POST.get("words", "").strip()[:LONGEST]
    if about := letter_meant(words):
        return HttpResponseRedirect(page_url(about.person if isinstance(about, Member) else about))
    found = list(covers_meant(words)[: SHOWN + 1]) if words else []
    if found and len({cover.person_id for cover in found}) == 1:
        return HttpResponseRedirect(page_url(found[0].person))
    shown = found[:SHOWN]
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": TITLE,
        "content_title": TITLE,
        "words": words,
        "households": _households(shown, clock.today()),
        "count": len(shown),
        "more": len(found) > SHOWN,
        "people": len({cover.person_id for cover in shown}),
        "anyone": bool(found) or Member.objects.exists(),
    }
    return TemplateResponse(request, "kenpo/search.html", context)


def covers_meant(words: str) -> QuerySet[Member]:
    """Covers for which every word holds: number, name, kana, birth date, or a code on a paper or an envelope.

    In the order of the lists; of more than ``MOST``, any of them, since whoever has so many has to narrow them down.
    """
    codes = {word: held for word in words_of(words) if (held := _by_code(word))}
    rest = " ".join(word for word in words_of(words) if word not in codes)
    meant = Member.objects.order_by()
    for held in codes.values():
        meant = meant.filter(pk__in=held)
    if rest or not codes:
        meant = meant.filter(member_condition(rest, most=MOST))
    found = Member.objects.filter(pk__in=meant.values("pk")[:MOST]).select_related(
        "person", "insured__person", "head__person"
    )
    return found.order_by(NumberOrder.of(), "acquired_on", "pk")


def _by_code(word: str) -> set[int]:
    """The covers whose paper bears the code, or lies in the envelope or bundle that does."""
    key = identifier_key(word)
    plain = key.replace("-", "")
    if not _CODE.fullmatch(plain):
        return set()
    papers = [
        kind.model._default_manager.order_by().filter(serial=plain).values_list("member_id") for kind in kinds.every()
    ]
    enclosures = Enclosure.objects.order_by().filter(envelope__in=_envelopes(key, read_number(word)))
    inside = [enclosures.exclude(**{column: None}).values_list(f"{column}__member_id") for column in kinds.columns()]
    first, *others = [*papers, *inside]
    return {member for (member,) in first.union(*others)[: SHOWN + 1]}


def _envelopes(code: str, number: str) -> QuerySet[Any]:
    """Envelopes of that number, also of a resend, or of that 引受番号, also of their bundle."""
    envelopes = Envelope.objects.order_by()
    found = envelopes.filter(code=code).values("pk").union(envelopes.filter(returns__resend__code=code).values("pk"))
    if not number:
        return found
    numbers = Tracking.objects.order_by().filter(number=number)
    bundles = numbers.filter(establishment__isnull=False, dispatch__envelopes__establishment=F("establishment"))
    return found.union(
        numbers.filter(envelope__isnull=False).values("envelope"),
        numbers.filter(resend__isnull=False).values("resend__returned__envelope"),
        bundles.values("dispatch__envelopes"),
    )


def _households(covers: Sequence[Member], on: date) -> list[Household]:
    if not covers:
        return []
    try:
        stand = standings(society(), on, [cover.pk for cover in covers])
        said = answers(society(), covers, on)
    except Refused:  # no settings in force today: people can still be found
        stand, said = {}, {}
    grouped: dict[Member, list[Member]] = {}
    for cover in covers:  # a municipal household has a number each, so its lines need not stand together
        grouped.setdefault(cover.householder, []).append(cover)
    return [
        Household(head, [_line(cover, stand.get(cover.pk), said.get(cover.pk), on) for cover in lines])
        for head, lines in grouped.items()
    ]


def _line(cover: Member, standing: Standing | None, said: Answer | None, on: date) -> Line:
    return Line(
        cover,
        day_html(cover.person.birth_date),
        "家族" if cover.household_id != cover.pk else "本人",
        covered_words(standing, on, short=True),
        route_words(standing),
        said.short if said is not None else EMPTY,
    )
