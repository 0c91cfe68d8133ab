"""Spreadsheets at the desk: six tables, each taken in after a look at what it would do, and written out as listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from core import clock, scratch
from core.errors import Refused
from core.models import Clerk, Job
from core.transitions import record
from core.uploads import too_large
from core.web import OfficeForm
from core.web.forms import choice_field
from core.web.html import list_url
from core.web.steps import NOT_YOURS
from core.web.words import learn
from kenpo.intake.tables import asked, checking, keeping, reading, writing
from kenpo.intake.tables.kinds import KINDS, Kind
from kenpo.pages.tables_check import page_context, refusals, set_apart
from members.services import society

TITLE = "表の取込み・書出し"
LACKING_SHOWN = 200
learn("kind", {kind.code: kind.label for kind in KINDS.values()})
learn("format", writing.FORMATS)


class TakeForm(OfficeForm):
    """A file and what it is written in."""

    form = choice_field("形式", list(writing.FORMATS.items()), empty="選んでください")
    file = forms.FileField(
        label="ファイル", required=False, help_text=f"1行目は列の名前、2行目から値です（{reading.ROWS_MAX:,}行まで）。"
    )


def _kind(code: str) -> Kind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


def _may(request: HttpRequest, kind: Kind) -> bool:
    return cast(Clerk, request.user).can(kind.capability)


def _refused(request: HttpRequest, kind: Kind, reasons: Iterable[str], status: int = 200) -> HttpResponse:
    """The table's page with why not."""
    context = _kind_context(request, kind, TakeForm(document=None, on=clock.today()))
    return TemplateResponse(request, "kenpo/tables_kind.html", {**context, "refusals": list(reasons)}, status=status)


def _not_allowed(request: HttpRequest, kind: Kind) -> HttpResponse:
    role = cast(Clerk, request.user).get_role_display()
    return _refused(request, kind, [f"「{kind.label}」の表は{role}の権限では扱えません。"], NOT_YOURS)


def tables_page(request: HttpRequest) -> HttpResponse:
    """The six tables, how many rows each has, and where to go."""
    counts = {kind.code: kind.model._default_manager.count() for kind in KINDS.values()}
    lines = [
        {
            "kind": kind,
            "said": f"{counts[kind.code]:,}",
            "url": reverse("table", args=[kind.code]),
            "list": list_url(kind.model),
            "may": _may(request, kind),
        }
        for kind in KINDS.values()
    ]
    empty = not any(counts.values())
    return TemplateResponse(request, "kenpo/tables.html", page_context(request, TITLE, lines=lines, nothing=empty))


def _kind_context(request: HttpRequest, kind: Kind, form: TakeForm) -> dict[str, Any]:
    may = _may(request, kind)
    count = _listed(request, kind).count() if may else 0
    narrowed = request.GET.urlencode()
    return page_context(
        request,
        f"{kind.label}の表",
        kind=kind,
        form=form if may else None,
        back=reverse("tables"),
        export_url=reverse("table_export", args=[kind.code]) + (f"?{narrowed}" if narrowed else ""),
        formats=writing.FORMATS.items(),
        narrowed=bool(narrowed),
        may=may,
        list=list_url(kind.model),
        templates=[
            (reverse("table_template", args=[kind.code, form]), words)
            for form, words in writing.FORMATS.items()
            if form != "cp932"
        ],
        columns=[(one, set_apart(one.told)) for one in kind.columns],
        count=count,
        count_said=f"{count:,}",
        limit=reading.BYTES_MAX,
        limit_words=f"{reading.BYTES_MAX // 1024**2}メガバイト",
    )


