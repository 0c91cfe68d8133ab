"""Whoever reads "Source: …" can look it up: in a document of this repository, in a law, or in a published answer."""

from __future__ import annotations

import pytest

from tests.docs.library import DOCS, JAPANESE_NAMES, Citation, Reader, citations, code, document, mentions, unfound

HOW = (
    '\nCite docs/*.md by § and heading (rules.md §4 "Gaps"), laws and manuals as tests/docs/library.py lists them,'
    " published answers by number (seed 003 1-4). Put remarks in brackets or behind a colon.\n"
)


def told(wrong: list[str]) -> str:
    return HOW + "\n".join(wrong)


def test_every_source_in_the_code_can_be_looked_up() -> None:
    found = [one for path in code(".py") for one in citations(path)]
    assert len(found) > 200
    wrong = unfound(iter(found))
    assert not wrong, told(wrong)


def test_every_source_of_a_dated_value_or_wording_can_be_looked_up() -> None:
    found = [one for path in code(".toml") for one in citations(path)]
    assert len(found) > 80
    wrong = unfound(iter(found))
    assert not wrong, told(wrong)


def test_every_document_that_code_or_another_document_names_is_here() -> None:
    named = [one for path in (*code(".py"), *code(".toml"), *sorted(DOCS.glob("*.md"))) for one in mentions(path)]
    wrong = unfound(iter(named))
    assert not wrong, told(wrong)


@pytest.mark.parametrize(("name", "page"), JAPANESE_NAMES.items())
def test_the_page_says_what_the_japanese_texts_call_it(name: str, page: str) -> None:
    found = document(page)
    assert found is not None
    assert name in found.sections[0].text


@pytest.mark.parametrize(
    "text",
    [
        "rules.md §4",
        "rules.md §4–5, §8",
        'rules.md §4 "Gaps", §10',
        'rules.md §4, "The file comes late"',
        "rules.md §4 ``arrives_on`` (and more); 健康保険法74条",
        'print.md "Letters" (Household)',
        "print.md 「資格情報のお知らせ」; rules.md §7",
        "policy ``return_days``, ``reminder_days``",
        "印刷物の決まり「文書」督促（3段階）",
        "印刷物の決まり 資格確認書 注意事項4",
        "業務の決まり §4, §8（④）",
        "seed 000 1-1, 1-2",
        "資料003 1-6、1-7（返却）",
        "law.toml",
        "昭和59年厚生省告示第156号",
        "rules.md §10: decided = printed",
    ],
)
def test_a_source_that_is_here_or_is_law_is_accepted(text: str) -> None:
    assert Reader(text).wrong() == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("handbook.md §4", "there is no docs/handbook.md"),
        ("rules.md §99", "docs/rules.md has no §99"),
        ('rules.md §5 "Gaps"', "docs/rules.md has no heading “Gaps” in §5"),
        ("rules.md §4 ``colour_of_the_day``", "docs/rules.md does not speak of “colour_of_the_day” in §4"),
        ("印刷物の決まり「祝電」", "docs/print.md has no heading “祝電”"),
        ("policy ``colour``", "there is no setting “colour”"),
        ("seed 009 1-1", "docs/scenarios.md does not list the document 009"),
        (
            "rules.md §4; a letter of the ministry",
            "“a letter of the ministry” is no document here, no law, notice or manual, and no published answer",
        ),
    ],
)
def test_a_source_that_nobody_could_find_is_told_with_its_place(text: str, why: str) -> None:
    assert unfound(iter([Citation("certificates/some.py:3", text)])) == [
        f"certificates/some.py:3: Source: {text} ({why})"
    ]
