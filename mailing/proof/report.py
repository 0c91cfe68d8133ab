"""The last proof on the dispatch's page: when, by whom, what was counted, and where paper and database differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html, format_html_join

from core.models import Job
from core.web.html import EMPTY, instant_html, table_html
from mailing.models import Dispatch
from mailing.papers import kinds
from mailing.proof.service import KEPT, last_proof

SHOWN_BUNDLES = 50


def report_html(dispatch: Dispatch) -> str:
    """The report, or what to do to get one."""
    job = last_proof(dispatch)
    if job is None:
        if dispatch.status == Dispatch.lifecycle.initial[0]:
            return "印刷した後に照合します。"
        return "まだ照合していません。「照合する」を行うと、結果がここに出ます。"
    parts = [table_html(_rows(job))]
    outcome = job.outcome
    if outcome.get("differences"):
        parts.append(_differences(outcome["differences"], outcome["listed"]))
    if bundles := outcome.get("bundles"):
        parts.append(_bundles(bundles))
    return format_html_join("", "{}", ((part,) for part in parts))


def _rows(job: Job) -> list[tuple[str, Any]]:
    outcome = job.outcome
    rows: list[tuple[str, Any]] = [
        ("結果", _result(job)),
        ("照合した日時", instant_html(job.ended_at)),
        ("担当者", job.actor or "自動処理"),
    ]
    if "papers" not in outcome:
        return rows
    labels = kinds.labels()
    rows += [
        ("読み直したページ", f"{outcome['pages']:,}ページ（{outcome['files']:,}ファイル）"),
        *((labels[kind], f"{count:,}枚") for kind, count in outcome["papers"].items()),
        ("引抜き済み", f"{outcome['pulled']:,}枚"),
        ("封筒", f"{outcome['envelopes']:,}通"),
    ]
    sizes = [f"{size}枚入り {count:,}通" for size, count in outcome["papers_per_envelope"].items()]
    return [*rows, ("封筒の内訳", "、".join(sizes) or EMPTY)]


def _result(job: Job) -> str:
    if job.state in (Job.State.WAITING, Job.State.RUNNING):
        return "照合しています"
    if job.state == Job.State.DONE:
        return "違いはありません"
    found = job.outcome.get("differences")
    return f"{found:,}か所の違いがあります" if found else "終わりませんでした。もう一度照合してください"


def _bundles(bundles: dict[str, Sequence[int]]) -> str:
    """Envelopes and papers of each establishment."""
    rows = [(code, f"{envelopes:,}通・{papers:,}枚") for code, (envelopes, papers) in bundles.items()]
    rest = len(rows) - SHOWN_BUNDLES
    if rest > 0:
        rows = [*rows[:SHOWN_BUNDLES], ("ほか", f"{rest:,}事業所")]
    return table_html(rows, head=("事業所コード", "封筒・書類"))


def _differences(found: int, listed: Sequence[str]) -> str:
    """Where they are, in the order of file and page."""
    items = format_html_join("", "<li>{}</li>", ((text,) for text in listed))
    more = f"ほか{found - KEPT:,}か所。すべては照合の答えに出ます。" if found > KEPT else ""
    return format_html('<ul class="kenpo-list leading-relaxed">{}</ul>{}', items, more)
