"""What was spoiled gets another serial, once and with a reason; what was printed can be shown as it was."""

from __future__ import annotations

from datetime import date

import pypdfium2 as pdfium
import pytest

from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.errors import Refused
from core.models import Clerk, Event
from core.paper import readback
from mailing.bundling import reprint
from mailing.models import Dispatch, Enclosure, PaperMovement
from mailing.papers import files, kinds
from mailing.post import pages
from mailing.post.ledger import ledger
from mailing.printing import stock
from mailing.services import assemble, cancel, confirm, print_dispatch, prove_dispatch, pull_list, seal, send
from members.models import Member
from notices.models import EligibilityNotice
from notices.services import draft
from tests.mailing.build import DECIDED_ON, ON, Office

SAME = (
    "member_id",
    "run_id",
    "sequence",
    "basis",
    "ground",
    "kind",
    "issued_on",
    "effective_on",
    "valid_through",
    "limit",
    "face_key",
)


@pytest.fixture
def other() -> Clerk:
    return Clerk.objects.create_user("nishida", role="clerk")


def closes() -> bool:
    return all(line.closes for line in ledger())


def test_a_spoiled_certificate_is_printed_anew_under_another_serial(
    printed: Dispatch, office: Office, other: Clerk
) -> None:
    old = EligibilityCertificate.objects.order_by("serial")[1]
    prove_dispatch(printed)
    (new,) = reprint.reprint(old, reason="印刷がかすれた", by=office.clerk, on=ON)
    old.refresh_from_db()
    assert (old.status, new.status) == ("voided", "proposed")
    assert new.serial != old.serial
    assert [getattr(new, name) for name in SAME] == [getattr(old, name) for name in SAME]
    note = Event.objects.get(verb="propose", subject_id=new.pk).note
    assert note["reprint"] is True and note["reason"] == "印刷がかすれた"
    assert Event.objects.get(verb="void", subject_id=old.pk).note["reason"] == "再印刷：印刷がかすれた"
    assert [(row.serial, row.reasons) for row in pull_list(printed, on=ON)] == [(old.serial, ("voided",))]
    with pytest.raises(Refused, match="別の担当者"):
        reprint.approve(document=new, by=office.clerk, on=ON)
    assert reprint.approve(document=new, by=other, on=ON) == 1
    assert reprint.approve(document=new, by=other, on=ON) == 0
    confirm(printed, by=office.clerk, on=ON)
    seal(printed, by=office.clerk, on=ON)
    assert send(printed, by=office.clerk, on=ON)["sent"] == 4
    assert closes()
    second = Dispatch.objects.get(pk=max(assemble(office.run, by=office.clerk, on=ON).dispatches))
    assert second.pk != printed.pk
    print_dispatch(second, by=office.clerk, on=ON)
    assert prove_dispatch(second)["sheets"] == 1


def test_a_second_reprint_of_the_same_paper_is_refused(printed: Dispatch, office: Office) -> None:
    old = EligibilityCertificate.objects.earliest("serial")
    with pytest.raises(Refused, match="理由"):
        reprint.reprint(old, reason=" ", by=office.clerk, on=ON)
    reprint.reprint(old, reason="紙詰まり", by=office.clerk, on=ON)
    count = EligibilityCertificate.objects.count()
    with pytest.raises(Refused, match="発送するまで"):
        reprint.reprint(old, reason="紙詰まり", by=office.clerk, on=ON)
    assert EligibilityCertificate.objects.count() == count


def test_who_changed_or_left_is_pulled_and_not_printed_anew(printed: Dispatch, office: Office) -> None:
    member = office.members["0001-01"]
    member.lost_on = ON
    member.save()
    certificate = EligibilityCertificate.objects.get(member=member)
    with pytest.raises(Refused, match="引抜きの一覧"):
        reprint.reprint(certificate, reason="汚れ", by=office.clerk, on=ON)
    certificate.refresh_from_db()
    assert certificate.status == "printed"


