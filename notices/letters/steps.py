"""A letter printed from the page of the document that it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.http import FileResponse, HttpRequest, HttpResponse

from core import clock
from core.errors import Refused
from core.models import Clerk
from core.web import OfficeForm, Step
from core.web.steps import step_page
from notices.letters import service


@dataclass(frozen=True, kw_only=True)
class LetterStep(Step):
    """Prints the letter of that code; the answer is the file itself, to be put on paper at once.

    ``effects`` says before what is printed, of a document on a day.
    """

    letter: str
    effects: Callable[[Any, date], Sequence[str]]

    def respond(self, request: HttpRequest, page: Any, document: Any) -> HttpResponse:
        clerk, on = cast(Clerk, request.user), clock.today()
        refusals: Sequence[str] = ()
        if request.method == "POST":
            try:
                path = service.print_letter(self.letter, document, by=clerk, on=on)
            except Refused as refused:
                refusals = refused.reasons
            else:
                return FileResponse(path.open("rb"), content_type="application/pdf", filename=path.name)
        return step_page(
            request,
            page,
            document,
            self,
            form=OfficeForm(document=document, on=on),
            refusals=refusals,
            effects=self.effects(document, on),
            button="印刷する",
        )
