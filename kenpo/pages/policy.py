"""運用設定: what is in force, what comes next and what was before; the form that drafts a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse

from core import clock
from core.background import begin
from core.errors import BadInput, Refused
from core.models import Clerk
from core.roles import EDIT
from core.text import whole_number
from core.web import attach_panel, day_html, link_to
from core.web.forms import put_mistakes
from core.web.html import page_url
from core.web.steps import NOT_YOURS
from kenpo.month.policy_effect import key_of, latest_decided_on
from kenpo.pages.policy_form import PolicyForm, help_of
from members import policy_changes
from members.models import Policy, PolicyDraft
from members.policy import KEYS, grouped
from members.services import society

TITLE, CHANGE = "運用設定", "設定を変える"
NOTHING = "運用設定がまだ登録されていません。管理者に、台帳と設定のファイルの取込みを頼んでください。"


@dataclass(frozen=True, slots=True)
class Past:
    """One row of settings with what it changed; ``state`` is now, next or past."""

    row: Policy
    link: str
    since: str
    state: str
    changes: list[tuple[str, str, str]]
    drafted_by: str
    approved_by: str


def policy_page(request: HttpRequest) -> HttpResponse:
    """The settings of today by group, the next change, every row with what it changed, drafts that wait."""
    on, clerk = clock.today(), cast(Clerk, request.user)
    context = _context(request, TITLE)
    context["may_change"] = clerk.can(EDIT)
    try:
        insurer = society()
        now = policy_changes.settings_on(on, insurer.pk)
    except Refused:
        return TemplateResponse(request, "kenpo/policy.html", {**context, "refusals": [NOTHING]})
    rows = list(Policy.objects.filter(insurer=insurer).order_by("valid_from"))
    drafts = PolicyDraft.objects.filter(base__insurer=insurer).select_related("drafted_by", "approved_by")
    approved = {draft.valid_from: draft for draft in drafts if draft.status == "approved"}
    history = [_past(row, before, now, approved) for before, row in zip([None, *rows], rows, strict=False)]
    context.update(
        now=now,
        since=day_html(now.valid_from) if now else "",
        groups=_groups(now) if now else [],
        coming=[past for past in history if past.state == "next"],
        history=history[::-1],
        waiting=[(link_to(draft), draft.drafted_by) for draft in drafts if draft.status == "drafted"],
        on=day_html(on),
    )
    return TemplateResponse(request, "kenpo/policy.html", context)


def _groups(row: Policy) -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [
        (title, [(KEYS[key].label, KEYS[key].word(row.values[key]), help_of(key)) for key in keys if key in row.values])
        for title, keys in grouped()
    ]


def _past(row: Policy, before: Policy | None, now: Policy | None, approved: dict[Any, PolicyDraft]) -> Past:
    draft = approved.get(row.valid_from)
    state = "now" if row == now else "next" if now is None or row.valid_from > now.valid_from else "past"
    return Past(
        row,
        link_to(row, "すべての値"),
        day_html(row.valid_from),
        state,
        policy_changes.changed(before.values, row.values) if before else [],
        str(draft.drafted_by) if draft else "",
        str(draft.approved_by) if draft else "",
    )


def change_page(request: HttpRequest) -> HttpResponse:
    """The form with every setting; what it drafts stands on a page of its own, with its effect."""
    clerk, on = cast(Clerk, request.user), clock.today()
    context = _context(request, CHANGE)
    try:
        base = _base(request)
    except Refused as refused:
        return TemplateResponse(request, "kenpo/policy_change.html", {**context, "refusals": refused.reasons})
    if not clerk.can(EDIT):
        why = f"「{CHANGE}」は{clerk.get_role_display()}の権限ではできません。"
        return TemplateResponse(request, "kenpo/policy_change.html", {**context, "refusals": [why]}, status=NOT_YOURS)
    form = PolicyForm(request.POST if request.method == "POST" else None, document=base, on=on)
    if request.method == "POST" and form.is_valid():
        try:
            made = policy_changes.draft(
                base,
                form.cleaned_data["valid_from"],
                form.values(),
                decided_on=latest_decided_on(base.insurer),
                by=clerk,
                on=on,
            )
        except BadInput as bad:
            put_mistakes(form, bad)
        except Refused as refused:
            context["refusals"] = refused.reasons
        else:
            begin(key_of(made), by=clerk, order={"draft": made.pk})
            messages.success(request, "変更案を作りました。別の担当者が承認するまで、設定は変わりません。")
            return HttpResponseRedirect(page_url(made))
    others = Policy.objects.filter(insurer=base.insurer_id, valid_from__gte=base.valid_from).exclude(pk=base.pk)
    context.update(
        form=form,
        since=day_html(base.valid_from),
        mistakes=bool(form.errors),
        others=[(row.pk, day_html(row.valid_from)) for row in others.order_by("valid_from")],
    )
    return TemplateResponse(request, "kenpo/policy_change.html", context)


def _base(request: HttpRequest) -> Policy:
    """The row asked for, else the one in force today."""
    try:
        insurer = society()
    except Refused:
        raise Refused(NOTHING) from None
    row = Policy.objects.filter(insurer=insurer, pk=whole_number(request.GET.get("base"))).first()
    row = row or policy_changes.settings_on(clock.today(), insurer.pk)
    if row is None:
        raise Refused(NOTHING)
    return row


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "content_title": title}


def changes_panel(request: HttpRequest, row: Policy) -> str:
    """What a row of settings changed, on its own page."""
    before = (
        Policy.objects.filter(insurer=row.insurer_id, valid_from__lt=row.valid_from).order_by("-valid_from").first()
    )
    changes = policy_changes.changed(before.values, row.values) if before else []
    return render_to_string("kenpo/policy_changes.html", {"changes": changes, "first": before is None})


attach_panel(Policy, changes_panel)
