"""Drafting 資格情報のお知らせ: the month's, the first mass round's, and one on request; onto sheets by the policy's unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from django.db import transaction

from certificates.models import Run
from core.errors import Refused
from core.forward import require_forward
from core.jobs import claim
from core.models import Clerk
from core.planner import refresh_statistics
from core.roles import DISPATCH
from core.text import number_order
from core.transitions import lock_chain, record
from members.models import Member
from members.policy import Policy
from members.services import policy_on, society
from notices import causes
from notices.causes import Asking, Cause, Due
from notices.layouts.household import CAPACITY, CARDS_ALONE, has_room_for
from notices.models import EligibilityNotice

BATCH = 2_000
APPROVED = ("approved", "closed")
OPEN = ("drafted", "printed")

Ordered = tuple[str, Due]
"""A cause, and who is due a notice for it."""


def may_draft(by: Clerk) -> None:
    """Raises ``Refused`` when the clerk's role does not dispatch paper."""
    if not by.can(DISPATCH):
        raise Refused(f"「お知らせを作成する」は{by.get_role_display()}の権限ではできません。")


def draft(run: Run, *, by: Clerk, on: date) -> int:
    """Drafts what the run's month owes: new members, changed names and numbers, changed shares; answers how many it has.

    A repeat adds only who was not there before. The policy's ``notice_scope`` says who gets one.

    Raises:
        Refused: the month is not approved yet or was approved after ``on``, the clerk may not, or another process is
            doing it now.
    Source: rules.md §7, §12; policy ``notice_scope``, ``notice_unit``, ``notice_on_share_change``.
    """
    may_draft(by)
    _approved(run)
    require_forward(Run, [run.pk], "お知らせを作成する", on=on)
    policy = policy_on(run.insurer, run.decided_on)
    with claim(f"draft_notices {run.month:%Y-%m}", by=by) as job:
        with transaction.atomic():
            # One writer at a time draws serials; the event chain's lock is needed anyway.
            lock_chain()
            found = causes.monthly(run, policy, on=on)
            ordered = [(cause, due) for cause, people in found.items() for due in people]
            insert(ordered, policy, run=run, by=by, on=on)
        mine = EligibilityNotice.objects.filter(run=run, cause__in=causes.MONTHLY)
        drafted = mine.exclude(status="voided").count()
        job.outcome = {"notices": drafted}
    return drafted


def draft_first_round(run_or_day: Run | date, *, by: Clerk, on: date) -> int:
    """Drafts the first mass round: everyone covered on the day, with the last four digits where the policy says so.

    With a run the notices belong to it and leave in its envelopes; with a day they leave by themselves. Answers how
    many the round has; a repeat adds only who was not in it before.

    Raises:
        Refused: the run's month is not approved yet, no policy is in force, or the clerk may not.
    Source: rules.md §12.
    """
    may_draft(by)
    run = run_or_day if isinstance(run_or_day, Run) else None
    if run is not None:
        _approved(run)
        require_forward(Run, [run.pk], "お知らせを作成する", on=on)
    day = run.decided_on if run else run_or_day
    insurer = run.insurer.society if run else society()
    policy = policy_on(insurer, day)
    with transaction.atomic():
        lock_chain()
        people = causes.first_round(insurer.pk, policy, day=day, on=on)
        insert([(Cause.FIRST_ROUND, due) for due in people], policy, run=run, by=by, on=on)
    return EligibilityNotice.objects.filter(cause=Cause.FIRST_ROUND).exclude(status="voided").count()


def reissue(member: Member, *, by: Clerk, on: date) -> EligibilityNotice:
    """Drafts another notice for somebody who asks for one; while one is on its way, or was asked for today, answers that.

    Raises:
        Refused: the society gives none again, the person has no cover on the day, the registration is not known or the
            person waits for an answer that may give a certificate, or the clerk may not.
    Source: policy ``notice_reissue``, rules.md §12.
    """
    may_draft(by)
    insurer = member.insurer.society
    policy = policy_on(insurer, on)
    if not policy.notice_reissue:
        raise Refused(
            "資格情報のお知らせは再交付しておりません。お手数ですが、同じ内容はマイナポータルで確認してください。"
        )
    with transaction.atomic():
        lock_chain()
        mine = EligibilityNotice.objects.filter(member=member, cause=Cause.REISSUE).order_by("-id")
        known = mine.filter(status__in=OPEN).first() or mine.exclude(status="voided").filter(issued_on=on).first()
        if known is not None:
            return known
        asking = Asking(insurer.pk, on, causes.last_four(policy, Cause.REISSUE), policy.notice_channel)
        found = causes.named(asking, [member.pk])
        if not found:
            raise Refused("この方は、その日に加入していないため、資格情報のお知らせを作成できません。")
        if not found[0].known:
            raise Refused(
                "この方の国のシステムへの登録がまだ確かめられないため、資格情報のお知らせを作成できません。"
                "基金の登録日が入るか、基金のファイルか個別照会でこの方の行が届いてから、もう一度作成してください。"
            )
        if member.pk in causes.open_ones(insurer, policy, on=on):
            raise Refused(
                "この方はマイナ保険証の確認中で、資格確認書をお送りすることがあります。"
                "確認が終わってから、もう一度作成してください。"
            )
        made = insert([(Cause.REISSUE, found[0])], policy, run=None, by=by, on=on)
    return made[0]