def test_sent_paper_is_not_printed_anew(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    seal(printed, by=office.clerk, on=ON)
    send(printed, by=office.clerk, on=ON)
    with pytest.raises(Refused, match="再交付の申請"):
        reprint.reprint(EligibilityCertificate.objects.earliest("serial"), reason="汚れ", by=office.clerk, on=ON)


def test_a_spoiled_sheet_of_notices_is_drafted_anew(office: Office) -> None:
    (member,) = office.household("0001")
    type(member).objects.filter(pk=member.pk).update(
        acquired_on=date(2026, 10, 20), fund_registered_on=date(2026, 10, 25)
    )
    draft(office.run, by=office.clerk, on=ON)
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    print_dispatch(Dispatch.objects.get(pk=number), by=office.clerk, on=ON)
    old = EligibilityNotice.objects.get()
    (new,) = reprint.reprint(old, reason="汚れ", by=office.clerk, on=ON)
    assert (EligibilityNotice.objects.get(pk=old.pk).status, new.status) == ("voided", "drafted")
    assert new.serial != old.serial


def test_a_spoiled_sheet_moves_from_used_to_spoiled(office: Office) -> None:
    stock.receive_lot("postcard", "A", 10, received_on=ON, by=office.clerk, on=ON)
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    print_dispatch(Dispatch.objects.get(pk=number), by=office.clerk, on=ON)
    certificate = EligibilityCertificate.objects.earliest("serial")
    reprint.reprint(certificate, reason="かすれ", by=office.clerk, on=ON)
    (balance,) = stock.balances()
    assert (balance.used, balance.spoiled, balance.left) == (1, 1, 8)
    assert PaperMovement.objects.get(kind="spoil").serial == certificate.serial


def test_a_printed_dispatch_is_given_up_and_everything_made_anew(
    printed: Dispatch, office: Office, other: Clerk
) -> None:
    member = office.members["0003-00"]
    member.lost_on = ON
    member.save()
    prove_dispatch(printed)
    assert cancel(printed, by=office.clerk, on=ON, reason="用紙の裏表が逆")["status"] == "cancelled"
    assert EligibilityCertificate.objects.filter(status="voided").count() == 5
    assert EligibilityCertificate.objects.filter(status="proposed").count() == 4
    assert not Enclosure.objects.filter(active=True).exists()
    assert closes()
    assert reprint.waiting_of(printed) == 4
    assert reprint.approve(dispatch=printed, by=other, on=ON) == 4
    assert reprint.waiting_of(printed) == 0
    (again,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=again)
    assert print_dispatch(dispatch, by=office.clerk, on=ON)["sheets"] == 4
    assert prove_dispatch(dispatch)["status"] == "proved"


def test_who_moved_before_a_dispatch_is_given_up_gets_one_all_the_same(printed: Dispatch, office: Office) -> None:
    Member.objects.filter(number="0001").update(establishment=office.establishments[1])
    assert {row.reasons for row in pull_list(printed, on=ON)} == {("moved",)}
    cancel(printed, by=office.clerk, on=ON, reason="用紙の裏表が逆")
    assert EligibilityCertificate.objects.filter(status="proposed").count() == 5
    assert closes()


def test_a_sealed_dispatch_is_not_given_up(printed: Dispatch, office: Office) -> None:
    prove_dispatch(printed)
    seal(printed, by=office.clerk, on=ON)
    with pytest.raises(Refused):
        cancel(printed, by=office.clerk, on=ON, reason="誤り")
    assert EligibilityCertificate.objects.filter(status="printed").count() == 5


def test_a_spoiled_elderly_certificate_keeps_its_days(office: Office) -> None:
    (member,) = office.household("0001")
    fields = {"cause": "renewal", "copayment_percent": 20, "valid_through": date(2027, 7, 31), "face_key": "x"}
    old = ElderlyBeneficiaryCertificate.objects.create(
        serial="999999999999", member=member, issued_on=DECIDED_ON, effective_on=DECIDED_ON, **fields
    )
    ElderlyBeneficiaryCertificate.objects.filter(pk=old.pk).update(status="voided")
    (new,) = kinds.ELDERLY.copy([old.pk], office.insurer, by=office.clerk, on=ON, note={"reprint": True})
    made = ElderlyBeneficiaryCertificate.objects.get(pk=new)
    assert (made.copayment_percent, made.effective_on, made.status) == (20, DECIDED_ON, "proposed")


def test_the_page_is_shown_as_it_was_printed_also_after_a_correction(printed: Dispatch, office: Office) -> None:
    certificate = EligibilityCertificate.objects.order_by("serial")[1]
    enclosure = pages.enclosure_of(certificate)
    assert enclosure is not None and enclosure.file is not None
    person = office.members["0001-01"].person
    person.name = "佐藤 花子"
    person.save()
    data = pages.shown_page(certificate, by=office.clerk, on=ON)
    whole = pdfium.PdfDocument(files.folder(printed) / enclosure.file.name)
    part = pdfium.PdfDocument(data)
    assert len(part) == 2  # front and back
    for place in range(2):
        original = whole[enclosure.first_page - 1 + place].render(scale=2)
        assert bytes(part[place].render(scale=2).buffer) == bytes(original.buffer)
    assert "山田" in readback.full_text(part, 1) and "佐藤" not in readback.full_text(part, 1)
    assert Event.objects.filter(verb="show_page", subject_id=certificate.pk, actor=office.clerk).count() == 1


def test_the_last_document_of_a_file_ends_with_it(printed: Dispatch) -> None:
    for enclosure in Enclosure.objects.select_related("file__dispatch"):
        assert len(pdfium.PdfDocument(pages.page_of(enclosure))) == 2


def test_a_file_altered_or_gone_is_not_shown(printed: Dispatch) -> None:
    enclosure = Enclosure.objects.select_related("file__dispatch").earliest("id")
    assert enclosure.file is not None
    path = files.folder(printed) / enclosure.file.name
    whole = path.read_bytes()
    path.write_bytes(whole + b"\n")
    with pytest.raises(Refused, match="記録した時と違います"):
        pages.page_of(enclosure)
    path.unlink()
    with pytest.raises(Refused, match="見つかりません"):
        pages.page_of(enclosure)
    path.write_bytes(whole)
    assert pages.page_of(enclosure)


def test_what_is_not_printed_has_no_page(office: Office) -> None:
    office.certify(office.household("0001"))
    assemble(office.run, by=office.clerk, on=ON)
    with pytest.raises(Refused, match="まだ印刷していません"):
        pages.shown_page(EligibilityCertificate.objects.get(), by=office.clerk, on=ON)
