import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0016_requested'),
        ('members', '0013_mynastatus_created_on'),
    ]

    operations = [
        migrations.CreateModel(
            name='ComingFace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_day', models.DateField(verbose_name='この日から')),
                ('face_key', models.CharField(editable=False, max_length=64)),
                ('face', models.JSONField(verbose_name='変わる内容')),
            ],
            options={
                'verbose_name': 'これから変わる表面の内容',
                'verbose_name_plural': 'これから変わる表面の内容',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='eligibilitycertificate',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='eligibilitycertificate',
            name='delete_delete',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eligibilitycertificate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "certificates_certificatehistory" ("arrives_on", "basis", "coming_id", "effective_on", "face_key", "ground", "id", "issued_on", "kind", "limit", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ruling_id", "run_id", "sent_on", "sequence", "serial", "status", "straight_home", "valid_through") VALUES (OLD."arrives_on", OLD."basis", OLD."coming_id", OLD."effective_on", OLD."face_key", OLD."ground", OLD."id", OLD."issued_on", OLD."kind", OLD."limit", OLD."member_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."ruling_id", OLD."run_id", OLD."sent_on", OLD."sequence", OLD."serial", OLD."status", OLD."straight_home", OLD."valid_through"); RETURN NULL;', hash='8779a1887bf9d2cdbbc8f3062cced4bb3cbe5bd9', operation='UPDATE', pgid='pgtrigger_update_update_2ac45', table='certificates_eligibilitycertificate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eligibilitycertificate',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certificates_certificatehistory" ("arrives_on", "basis", "coming_id", "effective_on", "face_key", "ground", "id", "issued_on", "kind", "limit", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ruling_id", "run_id", "sent_on", "sequence", "serial", "status", "straight_home", "valid_through") VALUES (OLD."arrives_on", OLD."basis", OLD."coming_id", OLD."effective_on", OLD."face_key", OLD."ground", OLD."id", OLD."issued_on", OLD."kind", OLD."limit", OLD."member_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."ruling_id", OLD."run_id", OLD."sent_on", OLD."sequence", OLD."serial", OLD."status", OLD."straight_home", OLD."valid_through"); RETURN NULL;', hash='72b5890dfa9292871929e37016adef0510d34fef', operation='DELETE', pgid='pgtrigger_delete_delete_4d4bc', table='certificates_eligibilitycertificate', when='AFTER')),
        ),
        migrations.AddField(
            model_name='comingface',
            name='filing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coming_faces', to='certificates.filing', verbose_name='届出'),
        ),
        migrations.AddField(
            model_name='comingface',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coming_faces', to='members.member', verbose_name='加入者'),
        ),
        migrations.AddField(
            model_name='certificatehistory',
            name='coming',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='certificates.comingface', verbose_name='これから変わる表面の内容'),
        ),
        migrations.AddField(
            model_name='eligibilitycertificate',
            name='coming',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certificates.comingface', verbose_name='これから変わる表面の内容'),
        ),
        migrations.AddIndex(
            model_name='comingface',
            index=models.Index(fields=['member', 'from_day'], name='coming_face_member'),
        ),
        migrations.AddConstraint(
            model_name='comingface',
            constraint=models.UniqueConstraint(fields=('filing', 'member'), name='coming_face_once_per_filing'),
        ),
    ]
