"""Numbers of the post as a table: of envelopes and of an establishment's bundle."""

from __future__ import annotations

from typing import Any

from kenpo.intake.tables import checking, keeping, writing
from kenpo.intake.tables.kinds import KINDS
from mailing.models import Dispatch, Tracking
from mailing.post import tracking
from tests.kenpo.tables.sheets import NOW, ON, table
from tests.mailing.build import Office
from tests.mailing.conftest import office, small_files  # noqa: F401
from tests.mailing.test_returns import POSTED_ON, posted  # noqa: F401

GOOD, NEXT = "13112383852", "13112383863"
KIND = KINDS["tracking"]


def told(content: bytes, office: Office) -> dict[str, Any]:  # noqa: F811
    name = checking.hand_in(KIND, content, form="csv", by=office.clerk, now=NOW)
    checking.check(name, by=office.clerk, on=ON, now=NOW)
    return {**keeping.kept(name, by=office.clerk, now=NOW), "name": name}


def test_numbers_written_out_change_nothing_and_new_ones_are_shown_first(
    posted: Dispatch,  # noqa: F811
    office: Office,  # noqa: F811
) -> None:
    first, second = posted.envelopes.order_by("position").values_list("code", flat=True)[:2]
    tracking.enter([(first, GOOD)], by=office.clerk, on=POSTED_ON)
    content = b"".join(writing.csv_chunks(KIND.names, KIND.rows(Tracking.objects.all()), "csv"))
    assert told(content, office)["counts"] == {"new": 0, "update": 0, "skip": 1, "invalid": 0}

    header = list(KIND.names)
    found = told(table(header, [first, NEXT], [second, NEXT], ["1-77777-1", GOOD]), office)
    assert found["counts"] == {"new": 1, "update": 0, "skip": 0, "invalid": 2}
    assert [bad["columns"] for bad in found["bad"]] == ["tracking_number", "envelope_code"]
    assert Tracking.objects.count() == 1
    checking.confirm(found["name"], take_good=True, by=office.clerk, on=ON, now=NOW)
    assert sorted(Tracking.objects.values_list("number", flat=True)) == [GOOD, NEXT]


def test_a_bundles_number_stands_under_one_of_its_envelopes(
    posted: Dispatch,  # noqa: F811
    office: Office,  # noqa: F811
) -> None:
    establishment = office.establishments[0]
    posted.envelopes.update(establishment=establishment)
    codes = sorted(posted.envelopes.values_list("code", flat=True))
    tracking.enter([(codes[-1], GOOD)], by=office.clerk, on=POSTED_ON)
    assert list(KIND.rows(Tracking.objects.all())) == [{"envelope_code": codes[0], "tracking_number": GOOD}]
    found = told(table(list(KIND.names), [codes[0], GOOD]), office)
    assert found["counts"]["skip"] == 1
