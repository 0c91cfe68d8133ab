"""標準報酬月額 and 基準収入額適用: the share from 70 on, and the papers that carry it. Source: rules.md §6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Q

from certificates.requests.filings import finding, papers, phrases
from certificates.requests.filings.case import Case
from certificates.requests.filings.papers import PAPERS, Cause, Duty, Held
from certificates.requests.filings.phrases import Saying
from certificates.rules.copayment import Told, copayment_percent, share_from
from core.calendar import wareki
from core.text import tenths
from members.models import Member, ShareRelief

SAYINGS: Mapping[str, Saying] = {
    "elderly_share_changed": lambda f: f"{phrases.covers(f['ids'])} の高齢受給者証は、新しい割合のものが要ります。"
}

# Drawn already, so the share stands on it; what is not drawn yet will carry the new one.
DRAWN = ("printed", "sent", "returned")


@dataclass(frozen=True, slots=True)
class Income:
    """What an insured person's share depends on, with the dated reliefs; ``told``: in a municipal scheme."""

    birth_date: date
    standard_monthly_remuneration_yen: int | None
    reliefs: tuple[tuple[date, date | None], ...]
    told: Told | None = None

    def at(self, day: date) -> _IncomeOn:
        relieved = any(since <= day and (last is None or day <= last) for since, last in self.reliefs)
        return _IncomeOn(self.birth_date, self.standard_monthly_remuneration_yen, relieved)


@dataclass(frozen=True, slots=True)
class _IncomeOn:
    birth_date: date
    standard_monthly_remuneration_yen: int | None
    relieved: bool


def waits(case: Case) -> date:
    """The old paper is right until the first day of the new share, so the filing waits for it."""
    return case.effective_on


def check_remuneration(case: Case) -> None:
    _insured_alone(case)


def change_remuneration(case: Case) -> None:
    before = _income(case.cover)
    member, yen = case.cover, case.value("standard_monthly_remuneration_yen")
    case.changed(member, "標準報酬月額（円）", member.standard_monthly_remuneration_yen, yen)
    member.standard_monthly_remuneration_yen = yen
    member.save(update_fields=["standard_monthly_remuneration_yen"])
    _share_changed(case, before, _income(member))


def pay_changed(case: Case, before_yen: int | None) -> None:
    """The consequences where the pay on record has changed already. ``before_yen``: what it was."""
    after = _income(case.cover)
    _share_changed(case, replace(after, standard_monthly_remuneration_yen=before_yen), after)


def share_told(case: Case, before_percent: int | None) -> None:
    """The consequences where a municipality has told another share than ``before_percent``, the one on record before."""
    known = _income(case.cover)
    before = replace(known, told=Told(before_percent))
    _share_changed(case, before, replace(known, told=Told(case.cover.copayment_percent)))


def check_relief(case: Case) -> None:
    if not _insured_alone(case):
        return
    since, through = case.value("relief_from", case.effective_on), case.value("relief_through")
    if since != case.effective_on:
        case.refuse("適用開始日と異動日が違います。同じ日にして届け出てください。", "relief_from")
    if through is not None and through < since:
        case.refuse("適用終了日が適用開始日より前です。日付を確認してください。", "relief_from")
    running = Q(valid_through__isnull=True) | Q(valid_through__gte=since)
    others = case.cover.share_reliefs.filter(running)
    if through is not None:
        others = others.filter(valid_from__lte=through)
    if others.exists():
        case.refuse("期間の重なる基準収入額適用がすでにあります。期間を確認してください。", "relief_from")


def grant_relief(case: Case) -> None:
    before = _income(case.cover)
    since, through = case.value("relief_from", case.effective_on), case.value("relief_through")
    ShareRelief.objects.create(member=case.cover, valid_from=since, valid_through=through)
    label = f"基準収入額適用（{tenths(case.law.copayment_elderly_percent)}）"
    case.changed(case.cover, label, None, f"{wareki(since)} 〜 {wareki(through) if through else ''}")
    _share_changed(case, before, _income(case.cover))


def _insured_alone(case: Case) -> bool:
    if case.cover.kind == Member.Kind.INSURED:
        return True
    case.refuse("被扶養者です。被保険者の記号・番号で届け出てください。")
    return False


def _income(insured: Member) -> Income:
    reliefs = tuple(insured.share_reliefs.values_list("valid_from", "valid_through"))
    return Income(insured.person.birth_date, insured.standard_monthly_remuneration_yen, reliefs)


def _share_changed(case: Case, before: Income, after: Income) -> None:
    """Withdraws what shows the former share, and decides its holder anew; of a change to come, notes whose it is."""
    family = [case.cover, *finding.dependents(case.cover, after=case.on)]
    births = {one.pk: one.person.birth_date for one in family if one.lost_on is None or one.lost_on > case.on}
    elderly = {pk: born for pk, born in births.items() if share_from(born, case.law) <= case.on}
    if not elderly:
        return
    if case.coming is not None:
        if case.policy.share_on_face:
            case.coming.update(pk for pk, born in elderly.items() if _differs(case, born, before, after, case.on))
        return
    duty = Duty(Cause.FACE_CHANGED, case.effective_on, supersede=True)
    for model, fk in PAPERS:
        if fk == "certificate" and not case.policy.share_on_face:
            continue
        drawn = model.objects.filter(member__in=list(elderly), status__in=DRAWN)
        if fk == "certificate":  # what was made ahead for this change shows the new share
            drawn = drawn.filter(coming__isnull=True).exclude(pk__in=case.foreseen)
        columns = ("pk", "member_id", "status", "effective_on", "valid_through")
        wrong = [
            Held(fk, pk, member, status, first, last)
            for pk, member, status, first, last in drawn.values_list(*columns)
            if first >= share_from(elderly[member], case.law)
            and _differs(case, elderly[member], before, after, max(case.on, first))
        ]
        if fk == "certificate":
            papers.replace_papers(case, wrong, duty)
        elif touched := papers.withdraw_papers(case, model, fk, wrong, duty):
            case.follows("elderly_share_changed", touched)


def _differs(case: Case, born: date, before: Income, after: Income, day: date) -> bool:
    return _share(case, born, before, day) != _share(case, born, after, day)


def _share(case: Case, born: date, income: Income, day: date) -> int | None:
    if income.told is not None:
        return income.told.on(born, day, case.law)
    return copayment_percent(born, income.at(day), on=day, law=case.law)
