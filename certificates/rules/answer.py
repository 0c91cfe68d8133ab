"""What the office says of a person today: one function of the newest facts, whoever asks and wherever.

Pure. The month's decision and its reasons are history beside it. Source: rules.md §14 (the numbers are its lines).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

from certificates.rules.codes import Code, Detail, Reason
from core.calendar import same_day_after_years, wareki


class Line(IntEnum):
    """The line of §14's table that holds."""

    NO_COVER = 1
    ASKED = 2
    HELD = 3
    RETURNED = 4
    POSTED = 5
    PREPARED = 6
    PAPER_IN_HAND = 7
    MYNA_USABLE = 8
    OPEN_CASE = 9
    NOTHING = 10


class Hold(Code):
    """Why a paper does not go out yet, and what would let it go."""

    SAFE_ADDRESS = "safe_address", "安全なお届け先をうかがうまで、お送りするのを待っています。"
    GLYPH = "glyph", "お名前の文字を確認しているため、発送を待っています。"
    NARROW = "narrow", "お名前などが用紙に収まるか確認しているため、発送を待っています。"
    ADDRESS = "address", "お届け先の住所を確認しているため、発送を待っています。"
    SHARE = "share", "窓口で支払う割合を確認しているため、発送を待っています。"
    HEAD = "head", "世帯主の方を確認しているため、発送を待っています。"
    DAMAGE = "damage", "登録の文字が正しいか確認しているため、発送を待っています。"


class Step(Code):
    """What a paper that is not yet posted waits for."""

    APPROVAL = "approval", "承認を待っています"
    ENCLOSING = "enclosing", "封入を待っています"
    PRINTING = "printing", "印刷を待っています"
    POSTING = "posting", "発送を待っています"


class Wish(Code):
    """What the person told us or asked for."""

    LOST_CARD = "lost_card", "マイナンバーカードの紛失の申出"
    LOST_PAPER = "lost_paper", "資格確認書の紛失の申出"
    PAPER = "paper", "資格確認書の交付の申請"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """By when a paper is to be returned, and to whom (in words)."""

    due_on: date
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A 資格確認書 that is or will be the person's; void, superseded, replaced and lost ones are left out.

    ``last_day``: the last day on which it may be used, never past the cover's or that of a right face.
    ``in_hand_on``: when the post delivers or has delivered it. ``post_on``: the planned day, where there is one.
    """

    first_day: date
    last_day: date
    status: str
    sent_on: date | None = None
    in_hand_on: date | None = None
    tracking: str = ""
    returned_on: date | None = None
    hold: Hold | None = None
    step: Step | None = None
    post_on: date | None = None
    duty: Duty | None = None

    def usable(self, on: date) -> bool:
        """Whether it is in the holder's hands and right on the day."""
        here = self.status == "sent" and self.in_hand_on is not None and self.in_hand_on <= on
        return here and self.first_day <= on <= self.last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An application that nothing was granted for yet."""

    wish: Wish
    received_on: date
    answer_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """A decision that waits for news until its day. ``rows``: where the person stands in the file more than once."""

    reason: Reason
    due_on: date
    file_month: int
    detail: Detail | None = None
    rows: str = "同じ方の行が二つ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The newest facts about one person, as far as the answer needs them.

    ``last_day`` is the last day of cover, ``core.calendar.FAR_FUTURE`` when no end is in sight; ``next_run_by`` the day by which
    the next month is decided at the latest. ``loss_filed``: the end of cover was told us, not only reckoned.
    """

    first_day: date
    last_day: date
    papers: Sequence[Paper] = ()
    myna_last_day: date | None = None
    card_last_day: date | None = None
    asked: Asked | None = None
    open_case: OpenCase | None = None
    too_late: bool = False
    next_run_by: date | None = None
    loss_filed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The line that holds, what is said, and the days that the sentence claims.

    ``short``: the line's own words for a list, without what can be used beside it.
    """

    line: Line
    sentence: str
    short: str = ""
    usable_through: date | None = None
    posted_on: date | None = None
    in_hand_on: date | None = None
    return_by: date | None = None
    answer_by: date | None = None


YEARS_AHEAD = 1
"""An end of cover further away than this is not mentioned: it is nobody's question today."""
INTERIM = "すぐに受診されるときは資格証明書をお渡しできます。"


def answer(known: Known, on: date) -> Answer:
    """What is said of the person on the day: the first line that holds, led by what can be used today."""
    if not known.first_day <= on <= known.last_day:
        return _shortened(_no_cover(known, on))
    usable, through, duty = _usable(known, on)
    said = _under_way(known, on)
    if said is None:
        said = _shortened(_settled(known, on, usable, through))
    else:
        said = _shortened(said)
        if usable:
            said = replace(said, sentence=usable + said.sentence, usable_through=through)
    return _with_what_comes(said, known, duty, on)


