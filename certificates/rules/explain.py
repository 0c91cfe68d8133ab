"""Says in Japanese what was decided, from which facts and under which line of the rules.

Nothing of it is stored: the pure rule is replayed on the decision's stored facts. The first sentence can
be read out at the telephone (print.md); the others are for the clerk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from certificates.rules.codes import Ground, Limit, Outcome, Reason
from certificates.rules.facts import FundRow, HeldCertificate, MemberFacts
from certificates.rules.law import Law
from certificates.rules.monthly import Days, Decided, certificate_last_day, myna
from certificates.rules.validity import Validity, last_day_of_cover
from certificates.rules.words import double_words, lines_words, reason_words, unusable_state
from core.calendar import FAR_FUTURE, wareki
from members.policy import Policy

_LINES = {
    Reason.NOT_COVERED: "判定表1",
    Reason.MYNA_USABLE: "判定表2",
    Reason.CERTIFICATE_IN_HAND: "判定表2",
    Reason.LEGACY_CARD_USABLE: "判定表2",
    Reason.COVERAGE_ENDS_FIRST: "判定表3",
    Reason.NUMBER_PENDING: "判定表4",
    Reason.JOINED_AFTER_FILE: "判定表5",
    Reason.NEW_MEMBER: "判定表5",
    Reason.MISSING_FROM_FILE: "判定表6",
    Reason.ROW_UNUSABLE: "判定表6",
    Reason.EXPIRY_UNKNOWN: "判定表7",
    Reason.TOO_LATE_FOR_PAPER: "判定表7a",
}
_ROW_WORDS = {
    "not_registered": "利用登録なし",
    "returned": "カード返納済み",
    "absent": "記載なし",
    "rejected": "行が読み取れないため使っていません",
    "conflict": "加入者と食い違う行（生年月日かカナ）のため使っていません",
    "double": "同じ方の行が二つ以上あるため使っていません",
}
_LIMIT_WORDS = {
    Limit.SHORT_TERM: "短期の期限",
    Limit.SCHEME: "組合の定める有効期限",
    Limit.LAW_MAXIMUM: "法の上限（{law.certificate_max_years}年）",
    Limit.TURNS_70: "{law.elderly_age}歳になる月の末日（翌月から負担割合が変わるため）",
    Limit.SHARE_REVIEW: "負担割合の見直し日",
    Limit.TURNS_75: "{law.late_elderly_age}歳の誕生日の前日（後期高齢者医療へ移るため）",
    Limit.VOLUNTARY_TERM: "任意継続の{law.voluntary_years}年の満了日",
    Limit.INSURED_PERSON: "被保険者の資格が終わる日",
    Limit.COVERAGE_END: "資格喪失日の前日",
    Limit.NEXT_CERTIFICATE: "発送済みの次の資格確認書が始まる日の前日",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """``sentence`` for the caller, ``because`` for the clerk, ``what_would_change`` what would turn it."""

    sentence: str
    because: tuple[str, ...]
    what_would_change: str = ""

    @property
    def line(self) -> str:
        """All on one line, as the decisions' CSV wants it."""
        return "".join((self.sentence, *self.because, self.what_would_change))


@dataclass(frozen=True, slots=True)
class Case:
    """What an explanation speaks of. ``wished``: the paper was asked for when the cover was filed (発行要否)."""

    facts: MemberFacts
    decided: Decided
    days: Days
    policy: Policy
    law: Law
    wished: bool = field(default=False, kw_only=True)
    # Set where the month's file had not come: the day up to which the fund's monthly files were known.
    informed_through: date | None = field(default=None, kw_only=True)


def explain(case: Case) -> Explanation:
    """Why the member got, or did not get, a certificate in that run."""
    sentence = _SENTENCES[case.decided.outcome](case)
    because = (*without_file(case), *_cover(case), *_fund(case), *_held(case), *_period(case), *_rule(case))
    return Explanation(sentence, because, _what_would_change(case))


def _not_covered(case: Case) -> str:
    if case.facts.acquired_on > case.days.next_arrives_by:
        return f"資格の取得は{wareki(case.facts.acquired_on)}で、まだ加入していません。"
    last = last_day_of_cover(case.facts, case.law)
    return f"{wareki(last)}で資格が終わっているため、対象ではありません。"


