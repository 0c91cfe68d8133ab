from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_assignment")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["subject", "on"], name="event_subject_on"),
        ),
    ]
