from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from certificates.decisions.services import find_members
from certificates.models import Deregistration, EligibilityCertificate, Via
from certificates.requests import deregistration as deregistrations
from core.commands import KenpoCommand, clerk_named, day
from core.errors import BadInput, Refused
from core.models import Clerk
from members.models import Member


class Command(KenpoCommand):
    help = "利用登録解除の申請を受け付け、資格確認書を交付します。別の担当者がもう一度実行すると承認されます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbol", metavar="記号")
        parser.add_argument("number", metavar="番号")
        parser.add_argument("branch", metavar="枝番", nargs="?")
        parser.add_argument("--insurer", metavar="N", help="保険者番号")
        parser.add_argument("--by", metavar="CLERK", required=True, help="担当者")
        parser.add_argument("--on", metavar="D", help="日（なければ今日）")
        parser.add_argument("--received-on", metavar="D", help="申請を受け付けた日（なければ --on の日）")
        parser.add_argument("--via", choices=Via.values, default=Via.MAIL.value, help="受付方法")
        parser.add_argument("--withdraw", metavar="理由", help="申請の取下げを受ける")

    def run(self, **options: Any) -> dict[str, Any]:
        by, on = clerk_named(options["by"]), self.on(options["on"])
        member = _member(options)
        if options["withdraw"] is not None:
            return _withdraw(member, options["withdraw"], by, on)
        received_on = day(options["received_on"]) if options["received_on"] else on
        made = deregistrations.receive(member, received_on=received_on, via=options["via"], by=by, on=on)
        ruling = deregistrations.accept(made, by=by, on=on)
        papers = EligibilityCertificate.objects.filter(ruling=ruling) if ruling is not None else ()
        if not papers:
            self.stdout.write("お手元の資格確認書が解除のあとまで使えるため、新しい交付はありません。")
        return {
            "deregistration": made.pk,
            "status": made.status,
            "certificates": [{"id": paper.pk, "status": paper.status} for paper in papers],
        }


def _member(options: dict[str, Any]) -> Member:
    """The newest cover of the one person under the numbers."""
    found = find_members(options["symbol"], options["number"], options["branch"], insurer_number=options["insurer"])
    newest = max(found, key=lambda member: (member.acquired_on, member.pk))
    beside = {(member.insurer_id, member.branch_key) for member in found}
    if len(beside) > 1:
        raise BadInput("その記号・番号には複数の加入者がいます。枝番（または --insurer）で一人を指定してください。")
    return newest


def _withdraw(member: Member, reason: str, by: Clerk, on: date) -> dict[str, Any]:
    """Withdraws the open request; the same again answers the one withdrawn last."""
    request = deregistrations.open_of(member.person_id, on)
    if request is not None:
        deregistrations.withdraw(request, reason=reason, by=by, on=on)
    else:
        withdrawn = Deregistration.objects.filter(person_id=member.person_id, status="withdrawn")
        request = withdrawn.order_by("-pk").first()
    if request is None:
        raise Refused("取り下げる申請がありません。記号・番号と枝番を確認してください。")
    return {"deregistration": request.pk, "status": request.status, "certificates": []}
