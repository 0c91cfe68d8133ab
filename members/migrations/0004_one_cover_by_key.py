import django.contrib.postgres.constraints
import django.db.models.functions.comparison
from django.db import migrations, models

import members.models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0003_printed_form'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='member',
            name='one_cover_at_a_time',
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(members.models.CoverKey(django.db.models.functions.comparison.Cast('insurer', models.TextField()), 'symbol_key', 'number_key', 'branch_key'), '='), (members.models.CoverDays('acquired_on', models.Case(models.When(lost_on__lt=models.F('acquired_on'), then=models.F('acquired_on')), default=models.F('lost_on'), output_field=models.DateField())), '&&')], name='one_cover_at_a_time'),
        ),
    ]