def _shortened(said: Answer) -> Answer:
    return replace(said, short=said.sentence.partition("。")[0] + "。")


def _no_cover(known: Known, on: date) -> Answer:  # 1
    if on < known.first_day:
        return Answer(line=Line.NO_COVER, sentence=f"資格は{wareki(known.first_day)}からです。")
    duty = next((paper.duty for paper in known.papers if paper.duty is not None), None)
    ended = f"{wareki(known.last_day)}で資格が終わっています。"
    if duty is None:
        return Answer(line=Line.NO_COVER, sentence=ended)
    back = f"お手元の資格確認書は{wareki(duty.due_on)}までに{duty.to}へ返してください。"
    return Answer(line=Line.NO_COVER, sentence=ended + back, return_by=duty.due_on)


def _usable(known: Known, on: date) -> tuple[str, date | None, Duty | None]:
    """What can be shown today, in words, through which day, and the duty to return it."""
    papers = [paper for paper in known.papers if paper.usable(on)]
    if papers:
        longest = max(papers, key=lambda paper: paper.last_day)
        duty = longest.duty
        return f"お手元の資格確認書が{wareki(longest.last_day)}まで使えます。", longest.last_day, duty
    if known.card_last_day is not None and known.card_last_day >= on:
        last = min(known.card_last_day, known.last_day)
        return f"お手元の健康保険証が{wareki(last)}まで使えます。", last, None
    if known.myna_last_day is not None and known.myna_last_day >= on:
        last = min(known.myna_last_day, known.last_day)
        return f"マイナ保険証が{wareki(last)}まで使えます。", last, None
    return "", None, None


def _under_way(known: Known, on: date) -> Answer | None:
    """Lines 2–6: something was asked for, or a paper is on its way."""
    if (asked := known.asked) is not None:  # 2
        words = f"{wareki(asked.received_on)}に{asked.wish.label}を受け付けました。"
        by = f"{wareki(asked.answer_by)}までにお返事します。"
        return Answer(line=Line.ASKED, sentence=words + by + INTERIM, answer_by=asked.answer_by)
    waiting = [paper for paper in known.papers if not paper.usable(on) and paper.last_day >= on]
    if (held := next((paper for paper in waiting if paper.hold is not None), None)) is not None:  # 3
        assert held.hold is not None
        return Answer(line=Line.HELD, sentence=held.hold.label)
    if (back := next((paper for paper in waiting if paper.status == "returned"), None)) is not None:  # 4
        since = f"{wareki(back.returned_on)}に" if back.returned_on else ""
        sentence = f"お送りした資格確認書が{since}郵便で戻りました。お届け先をお知らせください。"
        return Answer(line=Line.RETURNED, sentence=sentence)
    posted = [paper for paper in waiting if paper.status == "sent" and (paper.in_hand_on or on) > on]
    prepared = [paper for paper in waiting if paper.status in ("proposed", "approved", "printed")]
    after = min(prepared, key=lambda paper: paper.first_day) if prepared else None
    if posted:  # 5
        return _posted(min(posted, key=lambda paper: paper.first_day), after)
    return None if after is None else _prepared(after)  # 6


def _posted(paper: Paper, after: Paper | None) -> Answer:
    """What is on its way; where it comes too late to be used, also what follows it (``after``)."""
    when = f"{wareki(paper.sent_on)}に" if paper.sent_on else ""
    about = f"{wareki(paper.in_hand_on)}ごろ届く予定です。" if paper.in_hand_on else ""
    number = f"引受番号は{paper.tracking}です。" if paper.tracking else ""
    through = f"届いた資格確認書は{wareki(paper.last_day)}まで使えます。"
    if paper.in_hand_on is not None and paper.last_day < paper.in_hand_on:
        through = f"使えるのは{wareki(paper.last_day)}までのため、届くころには使えません。"
        if after is not None:
            step = f"（{after.step.label}）" if after.step is not None else ""
            through += f"{wareki(after.first_day)}からの資格確認書を用意しています{step}。"
    return Answer(
        line=Line.POSTED,
        sentence=f"資格確認書を{when}発送しました。{about}{number}{through}",
        posted_on=paper.sent_on,
        in_hand_on=paper.in_hand_on,
    )


def _prepared(paper: Paper) -> Answer:
    step = f"（{paper.step.label}）" if paper.step is not None else ""
    post = f"{wareki(paper.post_on)}ごろ発送の予定です。" if paper.post_on else ""
    return Answer(line=Line.PREPARED, sentence=f"資格確認書を用意しています{step}。{post}")


