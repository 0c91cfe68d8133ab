"""What is said about a decision: at the telephone, to the clerk, and again from stored facts."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from certificates.rules.codes import Detail, Outcome, Reason
from certificates.rules.explain import Case, Explanation, explain
from certificates.rules.facts import as_json, from_json
from certificates.rules.monthly import Decided, decide
from members import policy as policies
from tests.certificates import TableCase, table_cases

CASES = [case for case in table_cases() if "refused" not in case.expect]
# print.md, read out at the telephone; ○ stands for what is filled in
TELEPHONE = {
    "myna_usable": "マイナ保険証が令和○年○月○日まで使えるため、今はお送りしていません。",
    "certificate_in_hand": "お手元の資格確認書が令和○年○月○日まで使えます。",
    "joined_after_file": "○月の情報に載っていないため確認中です。○日までにご連絡します。",
    "missing_from_file": "○月の情報に載っていないため確認中です。○日までにご連絡します。",
}


def by_name(cases: list[TableCase]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


def of(*reasons: str) -> list[TableCase]:
    found = [case for case in CASES if case.expect["reason"] in reasons]
    assert found
    return found


def said(case: TableCase, decided: Decided | None = None) -> Explanation:
    answer = decided or case.decide()
    return explain(Case(case.facts, answer, case.days, case.policy, case.law))


def reiwa(day: date) -> str:
    return f"令和{day.year - 2018}年{day.month}月{day.day}日"


def day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


@by_name(CASES)
def test_every_decision_is_said_in_whole_sentences_on_one_line(case: TableCase) -> None:
    words = said(case)
    every = [words.sentence, *words.because, *filter(None, [words.what_would_change])]
    assert all(each.endswith("。") for each in every)
    assert words.line == "".join(every)
    assert not re.search(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|None|○", words.line)


@by_name(CASES)
def test_the_clerk_is_told_the_line_of_the_table(case: TableCase) -> None:
    line = {
        "not_covered": 1,
        "myna_usable": 2,
        "certificate_in_hand": 2,
        "legacy_card_usable": 2,
        "coverage_ends_first": 3,
        "number_pending": 4,
        "joined_after_file": 5,
        "new_member": 5,
        "missing_from_file": 6,
        "row_unusable": 6,
        "expiry_unknown": 7,
        "too_late_for_paper": "7a",
        "unsettled": "",
    }.get(case.expect["reason"], 8)
    assert re.findall(r"判定表(\w+)", said(case).line) == ([str(line)] if line else [])


def at_hand(case: TableCase) -> bool:
    """Whether everything the person has was posted and has arrived."""
    held = case.facts.certificates
    return all(
        one.status == "sent" and (one.arrives_on or case.days.decided_on) <= case.days.decided_on for one in held
    )


def in_no_file(case: TableCase) -> bool:
    return case.facts.row is None or case.facts.row.state == "absent"


@by_name([case for case in of("myna_usable", "certificate_in_hand") if at_hand(case)])
def test_the_telephone_sentence_names_the_last_usable_day(case: TableCase) -> None:
    template = TELEPHONE[case.expect["reason"]]
    last = day_before(case.expect["need_from"])
    assert said(case).sentence == template.replace("令和○年○月○日", reiwa(last))


@by_name([case for case in of("joined_after_file", "missing_from_file") if in_no_file(case)])
def test_the_telephone_sentence_names_the_files_month_and_the_due_day(case: TableCase) -> None:
    due_on = case.expect["due_on"]
    spoken = re.escape(TELEPHONE[case.expect["reason"]])
    spoken = spoken.replace("○月", f"{case.days.as_of.month}月", 1)
    spoken = spoken.replace("○日", rf"(令和\d+年)?({due_on.month}月)?{due_on.day}日")
    assert re.fullmatch(spoken, said(case).sentence)


@by_name(of("number_pending", "expiry_unknown"))
def test_an_open_case_says_by_when_it_is_answered(case: TableCase) -> None:
    sentence = said(case).sentence
    assert "確認中です。" in sentence
    assert f"{case.expect['due_on'].day}日までにご連絡します。" in sentence


@by_name([case for case in CASES if case.expect["outcome"] == "issue"])
def test_an_issue_says_until_when_it_is_valid_and_all_that_follow(case: TableCase) -> None:
    words = said(case)
    assert reiwa(case.expect["valid_through"]) in words.sentence
    for period in (case.expect, *case.expect.get("then", ())):
        assert f"{reiwa(period['effective_on'])}から{reiwa(period['valid_through'])}まで" in words.line


@by_name(of("nondisclosure"))
def test_what_is_read_out_never_says_nondisclosure(case: TableCase) -> None:
    sentence = said(case).sentence
    assert sentence.startswith("当組合が必要と認めたため")
    assert not re.search("自己情報|不可|DV", sentence)


@by_name([case for case in CASES if case.expect.get("recover")])
def test_a_recovery_is_said(case: TableCase) -> None:
    assert "回収" in said(case).line


@by_name([case for case in CASES if not case.expect.get("recover")])
def test_no_recovery_is_said_where_there_is_none(case: TableCase) -> None:
    assert "回収" not in said(case).line


def test_every_outcome_and_reason_of_the_month_has_a_sentence_of_its_own() -> None:
    first = {}
    for case in CASES:
        key = (case.expect["reason"], case.expect.get("detail"))
        first.setdefault(key, re.sub(r"令和[元\d]+年\d+月\d+日|\d+月", "○", said(case).sentence))
    shared = {("joined_after_file", None), ("missing_from_file", None)}
    own = [sentence for key, sentence in first.items() if key not in shared]
    details = len(set(Detail)) - 2  # two reasons have details instead of a sentence of their own
    assert len(own) == len(set(own)) == len(set(Reason)) - len(shared) + details
    assert {case.expect["outcome"] for case in CASES} == set(Outcome)


@by_name([case for case in CASES if case.facts.row and case.facts.row.state in ("rejected", "conflict", "double")])
def test_a_row_that_is_none_is_named_by_its_line(case: TableCase) -> None:
    facts = from_json({**as_json(case.facts), "r": [*as_json(case.facts)["r"][:5], 7, 12]})
    words = explain(Case(facts, case.decide(), case.days, case.policy, case.law))
    assert "ファイル7の12行目" in words.line


@by_name(CASES)
def test_stored_facts_are_the_facts_and_decide_the_same(case: TableCase) -> None:
    stored = json.loads(json.dumps(as_json(case.facts), ensure_ascii=False))
    again = from_json(stored)
    assert again == case.facts
    assert decide(again, case.days, case.policy, case.law, due=case.due) == case.decide()


@by_name(CASES)
def test_a_stored_policy_decides_the_same(case: TableCase) -> None:
    again = policies.from_json(json.loads(json.dumps(case.policy.as_json())))
    assert again == case.policy
    assert decide(case.facts, case.days, again, case.law, due=case.due) == case.decide()
