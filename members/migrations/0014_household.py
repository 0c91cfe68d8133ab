"""Households of a municipal scheme, and the share that the municipality tells. Source: rules.md §12 ``scheme``."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# The preset of a municipal scheme says so of itself from now on.
_SCHEME = """
UPDATE members_policy SET values = values || '{"scheme": "municipal"}' WHERE preset = 'kokuho' AND NOT values ? 'scheme';
"""


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0013_mynastatus_created_on'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='member',
            name='copayment_percent',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='一部負担金の割合（%）'),
        ),
        migrations.AddField(
            model_name='member',
            name='head',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='household', to='members.member', verbose_name='世帯主'),
        ),
        migrations.AddField(
            model_name='member',
            name='head_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='資格のない世帯主の氏名'),
        ),
        migrations.AddField(
            model_name='member',
            name='household_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='世帯番号'),
        ),
        migrations.AddField(
            model_name='memberhistory',
            name='copayment_percent',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='一部負担金の割合（%）'),
        ),
        migrations.AddField(
            model_name='memberhistory',
            name='head',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='members.member', verbose_name='世帯主'),
        ),
        migrations.AddField(
            model_name='memberhistory',
            name='head_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='資格のない世帯主の氏名'),
        ),
        migrations.AddField(
            model_name='memberhistory',
            name='household_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='世帯番号'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "members_memberhistory" ("acquired_on", "branch_key", "branch_number", "copayment_percent", "coverage_kind", "establishment_id", "fund_registered_on", "head_id", "head_name", "household_key", "id", "insured_id", "insurer_id", "kind", "lost_on", "number", "number_key", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relationship", "standard_monthly_remuneration_yen", "symbol", "symbol_key") VALUES (OLD."acquired_on", OLD."branch_key", OLD."branch_number", OLD."copayment_percent", OLD."coverage_kind", OLD."establishment_id", OLD."fund_registered_on", OLD."head_id", OLD."head_name", OLD."household_key", OLD."id", OLD."insured_id", OLD."insurer_id", OLD."kind", OLD."lost_on", OLD."number", OLD."number_key", OLD."person_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."relationship", OLD."standard_monthly_remuneration_yen", OLD."symbol", OLD."symbol_key"); RETURN NULL;', hash='f62d2811b4b18310975cf5ed78950fc7f81951a8', operation='UPDATE', pgid='pgtrigger_update_update_b1bc1', table='members_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "members_memberhistory" ("acquired_on", "branch_key", "branch_number", "copayment_percent", "coverage_kind", "establishment_id", "fund_registered_on", "head_id", "head_name", "household_key", "id", "insured_id", "insurer_id", "kind", "lost_on", "number", "number_key", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "relationship", "standard_monthly_remuneration_yen", "symbol", "symbol_key") VALUES (OLD."acquired_on", OLD."branch_key", OLD."branch_number", OLD."copayment_percent", OLD."coverage_kind", OLD."establishment_id", OLD."fund_registered_on", OLD."head_id", OLD."head_name", OLD."household_key", OLD."id", OLD."insured_id", OLD."insurer_id", OLD."kind", OLD."lost_on", OLD."number", OLD."number_key", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."relationship", OLD."standard_monthly_remuneration_yen", OLD."symbol", OLD."symbol_key"); RETURN NULL;', hash='bbff623df446372342b2b18833e0d41f77cca826', operation='DELETE', pgid='pgtrigger_delete_delete_925fb', table='members_member', when='AFTER')),
        ),
        migrations.RunSQL(_SCHEME, migrations.RunSQL.noop),
    ]
