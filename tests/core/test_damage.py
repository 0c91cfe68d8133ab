"""Text that was spoilt on its way is noticed, and no name like any other is."""

from __future__ import annotations

from random import Random

import pytest

from core.damage import Use, signs, told
from core.paper.fonts import typeface
from tools.invent import names


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("?田 三郎", "「?」（U+003F）"),
        ("？田 三郎", "「？」（U+FF1F）"),
        ("〓崎 次郎", "「〓」（U+3013）"),
        ("□田 三郎", "「□」（U+25A1）"),
        ("山\ufffd 三郎", "（U+FFFD）"),
        ("尾崎_x000D_", "「_x000D_」"),
        ("尾崎_x0009_花子", "「_x0009_」"),
        ("&#39640;橋 花子", "「&#39640;」"),
        ("O&amp;K 花子", "「&amp;」"),
        ("\\u9ad9橋 花子", "「\\u9ad9」"),
        ("山\x00田", "制御文字"),
        ("山\x1a田", "制御文字"),
        ("山\t田", "タブ"),
        ("山\u00ad田", "ソフトハイフン"),
        ("山\u200b田", "見えない文字"),
        ("　山田 太郎", "先頭に空白"),
        (" 山田 太郎", "先頭に空白"),
        ("山田  太郎", "空白が続いて"),
        ("山田　　太郎", "空白が続いて"),
        ("山田 　太郎", "空白が続いて"),
        ("山田 ﾀﾛｳ", "半角のカナ"),
    ],
)
def test_each_sign_is_named(text: str, sign: str) -> None:
    assert sign in "、".join(signs(text, Use.NAME))
    assert told(text, Use.NAME).endswith("届出で直してください。")


@pytest.mark.parametrize(
    ("text", "meant", "read"),
    [
        ("山田 太郎", "utf-8", "cp932"),
        ("ヤマダ タロウ", "utf-8", "cp932"),
        ("髙橋 一郎", "utf-8", "cp932"),
        ("やまだ はなこ", "utf-8", "cp932"),
        ("後藤 優", "utf-8", "cp932"),
        ("青木　健", "utf-8", "cp932"),
        ("たし", "utf-8", "cp932"),
        ("坂本", "utf-8", "cp932"),
        ("山田 太郎", "utf-8", "latin-1"),
        ("鈴木 花子", "utf-8", "cp1252"),
        ("José Núñez", "utf-8", "latin-1"),
        ("José Núñez", "utf-8", "cp1252"),
        ("佐藤 健", "cp932", "latin-1"),
        ("田中 由美", "cp932", "cp1252"),
        ("山田 太郎", "euc_jp", "latin-1"),
        ("大阪市北区梅田一丁目", "utf-8", "cp932"),
        ("大阪市北区梅田一丁目", "cp932", "latin-1"),
    ],
)
@pytest.mark.parametrize("use", list(Use))
def test_a_wrong_encoding_is_noticed_everywhere(text: str, meant: str, read: str, use: Use) -> None:
    assert signs(text.encode(meant).decode(read, "replace"), use)


@pytest.mark.parametrize(
    "text",
    [
        "山田 太郎",
        "山田　太郎",
        "山田太郎",
        "マイケル・ジョーダン",
        "ｼﾞｮﾝ",
        "ﾅｲﾄｳ ﾃｱ",
        "邉\U000e0110子",
        "\U00020bb7田 一",
        "髙橋 々",
        "﨑山 \ufa19",
        "José Núñez",
        "Jose\u0301 Nu\u0301n\u0303ez",
        "は\u3099ん",
        "O'Neil",
        "O’Brien",
        "D’Angelo",
        "Sæþór",
        "Böðvar",
        "Žižek",
        "Šaš",
        "François",
        "Ångström",
        "Ana-María",
        "Müller Straße",
        "Łukasz",
        "Nguyễn Thị Ánh",
        "Dvořák",
        "Œuvre",
        "王 小明",
        "田 〆子",
        "一 一",
        "ー",
        "林",
        "繧",
        "Le Van A",
        "山田 太郎 ",
        "佐藤（旧姓 鈴木）",
    ],
)
@pytest.mark.parametrize("use", list(Use))
def test_names_like_any_other_are_not(text: str, use: Use) -> None:
    assert signs(text, use) == []


def test_blanks_and_half_width_kana_tell_nothing_of_an_address_or_of_kana() -> None:
    assert signs("大阪市北区 1-2  ｺｰﾎﾟ梅田", Use.OTHER) == []
    assert signs("ﾔﾏﾀﾞ ﾀﾛｳ", Use.KANA) == []


def test_twenty_thousand_invented_people_raise_no_alarm() -> None:
    random, face = Random(12), typeface("name")
    rare = [
        *sorted(face.sequences),
        *(one for one in sorted(face.characters) if "\u3400" < one < "\uff00" or one > "\U00020000"),
    ]
    for _ in range(20_000):
        family = names.surname(random)
        given = names.given(random, sex=random.choice("12"), born=random.randint(1930, 2026))
        for blank in (" ", "　", ""):
            text = f"{random.choice(rare)}{family[0]}{blank}{given[0]}"
            assert signs(text, Use.NAME) == signs(f"{family[0]}{blank}{given[0]}", Use.NAME) == [], text
        assert signs(f"{family[1]} {given[1]}", Use.KANA) == []
