"""Forms of somebody invented."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from notices.letters.forms import layout
from notices.letters.forms.letter import FormFace
from notices.letters.registry import Draw
from notices.letters.samples import EMPLOYER, IDENTITY, KANA, SENDER, name


def samples(kind: str, day: date, longest: bool) -> list[Draw]:
    """One form, with everything that may be known filled in."""
    who = name(longest)
    grounds = ("カードの紛失", "カードの更新中", "カードがない", "カードの返納", "要配慮者")
    face = FormFace(
        kind,
        1,
        day,
        SENDER[longest],
        "06130488",
        IDENTITY[longest],
        who,
        who,
        KANA[longest],
        date(1980, 4, 15),
        "家族（被扶養者）",
        EMPLOYER[longest],
        day - timedelta(5),
        "資格確認書",
        "000000000018",
        day + timedelta(400),
        30,
        10,
        1000,
        {"issue_grounds": grounds, "reissue_grounds": ("資格確認書の紛失", "資格確認書の破損")},
    )
    return [partial(layout.draw, form=face.form())]
