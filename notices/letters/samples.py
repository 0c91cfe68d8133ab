"""The invented people of sample letters, to see words on paper before they are used; short and with the longest values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from certificates.models import Recovery
from notices.letters import base
from notices.letters.application import ApplicationFace
from notices.letters.content import Addressee, Letter, Sender
from notices.letters.papers_due import PaperDue
from notices.letters.registry import Draw

NAME, LONG_NAME = "見本 太郎", "スリジャヤワルダナプラコッテ・アレクサンドラ・フェルナンダ・マリア"
EMPLOYER = ("見本製作所", "独立行政法人国際エレクトロニクス・システムズ・インテグレーション研究開発機構西日本統括本部")
SENDER = (
    Sender("見本健康保険組合", "100-0000", "東京都千代田区見本一丁目二番三号", "03-0000-0000"),
    Sender(
        "全国ソフトウエア・エレクトロニクス・電気通信情報関連産業総合健康保険組合",
        "100-0000",
        "東京都千代田区見本一丁目二番三号 見本ファーストタワー四十二階 健康保険会館",
        "0120-0000-0000",
    ),
)
KANA = ("ミホン タロウ", "スリジャヤワルダナプラコッテ アレクサンドラ フェルナンダ マリア")
IDENTITY = ("1・1（枝番 01）", "東京一二三四五六七八九０１２３４・1234567890123456（枝番 01）")
_MOST_PAPERS = 9


def name(longest: bool) -> str:
    """The name of who is written about."""
    return LONG_NAME if longest else NAME


def addressee(longest: bool, whom: str = "", honorific: str = "様", second_line: str = "") -> Addressee:
    """Who is written to."""
    code, address = "100-0000", "東京都千代田区見本四丁目五番六号"
    if longest:
        code, address = (
            "060-0000",
            "北海道札幌市中央区見本西二丁目三番地四 見本レジデンスタワーイースト棟 三千四百五十六号室",
        )
    return Addressee(code, address, whom or name(longest), honorific, second_line)


def asked_of(longest: bool, cause: str) -> Addressee:
    """Who is asked for papers; after a death the family."""
    if cause == Recovery.Cause.DEATH:
        return addressee(longest, f"故 {name(longest)}", second_line="ご遺族 様")
    return addressee(longest)


def papers(day: date, longest: bool) -> tuple[PaperDue, ...]:
    """Papers that are asked back."""
    return tuple(
        PaperDue(
            number, name(longest), ("資格確認書", "高齢受給者証")[number % 2], "000000000018", day + timedelta(400)
        )
        for number in range(_MOST_PAPERS if longest else 2)
    )


def application(day: date, longest: bool) -> ApplicationFace:
    """An application that is written about."""
    return ApplicationFace(
        1,
        name(longest),
        "再交付" if longest else "交付",
        "資格確認書の期限切れ",
        day - timedelta(4),
        addressee(longest),
        SENDER[longest],
        day,
    )


def drawn(letters: Sequence[Letter]) -> list[Draw]:
    """What draws each letter."""
    return [partial(base.draw, letter=letter) for letter in letters]