def _not_needed(case: Case) -> str:
    reason, last = case.decided.reason, case.decided.route_last_day
    if reason is Reason.MYNA_USABLE and last:
        return f"マイナ保険証が{wareki(last)}まで使えるため、今はお送りしていません。"
    if reason is Reason.CERTIFICATE_IN_HAND and last:
        return _with_paper(case, last)
    if reason is Reason.LEGACY_CARD_USABLE and last:
        return f"お手元の健康保険証が{wareki(last)}まで使えます。"
    if reason is Reason.TOO_LATE_FOR_PAPER:
        return "資格のある期間が短く、資格確認書の到着が間に合わないため、資格証明書をお渡しします。"
    if reason is Reason.APPLICATION_ONLY:
        return "職権で交付できる期間が終わったため、申請により交付します。"
    end = wareki(last_day_of_cover(case.facts, case.law))
    if case.decided.need_from is not None and case.decided.need_from < case.days.issue_on:
        return f"{end}で資格が終わり、交付する日より前のため、お送りしていません。"
    return f"{end}で資格が終わり、資格確認書が必要になる日より前のため、お送りしていません。"


def _with_paper(case: Case, last: date) -> str:
    """Where the certificate is that lasts; only what was posted and has arrived is at hand."""
    lasting = [held for held in case.facts.certificates if _last_day(held, case) == last]
    held = min(lasting, key=lambda each: each.status != "sent")
    if held.status == "returned":
        return f"お送りした資格確認書（{wareki(last)}まで）が郵便で戻っているため、送付先を確かめています。"
    if held.status != "sent":
        return f"{wareki(last)}まで使える資格確認書を用意しています。"
    if held.arrives_on is not None and held.arrives_on > case.days.decided_on:
        return f"{wareki(last)}まで使える資格確認書をお送りしました。{wareki(held.arrives_on)}ごろ届く予定です。"
    return f"お手元の資格確認書が{wareki(last)}まで使えます。"


def _last_day(held: HeldCertificate, case: Case) -> date:
    return certificate_last_day(held, case.facts.birth_date, case.policy, case.law)


def _open(case: Case) -> str:
    row, by = case.facts.row, wareki(case.decided.due_on) if case.decided.due_on else ""
    as_of = _file_day(case)
    newest = max(as_of, row.as_of) if row is not None else as_of
    return f"{_asked(case, f'{newest.month}月')}{by}までにご連絡します。"


def _file_day(case: Case) -> date:
    """The day of the newest monthly file that the decision had before it."""
    return case.informed_through or case.days.as_of


def _asked(case: Case, month: str) -> str:
    """What is not known yet, and why. Somebody whose row cannot be used is in the file all the same."""
    if case.decided.reason is Reason.NUMBER_PENDING:
        return "個人番号の手続き中のため確認中です。"
    if case.decided.reason is Reason.EXPIRY_UNKNOWN:
        return f"{month}の情報に電子証明書の有効期限がないため確認中です。"
    return {
        "conflict": f"{month}の情報に加入者と食い違う行があるため確認中です。",
        "double": f"{month}の情報に{_double(case)}あり、確認しています。",
        "rejected": f"{month}の情報の行が読み取れないため確認中です。",
    }.get(unusable_state(case.facts), f"{month}の情報に載っていないため確認中です。")


def _double(case: Case) -> str:
    return double_words(case.facts.row) if case.facts.row is not None else ""


GROUNDS: dict[str, str] = {
    Reason.NONDISCLOSURE: "当組合が必要と認めたため",
    Reason.NUMBER_UNREGISTERED: "個人番号の登録がないため",
    # Without a row that says it: the application does.
    Reason.NOT_REGISTERED: "マイナ保険証の利用登録がないとの申請により",
    Reason.E_CERTIFICATE_EXPIRED: "電子証明書の有効期限が切れる（切れた）ため",
    Reason.ASSISTANCE_RENEWAL: "申請により交付した資格確認書の更新のため",
    Reason.NEW_MEMBER: "加入されたばかりでマイナ保険証の確認ができていないため",
    Reason.UNSETTLED: "マイナ保険証の確認がまだ終わらないため",
    Ground.LOST_CARD: "マイナンバーカードの紛失の申請により",
    Ground.RENEWING_CARD: "マイナンバーカードの更新中の申請により",
    Ground.NO_CARD: "マイナンバーカードをお持ちでないとの申請により",
    Ground.RETURNED_CARD: "マイナンバーカードの返納の申請により",
    Ground.NEEDS_ASSISTANCE: "マイナ保険証での受診に配慮が必要との申請により",
    Ground.LOST_CERTIFICATE: "資格確認書の紛失の申請により",
    Ground.DAMAGED_CERTIFICATE: "資格確認書の破損の申請により",
    Ground.EXPIRED_CERTIFICATE: "資格確認書の有効期限切れの申請により",
    Ground.DEREGISTRATION: "マイナ保険証の利用登録解除の申請により",
    Ground.ANYONE: "交付を希望するとの申請により",
}
_DETAILS = {
    "returned": "マイナンバーカードを返納されたため",
    "deregistered": "マイナ保険証の利用登録の解除により",
    "never": "マイナ保険証の利用登録がないため",
}


