"""``docs/print.md`` shows the sentences that the program prints and says, word for word."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from certificates.documents.face import notes
from certificates.rules.law import law_on
from tests.docs.library import DOCS, code

PAGE = (DOCS / "print.md").read_text(encoding="utf-8")
FILLED = "\0"
"""Stands for whatever is filled in."""
JAPANESE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
SENTENCES = [words for words in re.findall(r"`([^`]+)`", PAGE) if JAPANESE.search(words)]


def texts(node: ast.AST) -> Iterator[str]:
    """The Japanese texts of a module; what is filled into one is ``FILLED``."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield one.value
        elif isinstance(one, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else FILLED
                for part in one.values
            )


def leaves(value: Any) -> Iterator[str]:
    """The texts of a TOML file, as ``texts``."""
    if isinstance(value, str):
        yield re.sub(r"\{\w+\}", FILLED, value)
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from leaves(one)


@pytest.fixture(scope="module")
def program() -> str:
    """Everything that the program can say, one text a line."""
    said = [
        text
        for path in code(".py")
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        if JAPANESE.search(text)
    ]
    said += [text for path in code(".toml") for text in leaves(tomllib.loads(path.read_text(encoding="utf-8")))]
    return _numbers_filled("\n".join(said))


def _numbers_filled(text: str) -> str:
    """The text with every number left open: those of the law are filled in by the program."""
    return re.sub(r"\d+", FILLED, text)


def test_every_sentence_of_the_page_is_one_that_is_printed_or_said(program: str) -> None:
    assert len(SENTENCES) > 80
    assert [words for words in SENTENCES if _numbers_filled(words.replace("○", FILLED)) not in program] == []


def test_the_notes_on_the_back_are_all_there_in_their_order() -> None:
    part = PAGE.split("### 注意事項")[1].split("###")[0]
    listed = re.findall(r"^\d+\. [^`]*(?:`[a-z_]+`[^`]*)?`([^`]*[。○])`", part, re.MULTILINE)
    printed = notes(law_on(date(2026, 11, 30)), share_not_on_face=False, recover_note_weeks=1)
    assert len(listed) == len(printed)
    for words, note in zip(listed, printed, strict=True):
        assert re.fullmatch(re.escape(words).replace("○", ".*"), note)
