"""What waits for a clerk: every queue with its count, its earliest day, and whether that day has passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, Exists, F, Min, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from certificates import contacts
from certificates.models import (
    Application,
    Contact,
    Decision,
    Deregistration,
    ElderlyBeneficiaryCertificate,
    EligibilityCertificate,
    Filing,
    Inquiry,
    Recovery,
    Ruling,
    Run,
)
from core.admin import day_html, list_url, page_url
from exchange.models import ExchangeFile, OutgoingFile
from mailing.lifecycle import UNSENT
from mailing.models import Dispatch, Pull, ReturnedMail


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: how many wait, the earliest of their days and what that day is, how many are past it, and the list."""

    title: str
    count: int
    url: str
    means: str = ""
    day: date | None = None
    late: int = 0
    unit: str = "件"

    @property
    def shown_day(self) -> str:
        return day_html(self.day)


def queues(on: date, run: Run | None, unprintable: int | None) -> list[Queue]:
    """Every queue that is not empty, in the order in which they are worked off; one query each.

    ``run``: the newest with decisions; ``unprintable``: people with a text that cannot be printed, None when nobody has counted.
    """
    found = [*_decided(run, on), *_files(), *_papers(on), *_requests(on), *_post(on)]
    if unprintable:
        found.append(
            Queue(
                "印刷できない字がある人", unprintable, reverse("admin:members_person_unprintable"), unit="人"
            )
        )
    return [queue for queue in found if queue.count]


def _queue(
    title: str, waiting: QuerySet[Any], url: str, *, due: str = "", since: str = "", on: date | None = None,
    unit: str = "件",
) -> Queue:  # fmt: skip
    """``due`` names the field of the day by which something is to be done, ``since`` that of the day it came in."""
    field = due or since
    wanted: dict[str, Any] = {"found": Count("*")}
    if field:
        wanted["day"] = Min(F(field))
    if due:
        wanted["late"] = Count("pk", filter=Q(**{f"{due}__lt": on}))
    told = waiting.order_by().aggregate(**wanted)
    means = "いちばん早い期限" if due else "いちばん古いもの"
    return Queue(title, told["found"], url, means, told.get("day"), told.get("late", 0), unit)


def _narrowed(
    title: str, model: type[Model], on: date, *, due: str = "", since: str = "", **by: str
) -> Queue:
    """A queue that is a list narrowed by its own filters."""
    conditions = {name: text.split(",") if name.endswith("__in") else text for name, text in by.items()}
    waiting = model._default_manager.filter(**conditions)
    return _queue(title, waiting, list_url(model, **by), due=due, since=since, on=on)


def _decided(run: Run | None, on: date) -> Iterator[Queue]:
    """The newest month's open decisions on which nothing has been ruled since."""
    if run is None:
        return
    request = Concat(Value("decision:"), Cast(OuterRef("pk"), CharField()))
    unsettled = Decision.objects.filter(~Exists(Ruling.objects.filter(request=request)), run=run)
    for title, outcome in (("要確認の判定", "review"), ("照会中の判定", "wait")):
        url = list_url(Decision, run__id__exact=run.pk, outcome__exact=outcome)
        yield _queue(title, unsettled.filter(outcome=outcome), url, due="due_on", on=on, unit="人")


def _files() -> Iterator[Queue]:
    """Rows of the newest month's files that were not taken."""
    monthly = ExchangeFile.objects.filter(kind="monthly", as_of__isnull=False).exclude(
        status__in=("received", "rejected")
    )
    newest = monthly.order_by("-as_of").values("as_of")[:1]
    for file in monthly.filter(as_of=newest).order_by("pk"):
        for title, key in (
            ("加入者と食い違う行", "conflict"),
            ("該当者のない行", "unmatched"),
            ("読めない行", "rejected"),
        ):
            yield Queue(title, file.counts.get(key, 0), page_url(file), "基準日", file.as_of, unit="行")


def _papers(on: date) -> Iterator[Queue]:
    ruled = EligibilityCertificate.objects.filter(status="proposed", ruling__isnull=False)
    url = list_url(EligibilityCertificate, status__exact="proposed")
    yield _queue("承認待ちの資格確認書（個別判定）", ruled, url, since="issued_on", unit="枚")
    elderly = ElderlyBeneficiaryCertificate.objects.filter(status="proposed")
    url = list_url(ElderlyBeneficiaryCertificate, status__exact="proposed")
    yield _queue("承認待ちの高齢受給者証", elderly, url, due="effective_on", on=on, unit="枚")


def _requests(on: date) -> Iterator[Queue]:
    yield _narrowed("交付を決めていない申請", Application, on, due="due_on", status__exact="received")
    yield _narrowed("補正を待つ申請", Application, on, since="received_on", status__exact="incomplete")
    yield _narrowed("反映していない届出", Filing, on, since="received_on", status__exact="received")
    yield _narrowed(
        "基金が受け付けていない利用登録解除",
        Deregistration,
        on,
        since="received_on",
        status__exact="received",
    )
    yield _narrowed("回答を待つ個別照会", Inquiry, on, due="due_on", status__in="open,asked")
    yield _narrowed(
        "基金へ渡していない依頼ファイル", OutgoingFile, on, since="created_on", status__exact="made"
    )
    calls = list_url(Contact, waiting="1")
    yield _queue("折返しを待つ電話", contacts.waiting(), calls, due="follow_up_by", on=on)


def _post(on: date) -> Iterator[Queue]:
    unpulled = Pull.objects.filter(
        confirmed_at__isnull=True, enclosure__envelope__dispatch__status__in=UNSENT
    )
    unsent = list_url(Dispatch, status__in=",".join(UNSENT))
    yield _queue("引き抜いていない書類", unpulled, unsent, since="found_on", unit="枚")
    late = {"status__in": ",".join(UNSENT), "planned_on__lt": on.isoformat()}
    yield _narrowed("発送予定日を過ぎた発送", Dispatch, on, due="planned_on", **late)
    yield _narrowed("対応を待つ返戻", ReturnedMail, on, since="returned_on", resolution__exact="")
    yield _narrowed("回収中の資格確認書など", Recovery, on, due="due_on", status__exact="open")
