import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0004_survey")]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=60, verbose_name="対象")),
                ("subject_id", models.BigIntegerField(verbose_name="対象番号")),
                ("since", models.DateField(verbose_name="担当した日")),
                (
                    "clerk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当",
                    ),
                ),
            ],
            options={
                "verbose_name": "担当",
                "verbose_name_plural": "担当",
                "indexes": [
                    models.Index(fields=["clerk", "subject", "subject_id"], name="assignment_of_clerk")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["subject", "subject_id"], name="assignment_one_clerk")
                ],
            },
        ),
    ]
