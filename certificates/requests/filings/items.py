"""任意記載事項の申出: 限度額適用区分 and 特定疾病 on the 資格確認書, only by its holder's wish. Source: rules.md §7."""

from __future__ import annotations

from datetime import date

from certificates.documents.optional_items import CATEGORIES_BY_AGE, Item, Wished, wished_of
from certificates.requests.filings import finding, papers
from certificates.requests.filings.case import Case
from members.optional_item import OptionalItem

VALUES = (
    "limit_category",
    "limit_category_through",
    "limit_category_ends",
    "specific_disease",
    "specific_disease_yen",
    "specific_disease_through",
    "specific_disease_ends",
)


def check(case: Case) -> None:
    if all(case.value(name) is None for name in VALUES):
        case.refuse("申出の内容がありません。印字する区分や疾病か、取下げを入れてください。", "limit_category")
        return
    first, last = case.cover.acquired_on, finding.last_day(case.cover, case.law)
    if not first <= case.effective_on <= last:
        case.refuse("発効期日・取下げ日にこの資格がありません。資格取得日・喪失日を確認してください。", "effective_on")
    newest = case.found["newest"] = _newest(case)
    for item in Item:
        _check_item(case, item, newest.get(item))


def _check_item(case: Case, item: Item, newest: OptionalItem | None) -> None:
    told, ends = case.value(item), case.value(f"{item}_ends")
    if told and ends:
        case.refuse(f"{item.label}と、その取下げの両方があります。どちらかにしてください。", item)
    elif ends and (newest is None or not newest.value or _over(newest, case.effective_on)):
        case.refuse(f"{item.label}の申出は、取り下げるものが登録されていません。加入者の画面で確認してください。", item)
    elif told:
        _check_told(case, item)
    elif case.value(f"{item}_through") or (item == Item.SPECIFIC_DISEASE and case.value(f"{item}_yen")):
        case.refuse(f"{item.label}がありません。有効期限や限度額と一緒に入れてください。", item)


def _over(row: OptionalItem, day: date) -> bool:
    return row.valid_through is not None and row.valid_through < day


def _check_told(case: Case, item: Item) -> None:
    if item not in case.policy.optional_items:
        case.refuse(
            f"資格確認書に{item.label}を印字しない設定です。"
            "申出は受けられないことと、認定証・受療証を使うことを案内してください。",
            item,
        )
    wished = _told(case, item)
    through = wished.valid_through
    if through is not None and through < wished.valid_from:
        case.refuse(f"{item.label}の有効期限が発効期日より前です。日付を確認してください。", f"{item}_through")
    elif through is not None and through < case.on:
        case.odd(f"{item.label}の有効期限が過ぎているため、印字されません。")
    if item == Item.LIMIT_CATEGORY:
        _check_age(case, wished)
    else:
        _check_limit(case, wished)


def _check_age(case: Case, wished: Wished) -> None:
    born = case.cover.person.birth_date
    if not wished.fits(born, wished.valid_from, case.law):
        case.refuse(
            f"この限度額適用区分は、発効期日の年齢に合いません。{case.law.fill(CATEGORIES_BY_AGE)}から選んでください。",
            wished.item,
        )


def _check_limit(case: Case, wished: Wished) -> None:
    known = (case.law.specific_disease_yen, case.law.specific_disease_high_yen)
    column = f"{wished.item}_yen"
    if wished.limit_yen is None:
        case.refuse("特定疾病の自己負担限度額がありません。受療証の額を入れてください。", column)
    elif wished.limit_yen not in known:
        amounts = "か".join(f"{yen:,}円" for yen in known)
        case.refuse(f"特定疾病の自己負担限度額は{amounts}です。受療証の額を確認してください。", column)
    elif not wished.fits(case.cover.person.birth_date, wished.valid_from, case.law):
        case.refuse(
            f"{wished.limit_yen:,}円は、人工腎臓を実施している{case.law.elderly_age}歳未満の方だけの額です。受療証の額を確認してください。",
            column,
        )


def _told(case: Case, item: Item) -> Wished:
    yen = case.value(f"{item}_yen") if item == Item.SPECIFIC_DISEASE else None
    return Wished(str(item), case.value(item), yen, case.effective_on, case.value(f"{item}_through"))


def _newest(case: Case) -> dict[str, OptionalItem]:
    rows = OptionalItem.objects.filter(member=case.cover).order_by("pk")
    return {row.item: row for row in rows}


def record(case: Case) -> None:
    """Keeps what is new and replaces the 資格確認書; what stands on record already changes nothing."""
    newest = case.found["newest"]
    rows = [row for item in Item if (row := _row(case, item)) is not None and not _same(row, newest.get(item))]
    if not rows:
        return
    for row in rows:
        case.changed(case.cover, row.get_item_display(), _words(newest.get(row.item)), _words(row))
    OptionalItem.objects.bulk_create(rows)
    papers.replace_certificates(case, [case.cover.pk])


def _row(case: Case, item: Item) -> OptionalItem | None:
    row = OptionalItem(member=case.cover, item=item, valid_from=case.effective_on, wished_on=case.received_on)
    if case.value(f"{item}_ends"):
        return row
    if not case.value(item):
        return None
    told = _told(case, item)
    row.value, row.limit_yen, row.valid_through = told.value, told.limit_yen, told.valid_through
    return row


def _same(row: OptionalItem, newest: OptionalItem | None) -> bool:
    names = ("value", "limit_yen", "valid_from", "valid_through")
    return newest is not None and all(getattr(row, name) == getattr(newest, name) for name in names)


def _words(row: OptionalItem | None) -> str | None:
    return wished_of(row).words(row.valid_through) if row is not None and row.value else None
