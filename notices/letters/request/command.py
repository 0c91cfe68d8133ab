"""``manage.py letters requests``: every duty that was not asked for yet."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.models import Recovery
from core.models import Clerk
from core.naming import names_of
from notices.letters import service
from notices.letters.registry import Subcommand
from notices.letters.request.printing import print_requests


@dataclass(frozen=True, slots=True)
class RequestsCommand(Subcommand):
    """All that are due; nobody is named."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Nothing more is told."""

    def run(self, options: Mapping[str, Any], say: Callable[[str], object], *, by: Clerk, on: date) -> dict[str, Any]:
        done = print_requests(on, by=by)
        names = names_of((Recovery._meta.label, held.id) for held in done.held)
        for held in done.held:
            say(f"お願いできません {names[Recovery._meta.label, held.id]}: {held.reason}")
        files = [service.shown(path) for path in done.files]
        return {"requests": done.count, "files": files, "held": len(done.held)}
