"""Pages for a scanner: one field that keeps the focus, Enter records, the last ones and what was wrong stand below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminTextInputWidget

from core import clock
from core.errors import BadInput, Refused
from core.models import Clerk
from core.web.forms import OfficeForm

KEPT = 30


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was read, what the clerk is told, and whether it was taken. ``odd``: taken, but to be looked at."""

    code: str
    said: str
    taken: bool
    odd: bool = False


class _Emptied(UnfoldAdminTextInputWidget):
    """Never filled again: the next scan would be added to the last."""

    def format_value(self, value: Any) -> None:
        return None


def scan_field(label: str, help_text: str = "") -> forms.CharField:
    """The field a scanner types into."""
    widget = _Emptied(attrs={"autocomplete": "off", "autofocus": True, "inputmode": "none"})
    return forms.CharField(label=label, help_text=help_text, required=True, max_length=60, widget=widget)


def scan_page(
    request: HttpRequest,
    page: Any,
    *,
    title: str,
    form_class: type[OfficeForm],
    act: Callable[[dict[str, Any], Clerk], Scanned],
    remembered: tuple[str, ...] = (),
    **context: Any,
) -> HttpResponse:
    """The page, and what one Enter on it does. ``remembered``: fields that keep their value from scan to scan."""
    clerk, on, key = cast(Clerk, request.user), clock.today(), f"scans {request.path}"
    last: list[dict[str, Any]] = request.session.get(key, [])
    form = form_class(request.POST or None, document=None, on=on)
    told: Scanned | None = None
    if request.method == "POST" and form.is_valid():
        told = _acted(act, form.cleaned_data, clerk)
        last = [asdict(told), *last][:KEPT]
        request.session[key] = last
        kept = {name: form.cleaned_data[name] for name in remembered}
        form = form_class(None, document=None, on=on, initial=kept)
    if request.headers.get("X-Scan"):  # sent by the page, which stays as it is and shows the answer
        return TemplateResponse(request, "admin/scan_answer.html", {"told": told, "last": last})
    shown = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "content_title": title,
        "form": form,
        "told": told,
        "last": last,
        **context,
    }
    return TemplateResponse(request, "admin/scan.html", shown)


def _acted(act: Callable[[dict[str, Any], Clerk], Scanned], data: dict[str, Any], clerk: Clerk) -> Scanned:
    try:
        return act(data, clerk)
    except BadInput as bad:
        return Scanned(data["code"], " ".join(mistake.expected for mistake in bad.mistakes), False)
    except Refused as refused:
        return Scanned(data["code"], " ".join(refused.reasons), False)
