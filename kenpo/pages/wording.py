"""文面: every text of every letter with its day and source; another text drafted, seen on paper, approved by another clerk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from core import clock, scratch
from core.calendar import wareki
from core.errors import BadInput, Refused
from core.models import Clerk
from core.roles import EDIT
from core.web import Done, ReadOnlyAdmin, Step, day_html, lifecycle_deed, link_to
from core.web.forms import SeenForm, day_field, put_mistakes
from core.web.html import page_url
from core.web.steps import NOT_YOURS, step_page
from mailing.papers import samples as samples  # knows the envelope's sheet
from members.services import municipal
from notices.letters import changes, registry
from notices.letters.changes import Place
from notices.letters.leaves import Leaf, asked, leaves, placeholders, put, spoken, written
from notices.letters.wording import Wording
from notices.lifecycle import LETTER_WORDING
from notices.models import LetterWording

TITLE, CHANGE = "文面", "文面を変える"
PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Text:
    """One text as the page shows it."""

    label: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One place of a letter with its texts now, and what is to come."""

    label: str
    texts: list[Text]
    since: str
    source: str
    coming: list[str]
    url: str


def texts_of(value: Any) -> list[Text]:
    """Every text of a value as it is read."""
    return [Text(leaf.label, _lines(leaf)) for leaf in leaves(value)]


def _lines(leaf: Leaf) -> list[str]:
    return [str(leaf.value)] if leaf.kind == "number" else [spoken(text) for text in leaf.texts()]


def _shown(place: Place) -> Shown:
    now = place.now
    return Shown(
        place.label,
        texts_of(now.value) if now else [],
        day_html(now.valid_from) if now else "",
        (now or place.newest).source,
        [wareki(dated.valid_from) for dated in place.coming],
        reverse("wording_change", args=[place.letter, place.key]),
    )


def letters() -> dict[str, str]:
    """The letters of this scheme, by code."""
    ours = municipal()
    return {kind.code: kind.label for kind in registry.every() if not (ours and kind.employers_only)}


def wording_page(request: HttpRequest) -> HttpResponse:
    """One letter's texts, the others to choose from, and the drafts that wait."""
    on = clock.today()
    letter = request.GET.get("letter", "")
    offered = letters()
    letter = letter if letter in offered else next(iter(offered))
    found = changes.places(letter, on)
    used = set().union(*(asked(text) for p in found for leaf in leaves(p.newest.value) for text in leaf.texts()))
    waiting = LetterWording.objects.filter(status="drafted").select_related("drafted_by")
    context = _context(request, TITLE)
    context.update(
        letters=[(f"?letter={code}", name, code == letter) for code, name in offered.items()],
        name=offered[letter],
        places=[_shown(place) for place in found],
        on=day_html(on),
        used=_explained(used),
        waiting=[(link_to(row, heading(row)), row.drafted_by) for row in waiting],
        may_change=cast(Clerk, request.user).can(EDIT),
    )
    return TemplateResponse(request, "kenpo/wording.html", context)


def _explained(codes: set[str]) -> list[tuple[str, str]]:
    return [(f"{{{label}}}", told) for code, (label, told) in placeholders().items() if code in codes]


def heading(row: LetterWording) -> str:
    """The change's name on every page."""
    label = changes.place(row.letter, row.key, row.valid_from).label
    return f"{registry.labels()[row.letter]}「{label}」（{wareki(row.valid_from)}から）"


