"""The kinds of filings, by code and Japanese name. Pure. Source: rules.md §3, §8, §9."""

from __future__ import annotations

from certificates.rules.codes import Code


class Kind(Code):
    """What a filing (届出) reports."""

    ACQUISITION = "acquisition", "資格取得"
    ACQUISITION_ANNULLED = "acquisition_annulled", "取得取消"
    LOSS = "loss", "資格喪失"
    LOSS_ANNULLED = "loss_annulled", "喪失取消"
    DEATH = "death", "死亡"
    DEPENDENT_ADDED = "dependent_added", "被扶養者追加"
    DEPENDENT_REMOVED = "dependent_removed", "扶養から外れる"
    NAME_CHANGE = "name_change", "氏名変更"
    BIRTH_DATE = "birth_date", "生年月日訂正"
    SEX = "sex", "性別訂正"
    ADDRESS = "address", "住所変更"
    FLAGS = "flags", "配慮・秘匿の申出"
    ESTABLISHMENT_MOVE = "establishment_move", "事業所の異動"
    SYMBOL_CHANGE = "symbol_change", "事業所の記号変更"
    MERGER = "merger", "合併（保険者番号の変更）"
    REHIRE = "rehire", "再雇用"
    VOLUNTARY = "voluntary", "任意継続"
    SPECIAL_RETIRED = "special_retired", "特例退職"
    REMUNERATION = "remuneration", "標準報酬月額"
    SHARE_RELIEF = "share_relief", "基準収入額適用"
    INDIVIDUAL_NUMBER = "individual_number", "個人番号"
    OPTIONAL_ITEMS = "optional_items", "任意記載事項の申出"


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
