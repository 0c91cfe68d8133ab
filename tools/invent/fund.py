"""What the fund writes about a member: the row of ``example-v1``, and the ways in which rows go wrong.

The oddity of a cover names one of ``ODDITIES``. Those in ``NEWEST_ONLY`` spoil only the newest file, so that the
months before show the same person in order.
"""

from __future__ import annotations

from datetime import date, timedelta

import jaconv

from tools.invent import names
from tools.invent.people import Cover
from tools.invent.registration import compact, drawn
from tools.invent.world import World

_LARGE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")

ODDITIES = (
    "fund_small_kana",
    "fund_half_width",
    "fund_wide_digits",
    "fund_no_branch",
    "fund_missing",
    "fund_double",
    "fund_conflict_kana",
    "fund_conflict_birth",
    "fund_rejected_date",
    "fund_rejected_code",
)
NEWEST_ONLY = frozenset(ODDITIES[4:])


def header(insurer_number: str, as_of: date) -> str:
    """The file's first line; the fund creates it on the third day of the month."""
    return f"H,{insurer_number},{compact(as_of)},{compact(as_of + timedelta(days=3))},M\n"


def trailer(rows: int) -> str:
    """The file's last line."""
    return f"T,{rows}\n"


def rows(cover: Cover, as_of: date, *, newest: bool) -> list[str]:
    """The rows of a member with an oddity at a 基準日: one as a rule, sometimes none or two."""
    person, oddity = cover.person, cover.oddity
    if oddity in NEWEST_ONLY and not newest:
        return [_row(cover, person.kana, compact(person.birth_date), person.myna.row(as_of))]
    return _odd_rows(cover, oddity, person.myna.row(as_of))


def plain_start(cover: Cover) -> str:
    """What an ordinary member's row begins with, the same in every file; the state and a line end follow."""
    person = cover.person
    place = f"{cover.establishment.symbol},{cover.number},{cover.branch}"
    return f"D,{place},{person.kana},{compact(person.birth_date)},{person.sex},"


def _row(cover: Cover, kana: str, born: str, state: str, *, branch: str | None = None, wide: bool = False) -> str:
    symbol, number = cover.establishment.symbol, cover.number
    if wide:
        symbol, number = (jaconv.h2z(text, ascii=True, digit=True) for text in (symbol, number))
    given_branch = cover.branch if branch is None else branch
    return f"D,{symbol},{number},{given_branch},{kana},{born},{cover.person.sex},{state}\n"


def _odd_rows(cover: Cover, oddity: str, state: str) -> list[str]:
    kana, born = cover.person.kana, compact(cover.person.birth_date)
    match oddity:
        case "fund_small_kana":  # シヨウイチ for ショウイチ: still the same man
            return [_row(cover, kana.translate(_LARGE).replace(" ", "　"), born, state)]
        case "fund_half_width":
            return [_row(cover, jaconv.z2h(kana, kana=True), born, state)]
        case "fund_wide_digits":
            return [_row(cover, kana, born, state, wide=True)]
        case "fund_no_branch":
            return [_row(cover, kana, born, state, branch="")]
        case "fund_missing":
            return []
        case "fund_double":
            return [_row(cover, kana, born, state), _row(cover, kana, born, "0,,,0,")]
        case "fund_conflict_kana":
            other_kana = "サブロウ" if cover.person.sex == "1" else "ミドリ"
            return [_row(cover, f"{kana.split(' ', 1)[0]} {other_kana}", born, state)]
        case "fund_conflict_birth":
            other_day = cover.person.birth_date - timedelta(days=10)
            return [_row(cover, kana, compact(other_day), state)]
        case "fund_rejected_date":
            return [_row(cover, kana, f"{cover.person.birth_date.year}0231", state)]
        case "fund_rejected_code":
            return [_row(cover, kana, born, "9" + state[1:])]
    raise ValueError(oddity)


def strangers(world: World, count: int, symbol: str) -> list[tuple[str, ...]]:
    """Rows about people the society does not know, one line for each of the three files."""
    stream = world.stream("strangers")
    lines = []
    for index in range(count):
        surname = names.surname(stream)
        sex = "1" if stream.random() < 0.5 else "2"
        born = date.fromordinal(world.month.toordinal() - 7000 - int(stream.random() * 15000))
        given = names.given(stream, sex=sex, born=born.year)
        myna = drawn(stream, world, born, registered=0.8)
        number = f"99{index:05d}"
        known = f"D,{symbol},{number},00,{surname[1]} {given[1]},{compact(born)},{sex}"
        lines.append(tuple(f"{known},{myna.row(as_of)}\n" for as_of in world.as_ofs))
    return lines
