"""PostgreSQL matches as the rule reads, and no row is ever lost: random months against both."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from exchange import incoming
from exchange.models import ExchangeFile
from exchange.rules.matching import MemberKeys, RowKeys, match_rows
from members.models import Member, MynaStatus
from tests.exchange.fund import NAMES, NOVEMBER, OCTOBER, ON, Line, insurer, member, receive, v1

BIRTHS = ("19800115", "19990228")
OUT = ("applied", "unchanged", "rejected", "unmatched", "conflict")

lines = st.lists(
    st.builds(
        Line,
        number=st.sampled_from("123"),
        branch=st.sampled_from(["", "00", "01"]),
        kana=st.sampled_from(NAMES[:2]),
        birth=st.sampled_from(BIRTHS),
        sex=st.sampled_from("1112x"),
        registered=st.sampled_from("01"),
        expires=st.sampled_from(["", "20290115"]),
        returned=st.sampled_from("0001"),
    ),
    max_size=8,
)
covers = st.lists(
    st.tuples(
        st.sampled_from("123"),
        st.sampled_from(["", "00", "01"]),
        st.sampled_from(NAMES[:2]),
        st.sampled_from(BIRTHS),
        st.sampled_from([None, OCTOBER, NOVEMBER]),
    ),
    max_size=5,
    unique_by=lambda cover: cover[:2],
)


def built(drawn: list[tuple[str, str, str, str, date | None]]) -> None:
    for number, branch, kana, birth, lost_on in drawn:
        member(number, branch=branch, kana=kana, birth=date.fromisoformat(birth), lost_on=lost_on)


def rows_of(file: ExchangeFile) -> list[RowKeys]:
    return [
        RowKeys(
            row.symbol_key,
            row.number_key,
            row.branch_key,
            row.birth_date,
            row.name_kana_key,
            (row.registered, row.registered_on, row.e_certificate_expires_on, row.returned, row.returned_on),
            unreadable=row.outcome == "rejected",
        )
        for row in file.rows.order_by("line_no")
    ]


def members_of() -> list[MemberKeys]:
    return [
        MemberKeys(
            m.pk,
            m.person_id,
            m.symbol_key,
            m.number_key,
            m.branch_key,
            m.person.birth_date,
            m.person.name_kana_key,
            m.acquired_on,
            m.lost_on,
        )
        for m in Member.objects.select_related("person")
    ]


@pytest.mark.usefixtures("home")
class RandomMonths(TestCase):
    """One rule, told twice; and what goes in comes out."""

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(covers, lines)
    def test_sql_and_rule_agree(self, drawn: Any, month: list[Line]) -> None:
        insurer()
        built(drawn)
        file = receive(v1(month))
        expected = match_rows(rows_of(file), members_of(), OCTOBER)
        incoming.match([file], on=ON)
        found = file.rows.order_by("line_no")
        assert [(r.outcome, r.member_id, r.person_id) for r in found] == [
            (m.outcome, m.member, m.person) for m in expected
        ]
        assert [r.reason for r in found if r.outcome != "rejected"] == [
            m.reason for m in expected if m.outcome != "rejected"
        ]

    @settings(max_examples=30, suppress_health_check=list(HealthCheck))
    @given(covers, st.tuples(lines, lines))
    def test_rows_in_are_rows_out_and_twice_equals_once(self, drawn: Any, months: tuple[list[Line], ...]) -> None:
        insurer()
        built(drawn)
        for as_of, month in zip((OCTOBER, NOVEMBER), months, strict=True):
            file = receive(v1(month, as_of=as_of), on=NOVEMBER)
            incoming.match([file], on=ON)
            incoming.apply([file], on=ON)
            counts = incoming.counts(file)
            assert counts["rows"] == len(month) == sum(counts[key] for key in OUT)
            assert counts["rows"] == file.rows.count()
            written = list(MynaStatus.objects.order_by("id").values())
            incoming.apply([file], on=ON)
            assert list(MynaStatus.objects.order_by("id").values()) == written
            usable = file.rows.filter(outcome__in=("applied", "unchanged"))
            for status in MynaStatus.objects.filter(as_of=as_of):
                has_row = usable.filter(person=status.person_id).exists()
                assert has_row == (status.state in ("registered", "not_registered", "returned"))
