"""Papers that may not go as they are: which of a dispatch, why, and what becomes of them.

Before printing they leave their envelopes by themselves; afterwards a clerk takes them out by the list (``pulls``).
Source: rules.md §10.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from certificates.rules.law import law_on
from certificates.rules.monthly import expires_from
from core.calendar import month_end_after
from core.models import Clerk
from mailing.envelopes import SHARE_MISSING
from mailing.models import Dispatch, Enclosure, Pull
from mailing.papers import kinds, shares
from mailing.papers.contents import policy_of
from mailing.papers.kinds import DocumentKind, sql
from mailing.planning.reading import ENDED_SQL, PROTECTED_SQL
from members.querysets import HEAD_LEFT_SQL, PEOPLE_JOINS, address_sql, newest_first_sql

BATCH = 2_000
REASONS: Mapping[str, str] = {
    "left": "資格がなくなった",
    "face_changed": "表面の内容（氏名・番号など）が変わった",
    "form_changed": "印字する字形が変わった",
    "protected": "住所などを伏せる方になった",
    "moved": "送付先が変わった",
    "registered": "マイナ保険証が使えるようになった",
    "voided": "無効になった",
    "head_left": "世帯主の資格が終わった",
    "not_needed": "資格確認書がなく、要らなくなった",
    SHARE_MISSING: "一部負担金の割合がまだ届いていない",
}

BEFORE_PRINTING = frozenset({"left", "face_changed", "voided", "head_left", SHARE_MISSING})
"""Reasons for which a paper is not even printed; the others are seen to on the list, when it is."""
AS_DECIDED = frozenset({"form_changed", "protected", "moved", "head_left"})
"""Reasons that leave the decision as it was: the document is made once more, for the next assembly."""
DECIDED_ANEW = AS_DECIDED | {"face_changed", SHARE_MISSING}
"""Reasons after which somebody may need another document, with another face."""


def _leaving_sql() -> str:
    """One row per document and person in the bundle, with a flag per reason but the last two, in the order of REASONS.

    A form recorded after the printing began stands behind it in the log.
    """
    return f"""
WITH reshaped AS (
    SELECT f.person_id FROM members_printedform f
    JOIN members_person fp ON fp.id = f.person_id
        AND f.registered = CASE f.field WHEN 'name' THEN fp.name ELSE fp.printed_name END
    JOIN core_event said ON said.subject = 'members.PrintedForm' AND said.subject_id = f.id
    WHERE said.seq > (SELECT max(seq) FROM core_event
                      WHERE subject = 'mailing.Dispatch' AND subject_id = %(dispatch)s AND verb = 'print')
)
SELECT x.id,
    coalesce({ENDED_SQL}, false) OR coalesce({sql.first("valid_through", kinds.with_days())} < %(on)s, false),
    {sql.wrong_face()},
    EXISTS (SELECT 1 FROM reshaped WHERE reshaped.person_id IN (p.id, ip.id)),
    NOT %(safe)s AND ({PROTECTED_SQL}
        OR (v.establishment_id IS NOT NULL AND coalesce(ip.nondisclosure OR ip.address_protected, false))
        OR (v.person_id = m.head_id AND EXISTS (SELECT FROM members_person hp
            WHERE hp.id = vm.person_id AND (hp.nondisclosure OR hp.address_protected)))),
    CASE WHEN v.establishment_id IS NOT NULL
        THEN v.establishment_id <> coalesce(mi.establishment_id, m.establishment_id)
        WHEN %(safe)s THEN (v.postal_code, v.address) IS DISTINCT FROM (safe.postal_code, safe.address)
        WHEN mail.address IS NOT NULL
        THEN (v.postal_code, v.address) IS DISTINCT FROM (mail.postal_code, mail.address)
        ELSE (v.postal_code, v.address) IS DISTINCT FROM (home.postal_code, home.address) END,
    {sql.needless()},
    {sql.first("status")} <> ALL(%(live)s),
    v.person_id = m.head_id AND {HEAD_LEFT_SQL}
