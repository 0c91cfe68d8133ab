"""Registered texts that may be damaged, at the desk: the queue of them, and the step that says one is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import clock, surveys
from core.models import Clerk
from core.roles import EDIT
from core.web import Deed, Done, OfficeForm, page_url
from core.web.forms import several_field, text_field
from core.web.kept import kept
from members.damaged import LABEL, OF_COVER, OF_EMPLOYER, Damaged, confirm, damaged, damaged_employers, damaged_of
from members.models import Establishment, Member, Person

QUEUE = "admin/members/damaged.html"
QUEUE_TITLE = "文字化けかもしれない登録"
PER_PAGE = 100


class ConfirmForm(OfficeForm):
    """Which of the texts are right, and how that was made sure."""

    texts = several_field("登録のとおりで正しいもの", ())
    reason = text_field("何で確かめたか", help_text="例：届書の原本、ご本人への電話、住民票。")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["texts"].choices = [
            (one.key, f"{one.label}「{one.text}」（{'、'.join(one.signs)}）")
            for one in damaged_of(self.document, self.on)
        ]
        self.fields["texts"].error_messages["invalid_choice"] = (
            "確かめている間に内容が変わりました。いまの内容を見て選び直してください。"
        )


def _confirm(owner: Any, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    made = confirm(owner, told["texts"], told["reason"], by=by, on=on)
    return Done(f"{len(made)}件を、登録のとおりで正しいと記録しました。次の封入の計画から印刷できます。", owner)


def _nothing_waits(owner: Any, clerk: Clerk) -> str:
    return "" if damaged_of(owner, clock.today()) else "文字化けかもしれない登録はありません。"


CONFIRM = Deed(
    name="confirm-text",
    label="文字が登録のとおりで正しいと記録する",
    permission=EDIT,
    act=_confirm,
    form=ConfirmForm,
    button="記録する",
    blocked=_nothing_waits,
    effects=lambda owner, clerk: (
        "登録された文字は変わりません。操作記録に、だれがいつ何で確かめたかが残ります。",
        "保留になっている書類は、次に封入を計画したときに、この文字のまま印刷に回ります。",
        "登録の文字がこの後に変わり、また文字化けかもしれないときは、もう一度確かめていただきます。",
        "登録が違っているときは、これを行わずに、届出で直してください。",
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queue: what it was found at, whose register holds it, and the page that settles it."""

    found: Damaged
    at: Member | Establishment
    owner: Person | Establishment
    at_url: str
    owner_url: str
    url: str


def queue(request: HttpRequest, page: Any) -> HttpResponse:
    """Registered texts that may be damaged, of whoever is covered and of employers."""
    on = clock.today()
    survey = surveys.newest("damaged", on)
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "title": QUEUE_TITLE,
        "content_title": QUEUE_TITLE,
        "kept": kept("damaged", on, survey),
        "anyone": Member.objects.exists(),
        "label": LABEL,
    }
    if survey is not None:
        listed = survey.lines.values_list("group", "subject_id")
        shown = Paginator(listed, PER_PAGE).get_page(request.GET.get("p"))
        context |= {"page": shown, "lines": _lines(on, list(shown)), "places": survey.counts["places"]}
    return TemplateResponse(request, QUEUE, context)


def _lines(on: date, listed: list[tuple[str, int]]) -> list[Line]:
    """Looked at again, so that what was settled since has gone."""
    covers = [pk for group, pk in listed if group == OF_COVER]
    employers = [pk for group, pk in listed if group == OF_EMPLOYER]
    found = list(damaged(on, covers))
    members = Member.objects.select_related("person").in_bulk([one.member_id for one in found])
    lines = [_line(one, members[one.member_id], members[one.member_id].person) for one in found]
    of_employers = list(damaged_employers(employers))
    named = Establishment.objects.in_bulk([one.owner for one in of_employers])
    return [*lines, *(_line(one, named[one.owner], named[one.owner]) for one in of_employers)]


def _line(one: Damaged, at: Any, owner: Any) -> Line:
    return Line(one, at, owner, page_url(at), page_url(owner), CONFIRM.url(owner))
