"""Whether an application is granted, by policy and what the fund says, with the reason in words.

Source: rules.md §8; print.md "Refusal".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from certificates.decisions.gaps import in_hand
from certificates.decisions.reading import facts_of
from certificates.models import Application, EligibilityCertificate, Run
from certificates.rules import monthly
from certificates.rules.codes import Ground
from certificates.rules.facts import HeldCertificate, MemberFacts
from certificates.rules.law import law_on
from core.calendar import month_end, wareki, wareki_month
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
UNDER_WAY = "先に決まった資格確認書をお送りする手続きをしています。届いてから、必要なときに申請してください。"
NOT_KNOWN = "マイナ保険証を使えるかどうかが、まだわかっていません。"
RETURNED = "お送りした資格確認書が郵便で戻っています。送付先を確かめて、もう一度お送りします。"


def judge(application: Application, *, on: date) -> Verdict:
    """What the policy says of the application on ``on``; writes nothing."""
    member = application.member
    policy, law = policy_on(member.insurer, on), law_on(on)
    facts = facts_of(member.insurer.society.pk, on, [member.pk])[member.pk]
    # What begins only on a day to come is of no use today.
    begun = [held for held in facts.certificates if held.effective_on <= on]
    if application.kind == Application.Kind.REISSUE:
        return _reissue(application, begun, policy, on)
    lasts = [monthly.certificate_last_day(held, facts.birth_date, policy, law) for held in begun]
    if last := max((last for last in lasts if last >= on), default=None):
        return _with_paper(begun, last, on)
    if "anyone" in policy.accepted_grounds:
        return GRANTED
    if application.ground in policy.accepted_grounds and application.ground in CARD_NOT_AT_HAND:
        return GRANTED
    usable = monthly.myna(facts, law, on=on)
    if usable.known and (usable.last_day is None or usable.last_day < on):
        return GRANTED
    word = _newest_word(facts, application)
    if word is not None and word >= application.received_on:
        return Verdict(False, "myna_usable", _usable(word)) if usable.known else GRANTED
    return Verdict(False, "myna_usable", _usable(word) if usable.known else NOT_KNOWN, ask_fund=True)


def _with_paper(live: Sequence[HeldCertificate], last: date, on: date) -> Verdict:
    """A second certificate beside a live one is never granted; the words say where the live one is."""
    if any(in_hand(held, on) for held in live):
        return Verdict(False, "certificate_in_hand", _has_one(last))
    if any(held.status == "returned" for held in live):
        return Verdict(False, "returned_by_post", RETURNED)
    return Verdict(False, "under_way", UNDER_WAY)


def _reissue(application: Application, begun: Sequence[HeldCertificate], policy: Policy, on: date) -> Verdict:
    if "anyone" not in policy.accepted_grounds and application.ground not in policy.accepted_grounds:
        return Verdict(False, "ground_not_accepted", "この事由での再交付は、行っていません。")
    if any(held.status in ("proposed", "approved", "printed") for held in begun):
        return Verdict(False, "under_way", UNDER_WAY)
    earlier = earlier_certificate(application)
    if earlier is None:
        return Verdict(
            False,
            "no_certificate",
            "これまでに交付した資格確認書の記録がありません。初めての方は、交付の申請をしてください。",
        )
    in_date = earlier.status in ("sent", "returned") and earlier.valid_through >= on
    if application.ground == Ground.EXPIRED_CERTIFICATE and in_date:
        last = next((held.valid_through for held in begun if held.id == earlier.pk), earlier.valid_through)
        return Verdict(False, "certificate_in_hand", _has_one(last))
    return GRANTED


def earlier_certificate(application: Application) -> EligibilityCertificate | None:
    """The certificate of this cover that a 再交付 takes the place of: the newest that was posted for the face of now."""
    return (
        EligibilityCertificate.objects.filter(
            member=application.member,
            status__in=("sent", "returned", "expired", "lost", "superseded"),
            coming__isnull=True,
        )
        .order_by("-valid_through", "-pk")
        .first()
    )


def _newest_word(facts: MemberFacts, application: Application) -> date | None:
    """The day of the fund's newest word on the person; an unchanged month confirms without a new row."""
    if facts.row is None or not facts.row.usable:
        return None
    months = Run.objects.filter(insurer=application.member.insurer.society).exclude(status__in=("open", "held"))
    newest = months.order_by("-as_of").values_list("as_of", flat=True).first()
    return max(facts.row.as_of, newest or facts.row.as_of)


def _has_one(last: date) -> str:
    return (
        f"お手元の資格確認書が{wareki(last)}まで使えるため、新たには交付できません。"
        "なくしたとき、傷んで読めなくなったときは、再交付を申請してください。"
    )


def _usable(word: date | None) -> str:
    as_of = "支払基金の情報で"
    if word is not None:
        as_of = f"{wareki_month(word)}末の情報で" if word == month_end(word) else f"{wareki(word)}の情報で"
    return (
        f"{as_of}、マイナ保険証を利用できることを確認したため、今回は交付できません。"
        "使うのをやめたいときは、利用登録の解除を申請できます（理由は問いません）。"
        "カードの紛失・更新中、介助が必要などの事情があれば、改めて申請してください。"
    )
