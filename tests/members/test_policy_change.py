"""A change of the settings: drafted by one clerk, approved by another, from a day that has not come; nothing else moves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from core.errors import BadInput, Refused
from core.models import Clerk, Event
from members import policy_changes
from members.models import Insurer, Policy, PolicyDraft
from members.policy import build
from members.services import policy_on

pytestmark = pytest.mark.django_db

ON, FROM = date(2026, 11, 10), date(2026, 12, 1)
DAY = timedelta(days=1)


@pytest.fixture
def base(db: None) -> Policy:
    society = Insurer.objects.create(number="06130488", name="架空健康保険組合")
    return Policy.objects.create(
        insurer=society, valid_from=date(2024, 12, 2), preset="toyobo", values=build("toyobo", {}).as_json()
    )


def drafted(base: Policy, by: Clerk, valid_from: date = FROM, *, decided_on: date | None = None, **change: Any) -> Any:
    values = {**base.values, **(change or {"return_days": 9})}
    return policy_changes.draft(base, valid_from, values, decided_on=decided_on, by=by, on=ON)


def approved(draft: PolicyDraft, by: Clerk, *, decided_on: date | None = None, on: date = ON) -> Policy:
    return policy_changes.approve(draft, decided_on=decided_on, by=by, on=on)


def mistakes(bad: pytest.ExceptionInfo[BadInput]) -> dict[str | None, str]:
    return {mistake.column: mistake.expected for mistake in bad.value.mistakes}


def test_it_counts_from_its_day_and_not_the_day_before(base: Policy, clerks: tuple[Clerk, Clerk]) -> None:
    draft = drafted(base, clerks[0])
    assert policy_on(base.insurer, FROM).return_days == 7  # a draft alone changes nothing
    approved(draft, clerks[1])
    days = [policy_on(base.insurer, day).return_days for day in (FROM - DAY, FROM, FROM + DAY)]
    assert days == [7, 9, 9]
    base.refresh_from_db()
    assert base.values["return_days"] == 7
    assert list(
        Event.objects.filter(subject="members.PolicyDraft").order_by("seq").values_list("verb", "actor__username")
    ) == [("draft", "suzuki"), ("approve", "tanaka")]


@pytest.mark.parametrize(("valid_from", "taken"), [(ON - DAY, False), (ON, False), (ON + DAY, True)])
def test_it_never_begins_today_or_before(base: Policy, clerk: Clerk, valid_from: date, taken: bool) -> None:
    if taken:
        assert drafted(base, clerk, valid_from).valid_from == valid_from
        return
    with pytest.raises(BadInput) as bad:
        drafted(base, clerk, valid_from)
    assert "明日" in mistakes(bad)["valid_from"]


@pytest.mark.parametrize(("decided_on", "taken"), [(FROM - DAY, True), (FROM, False), (FROM + DAY, False)])
def test_it_never_begins_before_a_month_that_was_decided(
    base: Policy, clerks: tuple[Clerk, Clerk], decided_on: date, taken: bool
) -> None:
    waiting = drafted(base, clerks[0])
    if taken:
        drafted(base, clerks[0], decided_on=decided_on)
        assert approved(waiting, clerks[1], decided_on=decided_on).valid_from == FROM
        return
    with pytest.raises(BadInput) as bad:
        drafted(base, clerks[0], decided_on=decided_on)
    assert "判定日" in mistakes(bad)["valid_from"]
    with pytest.raises(Refused, match="判定日"):
        approved(waiting, clerks[1], decided_on=decided_on)
    waiting.refresh_from_db()
    assert waiting.status == "drafted" and Policy.objects.count() == 1


@pytest.mark.parametrize(("on", "taken"), [(FROM - DAY, True), (FROM, False), (FROM + DAY, False)])
def test_it_is_approved_before_its_day_or_not_at_all(
    base: Policy, clerks: tuple[Clerk, Clerk], on: date, taken: bool
) -> None:
    draft = drafted(base, clerks[0])
    if taken:
        approved(draft, clerks[1], on=on)
    else:
        with pytest.raises(Refused, match="取り下げて、作り直して"):
            approved(draft, clerks[1], on=on)
    assert Policy.objects.count() == 1 + taken


def test_whoever_drafted_it_may_not_approve_it(base: Policy, clerks: tuple[Clerk, Clerk]) -> None:
    draft = drafted(base, clerks[0])
    with pytest.raises(Refused, match="別の担当者"):
        approved(draft, clerks[0])
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="権限ではできません"):
        approved(draft, auditor)
    with pytest.raises(Refused, match="権限ではできません"):
        drafted(base, auditor)
    with pytest.raises(Refused, match="権限ではできません"):
        policy_changes.drop(draft, by=auditor, on=ON)
    assert Policy.objects.count() == 1


def test_a_dropped_or_approved_one_is_not_approved_again(base: Policy, clerks: tuple[Clerk, Clerk]) -> None:
    dropped, kept = drafted(base, clerks[0]), drafted(base, clerks[0])
    policy_changes.drop(dropped, by=clerks[0], on=ON)
    approved(kept, clerks[1])
    for draft, state in ((dropped, "取下げ"), (kept, "承認済み")):
        with pytest.raises(Refused, match=state):
            approved(draft, clerks[1])
    assert Policy.objects.count() == 2


def test_settings_that_came_between_are_never_undone(base: Policy, clerks: tuple[Clerk, Clerk]) -> None:
    first, second = drafted(base, clerks[0]), drafted(base, clerks[0], FROM + 30 * DAY, return_days=11)
    earlier = drafted(base, clerks[0], FROM - DAY, return_days=8)
    row = approved(first, clerks[1])
    with pytest.raises(Refused, match="令和8年12月1日からの設定が使われます"):
        approved(second, clerks[1])
    with pytest.raises(BadInput, match="もう決まっています"):
        drafted(row, clerks[0], FROM, return_days=8)
    approved(earlier, clerks[1])  # before the row that came between it takes nothing away
    assert [policy_on(base.insurer, FROM + n * DAY).return_days for n in (-2, -1, 0)] == [7, 8, 9]


def test_every_value_is_checked_and_named(base: Policy, clerk: Clerk) -> None:
    with pytest.raises(BadInput) as bad:
        drafted(base, clerk, expiry_years=6, delivery_days=[10], short_term_grounds=["wishes"])
    assert set(mistakes(bad)) == {"expiry_years", "delivery_days", "short_term_grounds"}
    with pytest.raises(BadInput) as bad:
        drafted(base, clerk, expiry_scheme="annual", expiry_day="")
    assert set(mistakes(bad)) == {"expiry_day"}
    with pytest.raises(Refused, match="何も変わっていません"):
        drafted(base, clerk, return_days=7)
    assert not PolicyDraft.objects.exists()


def test_what_was_drafted_is_never_edited(base: Policy, clerk: Clerk) -> None:
    draft = drafted(base, clerk)
    changes = ({"valid_from": FROM + DAY}, {"values": base.values}, {"drafted_on": FROM}, {"status": "open"})
    for change in changes:
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            PolicyDraft.objects.filter(pk=draft.pk).update(**change)
    with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
        PolicyDraft.objects.filter(pk=draft.pk).delete()


def test_changes_are_told_in_words(base: Policy) -> None:
    new = build("toyobo", {"return_days": 9, "form": "card", "qr": False, "delivery_days": [7, 2]}).as_json()
    assert policy_changes.changed(base.values, new) == [
        ("資格確認書の様式", "はがき型", "カード型"),
        ("返納までの日数", "7", "9"),
        ("QRコードの印字", "はい", "いいえ"),
        ("配達にかかる日数", "事業所経由 10日、自宅 3日", "事業所経由 7日、自宅 2日"),
    ]
    assert policy_changes.changed(new, new) == []
