"""A refusal to somebody invented."""

from __future__ import annotations

from datetime import date

from notices.letters.content import letter_number
from notices.letters.refusal.letter import RefusalFace
from notices.letters.registry import Draw
from notices.letters.samples import application, drawn

REASON = (
    "令和8年10月末の情報で、マイナ保険証を利用できることを確認したため、今回は交付できません。"
    "使うのをやめたいときは、利用登録の解除を申請できます（理由は問いません）。"
    "カードの紛失・更新中、介助が必要などの事情があれば、改めて申請してください。"
)


def samples(day: date, longest: bool) -> list[Draw]:
    """With a reason of the usual length."""
    return drawn([RefusalFace(application(day, longest), REASON).letter(letter_number(day, 12))])
