from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

# 8 digits, 都道府県番号 01–47 or 51–97, and the whole passes Luhn. Source: rules.md §3.
CREATE = r"""
CREATE FUNCTION members_insurer_number_valid(value text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT value ~ '^[0-9]{8}$'
        AND (substr(value, 3, 2)::int BETWEEN 1 AND 47 OR substr(value, 3, 2)::int BETWEEN 51 AND 97)
        AND (SELECT sum(CASE WHEN place % 2 = 1 THEN digit * 2 / 10 + digit * 2 % 10 ELSE digit END) % 10 = 0
             FROM (SELECT place, substr(value, place, 1)::int AS digit FROM generate_series(1, 8) place) digits)
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(CREATE, "DROP FUNCTION members_insurer_number_valid(text);"),
    ]
