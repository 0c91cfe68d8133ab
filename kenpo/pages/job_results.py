"""What each kind of job did, in labelled sentences with units; told to the job pages.

Counts only: a record is named by the page's own link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from certificates.rules.codes import Outcome
from core.calendar import wareki
from core.web.words import Lines, tell_results
from mailing.envelopes import HOLDS
from mailing.papers import kinds

Told = Mapping[str, Any]


def _line(label: str, count: Any, unit: str, more: str = "") -> str:
    return f"{label}：{count:,}{unit}{f'（{more}）' if more else ''}"


def _lines(told: Told, *wanted: tuple[str, str, str]) -> Iterator[str]:
    """Label, count and unit of those that were counted."""
    for key, label, unit in wanted:
        if isinstance(told.get(key), int):
            yield _line(label, told[key], unit)


def _parts(counts: Told, names: Mapping[str, str], unit: str) -> str:
    """The kinds of something with their counts, in the order of the names; the kinds without a name together."""
    named = [(names[key], counts[key]) for key in names if counts.get(key)]
    others = sum(count for key, count in counts.items() if key not in names)
    told = [*named, *([("そのほか", others)] if others else [])]
    return "、".join(f"{name} {count:,}{unit}" for name, count in told)


_ROWS = (
    ("rejected", "読めなかった行"),
    ("unmatched", "該当する加入者がない行"),
    ("conflict", "登録と食い違う行"),
    ("double", "同じ人の行が重なるもの"),
    ("odd", "気になる点のある行"),
)


def _rows(told: Told) -> Iterator[str]:
    """What became of the fund's rows, n of N."""
    if not isinstance(told.get("rows"), int):
        return
    rows = told["rows"]
    if "applied" in told:
        taken = told["applied"] + told.get("unchanged", 0)
        yield f"反映した行：{rows:,}行のうち{taken:,}行（変化なし {told.get('unchanged', 0):,}行）"
    else:
        yield _line("読み込んだ行", rows, "行")
    yield from (f"{label}：{rows:,}行のうち{told[key]:,}行" for key, label in _ROWS if told.get(key))
    if told.get("missing"):
        yield _line("ファイルに載っていない加入者", told["missing"], "人")


def month(told: Told) -> Iterator[str]:
    if isinstance(told.get("files"), list):
        yield _line("使ったファイル", len(told["files"]), "件")
    yield from _rows(told)
    if decided := told.get("decisions"):
        yield _line("判定した人", decided, "人")
        for outcome in Outcome:
            if told.get(outcome):
                yield f"{outcome.label}：{decided:,}人のうち{told[outcome]:,}人"
    yield from _lines(
        told,
        ("certificates", "承認に回した資格確認書", "枚"),
        ("elderly_certificates", "承認に回した高齢受給者証", "枚"),
        ("recoveries", "始めた回収", "件"),
    )


def dispatch(told: Told) -> Iterator[str]:
    """One dispatch printed."""
    yield from _lines(
        told,
        *((kind.stem, kind.short_label, "枚") for kind in kinds.every()),
        ("envelopes", "封筒", "通"),
        ("pulled", "引き抜いた書類", "枚"),
        ("files", "印刷ファイル", "件"),
        ("pages", "印刷したページ", "ページ"),
    )


def proof(told: Told) -> Iterator[str]:
    """One dispatch read back."""
    yield from _lines(told, ("files", "照合した印刷ファイル", "件"), ("pages", "照合したページ", "ページ"))
    papers = told.get("papers")
    if isinstance(papers, Mapping):
        yield _line("封筒に入る書類", sum(papers.values()), "枚", _parts(papers, kinds.labels(), "枚"))
    yield from _lines(told, ("envelopes", "封筒", "通"), ("pulled", "引き抜いた書類", "枚"))
    if isinstance(told.get("differences"), int):
        yield _line("違いの見つかったところ", told["differences"], "か所")


def print_month(told: Told) -> Iterator[str]:
    if isinstance(told.get("of"), int):
        yield f"印刷と照合を終えた発送：{told['of']:,}件のうち{told.get('dispatches', 0):,}件"
    else:
        yield from _lines(told, ("dispatches", "印刷と照合を終えた発送", "件"))


def assembly(told: Told) -> Iterator[str]:
    if isinstance(told.get("dispatches"), list):
        yield _line("発送", len(told["dispatches"]), "件")
    held = told.get("held")
    if isinstance(held, Mapping):
        yield _line("保留した書類", sum(held.values()), "枚", _parts(held, HOLDS, "枚"))


def imposition(told: Told) -> Iterator[str]:
    yield from _lines(
        told,
        ("cards", "面付けしたカード", "枚"),
        ("pulled", "引抜きで空けたところ", "か所"),
        ("sheets", "A4の用紙", "枚"),
    )
    for key, label in (("front", "表のずれの補正"), ("back", "裏のずれの補正")):
        if isinstance(told.get(key), str):
            across, _, down = told[key].partition(",")
            yield f"{label}：横 {across}ミリ、縦 {down}ミリ"


