"""A whole employer at once: 事業所の記号変更, and 合併 into another insurer number. Works on sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from certificates.requests.filings import finding
from certificates.requests.filings.case import Case
from certificates.requests.filings.personal import faces_watched
from certificates.requests.filings.phrases import Saying
from core.calendar import FAR_FUTURE
from core.text import identifier_key
from members.models import Establishment, Member

SAYINGS: Mapping[str, Saying] = {"covers_renumbered": lambda f: f"{len(f['ids'])}件の資格の記号・番号が変わります。"}

NUMBER_TAKEN = (
    "移った先に、同じ記号・番号・枝番で期間の重なる資格が{count}件あります。番号を分けてから届け出てください。"
)


def waits(case: Case) -> date:
    """The covers go on under another number from the day on, so the filing waits for it."""
    return case.effective_on


def _running(covers: QuerySet[Member], case: Case) -> QuerySet[Member]:
    """Covers that reach the day; those that ended before keep what they were registered under."""
    return covers.filter(Q(lost_on__isnull=True) | Q(lost_on__gt=case.effective_on))


def _taken(case: Case, covers: QuerySet[Member], **place: Any) -> None:
    """Refuses where another cover stands in the way of one that moves."""
    there = Member.objects.filter(
        Q(lost_on__isnull=True) | (Q(lost_on__gt=F("acquired_on")) & Q(lost_on__gt=OuterRef("acquired_on"))),
        acquired_on__lt=Coalesce(OuterRef("lost_on"), FAR_FUTURE),
        number_key=OuterRef("number_key"),
        branch_key=OuterRef("branch_key"),
        **place,
    )
    if count := covers.filter(Exists(there)).count():
        case.refuse(NUMBER_TAKEN.format(count=count))


def _members_of(employers: list[Establishment]) -> Q:
    """The employers' members, with the families of their insured persons."""
    return Q(establishment__in=employers) | Q(insured__establishment__in=employers)


def check_symbol(case: Case) -> None:
    insurer = finding.insurer_of(case)
    establishment = insurer and finding.establishment_of(case, insurer, "establishment_code")
    if insurer is None or establishment is None:
        return
    old = case.value("symbol", establishment.symbol)
    new = case.value("new_symbol")
    if not old:
        case.refuse("事業所に記号が登録されていません。今の記号（symbol）を入れてください。", "symbol")
        return
    if identifier_key(old) == identifier_key(new):
        case.refuse("新しい記号が今の記号と同じです。届書を確認してください。", "new_symbol")
        return
    mine = Member.objects.filter(_members_of([establishment]), insurer=insurer, symbol_key=identifier_key(old))
    covers = _running(mine, case)
    case.found |= {"establishment": establishment, "covers": covers, "insurer": insurer}
    if not covers.exists():
        case.odd("この事業所と記号の加入者はいません。事業所の記号だけが変わります。")
    _taken(case, covers, insurer=insurer, symbol_key=identifier_key(new))


def change_symbol(case: Case) -> None:
    """Every member's cover gets the new 記号; 資格取得日 stays. Each face changes."""
    establishment: Establishment = case.found["establishment"]
    new = case.value("new_symbol")
    ids = sorted(case.found["covers"].values_list("pk", flat=True))
    case.changed(establishment.code, "記号", establishment.symbol, new)
    establishment.symbol = new
    establishment.save(update_fields=["symbol"])
    _move(case, ids, symbol=new, symbol_key=identifier_key(new))


def check_merger(case: Case) -> None:
    source, target = finding.insurer_of(case), finding.insurer_of(case, "new_insurer_number")
    if source is None or target is None:
        return
    if source.pk == target.pk:
        case.refuse("合併の前と後の保険者番号が同じです。届書を確認してください。", "new_insurer_number")
        return
    code = case.value("establishment_code")
    employers = Establishment.objects.filter(insurer=source, **({"code": code} if code else {}))
    found = list(employers)
    if not found:
        case.refuse("この保険者番号の事業所が見つかりません。事業所コードを確認してください。", "establishment_code")
        return
    clashing = Establishment.objects.filter(insurer=target, code=OuterRef("code"))
    if employers.filter(Exists(clashing)).exists():
        case.refuse(
            "移った先に同じ事業所コードがあります。事業所コードを分けてから届け出てください。", "establishment_code"
        )
    covers = _running(Member.objects.filter(_members_of(found), insurer=source), case)
    case.found |= {"employers": found, "covers": covers, "target": target, "source": source}
    _taken(case, covers, insurer=target, symbol_key=OuterRef("symbol_key"))


def merge(case: Case) -> None:
    """The covers go on under the other insurer number; the employers with them. Each face changes."""
    target = case.found["target"]
    ids = sorted(case.found["covers"].values_list("pk", flat=True))
    employers = [one.pk for one in case.found["employers"]]
    for one in case.found["employers"]:
        case.changed(one.code, "保険者番号", case.found["source"].number, target.number)
    Establishment.objects.filter(pk__in=employers).update(insurer=target)
    _move(case, ids, insurer=target)


def _move(case: Case, ids: list[int], **values: Any) -> None:
    case.changed("加入者", "件数", None, f"{len(ids)}件")
    with faces_watched(case, ids):
        Member.objects.filter(pk__in=ids).update(**values)
    case.follows("covers_renumbered", ids)
