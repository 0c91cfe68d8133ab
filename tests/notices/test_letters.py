"""What letters and forms say, and that they read back from paper; no database."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core import parameters
from core.errors import BadInput, Fault
from core.paper import readback
from core.paper.book import Book
from core.paper.draw import Paragraph
from core.paper.fonts import MissingGlyphs
from core.paper.typeset import TextDoesNotFit
from notices.letters import base, registry
from notices.letters.application import ApplicationFace
from notices.letters.content import Addressee, Letter, Sender
from notices.letters.forms import layout as form_layout
from notices.letters.forms.letter import FORMS, LABELS, FormFace
from notices.letters.incomplete.letter import IncompleteFace
from notices.letters.papers_due import PaperDue
from notices.letters.refusal.letter import RefusalFace
from notices.letters.reminder.letter import ReminderFace
from notices.letters.unregistered.letter import Unregistered, UnregisteredFace
from notices.letters.wording import fill, placeholders
from tests.readback import compare_all, red_share

D = date
ON, ON_LONG = D(2026, 11, 6), D(2026, 11, 26)
NUMBER = "令和8年第12号"
LONG = "スリジャヤワルダナプラコッテ・アレクサンドラ・フェルナンダ・マリア"
SENDER = Sender("甲健康保険組合", "100-0002", "東京都千代田区一番一号", "03-1234-5678")
SENDER_LONG = Sender(
    "全国ソフトウエア・エレクトロニクス・電気通信情報関連産業総合健康保険組合",
    "100-0002",
    "東京都千代田区皇居外苑一丁目二番三号 皇居外苑ファーストタワー四十二階 健康保険会館",
    "0120-1234-5678",
)
TO = Addressee("", "大阪市", "李 一")
TO_LONG = Addressee(
    "060-0001",
    "北海道札幌市中央区北一条西二丁目三番地四 札幌グランドレジデンスタワーイースト棟 三千四百五十六号室 "
    "スリジャヤワルダナプラコッテ様方",
    f"故 {LONG}",
    second_line="ご遺族 様",
)
EMPLOYER = "独立行政法人国際エレクトロニクス・システムズ・インテグレーション研究開発機構西日本統括本部"
PAPER = PaperDue(7, "李 一", "資格確認書", "000000000018", D(2031, 11, 5))
MANY = tuple(
    PaperDue(123_456 + n, LONG, ("資格確認書", "高齢受給者証")[n % 2], "000000000018", D(2031, 11, 25))
    for n in range(9)
)
REASON = (
    "令和8年10月末の情報で、マイナ保険証を利用できることを確認したため、今回は交付できません。"
    "使うのをやめたいときは、利用登録の解除を申請できます（理由は問いません）。"
    "カードの紛失・更新中、介助が必要などの事情があれば、改めて申請してください。"
)
MISSING = ("申請者の署名", "本人確認書類の写し", "委任状または代理権のわかる書類")
APPLICATION = ApplicationFace(3, "李 一", "交付", "希望による", D(2026, 11, 2), TO, SENDER, ON)
APPLICATION_LONG = ApplicationFace(
    123_456, LONG, "再交付", "資格確認書の期限切れ", D(2026, 11, 22), TO_LONG, SENDER_LONG, ON_LONG
)


def reminder(step: int = 1, cause: str = "loss", return_to: str = "establishment") -> ReminderFace:
    return ReminderFace(step, cause, return_to, TO, SENDER, ON, D(2026, 10, 5), D(2026, 11, 13), "第1製作所", (PAPER,))


def long_reminder(step: int, cause: str = "death", return_to: str = "claimant") -> ReminderFace:
    return ReminderFace(
        step, cause, return_to, TO_LONG, SENDER_LONG, ON_LONG, D(2026, 10, 25), D(2026, 12, 23), EMPLOYER, MANY
    )


def unregistered(count: int) -> UnregisteredFace:
    to = dataclasses.replace(TO_LONG, name=EMPLOYER, honorific="", second_line="健康保険ご担当者 様")
    member = Unregistered("東京一二三四五六七八九０１２３４", "1234567890123456", "00", LONG)
    return UnregisteredFace(123, to, SENDER_LONG, ON_LONG, (member,) * count)


def form(kind: str, *, long: bool = False, **known: Any) -> FormFace:
    choices = {"issue_grounds": ("カードの紛失", "カードがない"), "reissue_grounds": ("資格確認書の紛失",)}
    if long:
        return FormFace(
            kind,
            5,
            ON_LONG,
            SENDER_LONG,
            "63130488",
            "東京一二三四五六七八九０１２３４・1234567890123456（枝番 00）",
            LONG,
            LONG,
            LONG,
            D(1955, 11, 21),
            "家族（被扶養者）",
            EMPLOYER,
            D(2026, 10, 21),
            "資格確認書",
            "000000000018",
            D(2031, 11, 25),
            30,
            10,
            1000,
            choices,
            **known,
        )
    return FormFace(
        kind,
        5,
        ON,
        SENDER,
        "06130488",
        "1・1",
        "李 一",
        "李 一",
        "リ",
        D(1990, 1, 1),
        "本人（被保険者）",
        choices=choices,
        **known,
    )


LETTERS: dict[str, Callable[[], Letter]] = {
    **{f"reminder {n}": lambda n=n: reminder(n).letter() for n in (1, 2, 3)},
    **{f"long reminder {n}": lambda n=n: long_reminder(n).letter() for n in (1, 2, 3)},
    "refusal": lambda: RefusalFace(APPLICATION, REASON).letter(NUMBER),
    "long refusal": lambda: RefusalFace(APPLICATION_LONG, REASON).letter(NUMBER),
    "incomplete": lambda: IncompleteFace(APPLICATION, MISSING[:1]).letter(NUMBER),
    "long incomplete": lambda: IncompleteFace(APPLICATION_LONG, MISSING * 3).letter(NUMBER),
    "unregistered": lambda: unregistered(1).letter(NUMBER),
    "long unregistered": lambda: unregistered(61).letter(NUMBER),
}


@pytest.mark.parametrize("name", LETTERS)
def test_every_field_of_a_letter_reads_back(name: str, tmp_path: Path) -> None:
    letter = LETTERS[name]()
    assert base.check(letter) == []
    with Book(tmp_path / "letter.pdf") as book:
        base.draw(book, letter)
    assert compare_all(book.entries, tmp_path / "letter.pdf") == []
    for entry in book.entries:
        boxes = [field.box for field in entry.fields.values()]
        assert all(base.SHEET.holds(box) for box in boxes)
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    read = {name: field.text for entry in book.entries for name, field in entry.fields.items()}
    assert set(letter.head()) <= set(read)
    with readback.open_pdf(tmp_path / "letter.pdf") as pdf:
        assert red_share(pdf, 1, base.SEAL) > 0.05


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_read_at_eleven_points(name: str) -> None:
    """Whatever its length, for a reader of 75; only what is long in a cell of its table is smaller."""
    for page in base.compose(LETTERS[name]()):
        sizes = {field: placed.size_pt for field, placed in zip(page_fields(page), page.placed, strict=True)}
        assert all(size >= 11 for field, size in sizes.items() if field in ("body", "after"))
        short = [size for field, size in sizes.items() if field.startswith("row") and len(page.fields[field].text) < 6]
        assert all(size == 11 for size in short)


def page_fields(page: base.Page) -> list[str]:
    """The names of the fields in the order in which they were set; a seal is drawn, not set."""
    return [name for name in page.fields if name != "seal"]


def test_a_text_that_leaves_no_room_for_the_rest_goes_on_overleaf() -> None:
    letter = RefusalFace(APPLICATION, REASON * 8).letter(NUMBER)
    first, second = base.compose(letter)
    assert first.fields["body"].box.bottom_mm <= base.BOTTOM and "after" not in first.fields
    assert second.rows == 1 and second.fields["after"].box.bottom_mm <= base.BOTTOM
    assert second.fields["page"].text == "2/2ページ"
    with pytest.raises(TextDoesNotFit, match="本文"):
        base.compose(RefusalFace(APPLICATION, REASON * 12).letter(NUMBER))


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("kind", FORMS)
def test_a_form_is_read_at_eleven_points(kind: str, long: bool) -> None:
    page = form_layout.compose(form(kind, long=long).form())
    sizes = dict(zip(page.fields, (placed.size_pt for placed in page.placed), strict=True))
    read = [size for field, size in sizes.items() if field in ("intro", "notes") or field.startswith("blank")]
    assert len(read) > 2 and all(size >= 11 for size in read), sizes


@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
@pytest.mark.parametrize("kind", FORMS)
def test_every_field_of_a_form_reads_back(kind: str, long: bool, tmp_path: Path) -> None:
    made = form(kind, long=long).form()
    with Book(tmp_path / "form.pdf") as book:
        form_layout.draw(book, made)
    assert compare_all(book.entries, tmp_path / "form.pdf") == []
    fields = book.entries[0].fields
    assert {name: fields[name].text for name, _, _ in made.prefilled} == {n: t for n, _, t in made.prefilled}
    boxes = [field.box for field in fields.values()]
    assert all(form_layout.SHEET.holds(box) for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_the_same_letter_is_the_same_file(tmp_path: Path) -> None:
    hashes = set()
    for name in ("a.pdf", "b.pdf"):
        book = Book(tmp_path / name, title="x")
        base.draw(book, long_reminder(3).letter())
        hashes.add(book.finish().sha256)
    assert len(hashes) == 1


def said(letter: Letter) -> str:
    return "".join(p.text for p in (*letter.body, *letter.after))


def test_a_reminder_says_what_to_whom_and_by_when() -> None:
    letter = reminder().letter()
    assert letter.title == "資格確認書の返納のお願い"
    assert letter.table is not None
    assert letter.table.rows == (("李 一", "資格確認書", "000000000018", "令和13年11月5日まで"),)
    text = said(letter)
    for words in ("資格がなくなったため", "令和8年10月5日", "令和8年11月13日までに", "事業所（第1製作所）へ", "滅失届"):
        assert words in text
    assert letter.code == "回収 000000000018-1" and letter.reference == "recovery 7"


def test_each_step_is_firmer() -> None:
    titles = [reminder(n).letter().title for n in (1, 2, 3, 4)]
    assert titles[1:] == [
        "資格確認書の返納のお願い（再度）",
        "資格確認書の返納について（最後のお願い）",
        "資格確認書の返納について（最後のお願い）",
    ]
    first, second, third = (said(reminder(n).letter()) for n in (1, 2, 3))
    assert "お手数ですが" in first and "必ず" not in first
    assert "必ず" in second and "これが最後のお願いです" not in second
    assert "これが最後のお願いです" in third and "直接" in third


@pytest.mark.parametrize(
    ("return_to", "words", "directly"),
    [
        ("establishment", "事業所（第1製作所）へ", True),
        ("insurer", "必ず当組合へ", False),
        ("claimant", "埋葬料", False),
    ],
)
def test_where_to(return_to: str, words: str, directly: bool) -> None:
    text = said(reminder(3, return_to=return_to).letter())
    assert words in text and ("当組合へ直接" in text) is directly


@pytest.mark.parametrize(
    ("cause", "after_loss"),
    [
        ("loss", True),
        ("death", True),
        ("removed", True),
        ("annulled", True),
        ("registration", False),
        ("face_changed", False),
        ("superseded", False),
        ("reissued", False),
    ],
)
def test_only_who_lost_cover_is_warned_of_paying_back(cause: str, after_loss: bool) -> None:
    assert ("負担した医療費" in said(reminder(cause=cause).letter())) is after_loss


def test_the_refusals_exact_sentence() -> None:
    letter = RefusalFace(APPLICATION, REASON).letter(NUMBER)
    assert Paragraph(f"　{REASON}") in letter.body
    assert letter.title == "資格確認書の交付申請について"


def test_what_is_missing_item_by_item() -> None:
    letter = IncompleteFace(APPLICATION_LONG, MISSING).letter(NUMBER)
    assert [p.text for p in letter.body if p.mark] == list(MISSING)
    assert "再交付申請書" in letter.title


def test_a_long_list_goes_on_and_ends_with_the_closing(tmp_path: Path) -> None:
    with Book(tmp_path / "letter.pdf") as book:
        base.draw(book, unregistered(61).letter(NUMBER))
    rows = [sum(name.endswith("_4") for name in entry.fields) for entry in book.entries]
    assert sum(rows) == 61 and all(rows)
    assert ["after" in entry.fields for entry in book.entries] == [False, False, True]
    assert [entry.fields["page"].text for entry in book.entries] == ["1/3ページ", "2/3ページ", "3/3ページ"]


@pytest.mark.parametrize("count", range(1, 45))
def test_no_row_is_lost_whatever_the_length(count: int) -> None:
    pages = base.compose(unregistered(count).letter(NUMBER))
    assert sum(page.rows for page in pages) == count
    assert "after" in pages[-1].fields and all(page.rows for page in pages)


# What cannot be printed


def test_a_missing_glyph_names_field_and_character_not_the_text() -> None:
    face = dataclasses.replace(reminder(), addressee=dataclasses.replace(TO, name="李 \U0001f600 一郎"))
    with pytest.raises(MissingGlyphs) as refusal:
        base.compose(face.letter())
    assert "あて名" in str(refusal.value) and "U+1F600" in str(refusal.value) and "一郎" not in str(refusal.value)
    assert len(base.check(face.letter())) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"addressee": Addressee("", "東京都" * 90, "李 一")}, "送付先の住所"),
        ({"addressee": Addressee("", "大阪市", "李" * 200)}, "あて名"),
        ({"papers": (dataclasses.replace(PAPER, name="李" * 200),)}, "氏名"),
        ({"establishment": "第一製作所" * 400}, "本文"),
    ],
)
def test_too_long_names_the_field_not_the_text(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(TextDoesNotFit) as refusal:
        base.compose(dataclasses.replace(reminder(), **changes).letter())
    assert refusal.value.field == field and "李李" not in str(refusal.value)


def test_a_form_that_does_not_fit_names_the_field(tmp_path: Path) -> None:
    for known, field in (({"name": "李" * 300}, "対象の方の氏名"), ({"name": "\U0001f600"}, "対象の方の氏名")):
        made = dataclasses.replace(form("lost"), **known).form()
        (problem,) = form_layout.check(made)
        assert field in str(problem)
    book = Book(tmp_path / "form.pdf")
    with pytest.raises(MissingGlyphs):
        form_layout.draw(book, made)
    assert book.page_count == 0


# Forms


@pytest.mark.parametrize("kind", FORMS)
def test_only_what_is_known_is_prefilled(kind: str) -> None:
    known = {name for name, _, text in form(kind).form().prefilled if text}
    assert "insurer_number" in known and "serial" not in known and "valid_through" not in known
    full = form(kind, long=True).form()
    assert all(label == LABELS[name] for name, label, _ in full.prefilled)
    assert all(blank.choices or blank.lines or blank.text for blank in full.blanks)


def test_the_grounds_of_the_society_and_its_fee() -> None:
    short, long = form("application").form(), form("application", long=True).form()
    by_label = {blank.label: blank.choices for blank in short.blanks}
    assert by_label["交付の事由"] == ("カードの紛失", "カードがない")
    assert "手数料" not in short.notes[-1] and "再交付の手数料は1,000円です。" in long.notes[-1]


@pytest.mark.parametrize(
    ("day", "choices"),
    [
        (D(2025, 11, 30), ("健康保険証", "資格確認書", "高齢受給者証")),
        (D(2025, 12, 1), ("健康保険証", "資格確認書", "高齢受給者証")),
        (D(2025, 12, 2), ("資格確認書", "高齢受給者証")),
    ],
)
def test_old_cards_are_handed_back_to_their_last_day(day: date, choices: tuple[str, ...]) -> None:
    made = dataclasses.replace(form("hand_back"), issued_on=day).form()
    assert made.blanks[0].choices == choices


def test_an_unknown_form() -> None:
    with pytest.raises(BadInput, match="lost"):
        form("marriage").form()


# Wording


@pytest.mark.parametrize("path", [kind.texts for kind in registry.every()], ids=list(registry.labels()))
def test_the_wording_files_are_dated_and_sourced(path: Path) -> None:
    table = parameters.load(path)
    assert table.values and all(values[0].valid_from == D(2024, 12, 2) for values in table.values.values())


def test_a_value_is_never_read_as_a_template() -> None:
    assert fill("{a}へ", {"a": "{b}"}) == "{b}へ"
    assert placeholders("{a}は{b}") == {"a", "b"}
    with pytest.raises(Fault, match="c"):
        fill("{a}と{c}", {"a": "x"})


def test_no_wording_before_its_first_day() -> None:
    with pytest.raises(Fault):
        dataclasses.replace(reminder(), issued_on=D(2024, 12, 1)).letter()
    assert dataclasses.replace(reminder(), issued_on=D(2024, 12, 2)).letter().title
