"""``manage.py letters unregistered``: the employers that are named, or all of them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.errors import BadInput
from core.models import Clerk
from core.naming import names_of
from members.models import Establishment
from notices.letters import service
from notices.letters.registry import Subcommand
from notices.letters.unregistered.printing import print_unregistered


@dataclass(frozen=True, slots=True)
class UnregisteredCommand(Subcommand):
    """A letter to each employer that has members without a number."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("codes", metavar="CODE", nargs="*", help="事業所コード（省略すると全事業所）")

    def run(self, options: Mapping[str, Any], say: Callable[[str], object], *, by: Clerk, on: date) -> dict[str, Any]:
        found, codes = Establishment.objects.select_related("insurer__main").order_by("code"), options["codes"]
        if codes:
            found = found.filter(code__in=codes)
            if unknown := set(codes) - set(found.values_list("code", flat=True)):
                raise BadInput(f"事業所コード {'・'.join(sorted(unknown))} はありません。")
        paths, held = print_unregistered(list(found), by=by, on=on)
        names = names_of((Establishment._meta.label, one.id) for one in held)
        for one in held:
            said = names[Establishment._meta.label, one.id]
            say(f"印刷できません 事業所 {said}: {one.reason}")
        return {"files": [service.shown(path) for path in paths], "held": len(held)}
