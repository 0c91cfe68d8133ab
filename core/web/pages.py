"""The base of every page: lists and documents that are shown, found and led on from, and never edited.

A status changes through its lifecycle (core.transitions) and nowhere else; what a clerk may do with a document
stands on its page as steps (core.web.steps).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.forms import PaginationInlineFormSet

from core.models import Clerk, Event
from core.text import whole_number
from core.web.html import EMPTY, day_html, heading_link, instant_html, label_html, list_url, month_html
from core.web.searching import FIELD as SEARCHED
from core.web.searching import OfficeList, remember, remembered
from core.web.steps import Step, answer, stands

Panel = Callable[[HttpRequest, Any], str]


def _column(
    model: type[models.Model], name: str, kinds: Mapping[str, str] | None, *, linked: bool
) -> Callable[[Any], Any] | None:
    """What shows the field ``name`` in the office's way, or ``None`` where Django does it right by itself."""
    field: Any = next((f for f in model._meta.fields if f.name == name), None)
    if isinstance(field, models.DateTimeField):
        show: Callable[[Any], Any] = instant_html
    elif isinstance(field, models.DateField):
        show = month_html if name == "month" else day_html
    elif field is not None and kinds is not None:
        labels = dict(field.flatchoices)

        def show(value: Any) -> Any:
            return label_html(labels.get(value, EMPTY), kinds.get(value, ""))
    elif isinstance(field, models.BooleanField):

        def show(value: Any) -> Any:
            return {True: "はい", False: "いいえ"}.get(value, EMPTY)
    elif linked and isinstance(field, models.ForeignKey):
        show = heading_link
    else:
        return None

    @display(description=field.verbose_name, ordering=name)
    def column(row: Any) -> Any:
        return show(getattr(row, name))

    column.__name__ = name
    return column


class FirstPages(Paginator):
    """The first ``MOST`` rows of a list, so that no page waits for a count of a million; ``more`` says there are others.

    Whoever looks for a row beyond them narrows the list or turns its order round.
    """

    MOST = 10_000

    @cached_property
    def found(self) -> int:
        """The number of rows, counted no further than one beyond the most."""
        return self.object_list.order_by()[: self.MOST + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, self.MOST)

    @property
    def more(self) -> bool:
        return self.found > self.MOST