WISHED = "発行のご希望があったのでお送りします。利用登録の有無は確認中です。"
_MISMATCH = "個人番号の情報が一致しないため"


def _issue(case: Case) -> str:
    decided, certificate = case.decided, case.decided.certificate
    if case.wished:
        return WISHED
    why = _DETAILS[str(decided.detail)] if decided.detail else GROUNDS[decided.reason]
    if case.policy.municipal:
        why = why.replace("当組合", "保険者")
    if decided.reason is Reason.NUMBER_UNREGISTERED and case.facts.number_state == "mismatch":
        why = _MISMATCH
    period = f"（有効期限 {wareki(certificate.valid_through)}）" if certificate else ""
    return f"{why}、資格確認書をお送りします{period}。"


_SENTENCES: dict[Outcome, Callable[[Case], str]] = {
    Outcome.NOT_COVERED: _not_covered,
    Outcome.NOT_NEEDED: _not_needed,
    Outcome.WAIT: _open,
    Outcome.REVIEW: _open,
    Outcome.ISSUE: _issue,
}


def without_file(case: Case) -> list[str]:
    """That the month's file had not come, and up to when the fund's files were known; nothing where it had."""
    if case.informed_through is None:
        return []
    return [
        f"月次ファイルが届いていないため、{wareki(case.informed_through)}までの情報で判定しました"
        "（日次ファイルと個別照会は、そのあとのものも使います）。"
    ]


def _cover(case: Case) -> list[str]:
    last = last_day_of_cover(case.facts, case.law)
    end = "終わりの予定なし" if last == FAR_FUTURE else f"{wareki(last)}まで"
    return [f"資格は{wareki(case.facts.acquired_on)}から、{end}。"]


def _fund(case: Case) -> list[str]:
    facts = case.facts
    said = []
    if facts.nondisclosure:
        said.append("自己情報提供不可の設定があるため、マイナ保険証は使えないものとして扱います。")
    if facts.number_state != "registered":
        words = {"pending": "手続き中", "unregistered": "未登録", "mismatch": "不一致（閲覧停止）"}
        said.append(f"個人番号は{words[facts.number_state]}です。")
    if facts.row is not None:
        said.append(_row_sentence(facts.row, _file_day(case)))
    elif case.decided.outcome is not Outcome.NOT_COVERED:
        said.append(f"{wareki(_file_day(case))}時点の基金のファイルに、この方の行はありません。")
    said += [f"利用登録解除を{wareki(day)}に基金が受け付けました。" for day in facts.deregistered_on]
    usable = myna(facts, case.law, on=case.days.decided_on)
    if facts.needs_assistance and facts.assisted and usable.expiry_last_day is not None:
        said.append("要配慮者として申請により交付を受けているため、マイナ保険証があっても交付します。")
    return said


def _row_sentence(row: FundRow, as_of: date) -> str:
    """What the fund said and where; a row that later months repeat is stored once, so they are said besides."""
    words = _ROW_WORDS.get(row.state)
    if words is None:
        expiry = f"電子証明書は{wareki(row.expires_on)}まで" if row.expires_on else "電子証明書の有効期限は空欄"
        since = f"（登録日{wareki(row.registered_on)}）" if row.registered_on else ""
        words = f"利用登録あり{since}、{expiry}"
    source = {"daily": "日次ファイル", "inquiry": "個別照会"}.get(row.source, "月次ファイル")
    place = f"（{told}）" if (told := lines_words(row)) else ""
    still = f"{wareki(as_of)}時点のファイルでも変わりありません。" if row.usable and row.as_of < as_of else ""
    return f"基金の{source}{wareki(row.as_of)}時点{place}では、{words}。{still}"


