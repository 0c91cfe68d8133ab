"""A sentence made from a decision says what its facts say: every reason and detail, and every state of a row."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from certificates.requests.applications.intake import ISSUE_GROUNDS, REISSUE_GROUNDS
from certificates.rules import explain as explaining
from certificates.rules.codes import Detail, Ground, Outcome, Reason
from certificates.rules.explain import Case, Explanation, explain
from certificates.rules.facts import FundRow, HeldCertificate, MemberFacts
from certificates.rules.law import law_on
from certificates.rules.monthly import Decided, days_of_run, decide, forced
from certificates.rules.words import reason_words
from members import policy as policies

AS_OF, ON = date(2026, 10, 31), date(2026, 11, 6)
DAYS = days_of_run(as_of=AS_OF, decided_on=ON)
POLICY = policies.build("toyobo", {})
SOMEBODY = MemberFacts(date(2020, 4, 1), date(1990, 4, 1))


def row(state: str, **told: Any) -> FundRow:
    return FundRow(state, AS_OF, file_id=7, line_no=12, **told)


@dataclass(frozen=True)
class Told:
    """Facts, the reason and detail they must give, what is said of them, and what would be untrue."""

    facts: MemberFacts
    reason: str
    said: str
    listed: str
    detail: str = ""
    untrue: str = "載っていない|利用登録がない|利用登録をしていない"

    def decide(self) -> Decided:
        if self.reason == Reason.UNSETTLED or self.reason not in set(Reason):
            return forced(self.facts, self.reason, DAYS, POLICY, law_on(ON))
        policy = (
            policies.build("toyobo", {"new_member_issue": "short_for_all"})
            if self.reason == Reason.NEW_MEMBER
            else POLICY
        )
        return decide(self.facts, DAYS, policy, law_on(ON))

    def explain(self) -> Explanation:
        return explain(Case(self.facts, self.decide(), DAYS, POLICY, law_on(ON)))


def of(**facts: Any) -> MemberFacts:
    return replace(SOMEBODY, **facts)


USABLE = row("registered", registered_on=date(2024, 1, 10), expires_on=date(2029, 1, 10))
JOINED = date(2026, 11, 2)
TABLE: dict[str, Told] = {
    "left": Told(of(lost_on=date(2026, 10, 1)), "not_covered", "令和8年9月30日で資格が終わっている", "資格がない"),
    "usable": Told(
        of(row=USABLE), "myna_usable", "マイナ保険証が令和11年4月30日まで使えるため", "マイナ保険証が使える"
    ),
    "certificate": Told(
        of(certificates=(HeldCertificate(1, ON, date(2030, 1, 1), "sent", ON),)),
        "certificate_in_hand",
        "お手元の資格確認書が令和12年1月1日まで使えます",
        "有効な資格確認書がある",
    ),
    "certificate on its way": Told(
        of(certificates=(HeldCertificate(1, ON, date(2030, 1, 1), "sent", date(2026, 11, 16)),)),
        "certificate_in_hand",
        "お送りしました。令和8年11月16日ごろ届く予定です",
        "有効な資格確認書がある",
        untrue="お手元|をお持ちです",
    ),
    "certificate approved": Told(
        of(certificates=(HeldCertificate(1, ON, date(2030, 1, 1), "approved"),)),
        "certificate_in_hand",
        "資格確認書を用意しています",
        "有効な資格確認書がある",
        untrue="お手元|をお持ちです",
    ),
    "certificate come back": Told(
        of(certificates=(HeldCertificate(1, ON, date(2030, 1, 1), "returned", ON),)),
        "certificate_in_hand",
        "郵便で戻っているため",
        "有効な資格確認書がある",
        untrue="お手元|をお持ちです",
    ),
    "leaves soon": Told(
        of(row=replace(USABLE, expires_on=date(2026, 8, 20)), lost_on=date(2026, 12, 1)),
        "coverage_ends_first",
        "令和8年11月30日で資格が終わり",
        "必要になる前に資格がなくなる",
    ),
    "leaves before paper comes": Told(
        of(row=row("not_registered"), lost_on=date(2026, 11, 8)),
        "too_late_for_paper",
        "資格確認書の到着が間に合わないため、資格証明書をお渡しします",
        "紙の到着が間に合わない",
    ),
    "number pending": Told(
        of(number_state="pending"), "number_pending", "個人番号の手続き中のため確認中です", "個人番号の手続き中"
    ),
    "joined after the file": Told(
        of(acquired_on=JOINED),
        "joined_after_file",
        "10月の情報に載っていないため確認中です",
        "基準日より後に加入",
        untrue="利用登録がない",
    ),
    "joined after the file with a row at odds": Told(
        of(acquired_on=JOINED, row=row("conflict")),
        "row_unusable",
        "10月の情報に加入者と食い違う行があるため確認中です",
        "加入者と食い違う行",
        "conflict",
    ),
    "in no file": Told(
        of(row=row("absent")),
        "missing_from_file",
        "10月の情報に載っていないため確認中です",
        "ファイルに載っていない",
        untrue="利用登録がない",
    ),
    "in no file ever": Told(
        of(),
        "missing_from_file",
        "10月の情報に載っていないため確認中です",
        "ファイルに載っていない",
        untrue="利用登録がない",
    ),
    "conflict": Told(
        of(row=row("conflict")),
        "row_unusable",
        "10月の情報に加入者と食い違う行があるため確認中です",
        "加入者と食い違う行",
        "conflict",
    ),
    "double": Told(
        of(row=row("double")),
        "row_unusable",
        "10月の情報に同じ方の行が二つあり、確認しています",
        "同じ方の行が二つ",
        "double",
    ),
    "rejected": Told(
        of(row=row("rejected")),
        "row_unusable",
        "10月の情報の行が読み取れないため確認中です",
        "読み取れない行",
        "rejected",
    ),
    "expiry unknown": Told(
        of(row=row("registered")),
        "expiry_unknown",
        "10月の情報に電子証明書の有効期限がないため確認中です",
        "電子証明書の有効期限が空",
    ),
    "nondisclosure": Told(of(nondisclosure=True), "nondisclosure", "当組合が必要と認めたため", "④自己情報提供不可"),
    "number unregistered": Told(
        of(number_state="unregistered"), "number_unregistered", "個人番号の登録がないため", "③個人番号が未登録"
    ),
    "number mismatch": Told(
        of(number_state="mismatch"),
        "number_unregistered",
        "個人番号の情報が一致しないため",
        "③個人番号が不一致",
        untrue="登録がない|未登録",
    ),
    "never": Told(
        of(row=row("not_registered")),
        "not_registered",
        "マイナ保険証の利用登録がないため",
        "①利用登録をしていない",
        "never",
        untrue="返納|解除を|載っていない",
    ),
    "returned": Told(
        of(row=row("returned")), "not_registered", "マイナンバーカードを返納されたため", "①カードを返納した", "returned"
    ),
    "deregistered": Told(
        of(row=row("not_registered"), deregistered_on=(date(2026, 8, 10),)),
        "not_registered",
        "マイナ保険証の利用登録の解除により",
        "①利用登録を解除した",
        "deregistered",
    ),
    "deregistration before its effect": Told(
        of(row=USABLE, deregistered_on=(date(2026, 10, 10),)),
        "not_registered",
        "マイナ保険証の利用登録の解除により",
        "①利用登録を解除した",
        "deregistered",
        untrue="解除された|利用登録がない",
    ),
    "expired": Told(
        of(row=replace(USABLE, expires_on=date(2026, 8, 20))),
        "e_certificate_expired",
        "電子証明書の有効期限が切れる（切れた）ため",
        "②電子証明書の期限切れ",
    ),
    "assistance": Told(
        of(row=USABLE, needs_assistance=True, assisted=True),
        "assistance_renewal",
        "申請により交付した資格確認書の更新のため",
        "⑤要配慮者の更新",
    ),
    "new member": Told(
        of(acquired_on=JOINED),
        "new_member",
        "加入されたばかりでマイナ保険証の確認ができていないため",
        "新規加入（短期）",
    ),
    "unsettled": Told(
        of(row=row("conflict")),
        "unsettled",
        "マイナ保険証の確認がまだ終わらないため",
        "確認未了（短期）",
        untrue="期日までに|利用登録がない|載っていない",
    ),
    "card lost": Told(of(row=USABLE), "lost_card", "マイナンバーカードの紛失の申請により", "カードの紛失"),
}
BY_NAME = pytest.mark.parametrize("told", [pytest.param(told, id=name) for name, told in TABLE.items()])


@BY_NAME
def test_the_facts_give_the_reason_that_the_table_speaks_of(told: Told) -> None:
    decided = told.decide()
    assert (str(decided.reason), str(decided.detail or "")) == (told.reason, told.detail)


@BY_NAME
def test_each_sentence_says_what_the_facts_say(told: Told) -> None:
    words = told.explain()
    assert told.said in words.sentence
    assert not re.search(told.untrue, words.line), words.line


@BY_NAME
def test_a_list_says_the_same_in_few_words(told: Told) -> None:
    assert reason_words(told.reason, told.detail, told.facts) == told.listed


@pytest.mark.parametrize("state", ["conflict", "double", "rejected"])
def test_a_row_that_cannot_be_used_is_named_by_its_line(state: str) -> None:
    assert "ファイル7の12行目" in TABLE[state].explain().line


def test_the_month_named_is_the_one_the_row_stands_in() -> None:
    facts = of(row=FundRow("registered", date(2026, 11, 3), "inquiry"))
    decided = decide(facts, DAYS, POLICY, law_on(ON))
    assert "11月の情報に電子証明書の有効期限がない" in explain(Case(facts, decided, DAYS, POLICY, law_on(ON))).sentence


def test_the_table_has_every_reason_and_detail() -> None:
    # No card of before lasts to these days, and the law has set no end yet: both are in the tables of the rules.
    assert {told.reason for told in TABLE.values()} >= set(Reason) - {
        Reason.LEGACY_CARD_USABLE,
        Reason.APPLICATION_ONLY,
    }
    assert {told.detail for told in TABLE.values() if told.detail} == set(Detail)
    assert {told.decide().outcome for told in TABLE.values()} == set(Outcome)


def test_every_ground_has_its_sentence_and_every_one_that_is_applied_for_is_a_setting() -> None:
    assert set(Ground) == set(explaining.GROUNDS)
    assert {*ISSUE_GROUNDS, *REISSUE_GROUNDS} == set(policies.KEYS["accepted_grounds"].codes)


@pytest.mark.parametrize(
    ("code", "untrue"),
    [(Reason.MISSING_FROM_FILE, "載っていない"), (Reason.UNSETTLED, "期日"), (Reason.NUMBER_UNREGISTERED, "未登録$")],
)
def test_what_is_counted_under_a_code_is_true_of_everybody_under_it(code: Reason, untrue: str) -> None:
    assert not re.search(untrue, code.label)
