"""The sentences that several kinds of filings share, and what sentences are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate, Recovery
from certificates.recovery.duties import place_words
from certificates.rules.codes import Ground, Outcome, Reason
from core.calendar import wareki
from members.models import Member
from members.services import municipal

Saying = Callable[[Mapping[str, Any]], str]
PAPERS: Mapping[str, tuple[str, Any]] = {
    "certificate": ("資格確認書", EligibilityCertificate),
    "elderly_certificate": ("高齢受給者証", ElderlyBeneficiaryCertificate),
}
SHOWN = 10  # serials and numbers named one by one; beyond that the count speaks


def _day(text: Any) -> str:
    return wareki(date.fromisoformat(text))


def _listed(names: list[str]) -> str:
    more = f" ほか{len(names) - SHOWN}件" if len(names) > SHOWN else ""
    return "、".join(names[:SHOWN]) + more


def _paper(fact: Mapping[str, Any], ids: list[int]) -> str:
    label, model = PAPERS[fact["paper"]]
    serials = list(model.objects.filter(pk__in=ids).order_by("serial").values_list("serial", flat=True))
    return f"{label}{len(ids)}件（{_listed(serials)}）"


def covers(ids: list[int]) -> str:
    """The covers, each by its number."""
    members = Member.objects.filter(pk__in=ids[: SHOWN + 1]).order_by("pk")
    more = f" ほか{len(ids) - SHOWN}件" if len(ids) > SHOWN else ""
    return "、".join(str(member) for member in members[:SHOWN]) + more


def _recovery(fact: Mapping[str, Any]) -> str:
    cause, to = Recovery.Cause(fact["cause"]).label, place_words(fact["return_to"], municipal=municipal())
    paper = _paper(fact, fact["papers"])
    if fact.get("begins"):
        since = _day(fact["begins"])
        return f"{paper}は{since}から使えません。{_day(fact['due_on'])}までに回収します（{cause}、返納先は{to}）。"
    return f"手元の{paper}を{_day(fact['due_on'])}までに回収します（{cause}、返納先は{to}）。"


def _ruled(fact: Mapping[str, Any]) -> str:
    who = covers([fact["member"]])
    outcome = Outcome(fact["outcome"]).label
    names = {value: label for value, label in (*Ground.choices(), *Reason.choices())}
    reason = fact.get("told") or names.get(fact["reason"], fact["reason"])
    if not fact["certificates"]:
        return f"{who}：{outcome}（{reason}）。"
    begins = f"{_day(fact['begins'])}から使う" if fact.get("begins") else ""
    return f"{who}：{begins}資格確認書を{len(fact['certificates'])}件、交付します（{reason}）。承認を待ちます。"


def _requests(fact: Mapping[str, Any]) -> str:
    named = {"deregistration": "利用登録解除", "application": "申請", "inquiry": "個別照会"}
    counts = "・".join(f"{label}{len(fact[key])}件" for key, label in named.items() if fact.get(key))
    return f"手続き中の{counts}を新しい資格に引き継ぎます。"


SHARED: Mapping[str, Saying] = {
    "voided": lambda f: f"発送前の{_paper(f, f['ids'])}を無効にします。",
    "recovery": _recovery,
    "superseded": lambda f: f"{_paper(f, f['ids'])}を差替え済みとします。",
    "taken_back": lambda f: f"返戻されている{_paper(f, f['ids'])}を回収済みとします。",
    "card_taken_back": lambda f: f"健康保険証{len(f['ids'])}件を回収します。",
    "ruled": _ruled,
    "covers_ended": lambda f: f"{covers(f['ids'])} の資格が{_day(f['lost_on'])}に喪失となります。",
    "cover_opened": lambda f: f"{covers(f['ids'])} の資格ができます。",
    "requests_moved": _requests,
    "duties_lifted": lambda f: f"回収{len(f['ids'])}件を終えます（回収の必要がなくなりました）。",
    "duties_redated": lambda f: f"回収{len(f['ids'])}件の期限を{_day(f['due_on'])}に改めます。",
}
