"""What is said beside the answer by what the caller is about: only what the facts say, and nothing said twice. Pure.

Source: rules.md §14; print.md "注意事項", "Read out at the telephone".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from certificates.rules.answer import INTERIM, Answer, Known, Line, Paper
from certificates.rules.codes import Code
from certificates.rules.law import law_on


class Matter(Code):
    """What a caller is about, beside the question how things stand."""

    NOT_ARRIVED = "not_arrived", "届かない"
    LOST = "lost", "なくした"
    LEFT = "left", "資格がなくなる"
    REGISTERED = "registered", "マイナ保険証を登録した"
    MOVED = "moved", "転居した"


def beside(matter: Matter, known: Known, said: Answer, on: date) -> tuple[str, ...]:
    """The sentences that follow the answer ``said`` of the same facts and day."""
    if said.line is Line.NO_COVER:
        return ()
    found = {
        Matter.NOT_ARRIVED: _not_arrived,
        Matter.LOST: _lost,
        Matter.LEFT: _left,
        Matter.REGISTERED: _registered,
        Matter.MOVED: _moved,
    }[matter](known, said, on)
    return tuple(sentence for sentence in found if sentence not in said.sentence)


def _in_hand(known: Known, on: date) -> Paper | None:
    return next((paper for paper in known.papers if paper.usable(on)), None)


def _not_arrived(known: Known, said: Answer, on: date) -> Iterator[str]:
    if said.line is Line.POSTED:
        yield "その日を過ぎても届かないときは、もう一度ご連絡ください。"
    elif said.line is Line.PAPER_IN_HAND and _in_hand(known, on) is not None:
        yield "届く予定の日を過ぎています。見当たらないときは、紛失として再交付を申請できます。"
    if said.usable_through is None:
        yield INTERIM


def _lost(known: Known, said: Answer, on: date) -> Iterator[str]:
    if _in_hand(known, on) is not None:
        yield "資格確認書をなくされたときは、再交付を申請できます。あとで見つかった古い証は返してください。"
    if known.myna_last_day is not None and known.myna_last_day >= on:
        yield "マイナンバーカードをなくされたときは、カードの利用停止を届け出たうえで、資格確認書の交付を申請できます。"
    yield INTERIM


def _left(known: Known, said: Answer, on: date) -> Iterator[str]:
    if not known.loss_filed:
        yield "資格がなくなる届出は、まだ届いていません。資格がなくなった日からは、有効期限の前でも資格確認書は使えません。"
    held = [paper for paper in known.papers if paper.status == "sent" and paper.last_day >= on]
    if held and said.return_by is None:
        days = law_on(on).return_after_loss_days
        yield f"資格がなくなったら、資格確認書は{days}日以内に返してください。"


def _registered(known: Known, said: Answer, on: date) -> Iterator[str]:
    if known.myna_last_day is None or known.myna_last_day < on:
        yield "マイナ保険証が使えることは、支払基金から届く情報で確認します。"
    if _in_hand(known, on) is not None and said.return_by is None:
        yield "お手元の資格確認書も使えます。"


def _moved(known: Known, said: Answer, on: date) -> Iterator[str]:
    if said.line is not Line.RETURNED:
        yield "新しい住所を届け出てください。"
    if said.line is Line.POSTED:
        yield "郵便局に転居の届出がないと、前の住所から当組合へ戻ることがあります。"
    if _in_hand(known, on) is not None:
        yield "お手元の資格確認書はそのまま使えます。住所欄は、前の住所を二重線で消して書き直してください。"
