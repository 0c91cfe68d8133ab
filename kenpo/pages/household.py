"""A household side by side: one column for each person, with everything the person could show at the counter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db import models
from django.utils.html import format_html, format_html_join

from certificates.decisions.gaps import Standing
from certificates.decisions.timeline import family_of
from certificates.documents.optional_items import printed, wished_of
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, LegacyCard
from certificates.pages.base import CERTIFICATE_BADGES
from certificates.rules.codes import Reason
from certificates.rules.law import law_on
from core.errors import Refused
from core.text import tenths
from core.web import day_html, label_html, link_to
from kenpo.pages.routes import covered_words, myna_words, route_words
from kenpo.people.board import standings
from members.models import Member, OptionalItem, Person
from members.pages import flags_html
from members.services import policy_on, society
from notices.models import EligibilityNotice

NEWEST = 3
_PAPERS: tuple[type[models.Model], ...] = (
    EligibilityCertificate,
    ElderlyBeneficiaryCertificate,
    LegacyCard,
    EligibilityNotice,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One person: the newest cover, how it stands today, and the newest papers of each kind."""

    cover: Member
    standing: Standing | None
    papers: dict[type[models.Model], list[Any]]
    here: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line across the household: what it tells, and each person's cell. ``today``: the line to read first."""

    label: str
    cells: list[str]
    today: bool = False


def household(person: Person, on: date) -> tuple[list[Column], list[Row]]:
    """Who is in the household today, the insured person first, and what each could show; always the person too."""
    newest: dict[int, Member] = {}
    for cover in family_of(person):
        newest[cover.person_id] = cover
    stand = _standings(newest.values(), on)
    shown = sorted(
        (
            cover
            for cover in newest.values()
            if cover.person_id == person.pk or (cover.lost_on is None or cover.lost_on > on)
        ),
        key=lambda cover: (cover.household_id != cover.pk, cover.branch_number, cover.pk),
    )
    papers = _papers([cover.person_id for cover in shown])
    columns = [
        Column(cover, stand.get(cover.pk), papers[cover.person_id], cover.person_id == person.pk) for cover in shown
    ]
    return columns, _rows(columns, on)


def _standings(covers: Iterable[Member], on: date) -> dict[int, Standing]:
    try:
        return standings(society(), on, [cover.pk for cover in covers])
    except Refused:  # no settings in force today: the rest of the page still tells
        return {}


def _papers(people: Sequence[int]) -> dict[int, dict[type[models.Model], list[Any]]]:
    """Every person's papers by kind, the newest first; void ones were never anybody's."""
    found: dict[int, dict[type[models.Model], list[Any]]] = {person: defaultdict(list) for person in people}
    for model in _PAPERS:
        papers = model._default_manager.filter(member__person__in=people).select_related("member")
        if model is not LegacyCard:
            papers = papers.exclude(status="voided")
        for paper in papers.order_by("-issued_on", "-pk"):
            found[paper.member.person_id][model].append(paper)
    return found


def _rows(columns: list[Column], on: date) -> list[Row]:
    def row(label: str, cell: Callable[[Column], str], *, today: bool = False) -> Row:
        return Row(label, [cell(column) for column in columns], today)

    wishes = _wishes([column.cover for column in columns], on)
    return [
        row("今日使える手段", lambda c: route_words(c.standing), today=True),
        row("続柄", lambda c: c.cover.relationship or c.cover.get_kind_display()),
        row("フリガナ", lambda c: c.cover.person.name_kana),
        row("生年月日", lambda c: day_html(c.cover.person.birth_date)),
        row("記号・番号・枝番", lambda c: link_to(c.cover)),
        row("資格", lambda c: covered_words(c.standing, on)),
        row("注意", lambda c: flags_html(c.cover.person)),
        row("マイナ保険証", lambda c: myna_words(c.standing, on)),
        row("資格確認書", lambda c: _listed(c.papers[EligibilityCertificate], _dated)),
        row("高齢受給者証", lambda c: _listed(c.papers[ElderlyBeneficiaryCertificate], _shared)),
        row("健康保険証", lambda c: _listed(c.papers[LegacyCard], partial(_card, c.standing))),
        row("お知らせ", lambda c: _listed(c.papers[EligibilityNotice], _notice)),
        *([row("印字の申出", lambda c: _listed(wishes[c.cover.pk], str))] if wishes else []),
    ]


def _wishes(covers: Sequence[Member], on: date) -> dict[int, list[str]]:
    """By cover what its holder wished to have printed, since when, and whether a certificate of today would say so."""
    newest = {
        (row.member_id, row.item): row
        for row in OptionalItem.objects.filter(member__in=covers).select_related("member__person").order_by("pk")
    }
    shown = _printed_items(on) if newest else ()
    found: dict[int, list[str]] = defaultdict(list)
    for (cover, item), row in sorted(newest.items()):
        if row.value:
            found[cover].append(_wish(row, on, item in shown))
    return found


def _printed_items(on: date) -> tuple[str, ...]:
    try:
        return policy_on(society(), on).optional_items
    except Refused:
        return ()


def _wish(row: OptionalItem, on: date, by_policy: bool) -> str:
    wished, born = wished_of(row), row.member.person.birth_date
    words = printed(wished, born, from_day=on, valid_through=date.max, law=law_on(on)) if by_policy else ""
    said = "印字します" if words else "期間が過ぎました" if by_policy else "運用設定により印字しません"
    return format_html(
        "{} {} {}<br>申出 {}",
        row.get_item_display(),
        words or wished.words(row.valid_through),
        label_html(said, "success" if words else ""),
        day_html(row.wished_on),
    )


def _listed(papers: list[Any], said: Callable[[Any], str]) -> str:
    """The newest papers, each on its own line."""
    if not papers:
        return "なし"
    lines = [said(paper) for paper in papers[:NEWEST]]
    if len(papers) > NEWEST:
        lines.append(f"ほか{len(papers) - NEWEST}枚")
    return format_html_join("", '<span class="block mb-1">{}</span>', ((line,) for line in lines))


def status_html(paper: Any) -> str:
    """A paper's status as a label."""
    return label_html(paper.get_status_display(), CERTIFICATE_BADGES.get(paper.status, ""))


def _dated(paper: Any) -> str:
    return format_html(
        "{} {}<br>{}から{}まで",
        link_to(paper),
        status_html(paper),
        day_html(paper.effective_on),
        day_html(paper.valid_through),
    )


def _shared(paper: Any) -> str:
    return format_html("{}<br>{}", _dated(paper), tenths(paper.copayment_percent))


def _card(standing: Standing | None, card: Any) -> str:
    """A card that is in use by the records may have ended with the law: the route says so."""
    usable = standing is not None and Reason.LEGACY_CARD_USABLE in dict(standing.routes)
    status = label_html(card.get_status_display())
    if card.status == "valid":
        status = label_html("使えます", "success") if usable else label_html("今日は使えません")
    return format_html("{} {}<br>{}交付", link_to(card, "健康保険証"), status, day_html(card.issued_on))


def _notice(notice: Any) -> str:
    return format_html("{} {}<br>{}作成", link_to(notice), status_html(notice), day_html(notice.issued_on))
