"""A file's rows by outcome are told from its own counts, at each stage as the rows say."""

from __future__ import annotations

from collections import Counter

import pytest

from exchange import incoming
from exchange.models import ExchangeFile
from tests.exchange.fund import ON, Line, member, receive, v1

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


def by_rows(file: ExchangeFile) -> Counter[str]:
    file.refresh_from_db()
    return Counter(file.rows.values_list("outcome", flat=True))


def test_the_outcomes_are_those_of_the_rows_at_each_stage() -> None:
    member()
    member(number="2")
    lines = [Line(), Line(number="2", registered="0"), Line(number="99"), Line(birth="19990132")]
    file = receive(v1(lines), on=ON)
    seen = [by_rows(file)]
    assert file.outcomes == seen[-1]
    incoming.match([file], on=ON)
    seen.append(by_rows(file))
    assert file.outcomes == seen[-1]
    incoming.apply([file], on=ON)
    seen.append(by_rows(file))
    assert file.outcomes == seen[-1]
    assert seen[0]["staged"] > seen[1]["staged"] > seen[2]["staged"] == 0 < seen[2]["applied"]
