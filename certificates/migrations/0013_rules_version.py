import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0012_words'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='eligibilitycertificate',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='eligibilitycertificate',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='certificatehistory',
            name='straight_home',
            field=models.BooleanField(db_default=False, default=False, help_text='事業所を経ると間に合わないため、自宅へ送ります。', verbose_name='自宅へ直送'),
        ),
        migrations.AddField(
            model_name='decision',
            name='recovers',
            field=models.JSONField(null=True, verbose_name='回収する証'),
        ),
        migrations.AddField(
            model_name='decision',
            name='replaces',
            field=models.JSONField(null=True, verbose_name='取りやめる証'),
        ),
        migrations.AddField(
            model_name='decision',
            name='straight_home',
            field=models.BooleanField(default=False, verbose_name='自宅へ直送'),
        ),
        migrations.AddField(
            model_name='eligibilitycertificate',
            name='straight_home',
            field=models.BooleanField(db_default=False, default=False, help_text='事業所を経ると間に合わないため、自宅へ送ります。', verbose_name='自宅へ直送'),
        ),
        migrations.AddField(
            model_name='ruling',
            name='from_day',
            field=models.DateField(null=True, verbose_name='この日から'),
        ),
        migrations.AddField(
            model_name='ruling',
            name='keep_through',
            field=models.DateField(null=True, verbose_name='前の証の有効期限'),
        ),
        migrations.AddField(
            model_name='ruling',
            name='mode',
            field=models.CharField(choices=[('table', '判定表による'), ('due', '確認を待たずに判定表による'), ('granted', '申請により交付')], default='table', max_length=8, verbose_name='判定のしかた'),
        ),
        # What was decided before this was decided by version 1, and replays by it.
        migrations.AddField(
            model_name='ruling',
            name='rules_version',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='判定規則の版'),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='rules_version',
            field=models.PositiveSmallIntegerField(default=2, verbose_name='判定規則の版'),
        ),
        # What was decided before this was decided by version 1, and replays by it.
        migrations.AddField(
            model_name='run',
            name='rules_version',
            field=models.PositiveSmallIntegerField(default=1, verbose_name='判定規則の版'),
        ),
        migrations.AlterField(
            model_name='run',
            name='rules_version',
            field=models.PositiveSmallIntegerField(default=2, verbose_name='判定規則の版'),
        ),
        migrations.AlterField(
            model_name='certificatehistory',
            name='limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='期限の根拠'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='期限の根拠'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='reason',
            field=models.CharField(choices=[('nondisclosure', '④自己情報提供不可'), ('number_unregistered', '③個人番号が未登録・不一致'), ('not_registered', '①利用登録なし'), ('e_certificate_expired', '②電子証明書の期限切れ'), ('assistance_renewal', '⑤要配慮者の更新'), ('new_member', '新規加入（短期）'), ('unsettled', '確認未了（短期）'), ('lost_card', 'カードの紛失'), ('renewing_card', 'カードの更新中'), ('no_card', 'カードがない'), ('returned_card', 'カードの返納'), ('needs_assistance', '要配慮者'), ('lost_certificate', '資格確認書の紛失'), ('damaged_certificate', '資格確認書の破損'), ('expired_certificate', '資格確認書の期限切れ'), ('deregistration', '利用登録の解除'), ('anyone', '希望による'), ('not_covered', '資格がない'), ('myna_usable', 'マイナ保険証が使える'), ('certificate_in_hand', '有効な資格確認書がある'), ('legacy_card_usable', '健康保険証が使える'), ('coverage_ends_first', '必要になる前に資格がなくなる'), ('too_late_for_paper', '紙の到着が間に合わない'), ('application_only', '職権交付の期間が終わった（申請により交付）'), ('number_pending', '個人番号の手続き中'), ('joined_after_file', '基準日より後に加入'), ('missing_from_file', 'ファイルに使える行がない'), ('row_unusable', 'ファイルの行を使えない'), ('expiry_unknown', '電子証明書の有効期限が空')], max_length=24, verbose_name='理由'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='then_limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='次の期限の根拠'),
        ),
        migrations.AlterField(
            model_name='elderlybeneficiarycertificate',
            name='limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='期限の根拠'),
        ),
        migrations.AlterField(
            model_name='elderlycertificatehistory',
            name='limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='期限の根拠'),
        ),
        migrations.AlterField(
            model_name='eligibilitycertificate',
            name='limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='期限の根拠'),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='期限の根拠'),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='reason',
            field=models.CharField(choices=[('nondisclosure', '④自己情報提供不可'), ('number_unregistered', '③個人番号が未登録・不一致'), ('not_registered', '①利用登録なし'), ('e_certificate_expired', '②電子証明書の期限切れ'), ('assistance_renewal', '⑤要配慮者の更新'), ('new_member', '新規加入（短期）'), ('unsettled', '確認未了（短期）'), ('lost_card', 'カードの紛失'), ('renewing_card', 'カードの更新中'), ('no_card', 'カードがない'), ('returned_card', 'カードの返納'), ('needs_assistance', '要配慮者'), ('lost_certificate', '資格確認書の紛失'), ('damaged_certificate', '資格確認書の破損'), ('expired_certificate', '資格確認書の期限切れ'), ('deregistration', '利用登録の解除'), ('anyone', '希望による'), ('not_covered', '資格がない'), ('myna_usable', 'マイナ保険証が使える'), ('certificate_in_hand', '有効な資格確認書がある'), ('legacy_card_usable', '健康保険証が使える'), ('coverage_ends_first', '必要になる前に資格がなくなる'), ('too_late_for_paper', '紙の到着が間に合わない'), ('application_only', '職権交付の期間が終わった（申請により交付）'), ('number_pending', '個人番号の手続き中'), ('joined_after_file', '基準日より後に加入'), ('missing_from_file', 'ファイルに使える行がない'), ('row_unusable', 'ファイルの行を使えない'), ('expiry_unknown', '電子証明書の有効期限が空')], max_length=24, verbose_name='理由'),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='then_limit',
            field=models.CharField(blank=True, choices=[('short_term', '短期'), ('scheme', '組合の有効期限'), ('law_maximum', '法の上限（5年）'), ('turns_70', '70歳になる月の末日'), ('share_review', '負担割合の見直し日'), ('turns_75', '75歳になる前日'), ('voluntary_term', '任意継続の満了'), ('insured_person', '被保険者の資格の終わり'), ('coverage_end', '資格の終わり'), ('next_certificate', '次の資格確認書が始まる前日')], max_length=16, verbose_name='次の期限の根拠'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eligibilitycertificate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "certificates_certificatehistory" ("arrives_on", "basis", "effective_on", "face_key", "ground", "id", "issued_on", "kind", "limit", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ruling_id", "run_id", "sent_on", "sequence", "serial", "status", "straight_home", "valid_through") VALUES (OLD."arrives_on", OLD."basis", OLD."effective_on", OLD."face_key", OLD."ground", OLD."id", OLD."issued_on", OLD."kind", OLD."limit", OLD."member_id", _pgh_attach_context(), NOW(), \'update\', OLD."id", OLD."ruling_id", OLD."run_id", OLD."sent_on", OLD."sequence", OLD."serial", OLD."status", OLD."straight_home", OLD."valid_through"); RETURN NULL;', hash='7522d7e3eadf52d01047fc29a28a98c11e8baa1a', operation='UPDATE', pgid='pgtrigger_update_update_2ac45', table='certificates_eligibilitycertificate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='eligibilitycertificate',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "certificates_certificatehistory" ("arrives_on", "basis", "effective_on", "face_key", "ground", "id", "issued_on", "kind", "limit", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "ruling_id", "run_id", "sent_on", "sequence", "serial", "status", "straight_home", "valid_through") VALUES (OLD."arrives_on", OLD."basis", OLD."effective_on", OLD."face_key", OLD."ground", OLD."id", OLD."issued_on", OLD."kind", OLD."limit", OLD."member_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."ruling_id", OLD."run_id", OLD."sent_on", OLD."sequence", OLD."serial", OLD."status", OLD."straight_home", OLD."valid_through"); RETURN NULL;', hash='dfdd7be36110782df2211dbe5569a082469671b3', operation='DELETE', pgid='pgtrigger_delete_delete_4d4bc', table='certificates_eligibilitycertificate', when='AFTER')),
        ),
    ]
