"""Cover ends: 資格喪失, 死亡, 扶養から外れる; a loss or an acquisition that never was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db.models import Q

from certificates.requests.filings import covers, finding, papers, phrases
from certificates.requests.filings.case import Case
from certificates.requests.filings.papers import Cause, Duty, ReturnTo
from certificates.requests.filings.phrases import Saying
from certificates.rules.filing_kinds import LossReason
from core.calendar import FAR_FUTURE, days_after, wareki
from core.plausible import COVER
from members.models import Member

RUN_ON: Mapping[str, Saying] = {"covers_run_on": lambda f: f"{phrases.covers(f['ids'])} の資格が続きます。"}


def check_loss(case: Case) -> None:
    if case.cover.kind == Member.Kind.DEPENDENT:
        case.refuse("被扶養者です。「扶養から外れる」（dependent_removed）で届け出てください。")
    _check_end(case)


def check_removed(case: Case) -> None:
    if case.cover.kind == Member.Kind.INSURED:
        case.refuse("被保険者です。「資格喪失」（loss）で届け出てください。")
    _check_end(case)


def check_death(case: Case) -> None:
    [(label, died_on), *_] = case.days
    if died_on > case.on:
        case.refuse(f"{label}（{wareki(died_on)}）が先の日付です。届書を確認してください。", "effective_on")
    _check_end(case)


def _check_end(case: Case) -> None:
    member, day = case.cover, case.effective_on
    if not COVER.holds(day, case.on):
        # The day on the form may lie in the window and the day after it outside.
        case.refuse(f"{_named(case)}は、{COVER.words(case.on)}", "effective_on")
    elif day < member.acquired_on:
        case.refuse(
            f"{_named(case)}が資格取得日（{wareki(member.acquired_on)}）より前です。日付を確認してください。",
            "effective_on",
        )
    elif day == member.acquired_on:
        case.refuse(
            f"{_named(case)}が資格取得日と同じです。取得そのものの取消しは「取得取消」で届け出てください。",
            "effective_on",
        )
    elif member.lost_on is not None and member.lost_on <= member.acquired_on:
        case.refuse("この資格の取得はすでに取り消されています。")
    elif member.lost_on is not None and member.lost_on != day:
        _check_correction(case, member.lost_on)
    last = finding.last_day(member, case.law)
    if member.lost_on is None and last < days_after(day, -1):
        case.odd(f"この資格は{wareki(last)}で年齢・期間または被保険者の喪失により終わっています。")


def _named(case: Case) -> str:
    """The 資格喪失日 that follows from the form, told by the day that stands there."""
    (label, known), *lost = case.days
    return f"資格喪失日（{label}{wareki(known)}の翌日）" if lost else f"資格喪失日（{wareki(known)}）"


def _check_correction(case: Case, lost_on: date) -> None:
    member, day = case.cover, case.effective_on
    if not case.value("correct"):
        case.refuse(
            f"すでに資格喪失日 {wareki(lost_on)} で喪失しています。この届の{_named(case)}に改めるなら「日付の訂正」を付けてください。",
            "effective_on",
        )
    elif day > lost_on:
        check_room(case, member, lost_on, day)


def check_room(case: Case, member: Member, since: date, until: date) -> None:
    """Refuses to let a cover run on over days that its number or its person is covered under another."""
    named = Q(
        insurer=member.insurer, symbol_key=member.symbol_key, number_key=member.number_key, branch_key=member.branch_key
    )
    later = Member.objects.filter(named | Q(person=member.person_id), acquired_on__lt=until)
    later = later.filter(Q(lost_on__isnull=True) | Q(lost_on__gt=since)).exclude(pk=member.pk)
    if later.exists():
        case.refuse("その期間には、同じ番号または同じ方の別の資格があります。先にそちらの取得日を確認してください。")


def _return_to(case: Case) -> str:
    """Through the employer on retirement (unsaid, a loss is one), else straight to the society. Source: rules.md §9."""
    retired = case.value("reason", LossReason.RETIREMENT) == LossReason.RETIREMENT
    return "" if retired else ReturnTo.INSURER


def lose(case: Case) -> None:
    _end_family(case, Cause.LOSS, _return_to(case))


def remove(case: Case) -> None:
    _end_family(case, Cause.REMOVED)


def die(case: Case) -> None:
    _end_family(case, Cause.DEATH, ReturnTo.CLAIMANT)


def _end_family(case: Case, cause: str, to: str = "") -> None:
    """Ends the cover and, with an insured person's, the whole family's; their papers come back.

    A corrected day moves the dependents who ended with the insured person.
    """
    member, day, before = case.cover, case.effective_on, case.cover.lost_on
    after = day if before is None else min(day, days_after(before, -1))
    family = [one for one in finding.dependents(member, after=after) if _ends_along(one, before, day)]
    corrected = before is not None and before != day
    covers.end_covers(case, [member, *family], day)
    if corrected:
        papers.redate_duties(case, [member.pk, *(one.pk for one in family)], day)
    if cause != Cause.DEATH:
        covers.withdraw_after_loss(case, [member, *family], Duty(cause, day, return_to=to))
        return
    # On the day of death itself there is cover yet, but nobody who could use another paper.
    papers.withdraw(case, [member.pk], Duty(cause, day, return_to=to))
    if family:
        # The family loses cover with the insured person; only the deceased's own paper is a death's.
        covers.withdraw_after_loss(case, family, Duty(Cause.LOSS, day, return_to=to))


def _ends_along(dependent: Member, before: date | None, day: date) -> bool:
    return dependent.lost_on is None or dependent.lost_on > day or dependent.lost_on == before


def check_loss_annulled(case: Case) -> None:
    member = case.cover
    if member.lost_on is None or member.lost_on <= member.acquired_on:
        case.refuse("この資格は喪失していません。記号・番号と喪失日を確認してください。", "effective_on")
        return
    if member.lost_on != case.effective_on:
        case.refuse(f"資格喪失日は{wareki(member.lost_on)}です。取り消す資格喪失日を確認してください。", "effective_on")
        return
    if member.insured is not None and member.insured.lost_on is not None:
        case.refuse("被保険者の資格が喪失しています。先に被保険者の喪失取消を届け出てください。")
    for one in _ended_together(member):
        check_room(case, one, case.effective_on, FAR_FUTURE)


def annul_loss(case: Case) -> None:
    """The cover runs on as if never lost, the family's with it; duties of that loss are lifted."""
    family = _ended_together(case.cover)
    for one in family:
        case.changed(one, "資格喪失日", one.lost_on, None)
        one.lost_on = None
        one.save(update_fields=["lost_on"])
    ids = [one.pk for one in family]
    case.follows("covers_run_on", ids)
    papers.lift_duties(case, ids)
    papers.decide_anew(case, ids)


def _ended_together(member: Member) -> list[Member]:
    """The cover and the dependents who ended on the same day."""
    along = [one for one in finding.dependents(member) if one.lost_on == member.lost_on]
    return [member, *along]


def check_annulled(case: Case) -> None:
    member = case.cover
    if member.acquired_on != case.effective_on:
        case.refuse(f"資格取得日は{wareki(member.acquired_on)}です。取り消す取得日を確認してください。", "effective_on")
    elif member.lost_on is not None and member.lost_on <= member.acquired_on:
        case.refuse("この資格の取得はすでに取り消されています。")


def annul(case: Case) -> None:
    """The cover never was: it is empty, the dependents' too, and every paper of it comes back."""
    member = case.cover
    family = [member, *finding.dependents(member)]
    day = case.effective_on
    covers.end_covers(case, family, day)
    covers.withdraw_after_loss(case, family, Duty(Cause.ANNULLED, day))
