"""The page of letters about papers to hand back: what is due today, printed with one button, and the files of late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from certificates.models import Recovery
from certificates.pages import RecoveryAdmin
from certificates.recovery import due_reminders, due_requests
from core import clock
from core.background import begin
from core.calendar import wareki
from core.errors import Refused
from core.models import Clerk, Event, Job
from core.naming import names_of
from core.roles import EDIT
from core.transitions import record
from core.web.html import page_url
from core.web.steps import NOT_YOURS
from notices.letters import service
from notices.letters.reminder.printing import restore_reminders
from notices.letters.request.printing import restore

TITLE = "返納のお願いと督促"
TEMPLATE = "kenpo/recovery_letters.html"
FILES_OF = timedelta(days=31)
"""How long a printed file is listed."""


@dataclass(frozen=True, slots=True)
class LetterKind:
    """A kind of letter; ``verb`` is the key of its job and of its events."""

    verb: str
    label: str
    button: str
    about: str
    due: Callable[[date], QuerySet[Recovery]]
    restore: Callable[[str, date], None]


KINDS = (
    LetterKind(
        "request",
        "返納のお願い",
        "返納のお願いを印刷する",
        "回収が始まって、まだお願いしていない証の分です。新しい証を作っている方へのお願いは、その証の封筒に入ります。",
        due_requests,
        restore,
    ),
    LetterKind(
        "remind",
        "督促状",
        "督促状を印刷する",
        "返納の期限を過ぎ、前のお願いの期限も過ぎた証の分です。",
        due_reminders,
        restore_reminders,
    ),
)


RecoveryAdmin.further_links.append(("recovery_letters", TITLE))


def letters_page(request: HttpRequest) -> HttpResponse:
    """How many letters are due by kind, what could not be written last time and why, and the files to print."""
    clerk, on = cast(Clerk, request.user), clock.today()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": TITLE,
        "content_title": TITLE,
        "kinds": [],
        "files": [],
    }
    if not clerk.can(EDIT):
        refusal = f"「{TITLE}」は{clerk.get_role_display()}の権限ではできません。"
        return TemplateResponse(request, TEMPLATE, {**context, "refusal": refusal}, status=NOT_YOURS)
    chosen = next((kind for kind in KINDS if kind.verb == request.POST.get("kind")), None)
    if request.method == "POST" and chosen is not None:
        job = begin(chosen.verb, by=clerk, order={"on": on.isoformat()})
        messages.success(request, "受け付けました。")
        return HttpResponseRedirect(page_url(job))
    try:
        context["kinds"] = [(kind, kind.due(on).count(), _unwritten(kind)) for kind in KINDS]
    except Refused as refused:
        context["refusal"] = str(refused)
    context["files"] = _files(on)
    return TemplateResponse(request, TEMPLATE, context)


def _unwritten(kind: LetterKind) -> list[tuple[str, str]]:
    """What the last printing had to leave out and is still open: the paper, and why."""
    job = Job.objects.filter(key=kind.verb).first()
    told = dict(job.outcome.get("unwritten", [])) if job else {}
    still = Recovery.objects.filter(pk__in=told, status="open").values_list("pk", flat=True)
    label = Recovery._meta.label
    names = names_of((label, pk) for pk in still)
    return [(names[label, pk], told[pk]) for pk in still]


@dataclass(slots=True)
class LetterFile:
    """One printed file: its day, kind and name, and the duties it is about."""

    on: date
    kind: LetterKind
    name: str
    duties: list[int]

    @property
    def day(self) -> str:
        return wareki(self.on)


def _files(on: date) -> list[LetterFile]:
    """The files of late, the newest first."""
    kinds = {kind.verb: kind for kind in KINDS}
    events = Event.objects.filter(
        subject=Recovery._meta.label, verb__in=kinds, on__gt=on - FILES_OF, note__has_key="file"
    )
    found: dict[str, LetterFile] = {}
    for day, verb, name, duty in events.order_by("-seq").values_list("on", "verb", "note__file", "subject_id"):
        found.setdefault(name, LetterFile(day, kinds[verb], name, [])).duties.append(duty)
    return list(found.values())


def letters_file(request: HttpRequest, name: str) -> HttpResponse:
    """One printed file, for the printer, drawn anew if it is gone; the log says who opened it."""
    clerk, on = cast(Clerk, request.user), clock.today()
    known = {file.name: file for file in _files(on)} if clerk.can(EDIT) else {}
    if name not in known:
        raise Http404
    path = service.folder() / name
    if not path.is_file():
        known[name].kind.restore(name, known[name].on)
    record("open_file", Recovery._meta.label, known[name].duties, by=clerk, on=on, note={"file": name})
    response = FileResponse(path.open("rb"), content_type="application/pdf", filename=name)
    response["Cache-Control"] = "no-store"
    return response
