"""The words of the fund's file as codes, each with its Japanese label. Pure. Source: rules.md §11."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A code with a Japanese ``label``."""

    label: str

    def __new__(cls, value: str, label: str) -> Code:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class Kind(Code):
    MONTHLY = "monthly", "月次（全員）"
    DAILY = "daily", "日次（返納者のみ）"


class RowOutcome(Code):
    """Where a row stands. After ``match`` a row that fits is still ``staged`` and has its member."""

    STAGED = "staged", "読込済み"
    APPLIED = "applied", "反映した"
    UNCHANGED = "unchanged", "変化なし"
    REJECTED = "rejected", "読めない行"
    UNMATCHED = "unmatched", "該当者なし"
    CONFLICT = "conflict", "食い違い"


class RowReason(Code):
    """Why a row is not taken; the label tells a clerk what is wrong, never what the cell says."""

    BAD_DATE = "bad_date", "暦にない日付か、形式と違う日付です。基金の配布元で確認してください。"
    OUTSIDE_WINDOW = (
        "outside_window",
        "ありえない日付です。生年月日は明治元年1月25日から受付の日まで、ほかの日は平成28年1月1日から受付の日の11年後まで"
        "です。基金の配布元で確認してください。",
    )
    UNKNOWN_CODE = "unknown_code", "形式に定めのない値です。基金の配布元で確認してください。"
    EMPTY = "empty", "値が空です。基金の配布元で確認してください。"
    TOO_LONG = "too_long", "値が長すぎます。基金の配布元で確認してください。"
    BAD_TEXT = "bad_text", "使えない制御文字が含まれています。基金の配布元で確認してください。"
    NO_MEMBER = ("no_member", "基準日に資格のある加入者に該当しません。届書の入力漏れがないか確認してください。")
    BIRTH_DIFFERS = "birth_differs", "生年月日が加入者の登録と食い違います。届書の控えで確認してください。"
    KANA_DIFFERS = "kana_differs", "フリガナが加入者の登録と食い違います。届書の控えで確認してください。"
    DOUBLE = "double", "一人の加入者に二つ以上の行があります。基金へ照会してください。"
    BESIDE_UNUSABLE = (
        "beside_unusable",
        "同じ方のほかの行が使えないため、この行も使いませんでした。基金へ照会してください。",
    )
    SEVERAL_FIT = "several_fit", "枝番がなく、該当する加入者が複数います。枝番を確認してください。"
    OLDER = "older", "より新しい月次ファイルを反映済みのため、使いませんでした。"


class Oddity(Code):
    """A readable date that looks odd: the row is taken and listed."""

    BIRTH_AFTER_AS_OF = "birth_after_as_of", "生年月日が基準日より後です。"
    BIRTH_LONG_AGO = "birth_long_ago", "生年月日が120年以上前です。"
    REGISTERED_AFTER_AS_OF = "registered_after_as_of", "利用登録日が基準日より後です。"
    REGISTERED_BEFORE_BIRTH = "registered_before_birth", "利用登録日が生年月日より前です。"
    EXPIRES_BEFORE_REGISTERED = "expires_before_registered", "電子証明書の有効期限が利用登録日より前です。"
    RETURNED_AFTER_AS_OF = "returned_after_as_of", "返納日が基準日より後です。"
    RETURNED_ON_WITHOUT_RETURN = "returned_on_without_return", "返納なしなのに返納日があります。"
