"""The words of the rules as codes, each with its Japanese label. Pure. Source: rules.md §4–5, §8."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Self


class Code(StrEnum):
    """A code with a Japanese ``label``."""

    label: str

    if TYPE_CHECKING:

        def __new__(cls, value: str, label: str = "") -> Self:
            """A member is made of both; a stored value finds its member alone, which mypy reads as making one."""
    else:

        def __new__(cls, value: str, label: str) -> Self:
            member = str.__new__(cls, value)
            member._value_ = value
            member.label = label
            return member

    @classmethod
    def of(cls, value: str) -> Self:
        """The code of a stored value."""
        return next(member for member in cls if member.value == value)

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


def by_number(code: Code) -> str:
    """What codes are sorted by wherever clerks read them: ①–⑤ by their numbers, then the others by their labels."""
    return code.label


class Outcome(Code):
    NOT_COVERED = "not_covered", "対象外（資格なし）"
    NOT_NEEDED = "not_needed", "交付不要"
    WAIT = "wait", "待つ（照会中）"
    REVIEW = "review", "要確認"
    ISSUE = "issue", "交付する"


class Reason(Code):
    NOT_COVERED = "not_covered", "資格がない"
    MYNA_USABLE = "myna_usable", "マイナ保険証が使える"
    CERTIFICATE_IN_HAND = "certificate_in_hand", "有効な資格確認書がある"
    LEGACY_CARD_USABLE = "legacy_card_usable", "健康保険証が使える"
    COVERAGE_ENDS_FIRST = "coverage_ends_first", "必要になる前に資格がなくなる"
    TOO_LATE_FOR_PAPER = "too_late_for_paper", "紙の到着が間に合わない"
    APPLICATION_ONLY = "application_only", "職権交付の期間が終わった（申請により交付）"
    NUMBER_PENDING = "number_pending", "個人番号の手続き中"
    JOINED_AFTER_FILE = "joined_after_file", "基準日より後に加入"
    # Version 1 of the rules gave this also to whose row could not be used.
    MISSING_FROM_FILE = "missing_from_file", "ファイルに使える行がない"
    ROW_UNUSABLE = "row_unusable", "ファイルの行を使えない"
    EXPIRY_UNKNOWN = "expiry_unknown", "電子証明書の有効期限が空"
    NONDISCLOSURE = "nondisclosure", "④自己情報提供不可"
    NUMBER_UNREGISTERED = "number_unregistered", "③個人番号が未登録・不一致"
    NOT_REGISTERED = "not_registered", "①利用登録なし"
    E_CERTIFICATE_EXPIRED = "e_certificate_expired", "②電子証明書の期限切れ"
    ASSISTANCE_RENEWAL = "assistance_renewal", "⑤要配慮者の更新"
    NEW_MEMBER = "new_member", "新規加入（短期）"
    UNSETTLED = "unsettled", "確認未了（短期）"


class Detail(Code):
    RETURNED = "returned", "カードを返納した"
    DEREGISTERED = "deregistered", "利用登録を解除した"
    NEVER = "never", "利用登録をしていない"
    CONFLICT = "conflict", "台帳と食い違う"
    DOUBLE = "double", "同じ方の行が二つある"
    REJECTED = "rejected", "行が読めない"


class Basis(Code):
    EX_OFFICIO = "ex_officio", "職権"
    APPLICATION = "application", "申請"


class Ground(Code):
    """Grounds of a certificate: of an ex-officio issue (as in ``Reason``) or of an application (§8)."""

    NONDISCLOSURE = "nondisclosure", "④自己情報提供不可"
    NUMBER_UNREGISTERED = "number_unregistered", "③個人番号が未登録・不一致"
    NOT_REGISTERED = "not_registered", "①利用登録なし"
    E_CERTIFICATE_EXPIRED = "e_certificate_expired", "②電子証明書の期限切れ"
    ASSISTANCE_RENEWAL = "assistance_renewal", "⑤要配慮者の更新"
    NEW_MEMBER = "new_member", "新規加入（短期）"
    UNSETTLED = "unsettled", "確認未了（短期）"
    LOST_CARD = "lost_card", "カードの紛失"
    RENEWING_CARD = "renewing_card", "カードの更新中"
    NO_CARD = "no_card", "カードがない"
    RETURNED_CARD = "returned_card", "カードの返納"
    NEEDS_ASSISTANCE = "needs_assistance", "要配慮者"
    LOST_CERTIFICATE = "lost_certificate", "資格確認書の紛失"
    DAMAGED_CERTIFICATE = "damaged_certificate", "資格確認書の破損"
    EXPIRED_CERTIFICATE = "expired_certificate", "資格確認書の期限切れ"
    DEREGISTRATION = "deregistration", "利用登録の解除"
    ANYONE = "anyone", "希望による"


class Limit(Code):
    SHORT_TERM = "short_term", "短期"
    SCHEME = "scheme", "組合の有効期限"
    LAW_MAXIMUM = "law_maximum", "法の上限（5年）"
    TURNS_70 = "turns_70", "70歳になる月の末日"
    SHARE_REVIEW = "share_review", "負担割合の見直し日"
    TURNS_75 = "turns_75", "75歳になる前日"
    VOLUNTARY_TERM = "voluntary_term", "任意継続の満了"
    INSURED_PERSON = "insured_person", "被保険者の資格の終わり"
    COVERAGE_END = "coverage_end", "資格の終わり"
    NEXT_CERTIFICATE = "next_certificate", "次の資格確認書が始まる前日"


def cause_of(value: str) -> Reason | Ground:
    """The reason of a decision, or the ground of an application where it is none."""
    return Reason.of(value) if value in set(Reason) else Ground.of(value)
