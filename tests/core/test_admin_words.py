"""What was recorded, as a clerk reads it."""

from __future__ import annotations

import pytest

from core.web.words import worded


@pytest.mark.parametrize(
    ("recorded", "said"),
    [("2026-11", "令和8年11月"), ("2026-11-06", "令和8年11月6日"), ("2026-02-31", "2026-02-31"), ("101-23", "101-23")],
)
def test_a_recorded_day_is_read_in_the_era_and_other_words_as_they_stand(recorded: str, said: str) -> None:
    assert worded({"month": recorded}) == f"月：{said}"
