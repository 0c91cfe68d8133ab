"""A drafted change of settings: what differs, what it would have done to the newest month, then approval or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string

from certificates.models import Run
from certificates.rules.codes import Ground, Limit, Outcome, Reason, by_number
from core import jobs
from core.background import begin
from core.calendar import wareki, wareki_month
from core.models import Clerk, Job
from core.roles import EDIT
from core.web import Deed, Done, ReadOnlyAdmin, heading_link, lifecycle_deed, link_to
from kenpo.month.policy_effect import FURTHER, key_of, latest_decided_on, newest_run
from kenpo.pages import month_jobs
from members import policy_changes
from members.lifecycle import POLICY_DRAFT
from members.models import Member, PolicyDraft

ASKED = "試算を受け付けました。"
_REASONS = {str(code): code.label for code in sorted((*Reason, *Ground), key=by_number)}
_OUTCOMES = {str(code): code.label for code in Outcome}
_LIMITS = {str(code): code.label for code in Limit}


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the comparison."""

    title: str
    was: int
    now: int

    @property
    def difference(self) -> str:
        return f"{self.now - self.was:+,}" if self.now != self.was else "なし"


@dataclass(frozen=True, slots=True)
class Changing:
    """One person who is decided otherwise."""

    member: Member
    link: str
    was: str
    now: str


def _job(draft: PolicyDraft) -> Job | None:
    return Job.objects.filter(key=key_of(draft)).first()


def _stale(draft: PolicyDraft) -> str:
    """Why the draft's simulation says nothing about the newest month, empty when it does."""
    run = newest_run(draft.base.insurer)
    if run is None or (draft.effect and draft.effect["run"] == run.pk):
        return ""
    job = _job(draft)
    if job is not None and job.state not in month_jobs.ENDED and jobs.under_way(job):
        return "試算がまだ終わっていません。"
    if job is not None and job.state == Job.State.REFUSED:
        return "この設定では、いちばん新しい月を判定できませんでした。理由を確かめてください。"
    return f"{wareki_month(run.month)}の判定での試算がまだありません。「もう一度試算する」を行ってください。"


def panel(request: HttpRequest, draft: PolicyDraft) -> str:
    """Differences and the simulation; while it runs, how far it is."""
    job = _job(draft)
    under_way = job is not None and job.state not in month_jobs.ENDED
    refused = job is not None and job.state in (Job.State.REFUSED, Job.State.FAILED)
    later = draft.base.insurer.policies.filter(valid_from__gt=draft.valid_from).order_by("valid_from").first()
    context: dict[str, Any] = {
        "draft": draft,
        "changes": policy_changes.changed(draft.base.values, draft.values),
        "base": link_to(draft.base, f"{wareki(draft.base.valid_from)}からの設定"),
        "since": wareki(draft.valid_from),
        "until": wareki(later.valid_from) if later and later.valid_from != draft.valid_from else "",
        "job": month_jobs.panel(request, job) if job and (under_way or refused) else "",
        "no_run": newest_run(draft.base.insurer) is None,
        "waiting": draft.status == "drafted",
    }
    if draft.effect:
        context["effect"] = shown(draft.effect)
    return render_to_string("kenpo/policy_draft.html", context)


def shown(effect: Mapping[str, Any]) -> dict[str, Any]:
    """A stored simulation in words."""
    run = Run.objects.get(pk=effect["run"])
    named = Member.objects.select_related("person").in_bulk([one["member"] for one in effect["members"]])
    outcomes = _counts(effect["outcomes"], _OUTCOMES)
    recoveries = Count("返してもらう人", *effect["recoveries"])
    changed = sum(count for *_, count in effect["changes"])
    return {
        "month": wareki_month(run.month),
        "run": heading_link(run),
        "people": effect["people"],
        "outcomes": [*outcomes, recoveries],
        "issues": _counts(effect["issues"], _REASONS),
        "changed": changed,
        "changes": [(_change(was, now), count) for was, now, count in effect["changes"]],
        "members": [
            Changing(named[one["member"]], link_to(named[one["member"]]), *_both(one["was"], one["now"]))
            for one in effect["members"]
        ],
    }


def _counts(pair: list[dict[str, int]], labels: Mapping[str, str]) -> list[Count]:
    was, now = pair
    return [
        Count(label, was.get(code, 0), now.get(code, 0)) for code, label in labels.items() if code in was or code in now
    ]


