"""The settings on their pages: what is in force, a change drafted with its effect seen first, approved by another clerk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from certificates.models import Decision, Run
from certificates.rules.law import Law
from core.models import Job
from kenpo.month import policy_effect
from kenpo.pages.law import days_off, values_on
from kenpo.pages.policy_drafts import shown
from kenpo.pages.policy_form import PolicyForm
from members import policy_changes
from members.models import Insurer, Policy, PolicyDraft
from members.policy import build
from tests.conftest import run_command
from tests.kenpo.reading import browser_of, japanese, latin_words, page_of, text_of
from tests.story.month import invent_and_load

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 10)
OWN = {"hanako", "taro", "kansa"}
CHANGE = {"expiry_scheme": "annual", "expiry_day": "7月31日", "expiry_years": "2", "lead_months": "6"}


def said(answer: Any) -> str:
    return japanese(answer, OWN)


@pytest.fixture
def office(db: None) -> Policy:
    """A society with settings and nobody in it."""
    society = Insurer.objects.create(number="06130488", name="架空健康保険組合")
    return Policy.objects.create(
        insurer=society, valid_from=date(2024, 12, 2), preset="toyobo", values=build("toyobo", {}).as_json()
    )


@pytest.fixture
def desk(db: None) -> Callable[[str], Client]:
    return browser_of


def filled(base: Policy, **told: Any) -> dict[str, Any]:
    """The form as it is shown, with some fields typed over."""
    form = PolicyForm(None, document=base, on=ON)
    shown = {name: form[name].value() for name in form.fields}
    return {
        name: "" if value is None else value
        for name, value in {**shown, "valid_from": "令和8年12月1日", **told}.items()
    }


def draft_of(browser: Client, base: Policy, **told: Any) -> PolicyDraft:
    answer = browser.post(reverse("policy_change"), filled(base, **told))
    assert answer.status_code == 302, text_of(answer.content.decode())
    return PolicyDraft.objects.first()  # type: ignore[return-value]


def test_nothing_loaded_says_what_to_do_next(desk: Callable[[str], Client]) -> None:
    for name in ("policy", "policy_change"):
        text = said(desk("hanako").get(reverse(name)))
        assert "管理者に、台帳と設定のファイルの取込みを頼んでください" in text


@pytest.mark.parametrize("base", ["", "0", "-1", "x", "²", "١", "9" * 5_000, "1" + "0" * 30])
def test_settings_that_are_none_are_those_of_today(office: Policy, desk: Callable[[str], Client], base: str) -> None:
    page = said(desk("hanako").get(reverse("policy_change"), {"base": base}))
    assert page == said(desk("hanako").get(reverse("policy_change"), {"base": str(office.pk)}))


def test_the_form_as_it_is_shown_changes_nothing(office: Policy, desk: Callable[[str], Client]) -> None:
    answer = desk("hanako").post(reverse("policy_change"), filled(office))
    assert "何も変わっていません" in said(answer)
    assert not PolicyDraft.objects.exists()


def test_two_clerks_change_a_setting(office: Policy, desk: Callable[[str], Client]) -> None:
    hanako, taro = desk("hanako"), desk("taro")
    said(hanako.get(reverse("policy_change")))
    draft = draft_of(hanako, office, return_days="９", reminder_days="10\n２０\n", expiry_dates="")
    assert draft.value.return_days == 9 and draft.value.reminder_days == (10, 20)
    page = said(hanako.get(page_of(draft)))
    assert "返納までの日数\n7\n9" in page and "判定した月がまだないため、試算はありません" in page
    assert hanako.post(page_of(draft, "approve")).status_code == 409
    assert desk("kansa").post(page_of(draft, "approve")).status_code == 403
    assert Policy.objects.count() == 1
    assert "承認を待つ変更案" in said(taro.get(reverse("policy")))
    assert "1項目" not in said(taro.get(page_of(draft, "approve")))
    assert taro.post(page_of(draft, "approve")).status_code == 302
    page = said(taro.get(reverse("policy")))
    assert "令和8年12月1日から" in page and "返納までの日数：7 → 9" in page
    row = Policy.objects.get(valid_from=date(2026, 12, 1))
    assert "前の設定から変わったこと" in said(taro.get(page_of(row)))
    assert taro.post(page_of(draft, "approve")).status_code == 409
    assert Policy.objects.count() == 2


@pytest.mark.parametrize(
    ("today", "value", "coming"), [(ON, "7", True), (date(2026, 12, 1), "9", False), (date(2026, 12, 2), "9", False)]
)
def test_the_page_shows_today_and_what_comes(
    office: Policy, desk: Callable[[str], Client], settings: Any, today: date, value: str, coming: bool
) -> None:
    taro = desk("taro")
    taro.post(page_of(draft_of(desk("hanako"), office, return_days="9"), "approve"))
    settings.KENPO_TODAY = today
    page = said(taro.get(reverse("policy")))
    now = page[page.index("いまの設定") : page.index("これまでとこれからの設定")]
    assert f"返納までの日数\n{value}\n" in now
    assert ("これから変わることが決まっている設定はありません" not in page) is coming


def test_a_draft_is_dropped(office: Policy, desk: Callable[[str], Client]) -> None:
    hanako = desk("hanako")
    draft = draft_of(hanako, office, qr="no")
    said(hanako.get(page_of(draft, "drop")))
    assert hanako.post(page_of(draft, "drop")).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "dropped" and Policy.objects.count() == 1
    assert desk("taro").post(page_of(draft, "approve")).status_code == 409
    assert "取下げ" in said(hanako.get(reverse("admin:members_policydraft_changelist")))


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"expiry_years": "6"}, "expiry_years", "1 から 5 まで"),
        ({"expiry_years": "五"}, "expiry_years", "数字で"),
        ({"expiry_scheme": "annual"}, "expiry_day", "一斉更新の期限日を入れて"),
        ({"expiry_scheme": "annual", "expiry_day": "2月30日"}, "expiry_day", "暦にある月日"),
        ({"expiry_scheme": "fixed"}, "expiry_dates", "有効期限の一覧に日を"),
        ({"expiry_scheme": "fixed", "expiry_dates": "令和10年11月30日\n令和11年2月29日"}, "expiry_dates", "2行目"),
        ({"reminder_days": "14\n三十"}, "reminder_days", "2行目"),
        ({"reminder_days": "-1"}, "reminder_days", "0 以上"),
        ({"form": "letter"}, "form", ""),
        ({"delivery_days_home": "x"}, "delivery_days_home", "数字で"),
        ({"valid_from": "令和8年11月10日"}, "valid_from", "明日"),
        ({"valid_from": ""}, "valid_from", "入れてください"),
        ({"gate_issue_points": "101"}, "gate_issue_points", "0 から 100 まで"),
    ],
)
def test_each_refusal_stands_beside_its_field(
    office: Policy, desk: Callable[[str], Client], told: dict[str, str], field: str, words: str
) -> None:
    answer = desk("hanako").post(reverse("policy_change"), filled(office, return_days="9", **told))
    text = text_of(answer.content.decode())
    errors = answer.context["form"].errors
    assert list(errors) == [field] and words in str(errors[field]) and "入れ直していただく項目" in text
    assert not latin_words(text, data=OWN | set(told.values())), latin_words(text, data=OWN)
    assert not PolicyDraft.objects.exists()


def test_whoever_may_not_is_told(office: Policy, desk: Callable[[str], Client]) -> None:
    kansa = desk("kansa")
    assert kansa.get(reverse("policy")).status_code == 200
    assert kansa.get(reverse("policy_change")).status_code == 403
    assert kansa.post(reverse("policy_change"), filled(office, qr="no")).status_code == 403
    assert not PolicyDraft.objects.exists()


def counted(run: Run) -> tuple[Counter[str], Counter[str]]:
    """The month's outcomes and the grounds of its issues."""
    rows = list(Decision.objects.filter(run=run).values_list("outcome", "reason"))
    return Counter(outcome for outcome, _ in rows), Counter(why for outcome, why in rows if outcome == "issue")


