"""The kinds of filings, one row each: code, Japanese name, and the day on the form. Pure. Source: rules.md §3, §8, §9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from certificates.rules.codes import Code

LOST_ON = "資格喪失日"


class LossReason(Code):
    """Why cover is lost; decides to whom a certificate goes back."""

    RETIREMENT = "retirement", "退職"
    OTHER = "other", "その他"


class NumberReport(Code):
    """What a filing about the 個人番号 says (column ``reason``)."""

    FILED = "filed", "個人番号届"
    CHANGED = "changed", "個人番号変更届"
    PENDING = "pending", "手続き中"
    NOT_SUBMITTED = "not_submitted", "未提出（把握できない事情あり）"
    SETTLED = "settled", "不一致の解消"
    WRONG_LINKAGE = "wrong_linkage", "誤った紐付けの疑い"


@dataclass(frozen=True, slots=True)
class KnownDay:
    """What the day on a form is called, and what it says about cover.

    ``help``: for ``Law.fill``. ``still_covered``: on that day there is cover yet. ``before``: the cover that is meant
    is the one of the day before the filing has effect. ``register``: the day of the register that a row of a file may
    tell as well. ``by_reason``: the day where the filing's reason says which it is; the form then says ``asked``.
    """

    label: str = "異動日"
    help: str = ""
    still_covered: bool = False
    before: bool = False
    register: Literal["", "acquired_on", "lost_on"] = ""
    by_reason: Mapping[str, KnownDay] = field(default_factory=dict)
    asked: str = ""


_LAST_DAY = KnownDay("退職日", still_covered=True)
_FIRST_DAY = KnownDay("新しい資格の取得日", before=True)


class Kind(Code):
    """What a filing (届出) reports; ``day`` is what its form asks for."""

    day: KnownDay

    def __new__(cls, value: str, label: str = "", day: KnownDay | None = None) -> Kind:
        """A member has a label; that it may lack one is for mypy, which reads the finding of a member as its making."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.day = day or KnownDay()
        return member

    ACQUISITION = "acquisition", "資格取得", KnownDay("資格取得日", register="acquired_on")
    ACQUISITION_ANNULLED = (
        "acquisition_annulled",
        "取得取消",
        KnownDay("取り消す資格取得日", "台帳にある資格取得日を入れてください。", register="acquired_on"),
    )
    LOSS = (
        "loss",
        "資格喪失",
        KnownDay(
            LOST_ON,
            "理由が「退職」なら退職日（在籍した最後の日）を入れてください。翌日に資格を喪失します。"
            "「その他」なら資格がなくなる最初の日（就職日、{law.late_elderly_age}歳の誕生日など）を入れてください。"
            "その日に資格を喪失します。",
            before=True,
            register="lost_on",
            by_reason={LossReason.RETIREMENT: _LAST_DAY},
            asked="退職日（退職のとき）または資格喪失日",
        ),
    )
    LOSS_ANNULLED = (
        "loss_annulled",
        "喪失取消",
        KnownDay(
            "取り消す資格喪失日",
            "台帳にある資格喪失日（死亡・退職のときは、その翌日）を入れてください。",
            before=True,
            register="lost_on",
        ),
    )
    DEATH = (
        "death",
        "死亡",
        KnownDay(
            "死亡日",
            "亡くなった日を入れてください。資格は翌日に喪失します（家族も同じ日です）。",
            still_covered=True,
            before=True,
            register="lost_on",
        ),
    )
    DEPENDENT_ADDED = "dependent_added", "被扶養者追加", KnownDay("認定日", register="acquired_on")
    DEPENDENT_REMOVED = (
        "dependent_removed",
        "扶養から外れる",
        KnownDay(
            "扶養から外れた日",
            "扶養でなくなった最初の日（就職日、{law.late_elderly_age}歳の誕生日など）を入れてください。"
            "その日に資格を喪失します。",
            before=True,
            register="lost_on",
        ),
    )
    NAME_CHANGE = "name_change", "氏名変更"
    BIRTH_DATE = "birth_date", "生年月日訂正"
    SEX = "sex", "性別訂正"
    ADDRESS = "address", "住所変更"
    FLAGS = "flags", "配慮・秘匿の申出"
    ESTABLISHMENT_MOVE = (
        "establishment_move",
        "事業所の異動",
        KnownDay(help="新しい事業所での最初の日を入れてください。", before=True),
    )
    SYMBOL_CHANGE = "symbol_change", "事業所の記号変更"
    MERGER = "merger", "合併（保険者番号の変更）"
    REHIRE = "rehire", "再雇用", _FIRST_DAY
    VOLUNTARY = (
        "voluntary",
        "任意継続",
        KnownDay("新しい資格の取得日", "前の資格の喪失日（退職日の翌日）と同じ日です。", before=True),
    )
    SPECIAL_RETIRED = "special_retired", "特例退職", _FIRST_DAY
    REMUNERATION = "remuneration", "標準報酬月額"
    SHARE_RELIEF = "share_relief", "基準収入額適用"
    INDIVIDUAL_NUMBER = "individual_number", "個人番号"
    OPTIONAL_ITEMS = "optional_items", "任意記載事項の申出", KnownDay("発効期日（取下げのときは取り下げる日）")
