"""The URL that compose and load balancers ask: is the office open, and is its database?"""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

PATH = "/healthz"


class HealthFirst:
    """Answers the probe before any other middleware looks at it.

    A probe asks by address and without TLS: what refuses unknown hosts, or sends to https, would refuse it, and stays as
    strict as it is for every page. The answer holds nothing but whether the database answers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return healthz() if request.path_info == PATH else self.get_response(request)


def healthz() -> JsonResponse:
    """200 while the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    return JsonResponse({"database": True})
