"""The insurer's settings in the office's words: each key's name and each value's. Source: rules.md §12."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.calendar import wareki

NAMES: Mapping[str, str] = {
    "form": "資格確認書の様式",
    "expiry_scheme": "有効期限の決め方",
    "expiry_years": "有効期間（年）",
    "expiry_day": "一斉更新の期限日",
    "expiry_dates": "有効期限の一覧",
    "minimum_days": "最短の有効日数",
    "share_on_face": "負担割合を表面に印字",
    "share_review_day": "負担割合の見直し日",
    "accepted_grounds": "受け付ける申請の事由",
    "recover_on_registration": "マイナ保険証の登録後に回収",
    "return_days": "返納までの日数",
    "notice_scope": "お知らせの対象",
    "notice_unit": "お知らせの単位",
    "notice_on_share_change": "負担割合の変更時にお知らせ",
    "notice_reissue": "お知らせの再交付",
    "last_four_digits": "個人番号の下4桁の印字",
    "certificate_channel": "資格確認書の送付経路",
    "notice_channel": "お知らせの送付経路",
    "mass_channel": "一斉送付の経路",
    "postal_service": "郵便の種類",
    "max_sheets_per_envelope": "1封筒の枚数の上限",
    "max_persons_per_notice": "お知らせ1通の人数の上限",
    "lead_months": "更新を早める月数",
    "new_member_issue": "新規加入者への交付",
    "inquiry_business_days": "照会の回答を待つ営業日数",
    "short_term_months": "短期の月数",
    "short_term_grounds": "短期とする事由",
    "legacy_last_day": "健康保険証が使える最後の日",
    "scheme": "制度",
    "reminder_days": "回収の督促（日目）",
    "notice_with_certificate": "資格確認書にお知らせを同封",
    "qr": "QRコードの印字",
    "optional_items": "任意の記載事項",
    "reissue_fee_yen": "再交付の手数料（円）",
    "turnaround_days": "申請の処理日数の目安",
    "delivery_days": "配達にかかる日数",
    "reissue_keeps_expiry": "再交付で有効期限を引き継ぐ",
    "gate_unmatched_percent": "停止：該当者なしの割合（％）",
    "gate_status_change_percent": "停止：状態の変化の割合（％）",
    "gate_issue_points": "停止：交付の割合の差（ポイント）",
    "gate_registration_drop_points": "停止：登録率の低下（ポイント）",
}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "form": {"postcard": "はがき型", "card": "カード型", "a4": "A4判"},
    "expiry_scheme": {"years": "発効日から年数", "annual": "毎年決まった日", "fixed": "決まった日の一覧"},
    "notice_scope": {
        "everyone": "全員",
        "without_certificate": "資格確認書のない人",
        "registered_only": "利用登録のある人だけ",
    },
    "notice_unit": {"person": "1人ずつ", "household": "世帯ごと"},
    "last_four_digits": {"never": "印字しない", "first_round": "初回の一斉送付だけ", "always": "常に印字"},
    "postal_service": {"ordinary": "普通", "recorded": "特定記録", "registered": "簡易書留"},
    "scheme": {"society": "健康保険（事業所あり）", "municipal": "市町村の国民健康保険（世帯ごと）"},
    "new_member_issue": {"after_inquiry": "照会してから", "short_for_all": "全員に短期で交付"},
    "optional_items": {
        "limit_category": "限度額適用区分",
        "specific_disease": "特定疾病",
        "establishment_name": "事業所名称",
        "address": "住所",
    },
}
_CHANNELS = {"establishment": "事業所経由", "home": "自宅"}
_GROUNDS = {
    "unsettled": "確認未了",
    "new_member": "新規加入",
    "lost_card": "カードの紛失",
    "renewing_card": "カードの更新中",
    "e_certificate_expired": "電子証明書の期限切れ",
    "not_registered": "利用登録なし",
    "no_card": "カードがない",
    "returned_card": "カードの返納",
    "needs_assistance": "要配慮者",
    "lost_certificate": "資格確認書の紛失",
    "damaged_certificate": "資格確認書の破損",
    "expired_certificate": "資格確認書の期限切れ",
    "anyone": "希望する人すべて",
}
PRESETS = {
    "renesas": "企業健保の例1",
    "toyobo": "企業健保の例2",
    "kyokai": "全国の保険者の例",
    "kokuho": "市町村国保の例",
}


def word(key: str, value: Any) -> str:
    """One setting's value in words."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if value in ("", None, [], ()):
        return "なし"
    if key == "delivery_days":
        return f"事業所経由 {value[0]}日、自宅 {value[1]}日"
    if isinstance(value, (list, tuple)):
        return "、".join(word(key, each) for each in value)
    if key in ("legacy_last_day", "expiry_dates"):
        return wareki(date.fromisoformat(str(value)))
    if key in ("expiry_day", "share_review_day"):
        month, day = str(value).split("-")
        return f"{int(month)}月{int(day)}日"
    if key.endswith("_channel"):
        return _CHANNELS[str(value)]
    if key.endswith("_grounds"):
        return _GROUNDS[str(value)]
    if key in _CHOICES:
        return _CHOICES[key][str(value)]
    return f"{value:,}" if isinstance(value, int) else str(value)


def _counted(key: str, value: Any) -> str:
    return f"{value}日" if key == "delivery_days" and isinstance(value, int) else word(key, value)


def described(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every stored setting with its name, in the order of the handbook; an unknown key keeps its own."""
    shown = dict(values)
    if shown.get("scheme") == "municipal" and "delivery_days" in shown:
        # Everything goes home.
        shown["delivery_days"] = shown["delivery_days"][1]
    known = [(name, _counted(key, shown[key])) for key, name in NAMES.items() if key in shown]
    return known + [(key, word(key, value)) for key, value in values.items() if key not in NAMES]
