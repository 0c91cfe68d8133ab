from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("certificates", "0008_held_back"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="recovery",
            index=models.Index(fields=["-status", "due_on", "id"], name="recovery_list"),
        ),
    ]
