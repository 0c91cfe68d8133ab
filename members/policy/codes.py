"""Codes that more than one setting knows, and the presets, each with its word. Source: rules.md §12."""

from __future__ import annotations

PRESET_WORDS = {
    "renesas": "企業健保の例1",
    "toyobo": "企業健保の例2",
    "kyokai": "全国の保険者の例",
    "kokuho": "市町村国保の例",
}
PRESETS = tuple(PRESET_WORDS)

CHANNELS = {"establishment": "事業所経由", "home": "自宅"}

WISHED = {
    "lost_card": "カードの紛失",
    "renewing_card": "カードの更新中",
    "e_certificate_expired": "電子証明書の期限切れ",
    "not_registered": "利用登録なし",
    "no_card": "カードがない",
    "returned_card": "カードの返納",
    "needs_assistance": "要配慮者",
}
APPLICATION = {
    **WISHED,
    "lost_certificate": "資格確認書の紛失",
    "damaged_certificate": "資格確認書の破損",
    "expired_certificate": "資格確認書の期限切れ",
}
ACCEPTED = {**APPLICATION, "anyone": "希望する人すべて"}
SHORT_TERM = {"unsettled": "確認未了", "new_member": "新規加入", **APPLICATION}

WISHED_GROUNDS = tuple(WISHED)
"""Those that the filing of somebody who joins may name beside 発行要否."""
APPLICATION_GROUNDS = tuple(APPLICATION)
