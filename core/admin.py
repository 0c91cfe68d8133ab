"""How every page of the office shows and guards its rows; clerks, the event log and jobs.

Pages only show: nothing is added, changed or deleted through a form. A status changes through its
lifecycle (core.transitions) and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from core.admin_words import NOT_KNOWN, event_subject, job_title, step_title, verb_title, worded
from core.calendar import wareki, wareki_month
from core.models import Clerk, Event, Job

EMPTY = "―"


def day_html(day: date | None, text: str | None = None) -> str:
    """A day in the era calendar, with its ISO form on hover; a dash for none."""
    if day is None:
        return EMPTY
    iso = day.isoformat()
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', iso, text or wareki(day))


def month_html(day: date | None) -> str:
    """The era year and month of a day, with the ISO month on hover."""
    if day is None:
        return EMPTY
    return format_html('<time datetime="{0}" title="{0}">{1}</time>', f"{day:%Y-%m}", wareki_month(day))


def instant_html(at: datetime | None) -> str:
    """A moment in Japan's time, to the minute, with its ISO form on hover."""
    if at is None:
        return EMPTY
    local = timezone.localtime(at)
    said = f"{wareki(local.date())} {local:%H:%M}"
    return format_html(
        '<time datetime="{0}" title="{0}">{1}</time>', local.isoformat(timespec="seconds"), said
    )


def label_html(text: str, kind: str = "") -> str:
    """Words on a tinted ground; the colour says nothing that the words do not."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": kind or "default"})


def heading_link(document: models.Model | None) -> str:
    """A link to the document under the name its page has; a plain name where it has no page."""
    if document is None:
        return EMPTY
    try:
        page = admin.site.get_model_admin(type(document))
    except NotRegistered:
        return str(document)
    return link_to(document, page.heading(document))


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


def link_to(document: models.Model | None, text: str = "") -> str:
    """A link to the document's own page."""
    if document is None:
        return EMPTY
    meta = document._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[document.pk])
    return format_html('<a class="text-primary-700 underline" href="{}">{}</a>', url, text or str(document))


def list_url(model: type[models.Model], **conditions: Any) -> str:
    """Address of the model's list, narrowed by filters."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{url}?{urlencode(conditions)}" if conditions else url


def table_html(rows: Iterable[tuple[Any, Any]], *, head: tuple[str, str] | None = None) -> str:
    """Two columns, for settings and counts."""
    body = format_html_join(
        "", '<tr><th scope="row">{}</th><td>{}</td></tr>', ((first, second) for first, second in rows)
    )
    if not body:
        return EMPTY
    top = format_html("<thead><tr><th>{}</th><th>{}</th></tr></thead>", *head) if head else SafeString("")
    return format_html('<table class="kenpo-table">{}<tbody>{}</tbody></table>', top, body)


class ReadOnly:
    """Whoever works here may look; nobody adds, changes or deletes by a form.

    ``badges``: field with choices → value → ``success``, ``info``, ``warning`` or ``danger``.
    """

    badges: Mapping[str, Mapping[str, str]] = MappingProxyType({})

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
            self._shown(name, linked=linked)
            if isinstance(name, (list, tuple))
            else self._shown_one(name, linked)
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
    pages show, so that the number of queries does not depend on the number of rows.
    """

    actions = None
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_filter_sheet = False
    list_fullwidth = True
    preserve_filters = True
    empty_value_display = EMPTY
    empty_hint = ""
    related: tuple[str, ...] = ()
    prefetched: tuple[Any, ...] = ()
    search_by: Callable[[str], Q] | None = None

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
        if not search_term.strip() or self.search_by is None:
            return queryset, False
        return queryset.filter(self.search_by(search_term)), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().changelist_view(
            request, {"title": self.opts.verbose_name_plural, **(extra_context or {})}
        )

    def heading(self, document: Any) -> str:
        """What the page of one document is called; where its own name is an id, say more."""
        return str(document)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> HttpResponse:
        heading = self.heading(obj) if obj else ""
        context.update(
            title=self.opts.verbose_name, subtitle=heading, page_heading=heading,
            show_history=hasattr(self.model, "lifecycle"),
        )  # fmt: skip
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What was done with a document stands in the event log."""
        return HttpResponseRedirect(list_url(Event, subject=self.opts.label, subject_id=object_id))


class ReadOnlyTable(ReadOnly, TabularInline):
    """Rows that belong to the page's document, as a table under it."""

    template = "admin/edit_inline/read_only.html"
    extra = 0
    max_num = 0
    can_delete = False
    wide: tuple[str, ...] = ()  # columns whose text may wrap
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


