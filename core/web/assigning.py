"""Cases that a clerk takes: a box on the document's page, a column, a filter and two deeds on the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from unfold.decorators import action, display

from core import clock
from core.assigning import Cases, Verdict, hand_to, let_go, take
from core.errors import Refused
from core.models import Clerk
from core.roles import APPROVE
from core.text import whole_number
from core.web.html import EMPTY, day_html, page_url
from core.web.pages import ReadOnlyAdmin

HOLDER = "holder"
MINE, NONE = "mine", "none"


class HolderFilter(admin.SimpleListFilter):
    """The waiting cases of the clerk who looks, or those that nobody has taken."""

    title = "担当"
    parameter_name = HOLDER

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.cases: Cases = model_admin.cases
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(MINE, "自分の分"), (NONE, "担当なし")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == MINE:
            return queryset.filter(pk__in=self.cases.held_by(cast(Clerk, request.user)).values("pk"))
        if self.value() == NONE:
            return queryset.filter(pk__in=self.cases.free().values("pk"))
        return queryset


def holder_panel(request: HttpRequest, document: Any) -> str:
    """Who has taken the case, and the buttons to take it, let it go or give it to somebody."""
    page, clerk = admin.site.get_model_admin(type(document)), cast(Clerk, request.user)
    cases: Cases = page.cases
    held = cases.assigned().filter(subject_id=document.pk).select_related("clerk").first()
    waits = cases.waiting().filter(pk=document.pk).exists()
    if not waits and held is None:
        return ""
    may_hand = waits and clerk.can(APPROVE)
    others = Clerk.objects.filter(is_active=True).order_by("username") if may_hand else ()
    context = {
        "held": held,
        "since": day_html(held.since) if held else "",
        "mine": held is not None and held.clerk_id == clerk.pk,
        "waits": waits,
        "may": clerk.can(cases.permission),
        "others": [o for o in others if o.can(cases.permission)],
        "url": reverse(f"admin:{document._meta.app_label}_{document._meta.model_name}_assign", args=[document.pk]),
    }
    return render_to_string("admin/holder.html", context, request=request)


class AssignedAdmin(ReadOnlyAdmin):
    """A page of documents that are cases: ``cases`` says which of them wait."""

    cases: Cases
    actions = ("take_all", "let_go_all")
    actions_on_top = True
    list_disable_select_all = True

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_assign"
        own = path("<int:object_id>/assign/", self.admin_site.admin_view(self.assign), name=name)
        return [own, *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if cast(Clerk, request.user).can(self.cases.permission) else {}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.cases.with_holder(super().get_queryset(request))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        first, *others = super().get_list_display(request)
        return [first, "holder_name", *others]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [HolderFilter, *super().get_list_filter(request)]

    @display(description="担当")
    def holder_name(self, document: Any) -> str:
        return document.holder or EMPTY

    @action(description="担当する")
    def take_all(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, take)

    @action(description="担当を外す")
    def let_go_all(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, let_go)

    def _each(self, request: HttpRequest, queryset: QuerySet[Any], deed: Callable[..., list[Verdict]]) -> None:
        """Does the deed for every chosen row and says what became of each."""
        chosen = {document.pk: document for document in queryset}
        try:
            verdicts = deed(self.cases, list(chosen), by=cast(Clerk, request.user), on=clock.today())
        except Refused as refused:
            messages.error(request, str(refused))
            return
        for level, done in ((messages.SUCCESS, True), (messages.WARNING, False)):
            rows = [(self.heading(chosen[one.id]), one.said) for one in verdicts if one.done == done]
            if rows:
                messages.add_message(request, level, format_html_join(mark_safe("<br>"), "{}：{}", rows))

    def assign(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """One case taken, let go or given to somebody, from its page."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        document = get_object_or_404(self.get_queryset(request), pk=object_id)
        clerk, on, deed = cast(Clerk, request.user), clock.today(), request.POST.get("deed")
        try:
            if deed == "hand":
                to = get_object_or_404(Clerk, pk=whole_number(request.POST.get("clerk")), is_active=True)
                hand_to(self.cases, object_id, to, by=clerk, on=on)
                messages.success(request, f"担当を{to}さんに替えました。")
            else:
                (verdict,) = (let_go if deed == "let_go" else take)(self.cases, [object_id], by=clerk, on=on)
                (messages.success if verdict.done else messages.warning)(request, verdict.said)
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(page_url(document))


__all__ = ["HOLDER", "MINE", "AssignedAdmin", "HolderFilter", "holder_panel"]
