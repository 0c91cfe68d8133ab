"""Keys of numbers and kana as ``core.text`` makes them now, in every stored row, and names compared composed."""

from importlib import import_module

import pgtrigger
from django.db import migrations

from core.characters import BLANKS_CLASS, INVISIBLE_CLASS
from core.rekeying import rekey_kana, rekey_numbers

search = import_module("members.migrations.0005_search")

# What a name holds and nobody sees. A NUL cannot be stored.
UNSEEN = rf"\u0001-\u001F\u007F-\u009F{BLANKS_CLASS}{INVISIBLE_CLASS}\uFE00-\uFE0F\U000E0100-\U000E01EF"
# As before, and without invisible characters and blanks of every kind; は with a mark of its own is ば.
CREATE = rf"""
CREATE OR REPLACE FUNCTION members_name_key(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN value ~ '[a-z{search.FORMS}{search.WIDE}\uF900-\uFAFF\U0002F800-\U0002FA1F\u0300-\u036F\u3099\u309A{UNSEEN}]'
        THEN upper(translate(
            normalize(regexp_replace(value, '[{UNSEEN}]', '', 'g'), NFC),
            '{search.FORMS}{search.WIDE}', '{search.USUAL}{search.NARROW}'))
        ELSE value END
$$;
REINDEX INDEX person_name_grams;
"""


def rekey(apps, schema_editor):
    """Recomputes the keys. A cover whose new number another one has at the same time keeps its old key, and is named."""
    with pgtrigger.ignore("members.Person:update_update", "members.Member:update_update"):
        for model in ("MemberHistory", "Member"):
            rekey_numbers(apps.get_model("members", model))
        for model in ("PersonHistory", "Person"):
            rekey_kana(apps.get_model("members", model))


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0011_number_order"),
    ]

    operations = [
        migrations.RunSQL(CREATE, migrations.RunSQL.noop),
        migrations.RunPython(rekey, migrations.RunPython.noop),
    ]
