"""Before a month is approved: who is proposed and who is held back, what differs from last month, and why."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode

from certificates.decisions import holding
from certificates.decisions.services import HAS_DECISIONS
from certificates.models import EligibilityCertificate, Run
from certificates.rules.codes import Ground, Reason, by_number
from core import clock
from core.calendar import wareki_month
from core.errors import Refused
from core.models import Clerk
from core.roles import APPROVE
from core.text import whole_number
from core.web import Step
from core.web.forms import ReasonForm
from core.web.steps import step_page
from kenpo.pages import month_figures as figures
from kenpo.pages.month_deeds import HOLD_EFFECTS
from members.functions import NumberOrder
from members.models import Establishment

PER_PAGE = 100
HELD_SHOWN = 200
UNDECIDED = "まだ判定していません。"


class Proposals(Step):
    """The proposals, narrowed by ground and establishment; ticked people are held back with a reason."""

    def respond(self, request: HttpRequest, page: Any, document: Run) -> HttpResponse:
        clerk = cast(Clerk, request.user)
        waiting = _narrowed(document, request.GET)
        context: dict[str, Any] = {}
        if request.method == "POST":
            chosen = _chosen(request, waiting)
            form = ReasonForm(
                request.POST if request.POST.get("stage") == "save" else None, document=document, on=clock.today()
            )
            if not chosen:
                context["refusals"] = ["止める人を選んでください。"]
            else:
                if request.POST.get("stage") == "save" and form.is_valid():
                    try:
                        count = holding.hold_back(
                            document, chosen, reason=form.cleaned_data["reason"], by=clerk, on=clock.today()
                        )
                    except Refused as refused:
                        context["refusals"] = refused.reasons
                    else:
                        messages.success(request, f"{len(chosen):,}人（{count:,}枚）の交付を止めました。")
                        return HttpResponseRedirect(request.get_full_path())
                context.update(
                    form=form,
                    chosen=_people(document, chosen),
                    whole=request.POST.get("whole"),
                    total_chosen=len(chosen),
                    effects=HOLD_EFFECTS,
                )
        return step_page(
            request,
            page,
            document,
            self,
            template="admin/month/proposals.html",
            **{**_listed(request, document, waiting, clerk), **context},
        )


def _narrowed(run: Run, asked: Any) -> Any:
    found = EligibilityCertificate.objects.filter(run=run, status="proposed", sequence=0)
    if asked.get("ground"):
        found = found.filter(ground=asked["ground"])
    if establishment := whole_number(asked.get("establishment")):
        found = found.filter(member__establishment=establishment)
    return found


def _chosen(request: HttpRequest, waiting: Any) -> list[int]:
    """The members who are ticked, or everybody under the filter; only who is proposed counts."""
    if request.POST.get("whole"):
        return list(waiting.order_by("serial").values_list("member_id", flat=True))
    ticked = [number for text in request.POST.getlist("member") if (number := whole_number(text))]
    return list(waiting.filter(member__in=ticked).order_by("serial").values_list("member_id", flat=True))


def _people(run: Run, members: list[int]) -> list[EligibilityCertificate]:
    found = EligibilityCertificate.objects.filter(run=run, sequence=0, status="proposed", member__in=members)
    return list(
        found.select_related("member__person", "member__establishment").order_by(NumberOrder.of("member__"), "serial")[
            :HELD_SHOWN
        ]
    )


def _listed(request: HttpRequest, run: Run, waiting: Any, clerk: Clerk) -> dict[str, Any]:
    everyone = EligibilityCertificate.objects.filter(run=run, status="proposed", sequence=0)
    counted = dict(everyone.values_list("ground").annotate(people=Count("pk")).order_by())
    grounds = [(str(ground), ground.label, counted[ground]) for ground in sorted(map(Ground, counted), key=by_number)]
    establishments = everyone.values("member__establishment").distinct()
    page = Paginator(
        waiting.select_related("member__person", "member__establishment").order_by(
            NumberOrder.of("member__"), "serial"
        ),
        PER_PAGE,
    ).get_page(request.GET.get("p"))
    held = (
        holding.held_back(run)
        .select_related("member__person")
        .order_by(NumberOrder.of("member__"), "serial")[:HELD_SHOWN]
    )
    asked = {name: request.GET[name] for name in ("ground", "establishment") if request.GET.get(name)}
    return {
        "waiting": page,
        "grounds": grounds,
        "establishments": Establishment.objects.filter(pk__in=establishments).order_by("code"),
        "ground": asked.get("ground", ""),
        "establishment": whole_number(asked.get("establishment")) or 0,
        "query": urlencode(asked),
        "held": held,
        "may_hold": clerk.can(APPROVE) and run.status == "proposed",
    }


class Samples(Step):
    """A few decisions of each reason with the sentence that is read out, and what stands behind it."""

    def respond(self, request: HttpRequest, page: Any, document: Run) -> HttpResponse:
        return step_page(
            request, page, document, self, template="admin/month/samples.html", groups=figures.samples(document)
        )


class Difference(Step):
    """Who is decided otherwise than last month."""

    def respond(self, request: HttpRequest, page: Any, document: Run) -> HttpResponse:
        last = figures.before(document)
        context: dict[str, Any] = {"last": last}
        if last is not None:
            narrowed = figures.Narrowed(
                request.GET.get("kind", "") if request.GET.get("kind") in figures.KINDS else "",
                request.GET.get("reason", "") if request.GET.get("reason") in set(Reason) else "",
                whole_number(request.GET.get("establishment")) or 0,
            )
            context.update(_difference(document, last, narrowed, whole_number(request.GET.get("p")) or 1))
        return step_page(request, page, document, self, template="admin/month/difference.html", **context)


def _difference(run: Run, last: Run, narrowed: figures.Narrowed, number: int) -> dict[str, Any]:
    counts = figures.difference_counts(run, last, narrowed)
    total = counts.get(narrowed.kind, 0) if narrowed.kind else sum(counts.values())
    pages = max(1, -(-total // figures.PER_PAGE))
    number = min(number, pages)
    filters = {
        "reason": narrowed.reason,
        "establishment": str(narrowed.establishment) if narrowed.establishment else "",
    }
    kept = {name: text for name, text in filters.items() if text}
    return {
        "lines": figures.difference(run, last, narrowed, number),
        "total": sum(counts.values()),
        "kinds": [
            (code, words, counts.get(code, 0), urlencode({**kept, "kind": code}))
            for code, words in figures.KINDS.items()
        ],
        "all_query": urlencode(kept),
        "query": urlencode({**kept, **({"kind": narrowed.kind} if narrowed.kind else {})}),
        "wanted": narrowed,
        "number": number,
        "pages": pages,
        "reasons": [(str(r), r.label) for r in Reason],
        "establishments": Establishment.objects.order_by("code"),
        "last_month": wareki_month(last.month),
    }


def _undecided(run: Run, clerk: Clerk) -> str:
    return "" if run.status in HAS_DECISIONS else UNDECIDED


PROPOSALS = Proposals(
    name="proposals",
    label="交付する人を確かめる",
    blocked=lambda run, clerk: "" if run.status in ("proposed", "approved", "closed") else UNDECIDED,
)
SAMPLES = Samples(name="samples", label="理由ごとの例を読む", blocked=_undecided)
DIFFERENCE = Difference(name="difference", label="前月と違う人", blocked=_undecided)
