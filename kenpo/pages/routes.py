"""A cover's standing in the words a clerk says at the telephone."""

from __future__ import annotations

from datetime import date

from django.utils.html import format_html, format_html_join

from certificates.decisions.gaps import Standing
from certificates.rules.codes import Reason
from certificates.rules.law import law_on
from certificates.rules.monthly import myna
from certificates.rules.validity import last_day_of_cover
from core.calendar import FAR_FUTURE
from core.web import EMPTY, day_html, label_html
from members.models import MynaStatus, NumberState

ROUTES = {
    Reason.MYNA_USABLE: "マイナ保険証",
    Reason.CERTIFICATE_IN_HAND: "資格確認書",
    Reason.LEGACY_CARD_USABLE: "健康保険証",
}


def covered_words(standing: Standing | None, on: date, *, short: bool = False) -> str:
    """Whether there is cover on the day, from when and to when; ``short`` leaves the days of a cover that holds out."""
    if standing is None:
        return EMPTY
    facts, last = standing.facts, last_day_of_cover(standing.facts, law_on(on))
    if facts.acquired_on > last:
        return "資格なし"
    if facts.acquired_on > on:
        return format_html("{}から加入の予定", day_html(facts.acquired_on))
    if last < on:
        return format_html("資格なし（{}まで）", day_html(last))
    if short:
        return "資格あり"
    end = "" if last == FAR_FUTURE else format_html("、{}まで", day_html(last))
    return format_html("資格あり（{}から{}）", day_html(facts.acquired_on), end)


def route_words(standing: Standing | None) -> str:
    """What can be shown at the counter on the day, and until when; or what is waited for."""
    if standing is None:
        return EMPTY
    if standing.routes:
        return format_html_join(
            "、", "{}（{}まで）", ((ROUTES[route], day_html(last)) for route, last in standing.routes)
        )
    if standing.gap is None:
        return "資格がないため使えません"
    by = standing.gap.by
    expected = "期限" if standing.gap.waiting.wants_work else "見込み"
    when = format_html("、{}が{}", day_html(by), expected) if by else ""
    return format_html("{} {}{}", label_html("使える手段なし", "danger"), standing.gap.waiting.label, when)


def myna_words(standing: Standing | None, on: date) -> str:
    """Until when the マイナ保険証 can be used, or why it cannot or is not known."""
    if standing is None:
        return EMPTY
    facts, law = standing.facts, law_on(on)
    usable, row, end = myna(facts, law, on=on), facts.row, last_day_of_cover(facts, law)
    if not facts.acquired_on <= on <= end:
        return "資格がないため使えません"
    if usable.last_day is not None:
        said = "まで使えます" if usable.last_day >= on else "で使えなくなりました"
        return format_html("{}{}", day_html(min(usable.last_day, end)), said)
    if facts.nondisclosure:
        why = "自己情報提供不可"
    elif facts.number_state != NumberState.REGISTERED:
        why = f"個人番号が{NumberState(facts.number_state).label}"
    elif row is None:
        why = "基金のファイルに行がありません"
    elif usable.known and row.state == "registered":
        why = "要配慮者として資格確認書を交付しています"
    elif row.state == "registered":
        why = "電子証明書の有効期限が空欄"
    else:
        why = str(MynaStatus.State(row.state).label)
    return f"使えません（{why}）" if usable.known else f"わかりません（{why}）"