def daily(told: Told) -> Iterator[str]:
    if isinstance(told.get("on"), str):
        yield f"処理した日：{wareki(date.fromisoformat(told['on']))}"
    if told.get("late"):
        yield str(told["late"])
    elif told.get("caught_up"):
        yield _line("その前に順に行った日", told["caught_up"], "日")
    filed = told.get("filings")
    if isinstance(filed, Mapping):
        left = {key: filed.get(key, 0) for key in ("waiting", "refused")}
        more = _parts(left, {"waiting": "異動日待ち", "refused": "反映できず受付のまま"}, "件")
        yield _line("反映した届出", filed.get("applied", 0), "件", more)
    yield from _lines(
        told,
        ("deregistrations_done", "解除を確かめた利用登録", "件"),
        ("settled", "決まった判定", "人"),
        ("issued", "そのうち交付する人", "人"),
        ("open", "まだ決まらない判定", "人"),
        ("inquiries_closed", "終えた個別照会", "件"),
        ("news", "基金の知らせによる判定", "人"),
        ("applications_done", "交付済みにした申請", "件"),
    )
    changed = {
        "proposed": "新しく承認に回した証",
        "superseded": "差し替えた証",
        "voided": "無効にした証",
        "ruled": "判定した人",
        "issued": "そのうち交付する人",
        "certificates": "資格確認書",
        "elderly_certificates": "高齢受給者証",
        "waiting": "異動日待ちの届出",
        "planned": "回収の予定",
        "recoveries": "回収",
        "legacy_cards": "健康保険証",
        "begun": "始まった回収",
        "taken_back": "返戻のまま回収した証",
        "held": "保留",
        "ended": "役に立たなくなり終えた書類",
    }
    for key, label in (
        ("ahead", "これから変わる表面"),
        ("duties", "この日から使えない証"),
        ("shares_ahead", "これから変わる負担割合"),
        ("shares_changed", "負担割合の変更"),
        ("holds", "封入していない書類"),
        ("elderly_certificates", "高齢受給者証"),
        ("ended", "期限で終えたもの"),
    ):
        if isinstance(told.get(key), Mapping):
            yield f"{label}：{_parts(told[key], changed, '件') or 'なし'}"
    yield from _lines(
        told,
        ("duties_put_off", "新しい証が届くまで延ばした返納期限", "件"),
        ("returned_mail_closed", "終えた返戻", "件"),
        ("tables_removed", "預かりを終えた表", "件"),
        ("gaps", "使える手段がない人", "人"),
        ("unprintable", "印刷できない字がある人", "人"),
        ("overlaps", "資格の期間が重なる人", "人"),
    )


def survey(told: Told) -> Iterator[str]:
    if isinstance(told.get("on"), str):
        yield f"数えた日：{wareki(date.fromisoformat(told['on']))}"
    yield from _lines(told, ("found", "一覧に載った件数", "件"))


def table(told: Told) -> Iterator[str]:
    names = (
        ("created", "新規"),
        ("updated", "変更"),
        ("unchanged", "変わらない（登録済み）"),
        ("rejected", "誤りのある行"),
    )
    rows = sum(told[key] for key, _ in names if isinstance(told.get(key), int))
    yield from (f"{label}：{rows:,}行のうち{told[key]:,}行" for key, label in names if isinstance(told.get(key), int))


def recovery_letters(told: Told) -> Iterator[str]:
    yield from _lines(told, ("duties", "お願いした証", "枚"))
    unwritten = told.get("unwritten")
    if isinstance(unwritten, list) and unwritten:
        yield f"印刷できなかった証：{len(unwritten):,}枚（理由は「返納のお願いと督促」にあります）"


def _counted(key: str, label: str, unit: str) -> Lines:
    return lambda told: _lines(told, (key, label, unit))


def _nothing(told: Told) -> Iterator[str]:
    """The result stands on the page that asked."""
    return iter(())


RESULTS: Mapping[str, Lines] = {
    "month": month,
    "receive": _rows,
    "approve": _counted("certificates", "承認した資格確認書", "枚"),
    "draft_notices": _counted("notices", "この月のお知らせ", "枚"),
    "draft_first_round": _counted("notices", "作成したお知らせ", "枚"),
    "assemble": assembly,
    "assemble_day": assembly,
    "print_dispatch": dispatch,
    "prove_dispatch": proof,
    "print_month": print_month,
    "impose_cards": imposition,
    "daily": daily,
    "simulate": _nothing,
    "survey": survey,
    "table_check": table,
    "table_take": table,
    "remind": recovery_letters,
    "request": recovery_letters,
}
tell_results(RESULTS)