class WordingForm(SeenForm):
    """The texts of one place, each in a field of its own; ``document`` is the place."""

    valid_from = day_field("使い始める日", help_text="明日以後の日。この日から印刷する文書に使います。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = changes.allowed(self.document.letter, self.document.key)
        self.leaves = list(leaves(self.document.newest.value))
        for leaf in self.leaves:
            self.fields[leaf.name] = _field(leaf, known.get(leaf.path, set()))
            self.initial[leaf.name] = leaf.value if leaf.kind == "number" else "\n".join(_lines(leaf))

    def shown(self) -> Any:
        """What the place says now and from its next days on."""
        return [[dated.valid_from.isoformat(), dated.value] for dated in (self.document.newest, *self.document.coming)]

    def changed_meanwhile(self) -> str:
        """Who approved the words that have come, and what to do."""
        place = self.document
        made = LetterWording.objects.filter(letter=place.letter, key=place.key, status="approved")
        newest = made.select_related("approved_by").order_by("-pk").first()
        approver = newest.approved_by if newest else None
        who = f"（{approver}が承認、{wareki(newest.valid_from)}から）" if newest else ""
        return (
            f"書いている間に、ほかの変更が決まりました{who}。まだ何も保存していません。"
            "この画面の文面と比べて、よければもう一度押してください。"
        )

    def value(self) -> Any:
        """The place's value with the texts as they were typed."""
        told = {leaf.path: _typed(leaf, self.cleaned_data[leaf.name]) for leaf in self.leaves}
        return put(self.document.newest.value, told)


def _typed(leaf: Leaf, text: Any) -> Any:
    if leaf.kind == "number":
        return text
    # A form's ideographic spaces are room to write in.
    lines = [written(line.strip(" \t")) for line in text.replace("\r\n", "\n").strip("\n").split("\n")]
    return [line for line in lines if line.strip()] if leaf.kind == "lines" else "\n".join(lines)


def _field(leaf: Leaf, known: set[str]) -> forms.Field:
    label = leaf.label or "文"
    wanted = {"required": "入れてください。", "invalid": "数字で入れてください。"}
    if leaf.kind == "number":
        widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "inputmode": "numeric"})
        return forms.IntegerField(label=leaf.label or "日数", widget=widget, error_messages=wanted)
    told = ["1行が1段落です。" if leaf.kind == "lines" else ""]
    names = "・".join(name for name, _ in _explained(known))
    told.append(f"使える中かっこ：{names}" if names else "")
    rows = min(12, 2 + sum(1 + len(text) // 45 for text in leaf.texts()))
    area = UnfoldAdminTextareaWidget(attrs={"rows": rows, "autocomplete": "off"})
    return forms.CharField(label=label, help_text="".join(told), widget=area, error_messages=wanted, strip=False)


def change_page(request: HttpRequest, letter: str, key: str) -> HttpResponse:
    """The texts of one place, to be typed anew; first seen on paper, then kept for a second clerk."""
    clerk, on = cast(Clerk, request.user), clock.today()
    try:
        place = changes.place(letter, key, on)
    except Refused:
        raise Http404 from None
    context = _context(request, CHANGE)
    context.update(back=f"{reverse('wording')}?letter={letter}", about=f"{registry.labels()[letter]}「{place.label}」")
    if not clerk.can(EDIT):
        why = f"「{CHANGE}」は{clerk.get_role_display()}の権限ではできません。"
        context["refusals"] = [why]
        return TemplateResponse(request, "kenpo/wording_change.html", context, status=NOT_YOURS)
    form = WordingForm(request.POST if request.method == "POST" else None, document=place, on=on)
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("stage") == PREVIEW:
                return _seen(place, form, on)
            made = changes.draft(letter, key, form.cleaned_data["valid_from"], form.value(), by=clerk, on=on)
        except BadInput as bad:
            put_mistakes(form, bad)
        except Refused as refused:
            context["refusals"] = refused.reasons
        else:
            messages.success(request, "変更案を作りました。別の担当者が承認するまで、文面は変わりません。")
            return HttpResponseRedirect(page_url(made))
    used = set().union(*changes.allowed(letter, key).values())
    context.update(
        form=form,
        now=_shown(place),
        used=_explained(used),
        mistakes=bool(form.errors),
        coming=[(wareki(dated.valid_from), texts_of(dated.value)) for dated in place.coming],
    )
    return TemplateResponse(request, "kenpo/wording_change.html", context)


def _seen(place: Place, form: WordingForm, on: date) -> HttpResponse:
    """The letter on paper, after the same checks as before it is kept."""
    day, value = form.cleaned_data["valid_from"], form.value()
    changes.check_day(day, on)
    changes.check(place.letter, place.key, value, day)
    return printed(place.letter, place.key, value, day)


def printed(letter: str, key: str, value: Any, day: date) -> HttpResponse:
    """The letter with invented people as a PDF; nothing of it is kept."""
    with scratch.folder() as folder:
        path = folder / "sample.pdf"
        changes.preview(letter, key, value, day, path)
        made = path.read_bytes()
    headers = {"Content-Disposition": 'inline; filename="sample.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "content_title": title}


class PaperStep(Step):
    """A drafted text on paper."""

    def respond(self, request: HttpRequest, page: Any, document: LetterWording) -> HttpResponse:
        try:
            return printed(document.letter, document.key, changes.value_of(document), document.valid_from)
        except Refused as refused:
            return step_page(request, page, document, self, refusals=refused.reasons)


def panel(request: HttpRequest, row: LetterWording) -> str:
    """What the place says until then, beside what it shall say."""
    # Of the day before, so that an approved change still shows what it changed.
    with changes.office_words():
        before = Wording(row.letter, row.valid_from - timedelta(days=1)).raw(row.key)
    pairs = [
        (old.label, _lines(old), _lines(new), old.value != new.value)
        for old, new in zip(leaves(before), leaves(changes.value_of(row)), strict=False)
    ]
    return render_to_string("kenpo/wording_draft.html", {"pairs": pairs, "since": wareki(row.valid_from)})


def _approve(row: LetterWording, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    changes.approve(row, by=by, on=on)
    return Done(f"承認しました。{wareki(row.valid_from)}から、この文面で印刷します。", row)


def _drop(row: LetterWording, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    changes.drop(row, by=by, on=on)
    return Done("変更案を取り下げました。文面は変わりません。", row)


@admin.register(LetterWording)
class LetterWordingAdmin(ReadOnlyAdmin):
    """Every change of a letter's words, whatever became of it."""

    list_display = ("title", "valid_from", "drafted_by", "drafted_on", "approved_by", "status")
    list_filter = ("status", "valid_from")
    related = ("drafted_by", "approved_by")
    ordering = ("-pk",)
    badges = {"status": {"drafted": "warning", "approved": "success"}}
    fieldsets = ((None, {"fields": (("valid_from", "status"), ("drafted_by", "drafted_on"), "approved_by")}),)
    panels = (panel,)
    steps = (
        PaperStep(name="paper", label="試し刷りを見る"),
        lifecycle_deed(
            LETTER_WORDING,
            "approve",
            _approve,
            blocked=lambda row, clerk: changes.NEEDS_ANOTHER if row.drafted_by_id == clerk.pk else "",
            effects=lambda row, clerk: (
                f"{wareki(row.valid_from)}から印刷する文書に、この文面を使います。",
                "印刷した文書の文面は変わりません。",
                "先に「試し刷りを見る」で確かめてください。",
            ),
        ),
        lifecycle_deed(
            LETTER_WORDING, "drop", _drop, effects=lambda row, clerk: ("文面は変わりません。変更案の記録は残ります。",)
        ),
    )
    empty_hint = "変更案はまだありません。「文面」の画面の「変える」で作ると、ここに出ます。"

    def heading(self, document: LetterWording) -> str:
        return heading(document)

    def title(self, row: LetterWording) -> str:
        return heading(row)

    title.short_description = "文面"  # type: ignore[attr-defined]
