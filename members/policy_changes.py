"""Changes of the society's settings: drafted by one clerk, approved by another, never in the past. Source: rules.md §12."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from core.calendar import wareki
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.roles import EDIT
from core.transitions import advance, lock_chain, record
from members import policy
from members.models import Policy, PolicyDraft

SCHEME_STAYS = "制度は途中で変えられません。はじめに決めた制度のままにしてください。"
NEEDS_ANOTHER = "作成した担当者とは別の担当者が承認してください。"


def settings_on(day: date, insurer_id: int) -> Policy | None:
    """The row in force on a day, or ``None``."""
    rows = Policy.objects.filter(insurer=insurer_id, valid_from__lte=day)
    return rows.order_by("-valid_from").first()


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The settings that differ, in the order of the handbook: name, old and new value in words."""
    return [
        (setting.label, setting.word(old.get(key)), setting.word(new.get(key)))
        for key, setting in policy.KEYS.items()
        if old.get(key) != new.get(key)
    ]


def why_not_from(base: Policy, valid_from: date, *, decided_on: date | None, on: date) -> str:
    """Why a change of ``base`` may not apply from the day, empty when it may.

    ``decided_on``: day of the newest month's decision, if there is any.
    """
    if valid_from <= on:
        return f"適用開始日は、明日（{wareki(on)}の翌日）以後の日にしてください。過ぎた日の設定は変えられません。"
    if decided_on is not None and valid_from <= decided_on:
        return f"いちばん新しい月次判定の判定日（{wareki(decided_on)}）より後の日にしてください。"
    in_force = settings_on(valid_from, base.insurer_id)
    if in_force is None or in_force.pk == base.pk:
        same_day = valid_from == base.valid_from
        return f"{wareki(valid_from)}からの設定はもう決まっています。ほかの日にしてください。" if same_day else ""
    return (
        f"{wareki(valid_from)}には、{wareki(in_force.valid_from)}からの設定が使われます。"
        "その設定をもとにして作り直すか、それより前の日にしてください。"
    )


def draft(
    base: Policy, valid_from: date, values: Mapping[str, Any], *, decided_on: date | None, by: Clerk, on: date
) -> PolicyDraft:
    """Keeps a change for a second clerk's approval; nothing applies yet.

    Raises:
        BadInput: a value that cannot be, or a day that may not be; each names its setting.
        Refused: the clerk may not, or nothing differs.
    """
    if not by.can(EDIT):
        raise Refused(f"運用設定の変更案の作成は{by.get_role_display()}の権限ではできません。")
    wanted = policy.build(base.preset, values).as_json()
    if wanted["scheme"] != base.value.scheme:
        raise BadInput(Mistake(SCHEME_STAYS, column="scheme"))
    if why := why_not_from(base, valid_from, decided_on=decided_on, on=on):
        raise BadInput(Mistake(why, column="valid_from"))
    if not changed(base.values, wanted):
        raise Refused("もとの設定から何も変わっていません。変える項目を直してください。")
    with transaction.atomic():
        made = PolicyDraft.objects.create(base=base, valid_from=valid_from, values=wanted, drafted_by=by, drafted_on=on)
        record("draft", PolicyDraft._meta.label, [made.pk], by=by, on=on, note={})
    return made


def approve(mine: PolicyDraft, *, decided_on: date | None, by: Clerk, on: date) -> Policy:
    """The draft as a new row of settings.

    Raises:
        Refused: the same clerk drafted it, its day has come, other settings have come between, or it is not waiting.
    """
    with transaction.atomic():
        lock_chain()
        mine.refresh_from_db()
        if mine.drafted_by_id == by.pk:
            raise Refused(NEEDS_ANOTHER)
        advance(mine, "approve", by=by, on=on, approved_by=by)
        if why := why_not_from(mine.base, mine.valid_from, decided_on=decided_on, on=on):
            raise Refused(f"{why}この変更案は取り下げて、作り直してください。")
        return Policy.objects.create(
            insurer_id=mine.base.insurer_id, valid_from=mine.valid_from, preset=mine.base.preset, values=mine.values
        )


def drop(mine: PolicyDraft, *, by: Clerk, on: date) -> None:
    """Takes a draft back. Raises Refused: it is not waiting, or the clerk may not."""
    advance(mine, "drop", by=by, on=on)
