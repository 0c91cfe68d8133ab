"""A whole employer's 記号, a merger, and the share that follows from income."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from certificates.models import EligibilityCertificate, Recovery
from core.errors import Refused
from members.models import Establishment, Insurer, Member, Person, ShareRelief
from tests.builders import SECOND_INSURER
from tests.certificates.filings.office import ON, Office, codes, duty_of

pytestmark = pytest.mark.django_db


def symbols() -> list[str]:
    return list(Member.objects.order_by("number", "branch_number").values_list("symbol", flat=True))


def test_a_new_symbol_for_every_cover_of_the_employer(office: Office) -> None:
    office.file("loss", office.cover("2"), "2026-10-01")
    own, wife = office.unasked(office.cover()), office.unposted(office.cover("1", "01"))
    office.myna(office.cover(), "not_registered")
    filing = office.file("symbol_change", None, "2026-11-01", establishment_code="0001", new_symbol="１０５")
    # Who left before keeps the number of then.
    assert symbols() == ["１０５"] * 3 + ["101"]
    assert set(Member.objects.filter(number="1").values_list("symbol_key", flat=True)) == {"105"}
    assert Establishment.objects.get(code="0001").symbol == "１０５"
    own.refresh_from_db()
    wife.refresh_from_db()
    assert (own.status, wife.status, duty_of(own).cause) == ("superseded", "voided", "face_changed")
    fresh = EligibilityCertificate.objects.filter(ruling__request=f"filing:{filing.pk}")
    assert {one.member: one.ground for one in fresh} == {
        office.cover("1", symbol="１０５"): "not_registered",
        office.cover("1", "01", symbol="１０５"): "no_card",
    }
    assert filing.member is None


def test_a_symbol_in_use_is_refused(office: Office) -> None:
    office.file(
        "acquisition",
        None,
        "2026-11-01",
        symbol="102",
        number="1",
        branch_number="01",
        establishment_code="0002",
        name="甲",
        name_kana="コウ",
        sex="1",
        birth_date="1990-01-01",
    )
    with pytest.raises(Refused, match="1件"):
        office.file("symbol_change", None, "2026-11-01", establishment_code="0001", new_symbol="102")
    assert symbols()[0] == "101"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"establishment_code": "77", "new_symbol": "105"}, "事業所コード"),
        ({"establishment_code": "0001", "new_symbol": "１０１"}, "今の記号と同じ"),
    ],
)
def test_symbol_refused(office: Office, data: dict[str, str], says: str) -> None:
    with pytest.raises(Refused, match=says):
        office.file("symbol_change", None, "2026-11-01", **data)


def test_a_merger_moves_the_covers_to_the_other_insurer_number(office: Office) -> None:
    society = office.cover().insurer
    second = Insurer.objects.create(number=SECOND_INSURER, name="旧組合", main=society)
    Establishment.objects.update(insurer=second)
    Member.objects.update(insurer=second)
    paper = office.in_hand(office.cover())
    filing = office.file("merger", None, "2026-11-01", insurer_number=SECOND_INSURER, new_insurer_number=society.number)
    assert set(Member.objects.values_list("insurer", flat=True)) == {society.pk}
    assert set(Establishment.objects.values_list("insurer", flat=True)) == {society.pk}
    paper.refresh_from_db()
    assert paper.status == "superseded" and "covers_renumbered" in codes(filing)
    with pytest.raises(Refused, match="事業所が見つかりません"):
        office.file("merger", None, "2026-11-02", insurer_number=SECOND_INSURER, new_insurer_number=society.number)


def elderly(office: Office, branch: str = "00") -> EligibilityCertificate:
    """A certificate with the share on its face."""
    Person.objects.filter(covers__number="1", covers__branch_number=branch).update(birth_date=date(1954, 1, 1))
    return office.in_hand(office.cover("1", branch))


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [(279_999, 280_000, True), (280_000, 279_999, True), (280_000, 300_000, False), (100_000, 279_999, False)],
)
def test_a_new_remuneration_changes_the_share_at_280000(office: Office, before: int, after: int, changed: bool) -> None:
    Member.objects.filter(number="1", branch_number="00").update(standard_monthly_remuneration_yen=before)
    paper, wife = elderly(office), elderly(office, "01")
    office.myna(office.cover(), "not_registered")
    filing = office.file("remuneration", office.cover(), "2026-11-01", standard_monthly_remuneration_yen=after)
    paper.refresh_from_db()
    wife.refresh_from_db()
    assert (paper.status == "superseded") is (wife.status == "superseded") is changed
    assert Recovery.objects.count() == (2 if changed else 0)
    fresh = EligibilityCertificate.objects.filter(ruling__request=f"filing:{filing.pk}")
    assert fresh.exists() is changed
    assert office.cover().standard_monthly_remuneration_yen == after


def test_below_70_the_remuneration_changes_no_paper(office: Office) -> None:
    office.in_hand(office.cover())
    filing = office.file("remuneration", office.cover(), "2026-11-01", standard_monthly_remuneration_yen="100000")
    assert filing.consequences == []


@pytest.mark.parametrize(("days", "wanted"), [(-1, False), (0, True), (1, True)])
def test_relief_is_dated_and_changes_the_share_while_it_runs(office: Office, days: int, wanted: bool) -> None:
    paper = elderly(office)
    through = (ON + timedelta(days)).isoformat()
    office.file("share_relief", office.cover(), "2026-09-01", relief_through=through)
    relief = ShareRelief.objects.get()
    assert (relief.valid_from, relief.valid_through) == (date(2026, 9, 1), ON + timedelta(days))
    paper.refresh_from_db()
    assert (paper.status == "superseded") is wanted
    with pytest.raises(Refused, match="期間の重なる"):
        office.file("share_relief", office.cover(), "2026-09-02")


def test_income_is_the_insured_person_s(office: Office) -> None:
    for kind, data in (("remuneration", {"standard_monthly_remuneration_yen": 1}), ("share_relief", {})):
        with pytest.raises(Refused, match="被保険者の記号・番号"):
            office.file(kind, office.cover("1", "01"), "2026-11-01", **data)
    with pytest.raises(Refused, match="同じ日"):
        office.file("share_relief", office.cover(), "2026-11-01", relief_from="2026-10-01")
