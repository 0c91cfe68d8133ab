"""A filing from the form to its effect: preview, receive, apply; refuse or withdraw. Source: rules.md §8–9."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from certificates.models import Filing, Via
from certificates.requests.filings import ahead, fields, words
from certificates.requests.filings.case import Case, Change, NotYet, Objection
from certificates.requests.filings.fields import NUMBER_SEAL
from certificates.requests.filings.opening import (
    CLASHES,
    Prepared,
    Standing,
    case_of,
    case_of_filing,
    check,
    concerned,
    fresh,
    standing,
)
from certificates.requests.filings.outlook import Watch
from certificates.requests.filings.table import HANDLERS, Handler
from certificates.requests.via import wrong_via
from certificates.rules import filing_days as days
from certificates.rules.filing_days import KNOWN_DAY
from certificates.rules.filing_kinds import Kind
from core.calendar import wareki
from core.errors import BadInput, Mistake, Refused
from core.models import Clerk
from core.plausible import COVER, OFFICE
from core.transitions import advance, advance_many, check_permission, lock_chain, record
from members.models import Member
from members.services import municipal


@dataclass(frozen=True, slots=True)
class FilingData:
    """What a form says, before it is received. ``data`` holds ``effective_on`` and the values by column name.

    ``effective_on`` is the day as people know it (死亡日, 退職日 …): ``days.effect_of`` makes of it the day of effect.
    """

    kind: str
    member: Member | None
    data: Mapping[str, Any]
    received_on: date
    via: str = Via.ESTABLISHMENT


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filing would do: changes, the sentences about certificates, why it is refused, what looks odd.

    ``days``: the day on the form and, of a cover that ends, the first day without it, each with its name.
    ``waits_until`` is the first day on which it may be applied, where that is still to come.
    """

    changes: tuple[Change, ...] = ()
    consequences: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    waits_until: date | None = None
    days: tuple[tuple[str, date], ...] = ()

    @property
    def seal(self) -> str:
        """Fingerprint of what a clerk is shown: another one says that the records have changed meanwhile."""
        shown = [[[c.who, c.label, c.before, c.after] for c in self.changes], self.consequences, self.oddities]
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


class _Undo(Exception):  # noqa: N818 - ends the rehearsal, nothing went wrong
    pass


def preview(filing_data: FilingData, *, on: date, by: Clerk | None = None) -> Preview:
    """What the filing would change and which certificates it would touch; writes nothing.

    It is applied in full and taken back, so it says exactly what ``apply`` will do on that day.
    """
    try:
        prepared = _prepared(filing_data, on)
    except BadInput as bad:
        return Preview(refusals=tuple(str(mistake) for mistake in bad.mistakes))
    case = case_of(
        prepared,
        fresh(filing_data.member),
        standing(on),
        received_on=filing_data.received_on,
        on=on,
        by=by,
        request="filing:preview",
    )
    if prepared.unused:
        case.odd(f"この届では使わない項目は読みません：{fields.labels(prepared.unused)}")
    shown: list[Preview] = []
    try:
        with transaction.atomic():
            lock_chain()
            watch = Watch(concerned(case), on)
            waits = check(case)
            if not case.refusals:
                _rehearse(case, waits, filing_data, prepared)
            said = tuple(words.described(one) for one in case.consequences)
            said += tuple(watch.news()) if not case.refusals else ()
            shown.append(
                Preview(tuple(case.changes), said, tuple(case.refusals), tuple(case.oddities), waits, case.days)
            )
            raise _Undo
    except _Undo:
        return shown[0]


def _rehearse(case: Case, waits: date | None, told: FilingData, prepared: Prepared) -> None:
    try:
        with transaction.atomic():
            if waits is None:
                ahead.take_effect(case, None)
            elif HANDLERS[case.kind].changes_face:
                case.odd(
                    f"{wareki(waits)}になってから反映します。その日から使う資格確認書が要る方の分は、先に用意します。"
                )
                filing = _new(told, prepared, content_key="preview", by=case.by)
                filing.save(force_insert=True)
                seen = ahead.foresee([filing], by=case.by, on=case.on)[filing.pk]
                case.changes, case.consequences = seen.changes, seen.consequences
                for reason in seen.refusals:
                    case.refuse(reason)
            else:
                case.odd(f"{wareki(waits)}になってから反映します。影響は、いま反映した場合のものです。")
                ahead.take_effect(case, None)
    except Refused as refused:
        for reason in refused.reasons:
            case.refuse(reason)
    except IntegrityError:
        case.refuse(CLASHES)


