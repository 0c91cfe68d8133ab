"""送付状: what lies in the envelope, until when and why; nothing of a family beside a protected person's paper."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pypdfium2 import PdfDocument

from certificates.models import EligibilityCertificate
from mailing import files, letters
from mailing.models import Dispatch
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch
from members.models import Address
from tests.mailing.build import DECIDED_ON, ON, Office
from tests.mailing.test_sending import leaves

pytestmark = pytest.mark.django_db

WITHOUT = "同封のないご家族は、マイナ保険証を使える方か、期限内の資格確認書をお持ちの方です。"
LEAVERS = "11月6日より後に退職した方、扶養から外れた方の分は、使わずに返してください。"


def printed_now(office: Office) -> Dispatch:
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    return dispatch


def rows(dispatch: Dispatch) -> list[list[tuple[str, ...]]]:
    return [
        [(row.name, row.document, row.last_day, row.reason) for row in face.enclosed.rows]
        for face in letters.sheets(dispatch)
        if face.enclosed
    ]


def notes(dispatch: Dispatch) -> list[tuple[str, ...]]:
    return [face.enclosed.notes for face in letters.sheets(dispatch) if face.enclosed]


def read(dispatch: Dispatch) -> str:
    pdf = PdfDocument(files.folder(dispatch) / "addresses-0001.pdf")
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def test_each_paper_with_its_last_day_and_reason(office: Office) -> None:
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    dispatch = printed_now(office)
    paper = ("資格確認書", "令和13年11月5日まで", "マイナ保険証の利用登録がないため")
    assert rows(dispatch) == [[("山田 太郎", *paper), ("山田 花子", *paper)]]
    assert notes(dispatch) == [(WITHOUT, LEAVERS)]
    said = read(dispatch)
    assert "第1製作所" in said and "山田 太郎 様" in said and WITHOUT in said
    assert prove_dispatch(dispatch)["status"] == "proved"


def test_a_successor_says_which_comes_first(office: Office) -> None:
    (member,) = office.household("0001")
    (first,) = office.certify([member])
    EligibilityCertificate.objects.filter(pk=first).update(valid_through=date(2026, 11, 30))
    (then,) = office.certify([member], sequence=1)
    EligibilityCertificate.objects.filter(pk=then).update(effective_on=date(2026, 12, 1))
    dispatch = printed_now(office)
    ((one, two),) = rows(dispatch)
    assert (one[2], two[2:]) == (
        "令和8年11月30日まで",
        ("令和13年11月5日まで", "前の資格確認書の期限が切れるため"),
    )
    assert notes(dispatch)[0][0].startswith("同じ方に資格確認書が二枚あるときは")


def test_a_protected_person_reads_neither_the_ground_nor_of_a_family(office: Office) -> None:
    (member,) = office.household("0001", nondisclosure=True)
    Address.objects.create(
        person=member.person,
        use="safe",
        postal_code="530-0001",
        address="大阪市北区一丁目",
        valid_from=DECIDED_ON,
    )
    office.certify([member])
    dispatch = printed_now(office)
    assert [row[0][3] for row in rows(dispatch)] == ["当組合が必要と認めたため"]
    assert notes(dispatch) == [(LEAVERS,)]


def test_after_a_pull_the_letter_is_drawn_without_the_paper(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    leaves(office, "0001-01")
    confirm(printed, by=office.clerk, on=ON)
    assert [row[0] for row in rows(printed)[0]] == ["山田 太郎"]
    assert "山田 花子" not in read(printed)
    assert prove_dispatch(printed)["status"] == "proved"


def test_an_envelope_pulled_whole_keeps_its_page_with_a_warning(printed: Dispatch, office: Office) -> None:
    before = [face.code for face in letters.sheets(printed)]
    leaves(office, "0003-00")
    confirm(printed, by=office.clerk, on=ON)
    faces = letters.sheets(printed)
    assert [face.code for face in faces] == before
    (empty,) = (face for face in faces if not face.sheets)
    assert (empty.recipient, empty.address) == ("", "")
    assert empty.enclosed is not None and "発送しません" in empty.enclosed.title


@pytest.mark.parametrize("kind", ["cover", "address"])
def test_another_reason_on_the_paper_is_a_difference(
    printed: Dispatch, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    EligibilityCertificate.objects.update(ground="unsettled")
    from mailing.proof import lists

    found: list[Any] = [one for one in lists(printed) if one.file.startswith(files.file_name(kind, 1)[:5])]
    assert bool(found) == (kind == "address")
    assert all(one.field.endswith("_reason") for one in found)
