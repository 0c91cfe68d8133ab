"""封筒ごとの送付状: the words of the sheet on top of an envelope, which mailing prints and has the samples of."""

from __future__ import annotations

from pathlib import Path

from notices.letters.registry import LetterKind

LETTERS = (
    LetterKind(
        code="household",
        label="封筒ごとの送付状",
        texts=Path(__file__).with_name("wording.toml"),
        places={
            "day": ("基準の日", "判定日の月日"),
            "names": ("ご家族の氏名", "同封のないご家族の氏名。例 山田 花子さん、山田 一郎さん"),
            "by": ("連絡の期日", "確認の結果をお知らせする日"),
        },
        parts={
            "nondisclosure": "④自己情報提供不可",
            "number_unregistered": "③個人番号が未登録",
            "number_mismatch": "③個人番号が不一致",
            "not_registered": "①利用登録をしていない",
            "returned": "①カードを返納した",
            "deregistered": "①利用登録を解除した",
            "other": "そのほか",
            "e_certificate_expired": "②電子証明書の期限切れ",
            "assistance_renewal": "⑤要配慮者の更新",
            "new_member": "新規加入（短期）",
            "unsettled": "確認未了（短期）",
            "lost_card": "カードの紛失",
            "renewing_card": "カードの更新中",
            "no_card": "カードがない",
            "returned_card": "カードの返納",
            "needs_assistance": "要配慮者",
            "lost_certificate": "資格確認書の紛失",
            "damaged_certificate": "資格確認書の破損",
            "expired_certificate": "資格確認書の期限切れ",
            "deregistration": "利用登録の解除",
            "anyone": "希望による",
            "request": "返納のお願い",
            "renewal": "更新",
            "elderly": "高齢受給者証",
            "notice": "お知らせ",
        },
    ),
)