class ReadOnly:
    """Whoever works here may look; nobody adds, changes or deletes by a form.

    ``badges``: field with choices → value → ``success``, ``info``, ``warning`` or ``danger``.
    """

    badges: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    empty_value_display = EMPTY

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _shown(self, names: Iterable[Any], *, linked: bool = False) -> list[Any]:
        """The names with days, moments, badges and, on a page, links replaced by what shows them."""
        return [
            self._shown(name, linked=linked) if isinstance(name, (list, tuple)) else self._shown_one(name, linked)
            for name in names
        ]

    def _shown_one(self, name: Any, linked: bool) -> Any:
        if not isinstance(name, str) or hasattr(self, name):
            return name
        columns: dict[Any, Any] = self.__dict__.setdefault("_columns", {})
        if (name, linked) not in columns:
            model: type[models.Model] = self.model  # type: ignore[attr-defined]
            columns[name, linked] = _column(model, name, self.badges.get(name), linked=linked) or name
        return columns[name, linked]


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    """Base of every model's pages. ``search_by`` turns what a clerk types into a condition.

    ``empty_hint`` tells what to do next while there is no row at all; ``related`` joins what lists and
    pages show, so that the number of queries does not depend on the number of rows. ``steps`` are the
    buttons on a document's page, ``leads`` what is told above them, ``panels`` what is told above its fields.
    """

    actions: tuple[str, ...] | None = None
    paginator = FirstPages
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_filter_sheet = False
    list_fullwidth = True
    preserve_filters = True
    related: tuple[str, ...] = ()
    prefetched: tuple[Any, ...] = ()
    search_by: Callable[[str], Q] | None = None
    steps: tuple[Step, ...] = ()
    leads: tuple[Panel, ...] = ()
    panels: tuple[Panel, ...] = ()
    change_form_outer_before_template = "admin/document_top.html"

    @property
    def empty_hint(self) -> str:
        return ""

    def get_urls(self) -> list[URLPattern]:
        return [*(self._step_url(step) for step in self.steps), *super().get_urls()]

    def _step_url(self, step: Step) -> URLPattern:
        def view(request: HttpRequest, object_id: int) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return answer(request, self, get_object_or_404(self.get_queryset(request), pk=object_id), step)

        name = f"{self.opts.app_label}_{self.opts.model_name}_{step.name}"
        return path(f"<int:object_id>/{step.name}/", self.admin_site.admin_view(view), name=name)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """By its id also where the address names a field without a name, on which Django fails."""
        return super().get_object(request, object_id, from_field or None)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        return found.select_related(*self.related) if self.related else found

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return self._shown(super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [
            (title, {**options, "fields": self._shown(options["fields"], linked=True)})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        if self.fieldsets:
            return [*flatten_fieldsets(self.get_fieldsets(request, obj))]
        return list(super().get_readonly_fields(request, obj))

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("pk",) if self.search_by else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """``search_term`` is the key of what was typed; where the session has forgotten it, nothing is shown."""
        if not search_term or self.search_by is None:
            return queryset, False
        words = remembered(request, search_term)
        return (queryset.filter(self.search_by(words)) if words else queryset.none()), False

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[OfficeList]:
        return OfficeList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and SEARCHED in request.POST and self.has_view_permission(request):
            return HttpResponseRedirect(remember(request))
        if request.method not in ("GET", "HEAD") and request.POST.get("action") not in self.get_actions(request):
            raise PermissionDenied
        if request.method == "POST":
            _drop_what_is_no_id(request)
        return super().changelist_view(request, {"title": self.opts.verbose_name_plural, **(extra_context or {})})

    def heading(self, document: Any) -> str:
        """What the page of one document is called; where its own name is an id, say more."""
        return str(document)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        heading = self.heading(obj) if obj else ""
        context.update(
            title=self.opts.verbose_name,
            subtitle=heading,
            page_heading=heading,
            show_history=hasattr(self.model, "lifecycle"),
        )
        if obj:
            steps = stands(self.steps, obj, cast(Clerk, request.user))
            context.update(
                steps=steps,
                blocked_steps=[stand for stand in steps if stand.why_not],
                leads=[lead(request, obj) for lead in self.leads],
                panels=[panel(request, obj) for panel in self.panels],
            )
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What was done with a document stands in the event log."""
        return HttpResponseRedirect(list_url(Event, subject=self.opts.label, subject_id=object_id))


class _Pages(PaginationInlineFormSet):
    """The pages of a table under a document; whatever is no number of a page is its first."""

    def get_page_num(self) -> int:
        return whole_number(self.request.GET.get(self.get_pagination_key())) or 1


class ReadOnlyTable(ReadOnly, TabularInline):
    """Rows that belong to the page's document, as a table under it."""

    formset = _Pages

    template = "admin/edit_inline/read_only.html"
    extra = 0
    max_num = 0
    can_delete = False
    wide: tuple[str, ...] = ()  # columns whose text may wrap
    only_if_any = False  # nothing at all is shown while there is no row
    related: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        return found.select_related(*self.related) if self.related else found

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self._shown(super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self._shown(self.fields)


def attach(model: type[models.Model], *tables: type[ReadOnlyTable]) -> None:
    """Hangs an upper floor's tables under the page of a lower floor's model, which knows nothing of them."""
    page = admin.site.get_model_admin(model)
    page.inlines = [*page.inlines, *tables]


def attach_steps(model: type[models.Model], *steps: Step) -> None:
    """Puts an upper floor's buttons on the page of a lower floor's model."""
    page = admin.site.get_model_admin(model)
    page.steps = (*page.steps, *steps)


def attach_panel(model: type[models.Model], panel: Panel) -> None:
    """Tells something an upper floor knows above the fields of a lower floor's model."""
    page = admin.site.get_model_admin(model)
    page.panels = (*page.panels, panel)


def attach_lead(model: type[models.Model], lead: Panel) -> None:
    """Tells something an upper floor knows above the buttons of a lower floor's model."""
    page = admin.site.get_model_admin(model)
    page.leads = (*page.leads, lead)


def _drop_what_is_no_id(request: HttpRequest) -> None:
    """Leaves of the chosen rows those that can be rows: the admin hands whatever was sent to the database."""
    sent = request.POST.copy()
    rows = [pk for pk in sent.getlist(ACTION_CHECKBOX_NAME) if whole_number(pk) is not None]
    sent.setlist(ACTION_CHECKBOX_NAME, rows)
    request.POST = sent
