from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.errors import Refused
from core.models import Clerk
from members.models import Member, MynaStatus, Policy
from members.services import policy_on
from notices.models import EligibilityNotice
from notices.services import draft, faces, serial
from tests.mailing import build
from tests.mailing.build import ON, Office


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def joined(office: Office, number: str, on: date, *, registered_on: date | None = None, named: bool = True) -> Member:
    """Somebody new; ``named``: in the month's file."""
    (member,) = office.household(number)
    member.acquired_on, member.fund_registered_on = on, registered_on
    member.save()
    if named:
        MynaStatus.objects.create(person=member.person, as_of=office.run.as_of, source="monthly", state="registered")
    return member


def drafted(office: Office) -> list[str]:
    draft(office.run, by=office.clerk, on=ON)
    return list(EligibilityNotice.objects.order_by("serial").values_list("member__number", flat=True))


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 9, 30), 0), (date(2026, 10, 1), 1), (date(2026, 10, 31), 1), (date(2026, 11, 1), 0)],
)
def test_new_since_the_month_before_up_to_the_files_day(office: Office, day: date, expected: int) -> None:
    joined(office, "0001", day)
    assert len(drafted(office)) == expected


def test_the_funds_registration_counts_before_the_acquisition(office: Office) -> None:
    joined(office, "0001", date(2026, 9, 1), registered_on=date(2026, 10, 5))
    joined(office, "0002", date(2026, 10, 5), registered_on=date(2026, 11, 2))
    assert drafted(office) == ["0001"]


def test_twice_is_once_and_a_later_one_joins(office: Office) -> None:
    joined(office, "0002", date(2026, 10, 5))
    assert drafted(office) == ["0002"]
    assert drafted(office) == ["0002"]
    joined(office, "0001", date(2026, 10, 6))
    assert drafted(office) == ["0002", "0001"]
    assert [n.serial for n in EligibilityNotice.objects.order_by("serial")] == [serial(1), serial(2)]


def test_who_has_left_gets_none(office: Office) -> None:
    gone, stays = joined(office, "0001", date(2026, 10, 5)), joined(office, "0002", date(2026, 10, 5))
    gone.lost_on = build.DECIDED_ON
    gone.save()
    assert drafted(office) == [stays.number]


def scope(office: Office, value: str) -> None:
    policy = Policy.objects.get()
    policy.values = {**policy.values, "notice_scope": value}
    policy.save()


def test_scope_without_certificate(office: Office) -> None:
    has, lacks = joined(office, "0001", date(2026, 10, 5)), joined(office, "0002", date(2026, 10, 5))
    office.certify([has], approved=False)
    scope(office, "without_certificate")
    assert drafted(office) == [lacks.number]


def test_scope_registered_only_goes_by_the_newest_word(office: Office) -> None:
    one, other = (joined(office, number, date(2026, 10, 5), named=False) for number in ("0001", "0002"))
    for member, states in ((one, ("not_registered", "registered")), (other, ("registered", "not_registered"))):
        for place, state in enumerate(states):
            MynaStatus.objects.create(
                person=member.person, as_of=date(2026, 9 + place, 30), source="monthly", state=state
            )
    scope(office, "registered_only")
    assert drafted(office) == [one.number]


def test_refused_before_approval_and_for_an_auditor(office: Office) -> None:
    with pytest.raises(Refused, match="権限"):
        draft(office.run, by=Clerk.objects.create_user("auditor", role="auditor"), on=ON)
    office.run.status = "proposed"
    with pytest.raises(Refused, match="承認"):
        draft(office.run, by=office.clerk, on=ON)


def test_the_share_stands_on_it_from_70(office: Office) -> None:
    young, old = joined(office, "0001", date(2026, 10, 5)), joined(office, "0002", date(2026, 10, 5))
    old.person.birth_date = date(1955, 3, 1)
    old.person.save()
    drafted(office)
    ids = {n.member_id: n.pk for n in EligibilityNotice.objects.all()}
    found = faces(list(ids.values()), policy_on(office.insurer, build.DECIDED_ON))
    assert found[ids[young.pk]].copayment_percent is None
    assert found[ids[old.pk]].copayment_percent == 30
    assert found[ids[old.pk]].fields()["copayment"] == "3割"


def test_a_serial_has_a_letter_and_a_check_digit() -> None:
    assert serial(1) == "N00000000018"
    assert len(serial(9_999_999_999)) == 12
