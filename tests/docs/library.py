"""The documents of this repository as a reader looks them up, and what is cited from them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from members.policy import Policy

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
JAPANESE_NAMES = {"業務の決まり": "rules.md", "印刷物の決まり": "print.md"}
"""How the program's Japanese texts call two of the documents; each says so itself."""
OUTSIDE = (
    r"(国民)?健康保険法",
    r"高齢者の医療の確保に関する法律",
    r"民法\d",
    r"年齢計算ニ関スル法律",
    r"令和\d+年法律第",
    r"昭和\d+年厚生省告示第",
    r"令和\d+年\d+月\d+日 厚生労働省事務連絡",
    r"(日本郵便)?「?郵便番号・バーコードマニュアル",
    r"(当組合|保険者)の運用",
    r"RFC \d+",
    r"Unicode Blocks\.txt$",
    r"PostgreSQL manual$",
)
"""What may be cited though it is not here: laws, orders, notices and manuals that anybody can get, and the office's own practice."""
ANSWERS = re.compile(r"(?:seed |資料)(\d{3})\b")
"""A published answer, by the number under which docs/scenarios.md lists its document."""
NOT_CODE = ("var", "docs", "tests")


@dataclass
class Section:
    """A numbered part of a document (0: all of it): the names of its headings, and its text."""

    names: set[str] = field(default_factory=set)
    text: str = ""

    def has(self, words: str) -> bool:
        return words in self.names or words in self.text


class Document:
    """A page in Markdown. A heading's names are its words, what stands before a comma or bracket, and what stands in the bracket."""

    def __init__(self, path: Path) -> None:
        self.title = path.relative_to(ROOT).as_posix()
        self.sections: dict[int, Section] = {0: Section()}
        number, fenced = 0, False
        for line in path.read_text(encoding="utf-8").splitlines():
            fenced ^= line.startswith("```")
            heading = re.match(r"(#+)\s+(.+)", line) if not fenced else None
            if heading:
                numbered = re.match(r"§?(\d+)[.\s]\s*(.+)", heading[2])
                if len(heading[1]) <= 2:
                    number = int(numbered[1]) if numbered else 0
                for section in self._around(number):
                    section.names |= _names(numbered[2] if numbered else heading[2])
            for section in self._around(number):
                section.text += line.replace("`", "") + "\n"

    def _around(self, number: int) -> list[Section]:
        here = self.sections.setdefault(number, Section())
        return [here] if number == 0 else [here, self.sections[0]]


def _names(heading: str) -> set[str]:
    plain = heading.replace("`", "")
    bracket = re.search(r"[(（](.+?)[)）]", plain)
    before = re.split(r"\s*[(（]", plain)[0]
    return {plain, before, plain.split(",")[0], before.split(",")[0], *([bracket[1]] if bracket else [])}


@cache
def document(name: str) -> Document | None:
    """The page of that name, in ``docs`` or beside it; ``None`` where there is none."""
    path = next((path for path in (DOCS / name, ROOT / name) if path.is_file()), None)
    return Document(path) if path is not None else None


def code(suffix: str) -> Iterator[Path]:
    """The program's files with a suffix, without tests and migrations."""
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in NOT_CODE:
            yield from (path for path in sorted(folder.rglob(f"*{suffix}")) if "migrations" not in path.parts)


class Citation(NamedTuple):
    """What a place names as its source, as it is written there."""

    place: str
    text: str


_IN_WORDS = re.compile(r'\bSource: (.+?)(?:\.(?=\s|"""|\Z)|"""|\n\s*\n)', re.DOTALL)
_OF_A_STEP = re.compile(r'\bsource="([^"]+)"')
_OF_A_VALUE = re.compile(r'^\s*source\s*=\s*"(.+)"', re.MULTILINE)


