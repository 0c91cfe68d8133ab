from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certificates", "0010_pulled"),
        ("members", "0009_without_number"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("outcome__in", ("wait", "review"))),
                fields=["run", "member"],
                name="decision_open",
            ),
        ),
    ]
