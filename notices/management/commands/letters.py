"""manage.py letters …: one letter or one prefilled form at a time."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from certificates.decisions.services import find_members
from certificates.models import Application, Recovery
from core.commands import KenpoCommand, clerk_named, number
from core.errors import BadInput
from core.models import Clerk
from core.naming import names_of
from members.models import Establishment, Member
from notices.letters import service
from notices.letters.forms import FORMS
from notices.letters.requests import print_requests


class Command(KenpoCommand):
    help = "通知や用紙を PDF で印刷します（不交付の通知、不備返戻、返納のお願い、個人番号の督促、資格証明書、記入済みの用紙）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = parser.add_subparsers(dest="letter", required=True, metavar="LETTER")
        for name, words in (("refusal", "不交付の通知"), ("incomplete", "不備返戻の案内")):
            one = self._kind(kinds, name, words)
            one.add_argument("ids", metavar="ID", type=number, nargs="+", help="申請の番号")
        employers = self._kind(kinds, "unregistered", "個人番号の未提出者の督促（事業所あて）")
        employers.add_argument("codes", metavar="CODE", nargs="*", help="事業所コード（省略すると全事業所）")
        self._kind(kinds, "requests", "返納のお願い（まだお願いしていない回収の全部）")
        _add_member(self._kind(kinds, "interim", "資格確認書が届くまでの資格証明書"))
        form = self._kind(kinds, "form", "記入済みの用紙")
        form.add_argument("form", metavar="FORM", choices=list(FORMS), help="、".join(FORMS))
        _add_member(form)

    def _kind(self, kinds: Any, name: str, words: str) -> ArgumentParser:
        one: ArgumentParser = kinds.add_parser(name, help=words)
        one.add_argument("--by", required=True, metavar="CLERK", help="印刷する担当者")
        one.add_argument("--on", metavar="YYYY-MM-DD", help="日付（省略すると今日）")
        return one

    def run(self, **options: Any) -> dict[str, Any]:
        by, on = clerk_named(options["by"]), self.on(options["on"])
        if options["letter"] == "unregistered":
            return self._unregistered(options["codes"], by, on)
        if options["letter"] == "requests":
            return self._requests(by, on)
        if options["letter"] == "form":
            paths = [service.print_form(options["form"], _member(options, on), by=by, on=on)]
        elif options["letter"] == "interim":
            paths = [service.print_interim(_member(options, on), by=by, on=on)]
        else:
            paths = _about_applications(options["letter"], options["ids"], by, on)
        return {"files": [service.shown(path) for path in paths]}

    def _requests(self, by: Clerk, on: date) -> dict[str, Any]:
        done = print_requests(on, by=by)
        names = names_of((Recovery._meta.label, held.id) for held in done.held)
        for held in done.held:
            self.stdout.write(f"お願いできません {names[Recovery._meta.label, held.id]}: {held.reason}")
        files = [service.shown(path) for path in done.files]
        return {"requests": done.count, "files": files, "held": len(done.held)}

    def _unregistered(self, codes: list[str], by: Clerk, on: date) -> dict[str, Any]:
        found = Establishment.objects.select_related("insurer__main").order_by("code")
        if codes:
            found = found.filter(code__in=codes)
            if unknown := set(codes) - set(found.values_list("code", flat=True)):
                raise BadInput(f"事業所コード {'・'.join(sorted(unknown))} はありません。")
        paths, held = service.print_unregistered(list(found), by=by, on=on)
        names = names_of((Establishment._meta.label, one.id) for one in held)
        for one in held:
            said = names[Establishment._meta.label, one.id]
            self.stdout.write(f"印刷できません 事業所 {said}: {one.reason}")
        return {"files": [service.shown(path) for path in paths], "held": len(held)}


def _add_member(parser: ArgumentParser) -> None:
    parser.add_argument("symbol", metavar="SYMBOL", help="記号")
    parser.add_argument("number", metavar="NUMBER", help="番号")
    parser.add_argument("branch", metavar="BRANCH", nargs="?", help="枝番")
    parser.add_argument("--insurer", metavar="N", help="保険者番号")


def _about_applications(letter: str, ids: list[int], by: Clerk, on: date) -> list[Path]:
    applications = Application.objects.select_related("member").in_bulk(ids)
    if unknown := [str(pk) for pk in ids if pk not in applications]:
        raise BadInput(f"申請 {'・'.join(unknown)} はありません。番号を確認してください。")
    make = service.print_refusal if letter == "refusal" else service.print_incomplete
    return [make(applications[pk], by=by, on=on) for pk in ids]


def _member(options: dict[str, Any], on: date) -> Member:
    """The cover under the number: the one that lasts on the day, else the newest; the insured person's without a 枝番."""
    found = find_members(options["symbol"], options["number"], options["branch"], insurer_number=options["insurer"])
    if options["branch"] is None:
        found = [member for member in found if member.kind == Member.Kind.INSURED] or found
    covered = [m for m in found if m.acquired_on <= on and (m.lost_on is None or m.lost_on > on)]
    return (covered or found)[-1]
