"""個人番号: filed, changed, pending, not obtainable, a mismatch settled, a wrong linkage suspected.

Source: rules.md §3, §8 (seed 003 2-29, 2-40).
"""

from __future__ import annotations

from collections.abc import Mapping

from certificates.models import Filing
from certificates.requests.filings import persons
from certificates.requests.filings.case import Case
from certificates.requests.filings.fields import NUMBER_INDEX
from certificates.requests.filings.personal import decide_person_anew
from certificates.requests.filings.phrases import Saying
from certificates.rules.filing_kinds import Kind, NumberReport
from members.models import IndividualNumber, NumberState

SAYINGS: Mapping[str, Saying] = {
    "attempt": lambda f: f"個人番号の届出を求めた{f['count']}回目の記録です。",
    "viewing_stopped": lambda f: "情報の閲覧を止めます（不一致）。確かめてから「不一致の解消」を届け出てください。",
}

STATES = {
    NumberReport.FILED: NumberState.REGISTERED,
    NumberReport.CHANGED: NumberState.REGISTERED,
    NumberReport.SETTLED: NumberState.REGISTERED,
    NumberReport.PENDING: NumberState.PENDING,
    NumberReport.NOT_SUBMITTED: NumberState.UNREGISTERED,
    NumberReport.WRONG_LINKAGE: NumberState.MISMATCH,
}
WITH_NUMBER = (NumberReport.FILED, NumberReport.CHANGED)


def report_of(case: Case) -> NumberReport:
    return NumberReport(case.value("reason", NumberReport.FILED))


def check_number(case: Case) -> None:
    if case.value("reason") not in (None, *(value for value, _ in NumberReport.choices())):
        case.refuse("個人番号の届では使わない理由です。個人番号届・変更届などから選んでください。", "reason")
        return
    report, index, person = report_of(case), case.value(NUMBER_INDEX), case.cover.person
    known = IndividualNumber.objects.filter(person=person).first()
    if report in WITH_NUMBER and not index:
        case.refuse(
            "個人番号がありません。番号を入れるか、手続き中・未提出として届け出てください。", "individual_number"
        )
    if report not in (*WITH_NUMBER, NumberReport.SETTLED) and index:
        case.refuse("この届では個人番号を使いません。空にして届け出てください。", "individual_number")
    if index:
        persons.check_number_free(case, index, person)
    if report == NumberReport.FILED and known is not None and index and known.blind_index != index:
        case.refuse(
            "別の個人番号が登録されています。変わったときは「個人番号変更届」で届け出てください。", "individual_number"
        )
    if report == NumberReport.SETTLED:
        if person.individual_number_state != NumberState.MISMATCH:
            case.refuse("番号の状態は「不一致」ではありません。記号・番号を確認してください。", "reason")
        elif known is None and not index:
            case.refuse("個人番号が登録されていません。確かめた番号を入れてください。", "individual_number")
    if report == NumberReport.NOT_SUBMITTED and known is not None:
        case.odd("この方の個人番号は登録されています。未提出で間違いないか確認してください。")


def report_number(case: Case) -> None:
    """Writes the number and its state; who has no マイナ保険証 by it is decided anew, at once.

    A suspected wrong linkage stops the viewing (不一致) until it is settled.
    """
    report, person = report_of(case), case.cover.person
    before = person.individual_number_state
    persons.store_number(case, person)
    state = STATES[report]
    persons.change_person(case, person, {"individual_number_state": state}, who=case.cover)
    if case.value("fund_registered_on"):
        case.cover.fund_registered_on = case.value("fund_registered_on")
        case.cover.save(update_fields=["fund_registered_on"])
    if report == NumberReport.NOT_SUBMITTED:
        case.follows("attempt", [case.cover.pk], count=_attempts(case) + 1)
    if report == NumberReport.WRONG_LINKAGE:
        case.follows("viewing_stopped", [case.cover.pk])
    stopped = (NumberState.UNREGISTERED, NumberState.MISMATCH)
    if state in stopped and before != state:
        decide_person_anew(case, person)


def _attempts(case: Case) -> int:
    """How often the number was asked for in vain before."""
    asked = Filing.objects.filter(member__person=case.cover.person_id, kind=Kind.INDIVIDUAL_NUMBER, status="applied")
    return asked.filter(data__reason=NumberReport.NOT_SUBMITTED).count()
