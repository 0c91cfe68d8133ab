"""What waits for a clerk: every queue with its count, its earliest day, and whether that day has passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Min, Model, Q, QuerySet
from django.urls import reverse

from certificates.decisions.services import undecided
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
    Run,
)
from certificates.pages.requests import UNCUT
from certificates.recovery import due_reminders, due_requests
from certificates.requests import contacts
from certificates.requests.deregistration import to_chase
from core.errors import Refused
from core.models import Assignment, Clerk, Survey
from core.roles import APPROVE
from core.web import day_html, list_url
from core.web.assigning import HOLDER, MINE
from exchange.incoming import newest_monthly, not_taken
from exchange.lifecycle import WAITING
from exchange.models import ExchangeFile, ExchangeRow, OutgoingFile
from kenpo.pages import enclosing
from mailing.envelopes import HOLD_NAMES, HOLD_TURNS
from mailing.lifecycle import UNSENT
from mailing.models import Dispatch, HeldPaper, Pull, ReturnedMail
from mailing.planning import holding


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue: how many wait, the earliest of their days and what that day is, how many are past it, and the list.

    ``mine``: how many of them the clerk who looks has taken; none where nobody takes them one by one. ``by_then``: the
    day is one by which something is to be done.
    """

    title: str
    count: int
    url: str
    means: str = ""
    day: date | None = None
    late: int = 0
    unit: str = "件"
    mine: int | None = None
    mine_url: str = ""
    by_then: bool = False

    @property
    def shown_day(self) -> str:
        return day_html(self.day)


def queues(on: date, run: Run | None, counted: Mapping[str, Survey], clerk: Clerk) -> list[Queue]:
    """Every queue that is not empty, in the order in which they are worked off; one query each, but for
    what is held: one for each reason.

    ``run``: the newest with decisions; ``counted``: the newest surveys by kind, as far as somebody has counted.
    """
    found = [
        *_months(on, clerk),
        *_decided(run, on, clerk),
        *_files(clerk),
        *_papers(on),
        *_requests(on, clerk),
        *_post(on, clerk),
    ]
    for kind, figure, title, unit in (
        ("unprintable", "people", "印刷できない字がある人", "人"),
        ("damaged", "places", "文字化けかもしれない登録", "件"),
        ("overlaps", "people", "資格の期間が重なる人", "人"),
    ):
        if kind in counted:
            url = reverse(f"admin:members_person_{kind}")
            found.append(Queue(title, counted[kind].counts[figure], url, unit=unit))
    return [queue for queue in found if queue.count]


def _queue(
    title: str,
    waiting: QuerySet[Any],
    url: str,
    *,
    due: str = "",
    since: str = "",
    on: date | None = None,
    unit: str = "件",
    clerk: Clerk | None = None,
) -> Queue:
    """``due`` names the field of the day by which something is to be done, ``since`` that of the day it came in.

    ``clerk``: whose own are counted among them, where they are taken one by one.
    """
    field = due or since
    wanted: dict[str, Any] = {"found": Count("*")}
    if field:
        wanted["day"] = Min(F(field))
    if due:
        wanted["late"] = Count("pk", filter=Q(**{f"{due}__lt": on}))
    if clerk:
        wanted["mine"] = Count("pk", filter=Q(pk__in=_taken_by(clerk, waiting.model)))
    told = waiting.order_by().aggregate(**wanted)
    means = "いちばん早い期限" if due else "いちばん古いもの"
    return Queue(
        title,
        told["found"],
        url,
        means,
        told.get("day"),
        told.get("late", 0),
        unit,
        mine=told.get("mine"),
        mine_url=f"{url}&{HOLDER}={MINE}" if clerk else "",
        by_then=bool(due),
    )


def _taken_by(clerk: Clerk, model: type[Model]) -> QuerySet[Any]:
    """Ids of the model's documents that the clerk has taken."""
    return Assignment.objects.filter(subject=model._meta.label, clerk=clerk).values("subject_id")


def _narrowed(
    title: str, model: type[Model], on: date, *, due: str = "", since: str = "", clerk: Clerk | None = None, **by: str
) -> Queue:
    """A queue that is a list narrowed by its own filters."""
    conditions = {name: text.split(",") if name.endswith("__in") else text for name, text in by.items()}
    waiting = model._default_manager.filter(**conditions)
    return _queue(title, waiting, list_url(model, **by), due=due, since=since, on=on, clerk=clerk)


def _months(on: date, clerk: Clerk) -> Iterator[Queue]:
    """What a second clerk is asked for: months and corrections that somebody else has brought so far."""
    if not clerk.can(APPROVE):
        return
    proposed = Run.objects.filter(status="proposed").exclude(run_by=clerk)
    yield _queue("月の承認待ち", proposed, list_url(Run, status__exact="proposed"), since="decided_on", unit="か月")
    corrections = ExchangeFile.objects.filter(correction=True, status__in=WAITING).exclude(received_by=clerk)
    url = list_url(ExchangeFile, status__in=",".join(WAITING))
    yield _queue("受入れを待つ訂正のファイル", corrections, url, since="as_of")


