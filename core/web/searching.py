"""What a clerk types into a list's box: posted and kept in the session, so that no address and no log holds a name.

The list's address carries only the key under which the session keeps the words; whoever else opens that address is told
to search again.
"""

from __future__ import annotations

import secrets

from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR
from django.http import HttpRequest
from unfold.views import ChangeList

FIELD = "words"
KEPT, LONGEST = 20, 100
_SESSION = "searches"


def remember(request: HttpRequest) -> str:
    """Keeps the posted words; answers the list's address for them, narrowed as before."""
    words, conditions = request.POST.get(FIELD, "").strip()[:LONGEST], request.GET.copy()
    for gone in (PAGE_VAR, SEARCH_VAR):
        conditions.pop(gone, None)
    if words:
        key = secrets.token_hex(4)
        request.session[_SESSION] = [[key, words], *request.session.get(_SESSION, [])][:KEPT]
        conditions[SEARCH_VAR] = key
    return f"{request.path}?{conditions.urlencode()}" if conditions else request.path


def remembered(request: HttpRequest, key: str) -> str:
    """The words under the key; empty when this session has none."""
    return dict(request.session.get(_SESSION, [])).get(key, "")


class OfficeList(ChangeList):
    """A list that shows the words it was narrowed by; ``forgotten`` when its address names none of this session."""

    def __init__(self, request: HttpRequest, *args: object, **options: object) -> None:
        super().__init__(request, *args, **options)
        asked = request.GET.get(SEARCH_VAR, "")
        self.query = remembered(request, asked)
        self.forgotten = bool(asked and not self.query)
        self.search_action = self.get_query_string(remove=[SEARCH_VAR]) or "?"