def _change(was: str, now: str) -> str:
    if now == FURTHER:
        return f"「{_OUTCOMES[was]}」のまま、期限・事由などが変わる人"
    return f"「{_OUTCOMES[was]}」から「{_OUTCOMES[now]}」に変わる人"


def _both(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str]:
    return _answer(was, now), _answer(now, was)


def _answer(answer: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """An answer in words: always the outcome and why, of the rest what the other answer has otherwise."""
    parts = [f"{_OUTCOMES[answer['outcome']]}（{_REASONS[answer['reason']]}）"]
    days = (
        ("effective_on", "発効期日"),
        ("valid_through", "有効期限"),
        ("then_valid_through", "次の有効期限"),
        ("due_on", "回答期限"),
    )
    for name, label in days:
        if answer[name] and answer[name] != other[name]:
            parts.append(f"{label} {wareki(date.fromisoformat(answer[name]))}")
    if answer["limit"] and answer["limit"] != other["limit"]:
        parts.append(f"期限の根拠 {_LIMITS[answer['limit']]}")
    if answer["recover"] != other["recover"]:
        parts.append("返してもらう" if answer["recover"] else "返してもらわない")
    return "、".join(parts)


def _approve(draft: PolicyDraft, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    row = policy_changes.approve(draft, decided_on=latest_decided_on(draft.base.insurer), by=by, on=on)
    return Done(f"承認しました。{wareki(row.valid_from)}から、この設定になります。", draft)


def _not_to_approve(draft: PolicyDraft, clerk: Clerk) -> str:
    if draft.drafted_by_id == clerk.pk:
        return policy_changes.NEEDS_ANOTHER
    return _stale(draft)


def _drop(draft: PolicyDraft, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    policy_changes.drop(draft, by=by, on=on)
    return Done("変更案を取り下げました。設定は変わりません。", draft)


def _again(draft: PolicyDraft, told: Mapping[str, Any], by: Clerk, on: date) -> Done:
    begin(key_of(draft), by=by, order={"draft": draft.pk})
    return Done(ASKED, draft)


def _not_again(draft: PolicyDraft, clerk: Clerk) -> str:
    if draft.status != "drafted":
        return f"この変更案は「{draft.get_status_display()}」です。"
    return "" if newest_run(draft.base.insurer) else "判定した月がまだないため、試算できません。"


def _effects(draft: PolicyDraft, clerk: Clerk) -> list[str]:
    said = [
        f"{wareki(draft.valid_from)}から、{len(policy_changes.changed(draft.base.values, draft.values))}項目の設定が変わります。",
        "承認した後は取り消せません。戻すときは、もう一度変更案を作ってください。",
    ]
    if draft.effect:
        told = shown(draft.effect)
        said.insert(1, f"{told['month']}で試算すると、判定が変わる人は{told['changed']:,}人です。")
    return said


@admin.register(PolicyDraft)
class PolicyDraftAdmin(ReadOnlyAdmin):
    """Every change that was drafted, whatever became of it."""

    list_display = ("title", "valid_from", "drafted_by", "drafted_on", "approved_by", "status")
    list_filter = ("status", "valid_from")
    related = ("base__insurer", "drafted_by", "approved_by")
    ordering = ("-pk",)
    badges = {"status": {"drafted": "warning", "approved": "success"}}
    fieldsets = ((None, {"fields": (("valid_from", "status"), ("drafted_by", "drafted_on"), "approved_by")}),)
    panels = (panel,)
    steps = (
        lifecycle_deed(POLICY_DRAFT, "approve", _approve, blocked=_not_to_approve, effects=_effects),
        Deed(
            name="simulate",
            label="もう一度試算する",
            permission=EDIT,
            blocked=_not_again,
            act=_again,
            effects=lambda draft, clerk: (
                "いちばん新しい月の全員を、この変更案で判定し直して比べます。判定や証の記録は変わりません。",
            ),
        ),
        lifecycle_deed(
            POLICY_DRAFT, "drop", _drop, effects=lambda draft, clerk: ("設定は変わりません。変更案の記録は残ります。",)
        ),
    )
    empty_hint = "変更案はまだありません。「運用設定」の画面の「設定を変える」で作ると、ここに出ます。"

    def title(self, draft: PolicyDraft) -> str:
        return str(draft)

    title.short_description = "変更案"  # type: ignore[attr-defined]
