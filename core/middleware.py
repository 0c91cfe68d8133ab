"""What stands between a request and every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from core.characters import CONTROL_CLASS

# Tab and line ends are what a person types into a larger box; half a surrogate pair is no character at all.
_UNREADABLE = re.compile(rf"(?![\t\n\r])[{CONTROL_CLASS}\ud800-\udfff]")


class ReadableText:
    """Answers 400 in Japanese where an address or a form holds a control character or half a character.

    No page asks for one, PostgreSQL stores no NUL, and to drop it silently would change what was typed. Files are left to
    their readers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if _UNREADABLE.search(request.path_info) or not (_is_readable(request.GET) and _is_readable(request.POST)):
            return TemplateResponse(request, "400.html", {"unreadable": True}, status=400)
        return None


def _is_readable(told: QueryDict) -> bool:
    return not any(_UNREADABLE.search(text) for name, texts in told.lists() for text in (name, *map(str, texts)))
