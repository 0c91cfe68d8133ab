from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("certificates", "0013_rules_version"),
    ]

    operations = [
        migrations.AddField(
            model_name="recovery",
            name="requested_on",
            field=models.DateField(blank=True, null=True, verbose_name="お願いした日"),
        ),
    ]
