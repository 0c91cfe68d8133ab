from django.db import migrations


class Migration(migrations.Migration):
    """Each status gets the day on which the fund made the file that it came from."""

    dependencies = [
        ('exchange', '0003_keys_anew'),
        ('members', '0013_mynastatus_created_on'),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE members_mynastatus s SET created_on = f.created_on"
            " FROM exchange_exchangefile f WHERE f.id = s.file_id",
            migrations.RunSQL.noop,
        ),
    ]
