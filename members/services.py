"""What the office asks of people and settings, as of a day."""

from __future__ import annotations

from datetime import date

from core.calendar import wareki
from core.errors import Refused
from members.models import Insurer, Policy
from members.policy import Policy as PolicyValue


def society() -> Insurer:
    """The society of this installation.

    Raises:
        Refused: nothing has been loaded yet.
    """
    insurer = Insurer.objects.filter(main__isnull=True).order_by("id").first()
    if insurer is None:
        raise Refused("保険者がまだ登録されていません。台帳の一式を取り込んでから行ってください。")
    return insurer


def municipal() -> bool:
    """Whether this installation is a municipal scheme; a scheme never changes. False while nothing is loaded."""
    row = Policy.objects.filter(insurer__main__isnull=True).order_by("valid_from").first()
    return row is not None and row.value.municipal


def policy_on(insurer: Insurer, day: date) -> PolicyValue:
    """The settings in force on ``day``: the newest row that is not after it.

    Raises:
        Refused: there is none yet.
    """
    row = Policy.objects.filter(insurer=insurer.society, valid_from__lte=day).order_by("-valid_from").first()
    if row is None:
        raise Refused(f"{wareki(day)}に適用する運用設定がありません。policy.toml の valid_from を確認してください。")
    return row.value
