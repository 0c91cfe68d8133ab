"""Page of the people with two covers at once: both with days and employers, and the filing that ends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import clock, surveys
from core.web.html import day_html, page_url
from core.web.kept import kept
from members.models import Member, Person
from members.overlaps import Overlap, overlaps

QUEUE, TITLE = "admin/members/overlaps.html", "資格の期間が重なる人"
PER_PAGE = 50
KIND = "overlaps"


@dataclass(frozen=True, slots=True)
class Cover:
    """One of the two covers as the page shows it, with the filing that would give it another end."""

    member: Member
    url: str
    days: SafeString
    employer: str
    filing: str


@dataclass(frozen=True, slots=True)
class Line:
    """One pair: whose, both covers, the days they share, and what to do first."""

    person: Person
    person_url: str
    earlier: Cover
    later: Cover
    shared: SafeString
    said: str

    @property
    def covers(self) -> tuple[Cover, Cover]:
        return self.earlier, self.later


def queue(request: HttpRequest, page: Any) -> HttpResponse:
    """Everybody with two covers that have days in common."""
    on = clock.today()
    survey = surveys.newest(KIND, on)
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "title": TITLE,
        "content_title": TITLE,
        "kept": kept(KIND, on, survey),
        "anyone": Member.objects.exists(),
    }
    if survey is not None:
        listed = survey.lines.values_list("subject_id", flat=True)
        shown = Paginator(listed, PER_PAGE).get_page(request.GET.get("p"))
        context |= {"page": shown, "lines": lines(list(shown)), "people": survey.counts["people"]}
    return TemplateResponse(request, QUEUE, context)


def lines(people: list[int]) -> list[Line]:
    """The pairs of these people, looked at again, so that what was mended since has gone."""
    found = list(overlaps(people))
    ids = {pk for one in found for pk in (one.earlier, one.later)}
    members = Member.objects.select_related("person", "establishment").in_bulk(ids)
    return [_line(one, members) for one in found]


def _line(one: Overlap, members: dict[int, Member]) -> Line:
    earlier, later = members[one.earlier], members[one.later]
    through = format_html("{}まで", day_html(one.through)) if one.through else "（終わりの届出なし）"
    shared = format_html("{}から{}", day_html(one.begins), through)
    if earlier.lost_on is None:
        said = f"{earlier}の資格喪失（扶養から外れる届）が未届ではないか、事業所に確かめて届出を入れる"
    else:
        said = f"{earlier}の喪失日と{later}の取得日を届書と見比べ、違うほうを届出で直す"
    return Line(earlier.person, page_url(earlier.person), _cover(earlier), _cover(later), shared, said)


def _cover(member: Member) -> Cover:
    ends = format_html("{}喪失", day_html(member.lost_on)) if member.lost_on else "喪失の届出なし"
    days = format_html("{}取得、{}", day_html(member.acquired_on), ends)
    return Cover(
        member,
        page_url(member),
        days,
        member.establishment.name,
        reverse("admin:members_member_filing", args=[member.pk]),
    )
