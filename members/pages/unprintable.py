"""Names that cannot be printed, at the desk: the queue of them, and the page on which a printed form is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from core import clock, surveys
from core.characters import code_points
from core.errors import BadInput
from core.models import Clerk
from core.paper.fonts import MissingGlyph, missing
from core.paper.variants import Candidate, candidates
from core.roles import EDIT
from core.web import OfficeForm, Step, page_url
from core.web.forms import put_mistakes
from core.web.kept import kept
from core.web.steps import step_page
from members import printed_forms
from members.models import Member, Person, PrintedForm
from members.printed_forms import NAME_ROLE
from members.printed_texts import Place
from members.unprintable import Unprintable, unprintable

QUEUE, FORM, CONFIRM = (
    "admin/members/unprintable.html",
    "admin/members/printed_form.html",
    "admin/members/printed_form_confirm.html",
)
QUEUE_TITLE = "印刷できない氏名"
PER_PAGE = 100
SHOWN_CANDIDATES = 6


class NameForm(OfficeForm):
    """The form to print, character by character as in the register, and why."""

    form = forms.CharField(
        label="印字する字",
        max_length=200,
        strip=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "class": "text-lg"}),
        help_text="登録と同じ字数で入れてください。登録と同じ字に戻すと、記録した字形の使用をやめます。",
    )
    reason = forms.CharField(
        label="理由",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="例：登録の字が印刷用の書体にないため、本人の申出による。",
    )


class Lacking(NamedTuple):
    """A character that cannot be printed, with what could be printed instead."""

    glyph: MissingGlyph
    candidates: Sequence[Candidate]
    more: int = 0


class Exchange(NamedTuple):
    """One character as registered and as printed, each with its code points."""

    old: str
    old_code: str
    new: str
    new_code: str


@dataclass(frozen=True, kw_only=True)
class PrintedFormStep(Step):
    """Asks for the form, shows what is exchanged, and records it."""

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        person, on, stage = cast(Person, document), clock.today(), request.POST.get("stage", "")
        field = _field(request, person)
        now = printed_forms.printed(person, field)
        form = NameForm(
            request.POST if stage else None, document=person, on=on, initial={"form": printed_forms.suggestion(now)}
        )
        if stage in ("check", "save") and form.is_valid():
            told = form.cleaned_data
            try:
                if stage == "save":
                    return self._save(request, person, field, told)
                printed_forms.check(person, field, told["form"])
            except BadInput as bad:
                put_mistakes(form, bad)
            else:
                return step_page(
                    request, page, person, self, template=CONFIRM, form=form, now=now, **_effect(person, field, told)
                )
        return step_page(
            request,
            page,
            person,
            self,
            template=FORM,
            form=form,
            field=field,
            now=now,
            registered=getattr(person, field),
            lacking=[_lacking(glyph) for glyph in missing(now, NAME_ROLE)],
            fields=PrintedForm.Field.choices if person.printed_name else (),
        )

    def _save(self, request: HttpRequest, person: Person, field: str, told: dict[str, str]) -> HttpResponse:
        printed_forms.record_form(
            person, field, told["form"], told["reason"], by=cast(Clerk, request.user), on=clock.today()
        )
        messages.success(request, "印字する字形を記録しました。次の印刷から使います。")
        return HttpResponseRedirect(page_url(person))


def _field(request: HttpRequest, person: Person) -> str:
    """Which of the two names is meant; the one that stands on paper unless the address says otherwise."""
    usual = PrintedForm.Field.PRINTED_NAME if person.printed_name else PrintedForm.Field.NAME
    wanted = request.GET.get("field", usual)
    return wanted if wanted in PrintedForm.Field.values and getattr(person, wanted) else usual


def _lacking(glyph: MissingGlyph, most: int | None = None) -> Lacking:
    found = candidates(glyph.character, NAME_ROLE)
    return Lacking(glyph, found[:most], len(found) - len(found[:most]))


def _effect(person: Person, field: str, told: dict[str, str]) -> dict[str, Any]:
    """What the confirming page shows."""
    registered, form = getattr(person, field), told["form"]
    exchanges = [
        Exchange(old, code_points(old), new, code_points(new)) for old, new in printed_forms.exchanged(registered, form)
    ]
    label = PrintedForm.Field(field).label
    effects = [
        f"登録された{label}は変わりません。基金の情報との突合や、お手元の資格確認書の有効・無効にも影響しません。",
        "これから印刷する資格確認書・高齢受給者証・お知らせ・通知・一覧・宛名に、この字形で印字します。",
        "印刷してまだ発送していない書類は、引抜きの一覧に出ます。",
        f"{label}が変わったときは、この字形は使われなくなります。",
    ]
    if form == registered:
        effects = ["記録した字形の使用をやめ、登録のとおりに印字します。", effects[2]]
        if missing(form, NAME_ROLE):
            effects.append("登録の字には印刷できない字があるため、この方の書類は保留になります。")
    return {"told": told, "exchanges": exchanges, "effects": effects}


RECORD = PrintedFormStep(name="printed-form", label=printed_forms.LABEL, permission=EDIT)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queue: the cover, whose register holds the character, and what to do."""

    found: Unprintable
    member: Member
    person: Person
    lacking: Lacking
    next_step: str
    url: str


def queue(request: HttpRequest, page: Any) -> HttpResponse:
    """Who is covered and has a character that cannot be printed."""
    on = clock.today()
    survey = surveys.newest("unprintable", on)
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "title": QUEUE_TITLE,
        "content_title": QUEUE_TITLE,
        "kept": kept("unprintable", on, survey),
        "anyone": Member.objects.exists(),
    }
    if survey is not None:
        shown = Paginator(survey.lines.values_list("subject_id", flat=True), PER_PAGE).get_page(request.GET.get("p"))
        lines = _lines(on, list(shown))
        context |= {"page": shown, "lines": lines, "people": survey.counts["people"]}
    return TemplateResponse(request, QUEUE, context)


def _lines(on: date, covers: list[int]) -> list[Line]:
    """Looked at again, so that what was recorded since has gone."""
    found = list(unprintable(on, covers))
    members = Member.objects.select_related("person").in_bulk([one.member_id for one in found])
    people = Person.objects.in_bulk([one.person_id for one in found])
    return [_line(one, members[one.member_id], people[one.person_id]) for one in found]


def _line(one: Unprintable, member: Member, person: Person) -> Line:
    if one.place in (Place.NAME_KANA, Place.ADDRESS):
        said, url = f"届出で{one.place.label}を直す", page_url(member)
        lacking = Lacking(one.glyph, one.candidates[:SHOWN_CANDIDATES])
    else:
        field = (
            "printed_name"
            if one.place == Place.PRINTED_NAME or (one.place == Place.INSURED_NAME and person.printed_name)
            else "name"
        )
        said, url = "印字する字形を記録する", f"{RECORD.url(person)}?field={field}"
        lacking = _lacking(one.glyph, SHOWN_CANDIDATES)
    return Line(one, member, person, lacking, said, url)
