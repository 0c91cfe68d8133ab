"""Whether an application is granted, by policy and what the fund says, with the reason in words.

Source: domain.md §8; the refusal's wording: print.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from certificates import rules
from certificates.codes import Ground
from certificates.facts import MemberFacts
from certificates.gaps import in_hand
from certificates.law import law_on
from certificates.models import Application, EligibilityCertificate
from certificates.reading import facts_of
from core.calendar import wareki, wareki_month
from members.policy import Policy
from members.services import policy_on

# Grounds that say the card cannot be used now, whatever its registration says.
CARD_NOT_AT_HAND = (Ground.LOST_CARD, Ground.RENEWING_CARD, Ground.NEEDS_ASSISTANCE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``granted``; or a refusal's ``code`` and the ``text`` the applicant can be sent.

    ``ask_fund``: before refusing, the fund must be asked (no word of it newer than the application).
    """

    granted: bool
    code: str = ""
    text: str = ""
    ask_fund: bool = False


GRANTED = Verdict(True)


def judge(application: Application, *, on: date) -> Verdict:
    """What the policy says of the application on ``on``; writes nothing."""
    member = application.member
    policy, law = policy_on(member.insurer, on), law_on(on)
    facts = facts_of(member.insurer.society.pk, on, [member.pk])[member.pk]
    if application.kind == Application.Kind.REISSUE:
        return _reissue(application, policy)
    held = [
        h for h in facts.certificates if in_hand(h, on) or h.status in ("proposed", "approved", "printed")
    ]
    if held:
        last = max(rules.certificate_last_day(h, facts.birth_date, policy, law) for h in held)
        return Verdict(False, "certificate_in_hand", _has_one(last))
    if "anyone" in policy.accepted_grounds:
        return GRANTED
    if application.ground in policy.accepted_grounds and application.ground in CARD_NOT_AT_HAND:
        return GRANTED
    usable = rules.myna(facts, law)
    if usable.known and (usable.last_day is None or usable.last_day < on):
        return GRANTED
    if _asked_since(facts, application.received_on):
        return Verdict(False, "myna_usable", _usable(facts)) if usable.known else GRANTED
    return Verdict(False, "myna_usable", _usable(facts), ask_fund=True)


def _reissue(application: Application, policy: Policy) -> Verdict:
    if "anyone" not in policy.accepted_grounds and application.ground not in policy.accepted_grounds:
        return Verdict(False, "ground_not_accepted", "この事由での再交付は、当組合では行っていません。")
    if earlier_certificate(application) is None:
        return Verdict(
            False,
            "no_certificate",
            "これまでに交付した資格確認書の記録がありません。初めての方は、交付の申請をしてください。",
        )
    return GRANTED


def earlier_certificate(application: Application) -> EligibilityCertificate | None:
    """The certificate of this cover that a 再交付 takes the place of: the newest that was posted."""
    return (
        EligibilityCertificate.objects.filter(
            member=application.member, status__in=("sent", "returned", "expired", "lost", "superseded")
        )
        .order_by("-valid_through", "-pk")
        .first()
    )


def _asked_since(facts: MemberFacts, received_on: date) -> bool:
    """Whether the fund has spoken of the person since the application came (single inquiries count)."""
    return facts.row is not None and facts.row.usable and facts.row.as_of >= received_on


def _has_one(last: date) -> str:
    return (
        f"お手元の資格確認書が{wareki(last)}まで使えるため、新たには交付できません。"
        "なくしたとき、傷んで読めなくなったときは、再交付を申請してください。"
    )


def _usable(facts: MemberFacts) -> str:
    as_of = f"{wareki_month(facts.row.as_of)}末の情報で" if facts.row is not None else "支払基金の情報で"
    return (
        f"{as_of}、マイナ保険証を利用できることを確認したため、今回は交付できません。"
        "使うのをやめたいときは、利用登録の解除を申請できます（理由は問いません）。"
        "カードの紛失・更新中、介助が必要などの事情があれば、改めて申請してください。"
    )
