"""The texts of a letter as a clerk reads and types them: one by one, the places to be filled named in Japanese. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.errors import Fault
from notices.letters.forms import FORMS

LETTERS: Final[dict[str, str]] = {
    "household": "封筒ごとの送付状",
    "request": "返納のお願い",
    "reminder": "回収の督促状",
    "refusal": "不交付の通知",
    "incomplete": "不備返戻の案内",
    "unregistered": "個人番号の未提出者の案内",
    "interim": "資格証明書",
    **{f"form_{kind}": title for kind, title in FORMS.items()},
}
"""Every letter whose words stand in a file, by the file's name."""
EMPLOYERS_ONLY: Final = ("unregistered", "form_relief", "form_unrecoverable")
"""Those that a scheme without employers never writes."""
PLACEHOLDERS: Final[dict[str, tuple[str, str]]] = {
    "papers": ("証の種類", "返してもらう証の名前。例 資格確認書・高齢受給者証"),
    "cause": ("返してもらう事由", "「返してもらう事由の言い方」の文"),
    "due": ("返納の期限", "返納の期限の日"),
    "until": ("期日", "返してもらう日、または返事をもらう日"),
    "to": ("返納先", "「返納先の言い方」の文"),
    "directly": ("直接返す方への文", "事業所へ返す方にだけ入る文。ほかの方には何も入りません"),
    "which": ("証の発行番号と有効期限", "一枚なら発行番号と有効期限、何枚もあれば「下の表のとおり」の文"),
    "serial": ("発行番号", "返してもらう証の発行番号"),
    "through": ("有効期限", "返してもらう証の有効期限の日"),
    "since": ("使えなくなる日", "返してもらう証が使えなくなる最初の日"),
    "last": ("使える最後の日", "返してもらう証を使える最後の日"),
    "then": ("これからの受診の文", "「これからの受診の言い方」の文。資格がなくなった方には何も入りません"),
    "establishment": ("事業所名", "事業所の名前"),
    "contact": ("問い合わせ先", "組合の名前と電話番号"),
    "kind": ("申請の種類", "交付か再交付"),
    "received_on": ("受付日", "申請を受け付けた日"),
    "as_of": ("作成日", "文書を作った日"),
    "count": ("人数", "一覧の人数"),
    "day": ("基準の日", "判定日の月日"),
    "names": ("ご家族の氏名", "同封のないご家族の氏名。例 山田 花子さん、山田 一郎さん"),
    "by": ("連絡の期日", "確認の結果をお知らせする日"),
    "turnaround_days": ("処理日数", "運用設定の、申請の処理日数の目安"),
    "fee": ("手数料の文", "手数料があるときだけ入る文"),
    "fee_yen": ("手数料の額", "運用設定の、再交付の手数料"),
    "elderly_age": ("高齢受給者の年齢", "法令の値の、高齢受給者となる年齢"),
    "elderly_share": ("軽い方の負担割合", "法令の値の、高齢受給者の負担割合のうち軽い方。例 2割"),
    "relief_alone": ("一人のときの収入額", "法令の値の、被扶養者がいない方の収入の額"),
    "relief_family": ("合計の収入額", "法令の値の、被扶養者との合計の収入の額"),
    "deregistered": ("解除の時期", "法令の値の、利用登録が解除される時期。例 翌月末"),
    "legacy_last_day": ("健康保険証の最後の日", "法令の値の、健康保険証を使える最後の日"),
}
"""What a text may ask to be filled in: its name on the page, and what stands there on paper."""
_CODES: Final = {label: code for code, (label, _) in PLACEHOLDERS.items()}
_PARTS: Final = {
    "title": "表題",
    "intro": "前文",
    "notes": "注意事項",
    "blanks": "記入欄",
    "label": "見出し",
    "choices": "選ぶ言葉",
    "text": "記入の枠",
    "hint": "書き出し",
    "registration": "マイナ保険証が使えるようになった",
    "loss": "資格喪失",
    "death": "死亡",
    "removed": "扶養から外れた",
    "annulled": "資格取得の取消し",
    "face_changed": "表面の内容の変更",
    "superseded": "差替え",
    "reissued": "再交付",
    "establishment": "事業所へ",
    "insurer": "当組合へ",
    "claimant": "埋葬料の請求者へ",
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
    "enclosed": "新しい証を同封する",
    "former": "前の証を使い続ける",
    "request": "返納のお願い",
    "posted": "新しい証を発送した",
    "coming": "新しい証を用意している",
    "myna": "マイナ保険証が使える",
    "asking": "使うものを確認している",
    "one": "一枚のとき",
    "several": "何枚もあるとき",
    "renewal": "更新",
    "elderly": "高齢受給者証",
    "notice": "お知らせ",
}
_NO_TEXT: Final = ("prefilled", "choices_of", "lines")
"""Entries of a form that choose what is printed and are no text."""
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
Path = tuple[str | int, ...]
Kind = Literal["text", "lines", "number"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One text of a value: where it stands in it, one sentence, several paragraphs or a number of days."""

    path: Path
    kind: Kind
    value: Any

    @property
    def name(self) -> str:
        """Its name in a form."""
        return "-".join(["t", *map(str, self.path)])

    @property
    def label(self) -> str:
        """Where it stands, in words; empty for a value that is one text."""
        return "　".join(f"{part + 1}番目" if isinstance(part, int) else _PARTS[part] for part in self.path)

    def texts(self) -> list[str]:
        """Its sentences."""
        return self.value if self.kind == "lines" else [self.value] if self.kind == "text" else []


def leaves(value: Any, path: Path = ()) -> Iterator[Leaf]:
    """Every text of a value, in its order.

    Raises:
        Fault: something that no letter holds.
    """
    if isinstance(value, str):
        yield Leaf(path, "text", value)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Leaf(path, "number", value)
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        yield Leaf(path, "lines", value)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _NO_TEXT:
                yield from leaves(each, (*path, key))
    else:
        raise Fault("文面のファイルに、文でも数でもない値があります。")


def put(value: Any, told: Mapping[Path, Any], path: Path = ()) -> Any:
    """The value with other texts, by path; what is not told stays."""
    if path in told:
        return told[path]
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        return [put(each, told, (*path, place)) for place, each in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: put(each, told, (*path, key)) for key, each in value.items()}
    return value


def spoken(text: str) -> str:
    """The text as the page shows it: 「{証の種類}」 for ``{papers}``."""
    return _PLACE.sub(lambda found: f"{{{PLACEHOLDERS[found[1]][0]}}}", text)


def written(text: str) -> str:
    """The text as it is kept; a name that the page does not know stays as it was typed."""
    return _PLACE.sub(lambda found: f"{{{_CODES.get(found[1], found[1])}}}", text)


def asked(text: str) -> set[str]:
    """What the text wants filled in, as it is kept."""
    return set(_PLACE.findall(text))


def loose_braces(text: str) -> bool:
    """Whether a brace stands in the text that belongs to no place to be filled."""
    return any(brace in _PLACE.sub("", text) for brace in "{}")


def place_names(codes: set[str]) -> list[str]:
    """Their names on the page, in the order of the list."""
    return [f"{{{label}}}" for code, (label, _) in PLACEHOLDERS.items() if code in codes]
