"""Merges what members already hold or asked for: legacy cards, certificates, deregistrations."""

from __future__ import annotations

from datetime import date
from typing import Any

from certificates.documents.serials import draw
from certificates.lifecycle import CERTIFICATE, DEREGISTRATION
from core.transitions import DOOR, carried_over_door
from kenpo.intake.load.staging import make_table
from members.models import Insurer
from members.querysets import FACE_KEY_SQL, PEOPLE_JOINS

_LEGACY_CARDS = """
    INSERT INTO certificates_legacycard AS card (member_id, issued_on, valid_through, status)
    SELECT o.member_id, f.issued_on, f.valid_through, 'valid'
    FROM load_legacy_card f JOIN load_legacy_card_of o USING (line)
    ON CONFLICT (member_id, issued_on) DO UPDATE SET valid_through = EXCLUDED.valid_through
    WHERE card.valid_through IS DISTINCT FROM EXCLUDED.valid_through
"""


def merge_legacy_cards(cursor: Any) -> int:
    """健康保険証 by cover and day of issue; answers how many rows changed."""
    cursor.execute(_LEGACY_CARDS)
    return int(cursor.rowcount)


# A certificate that the society issued here is known better than any file; one that was loaded follows the file.
_CHANGED_CERTIFICATES = """
    UPDATE certificates_eligibilitycertificate c
    SET issued_on = f.issued_on, sent_on = f.issued_on, arrives_on = f.issued_on, ground = coalesce(f.ground, c.ground)
    FROM load_certificate f JOIN load_certificate_of o USING (line)
    WHERE c.member_id = o.member_id AND c.effective_on = f.effective_on AND c.valid_through = f.valid_through
        AND c.basis = f.basis AND c.run_id IS NULL AND c."limit" = ''
        AND (c.issued_on, c.ground) IS DISTINCT FROM (f.issued_on, coalesce(f.ground, c.ground))
"""

_FRESH_CERTIFICATES = """
    SELECT f.line, o.member_id, f.basis, coalesce(f.ground, '') AS ground, f.issued_on, f.effective_on, f.valid_through
    FROM load_certificate f JOIN load_certificate_of o USING (line)
    WHERE NOT EXISTS (
        SELECT FROM certificates_eligibilitycertificate c WHERE c.member_id = o.member_id
            AND c.effective_on = f.effective_on AND c.valid_through = f.valid_through AND c.basis = f.basis)
"""

_NEW_CERTIFICATES = f"""
    INSERT INTO certificates_eligibilitycertificate (serial, member_id, sequence, basis, ground, kind, issued_on,
        effective_on, valid_through, "limit", face_key, status, sent_on, arrives_on)
    SELECT certificates_serial(%(first)s + row_number() OVER (ORDER BY n.line) - 1), n.member_id, 0, n.basis, n.ground,
        'new', n.issued_on, n.effective_on, n.valid_through, '', {FACE_KEY_SQL},
        CASE WHEN n.valid_through < %(on)s THEN 'expired' ELSE 'sent' END, n.issued_on, n.issued_on
    FROM load_fresh_certificate n JOIN members_member m ON m.id = n.member_id {PEOPLE_JOINS}
"""


def merge_certificates(cursor: Any, society: Insurer, *, on: date) -> int:
    """資格確認書 in members' hands: ``sent``, or ``expired`` before ``on``; answers how many rows changed.

    The face is taken as right on the day of the load.
    """
    cursor.execute(_CHANGED_CERTIFICATES)
    changes = cursor.rowcount
    # Apart from the INSERT: one that looks into the table it fills may look again for each row.
    make_table(cursor, "load_fresh_certificate", _FRESH_CERTIFICATES)
    cursor.execute("SELECT count(*) FROM load_fresh_certificate")
    count = cursor.fetchone()[0]
    if count:
        carried_over_door(CERTIFICATE)
        cursor.execute(_NEW_CERTIFICATES, {"first": draw(society, count), "on": on})
        close_door(cursor)
    return int(changes + count)


_DEREGISTRATIONS = """
    INSERT INTO certificates_deregistration (person_id, member_id, accepted_on, status)
    SELECT m.person_id, m.id, f.accepted_on, 'granted'
    FROM load_deregistration f JOIN load_deregistration_of o USING (line) JOIN members_member m ON m.id = o.member_id
    ON CONFLICT (member_id, accepted_on) DO NOTHING
"""
_FOLLOW_COVER = """
    UPDATE certificates_deregistration d SET person_id = m.person_id
    FROM members_member m JOIN load_row r ON r.member_id = m.id
    WHERE d.member_id = m.id AND d.person_id <> m.person_id
"""


def merge_deregistrations(cursor: Any) -> int:
    """Requests that the fund took in; answers how many rows changed."""
    carried_over_door(DEREGISTRATION)
    cursor.execute(_DEREGISTRATIONS)
    changes = cursor.rowcount
    close_door(cursor)
    cursor.execute(_FOLLOW_COVER)
    return int(changes + cursor.rowcount)


def close_door(cursor: Any) -> None:
    """Nothing else of this transaction may begin as if carried over."""
    cursor.execute("SELECT set_config(%s, '', true)", [DOOR])
