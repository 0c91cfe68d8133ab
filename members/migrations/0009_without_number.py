from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0008_optional_item"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("individual_number_state__in", ("pending", "unregistered"))),
                fields=["individual_number_state"],
                name="person_without_number",
            ),
        ),
    ]