def test_the_simulated_effect_is_what_the_month_then_does(
    tmp_path: Path, home: Path, desk: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_effect, "SHOWN", 20)
    monkeypatch.setattr(policy_effect, "BATCH", 50)
    invent_and_load(tmp_path / "in", members=120)
    base = Policy.objects.get()
    hanako, taro = desk("hanako"), desk("taro")
    with transaction.atomic():
        assert run_command("run_month", "2026-11", "--by", "hanako", "--on", "2026-11-10").code == 0
        run = Run.objects.get()
        stored = {d.member_id: d for d in Decision.objects.filter(run=run)}
        before = counted(run)
        draft = draft_of(hanako, base, **CHANGE)
        draft.refresh_from_db()
        effect = draft.effect
        job = Job.objects.get(key=f"simulate {draft.pk}")
        assert job.state == "done" and page_of(draft) in taro.get(page_of(job)).content.decode()
        assert counted(run) == before  # nothing of the month was written over
        page = said(taro.get(page_of(draft)))
        assert "判定が変わる人" in page and "令和8年11月の判定での試算" in page
        assert f"{sum(count for *_, count in effect['changes'])}人" in said(taro.get(page_of(draft, "approve")))
        names = shown(effect)["members"]
        transaction.set_rollback(True)
    assert effect["people"] == len(stored) and Counter(effect["outcomes"][0]) == before[0]
    Policy.objects.filter(pk=base.pk).update(
        values=build(
            "toyobo",
            {**base.values, "expiry_scheme": "annual", "expiry_day": "07-31", "expiry_years": 2, "lead_months": 6},
        ).as_json()
    )
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", "2026-11-10").code == 0
    after = Run.objects.get()
    assert [Counter(c) for c in effect["outcomes"]] == [before[0], counted(after)[0]]
    assert [Counter(c) for c in effect["issues"]] == [before[1], counted(after)[1]]
    compared = (
        "outcome",
        "reason",
        "detail",
        "kind",
        "need_from",
        "effective_on",
        "valid_through",
        "limit",
        "then_effective_on",
        "then_valid_through",
        "then_limit",
        "due_on",
        "recover",
    )
    now = {d.member_id: d for d in Decision.objects.filter(run=after)}
    differ = {m for m, d in now.items() if any(getattr(d, c) != getattr(stored[m], c) for c in compared)}
    assert len(differ) == sum(count for *_, count in effect["changes"]) > 20
    listed = {one["member"] for one in effect["members"]}
    assert len(listed) == len(names) == 20 and listed <= differ


