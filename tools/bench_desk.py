"""How long a clerk waits: every page of the menu, every queue, people and searches, asked for one after another.

Asked through Django's test client of the society at hand, in one transaction that is rolled back. A page's time is of
use beside the other pages' of the same run only, so each 95th percentile is also told as a multiple of the cheapest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Min
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from certificates.decisions.services import HAS_DECISIONS
from certificates.models import Decision, EligibilityCertificate, Run
from core import clock, surveys
from core.errors import Fault
from core.models import Clerk
from core.web import list_url, page_url
from kenpo.month.surveys import count_all
from kenpo.pages.admin_site import navigation
from kenpo.pages.home_queues import queues
from members.models import Member, Person
from members.services import society

SEED = 1
MOST_SECONDS = 60  # for one page; what takes minutes is slow after one request


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: an address, and the posted words of a search."""

    url: str
    posted: dict[str, str] | None = None


def measure(requests: int) -> dict[str, Any]:
    """Queries (fewest and most), p50 and p95 in milliseconds of each page, over ``requests`` requests each
    unless that takes longer than ``MOST_SECONDS``.

    Raises:
        Fault: a page answered with an error, or led away to the login.
    """
    with transaction.atomic():
        on = clock.today()
        if surveys.newest("gaps", on) is None:  # the daily job has not counted what pages keep
            count_all(society(), on)
        pages = {title: _measured(client, asked) for client, title, asked in _all(requests)}
        transaction.set_rollback(True)
    cheapest = min(page["p95_ms"] for page in pages.values())
    for page in pages.values():
        page["ratio"] = round(page["p95_ms"] / cheapest, 1)
    return {"people": Person.objects.count(), "requests": requests, "pages": pages}


def _all(requests: int) -> list[tuple[Client, str, Sequence[Asked]]]:
    host = settings.ALLOWED_HOSTS[0].lstrip("*.") or "localhost"
    client = Client(SERVER_NAME=host, HTTP_HOST=host, headers={"X-Forwarded-Proto": "https"})
    clerk = Clerk.objects.create_user("(bench)", role="clerk", is_staff=True)
    client.force_login(clerk)
    people = _people(requests)
    found = {**_lists(clerk), **_of_the_month(), **_of_people(people), **_searches(people, requests)}
    return [(client, title, [asked[place % len(asked)] for place in range(requests)]) for title, asked in found.items()]


def _people(most: int) -> list[Person]:
    """People from everywhere in the table, in no order."""
    ends = Person.objects.aggregate(low=Min("pk"), high=Max("pk"))
    random = Random(SEED)
    drawn = {random.randint(ends["low"], ends["high"]) for _ in range(2 * most)}
    people = list(Person.objects.filter(pk__in=drawn).prefetch_related("covers").order_by("pk"))
    random.shuffle(people)
    return people[:most] or list(Person.objects.prefetch_related("covers")[:1])


def _lists(clerk: Clerk) -> dict[str, list[Asked]]:
    """The menu, and the queues of the first page as it stands today."""
    menu = {str(item["title"]): [Asked(item["link"])] for group in navigation(HttpRequest()) for item in group["items"]}
    run = Run.objects.filter(status__in=HAS_DECISIONS).order_by("-month").first()
    waiting = {f"待ち：{queue.title}": [Asked(queue.url)] for queue in queues(clock.today(), run, {}, clerk)}
    return menu | waiting


def _of_the_month() -> dict[str, list[Asked]]:
    """The pages of the newest month that was decided, and one group of the board."""
    run = Run.objects.filter(status__in=HAS_DECISIONS).order_by("-month").first()
    survey = surveys.newest("gaps", clock.today())
    largest = max(survey.counts, key=lambda group: survey.counts[group], default="") if survey else ""
    found = {"交付決裁書": [Asked(reverse("decision_sheet"))], "資格確認書交付簿": [Asked(reverse("register"))]}
    if run is not None:
        found["月次判定の画面"] = [Asked(page_url(run))]
        found["交付する人の判定"] = [Asked(list_url(Decision, run__id__exact=run.pk, outcome__exact="issue"))]
    if largest:
        asked = urlencode({"waiting": largest})
        found["使える手段がない人：一つの理由"] = [Asked(f"{reverse('gaps')}?{asked}")]
    return found


def _of_people(people: Sequence[Person]) -> dict[str, list[Asked]]:
    covers = [cover for person in people for cover in person.covers.all()[:1]]
    return {
        "ある人": [Asked(page_url(person)) for person in people],
        "ある加入者": [Asked(page_url(cover)) for cover in covers],
        "ある資格確認書": [
            Asked(page_url(paper)) for paper in EligibilityCertificate.objects.order_by("-pk")[: len(people)]
        ],
    }


def _searches(people: Sequence[Person], most: int) -> dict[str, list[Asked]]:
    """What callers say, in the box of the telephone and, for kana and names, in the lists."""
    covers = [cover for person in people for cover in person.covers.all()[:1]]
    serials = EligibilityCertificate.objects.order_by("pk").values_list("serial", flat=True)[:most]
    words: dict[str, list[str]] = {
        "記号・番号・枝番": [str(cover) for cover in covers],
        "番号": [cover.number for cover in covers],
        "カナの始め": [person.name_kana_key[:3] for person in people],
        "漢字の姓": [person.name.split("\u3000")[0] for person in people],
        "漢字の氏名": [person.name for person in people],
        "生年月日": [f"{person.birth_date:%Y%m%d}" for person in people],
        "発行番号": list(serials),
    }
    posted = {
        f"電話：{kind}": [Asked(reverse("search"), {"words": each}) for each in texts]
        for kind, texts in words.items()
        if texts
    }
    listed = {
        f"{model._meta.verbose_name}の一覧：{kind}": [Asked(list_url(model), {"words": each}) for each in words[kind]]
        for model in (Person, Member)
        for kind in ("番号", "カナの始め", "漢字の姓", "生年月日")
    }
    return posted | listed


def _measured(client: Client, asked: Sequence[Asked]) -> dict[str, Any]:
    """The first request, which also compiles templates, is made again and left out; a slow page is asked less often."""
    counts: list[int] = []
    times: list[float] = []
    for each in [asked[0], *asked]:
        counter = _Counter()
        with connection.execute_wrapper(counter):
            started = time.perf_counter()
            # What is typed into a list's box is posted, and leads to the list.
            posted = each.posted
            answer = client.get(each.url) if posted is None else client.post(each.url, posted, follow=True)
            times.append((time.perf_counter() - started) * 1000)
        if answer.status_code not in (200, 302) or "/login/" in answer.get("Location", ""):
            raise Fault(f"画面 {each.url.split('?')[0]} が {answer.status_code} で答えました。")
        counts.append(counter.count)
        if sum(times) > MOST_SECONDS * 1000:
            break
    counts, times = (counts[1:], sorted(times[1:])) if len(times) > 1 else (counts, times)
    return {
        "requests": len(times),
        "queries": [min(counts), max(counts)],
        "p50_ms": round(_percentile(times, 50), 1),
        "p95_ms": round(_percentile(times, 95), 1),
    }


def _percentile(ordered: Sequence[float], percent: int) -> float:
    return ordered[ceil(len(ordered) * percent / 100) - 1]


class _Counter:
    """Counts statements without keeping them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.count += 1
        return execute(*arguments)