def _settled(known: Known, on: date, usable: str, through: date | None) -> Answer:
    """Lines 7–10: nothing is under way; a paper that serves from a day to come may be in hand."""
    begins = _next_begins(known, on)
    if any(paper.usable(on) for paper in known.papers) or (known.card_last_day or date.min) >= on:  # 7
        return Answer(line=Line.PAPER_IN_HAND, sentence=usable, usable_through=through)
    if known.myna_last_day is not None and known.myna_last_day >= on:  # 8
        sentence = f"マイナ保険証が{wareki(through)}まで使えるため、今はお送りしていません。" if through else usable
        if begins is not None:
            sentence = usable
        return Answer(line=Line.MYNA_USABLE, sentence=sentence, usable_through=through)
    if known.open_case is not None:  # 9
        due_on = known.open_case.due_on
        return Answer(line=Line.OPEN_CASE, sentence=open_case_words(known.open_case), answer_by=due_on)
    if known.too_late:  # 10
        return Answer(
            line=Line.NOTHING,
            sentence="資格のある期間が短く、資格確認書の到着が間に合わないため、資格証明書をお渡しします。",
        )
    next_run = f"{wareki(known.next_run_by)}までの月次判定で" if known.next_run_by else "次の月次判定で"
    if begins is None:
        sentence = f"今は使える手段がありません。{next_run}資格確認書の交付を決めます。"
    else:
        sentence = f"今は使える手段がありません。{_from_then(begins)}{next_run}それまでの資格確認書の交付を決めます。"
    return Answer(line=Line.NOTHING, sentence=sentence + INTERIM)


def open_case_words(case: OpenCase) -> str:
    """What is being asked, and by when it is answered; only what the facts say."""
    by = f"{wareki(case.due_on)}までにご連絡します。"
    if case.reason is Reason.NUMBER_PENDING:
        return f"個人番号の手続き中のため確認中です。{by}"
    if case.reason is Reason.EXPIRY_UNKNOWN:
        return f"{case.file_month}月の情報に電子証明書の有効期限がないため確認中です。{by}"
    if case.reason is Reason.ROW_UNUSABLE:
        words = {
            Detail.DOUBLE: f"{case.rows}あり、確認しています。",
            Detail.CONFLICT: f"{case.file_month}月の情報がこちらの記録と食い違うため確認中です。",
            Detail.REJECTED: f"{case.file_month}月の情報が読み取れないため確認中です。",
        }
        return (words[case.detail] if case.detail is not None else "") + by
    return f"{case.file_month}月の情報に載っていないため確認中です。{by}"


def _which(owed: Paper, known: Known, said: Answer, on: date) -> str:
    """How the paper that comes back is named after what has been said, which may be about another one."""
    if owed.last_day < on:
        # Made for a change that does not come: the former one serves on.
        newer = any(paper.usable(on) for paper in known.papers[: known.papers.index(owed)])
        return "あとからお送りした資格確認書は" if newer else "前の資格確認書は"
    if owed.usable(on) and said.line is not Line.PAPER_IN_HAND:
        return "今お使いの資格確認書は"
    through = said.usable_through or max(paper.last_day for paper in known.papers)
    assert owed.duty is not None
    if owed.duty.due_on > through:
        return "そのあとは"
    here = owed.in_hand_on is None or owed.in_hand_on <= on
    return "お手元の資格確認書は" if here else "届いた資格確認書は"


def _next_begins(known: Known, on: date) -> date | None:
    """From when a paper serves that is in hand already and begins on a day to come."""
    here = [p for p in known.papers if p.status == "sent" and p.in_hand_on is not None and p.in_hand_on <= on]
    return min((paper.first_day for paper in here if on < paper.first_day <= paper.last_day), default=None)


def _from_then(begins: date) -> str:
    return f"{wareki(begins)}からは、お届けした資格確認書をお使いください。"


def _next_in_hand(said: Answer, known: Known, on: date) -> str:
    """The paper that is in hand as well and serves later, after what has been said of today."""
    begins = _next_begins(known, on)
    if begins is None or said.line not in (Line.PAPER_IN_HAND, Line.MYNA_USABLE, Line.OPEN_CASE):
        return ""
    if said.line is Line.PAPER_IN_HAND:
        return f"{wareki(begins)}からは、お届けした次の資格確認書をお使いください。"
    return _from_then(begins)


def _with_what_comes(said: Answer, known: Known, duty: Duty | None, on: date) -> Answer:
    """Adds by when a paper is to be returned, from when the next one in hand serves, or else the known end of cover."""
    owed = next((paper for paper in known.papers if paper.duty is not None and duty in (None, paper.duty)), None)
    following = _next_in_hand(said, known, on)
    if owed is not None and owed.duty is not None:
        back = f"{_which(owed, known, said, on)}{wareki(owed.duty.due_on)}までに{owed.duty.to}へ返してください。"
        return replace(said, sentence=said.sentence + back + following, return_by=owed.duty.due_on)
    said = replace(said, sentence=said.sentence + following)
    soon = same_day_after_years(on, YEARS_AHEAD)[0]
    if known.last_day <= soon and said.usable_through != known.last_day:
        return replace(said, sentence=f"{said.sentence}資格は{wareki(known.last_day)}までです。")
    return said
