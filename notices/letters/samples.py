"""Letters and forms with invented people, to see words on paper before they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from certificates.models import Recovery
from certificates.requests.applications.intake import ITEMS
from notices.letters import base, form_layout
from notices.letters.application import ApplicationFace
from notices.letters.changes import Draw, sampled
from notices.letters.content import Addressee, Letter, Sender, letter_number
from notices.letters.forms import FORMS, FormFace
from notices.letters.interim import InterimFace
from notices.letters.reading import DEPARTMENT
from notices.letters.reminder import LAST_STEP, PaperDue, ReminderFace
from notices.letters.request import RequestFace
from notices.letters.unregistered import Unregistered, UnregisteredFace

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
REASON = (
    "令和8年10月末の情報で、マイナ保険証を利用できることを確認したため、今回は交付できません。"
    "使うのをやめたいときは、利用登録の解除を申請できます（理由は問いません）。"
    "カードの紛失・更新中、介助が必要などの事情があれば、改めて申請してください。"
)
_MOST_PAPERS = 9


def _name(longest: bool) -> str:
    return LONG_NAME if longest else NAME


def _to(longest: bool, name: str = "", honorific: str = "様", second_line: str = "") -> Addressee:
    code, address = "100-0000", "東京都千代田区見本四丁目五番六号"
    if longest:
        code, address = (
            "060-0000",
            "北海道札幌市中央区見本西二丁目三番地四 見本レジデンスタワーイースト棟 三千四百五十六号室",
        )
    return Addressee(code, address, name or _name(longest), honorific, second_line)


def _drawn(letters: Sequence[Letter]) -> list[Draw]:
    return [partial(_draw, letter=letter) for letter in letters]


def _draw(book: object, letter: Letter) -> object:
    return base.draw(book, letter)  # type: ignore[arg-type]


@sampled("reminder")
def reminders(day: date, longest: bool) -> list[Draw]:
    """Each step, each cause and each place to return to, at least once."""
    papers = tuple(
        PaperDue(
            number, _name(longest), ("資格確認書", "高齢受給者証")[number % 2], "000000000018", day + timedelta(400)
        )
        for number in range(_MOST_PAPERS if longest else 2)
    )
    return _drawn(
        [
            ReminderFace(
                step,
                cause,
                to,
                _reminded(longest, cause),
                SENDER[longest],
                day,
                day - timedelta(14),
                day + timedelta(28),
                EMPLOYER[longest],
                papers,
            ).letter()
            for step, cause, to in _reminders(longest)
        ]
    )


def _reminded(longest: bool, cause: str) -> Addressee:
    if cause == Recovery.Cause.DEATH:
        return _to(longest, f"故 {_name(longest)}", second_line="ご遺族 様")
    return _to(longest)


def _reminders(longest: bool) -> Iterator[tuple[int, str, str]]:
    places = Recovery.ReturnTo.values
    for step in range(1, LAST_STEP + 1):
        yield step, "loss", "establishment"
        if longest:
            for number, cause in enumerate(Recovery.Cause.values):
                yield step, cause, places[number % len(places)]


@sampled("request")
def requests(day: date, longest: bool) -> list[Draw]:
    """Each cause, each place to return to and each way to go on, at least once; one paper and several."""
    papers = tuple(
        PaperDue(
            number, _name(longest), ("資格確認書", "高齢受給者証")[number % 2], "000000000018", day + timedelta(400)
        )
        for number in range(_MOST_PAPERS if longest else 2)
    )
    until, later = day + timedelta(7), day + timedelta(3)
    return _drawn(
        [
            RequestFace(
                cause,
                to,
                _reminded(longest, cause),
                SENDER[longest],
                day,
                until,
                None if cause == "registration" else later,
                then,
                EMPLOYER[longest],
                papers if number else papers[:1],
            ).letter()
            for number, (cause, to, then) in enumerate(_requests(longest))
        ]
    )


def _requests(longest: bool) -> Iterator[tuple[str, str, str]]:
    yield "face_changed", "insurer", "coming"
    yield "loss", "establishment", ""
    yield "registration", "insurer", "myna"
    if longest:
        causes = [cause for cause in Recovery.Cause.values if cause != Recovery.Cause.REISSUED]
        for number, cause in enumerate(causes):
            for then in ("enclosed", "former", "posted", "asking"):
                yield cause, Recovery.ReturnTo.values[number % len(Recovery.ReturnTo.values)], then


@sampled("refusal", "incomplete")
def about_applications(day: date, longest: bool) -> list[Draw]:
    """A refusal and an application sent back."""
    face = ApplicationFace(
        1,
        _name(longest),
        "再交付" if longest else "交付",
        "資格確認書の期限切れ",
        day - timedelta(4),
        _to(longest),
        SENDER[longest],
        day,
    )
    number = letter_number(day, 12)
    missing = tuple(ITEMS.values()) if longest else tuple(ITEMS.values())[:2]
    return _drawn([face.refusal(REASON, number), face.incomplete(missing, number)])


@sampled("unregistered")
def unregistered(day: date, longest: bool) -> list[Draw]:
    """To an employer about a few or many members."""
    symbol, digits = ("東京一二三四五六七八九０１２３４", 16) if longest else ("1", 1)
    members = tuple(
        Unregistered(symbol, f"{number + 1:0{digits}}", "00", _name(longest)) for number in range(40 if longest else 3)
    )
    to = _to(longest, EMPLOYER[longest], "", DEPARTMENT)
    return _drawn([UnregisteredFace(1, to, SENDER[longest], day, members).letter(letter_number(day, 12))])


@sampled("interim")
def interim(day: date, longest: bool) -> list[Draw]:
    """The sheet of somebody whose back is printed too."""
    name = _name(longest)
    return _drawn(
        [
            InterimFace(
                1,
                _to(longest),
                SENDER[longest],
                day,
                day + timedelta(20),
                "06130488",
                IDENTITY[longest],
                name,
                KANA[longest],
                date(1980, 4, 15),
                "1",
                date(2020, 4, 1),
                True,
                name,
                legal_name=name,
                sex_on_back=True,
                copayment_percent=20,
            ).letter(letter_number(day, 12))
        ]
    )


def _form(kind: str, day: date, longest: bool) -> list[Draw]:
    name = _name(longest)
    grounds = ("カードの紛失", "カードの更新中", "カードがない", "カードの返納", "要配慮者")
    face = FormFace(
        kind,
        1,
        day,
        SENDER[longest],
        "06130488",
        IDENTITY[longest],
        name,
        name,
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
    form = face.form()
    return [lambda book: form_layout.draw(book, form)]


for _kind in FORMS:
    sampled(f"form_{_kind}")(partial(_form, _kind))
