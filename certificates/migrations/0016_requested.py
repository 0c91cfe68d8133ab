from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("certificates", "0015_run_without_file"),
    ]

    operations = [
        migrations.AddField(
            model_name="recovery",
            name="requested_on",
            field=models.DateField(blank=True, null=True, verbose_name="お願いした日"),
        ),
    ]
