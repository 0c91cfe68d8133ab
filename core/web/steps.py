"""What a clerk may do with a document, or read about it: buttons on its page, each leading to a page of its own.

A button that does not work now is greyed and says why. Every deed has a page that says what it does before it is done,
asks what it must ask, and shows the rules' refusal in their own words. Services do the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core import clock
from core.errors import BadInput, Refused
from core.lifecycle import Lifecycle
from core.models import Clerk
from core.web.forms import OfficeForm, ReasonForm, put_mistakes
from core.web.html import page_url

TEMPLATE = "admin/step.html"
NOT_NOW, NOT_YOURS = 409, 403


@dataclass(frozen=True, kw_only=True)
class Step:
    """A button: ``name`` in the address, ``label`` on it, the capability it needs (none: whoever may look).

    ``blocked`` says why it does not work now, empty when it does.
    """

    name: str
    label: str
    permission: str = ""
    blocked: Callable[[Any, Clerk], str] = lambda document, clerk: ""

    def not_yours(self, clerk: Clerk) -> str:
        """Why the clerk's role may not, empty when it may."""
        if not self.permission or clerk.can(self.permission):
            return ""
        return f"「{self.label}」は{clerk.get_role_display()}の権限ではできません。"

    def why_not(self, document: Any, clerk: Clerk) -> str:
        return self.not_yours(clerk) or self.blocked(document, clerk)

    def url(self, document: models.Model) -> str:
        meta = document._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{self.name}", args=[document.pk])

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        """The step's own page; called only while nothing speaks against it."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Done:
    """What is said after a deed, without personal data, and the document to go on to."""

    said: str
    there: models.Model


@dataclass(frozen=True, kw_only=True)
class Deed(Step):
    """A step that changes something: its page says the ``effects`` first, asks by ``form``, then ``act``s.

    ``quoted`` is a text to be read before deciding, such as a letter's. ``button``: what the last button says.
    """

    act: Callable[[Any, Mapping[str, Any], Clerk, date], Done]
    effects: Callable[[Any, Clerk], Iterable[str]] = lambda document, clerk: ()
    quoted: Callable[[Any], str] = lambda document: ""
    form: type[OfficeForm] = OfficeForm
    button: str = ""

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        clerk, on = cast(Clerk, request.user), clock.today()
        form = self.form(request.POST if request.method == "POST" else None, document=document, on=on)
        refusals: Sequence[str] = ()
        if request.method == "POST" and form.is_valid():
            try:
                done = self.act(document, form.cleaned_data, clerk, on)
            except BadInput as bad:
                put_mistakes(form, bad)
            except Refused as refused:
                refusals = refused.reasons
            else:
                messages.success(request, done.said)
                return HttpResponseRedirect(page_url(done.there))
        return step_page(
            request,
            page,
            document,
            self,
            form=form,
            refusals=refusals,
            effects=list(self.effects(document, clerk)),
            quoted=self.quoted(document),
            button=self.button or self.label,
        )


@dataclass(frozen=True, slots=True)
class Stand:
    """A step as it stands for one clerk on one document: its address, or why it does not work now."""

    step: Step
    url: str
    why_not: str


def stands(steps: Iterable[Step], document: models.Model, clerk: Clerk) -> list[Stand]:
    """Every step of a page, in order; what the rules refuse to look at says so."""
    return [Stand(step, step.url(document), _why_not(step, document, clerk)) for step in steps]


def _why_not(step: Step, document: models.Model, clerk: Clerk) -> str:
    try:
        return step.why_not(document, clerk)
    except Refused as refused:
        return str(refused)


def answer(request: HttpRequest, page: Any, document: models.Model, step: Step) -> HttpResponse:
    """The step's page, or a page that says why it does not work now."""
    clerk = cast(Clerk, request.user)
    if why := _why_not(step, document, clerk):
        status = NOT_YOURS if step.not_yours(clerk) else NOT_NOW
        return step_page(request, page, document, step, refusals=[why], status=status)
    return step.respond(request, page, document)


def step_page(
    request: HttpRequest,
    page: Any,
    document: models.Model,
    step: Step,
    *,
    template: str = TEMPLATE,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    """A page about one step of one document."""
    heading = page.heading(document)
    shown = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "step": step,
        "document": document,
        "title": step.label,
        "subtitle": heading,
        "page_heading": f"{heading}　{step.label}",
        "about": heading,
        "back": page_url(document),
        **context,
    }
    return TemplateResponse(request, template, shown, status=status)


def lifecycle_deed(
    lifecycle: Lifecycle,
    verb: str,
    act: Callable[[Any, Mapping[str, Any], Clerk, date], Done],
    *,
    blocked: Callable[[Any, Clerk], str] | None = None,
    form: type[OfficeForm] | None = None,
    **further: Any,
) -> Deed:
    """The deed behind one transition: its label, its capability, whether the status allows it, its reason asked."""
    transition = lifecycle.by_verb[verb]

    def why_not(document: Any, clerk: Clerk) -> str:
        if document.status not in transition.sources:
            return lifecycle.why_not(document.status, verb)
        return blocked(document, clerk) if blocked else ""

    asked = form or (ReasonForm if "reason" in transition.asks else OfficeForm)
    return Deed(
        name=verb.replace("_", "-"),
        label=transition.label,
        permission=transition.permission,
        blocked=why_not,
        act=act,
        form=asked,
        **further,
    )
