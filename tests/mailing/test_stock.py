"""Blank paper: nothing is counted until a lot is entered; then printing takes from the oldest, and never more than is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from certificates.models import EligibilityCertificate
from core.errors import BadInput, Refused
from core.models import Clerk
from core.web import page_url
from mailing.models import Dispatch, PaperLot, PaperMovement, PrintedFile
from mailing.printing import stock
from mailing.services import assemble, dispatch_of, print_dispatch
from tests.mailing.build import ON, Office


def lot(office: Office, sheets: int, name: str = "A", form: str = "postcard", days: int = 0) -> PaperLot:
    return stock.receive_lot(
        form, name, sheets, received_on=ON - timedelta(days), by=office.clerk, on=ON, supplier="甲乙印刷"
    )


@pytest.fixture
def assembled(office: Office) -> Dispatch:
    """Three certificates in two envelopes, not printed yet."""
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0002"))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    return Dispatch.objects.get(pk=number)


def left() -> dict[str, int]:
    return {balance.form: balance.left for balance in stock.balances()}


def test_paper_that_is_not_kept_account_of_stops_nothing(assembled: Dispatch, office: Office) -> None:
    lot(office, 1, form="card")
    assert print_dispatch(assembled, by=office.clerk, on=ON)["status"] == "printed"
    assert left() == {"card": 1}


@pytest.mark.parametrize(("sheets", "prints"), [(2, False), (3, True), (4, True)])
def test_printing_takes_what_it_needs_or_does_not_begin(
    assembled: Dispatch, office: Office, sheets: int, prints: bool
) -> None:
    lot(office, sheets)
    if prints:
        print_dispatch(assembled, by=office.clerk, on=ON)
        print_dispatch(assembled, by=office.clerk, on=ON)
        assert left() == {"postcard": sheets - 3}
        return
    with pytest.raises(Refused, match="1枚足りません（要る 3枚、残り 2枚）"):
        print_dispatch(assembled, by=office.clerk, on=ON)
    assembled.refresh_from_db()
    assert (assembled.status, left()) == ("assembled", {"postcard": 2})
    assert not PrintedFile.objects.exists()
    assert set(EligibilityCertificate.objects.values_list("status", flat=True)) == {"approved"}


def test_the_oldest_lot_goes_first(assembled: Dispatch, office: Office) -> None:
    new, old = lot(office, 5, "新"), lot(office, 2, "旧", days=30)
    print_dispatch(assembled, by=office.clerk, on=ON)
    used = dict(PaperMovement.objects.filter(kind="use").values_list("lot", "sheets"))
    assert used == {old.pk: -2, new.pk: -1}


def test_by_hand_with_a_reason_and_never_below_nothing(office: Office) -> None:
    mine = lot(office, 10, form="leaflet")
    stock.move(mine, "use", 4, by=office.clerk, on=ON)
    for kind in ("spoil", "discard", "give_back"):
        with pytest.raises(BadInput, match="理由"):
            stock.move(mine, kind, 1, by=office.clerk, on=ON)
        stock.move(mine, kind, 1, by=office.clerk, on=ON, reason="水ぬれ")
    with pytest.raises(BadInput, match="残りは 3枚"):
        stock.move(mine, "use", 4, by=office.clerk, on=ON)
    with pytest.raises(BadInput, match="1枚以上"):
        stock.move(mine, "use", 0, by=office.clerk, on=ON)
    assert [line.left for line in stock.ledger("leaflet")] == [10, 6, 5, 4, 3]
    (balance,) = stock.balances()
    assert (balance.received, balance.used, balance.spoiled, balance.otherwise, balance.left) == (10, 4, 1, -2, 3)


@pytest.mark.parametrize(("counted", "difference"), [(9, -1), (10, None), (11, 1)])
def test_a_stocktake_records_the_difference(office: Office, counted: int, difference: int | None) -> None:
    mine = lot(office, 10)
    made = stock.count(mine, counted, by=office.clerk, on=ON, reason="月末の棚卸")
    assert (made and made.sheets) == difference
    assert left() == {"postcard": counted}
    if difference:
        with pytest.raises(BadInput, match="理由"):
            stock.count(mine, 5, by=office.clerk, on=ON, reason="")


def test_a_lot_is_entered_once_and_a_movement_stays(office: Office) -> None:
    lot(office, 10)
    with pytest.raises(BadInput, match="同じ名前"):
        lot(office, 10)
    with pytest.raises(BadInput) as bad:
        stock.receive_lot("paper", " ", 0, received_on=ON + timedelta(1), by=office.clerk, on=ON)
    assert [m.column for m in bad.value.mistakes] == ["form", "name", "sheets", "received_on"]
    for change in (PaperMovement.objects.all().delete, lambda: PaperMovement.objects.update(sheets=5)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    auditor = Clerk.objects.create_user("auditor", role="auditor")
    with pytest.raises(Refused, match="権限"):
        stock.receive_lot("card", "B", 1, received_on=ON, by=auditor, on=ON)


@pytest.mark.parametrize("page", ["2", "9" * 5_000, "²", "一", "١", "-1", "0", "x", "1" + "0" * 30])
def test_a_table_s_page_that_is_none_is_its_first(office: Office, client: Client, page: str) -> None:
    paper = lot(office, 5)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    answer = client.get(page_url(paper), {"movements-page": page})
    assert answer.status_code == 200 and "受入" in answer.content.decode()


@pytest.mark.parametrize("of", ["", "none", "pk"])
def test_an_address_that_names_another_field_is_answered(office: Office, client: Client, of: str) -> None:
    """A field without a name is no field; of another one the admin says that the request was not understood."""
    paper = lot(office, 5)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    for page in ("change", "delete"):
        answer = client.get(page_url(paper).replace("change", page), {"_to_field": of})
        assert answer.status_code == {"change": 200 if not of else 400, "delete": 403 if not of else 400}[page], page


@pytest.mark.parametrize("number", ["9" * 5_000, "²", "0", "x"])
def test_a_dispatch_that_is_none_is_told_in_japanese(db: None, number: str) -> None:
    with pytest.raises(BadInput, match="はありません"):
        dispatch_of(number)