FROM mailing_envelope v
JOIN mailing_enclosure x ON x.envelope_id = v.id AND x.active
{sql.joins(everyone=True)}
{sql.needless_joins()}
JOIN members_member m ON m.id = {sql.first("member_id")} {PEOPLE_JOINS}
JOIN members_member vm ON vm.id = v.person_id
LEFT JOIN {address_sql("vm.person_id", "safe")} safe ON true
LEFT JOIN {address_sql("vm.person_id", "mailing")} mail ON true
LEFT JOIN {address_sql("vm.person_id", "residence")} home ON true
LEFT JOIN LATERAL (
    SELECT state, as_of, source, file_id, e_certificate_expires_on FROM members_mynastatus s
    WHERE person_id = p.id ORDER BY {newest_first_sql("s")} LIMIT 1
) newest ON true
WHERE v.dispatch_id = %(dispatch)s
"""


# An envelope that nothing is left in has no place in the bundle.
_MOVE_UP = """
UPDATE mailing_envelope v SET bundle_position = moved.place
FROM (
    SELECT id, CASE WHEN filled THEN count(*) FILTER (WHERE filled)
        OVER (PARTITION BY establishment_id ORDER BY position) ELSE 0 END AS place
    FROM (
        SELECT e.id, e.establishment_id, e.position,
            EXISTS (SELECT 1 FROM mailing_enclosure x WHERE x.envelope_id = e.id AND x.active) AS filled
        FROM mailing_envelope e WHERE e.dispatch_id = %s
    ) envelopes
) moved
WHERE v.id = moved.id AND v.bundle_position <> moved.place
"""


def find(dispatch: Dispatch, *, on: date) -> dict[int, list[str]]:
    """The enclosures that may not go, with the codes of their reasons, as of ``on``; writes nothing."""
    next_arrives_by = month_end_after(dispatch.decided_on, 1)
    params = {
        "dispatch": dispatch.pk,
        "on": on,
        "safe": dispatch.to_safe_address,
        "live": [kind.ready for kind in kinds.every()] if dispatch.status == "assembled" else ["printed"],
        "registered": policy_of(dispatch).recover_on_registration,
        "expires_from": expires_from(next_arrives_by, law_on(on)),  # usable until the next run's paper
    }
    with connection.cursor() as cursor:
        cursor.execute(_leaving_sql(), params)
        rows = cursor.fetchall()
    # A sheet of notices has one row for each person on it: what is true of one pulls it.
    hits: dict[int, set[str]] = {}
    for enclosure_id, *flags in rows:
        hits.setdefault(enclosure_id, set()).update(itertools.compress(REASONS, flags))
    enclosed = {kind.kind: _enclosed(dispatch, kind) for kind in kinds.every()}
    for kind in kinds.every():
        for document_id in kind.redrafted(enclosed[kind.kind]):
            hits[enclosed[kind.kind][document_id]].add("face_changed")
    for enclosure_id, reason in _changed_shares(dispatch, enclosed, on=on):
        hits[enclosure_id].add(reason)
    return {enclosure_id: [code for code in REASONS if code in codes] for enclosure_id, codes in hits.items() if codes}


def _enclosed(dispatch: Dispatch, kind: DocumentKind) -> dict[int, int]:
    """The enclosure of each document of a kind that lies in the dispatch, by document."""
    rows = Enclosure.objects.filter(envelope__dispatch=dispatch, active=True, **{f"{kind.column}__isnull": False})
    return dict(rows.values_list(f"{kind.column}_id", "id"))


def _changed_shares(
    dispatch: Dispatch, enclosed: Mapping[str, Mapping[int, int]], *, on: date
) -> Iterator[tuple[int, str]]:
    """The enclosures that carry another share than their holder now has, or that nobody needs any more."""
    documents = {kind.kind: enclosed[kind.kind] for kind in kinds.every() if kind.carries_share}
    wrong = shares.changed(dispatch.insurer, documents, on=on)
    return ((enclosed[kind][document_id], reason) for (kind, document_id), reason in wrong.items())


def leave(dispatch: Dispatch, *, by: Clerk, on: date) -> None:
    """Takes what may not be printed (any more) out of the envelopes, before the first page exists, and lists it.

    The others keep their envelopes and move up in their bundles. Within the caller's transaction.
    """
    gone = {
        enclosure_id: reasons
        for enclosure_id, codes in find(dispatch, on=on).items()
        if (reasons := [code for code in codes if code in BEFORE_PRINTING])
    }
    if not gone:
        return
    take_out(dispatch, gone, by=by, on=on)
    Enclosure.objects.filter(pk__in=list(gone)).update(active=False)
    now = timezone.now()
    Pull.objects.bulk_create(
        (
            Pull(
                enclosure_id=enclosure_id,
                reasons=reasons,
                found_on=on,
                confirmed_by=by,
                confirmed_at=now,
                before_printing=True,
            )
            for enclosure_id, reasons in sorted(gone.items())
        ),
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute(_MOVE_UP, [dispatch.pk])


def take_out(dispatch: Dispatch, reasons_of: Mapping[int, Sequence[str]], *, by: Clerk, on: date) -> None:
    """Voids the documents of these enclosures, those of one reason together; void ones stay as they are.

    Whoever still needs the paper is not left without: the same once more, or, where its face has changed, decided anew.
    Notices are drafted anew for whoever is still due one, 高齢受給者証 with another face by the daily job. Within the
    caller's transaction.
    """
    groups: dict[tuple[str, ...], list[Enclosure]] = {}
    for enclosure in Enclosure.objects.filter(pk__in=list(reasons_of)).order_by("pk"):
        groups.setdefault(tuple(reasons_of[enclosure.pk]), []).append(enclosure)
    for reasons, group in sorted(groups.items()):
        reason = "引抜き：" + "・".join(REASONS[code] for code in reasons)
        note: dict[str, Any] = {"dispatch": dispatch.pk}
        for kind in kinds.every():
            ids = [pk for enclosure in group if (pk := getattr(enclosure, f"{kind.column}_id"))]
            if not ids:
                continue
            voided = kind.advance(ids, "void", by=by, on=on, reason=reason, note=note)
            if AS_DECIDED.issuperset(reasons):
                remade = {**note, "reprint": True, "reason": reason}
                kind.copy(voided, dispatch.insurer, by=by, on=on, note=remade)
            elif DECIDED_ANEW.issuperset(reasons):
                kind.decide_anew(voided, by=by, on=on)
