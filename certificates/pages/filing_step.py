"""Taking in a filing: choose the kind, fill in the form, see what it changes and which papers it touches, save.

Between the form and saving the values travel sealed, so that no page's source shows a 個人番号, and bound to the clerk
and the document, so that they cannot be saved for another.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe

from certificates.models import Filing
from certificates.pages.filing_form import FilingForm, form_of, initial_of
from certificates.requests import filings
from certificates.requests.filings import Kind, NotYet
from certificates.requests.filings.table import About, offered
from certificates.rules.filing_days import said
from core import clock, crypto
from core.calendar import wareki
from core.errors import Fault, Refused
from core.models import Clerk, Event
from core.transitions import lock_chain
from core.web import Step, day_html, page_url
from core.web.steps import step_page
from members.models import Member
from members.services import municipal

FORM, CONFIRM = "admin/certificates/filing.html", "admin/certificates/filing_confirm.html"
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
CHANGED = (
    "確かめている間に、登録の内容が変わりました{who}。まだ保存していません。もう一度、下の内容を確かめてください。"
)
STALE = "入力した内容を読み取れませんでした。お手数ですが、はじめから入力してください。"


@dataclass(frozen=True, kw_only=True)
class FilingStep(Step):
    """The step of one kind of document: a member, an employer, the society."""

    about: About

    def offered(self) -> tuple[tuple[str, tuple[Kind, ...]], ...]:
        """The kinds there are in this scheme; a municipal one has no employers, and people join under the 保険者."""
        return offered(self.about, municipal=municipal())

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        on, clerk = clock.today(), cast(Clerk, request.user)
        kind = self._kind(request)
        if kind is None:
            return step_page(request, page, document, self, template=FORM, groups=self.offered())
        stage = request.POST.get("stage", "")
        posted: QueryDict | None = request.POST if stage else None
        seen = None
        if stage in ("save", "back"):
            seen = _opened(request.POST.get("sealed", ""), clerk, document, kind)
            posted = seen.told if seen else None
        form = form_of(kind)(posted, document=document, on=on, initial=initial_of(document, on))
        refusals: tuple[str, ...] = (STALE,) if stage and posted is None else ()
        if stage in ("check", "save") and form.is_valid():
            try:
                if seen is None:
                    told = filings.preview(form.told(), on=on, by=clerk)
                else:
                    saved = _save(request, form, clerk, on, seen)
                    if isinstance(saved, HttpResponse):
                        return saved
                    told = saved
            except Refused as refused:
                refusals = refused.reasons
            else:
                if not told.refusals:
                    meanwhile = _meanwhile(document, seen) if seen else ""
                    return self._confirm(request, page, document, form, told, meanwhile)
                refusals = tuple(_days(reason) for reason in told.refusals)
        return step_page(request, page, document, self, template=FORM, form=form, kind=kind, refusals=refusals)

    def _kind(self, request: HttpRequest) -> Kind | None:
        wanted = request.GET.get("kind", "")
        return next((kind for _, kinds in self.offered() for kind in kinds if kind == wanted), None)

    def _confirm(
        self,
        request: HttpRequest,
        page: Any,
        document: Any,
        form: FilingForm,
        told: filings.Preview,
        meanwhile: str = "",
    ) -> HttpResponse:
        return step_page(
            request,
            page,
            document,
            self,
            template=CONFIRM,
            kind=form.kind,
            days=said(told.days),
            said=[(label, day_html(value) if isinstance(value, date) else value) for label, value in form.said()],
            changes=[(c.who, c.label, _days(c.before), _days(c.after)) for c in told.changes],
            consequences=told.consequences,
            oddities=[_days(odd) for odd in told.oddities],
            waits_until=told.waits_until and day_html(told.waits_until),
            sealed=_sealed(form.data, cast(Clerk, request.user), document, form.kind, told),
            meanwhile=meanwhile,
        )


def _days(text: str) -> str:
    """Days in the era calendar, where a sentence or value of the service names them as ISO."""
    said = _ISO.sub(lambda found: day_html(date(*map(int, found.groups()))), conditional_escape(text))
    return mark_safe(said)


def _bound(clerk: Clerk, document: Any, kind: Kind) -> list[Any]:
    return [clerk.pk, document._meta.label, document.pk, str(kind)]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the form said, the fingerprint of what was shown, and the log's end at that moment."""

    told: QueryDict
    seal: str
    seq: int


def _sealed(posted: QueryDict, clerk: Clerk, document: Any, kind: Kind, shown: filings.Preview) -> str:
    told = {name: value for name, value in posted.items() if name not in ("csrfmiddlewaretoken", "stage")}
    newest = Event.objects.order_by("-seq").values_list("seq", flat=True).first()
    kept = {"for": _bound(clerk, document, kind), "told": told, "seal": shown.seal, "seq": newest or 0}
    return crypto.encrypt(json.dumps(kept).encode()).decode("ascii")


def _opened(sealed: str, clerk: Clerk, document: Any, kind: Kind) -> _Seen | None:
    """What was confirmed, or ``None`` when it is not this clerk's for this document."""
    try:
        kept = json.loads(crypto.decrypt(sealed.encode()))
    except Fault:
        return None
    if kept["for"] != _bound(clerk, document, kind):
        return None
    told = QueryDict(mutable=True)
    told.update(kept["told"])
    return _Seen(told, kept["seal"], kept["seq"])


def _meanwhile(document: Any, seen: _Seen) -> str:
    """That the records changed after they were shown, and whose filing did it where one is known."""
    newer = Event.objects.filter(seq__gt=seen.seq, subject=Filing._meta.label, verb="apply")
    if isinstance(document, Member):
        own = Filing.objects.filter(member__person=document.person_id)
        own |= Filing.objects.filter(member__in=(document.insured_id, document.pk))
        newer = newer.filter(subject_id__in=own.values("pk"))
    event = newer.select_related("actor").order_by("-seq").first()
    if event is None:
        return CHANGED.format(who="")
    by = event.actor.username if event.actor else "自動処理"
    at = timezone.localtime(event.at)
    return CHANGED.format(who=f"（{wareki(at.date())}{at:%H時%M分}、{by}の届出）")


def _save(
    request: HttpRequest, form: FilingForm, clerk: Clerk, on: date, seen: _Seen
) -> HttpResponse | filings.Preview:
    """Received and applied together; one whose day is still to come stays received.

    Where it would no longer do what was shown, nothing is written and what it would do now is answered.
    """
    told = form.told()
    with transaction.atomic():
        lock_chain()  # whoever else files waits, so that what is compared is what is changed
        known = filings.known(told, on=on)
        if known is None:
            now = filings.preview(told, on=on, by=clerk)
            if now.refusals or now.seal != seen.seal:
                return now
        filing = filings.receive(
            told.kind, told.member, told.data, received_on=told.received_on, via=told.via, by=clerk, on=on
        )
        applied = filing.status == "applied"
        said = "届出を受け付け、反映しました。"
        try:
            filings.apply(filing, by=clerk, on=on)
        except NotYet as later:
            said = f"届出を受け付けました。{wareki(later.day)}になると、自動で反映されます。"
    messages.success(request, "同じ届出がすでに反映されています。" if applied else said)
    return HttpResponseRedirect(page_url(filing))
