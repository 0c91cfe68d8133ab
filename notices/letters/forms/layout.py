"""One layout for every form on A4: title, what is known, what is to be filled in, notes, where to send it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.errors import Refused
from core.paper.book import Book, Field, PageEntry
from core.paper.draw import Align, Colour, Paragraph, Pen, Placed, fit_text, flow
from core.paper.fonts import Role, width_pt
from core.paper.sheet import Box, Sheet, mm_to_pt, pt_to_mm
from core.paper.typeset import CENTRE, PADDING_MM, PADDING_Y_MM, TextDoesNotFit, break_lines
from notices.letters.forms.letter import Blank, Form

SHEET = Sheet(210, 297)
LINE: Colour = (0.45, 0.45, 0.50)
FAINT: Colour = (0.70, 0.70, 0.74)
TINT: Colour = (0.93, 0.94, 0.97)
LEFT, WIDTH, LABEL_MM = 18.0, 174.0, 44.0
INTRO_TOP, BOTTOM = 46.0, 268.0
SEND_TO = Box("send_to", LEFT + 18, 273, WIDTH - 18, 10)
KNOWN: Final = "記入済みの内容（違うところは、二重線で消して直してください）"
FILL_IN: Final = "記入していただく内容（□は、あてはまるものに✓を付けてください）"
DATE: Final = "令和　　　年　　　月　　　日"
BAND_MM, LINE_MM, GAP_MM = 6.5, 8.0, 4.0
CHOICE_MM = 6.2
CELL_MM = WIDTH - LABEL_MM - 4
TEXT_PT: Final = 11.0
"""Everything that is read, for a filler-in of 75. Source: print.md."""

# Height in mm, role, size, smallest size, lines of a value that is known.
_VALUES: dict[str, tuple[float, Role, float, float, int]] = {
    "name": (11.0, "name", 15, 7, 2),
    "insured_name": (10.0, "name", 13, 7, 2),
    "name_kana": (8.0, "label", 9.5, 5.5, 2),
    "establishment": (11.0, "name", 11, 6, 2),
}
_VALUE: tuple[float, Role, float, float, int] = (7.5, "label", 11, 6, 2)
_TITLE = Box("title", LEFT, 16, WIDTH, 11)
_TO = Box("to", LEFT, 32, 104, 9)
_DATE = Box("date", 132, 32, 60, 9)


@dataclass(frozen=True, slots=True)
class _Label:
    box: Box
    text: str


class _Page:
    """One form being set: from top to bottom, everything fitted before anything is drawn."""

    def __init__(self) -> None:
        self.placed: list[Placed] = []
        self.fields: dict[str, Field] = {}
        self.labels: list[_Label] = []
        self.bands: list[_Label] = []
        self.frames: list[Box] = []
        self.rulings: list[tuple[float, float, float]] = []
        self.y_mm = 0.0

    def put(
        self,
        box: Box,
        text: str,
        role: Role,
        size: float,
        smallest: float,
        lines: int,
        title: str,
        align: Align = "left",
    ) -> None:
        self.placed.append(fit_text(box, text, role, size, smallest, lines=lines, align=align, title=title))
        self.fields[box.name] = Field(box, text, role)

    def paragraphs(self, name: str, texts: list[Paragraph], title: str) -> None:
        """Sets running text across the sheet and moves down by its height."""
        column = Box(name, LEFT, self.y_mm, WIDTH, 1000)
        placed = flow((column,), texts, "label", TEXT_PT, TEXT_PT, leading=1.5, gap=0.3, title=title)
        bottom = placed.lines[-1].baseline_mm + pt_to_mm(TEXT_PT) * (0.5 - CENTRE) + 2 * PADDING_Y_MM
        self.placed.append(placed)
        box = Box(name, LEFT, self.y_mm, WIDTH, bottom - self.y_mm)
        self.fields[name] = Field(box, "".join(p.mark + p.text for p in texts), "label")
        self.y_mm = bottom

    def band(self, text: str) -> None:
        self.bands.append(_Label(Box("", LEFT, self.y_mm, WIDTH, BAND_MM), text))
        self.y_mm += BAND_MM

    def row(self, label: str, height_mm: float) -> Box:
        """A row of the table; answers the box right of its label."""
        self.labels.append(_Label(Box("", LEFT, self.y_mm, LABEL_MM, height_mm), label))
        self.frames.append(Box("", LEFT, self.y_mm, WIDTH, height_mm))
        box = Box("", LEFT + LABEL_MM, self.y_mm, WIDTH - LABEL_MM, height_mm)
        self.y_mm += height_mm
        return box


def compose(form: Form) -> _Page:
    """The form on its one page, all that is read at ``TEXT_PT``.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed.
    """
    page = _Page()
    page.put(_TITLE, form.title, "label_bold", 18, 12, 1, "表題", "center")
    page.put(_TO, form.to, "label", 12, 7, 2, "あて先")
    page.put(_DATE, DATE, "label", 11, 11, 1, "届出日", "right")
    page.y_mm = INTRO_TOP
    page.paragraphs("intro", [Paragraph(form.intro)], "前文")
    page.y_mm += GAP_MM
    page.band(KNOWN)
    for name, label, text in form.prefilled:
        height, role, size, smallest, lines = _VALUES.get(name, _VALUE)
        box = replace(page.row(label, height), name=name).inset(2, 0.3)
        page.put(box, text, role, size, smallest, lines, label)
    page.y_mm += GAP_MM
    page.band(FILL_IN)
    for number, blank in enumerate(form.blanks, start=1):
        _put_blank(page, blank, f"blank{number}")
    page.y_mm += GAP_MM
    page.paragraphs("notes", [Paragraph(note, "・") for note in form.notes], "注意事項")
    if page.y_mm > BOTTOM:
        raise TextDoesNotFit("注意事項")
    page.put(SEND_TO.inset(2, 0.3), form.send_to, "label", TEXT_PT, 6, 2, "送り先")
    return page


def _put_blank(page: _Page, blank: Blank, name: str) -> None:
    if blank.choices or blank.text:
        said = _packed(blank.choices, CELL_MM) if blank.choices else [blank.text]
        lines = [line for text in said for line in break_lines(text, "label", TEXT_PT, CELL_MM - 2 * PADDING_MM)]
        box = page.row(blank.label, max(LINE_MM, len(lines) * CHOICE_MM + 2.4))
        y_mm = box.y_mm + (box.height_mm - len(lines) * CHOICE_MM) / 2
        for number, line in enumerate(lines):
            where = Box(f"{name}_{number + 1}", box.x_mm + 2, y_mm + number * CHOICE_MM, CELL_MM, CHOICE_MM)
            page.put(where, line, "label", TEXT_PT, TEXT_PT, 1, blank.label)
    else:
        box = page.row(blank.label, max(1, blank.lines) * LINE_MM)
        for number in range(1, blank.lines):
            y_mm = box.y_mm + number * LINE_MM
            page.rulings.append((box.x_mm + 2, box.right_mm - 2, y_mm))
        if blank.hint:
            where = Box(name, box.x_mm + 2, box.y_mm + 0.5, 24, LINE_MM - 1)
            page.put(where, blank.hint, "label", TEXT_PT, TEXT_PT, 1, blank.label)


def _packed(choices: tuple[str, ...], width_mm: float) -> list[str]:
    """The words to tick, on as few lines as possible; no word is broken over two lines."""
    lines: list[str] = []
    for choice in choices:
        word = f"□ {choice}"
        longer = f"{lines[-1]}　　{word}" if lines else word
        if lines and width_pt(longer, "label", TEXT_PT) <= mm_to_pt(width_mm - 1):
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def check(form: Form) -> list[Refused]:
    """What keeps the form from being printed, named by field; empty when nothing does."""
    try:
        compose(form)
    except Refused as problem:
        return [problem]
    return []


def draw(book: Book, form: Form) -> PageEntry:
    """Appends the form to the book.

    Raises:
        MissingGlyphs, TextDoesNotFit: a field cannot be printed; nothing was added.
    """
    page = compose(form)
    pen = book.pen(SHEET)
    _paint(pen, page)
    for text in page.placed:
        pen.put(text)
    return book.add_page(pen, kind=form.kind, reference=form.reference, fields=page.fields)


def _paint(pen: Pen, page: _Page) -> None:
    for band in page.bands:
        pen.fill(band.box, TINT)
        pen.outline(band.box, 0.12, LINE)
        pen.text(band.box.inset(2, 0), band.text, "label_bold", 9.5, min_size_pt=8)
    for frame in page.frames:
        pen.outline(frame, 0.12, LINE)
    for label in page.labels:
        pen.text(label.box.inset(2.5, 0), label.text, "label", 9.5, min_size_pt=7)
        pen.line(label.box.right_mm, label.box.y_mm, label.box.right_mm, label.box.bottom_mm, 0.1, LINE)
    for x1_mm, x2_mm, y_mm in page.rulings:
        pen.line(x1_mm, y_mm, x2_mm, y_mm, 0.1, FAINT)
    frame = Box("", LEFT, SEND_TO.y_mm, WIDTH, SEND_TO.height_mm)
    pen.fill(Box("", LEFT, SEND_TO.y_mm, 18, SEND_TO.height_mm), TINT)
    pen.outline(frame, 0.12, LINE)
    pen.text(Box("", LEFT, SEND_TO.y_mm, 18, SEND_TO.height_mm), "送り先", "label_bold", 9.5, align="center")