def test_an_effect_of_an_older_month_does_not_count(tmp_path: Path, home: Path, desk: Callable[[str], Client]) -> None:
    invent_and_load(tmp_path / "in", members=60)
    base, hanako, taro = Policy.objects.get(), desk("hanako"), desk("taro")
    draft = draft_of(hanako, base, **CHANGE)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", "2026-11-10").code == 0
    assert "もう一度試算する" in said(taro.get(page_of(draft, "approve")))
    assert taro.post(page_of(draft, "approve")).status_code == 409
    assert taro.post(page_of(draft, "simulate")).status_code == 302
    assert taro.post(page_of(draft, "approve")).status_code == 302
    assert Policy.objects.count() == 2


def test_settings_under_which_no_month_can_be_decided_are_not_approved(
    tmp_path: Path, home: Path, desk: Callable[[str], Client]
) -> None:
    invent_and_load(tmp_path / "in", members=60)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", "2026-11-10").code == 0
    base, taro = Policy.objects.get(), desk("taro")
    draft = draft_of(desk("hanako"), base, expiry_scheme="fixed", expiry_dates="令和8年11月30日", minimum_days="60")
    page = said(taro.get(page_of(draft)))
    assert "判定できませんでした" in page
    assert taro.post(page_of(draft, "approve")).status_code == 409
    assert Policy.objects.count() == 1
    with pytest.raises(Exception, match="別の担当者"):
        policy_changes.approve(draft, decided_on=None, by=draft.drafted_by, on=ON)


def test_the_values_of_the_law_and_the_days_off(office: Policy, desk: Callable[[str], Client]) -> None:
    page = said(desk("kansa").get(reverse("law")))
    assert "電子証明書の有効期限後に使える月数\n3\n" in page and "健康保険法施行令34条1項" in page and "280,000" in page
    assert "文化の日" in page and "年末年始の休み" in page and "勤労感謝の日" in page
    assert len(values_on(ON)) == len(fields(Law)) and all(value.source for value in values_on(ON))
    before = [value for value in values_on(date(2024, 12, 1)) if value.value == "まだありません"]
    assert before and all("令和6年12月2日から" in value.coming for value in before)


@pytest.mark.parametrize(
    ("first", "there"), [(date(2026, 11, 22), True), (date(2026, 11, 23), True), (date(2026, 11, 24), False)]
)
def test_the_days_off_are_those_of_a_year(first: date, there: bool) -> None:
    days = [day for day, _, _ in days_off(first)]
    assert any("2026-11-23" in day for day in days) is there
    assert any("2027-11-23" in day for day in days) is not there or first == date(2026, 11, 22)
    assert len(days) == len(set(days)) and any("2027-01-02" in day for day in days)


def test_settings_that_came_into_force_while_a_form_was_open_are_told(
    office: Policy, desk: Callable[[str], Client]
) -> None:
    hanako = desk("hanako")
    opened = hanako.get(reverse("policy_change")).context["form"]["seen"].value()
    now = Policy.objects.create(
        insurer=office.insurer, valid_from=ON, preset=office.preset, values={**office.values, "return_days": 9}
    )
    answer = hanako.post(reverse("policy_change"), {**filled(now, turnaround_days="12"), "seen": opened})
    assert "書いている間に、もとの設定が変わりました" in said(answer)
    assert not PolicyDraft.objects.exists()
    again = {**filled(now, turnaround_days="12"), "seen": answer.context["form"]["seen"].value()}
    assert hanako.post(reverse("policy_change"), again).status_code == 302
