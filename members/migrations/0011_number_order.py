from django.db import migrations, models

import members.functions


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0010_confirmed_text'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='member',
            index=models.Index(members.functions.NumberOrder('symbol_key', 'number_key', 'branch_key'), models.F('id'), name='member_number_order'),
        ),
    ]
