"""The invented societies, one per preset: their numbers, names and seats.

The numbers pass the check of 保険者番号 and belong to nobody we know of.
"""

from __future__ import annotations

from dataclasses import dataclass

from stdnum import luhn

from core.errors import BadInput
from members.policy import PRESETS


@dataclass(frozen=True, slots=True)
class Society:
    """An insurer as ``policy.toml`` names it; ``second_number`` is empty without 特例退職 members."""

    number: str
    name: str
    postal_code: str
    address: str
    phone: str
    second_number: str = ""
    second_name: str = ""
    town: str = ""

    @property
    def municipal(self) -> bool:
        """Whether everybody is insured in person and there are no employers."""
        return bool(self.town)


def _checked(seven_digits: str) -> str:
    return seven_digits + str(luhn.calc_check_digit(seven_digits))


_SOCIETIES = {
    "renesas": Society(
        number=_checked("0613981"),
        name="青嶺電子健康保険組合",
        postal_code="187-0099",
        address="東京都小平市みどり台2-4-8",
        phone="042-000-0000",
        second_number=_checked("6313981"),
        second_name="青嶺電子健康保険組合（特例退職）",
    ),
    "toyobo": Society(
        number=_checked("0627982"),
        name="白鷺繊維健康保険組合",
        postal_code="530-0099",
        address="大阪府大阪市北区若葉町1-2-3",
        phone="06-0000-0000",
    ),
    "kyokai": Society(
        number=_checked("0113983"),
        name="ひばり健康保険協会東京支部",
        postal_code="164-0099",
        address="東京都中野区栄町5-6-7",
        phone="03-0000-0000",
    ),
    "kokuho": Society(
        number=_checked("0011984"),
        name="若葉野市国民健康保険",
        postal_code="350-0099",
        address="埼玉県若葉野市中央1-1-1",
        phone="049-000-0000",
        town="埼玉県若葉野市",
    ),
}


def society(preset: str) -> Society:
    """The invented insurer that works by a preset.

    Raises:
        BadInput: no such preset.
    """
    if preset not in _SOCIETIES:
        raise BadInput(f"「{preset}」という既定はありません。{'・'.join(PRESETS)} のどれかを指定してください。")
    return _SOCIETIES[preset]
