from django.db import migrations

# The same text as certificates.serials.serial_text, for set-based issuing.
CREATE = r"""
CREATE FUNCTION certificates_serial(running bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT lpad(running::text, 11, '0') || (10 - sum(
        CASE WHEN place % 2 = 1 THEN digit * 2 / 10 + digit * 2 % 10 ELSE digit END) % 10) % 10
    FROM (SELECT place, substr(lpad(running::text, 11, '0'), place, 1)::int AS digit
          FROM generate_series(1, 11) place) digits
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION certificates_serial(bigint);")]