def citations(path: Path) -> Iterator[Citation]:
    """Every ``Source: …`` of a file, the sources of its lifecycle's steps, and those of a TOML file's values."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        found = list(_OF_A_VALUE.finditer(text))
    else:
        found = [*_IN_WORDS.finditer(text), *(_OF_A_STEP.finditer(text) if "Transition(" in text else ())]
    for one in found:
        plain = re.sub(r"\s*\n\s*#?\s*", " ", one[1])
        yield Citation(_place(path, text, one.start()), plain)


_MENTION = re.compile(r"(?<![\w.-])([\w-]+(?:\.ja)?\.md)\b(?:'s)?(?:\s*\n?\s*#?\s*§(\d+))?")


def mentions(path: Path) -> Iterator[Citation]:
    """Every document that a file names, with the § where one follows."""
    text = path.read_text(encoding="utf-8")
    for one in _MENTION.finditer(text):
        yield Citation(_place(path, text, one.start()), one[1] + (f" §{one[2]}" if one[2] else ""))


def _place(path: Path, text: str, start: int) -> str:
    return f"{path.relative_to(ROOT).as_posix()}:{text.count(chr(10), 0, start) + 1}"


class Reader:
    """Looks up one citation: parts divided by commas and semicolons, each in the document named last or outside."""

    def __init__(self, text: str) -> None:
        self._quoted: list[str] = []
        kept = re.sub(r"\"([^\"]*)\"|「([^」]*)」", self._keep, text.split("。")[0])
        while (without := re.sub(r"[(（][^()（）]*[)）]", "", kept)) != kept:
            kept = without
        self._parts = [part.strip() for part in re.split(r"[;,、]", re.split(r":\s", kept)[0])]
        self._page: Document | None = None
        self._section = 0
        self._kind = ""

    def _keep(self, found: re.Match[str]) -> str:
        self._quoted.append(found[0])
        return f"\x02{len(self._quoted) - 1}\x02"

    def _plain(self, part: str) -> str:
        return re.sub(r"\x02(\d+)\x02", lambda found: self._quoted[int(found[1])], part)

    def wrong(self) -> list[str]:
        """What cannot be looked up, and why; empty where everything can."""
        return [problem for part in self._parts for problem in self._wrong(part)]

    def _wrong(self, part: str) -> Iterator[str]:
        named = re.match(rf"([\w-]+(?:\.ja)?\.md|{'|'.join(JAPANESE_NAMES)})\b\s*(.*)", part)
        if named:
            name = JAPANESE_NAMES.get(named[1], named[1])
            self._page, self._section, self._kind = document(name), 0, "document"
            if self._page is None:
                yield f"there is no docs/{name}"
            else:
                yield from self._in_page(named[2])
        elif self._page is not None and self._kind == "document" and part[:1] in ("§", "\x02"):
            yield from self._in_page(part)
        else:
            yield from self._elsewhere(self._plain(part))

    def _in_page(self, rest: str) -> Iterator[str]:
        page = self._page
        assert page is not None
        for token in re.findall(r"§\d+(?:[–-]\d+)?|\x02\d+\x02|``[^`]+``|[^\s\x02]+", rest):
            if token.startswith("§"):
                first, _, last = token[1:].replace("–", "-").partition("-")
                for number in range(int(first), int(last or first) + 1):
                    self._section = number
                    if number not in page.sections:
                        yield f"{page.title} has no §{number}"
                continue
            section = page.sections.get(self._section, page.sections[0])
            where = f" in §{self._section}" if self._section else ""
            if token.startswith("\x02"):
                words = self._plain(token)[1:-1]
                if words not in section.names:
                    yield f"{page.title} has no heading “{words}”{where}"
            elif not section.has(words := token.strip("`").rstrip("0123456789") or token):
                yield f"{page.title} does not speak of “{words}”{where}"

    def _elsewhere(self, part: str) -> Iterator[str]:
        setting = re.fullmatch(r"(?:policy )?``(\w+)``", part)
        answer = ANSWERS.match(part)
        if setting and (part.startswith("policy") or self._kind == "setting"):
            self._kind = "setting"
            if setting[1] not in {one.name for one in fields(Policy)}:
                yield f"there is no setting “{setting[1]}”"
        elif answer:
            self._kind = "answer"
            listed = document("scenarios.md")
            if listed is None or f"| {answer[1]} |" not in listed.sections[0].text:
                yield f"docs/scenarios.md does not list the document {answer[1]}"
        elif re.fullmatch(r"[\w-]+\.toml", part):
            self._kind = "file"
            if not any(path.name == part for path in code(".toml")):
                yield f"there is no file {part}"
        elif self._kind == "answer" and re.fullmatch(r"[\d-]+", part):
            return
        elif part.startswith("運用設定「") or any(re.match(pattern, part) for pattern in OUTSIDE):
            self._kind = "outside"
        else:
            yield f"“{part}” is no document here, no law, notice or manual, and no published answer"


def unfound(found: Iterator[Citation]) -> list[str]:
    """Every citation that cannot be looked up, with its place and what is wrong with it."""
    return [f"{one.place}: Source: {one.text} ({problem})" for one in found for problem in Reader(one.text).wrong()]
