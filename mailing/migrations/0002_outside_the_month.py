import django.db.models.deletion
from django.db import migrations, models

# A dispatch of before belongs to the society of its run.
_FILL = """
UPDATE mailing_dispatch d SET insurer_id = r.insurer_id FROM certificates_run r WHERE r.id = d.run_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0005_reasons'),
        ('mailing', '0001_initial'),
        ('members', '0002_people'),
        ('notices', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='enclosure',
            name='enclosure_of_one',
        ),
        migrations.AddField(
            model_name='dispatch',
            name='insurer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispatches', to='members.insurer', verbose_name='保険者'),
        ),
        # The check of the key is due at once: a table with a pending one cannot be altered.
        migrations.RunSQL(['SET CONSTRAINTS ALL IMMEDIATE', _FILL], migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='dispatch',
            name='insurer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dispatches', to='members.insurer', verbose_name='保険者'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='elderly',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enclosures', to='certificates.elderlybeneficiarycertificate', verbose_name='高齢受給者証'),
        ),
        migrations.AddField(
            model_name='enclosure',
            name='copayment_percent',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='印刷した一部負担割合（%）'),
        ),
        migrations.AlterField(
            model_name='dispatch',
            name='kind',
            field=models.CharField(choices=[('certificate', '資格確認書'), ('elderly', '高齢受給者証'), ('notice', '資格情報のお知らせ')], max_length=12, verbose_name='種類'),
        ),
        migrations.AlterField(
            model_name='dispatch',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispatches', to='certificates.run', verbose_name='月次判定'),
        ),
        migrations.AlterField(
            model_name='printedfile',
            name='kind',
            field=models.CharField(choices=[('certificate', '資格確認書'), ('elderly', '高齢受給者証'), ('notice', '資格情報のお知らせ'), ('cover', '配付対象者一覧'), ('address', '宛名'), ('manifest', '目録')], max_length=12, verbose_name='種類'),
        ),
        migrations.AddConstraint(
            model_name='enclosure',
            constraint=models.UniqueConstraint(condition=models.Q(('active', True)), fields=('elderly',), name='elderly_enclosed_once'),
        ),
        migrations.AddConstraint(
            model_name='enclosure',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('certificate__isnull', False), ('elderly__isnull', True), ('notice__isnull', True)), models.Q(('certificate__isnull', True), ('elderly__isnull', False), ('notice__isnull', True)), models.Q(('certificate__isnull', True), ('elderly__isnull', True), ('notice__isnull', False)), _connector='OR'), name='enclosure_of_one'),
        ),
    ]