def _prepared(told: FilingData, on: date) -> Prepared:
    """The checked values of a form handed in on a day. Raises BadInput with every mistake by column."""
    mistakes = []
    kind = Kind(told.kind) if told.kind in set(Kind) else None
    if kind is None:
        raise BadInput(Mistake(f"{' / '.join(Kind)} のどれかを入れてください。", column="kind"))
    handler = HANDLERS[kind]
    if handler.about_member and told.member is None:
        mistakes.append(Mistake("どの加入者の届かがありません。加入者を選んでください。", column="number"))
    if told.via not in Via.values:
        mistakes.append(Mistake(f"{' / '.join(Via.values)} のどれかを入れてください。", column="via"))
    values = {name: value for name, value in told.data.items() if name != "effective_on"}
    if not OFFICE.holds(told.received_on, on):
        mistakes.append(Mistake(OFFICE.words(on), column="received_on"))
    kept, unused, wrong = fields.cleaned(values, required=_required(handler), optional=handler.may_carry, on=on)
    found = _days(told.data.get("effective_on"), kind, kept.get("reason"), on, mistakes)
    mistakes += wrong
    if mistakes or found is None:
        raise BadInput(mistakes)
    told_on, effective_on = found
    if effective_on != told_on:
        kept[KNOWN_DAY] = told_on.isoformat()
    return Prepared(kind, effective_on, kept, unused)


def _required(handler: Handler) -> tuple[str, ...]:
    """What a form must say; where there are no employers, nothing of theirs."""
    if handler.employers_only or not municipal():
        return handler.required
    return tuple(name for name in handler.required if not fields.FIELDS[name].of_employers)


def _days(told: Any, kind: Kind, reason: str | None, on: date, mistakes: list[Mistake]) -> tuple[date, date] | None:
    """The day on the form, and the day from which it has effect."""
    label = days.known_day(kind, reason).label
    try:
        told_on = date.fromisoformat(fields.FIELDS["birth_date"].check(fields.as_text(told)))
    except (TypeError, ValueError):
        mistakes.append(Mistake(f"{label}を YYYY-MM-DD の形の、暦にある日で入れてください。", column="effective_on"))
        return None
    if not COVER.holds(told_on, on):
        mistakes.append(Mistake(COVER.words(on), column="effective_on"))
        return None
    return told_on, days.effect_of(kind, reason, told_on)


def receive(
    kind: str,
    member: Member | None,
    data: Mapping[str, Any],
    *,
    received_on: date,
    via: str,
    by: Clerk | None,
    on: date | None = None,
) -> Filing:
    """Takes a filing in; the same one again (kind, member, day, content) answers the first.

    ``data`` holds ``effective_on``, the day as people know it, and the values by column name (as text, or as Python
    values); ``on`` is the day it is entered, by default the day of receipt. One that was refused or withdrawn may be filed anew.
    What it changes on a face from a day to come is ruled on at once (``ahead``).

    Raises:
        BadInput: a value is missing or wrong, each by its column.
        Refused: the clerk may not, or no settings are in force for a ruling.
    """
    check_permission(by, Filing.lifecycle.by_verb["apply"])
    if via == Via.ESTABLISHMENT and (wrong := wrong_via(via, municipal=municipal())):
        raise BadInput(wrong)
    with transaction.atomic():
        lock_chain()  # two clerks with the same form: the second finds the first's
        today = on or received_on
        filing, new = take_in(FilingData(kind, member, data, received_on, via), by=by, on=today)
        if new:
            ahead.receive([filing], by=by, on=today)
        return filing


def take_in(told: FilingData, *, by: Clerk | None, on: date) -> tuple[Filing, bool]:
    """``receive`` within the caller's transaction, and whether the filing is new."""
    filing, new = found_or_made(told, _stored, by=by, on=on)
    if new:
        filing.save(force_insert=True)
        note = {"kind": filing.kind}
        record("receive", Filing._meta.label, [filing.pk], by=by, on=on, note=note)
    return filing, new


def _stored(content_key: str) -> Filing | None:
    return Filing.objects.filter(content_key=content_key).first()


def found_or_made(
    told: FilingData, find: Callable[[str], Filing | None], *, by: Clerk | None, on: date
) -> tuple[Filing, bool]:
    """The filing on record with this content, or a new one that is not saved yet. Raises BadInput as ``receive``."""
    prepared = _prepared(told, on)
    again = 0
    while True:
        key = _content_key(prepared, told.member, again)
        known = find(key)
        if known is None:
            break
        if known.status not in ("refused", "withdrawn"):
            return known, False
        again += 1
    return _new(told, prepared, content_key=key, by=by), True


def _new(told: FilingData, prepared: Prepared, *, content_key: str, by: Clerk | None) -> Filing:
    return Filing(
        kind=str(prepared.kind),
        member=told.member,
        effective_on=prepared.effective_on,
        received_on=told.received_on,
        received_via=told.via,
        data=prepared.kept,
        content_key=content_key,
        received_by=by,
    )