def _decided(run: Run | None, on: date, clerk: Clerk) -> Iterator[Queue]:
    """The newest month's open decisions on which nothing has been ruled since."""
    if run is None:
        return
    for title, outcome in (("要確認の判定", "review"), ("照会中の判定", "wait")):
        url = list_url(Decision, run__id__exact=run.pk, outcome__exact=outcome)
        waiting = undecided(run).filter(outcome=outcome)
        yield _queue(title, waiting, url, due="due_on", on=on, unit="人", clerk=clerk)


def _files(clerk: Clerk) -> Iterator[Queue]:
    """Rows of the newest month's files that were not taken."""
    files = list(newest_monthly().order_by("pk"))
    taken = not_taken().filter(file__in=files, pk__in=_taken_by(clerk, ExchangeRow))
    mine = {
        (file, outcome): n
        for file, outcome, n in taken.values_list("file", "outcome").annotate(n=Count("pk")).order_by()
    }
    for file in files:
        for title, key in (
            ("加入者と食い違う行", "conflict"),
            ("該当者のない行", "unmatched"),
            ("読めない行", "rejected"),
        ):
            url = list_url(ExchangeRow, file__id__exact=file.pk, outcome__exact=key)
            yield Queue(
                title,
                file.counts.get(key, 0),
                url,
                "基準日",
                file.as_of,
                unit="行",
                mine=mine.get((file.pk, key), 0),
                mine_url=f"{url}&{HOLDER}={MINE}",
            )


def _papers(on: date) -> Iterator[Queue]:
    ruled = EligibilityCertificate.objects.filter(status="proposed", ruling__isnull=False)
    url = list_url(EligibilityCertificate, status__exact="proposed")
    yield _queue("承認待ちの資格確認書（個別判定）", ruled, url, since="issued_on", unit="枚")
    for kind in enclosing.approved():
        url = list_url(kind.model, enclosing=enclosing.WAITING)
        title = f"封入を待つ{kind.label}"
        yield _queue(title, holding.waiting(kind), url, since="issued_on", unit="枚")
    for reason in holding.held().order_by().values_list("reason", flat=True).distinct():
        title = f"保留の書類（{HOLD_NAMES[reason]}）　手番：{HOLD_TURNS[reason]}"
        url = list_url(HeldPaper, reason__exact=reason)
        yield _queue(title, holding.held().filter(reason=reason), url, since="since", unit="枚")
    elderly = ElderlyBeneficiaryCertificate.objects.filter(status="proposed")
    url = list_url(ElderlyBeneficiaryCertificate, status__exact="proposed")
    yield _queue("承認待ちの高齢受給者証", elderly, url, due="effective_on", on=on, unit="枚")


def _requests(on: date, clerk: Clerk) -> Iterator[Queue]:
    yield _narrowed("交付を決めていない申請", Application, on, due="due_on", clerk=clerk, status__exact="received")
    yield _narrowed("補正を待つ申請", Application, on, since="received_on", clerk=clerk, status__exact="incomplete")
    yield _narrowed("反映していない届出", Filing, on, since="received_on", status__exact="received")
    yield _narrowed(
        "基金が受け付けていない利用登録解除", Deregistration, on, since="received_on", status__exact="received"
    )
    late = to_chase(on)
    day = late[0].accepted_on if late else None
    uncut = list_url(Deregistration, uncut=UNCUT)
    yield Queue("解除の後も基金で登録のままの方", len(late), uncut, "いちばん古いもの", day, unit="人")
    yield _narrowed("回答を待つ個別照会", Inquiry, on, due="due_on", status__in="open,asked")
    yield _narrowed("基金へ渡していない依頼ファイル", OutgoingFile, on, since="created_on", status__exact="made")
    calls = list_url(Contact, waiting="1")
    yield _queue("折返しを待つ電話", contacts.waiting(), calls, due="follow_up_by", on=on)


def _post(on: date, clerk: Clerk) -> Iterator[Queue]:
    unpulled = Pull.objects.filter(confirmed_at__isnull=True, enclosure__envelope__dispatch__status__in=UNSENT)
    unsent = list_url(Dispatch, status__in=",".join(UNSENT))
    yield _queue("引き抜いていない書類", unpulled, unsent, since="found_on", unit="枚")
    yield _narrowed(
        "発送予定日を過ぎた発送",
        Dispatch,
        on,
        due="planned_on",
        status__in=",".join(UNSENT),
        planned_on__lt=on.isoformat(),
    )
    yield _narrowed("対応を待つ返戻", ReturnedMail, on, since="returned_on", clerk=clerk, resolution__exact="")
    yield _narrowed("回収中の資格確認書など", Recovery, on, due="due_on", clerk=clerk, status__exact="open")
    yield from _letters(on)


def _letters(on: date) -> Iterator[Queue]:
    """What is to be written about papers to hand back; without settings nobody is reminded."""
    url = reverse("recovery_letters")
    yield _queue("返納のお願い（印刷する分）", due_requests(on), url, since="opened_on", unit="枚")
    with suppress(Refused):
        yield _queue("督促状（印刷する分）", due_reminders(on), url, since="due_on", unit="枚")