@admin.register(Clerk)
class ClerkAdmin(ReadOnlyAdmin):
    list_display = ("username", "full_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    fieldsets = (
        (None, {"fields": (("username", "full_name"), ("role", "is_active"), ("last_login", "date_joined"))}),
    )
    ordering = ("username",)
    search_by = staticmethod(lambda term: Q(username__icontains=term) | Q(last_name__contains=term))
    search_help_text = "利用者名か姓"
    badges = {"role": {"auditor": "info", "administrator": "warning"}}

    @display(description="氏名")
    def full_name(self, clerk: Clerk) -> str:
        return f"{clerk.last_name} {clerk.first_name}".strip() or EMPTY


class SubjectFilter(admin.SimpleListFilter):
    """Events by the kind of document they are about."""

    title = "対象"
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (model._meta.label, str(model._meta.verbose_name))
            for model in apps.get_models()
            if hasattr(model, "lifecycle")
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(subject=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The log: who did what. PostgreSQL refuses every change of it as well."""

    list_display = ("seq", "at", "actor_name", "verb_name", "document", "noted")
    list_filter = (SubjectFilter, "on")
    list_per_page = 100
    related = ("actor",)
    ordering = ("-seq",)
    fieldsets = (
        (None, {"fields": (("seq", "at"), ("on", "actor_name"), ("verb_name", "document"), "noted", "seal")}),
    )
    search_by = staticmethod(
        lambda term: Q(subject_id=int(term)) if term.strip().isdecimal() else Q(actor__username=term.strip())
    )
    search_help_text = "対象番号か担当者の利用者名"
    empty_hint = "まだ何も記録されていません。受付や判定を行うと、ここに自動で残ります。"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "subject_id" or super().lookup_allowed(lookup, value, request)

    def heading(self, document: Event) -> str:
        return f"{document.seq} {verb_title(document.subject, document.verb)}"

    @display(description="担当者", ordering="actor__username")
    def actor_name(self, event: Event) -> str:
        return event.actor.username if event.actor else "自動処理"

    @display(description="操作", ordering="verb")
    def verb_name(self, event: Event) -> str:
        return verb_title(event.subject, event.verb)

    @display(description="対象")
    def document(self, event: Event) -> str:
        label, model = event_subject(event.subject)
        if model is None:
            return label
        try:
            url = reverse(
                f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[event.subject_id]
            )
        except NoReverseMatch:
            return f"{label} {event.subject_id}"
        return format_html(
            '<a class="text-primary-700 underline" href="{}">{} {}</a>', url, label, event.subject_id
        )

    @display(description="記録")
    def noted(self, event: Event) -> str:
        return worded(event.note, event.subject) or EMPTY

    @display(description="改ざん検知の印")
    def seal(self, event: Event) -> str:
        return mark_safe(f"<code>{bytes(event.hash).hex()}</code>")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("title", "state", "step_name", "actor", "attempts", "started_at", "ended_at")
    list_filter = ("state",)
    related = ("actor",)
    ordering = ("-started_at",)
    fieldsets = (
        (None, {"fields": (
            ("title", "state"), ("step_name", "attempts"), "actor", ("started_at", "ended_at"), "reason", "result",
        )}),
    )  # fmt: skip
    empty_hint = "まだ処理はありません。ファイルを受け付けるか月次判定を行うと、進み具合がここに出ます。"
    badges = {"state": {"running": "info", "done": "success", "refused": "warning", "failed": "danger"}}

    def heading(self, document: Job) -> str:
        return job_title(document.key)

    @display(description="処理", ordering="key")
    def title(self, job: Job) -> str:
        return job_title(job.key)

    @display(description="いまの段階")
    def step_name(self, job: Job) -> str:
        return step_title(job.step) or EMPTY

    @display(description="理由")
    def reason(self, job: Job) -> str:
        if job.state == Job.State.FAILED:
            return format_html("{}<code>{}</code>", NOT_KNOWN, job.message)
        return job.message or EMPTY

    @display(description="結果")
    def result(self, job: Job) -> str:
        return worded(job.outcome) or EMPTY
