"""The button of the 資格証明書 on a member's page."""

from __future__ import annotations

from datetime import date

from core import clock
from core.calendar import wareki
from core.roles import EDIT
from members.models import Member
from notices.letters.interim.data import interim_face, why_not
from notices.letters.interim.letter import KIND
from notices.letters.steps import LetterStep


def _effects(member: Member, on: date) -> tuple[str, ...]:
    through = wareki(interim_face(member, on).valid_through)
    return (
        f"今日から{through}まで使える資格証明書（A4）を1枚印刷します。画面に出る書面を印刷して、窓口で渡してください。",
        "資格確認書が届いたら返すか捨てるよう、お伝えください。印刷したことは記録に残ります。",
        "資格確認書の代わりの手段としては数えません。判定や申請の手続きは、そのまま続けてください。",
    )


STEP = LetterStep(
    name="interim",
    label="資格証明書を印刷する",
    permission=EDIT,
    blocked=lambda member, clerk: why_not(member, clock.today()),
    letter=KIND,
    effects=_effects,
)
