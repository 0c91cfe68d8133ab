"""The page of an operation that broke off: in words where our own side knows why, such as a full disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from core import disk
from core.errors import Fault

NOT_NOW = 503


def failed(request: HttpRequest) -> HttpResponse:
    """Called while the failure is being handled, for every page."""
    reason = _in_words(sys.exc_info()[1])
    page = render_to_string("500.html", {"reason": reason})
    return HttpResponse(page, status=NOT_NOW if reason else 500)


def _in_words(error: BaseException | None) -> str:
    if isinstance(error, Fault):
        return str(error)
    if isinstance(error, OSError) and error.filename and disk.is_of_disk(error):
        return disk.refusal(error, Path(os.fsdecode(error.filename)).parent, "を読み書きできません")
    return ""
