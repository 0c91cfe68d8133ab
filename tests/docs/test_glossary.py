"""``docs/glossary.md``: each name it gives stands in the code, and its statuses are those of the lifecycles."""

from __future__ import annotations

import re

import pytest
from django.apps import apps

from core.lifecycle import Lifecycle
from core.models import Job
from tests.docs.pages import names, page, rows, section, spans


@pytest.fixture(scope="module")
def glossary() -> str:
    return page("glossary.md")


def lifecycles() -> dict[str, Lifecycle]:
    """Every lifecycle that a model has, by its name."""
    declared = (getattr(model, "lifecycle", None) for model in apps.get_models())
    return {one.name: one for one in declared if isinstance(one, Lifecycle)}


def stored(table: str, first: str) -> dict[str, str]:
    """Label by stored word."""
    return {spans(row[0])[0]: row[1] for row in rows(table, first)}


def test_every_name_in_the_table_stands_in_the_code(glossary: str) -> None:
    listed = rows(section(glossary, "Words"), "日本語")
    assert len(listed) > 100
    assert [row[0] for row in listed if not spans(row[2])] == []
    assert [name for row in listed for name in spans(row[2]) if name not in names()] == []


def test_no_word_has_two_rows(glossary: str) -> None:
    words = [row[0] for row in rows(section(glossary, "Words"), "日本語")]
    assert [word for word in words if words.count(word) > 1] == []


def test_words_that_we_do_not_use_have_another(glossary: str) -> None:
    words = {row[0]: row[1] for row in rows(section(glossary, "Words we do not use"), "Not")}
    assert {"cover", "deed", "found", "known", "mine", "paper", "told"} <= set(words)
    assert all(words.values())


def test_every_lifecycle_is_listed_with_its_statuses_in_order(glossary: str) -> None:
    listed = {}
    for block in re.split(r"^### ", section(glossary, "Statuses"), flags=re.MULTILINE)[1:]:
        title, table = block.split("\n", 1)
        listed |= {name: list(stored(table, "Status").items()) for name in spans(title)}
    assert listed == {name: list(one.states.items()) for name, one in lifecycles().items()}


def test_the_states_of_a_job_are_listed(glossary: str) -> None:
    assert stored(section(glossary, "Jobs"), "State") == dict(Job.State.choices)


def test_every_english_word_is_given(glossary: str) -> None:
    for first in ("日本語", "Status", "State"):
        assert [row for row in rows(glossary, first) if not all(row)] == []