def table_page(request: HttpRequest, code: str) -> HttpResponse:
    """One table: take in, write out, template, columns."""
    kind, on = _kind(code), clock.today()
    if not _may(request, kind):
        return _not_allowed(request, kind)
    if request.method != "POST":
        return TemplateResponse(
            request, "kenpo/tables_kind.html", _kind_context(request, kind, TakeForm(document=None, on=on))
        )
    form = TakeForm(request.POST, files=request.FILES, document=None, on=on)
    context = _kind_context(request, kind, form)
    upload = request.FILES.get("file")
    if too_large(request) or (upload is not None and (upload.size or 0) > reading.BYTES_MAX):
        context["refusals"] = [f"ファイルが大きすぎます（上限 {context['limit_words']}）。"]
    elif upload is None:
        context["refusals"] = ["ファイルを選んでください。"]
    elif form.is_valid():
        by = cast(Clerk, request.user)
        name = checking.hand_in(kind, upload.read(), form=form.cleaned_data["form"], by=by, now=timezone.now())
        job = asked.ask_check(name, kind, by=by, on=on)
        if job.state != Job.State.REFUSED:
            return HttpResponseRedirect(reverse("table_check", args=[name]))
        context["refusals"] = refusals(job)
    return TemplateResponse(request, "kenpo/tables_kind.html", context)


def bad_file(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """The bad rows in the file's own columns, to be corrected and handed in again."""
    if form not in writing.FORMATS:
        raise Http404
    try:
        told = keeping.kept(name, by=cast(Clerk, request.user), now=timezone.now())
    except Refused as refused:
        context = page_context(request, "誤りのある行", back=reverse("tables"), refusals=list(refused.reasons))
        return TemplateResponse(request, "kenpo/tables_check.html", context)
    names, rows = checking.bad_table(told)
    return _answer(names, rows, form, f"{told['kind']}-errors")


def template_file(request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """An empty table: the header and one invented row, which no service takes."""
    kind = _kind(code)
    if form not in writing.FORMATS:
        raise Http404
    names = [one.name for one in kind.columns]
    example = {one.name: one.example for one in kind.columns}
    return _answer(names, [example], form, f"{kind.code}-template", explained=kind.columns)


@require_POST
def export_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The listed rows as a file; which list was written out, by whom and how many rows it had, stands in the log."""
    kind, form = _kind(code), request.POST.get("form", "")
    if not _may(request, kind):
        return _not_allowed(request, kind)
    if form not in writing.FORMATS:
        return _refused(request, kind, ["書き出す形式を選んでください。"])
    listed = _listed(request, kind)
    if form != "csv":
        found = list(islice(writing.lacking(kind.names, kind.rows(listed), form), LACKING_SHOWN + 1))
        if found:
            context = _kind_context(request, kind, TakeForm(document=None, on=clock.today()))
            context |= {
                "lacking": found[:LACKING_SHOWN],
                "more_lacking": len(found) > LACKING_SHOWN,
                "labels": {one.name: one.label for one in kind.columns},
            }
            return TemplateResponse(request, "kenpo/tables_kind.html", context)
    insurer, count = society(), listed.count()
    note = {"kind": kind.code, "format": form, "rows": count}
    record("export_table", insurer._meta.label, [insurer.pk], by=cast(Clerk, request.user), on=clock.today(), note=note)
    return _answer(kind.names, kind.rows(listed), form, f"{kind.code}-{clock.today():%Y%m%d}")


def _listed(request: HttpRequest, kind: Kind) -> QuerySet[Any]:
    """The rows of the model's list under the filters of the address."""
    page = admin.site.get_model_admin(kind.model)
    if not request.GET:
        return kind.model._default_manager.all()
    try:
        listed = page.get_changelist_instance(request).get_queryset(request)
    except IncorrectLookupParameters:
        raise Http404 from None
    return kind.model._default_manager.filter(pk__in=listed.order_by().values("pk"))


def _answer(
    names: Iterable[str], rows: Iterable[Mapping[str, str]], form: str, title: str, explained: Any = ()
) -> HttpResponseBase:
    names = list(names)
    if form == "xlsx":
        with scratch.folder() as folder:
            path = Path(folder) / "table.xlsx"
            writing.write_xlsx(path, names, rows, explained=explained)
            answer: HttpResponseBase = HttpResponse(path.read_bytes())
    else:
        answer = StreamingHttpResponse(writing.csv_chunks(names, rows, form))
    answer["Content-Type"] = writing.CONTENT_TYPE[form]
    answer["Content-Disposition"] = f'attachment; filename="{title}.{writing.SUFFIX[form]}"'
    return answer


def offer_tables() -> None:
    """Puts the way to the table above each of the six lists, with the list's own filters."""
    for kind in KINDS.values():
        page = admin.site.get_model_admin(kind.model)
        page.list_after_template = "kenpo/tables_link.html"
        page.table_code = kind.code