def _approved(run: Run) -> None:
    if run.status not in APPROVED:
        raise Refused("この月はまだ承認されていません。承認してから作成してください。")


def serial(value: int) -> str:
    """The number on a notice: N, ten digits and a check digit; a certificate's has no letter."""
    digits = f"{value:010d}"
    doubled = [int(d) * (2 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits))]
    return f"N{digits}{-sum(v // 10 + v % 10 for v in doubled) % 10}"


def sheets_of(ordered: Iterable[Ordered], policy: Policy) -> Iterator[list[Ordered]]:
    """Who stands together on a sheet: a household up to the policy's number, or each person alone.

    A protected person, and whoever gets post elsewhere, never shares one; nor does whoever's name cannot be printed,
    for whom the others would have to wait.
    Source: rules.md §10, policy ``notice_unit``, ``max_persons_per_notice``.
    """
    if policy.notice_unit == "person":
        yield from ([entry] for entry in sorted(ordered, key=lambda entry: entry[1].place))
        return
    # A municipal household is not divided as long as it has room: one notice goes to its head.
    most = CARDS_ALONE if policy.municipal else min(policy.max_persons_per_notice, CAPACITY)
    households: dict[tuple[int, int], list[Ordered]] = {}
    for cause, due in sorted(ordered, key=lambda entry: entry[1].place):
        alone = due.alone or not has_room_for(*due.names, "".join(due.numbers))
        key = (due.household_id, due.member_id if alone else 0)
        households.setdefault(key, []).append((cause, due))
    for together in households.values():
        people = sorted(together, key=_in_household)
        digits = any(causes.last_four(policy, cause) for cause, _ in people)
        on_one = min(most, CAPACITY) if digits else most
        yield from (people[start : start + on_one] for start in range(0, len(people), on_one))


def _in_household(entry: Ordered) -> tuple[str, int]:
    """The order on a sheet, numbers as numbers: in a municipal scheme each person has one of their own."""
    _, symbol, number, branch = entry[1].numbers
    return number_order(symbol, number, branch), entry[1].member_id


def insert(
    ordered: Sequence[Ordered], policy: Policy, *, run: Run | None, by: Clerk, on: date
) -> list[EligibilityNotice]:
    """Writes the notices, sheet by sheet; called under the chain's lock."""
    newest = EligibilityNotice.objects.order_by("-serial").values_list("serial", flat=True).first()
    value = int(newest[1:11]) if newest else 0
    sheets: list[list[EligibilityNotice]] = []
    for people in sheets_of(ordered, policy):
        sheet = [
            _notice(cause, due, policy, serial(value + place), run=run, on=on)
            for place, (cause, due) in enumerate(people, start=1)
        ]
        value += len(sheet)
        sheets.append(sheet)
    made = EligibilityNotice.objects.bulk_create((sheet[0] for sheet in sheets), batch_size=BATCH)
    for sheet in sheets:
        for notice in sheet[1:]:
            notice.leader = sheet[0]
    made += EligibilityNotice.objects.bulk_create((n for s in sheets for n in s[1:]), batch_size=BATCH)
    refresh_statistics(EligibilityNotice, written=len(made))
    if made:
        note = {"run": run.pk} if run else {}
        record("draft", EligibilityNotice._meta.label, [n.pk for n in made], by=by, on=on, note=note)
    return made


def _notice(cause: str, due: Due, policy: Policy, number: str, *, run: Run | None, on: date) -> EligibilityNotice:
    others = due.household_id != due.member_id or due.head_outside
    to_household = policy.notice_unit == "household" and not due.alone and others
    return EligibilityNotice(
        serial=number,
        member_id=due.member_id,
        run=run,
        cause=cause,
        issued_on=on,
        addressed_to_id=due.household_id if to_household else None,
        copayment_percent=due.percent,
        last_four=causes.last_four(policy, cause),
        name_key=due.name_key,
        face_key=due.household_key if to_household else due.own_key,
    )
