"""Paper that does not wait for the month: what was granted, filed or settled is enclosed and sent the same day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core import clock
from core.background import begin, does
from core.errors import Refused
from core.models import Clerk
from core.roles import DISPATCH
from core.web import OfficeForm
from core.web.html import page_url
from core.web.steps import NOT_YOURS
from mailing.services import assemble_day, holds_of_day
from members.models import Member

LABEL = "月次の外の分を封入する"
HOLDS_SHOWN = 50
EFFECTS = (
    "月次判定の外で決めて承認した証（申請・届出・個別判定、高齢受給者証）と、その分のお知らせを、世帯ごとの封筒と発送にまとめます。",
    "まだ印刷はしません。できた発送の画面で、印刷・照合・引抜き・封緘・発送を行うと、その日のうちに出せます。",
    "もう一度行っても、すでに封入した分は増えません。",
)


@does("assemble_day")
def _assemble(asked: Mapping[str, Any], by: Clerk) -> None:
    assemble_day(date.fromisoformat(asked["on"]), by=by)


def day_page(request: HttpRequest, page: Any) -> HttpResponse:
    """What is enclosed and what waits and why; then the work is begun."""
    clerk, on = cast(Clerk, request.user), clock.today()
    back = reverse("admin:mailing_dispatch_changelist")
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": LABEL,
        "content_title": LABEL,
        "step": {"label": LABEL},
        "back": back,
        "about": "発送の一覧",
        "button": "封入を計画する",
    }
    if not clerk.can(DISPATCH):
        why = f"「{LABEL}」は{clerk.get_role_display()}の権限ではできません。"
        return TemplateResponse(request, "admin/step.html", {**context, "refusals": [why]}, status=NOT_YOURS)
    if request.method == "POST":
        job = begin(f"assemble_day {on.isoformat()}", by=clerk, order={"on": on.isoformat()})
        messages.success(request, "受け付けました。")
        return HttpResponseRedirect(page_url(job))
    try:
        holds = holds_of_day(on)
    except Refused as refused:
        return TemplateResponse(request, "admin/step.html", {**context, "refusals": refused.reasons})
    more = [f"ほかに保留が {len(holds) - HOLDS_SHOWN:,}件あります。"] if len(holds) > HOLDS_SHOWN else []
    shown = holds[:HOLDS_SHOWN]
    members = Member.objects.in_bulk({hold.member_id for hold in shown})
    effects = [*EFFECTS, *(hold.told(str(members[hold.member_id])) for hold in shown), *more]
    form = OfficeForm(document=None, on=on)
    return TemplateResponse(request, "admin/step.html", {**context, "form": form, "effects": effects})
