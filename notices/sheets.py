"""What happens to a sheet happens to everybody on it: printed, sent, returned, sent again, made void, drafted anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from certificates.models import Run
from core.errors import Refused
from core.models import Clerk
from core.transitions import advance_many, lock_chain
from members.policy import Policy
from members.services import policy_on
from notices import causes, reading
from notices.causes import Asking, Cause
from notices.drafting import Ordered, insert, may_draft
from notices.lifecycle import NOTICE
from notices.models import EligibilityNotice

WORDS: Mapping[str, str] = {
    "ended": "作成した後に資格がなくなりました",
    "protected": "作成した後に住所などを伏せる方になりました",
    "changed": "作成した後にお知らせの内容が変わりました",
}
"""Why a drafted sheet is made void and, for whoever is still due one, drafted anew."""


def on_sheets(leaders: Iterable[int]) -> QuerySet[EligibilityNotice]:
    """Every notice on these sheets."""
    ids = list(leaders)
    return EligibilityNotice.objects.filter(Q(pk__in=ids) | Q(leader__in=ids))


def advance_sheets(
    leaders: Collection[int],
    verb: str,
    *,
    by: Clerk,
    on: date,
    reason: str = "",
    note: Mapping[str, Any] | None = None,
    **fields: Any,
) -> list[int]:
    """Moves everybody on these sheets; answers the leaders of those that moved as a whole.

    Raises:
        Refused: the clerk may not, or a reason is missing.
    """
    notices = on_sheets(leaders)
    sheet_of = dict(notices.annotate(sheet=Coalesce("leader_id", "id")).values_list("id", "sheet"))
    moved = set(advance_many(notices, verb, by=by, on=on, reason=reason, note=note, **fields))
    halves = {sheet for notice, sheet in sheet_of.items() if notice not in moved}
    return sorted(set(sheet_of.values()) - halves)


def take_back(
    leaders: Collection[int], *, by: Clerk, on: date, reason: str, note: Mapping[str, Any] | None = None
) -> list[EligibilityNotice]:
    """Makes these sheets void and drafts anew, as things are now, for everyone on them who is still covered.

    A notice that somebody had made void before stays so. Answers the new ones.

    Raises:
        Refused: the clerk may not, or no reason is given.
    Source: rules.md §10.
    """
    with transaction.atomic():
        lock_chain()
        moved = advance_many(on_sheets(leaders), "void", by=by, on=on, reason=reason, note=note)
        return _anew(EligibilityNotice.objects.filter(pk__in=moved), by=by, on=on)


def _anew(notices: QuerySet[EligibilityNotice], *, by: Clerk, on: date) -> list[EligibilityNotice]:
    """Other notices in place of these, for the same cause and run."""
    groups: dict[tuple[Run | None, str], list[EligibilityNotice]] = {}
    for notice in notices.select_related("run", "member__insurer__main").order_by("id"):
        groups.setdefault((notice.run, notice.cause), []).append(notice)
    # The month's causes share sheets; the first round and what was asked for go by themselves, as at first.
    together: dict[tuple[Run | None, str, Policy], list[Ordered]] = {}
    for (run, cause), group in groups.items():
        insurer = group[0].member.insurer.society
        policy = policy_on(insurer, run.decided_on if run else on)
        channel = policy.mass_channel if cause == Cause.FIRST_ROUND else policy.notice_channel
        asking = Asking(insurer.pk, on, causes.last_four(policy, cause), channel)
        due = causes.named(asking, [notice.member_id for notice in group])
        key = (run, "" if cause in causes.MONTHLY else cause, policy)
        together.setdefault(key, []).extend((cause, one) for one in due if one.known)
    return [
        notice
        for (run, _, policy), ordered in together.items()
        for notice in insert(ordered, policy, run=run, by=by, on=on)
    ]


def renew(leaders: Collection[int], *, by: Clerk, on: date) -> int:
    """Drafts anew whichever of these waiting sheets may no longer go out as they are; answers how many that were.

    Source: rules.md §10 (``reading.stale``).
    """
    found = reading.stale(leaders, on=on)
    done: set[int] = set()
    for why, sheets in found.items():
        if mine := sheets - done:
            take_back(mine, by=by, on=on, reason=WORDS[why])
            done |= mine
    return len(done)


def void(notice: EligibilityNotice, *, by: Clerk, on: date, reason: str) -> None:
    """Makes one notice void, wherever it has not been sent or has come back; others on its sheet are drafted anew.

    Raises:
        Refused: it is in members' hands, or void already; the clerk may not; or no reason is given.
    """
    may_draft(by)
    with transaction.atomic():
        lock_chain()
        notice.refresh_from_db()
        if not reason.strip():
            raise Refused("「無効にする」には理由を書いてください。")
        if notice.status not in NOTICE.by_verb["void"].sources:
            raise Refused(NOTICE.why_not(notice.status, "void"))
        leader = notice.leader_id or notice.pk
        others = list(on_sheets([leader]).exclude(pk=notice.pk).values_list("id", flat=True))
        advance_many(EligibilityNotice.objects.filter(pk=notice.pk), "void", by=by, on=on, reason=reason)
        moved = advance_many(
            EligibilityNotice.objects.filter(pk__in=others),
            "void",
            by=by,
            on=on,
            reason="同じ用紙の方のお知らせを作り直すため",
            note={"with": notice.pk},
        )
        _anew(EligibilityNotice.objects.filter(pk__in=moved), by=by, on=on)
    notice.refresh_from_db()


def returned(notice: EligibilityNotice, *, by: Clerk, on: date, reason: str) -> list[int]:
    """Records that a sheet came back by post; answers the notices on it.

    Raises:
        Refused: it was not sent, the clerk may not, or no reason is given.
    """
    return _whole(notice, "return", by=by, on=on, reason=reason)


def resend(notice: EligibilityNotice, *, by: Clerk, on: date) -> list[int]:
    """Sends a returned sheet again as it is; answers the notices on it.

    Raises:
        Refused: it has not come back, what stands on it is no longer right, or the clerk may not.
    """
    leader = notice.leader_id or notice.pk
    if any(sheets for sheets in reading.stale([leader], on=on).values()):
        raise Refused(
            "このお知らせは、資格や内容が変わったため再送できません。無効にしてから、新しく作成してください。"
        )
    insurer = notice.member.insurer
    policy = policy_on(insurer, on)
    arrives_on = on + timedelta(policy.arrives_after_days("home"))
    return _whole(notice, "resend", by=by, on=on, sent_on=on, arrives_on=arrives_on)


def _whole(notice: EligibilityNotice, verb: str, *, by: Clerk, on: date, **rest: Any) -> list[int]:
    leader = notice.leader_id or notice.pk
    with transaction.atomic():
        ids = list(on_sheets([leader]).values_list("id", flat=True))
        if not advance_sheets([leader], verb, by=by, on=on, **rest):
            notice.refresh_from_db()
            raise Refused(NOTICE.why_not(notice.status, verb))
    notice.refresh_from_db()
    return sorted(ids)
