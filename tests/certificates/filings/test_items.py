"""任意記載事項の申出: what is kept, which certificate is replaced, and what is turned down."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from certificates.decisions import ruling
from certificates.decisions.coming import face_keys
from certificates.models import EligibilityCertificate, Filing, LegacyCard, Ruling
from certificates.requests import filings
from certificates.requests.filings.taking import take_file
from core.errors import BadInput, Refused
from core.models import Clerk
from members.models import OptionalItem
from tests.builders import POLICY
from tests.certificates.filings.office import ON, Office, codes, duty_of
from tests.certificates.filings.test_file import row, write

pytestmark = pytest.mark.django_db
KIND = "optional_items"
ITEMS = 'preset = "toyobo"\noptional_items = ["limit_category", "specific_disease"]\n'
LIMIT = {"limit_category": "u"}
DISEASE = {"specific_disease": "kidney", "specific_disease_yen": 10_000}


@pytest.fixture
def wishing(tmp_path: Path, clerk: Clerk) -> Office:
    """A society that prints both: a family of two, and somebody who reached 70 in October."""
    office = Office(tmp_path / "wishing", clerk, POLICY.replace('preset = "toyobo"\n', ITEMS))
    office.folder.establishment("0001", symbol="101")
    office.folder.insured("1").dependent("1", "01")
    office.folder.insured("2", name="佐藤 一", name_kana="サトウ ハジメ", birth_date="1956-10-20")
    return office.load()


def status(paper: EligibilityCertificate) -> str:
    paper.refresh_from_db()
    return paper.status


def kept() -> list[tuple[Any, ...]]:
    rows = OptionalItem.objects.order_by("pk")
    return list(rows.values_list("item", "value", "limit_yen", "valid_from", "valid_through", "wished_on"))


def refusals(office: Office, number: str = "1", on: str = "2026-11-01", **data: Any) -> tuple[str, ...]:
    return office.preview(KIND, office.cover(number), on, **data).refusals


class TestWish:
    def test_both_items_are_kept_with_their_days_and_the_day_of_the_wish(self, wishing: Office) -> None:
        wishing.file(
            KIND,
            wishing.cover(),
            "2026-11-01",
            received_on=date(2026, 11, 9),
            **LIMIT,
            **DISEASE,
            limit_category_through="2027-07-31",
        )
        wished_on, since = date(2026, 11, 9), date(2026, 11, 1)
        assert kept() == [
            ("limit_category", "u", None, since, date(2027, 7, 31), wished_on),
            ("specific_disease", "kidney", 10_000, since, None, wished_on),
        ]

    def test_a_certificate_in_hand_is_superseded_and_another_proposed(self, wishing: Office) -> None:
        own, wife = wishing.in_hand(wishing.cover()), wishing.in_hand(wishing.cover("1", "01"))
        wishing.myna(wishing.cover(), "not_registered")
        filing = wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT)
        assert (status(own), status(wife)) == ("superseded", "sent")
        assert duty_of(own).cause == "face_changed"
        assert codes(filing) == ["recovery", "superseded", "ruled"]
        (made,) = Ruling.objects.filter(request=f"filing:{filing.pk}")
        new = made.certificates.get()
        assert new.status == "proposed" and new.face_key != own.face_key
        assert (str(ruling.replayed(made).outcome), made.outcome) == ("issue", "issue")
        assert "kidney" not in str(filing.consequences) and "'u'" not in str(filing.consequences)

    def test_what_was_granted_on_application_is_granted_still(self, wishing: Office) -> None:
        paper = wishing.in_hand(wishing.cover())
        wishing.myna(wishing.cover())
        filing = wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT)
        made = Ruling.objects.get(request=f"filing:{filing.pk}")
        new = made.certificates.get()
        assert (status(paper), new.basis, new.ground) == ("superseded", "application", paper.ground)
        assert str(ruling.replayed(made).outcome) == "issue"

    @pytest.mark.parametrize(
        ("state", "reason"), [("not_registered", "not_registered"), (None, "unsettled"), ("registered", "myna_usable")]
    )
    def test_what_was_issued_ex_officio_is_decided_by_the_rules(
        self, wishing: Office, state: str | None, reason: str
    ) -> None:
        paper = wishing.in_hand(wishing.cover())
        EligibilityCertificate.objects.filter(pk=paper.pk).update(basis="ex_officio", ground="not_registered")
        if state:
            wishing.myna(wishing.cover(), state)
        filing = wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT)
        made = Ruling.objects.get(request=f"filing:{filing.pk}")
        assert (status(paper), made.reason, str(ruling.replayed(made).reason)) == ("superseded", reason, reason)
        assert made.certificates.count() == (reason != "myna_usable")

    @pytest.mark.parametrize("reached", ["proposed", "approved", "printed"])
    def test_what_is_not_posted_is_void(self, wishing: Office, reached: str) -> None:
        paper = wishing.unposted(wishing.cover(), reached)
        wishing.file(KIND, wishing.cover(), "2026-11-01", **DISEASE)
        assert status(paper) == "voided"
        assert EligibilityCertificate.objects.filter(status="proposed").count() == 1

    def test_who_holds_nothing_has_the_wish_kept_only(self, wishing: Office) -> None:
        filing = wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT)
        assert filing.consequences == [] and len(kept()) == 1

    def test_a_card_of_old_never_showed_it(self, wishing: Office) -> None:
        card = LegacyCard.objects.create(member=wishing.cover(), issued_on=date(2020, 4, 1))
        wishing.file(KIND, wishing.cover(), "2025-12-01", **LIMIT)
        card.refresh_from_db()
        assert card.status == "valid"

    def test_the_same_again_changes_nothing_and_another_category_replaces(self, wishing: Office) -> None:
        wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT)
        paper = wishing.in_hand(wishing.cover())
        wishing.file(KIND, wishing.cover(), "2026-11-01", name_kana="ヤマダ タロウ", **LIMIT)
        assert status(paper) == "sent" and len(kept()) == 1
        wishing.file(KIND, wishing.cover(), "2026-11-05", limit_category="e")
        assert status(paper) == "superseded"
        assert [value for _, value, *_ in kept()] == ["u", "e"]

    def test_it_waits_for_its_day(self, wishing: Office) -> None:
        paper = wishing.in_hand(wishing.cover())
        wishing.receive(KIND, wishing.cover(), "2026-11-12", **LIMIT)
        assert filings.apply_due(on=date(2026, 11, 11))["waiting"] == 1
        assert status(paper) == "sent" and not kept()
        assert filings.apply_due(on=date(2026, 11, 12))["applied"] == 1
        assert status(paper) == "superseded" and len(kept()) == 1
        assert filings.apply_due(on=date(2026, 11, 13))["applied"] == 0


class TestWithdrawal:
    def test_taken_back_the_face_is_as_if_nothing_was_ever_wished(self, wishing: Office) -> None:
        cover = wishing.cover()
        before = face_keys([cover.pk])
        wishing.file(KIND, cover, "2026-11-01", **LIMIT, **DISEASE)
        paper = wishing.in_hand(cover)
        assert face_keys([cover.pk]) != before
        wishing.file(KIND, cover, "2026-11-08", limit_category_ends=True, specific_disease_ends=True)
        assert status(paper) == "superseded" and face_keys([cover.pk]) == before
        assert kept()[2:] == [
            ("limit_category", "", None, date(2026, 11, 8), None, ON),
            ("specific_disease", "", None, date(2026, 11, 8), None, ON),
        ]

    def test_it_may_be_wished_again(self, wishing: Office) -> None:
        for day, data in (("01", LIMIT), ("02", {"limit_category_ends": True}), ("03", LIMIT)):
            wishing.file(KIND, wishing.cover(), f"2026-11-{day}", **data)
        assert [value for _, value, *_ in kept()] == ["u", "", "u"]

    @pytest.mark.parametrize("item", ["limit_category", "specific_disease"])
    def test_without_a_wish_there_is_nothing_to_take_back(self, wishing: Office, item: str) -> None:
        (said,) = refusals(wishing, **{f"{item}_ends": True})
        assert "取り下げるものが登録されていません" in said

    @pytest.mark.parametrize(("day", "refused"), [("2026-11-04", 0), ("2026-11-05", 0), ("2026-11-06", 1)])
    def test_nor_once_its_period_is_over(self, wishing: Office, day: str, refused: int) -> None:
        wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT, limit_category_through="2026-11-05")
        assert len(refusals(wishing, on=day, limit_category_ends=True)) == refused

    def test_it_is_taken_back_also_where_the_society_prints_it_no_more(self, wishing: Office) -> None:
        wishing.file(KIND, wishing.cover(), "2026-11-01", **LIMIT)
        policy = wishing.cover().insurer.policies.get()
        policy.values["optional_items"] = []
        policy.save()
        assert "印字しない設定です" in refusals(wishing, limit_category="e")[0]
        wishing.file(KIND, wishing.cover(), "2026-11-08", limit_category_ends=True)
        assert kept()[-1][1] == ""


class TestBadForms:
    @pytest.mark.parametrize(
        ("number", "day", "category", "good"),
        [
            ("1", "2026-11-01", "active_1", False),
            ("1", "2026-11-01", "o", True),
            ("2", "2026-10-31", "a", True),
            ("2", "2026-10-31", "general", False),
            ("2", "2026-11-01", "a", False),
            ("2", "2026-11-01", "general", True),
            ("2", "2026-11-02", "low_2", True),
            ("2", "2026-11-02", "e", False),
        ],
    )
    def test_a_category_must_fit_the_age(
        self, wishing: Office, number: str, day: str, category: str, good: bool
    ) -> None:
        said = refusals(wishing, number, day, limit_category=category)
        assert (said == ()) is good
        assert good or "年齢に合いません" in said[0]

    @pytest.mark.parametrize(("through", "good"), [("2026-10-31", False), ("2026-11-01", True), ("2026-11-02", True)])
    @pytest.mark.parametrize("item", ["limit_category", "specific_disease"])
    def test_days_may_not_be_reversed(self, wishing: Office, item: str, through: str, good: bool) -> None:
        data = {"limit_category": LIMIT, "specific_disease": DISEASE}[item]
        said = refusals(wishing, **data, **{f"{item}_through": through})
        assert (said == ()) is good and (good or "発効期日より前" in said[0])

    @pytest.mark.parametrize(
        ("number", "data", "said"),
        [
            ("1", {}, "申出の内容がありません"),
            ("1", {**LIMIT, "limit_category_ends": True}, "両方があります"),
            ("1", {"limit_category_through": "2027-07-31"}, "限度額適用区分がありません"),
            ("1", {"specific_disease_yen": 10_000}, "特定疾病がありません"),
            ("1", {"specific_disease": "kidney"}, "自己負担限度額がありません"),
            ("1", {"specific_disease": "kidney", "specific_disease_yen": 15_000}, "10,000円か20,000円です"),
            ("1", {"specific_disease": "antiviral", "specific_disease_yen": 20_000}, "70歳未満の方だけ"),
            ("2", {"specific_disease": "kidney", "specific_disease_yen": 20_000}, "70歳未満の方だけ"),
        ],
    )
    def test_a_form_that_cannot_be_is_turned_down(
        self, wishing: Office, number: str, data: dict[str, Any], said: str
    ) -> None:
        assert said in refusals(wishing, number, **data)[0]
        assert not kept()

    def test_the_higher_limit_of_the_kidney_under_70_is_taken(self, wishing: Office) -> None:
        assert refusals(wishing, specific_disease="kidney", specific_disease_yen=20_000) == ()

    @pytest.mark.parametrize(("day", "good"), [("2010-03-31", False), ("2010-04-01", True), ("2010-04-02", True)])
    def test_the_cover_holds_the_day(self, wishing: Office, day: str, good: bool) -> None:
        said = refusals(wishing, on=day, **LIMIT)
        assert (said == ()) is good and (good or "この資格がありません" in said[0])

    @pytest.mark.parametrize("data", [LIMIT, DISEASE])
    def test_what_the_society_does_not_print_is_not_taken(self, office: Office, data: dict[str, Any]) -> None:
        with pytest.raises(Refused, match="印字しない設定です"):
            office.file(KIND, office.cover(), "2026-11-01", **data)
        assert not kept()

    def test_an_unknown_code_is_told_of_by_column(self, wishing: Office) -> None:
        with pytest.raises(BadInput) as bad:
            wishing.receive(KIND, wishing.cover(), "2026-11-01", limit_category="x", specific_disease="9")
        assert [one.column for one in bad.value.mistakes] == ["limit_category", "specific_disease"]


def test_a_file_of_wishes_gives_back_the_bad_rows(wishing: Office, tmp_path: Path) -> None:
    columns = (
        *row(kind=KIND),
        "limit_category",
        "limit_category_through",
        "limit_category_ends",
        "specific_disease",
        "specific_disease_yen",
    )
    rows = (
        row(kind=KIND, limit_category="u", limit_category_through="2027-07-31"),
        row(kind=KIND, number="2", limit_category="a"),
        row(kind=KIND, number="2", limit_category="general", limit_category_through="2026-10-01"),
        row(kind=KIND, branch_number="01", limit_category_ends="1"),
        row(kind=KIND, branch_number="01", specific_disease="kidney", specific_disease_yen="20000"),
        row(kind=KIND, branch_number="01", specific_disease="kidney", specific_disease_yen="二万"),
    )
    taken = take_file(write(tmp_path / "f.csv", *rows, columns=columns), by=wishing.clerk, on=ON, take_good=True)
    assert (taken.taken, taken.bad) == (2, 4)
    assert taken.errors_file is not None
    with taken.errors_file.open(encoding="utf-8", newline="") as file:
        assert [(one["line"], one["column"]) for one in csv.DictReader(file)] == [
            ("3", "limit_category"),
            ("4", "limit_category_through"),
            ("5", "limit_category"),
            ("7", "specific_disease_yen"),
        ]
    assert [one[:3] for one in kept()] == [("limit_category", "u", None), ("specific_disease", "kidney", 20_000)]
    assert Filing.objects.filter(status="applied").count() == 2


def test_the_database_refuses_what_cannot_be_and_every_later_change(wishing: Office) -> None:
    member, day = wishing.cover(), date(2026, 11, 1)
    for values in (
        {"item": "specific_disease", "value": "kidney"},
        {"item": "limit_category", "value": "kidney"},
        {"item": "limit_category", "value": "u", "limit_yen": 1},
        {"item": "limit_category", "value": "u", "valid_through": date(2026, 10, 31)},
        {"item": "limit_category", "value": "", "valid_through": day},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            OptionalItem.objects.create(member=member, valid_from=day, wished_on=day, **values)
    wishing.file(KIND, member, "2026-11-01", **LIMIT)
    with pytest.raises(DatabaseError), transaction.atomic():
        OptionalItem.objects.update(value="e")