def _content_key(prepared: Prepared, member: Member | None, again: int) -> str:
    """Fingerprint of what is filed; a seal differs each time, so it is left out."""
    content = {name: text for name, text in prepared.kept.items() if name != NUMBER_SEAL}
    told = {
        "kind": prepared.kind,
        "member": member.pk if member else None,
        "effective_on": prepared.effective_on.isoformat(),
        "data": content,
        "again": again,
    }
    canonical = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def known(filing_data: FilingData, *, on: date) -> Filing | None:
    """The same filing, where it was received before and stands. Raises BadInput as ``receive`` does."""
    found = Filing.objects.filter(content_key=content_key(filing_data, on=on)).first()
    return found if found is not None and found.status not in ("refused", "withdrawn") else None


def content_key(filing_data: FilingData, *, on: date) -> str:
    """The key under which ``receive`` would find the same filing. Raises BadInput as ``receive`` does."""
    return _content_key(_prepared(filing_data, on), filing_data.member, 0)


def apply(filing: Filing, *, by: Clerk | None, on: date) -> Filing:
    """Brings a filing into effect: people, certificates and duties in one transaction. Applied already: no change.

    Raises:
        Refused: what is on record speaks against it, in words that say what to do; nothing is changed.
        NotYet: its day is still to come; it stays received.
    """
    try:
        with transaction.atomic():
            lock_chain()
            filing.refresh_from_db()
            if filing.status != "applied":
                carry_out(filing, fresh(filing.member), standing(on), by=by, on=on)
    except IntegrityError:
        raise clash() from None
    return filing


def clash() -> Objection:
    """The database's own guard (two covers under one number at a time) spoke, where a check did not see it."""
    return Objection([CLASHES], ["number"])


def carry_out(filing: Filing, member: Member | None, at: Standing, *, by: Clerk | None, on: date) -> Case:
    """``apply`` within the caller's transaction, which it leaves to be rolled back when it raises; what came of it.

    ``member`` is the filing's, as stored now.
    """
    if filing.status != "received":
        raise Refused(Filing.lifecycle.why_not(filing.status, "apply"))
    case = take_effect(filing, member, at, by=by, on=on)
    values = {name: getattr(filing, name) for name in ("applied_on", "member", "data", "consequences")}
    own = Filing.objects.filter(pk=filing.pk)
    if not advance_many(own, "apply", by=by, on=on, note={"kind": filing.kind}, **values):
        raise Refused(Filing.lifecycle.why_not(filing.status, "apply"))
    filing.status = "applied"
    return case


def take_effect(
    filing: Filing,
    member: Member | None,
    at: Standing,
    *,
    by: Clerk | None,
    on: date,
    paperless: frozenset[int] = frozenset(),
) -> Case:
    """People and certificates follow the filing; on the filing itself the outcome is set, but not stored.

    ``paperless``: covers known to have no paper. Raises as ``apply``, NotYet before anything is written.
    """
    case = case_of_filing(filing, member, at, on=on, by=by)
    case.paperless = paperless
    waits = check(case)
    if case.refusals:
        raise Objection(case.refusals, case.columns)
    if waits is not None:
        raise NotYet(waits, case.oddities)
    ahead.take_effect(case, filing)
    filing.applied_on, filing.member = on, member or case.found.get("new_member")
    filing.data = {name: text for name, text in filing.data.items() if name != NUMBER_SEAL}
    filing.consequences = [*filing.consequences, *case.consequences]
    return case


def apply_due(*, on: date, by: Clerk | None = None) -> dict[str, int]:
    """Applies every filing whose day has come (daily, any number of times); answers how many, and how many are refused.

    A refused one stays received, for a clerk.
    """
    counts = {"applied": 0, "waiting": 0, "refused": 0}
    for filing in Filing.objects.filter(status="received").order_by("effective_on", "pk"):
        try:
            apply(filing, by=by, on=on)
            counts["applied"] += 1
        except NotYet:
            counts["waiting"] += 1
        except Refused:
            counts["refused"] += 1
    return counts


def refuse(filing: Filing, *, reason: str, by: Clerk | None, on: date) -> Filing:
    """Turns a filing down, with the reason; what was prepared for its day is taken back.

    Raises:
        Refused: it is applied already, the reason is missing, or the clerk may not.
    """
    return _close(filing, "refuse", reason=reason, by=by, on=on)


def withdraw(filing: Filing, *, reason: str, by: Clerk | None, on: date) -> Filing:
    """Takes back a filing that is not applied yet, with the reason, as ``refuse`` does. Raises Refused likewise."""
    return _close(filing, "withdraw", reason=reason, by=by, on=on)


def _close(filing: Filing, verb: str, *, reason: str, by: Clerk | None, on: date) -> Filing:
    with transaction.atomic():
        advance(filing, verb, by=by, on=on, reason=reason)
        ahead.forget(filing, by=by, on=on)
    return filing
