"""Pages of who acts and what was done: clerks, the event log, jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from unfold.decorators import display

from core import jobs
from core.models import Clerk, Event, Job
from core.naming import Names, Reference, names_of
from core.web.html import EMPTY
from core.web.pages import ReadOnlyAdmin
from core.web.words import (
    NOT_KNOWN,
    event_subject,
    job_reference,
    job_title,
    references,
    step_title,
    verb_title,
    worded,
)


@admin.register(Clerk)
class ClerkAdmin(ReadOnlyAdmin):
    list_display = ("username", "full_name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    fieldsets = ((None, {"fields": (("login", "full_name"), ("role", "active"), ("last_login", "date_joined"))}),)
    ordering = ("username",)
    search_by = staticmethod(lambda term: Q(username__icontains=term) | Q(last_name__contains=term))
    search_help_text = "ユーザー名か姓"
    badges = {"role": {"auditor": "info", "administrator": "warning"}}

    @display(description="ユーザー名")
    def login(self, clerk: Clerk) -> str:
        return clerk.username

    @display(description="有効", boolean=True)
    def active(self, clerk: Clerk) -> bool:
        return clerk.is_active

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


def _named_by(event: Event) -> Iterator[Reference]:
    yield event.subject, event.subject_id
    yield from references(event.note)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The log: who did what. PostgreSQL refuses every change of it as well."""

    list_display = ("seq", "at", "actor_name", "verb_name", "document", "noted")
    list_filter = (SubjectFilter, "on")
    list_per_page = 100
    related = ("actor",)
    ordering = ("-seq",)
    fieldsets = ((None, {"fields": (("seq", "at"), ("on", "actor_name"), ("verb_name", "document"), "noted", "seal")}),)
    search_by = staticmethod(lambda term: Q(actor__username=term.strip()))
    search_help_text = "担当者のユーザー名"
    empty_hint = "まだ何も記録されていません。受付や判定を行うと、ここに自動で残ります。"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "subject_id" or super().lookup_allowed(lookup, value, request)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the names of all records that the page's lines name."""
        listed = super().get_changelist_instance(request)
        events = list(listed.result_list)
        names = names_of(each for event in events for each in _named_by(event))
        for event in events:
            event.names = names
        listed.result_list = events
        return listed

    def _names(self, event: Event) -> Names:
        if not hasattr(event, "names"):
            event.names = names_of(_named_by(event))
        found: Names = event.names
        return found

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
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[event.subject_id])
        except NoReverseMatch:
            return f"{label} {self._names(event).get((event.subject, event.subject_id), '')}".strip()
        name = self._names(event).get((event.subject, event.subject_id), "")
        return format_html('<a class="text-primary-700 underline" href="{}">{}</a>', url, f"{label} {name}".strip())

    @display(description="記録")
    def noted(self, event: Event) -> str:
        return worded(event.note, event.subject, self._names(event)) or EMPTY

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
        (
            None,
            {"fields": (("title", "state"), ("step_name", "attempts"), "actor", ("started_at", "ended_at"), "reason")},
        ),
    )
    empty_hint = "まだ処理はありません。ファイルを受け付けるか月次判定を行うと、進み具合がここに出ます。"
    badges = {"state": {"running": "info", "done": "success", "refused": "warning", "failed": "danger"}}

    def heading(self, document: Job) -> str:
        return job_title(document.key)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """With the names of all records that the page's jobs are about."""
        listed = super().get_changelist_instance(request)
        found = list(listed.result_list)
        names = names_of(filter(None, (job_reference(job.key) for job in found)))
        for job in found:
            job.said = job_title(job.key, names)
        listed.result_list = found
        return listed

    @display(description="処理", ordering="key")
    def title(self, job: Job) -> str:
        return getattr(job, "said", "") or job_title(job.key)

    @display(description="いまの段階")
    def step_name(self, job: Job) -> str:
        return EMPTY if job.state == Job.State.DONE else step_title(job.step) or EMPTY

    @display(description="理由")
    def reason(self, job: Job) -> str:
        if job.state == Job.State.FAILED and not jobs.foreseen(job):
            return format_html("{}<code>{}</code>", NOT_KNOWN, job.message)
        return job.message or EMPTY