_WHERE = {"sent": "をお持ちです。", "returned": "が郵便で戻っています。"}


def _held(case: Case) -> list[str]:
    said = []
    for held in case.facts.certificates:
        period = f"{wareki(held.effective_on)}から{wareki(_last_day(held, case))}まで"
        where = _WHERE.get(held.status, "があります（発送の前です）。")
        if held.status == "sent" and held.arrives_on is not None and held.arrives_on > case.days.decided_on:
            where = f"を発送しました（{wareki(held.arrives_on)}ごろ届く予定です）。"
        said.append(f"有効な資格確認書（{period}）{where}")
    for card in case.facts.cards:
        said.append(f"{wareki(card.issued_on)}交付の健康保険証の記録があります。")
    return said


def _period_words(period: Validity, case: Case) -> str:
    limit = case.law.fill(_LIMIT_WORDS[period.limit])
    if case.policy.municipal:
        limit = limit.replace("組合", "保険者")
    return f"{wareki(period.effective_on)}から{wareki(period.valid_through)}まで（{limit}）"


def _period(case: Case) -> list[str]:
    if case.decided.certificate is None:
        return []
    said = [f"有効期間は{_period_words(case.decided.certificate, case)}。"]
    said += [f"続けて使うもう一枚の有効期間は{_period_words(v, case)}。" for v in case.decided.successors]
    if case.decided.straight_home:
        said.append("事業所を経ると届くのが遅くなるため、自宅へ直送します。")
    if case.decided.replaced:
        said.append(f"この証より後に始まる未発送の証{len(case.decided.replaced)}枚は、取りやめます。")
    if case.decided.first_gap is not None:
        first, last = map(wareki, case.decided.first_gap)
        said.append(f"{first}から{last}までは紙が間に合わないため、資格証明書をお渡しします。")
    return said


class _Cited(NamedTuple):
    """Where the law of a scheme speaks of certificates: those asked for, and those that come unasked."""

    on_application: str
    ex_officio: str


_CITED = {
    "society": _Cited("健康保険法51条の3", "健康保険法附則15条"),
    "municipal": _Cited("国民健康保険法9条2項", "国民健康保険法による当分の間の取扱い"),
}


def _rule(case: Case) -> list[str]:
    reason, law = case.decided.reason, _CITED[case.policy.scheme]
    if case.wished:
        return [f"発行の希望による交付（{law.on_application}）：{reason.label}。"]
    if isinstance(reason, Ground):
        return [f"申請による交付（{law.on_application}）：{reason.label}。"]
    clause = "確認が終わるまでの短期の交付" if reason is Reason.UNSETTLED else _LINES.get(reason, "判定表8")
    told = reason_words(reason, str(case.decided.detail or ""), case.facts)
    said = [f"根拠は{clause}（{told}）。"]
    if case.decided.outcome is Outcome.ISSUE:
        said.append(f"職権交付（{law.ex_officio}）。")
    if case.decided.recover:
        said.append("マイナ保険証が使えるようになったため、お手元の資格確認書は回収の対象です。")
    return said


def _what_would_change(case: Case) -> str:
    """What would bring the member among those who get one (or settle an open case)."""
    decided = case.decided
    if decided.outcome in (Outcome.WAIT, Outcome.REVIEW):
        return "新しい情報か個別照会の回答が届けば判定が決まり、届かなければ回答期限に短期の資格確認書を交付します。"
    if decided.outcome is not Outcome.NOT_NEEDED or decided.need_from is None:
        return ""
    if decided.reason is Reason.COVERAGE_ENDS_FIRST:
        return "資格の終わりが延びれば対象になります。"
    last = decided.route_last_day
    if decided.reason is Reason.MYNA_USABLE and last is not None:
        usable = myna(case.facts, case.law, on=case.days.decided_on)
        if usable.deregistration_last_day == last != usable.expiry_last_day:
            return f"利用登録の解除により{wareki(last)}で使えなくなるため、その前の月次判定で対象になります。"
        return (
            f"{wareki(last)}までに電子証明書の更新がない場合や、"
            "カードの返納・利用登録の解除があった場合に対象になります。"
        )
    return f"{wareki(decided.need_from)}から使える手段がなくなるため、その前の月次判定で対象になります。"
