"""Which month's file is awaited, and what is said to a file of another. Source: rules.md §11."""

from __future__ import annotations

from datetime import date

from certificates.models import Run
from core.calendar import month_end_after, wareki
from core.errors import Refused
from exchange.models import ExchangeFile
from exchange.rules.codes import Kind
from members.models import Insurer


def settled_through(insurer: Insurer) -> date | None:
    """The newest 基準日 that is applied for a number, or was decided without its file."""
    days = list(
        ExchangeFile.objects.filter(insurer=insurer, kind=Kind.MONTHLY, status="applied", as_of__isnull=False)
        .order_by("-as_of")
        .values_list("as_of", flat=True)[:1]
    )
    runs = Run.objects.filter(insurer=insurer.society).exclude(without_file_reason="")
    days += list(runs.exclude(status__in=("open", "held")).order_by("-as_of").values_list("as_of", flat=True)[:1])
    return max(days, default=None)


def check(insurer: Insurer, as_of: date, *, on: date, confirmed: bool) -> None:
    """Refuses a month that can no longer run, and asks about one that is not awaited unless ``confirmed``.

    Awaited is the month after the newest one applied, or the one of the day ``on``; before the first, any.

    Raises:
        Refused: with both days.
    """
    settled = settled_through(insurer)
    if settled is None:
        return
    after, today = month_end_after(settled, 1), month_end_after(on, -1)
    if as_of <= settled:
        raise Refused(
            f"このファイルは{wareki(as_of)}時点のものです。{wareki(settled)}時点の月まで反映済みのため、"
            f"この月はもう判定できません。待っているのは{wareki(after)}時点の月次ファイルです。"
        )
    if as_of in (after, today) or confirmed:
        return
    raise Refused(
        f"このファイルは{wareki(as_of)}時点のもので、待っている{wareki(after)}時点の月次ファイルではありません。"
        "取り違えていないか確認してください。この月のものとして受け付けるときは、"
        f"--as-of で{wareki(as_of)}を指定してください。"
    )
