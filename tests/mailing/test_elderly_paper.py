"""高齢受給者証 on paper: in the envelope of the certificate, in a form of its own, proved and sent like it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from certificates.decisions.elderly import approve_elderly, propose_elderly
from certificates.documents.elderly_face import ElderlyFace
from certificates.documents.face import InsurerFace
from certificates.documents.layouts import elderly as layout
from certificates.documents.layouts.paint import BANDS
from certificates.management.commands.test_sheet import LONGEST
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core.errors import Refused
from core.models import Clerk
from core.paper import readback
from core.paper.book import Book
from core.transitions import advance_many
from core.web import page_url
from mailing.models import Dispatch, Enclosure
from mailing.pages.dispatch_steps import STEPS
from mailing.pages.papers import APPROVE_REPRINTS, CANCEL
from mailing.papers import contents, files
from mailing.services import (
    assemble,
    assemble_day,
    confirm,
    differences,
    print_dispatch,
    prove_dispatch,
    pull_list,
    seal,
    send,
    supersede_changed_shares,
)
from members.models import Member, ShareRelief
from tests.mailing import build
from tests.mailing.build import DECIDED_ON, ON, Office
from tests.readback import compare_all

DAY = timedelta(1)
SHORTEST = ElderlyFace(
    issued_on=date(2026, 11, 6),
    symbol="1",
    number="2",
    branch_number="",
    name="山田 一",
    name_kana="ヤマダ ハジメ",
    birth_date=date(1956, 11, 5),
    sex="1",
    copayment_percent=20,
    effective_on=date(2026, 12, 1),
    valid_through=date(2031, 11, 4),
    serial="1000000000017",
    insurer=InsurerFace("06130488", "港健康保険組合", "105-0099", "東京都港区架空1", "03-0000-1234"),
)
LONG = replace(
    SHORTEST,
    symbol=LONGEST.symbol,
    number=LONGEST.number,
    branch_number="88",
    name=LONGEST.name,
    name_kana=LONGEST.name_kana,
    birth_date=LONGEST.birth_date,
    copayment_percent=30,
    insurer=LONGEST.insurer,
    printed_name=LONGEST.printed_name,
    sex_on_back=True,
    insured_name=LONGEST.insured_name,
    issued_on=LONGEST.issued_on,
    effective_on=date(2028, 12, 29),
    valid_through=date(2033, 12, 27),
)


class TestFace:
    def test_shortest_and_longest_print_and_read_back(self, tmp_path: Path) -> None:
        assert layout.check(SHORTEST) == layout.check(LONG) == []
        with Book(tmp_path / "book.pdf") as book:
            for face in (SHORTEST, LONG):
                layout.draw(book, face)
        assert compare_all(book.entries, book.path) == []
        assert [(e.kind, e.side) for e in book.entries] == [("elderly", "front"), ("elderly", "back")] * 2
        for face, front, back in zip((SHORTEST, LONG), book.entries[::2], book.entries[1::2], strict=True):
            assert {**front.fields, **back.fields}.keys() == face.fields().keys()

    def test_what_stands_on_it(self) -> None:
        fields = SHORTEST.fields()
        assert (fields["title"], fields["copayment"]) == ("健康保険高齢受給者証", "2割")
        assert (fields["effective_on"], fields["valid_through"]) == ("令和8年12月1日", "令和13年11月4日まで")
        assert "insured_name" not in fields and LONG.fields()["insured_name"] == LONGEST.insured_name
        assert (LONG.fields()["sex"], LONG.fields()["sex_remark"]) == ("裏面参照", "男")

    def test_every_note_stands_on_the_back(self, tmp_path: Path) -> None:
        with Book(tmp_path / "book.pdf") as book:
            layout.draw(book, LONG)
        with readback.open_pdf(book.path) as pdf:
            text = "".join(readback.full_text(pdf, 2).split())
        assert all(note in text for note in LONG.notes())

    def test_its_colour_is_no_certificates_and_its_qr_only_a_serial(self) -> None:
        assert len(set(BANDS.values())) == len(BANDS) == 3
        with pytest.raises(ValueError, match="数字だけ"):
            replace(SHORTEST, serial="記号123")


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office(share_on_face=False)


@pytest.fixture
def other(office: Office) -> Clerk:
    return Clerk.objects.create_user("tanaka", role="clerk")


def aged(office: Office, number: str, *days: date) -> list[Member]:
    members = office.household(number, ["山田 太郎", "山田 花子"][: len(days)])
    for member, day in zip(members, days, strict=True):
        member.person.birth_date = day
        member.person.save()
    return members


def in_hand(office: Office, members: list[Member], *, sequence: int = 0) -> list[int]:
    """Certificates that were posted before."""
    ids = office.certify(members, sequence=sequence)
    for verb in ("print", "send"):
        advance_many(EligibilityCertificate.objects.filter(pk__in=ids), verb, by=office.clerk, on=DECIDED_ON)
    return ids


def due(office: Office, other: Clerk, *, on: date = ON) -> None:
    propose_elderly(None, by=office.clerk, on=on)
    approve_elderly(by=other, on=on)


def day_dispatch(office: Office, *, on: date = ON) -> Dispatch:
    (number,) = assemble_day(on, by=office.clerk).dispatches
    return Dispatch.objects.get(pk=number)


def rows(dispatch: Dispatch) -> list[dict[str, str]]:
    with (files.folder(dispatch) / files.MANIFEST).open(encoding="utf-8") as manifest:
        return list(csv.DictReader(manifest))


def test_from_proposal_to_the_post(office: Office, other: Clerk) -> None:
    members = aged(office, "0001", date(1956, 1, 1), date(1955, 1, 1))
    in_hand(office, members)
    due(office, other)
    answer = assemble_day(ON, by=office.clerk)
    assert (answer.enclosed["elderly"], answer.enclosed["certificates"], answer.held) == (2, 0, {})
    assert assemble_day(ON, by=office.clerk) == answer
    dispatch = Dispatch.objects.get()
    assert (dispatch.kind, dispatch.form, dispatch.counts["envelopes"]) == ("elderly", "elderly", 1)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert prove_dispatch(dispatch)["elderly"] == 2
    confirm(dispatch, by=office.clerk, on=ON)
    seal(dispatch, by=office.clerk, on=ON)
    counts = send(dispatch, by=office.clerk, on=ON)
    assert (counts["decided"], counts["sent"], counts["pages"]) == (2, 2, 8)
    papers = ElderlyBeneficiaryCertificate.objects.order_by("serial")
    assert {(p.status, p.sent_on, p.arrives_on) for p in papers} == {("sent", ON, ON + timedelta(10))}
    assert [(r["serial"], r["kind"], r["file"], r["page"]) for r in rows(dispatch)] == [
        (papers[0].serial, "elderly", "elderly-0001.pdf", "1"),
        (papers[1].serial, "elderly", "elderly-0001.pdf", "3"),
    ]
    assert list(Enclosure.objects.values_list("copayment_percent", flat=True)) == [30, 30]


def test_of_a_month_it_lies_behind_the_certificate_in_the_same_envelope(office: Office, other: Clerk) -> None:
    members = aged(office, "0001", date(1956, 1, 1), date(1990, 1, 1))
    office.certify(members)
    office.run.status = "proposed"
    propose_elderly(office.run, by=office.clerk, on=DECIDED_ON)
    approve_elderly(by=other, on=DECIDED_ON, run=office.run)
    office.run.status = "approved"
    assert assemble_day(ON, by=office.clerk).dispatches == []
    answer = assemble(office.run, by=office.clerk, on=ON)
    assert (answer.enclosed["certificates"], answer.enclosed["elderly"]) == (2, 1)
    dispatch = Dispatch.objects.get()
    assert (dispatch.kind, dispatch.counts["envelopes"], dispatch.counts["sheets"]) == ("certificate", 1, 3)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert [r["kind"] for r in rows(dispatch)] == ["certificate", "elderly", "certificate"]
    assert prove_dispatch(dispatch)["status"] == "proved"


def test_the_wrong_kind_of_page_is_noticed(office: Office, other: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    in_hand(office, aged(office, "0001", date(1956, 1, 1)))
    due(office, other)
    dispatch = day_dispatch(office)
    monkeypatch.setattr("certificates.documents.elderly_face.TITLE", "健康保険資格確認書")
    print_dispatch(dispatch, by=office.clerk, on=ON)
    monkeypatch.undo()
    assert [str(d.field) for d in differences(dispatch)] == ["title"]


def test_the_share_that_was_decided_is_printed_whatever_changed_since(office: Office, other: Clerk) -> None:
    (member,) = aged(office, "0001", date(1956, 1, 1))
    in_hand(office, [member])
    due(office, other)
    dispatch = day_dispatch(office)
    member.standard_monthly_remuneration_yen = 200_000
    member.save()
    (item,) = contents.items(dispatch)
    face = contents.document_faces(dispatch, "elderly", [item])[item.document_id]
    assert face.fields()["copayment"] == "3割"


@pytest.mark.parametrize("at", ["assembly", "post"])
def test_a_share_that_changed_meanwhile_keeps_it_in_the_house(office: Office, other: Clerk, at: str) -> None:
    (member,) = aged(office, "0001", date(1956, 1, 1))
    in_hand(office, [member])
    due(office, other)
    if at == "post":
        dispatch = day_dispatch(office)
        print_dispatch(dispatch, by=office.clerk, on=ON)
        prove_dispatch(dispatch)
    member.standard_monthly_remuneration_yen = 200_000
    member.save()
    if at == "assembly":
        assert assemble_day(ON, by=office.clerk).held == {"face_changed": 1}
        return
    assert [row.reasons for row in pull_list(dispatch, on=ON)] == [("face_changed",)]
    with pytest.raises(Refused, match="1 件"):
        seal(dispatch, by=office.clerk, on=ON)
    confirm(dispatch, by=office.clerk, on=ON)
    assert ElderlyBeneficiaryCertificate.objects.get().status == "voided"
    propose_elderly(None, by=office.clerk, on=ON)
    assert ElderlyBeneficiaryCertificate.objects.get(status="proposed").copayment_percent == 20


def test_without_the_certificate_nobody_needs_it(office: Office, other: Clerk) -> None:
    ids = in_hand(office, aged(office, "0001", date(1956, 1, 1)))
    due(office, other)
    dispatch = day_dispatch(office)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    advance_many(EligibilityCertificate.objects.filter(pk__in=ids), "recover", by=office.clerk, on=ON)
    (row,) = pull_list(dispatch, on=ON)
    assert row.label == "資格確認書がなく、要らなくなった"


@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
def test_whoever_is_protected_gets_it_at_the_safe_address(office: Office, other: Clerk, flag: str) -> None:
    (member,) = aged(office, "0001", date(1956, 1, 1))
    in_hand(office, [member])
    due(office, other)
    setattr(member.person, flag, True)
    member.person.save()
    assert assemble_day(ON, by=office.clerk).held == {"protected": 1}
    office.address(member, "safe", "大阪市北区梅田一丁目")
    assert day_dispatch(office).to_safe_address


def test_what_was_printed_is_known_when_remuneration_has_no_days(db: None, home: Path) -> None:
    """Where the share is on the face: printed with 3割, the remuneration falls later; the paper is found."""
    office = build.office(share_on_face=True)
    (member,) = aged(office, "0001", date(1956, 1, 1))
    office.certify([member])
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    prove_dispatch(dispatch)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=ON)
    assert Enclosure.objects.get().copayment_percent == 30
    assert supersede_changed_shares(ON, by=office.clerk)["superseded"] == 0
    member.standard_monthly_remuneration_yen = 200_000
    member.save()
    assert supersede_changed_shares(ON + DAY, by=office.clerk)["superseded"] == 1


def test_a_certificate_with_another_share_is_pulled(db: None, home: Path) -> None:
    office = build.office(share_on_face=True)
    (member,) = aged(office, "0001", date(1956, 1, 1))
    office.certify([member])
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    dispatch = Dispatch.objects.get(pk=number)
    print_dispatch(dispatch, by=office.clerk, on=ON)
    assert pull_list(dispatch, on=ON) == []
    ShareRelief.objects.create(member=member, valid_from=ON, valid_through=None)
    assert [row.reasons for row in pull_list(dispatch, on=ON)] == [("face_changed",)]


def test_print_claims_once_and_a_lost_file_comes_back_the_same(office: Office, other: Clerk) -> None:
    in_hand(office, aged(office, "0001", date(1956, 1, 1)))
    due(office, other)
    dispatch = day_dispatch(office)
    first: dict[str, Any] = print_dispatch(dispatch, by=office.clerk, on=ON)
    path = files.folder(dispatch) / "elderly-0001.pdf"
    before = path.read_bytes()
    path.unlink()
    assert print_dispatch(dispatch, by=office.clerk, on=ON + DAY) == first
    assert path.read_bytes() == before


def test_a_dispatch_that_holds_nothing_else_shows_its_page_and_each_step_at_every_status(
    office: Office, other: Clerk, client: Client
) -> None:
    in_hand(office, aged(office, "0001", date(1956, 1, 1)))
    due(office, other)
    dispatch = day_dispatch(office)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    steps: list[Callable[[], Any]] = [
        lambda: print_dispatch(dispatch, by=office.clerk, on=ON),
        lambda: prove_dispatch(dispatch),
        lambda: confirm(dispatch, by=office.clerk, on=ON),
        lambda: seal(dispatch, by=other, on=ON),
        lambda: send(dispatch, by=other, on=ON),
    ]
    for take in [lambda: None, *steps]:
        take()
        dispatch.refresh_from_db()
        page = client.get(page_url(dispatch))
        assert page.status_code == 200 and "はがき型" in page.content.decode(), dispatch.status
        for step in (*STEPS, CANCEL, APPROVE_REPRINTS):
            answer = client.get(page_url(dispatch).replace("change/", f"{step.name}/"))
            assert answer.status_code < 500, (dispatch.status, step.name)


@pytest.mark.parametrize(
    ("kind", "form", "shown"),
    [
        ("certificate", "postcard", "はがき型"),
        ("certificate", "card", "カード型"),
        ("certificate", "a4", "A4判"),
        ("elderly", layout.KIND, "はがき型"),
        ("notice", "a4", "A4判"),
    ],
)
def test_the_page_of_a_dispatch_of_every_kind_names_its_form(
    office: Office, client: Client, kind: str, form: str, shown: str
) -> None:
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    dispatch = Dispatch.objects.create(
        insurer=office.insurer,
        kind=kind,
        channel="home",
        form=form,
        assembled_on=ON,
        assembled_by=office.clerk,
        counts={},
    )
    page = client.get(page_url(dispatch))
    assert page.status_code == 200 and shown in page.content.decode()
