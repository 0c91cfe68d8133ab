"""Taking in the fund's files on a page: each file whole or not at all, refusals in the words of the service."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core import clock
from core.calendar import month_end_after
from core.errors import BadInput, Fault, Refused
from core.models import Clerk
from core.roles import RUN
from core.uploads import too_large
from core.web import OfficeForm
from core.web.forms import choice_field, day_field, text_field
from core.web.html import page_url
from core.web.steps import NOT_YOURS
from exchange import incoming as exchange
from exchange import profiles
from exchange.models import ExchangeFile
from exchange.rules.codes import Kind

_OPTIONS = {
    r"--profile ([\w.-]+)(（[^）]*）)?": lambda found: f"「形式」の欄の「{_label(found[1])}」",
    r"--profile": lambda found: "「形式」の欄",
    r"--insurer": lambda found: "「保険者番号」の欄",
    r"--as-of": lambda found: "「基準日」の欄",
    r"--correction を付けて受け付けるか、「支払基金のファイルを受け付ける」の画面で": lambda found: "",
    r"受け付ける担当者を --by で指定してください。": lambda found: "",
    r"--kind": lambda found: "「種類」の欄",
}
_CODE = re.compile(r"[a-z]\w*(?:-\w+)+", re.ASCII)


def _label(name: str) -> str:
    return profiles.load(name).label if name in profiles.names() else name


def at_the_desk(sentence: str) -> SafeString:
    """A service's sentence as a page says it: fields instead of a command's options, names of codes set apart."""
    for option, words in _OPTIONS.items():
        sentence = re.sub(option, words, sentence)
    return mark_safe(_CODE.sub(r"<code>\g<0></code>", conditional_escape(sentence)))


class ReceiveForm(OfficeForm):
    """What is told of the files; the last three only where neither file nor name says it."""

    profile = choice_field("形式", [], help_text="基金から届いたままの形式を選びます。")
    insurer = text_field("保険者番号", required=False)
    as_of = day_field("基準日", required=False)
    kind = choice_field("種類", list(Kind.choices()), required=False, empty="ファイルに従う")
    correction = forms.BooleanField(
        label="訂正",
        required=False,
        help_text="反映済みの月のファイルを基金が作り直したときに選びます。別の担当者が受け入れるまで反映しません。",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["profile"].choices = [(name, profiles.load(name).label) for name in profiles.names()]
        self.initial.setdefault("profile", "example-v1")


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file that was handed in."""

    name: str
    file: ExchangeFile | None = None
    reasons: tuple[SafeString, ...] = ()

    @property
    def said(self) -> str:
        assert self.file is not None
        rejected = self.file.counts.get("rejected", 0)
        odd = f"読めない行が {rejected:,}行あります。ファイルの画面で確かめてください。" if rejected else ""
        return f"{self.file.row_count:,}行を受け付けました。{odd}"


def receive_page(request: HttpRequest) -> HttpResponse:
    """The form, and what became of the files handed in by it."""
    clerk, on = cast(Clerk, request.user), clock.today()
    title = "支払基金のファイルを受け付ける"
    context = {
        **admin.site.each_context(request),
        "title": title,
        "content_title": title,
        "back": reverse("month"),
        "limit": settings.UPLOAD_LIMIT_BYTES,
        "limit_words": f"{settings.UPLOAD_LIMIT_BYTES // 1024**2:,}メガバイト",
    }
    if not clerk.can(RUN):
        why = f"ファイルの受付は{clerk.get_role_display()}の権限ではできません。"
        return TemplateResponse(request, "admin/month/receive.html", {**context, "refusals": [why]}, status=NOT_YOURS)
    posted = request.method == "POST"
    form = ReceiveForm(request.POST if posted else None, document=None, on=on)
    context["form"] = form
    if posted:
        files = request.FILES.getlist("files")
        if too_large(request):
            context["refusals"] = [f"ファイルが大きすぎます（上限 {context['limit_words']}）。何も受け付けていません。"]
        elif not files:
            context["refusals"] = ["ファイルを選んでください。"]
        elif form.is_valid():
            taken = [_receive(upload, form.cleaned_data, clerk, on) for upload in files]
            if all(each.file for each in taken):
                return _received(request, taken)
            context["taken"] = taken
    return TemplateResponse(request, "admin/month/receive.html", context)


def _receive(upload: Any, told: dict[str, Any], by: Clerk, on: date) -> Taken:
    try:
        file = exchange.receive(
            upload,
            name=upload.name,
            profile=told["profile"],
            kind=told["kind"] or None,
            as_of=told["as_of"],
            insurer_number=told["insurer"] or None,
            correction=told["correction"],
            by=by,
            on=on,
        )
    except BadInput as bad:
        return Taken(upload.name, reasons=tuple(at_the_desk(str(mistake)) for mistake in bad.mistakes))
    except Refused as refused:
        return Taken(upload.name, reasons=tuple(map(at_the_desk, refused.reasons)))
    except Fault as fault:
        return Taken(upload.name, reasons=(at_the_desk(str(fault)),))
    finally:
        upload.close()  # which removes it from the disk
    return Taken(upload.name, file)


def _received(request: HttpRequest, taken: list[Taken]) -> HttpResponse:
    """On to the month whose files these are, or to the daily file."""
    for each in taken:
        messages.success(request, f"{each.file}：{each.said}")
    monthly = next((each.file for each in taken if each.file and each.file.kind == Kind.MONTHLY), None)
    if monthly is None or monthly.as_of is None:
        assert taken[0].file is not None
        return HttpResponseRedirect(page_url(taken[0].file))
    return HttpResponseRedirect(f"{reverse('month')}?month={month_end_after(monthly.as_of, 1):%Y-%m}")
