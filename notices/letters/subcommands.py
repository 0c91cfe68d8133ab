"""What stands behind ``manage.py letters`` for letters about one document at a time."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from certificates.decisions.services import find_members
from certificates.models import Application
from core.commands import number
from core.errors import BadInput
from core.models import Clerk
from members.models import Member
from notices.letters import service
from notices.letters.registry import Subcommand


@dataclass(frozen=True, slots=True)
class AboutApplications(Subcommand):
    """A letter about each application that is named; its word is the letter's code."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", metavar="ID", type=number, nargs="+", help="申請の番号")

    def run(self, options: Mapping[str, Any], say: Callable[[str], object], *, by: Clerk, on: date) -> dict[str, Any]:
        ids = options["ids"]
        applications = Application.objects.select_related("member").in_bulk(ids)
        if unknown := [str(pk) for pk in ids if pk not in applications]:
            raise BadInput(f"申請 {'・'.join(unknown)} はありません。番号を確認してください。")
        paths = [service.print_letter(self.word, applications[pk], by=by, on=on) for pk in ids]
        return {"files": [service.shown(path) for path in paths]}


@dataclass(frozen=True, slots=True)
class AboutMember(Subcommand):
    """A letter about one member; its word is the letter's code."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbol", metavar="SYMBOL", help="記号")
        parser.add_argument("number", metavar="NUMBER", help="番号")
        parser.add_argument("branch", metavar="BRANCH", nargs="?", help="枝番")
        parser.add_argument("--insurer", metavar="N", help="保険者番号")

    def code(self, options: Mapping[str, Any]) -> str:
        """The letter that is wanted."""
        return self.word

    def run(self, options: Mapping[str, Any], say: Callable[[str], object], *, by: Clerk, on: date) -> dict[str, Any]:
        path = service.print_letter(self.code(options), _member(options, on), by=by, on=on)
        return {"files": [service.shown(path)]}


def _member(options: Mapping[str, Any], on: date) -> Member:
    """The cover under the number: the one that lasts on the day, else the newest; the insured person's without a 枝番."""
    found = find_members(options["symbol"], options["number"], options["branch"], insurer_number=options["insurer"])
    if options["branch"] is None:
        found = [member for member in found if member.kind == Member.Kind.INSURED] or found
    covered = [m for m in found if m.acquired_on <= on and (m.lost_on is None or m.lost_on > on)]
    return (covered or found)[-1]
