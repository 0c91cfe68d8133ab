"""The first page's charts: bars drawn on the server, each with the same numbers as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from django.db.models import Count
from django.utils.html import format_html

from certificates.decisions.services import HAS_DECISIONS
from certificates.models import Decision, Run
from certificates.rules.codes import Ground, Outcome, Reason, by_number
from core.calendar import month_start, parse_month, wareki_month
from core.models import Survey
from core.web import instant_html
from exchange.models import ExchangeFile
from exchange.rules.gates import Rate

MONTHS_BACK = 12
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 240, 8, 44
TOP, TOP_UPRIGHT = 24, 64
WIDEST_BAR = 44.0
DIGIT = 8.5
COLOURS = ("#1d4ed8", "#c2410c", "#15803d", "#7e22ce", "#a16207", "#0e7490", "#be123c", "#475569")


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle in the drawing's units."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One text in the drawing."""

    x: float
    y: float
    text: str
    upright: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Months along the bottom, one or more stacked series above each. ``rows``: the table, month first."""

    title: str
    about: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    legend: tuple[tuple[str, str], ...]
    empty: str

    @property
    def size(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"

    @property
    def ground_line(self) -> int:
        return HEIGHT - BOTTOM


def _draw(
    title: str,
    about: str,
    empty: str,
    months: Sequence[date],
    series: Mapping[str, Sequence[float]],
    *,
    unit: str,
    top: float = 0.0,
) -> Chart:
    """``top``: what the full height means; the highest sum when 0. A month's sum stands above its bars."""
    sums = [sum(values[place] for values in series.values()) for place in range(len(months))]
    highest = top or max(sums, default=0) or 1
    step = (WIDTH - 2 * LEFT) / max(len(months), 1)
    upright = any(len(_said(each)) * DIGIT > step for each in sums)
    ground, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - (TOP_UPRIGHT if upright else TOP)
    width = min(step * 0.72, WIDEST_BAR)
    bars, marks = [], []
    for place, month in enumerate(months):
        middle, y = LEFT + step * (place + 0.5), float(ground)
        for colour, values in zip(cycle(COLOURS), series.values(), strict=False):
            height = room * values[place] / highest
            y -= height
            bars.append(Bar(round(middle - width / 2, 1), round(y, 1), round(width, 1), round(height, 1), colour))
        if sums[place]:
            marks.append(Mark(round(middle, 1), round(y - 5, 1), _said(sums[place]), upright))
        marks.append(Mark(round(middle, 1), ground + 17, f"{month.month}"))
        if month.month == 1 or (place == 0 and not any(each.month == 1 for each in months[:4])):
            marks.append(Mark(round(max(middle, LEFT + 30), 1), HEIGHT - 8, _year(month)))
    total = len(series) > 1
    rows = tuple(
        (
            wareki_month(month),
            *(f"{_said(v[place])}{unit}" for v in series.values()),
            *([f"{_said(sums[place])}{unit}"] if total else []),
        )
        for place, month in enumerate(months)
    )
    legend = tuple(zip(cycle(COLOURS), series, strict=False)) if total else ()
    head = ("月", *series, *(["合計"] if total else []))
    return Chart(title, about, head, rows, tuple(bars), tuple(marks), legend, "" if any(sums) else empty)


def _said(value: float) -> str:
    return f"{value:.1f}" if isinstance(value, float) else f"{value:,}"


def _year(month: date) -> str:
    return wareki_month(month).split("年")[0] + "年"


def registration() -> Chart:
    """The share of usable rows whose person is registered, by month of the file. One query."""
    files = ExchangeFile.objects.filter(kind="monthly", status="applied", as_of__isnull=False).order_by("-as_of")
    counted: dict[date, list[int]] = {}
    for as_of, counts in files.values_list("as_of", "counts")[: MONTHS_BACK * 4]:
        sums = counted.setdefault(month_start(as_of), [0, 0])
        sums[0] += counts.get("registered", 0)
        sums[1] += counts.get("rows", 0) - counts.get("rejected", 0)
    months = sorted(counted)[-MONTHS_BACK:]
    rates = [float(Rate(*counted[month]).percent) if counted[month][1] else 0.0 for month in months]
    return _draw(
        "利用登録の割合（％）",
        "月次ファイルの読めた行のうち、マイナ保険証の利用登録がある人の割合です。月は基準日の月です。",
        "月次ファイルを反映すると、ここに出ます。",
        months,
        {"利用登録の割合": rates},
        unit="％",
        top=100.0,
    )


def expiring(survey: Survey | None) -> Chart:
    """Whose last certificate runs out in which month, as it was counted."""
    counts = {parse_month(month): n for month, n in sorted(survey.counts.items())} if survey else {}
    empty = "これからの24か月に期限が来る資格確認書はありません。" if survey else "毎日の処理が数えると、ここに出ます。"
    said = format_html("（{}に数えました）", instant_html(survey.at)) if survey else ""
    about = format_html("これからの24か月に、手元の資格確認書の有効期限が来る加入者の人数です{}。", said)
    return _draw("期限が切れる資格確認書（人）", about, empty, list(counts), {"人数": list(counts.values())}, unit="人")


def issues() -> Chart:
    """Who was to be given a certificate in each of the last months, by ground. Two queries."""
    runs = dict(
        Run.objects.filter(status__in=HAS_DECISIONS).order_by("-month").values_list("pk", "month")[:MONTHS_BACK]
    )
    found = Decision.objects.filter(run__in=list(runs), outcome=Outcome.ISSUE).values_list("run_id", "reason")
    counts = {(runs[run], reason): n for run, reason, n in found.annotate(n=Count("*")).order_by()}
    months = sorted(runs.values())
    known = sorted([*Reason, *Ground], key=by_number)
    order = [reason for reason in known if any(each == reason for _, each in counts)]
    series = {
        reason.label: [counts.get((month, str(reason)), 0) for month in months] for reason in dict.fromkeys(order)
    }
    return _draw(
        "交付する人（事由ごと、人）",
        "月次判定で「交付する」となった人数です。",
        "月次判定を行うと、ここに出ます。",
        months,
        series,
        unit="人",
    )
