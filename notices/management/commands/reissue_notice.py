"""manage.py reissue_notice SYMBOL NUMBER [BRANCH] --by CLERK [--on D]: one more 資格情報のお知らせ, on request."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from certificates.decisions.services import find_members
from core.commands import KenpoCommand, clerk_named
from core.errors import BadInput
from members.models import Member
from notices.services import reissue


class Command(KenpoCommand):
    help = "申出のあった方の資格情報のお知らせを、もう一度作成します。発送前のものがあれば、それを答えます。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("symbol", metavar="SYMBOL", help="記号")
        parser.add_argument("number", metavar="NUMBER", help="番号")
        parser.add_argument("branch", metavar="BRANCH", nargs="?", default=None, help="枝番（省略可）")
        parser.add_argument("--insurer", metavar="NUMBER", help="保険者番号（二つある組合で指定）")
        parser.add_argument("--by", required=True, metavar="CLERK", help="作成する担当者")
        parser.add_argument("--on", metavar="YYYY-MM-DD", help="作成日（省略すると今日）")

    def run(self, **options: Any) -> dict[str, Any]:
        clerk, on = clerk_named(options["by"]), self.on(options["on"])
        notice = reissue(_member(options), by=clerk, on=on)
        return {"notice": notice.pk, "serial": notice.serial, "status": notice.status}


def _member(options: dict[str, Any]) -> Member:
    """The newest cover of that number.

    Raises:
        BadInput: there is none, or the number is several people's.
    """
    found = find_members(options["symbol"], options["number"], options["branch"], insurer_number=options["insurer"])
    if len({(member.insurer_id, member.branch_key) for member in found}) > 1:
        raise BadInput("その記号・番号の方が複数います。枝番（または --insurer）も指定してください。")
    return max(found, key=lambda member: (member.acquired_on, member.pk))
