import django.contrib.postgres.indexes
from django.db import migrations, models

import members.models

# Forms of kanji that are compared as one, and the form each is compared as. Source: core/pdf/variants.toml.
FORMS = (
    "髙﨑嵜碕邊邉𠮷濱濵齋斉齊澤廣櫻國圀嶋嶌冨峯渕渊舘德惠眞壽龍瀧條榮圓學斈關氣龜曾栁桺𣘺槗楳槙桧桒黑綠薰淸靜靑郞朖啟勳堯遙瑤"
    "彌實總藏與豫萬禮禰來枩邨埜崗圡舩盃蘆藝莊藪篭枡鐵鐡錄爲熈凞煕晉曉樂步歸嶽巖穗稻穰秌聰鷄靏靍麴凜冱凾劍劔劒單夘嚴雙睿臺號㐂"
    "圖鹽聲寬寶寳將卷辨瓣辯應悅戶拔敎舊曆栢杤棲樣橫瀨燈焰獨縣畞畠發礪竃絲經緣舍萊蔣乕蟲螢衞裝豐贊鄕醬鉤鑛隱鄰顯賴顏餘鰺麥黃豎"
    "體駈會對賣數乘亙傳兒內"
)
USUAL = (
    "高崎崎崎辺辺吉浜浜斎斎斎沢広桜国国島島富峰淵淵館徳恵真寿竜滝条栄円学学関気亀曽柳柳橋橋梅槇檜桑黒緑薫清静青郎朗啓勲尭遥瑶"
    "弥実総蔵与予万礼祢来松村野岡土船杯芦芸荘薮籠桝鉄鉄録為熙熙熙晋暁楽歩帰岳巌穂稲穣秋聡鶏鶴鶴麹凛冴函剣剣剣単卯厳双叡台号喜"
    "図塩声寛宝宝将巻弁弁弁応悦戸抜教旧暦柏栃栖様横瀬灯焔独県畝畑発砺竈糸経縁舎莱蒋虎虫蛍衛装豊賛郷醤鈎鉱隠隣顕頼顔余鯵麦黄竪"
    "体駆会対売数乗亘伝児内"
)
WIDE, NARROW = (
    "".join(chr(ord(letter) + 0xFEE0) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ",
)

# Most names hold nothing to fold; they must not pay for the table.
CREATE = rf"""
CREATE FUNCTION members_name_key(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN value ~ '[a-z{FORMS}{WIDE}\uF900-\uFAFF\U0002F800-\U0002FA1F\uFE00-\uFE0F\U000E0100-\U000E01EF]'
        THEN upper(translate(
            regexp_replace(normalize(value, NFC), '[\uFE00-\uFE0F\U000E0100-\U000E01EF]', '', 'g'),
            '{FORMS}{WIDE} \u3000', '{USUAL}{NARROW}'))
        ELSE translate(value, ' \u3000', '') END
$$;
CREATE FUNCTION members_word_grams(word text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    grams text[] := '{{}}';
BEGIN
    IF length(word) = 1 THEN
        RETURN ARRAY['^' || word];
    END IF;
    FOR place IN 1..length(word) - 1 LOOP
        grams := grams || substr(word, place, 2);
    END LOOP;
    RETURN grams;
END
$$;
CREATE FUNCTION members_name_grams(VARIADIC names text[]) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    grams text[] := '{{}}';
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        CONTINUE WHEN name = '';
        grams := grams || ('^' || left(name, 1));
        FOR place IN 1..length(name) - 1 LOOP
            grams := grams || substr(name, place, 2);
        END LOOP;
    END LOOP;
    RETURN grams;
END
$$;
""".replace(r"\u3000", "\u3000")
DROP = """
DROP FUNCTION members_name_grams(text[]);
DROP FUNCTION members_word_grams(text);
DROP FUNCTION members_name_key(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0004_one_cover_by_key"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["number_key"], name="member_number_alone"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["birth_date"], name="person_birth"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                members.models.NameGrams(
                    members.models.NameKey("name"), members.models.NameKey("printed_name"), "name_kana_key"
                ),
                name="person_name_grams",
            ),
        ),
    ]
