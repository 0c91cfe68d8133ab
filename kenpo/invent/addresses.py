"""Addresses that look right and lead nowhere in particular: city, town name, block, sometimes a building."""

from __future__ import annotations

from random import Random

Address = tuple[str, str]  # postal code 123-4567, text in one line

# Three leading digits of the postal code, then prefecture and city.
_CITY_LINES = """
003 北海道札幌市白石区
020 岩手県盛岡市
031 青森県八戸市
960 福島県福島市
980 宮城県仙台市青葉区
142 東京都品川区
144 東京都大田区
157 東京都世田谷区
167 東京都杉並区
175 東京都板橋区
180 東京都武蔵野市
183 東京都府中市
192 東京都八王子市
213 神奈川県川崎市高津区
224 神奈川県横浜市都筑区
231 神奈川県横浜市中区
238 神奈川県横須賀市
254 神奈川県平塚市
261 千葉県千葉市美浜区
272 千葉県市川市
277 千葉県柏市
310 茨城県水戸市
312 茨城県ひたちなか市
330 埼玉県さいたま市大宮区
350 埼玉県川越市
359 埼玉県所沢市
370 群馬県高崎市
380 長野県長野市
400 山梨県甲府市
420 静岡県静岡市葵区
432 静岡県浜松市中央区
460 愛知県名古屋市中区
465 愛知県名古屋市名東区
500 岐阜県岐阜市
514 三重県津市
520 滋賀県大津市
532 大阪府大阪市淀川区
560 大阪府豊中市
573 大阪府枚方市
602 京都府京都市上京区
610 京都府京田辺市
651 兵庫県神戸市中央区
662 兵庫県西宮市
700 岡山県岡山市北区
730 広島県広島市中区
760 香川県高松市
790 愛媛県松山市
802 福岡県北九州市小倉北区
812 福岡県福岡市博多区
860 熊本県熊本市中央区
890 鹿児島県鹿児島市
920 石川県金沢市
930 富山県富山市
950 新潟県新潟市中央区
"""
_CITIES = tuple(tuple(line.split(maxsplit=1)) for line in _CITY_LINES.strip().splitlines())
_TOWN_LIST = """
本町 緑町 栄町 若葉町 桜台 旭町 中央 東町 西町 南町 北町 泉町 松原 青葉台 高砂 富士見 寿町 日の出町 末広町 大手町
花園 美園 宮前 新町 元町 幸町 朝日 平和町 城北 川端 梅田町 清水町 若松町 弥生町 錦町 港町
白山 常盤 みどりが丘 希望が丘
"""
_TOWNS = tuple(_TOWN_LIST.split())
_BUILDING_LIST = """
グリーンハイツ コーポさくら メゾン青葉 サンライズ緑 第二寿荘 ハイム若葉 レジデンス富士見 パークコート泉
ヴィラ松原 シティハイツ本町
"""
_BUILDINGS = tuple(_BUILDING_LIST.split())


def home(stream: Random) -> Address:
    """Where somebody lives; one in three in a block of flats with a room number."""
    return _somewhere(stream, _CITIES[int(stream.random() * len(_CITIES))], flats=0.34)


def office(stream: Random) -> Address:
    """Where an employer sits."""
    return _somewhere(stream, _CITIES[int(stream.random() * len(_CITIES))], flats=0.0)


def in_town(stream: Random, city: str, postal_prefix: str) -> Address:
    """A home in one given city, for a municipal scheme."""
    return _somewhere(stream, (postal_prefix, city), flats=0.2)


def _somewhere(stream: Random, city: tuple[str, ...], *, flats: float) -> Address:
    draw = stream.random
    town = _TOWNS[int(draw() * len(_TOWNS))]
    text = f"{city[1]}{town}{1 + int(draw() * 6)}-{1 + int(draw() * 28)}-{1 + int(draw() * 20)}"
    if flats and draw() < flats:
        building = _BUILDINGS[int(draw() * len(_BUILDINGS))]
        text += f" {building}{1 + int(draw() * 9)}{1 + int(draw() * 12):02d}"
    return f"{city[0]}-{int(draw() * 10000):04d}", text
