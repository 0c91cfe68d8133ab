"""Keys of the rows of the fund's files as ``core.text`` makes them now; a reason for days that cannot be."""

from django.db import migrations, models

from core.rekeying import rekey_kana, rekey_numbers


def rekey(apps, schema_editor):
    """Recomputes the keys of every row."""
    rows = apps.get_model("exchange", "ExchangeRow")
    rekey_numbers(rows)
    rekey_kana(rows)


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0002_outgoing"),
    ]

    operations = [
        migrations.RunPython(rekey, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='exchangerow',
            name='reason',
            field=models.CharField(blank=True, choices=[('bad_date', '暦にない日付か、形式と違う日付です。基金の配布元で確認してください。'), ('outside_window', 'ありえない日付です。生年月日は明治元年1月25日から受付の日まで、ほかの日は平成28年1月1日から受付の日の11年後までです。基金の配布元で確認してください。'), ('unknown_code', '形式に定めのない値です。基金の配布元で確認してください。'), ('empty', '値が空です。基金の配布元で確認してください。'), ('too_long', '値が長すぎます。基金の配布元で確認してください。'), ('bad_text', '使えない制御文字が含まれています。基金の配布元で確認してください。'), ('no_member', '基準日に資格のある加入者に該当しません。届書の入力漏れがないか確認してください。'), ('birth_differs', '生年月日が加入者の登録と食い違います。届書の控えで確認してください。'), ('kana_differs', 'フリガナが加入者の登録と食い違います。届書の控えで確認してください。'), ('double', '一人の加入者に二つ以上の行があります。基金へ照会してください。'), ('several_fit', '枝番がなく、該当する加入者が複数います。枝番を確認してください。'), ('older', 'より新しい月次ファイルを反映済みのため、使いませんでした。')], max_length=16, verbose_name='理由'),
        ),
    ]
