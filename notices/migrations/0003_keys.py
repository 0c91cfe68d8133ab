from django.db import migrations

# Notices of before carry the fingerprint of a certificate's face. Those whose face is still the drafted one get the
# notice's own fingerprints; of the others nothing is known any more, and they stay different from whatever stands now.
KEYS = r"""
UPDATE notices_eligibilitynotice n SET
    name_key = encode(sha256(convert_to(concat_ws(chr(31),
        coalesce(nullif(p.printed_name, ''), p.name), p.name_kana, m.symbol, '/', m.number, '/', m.branch_number),
        'UTF8')), 'hex'),
    face_key = encode(sha256(convert_to(concat_ws(chr(31),
        coalesce(nullif(p.printed_name, ''), p.name), p.name_kana, p.birth_date - DATE '1900-01-01',
        m.symbol, '/', m.number, '/', m.branch_number, '/', m.acquired_on - DATE '1900-01-01',
        coalesce(m.fund_registered_on - DATE '1900-01-01', 0), i.number, i.name,
        coalesce(nullif(i.phone, ''), s.phone, ''), '/', '', '/', ''), 'UTF8')), 'hex')
FROM members_member m
JOIN members_person p ON p.id = m.person_id
JOIN members_insurer i ON i.id = m.insurer_id
LEFT JOIN members_insurer s ON s.id = i.main_id
LEFT JOIN members_member mi ON mi.id = m.insured_id
LEFT JOIN members_person ip ON ip.id = mi.person_id
WHERE m.id = n.member_id AND n.face_key = encode(sha256(convert_to(concat_ws(chr(31),
    p.name, p.printed_name, p.name_kana, p.birth_date - DATE '1900-01-01', p.sex, p.sex_on_back::int,
    m.symbol, m.number, '/', m.branch_number, '/', m.kind, m.coverage_kind, m.acquired_on - DATE '1900-01-01',
    coalesce(nullif(ip.printed_name, ''), ip.name, ''), i.number, i.name), 'UTF8')), 'hex');
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0002_sheets_and_causes")]
    operations = [migrations.RunSQL(KEYS, migrations.RunSQL.noop)]
