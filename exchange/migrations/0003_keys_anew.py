"""Keys of the rows of the fund's files as ``core.text`` makes them now."""

from django.db import migrations

from core.rekeying import rekey_kana, rekey_numbers


def rekey(apps, schema_editor):
    """Recomputes the keys of every row."""
    rows = apps.get_model("exchange", "ExchangeRow")
    rekey_numbers(rows)
    rekey_kana(rows)


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0002_outgoing"),
    ]

    operations = [
        migrations.RunPython(rekey, migrations.RunPython.noop),
    ]
