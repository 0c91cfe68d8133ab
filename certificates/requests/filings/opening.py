"""A filing on its way to be looked at: its checked values, the society on a day, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from certificates.models import Filing
from certificates.requests.filings import fields, finding
from certificates.requests.filings.case import Case
from certificates.requests.filings.register import Register
from certificates.requests.filings.table import HANDLERS, Handler
from certificates.rules.filing_kinds import Kind, LossReason
from certificates.rules.law import Law, law_on
from core import damage
from core.calendar import wareki
from core.models import Clerk
from core.plausible import USUAL_BIRTH
from core.text import kana_key
from members.models import Insurer, Member
from members.policy import Policy
from members.services import policy_on, society

CLASHES = "登録済みの資格や届出と重なるため反映できません。記号・番号・資格取得日を確認してください。"
OTHER_PERSON = "届書の{label}が登録と違います。別の方の記号・番号でないか確認してください。"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A form's checked values; ``unused``: what this kind does not read."""

    kind: Kind
    effective_on: date
    kept: dict[str, str]
    unused: list[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The society, and what is in force there on a day."""

    insurer: Insurer
    policy: Policy
    law: Law
    register: Register


def standing(on: date) -> Standing:
    """Raises Refused: nothing is loaded yet, or no policy is in force."""
    insurer = society()
    return Standing(insurer, policy_on(insurer, on), law_on(on), Register(insurer))


def fresh(member: Member | None) -> Member | None:
    """As stored now: the caller's object may be older than the last filing."""
    if member is None:
        return None
    return Member.objects.select_related(*finding.RELATED).get(pk=member.pk)


def case_of(
    prepared: Prepared,
    member: Member | None,
    at: Standing,
    *,
    received_on: date,
    on: date,
    by: Clerk | None,
    request: str,
) -> Case:
    return Case(
        prepared.kind,
        member,
        fields.typed(prepared.kept),
        prepared.effective_on,
        received_on,
        on,
        by,
        request,
        at.insurer,
        at.policy,
        at.law,
        at.register,
    )


def case_of_filing(filing: Filing, member: Member | None, at: Standing, *, on: date, by: Clerk | None) -> Case:
    """A stored filing's; ``member`` is its own, as stored now."""
    prepared = Prepared(Kind(filing.kind), filing.effective_on, filing.data, [])
    request = f"filing:{filing.pk}"
    return case_of(prepared, member, at, received_on=filing.received_on, on=on, by=by, request=request)


def concerned(case: Case) -> list[int] | None:
    """The covers whose papers a filing can touch: the family's, under every number; None: an employer's, everybody's."""
    if case.member is None:
        return None if HANDLERS[case.kind].about_all else []
    head = case.member.insured_id or case.member.pk
    family = Member.objects.filter(Q(pk=head) | Q(insured=head) | Q(pk=case.member.pk)).values("person")
    heads = Member.objects.filter(person__in=family).values("pk")
    found = Member.objects.filter(Q(person__in=family) | Q(insured__in=heads))
    return list(found.values_list("pk", flat=True))


def check(case: Case) -> date | None:
    """Fills in refusals and oddities; answers the day until which the filing has to wait."""
    handler = HANDLERS[case.kind]
    if case.policy.municipal:
        _only_of_employers(case)
    if case.received_on > case.on:
        case.refuse("受付日が今日より後です。受け付けた日を確認してください。", "received_on")
    if (born := case.value("birth_date")) and born < USUAL_BIRTH:
        case.odd(f"生年月日が{wareki(USUAL_BIRTH)}より前です。届書で確認してください。")
    _confirm_person(case, handler)
    for field in fields.FIELDS.values():
        if field.on_paper and (odd := damage.told(case.value(field.name) or "", field.on_paper)):
            case.odd(f"「{field.label}」：{odd}")
    if not case.refusals:
        handler.check(case)
    if case.refusals:
        return None
    until = handler.waits_until(case)
    return until if until is not None and until > case.on else None


def _only_of_employers(case: Case) -> None:
    """Refuses what a scheme without employers does not have."""
    if HANDLERS[case.kind].employers_only:
        case.refuse(
            f"「{case.kind.label}」は、事業所のある健康保険だけの届です。この制度では届け出られません。", "kind"
        )
    if case.kind == Kind.LOSS and case.value("reason") == LossReason.RETIREMENT:
        case.refuse("この制度の資格喪失に、理由「退職」はありません。理由を「その他」にしてください。", "reason")


def _confirm_person(case: Case, handler: Handler) -> None:
    """Values told besides, only to make sure that the number is this person's."""
    if case.member is None:
        return
    own = {*handler.required, *handler.optional}
    person = case.member.person
    kana, born = case.value("name_kana"), case.value("birth_date")
    if "name_kana" not in own and kana and kana_key(kana) != person.name_kana_key:
        case.refuse(OTHER_PERSON.format(label="フリガナ"), "name_kana")
    if "birth_date" not in own and born and born != person.birth_date:
        case.refuse(OTHER_PERSON.format(label="生年月日"), "birth_date")
