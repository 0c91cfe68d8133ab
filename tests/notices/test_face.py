from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path

import pytest

from core.paper.book import Book
from notices.face import BAND, NoticeFace
from notices.layouts import a4
from tests.readback import compare_all

SHORT = NoticeFace(
    "N00000000018",
    date(2026, 11, 6),
    "1",
    "1",
    "",
    "李",
    "リ",
    date(1990, 1, 1),
    date(2026, 11, 1),
    "06130488",
    "甲健康保険組合",
    "03-1234-5678",
    registered_on=date(2026, 11, 3),
)
LONG = NoticeFace(
    "N00000000026",
    date(2026, 11, 16),
    "東京一二三四五六七八九０１２３４",
    "1234567890123456",
    "00",
    "スリジャヤワルダナプラコッテ・アレクサンドラ・フェルナンダ・マリア",
    "スリジャヤワルダナプラコッテ・アレクサンドラ・フェルナンダ・マリア",
    date(1955, 11, 21),
    date(2026, 10, 21),
    "63130488",
    "全国ソフトウエア・エレクトロニクス・電気通信情報関連産業総合健康保険組合",
    "0120-1234-5678",
    20,
    date(2026, 11, 13),
    False,
)


def test_the_exact_words() -> None:
    assert BAND == (
        "これは資格確認書ではありません。この書面だけでは受診できません。必ずマイナンバーカードと一緒にお持ちください。"
    )
    assert SHORT.sentences() == [
        "国のシステムへの登録は令和8年11月3日に終わりました。内容に誤りがあれば、事業所の担当者または当組合へ連絡してください。",
        "資格がなくなったら、返さずに細かく切って捨ててください。",
    ]
    share = "負担割合は交付日現在です。"
    assert LONG.sentences()[0] == f"{share}再交付しません。マイナポータルで確認してください。"
    told = dataclasses.replace(LONG, told_on_share_change=True)
    assert told.sentences()[0] == f"{share}変わったときは改めてお知らせします。"


@pytest.mark.parametrize("face", [SHORT, LONG], ids=["short", "long"])
def test_every_field_reads_back_from_the_paper(face: NoticeFace, tmp_path: Path) -> None:
    assert a4.check(face) == []
    with Book(tmp_path / "notice.pdf") as book:
        a4.draw(book, face)
    assert compare_all(book.entries, tmp_path / "notice.pdf") == []
    boxes = [field.box for field in book.entries[0].fields.values()]
    assert all(a4.SHEET.holds(box) for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_the_cut_out_is_a_card_at_the_lower_right() -> None:
    assert (a4.CARD.width_mm, a4.CARD.height_mm) == (85.6, 54)
    assert a4.CARD.x_mm > a4.SHEET.width_mm / 2 - 20 and a4.CARD.y_mm > a4.SHEET.height_mm / 2


def test_no_certificate_has_the_notices_colour() -> None:
    from certificates.documents.layouts.paint import BANDS

    assert all(sum(abs(x - y) for x, y in zip(a4.BAND_COLOUR, c, strict=True)) > 0.5 for c in BANDS.values())
