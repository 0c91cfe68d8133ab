from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0012_keys_anew'),
    ]

    operations = [
        migrations.AddField(
            model_name='mynastatus',
            name='created_on',
            field=models.DateField(blank=True, help_text='基金がファイルを作成した日。個別照会は回答を入力した日。', null=True, verbose_name='作成日'),
        ),
    ]
