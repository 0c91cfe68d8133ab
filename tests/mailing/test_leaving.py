"""Paper that may no longer go leaves its envelope by itself at printing; everybody else's goes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from certificates.models import EligibilityCertificate
from core import clock
from core.errors import Refused
from core.paper import readback
from core.transitions import advance_many
from mailing.models import Dispatch, Envelope
from mailing.papers import files
from mailing.post.ledger import ledger
from mailing.services import assemble, confirm, print_dispatch, prove_dispatch, pull_list, seal, send
from members.models import Member, Person
from tests.mailing.build import ON, Office

COUNTS = ("decided", "printed", "pulled", "sheets", "envelopes", "taken_out")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)


@pytest.fixture
def assembled(office: Office) -> Dispatch:
    """A family of two, and two people alone at the same employer."""
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    office.certify(office.household("0002", ["髙橋 一郎"]))
    office.certify(office.household("0003", ["佐藤 三郎"]))
    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    return Dispatch.objects.get(pk=number)


def paper_of(office: Office, key: str) -> EligibilityCertificate:
    return EligibilityCertificate.objects.filter(member=office.members[key]).earliest("pk")


def void(office: Office, key: str) -> None:
    mine = EligibilityCertificate.objects.filter(pk=paper_of(office, key).pk)
    advance_many(mine, "void", by=office.clerk, on=ON, reason="差替え")


def sheets(dispatch: Dispatch, name: str) -> list[str]:
    with readback.open_pdf(files.folder(dispatch) / name) as pdf:
        return ["".join(readback.full_text(pdf, n + 1).split()) for n in range(len(pdf))]


def manifest(dispatch: Dispatch) -> list[dict[str, str]]:
    return list(csv.DictReader((files.folder(dispatch) / files.MANIFEST).open(encoding="utf-8")))


def finish(dispatch: Dispatch, office: Office) -> None:
    """Proves, pulls, seals and sends; each refuses where the numbers do not close."""
    prove_dispatch(dispatch)
    confirm(dispatch, by=office.clerk, on=ON)
    seal(dispatch, by=office.clerk, on=ON)
    send(dispatch, by=office.clerk, on=ON)
    dispatch.refresh_from_db()


def test_one_voided_paper_stops_nobody_elses(assembled: Dispatch, office: Office) -> None:
    void(office, "0002-00")
    outcome = print_dispatch(assembled, by=office.clerk, on=ON)
    assert outcome["status"] == "printed"
    assert [outcome[name] for name in COUNTS] == [3, 3, 0, 3, 2, 1]
    serial = paper_of(office, "0002-00").serial
    assert serial not in {row["serial"] for row in manifest(assembled)}
    assert not any(serial in page for page in sheets(assembled, "certificates-0001.pdf"))
    finish(assembled, office)
    assert [assembled.counts[name] for name in (*COUNTS, "sent")] == [3, 3, 0, 3, 2, 1, 3]
    assert all(line.closes for line in ledger())
    (line,) = [line for line in ledger() if line.scope == "dispatch"]
    assert "決定 4 ＝ 印刷前に外した分 1 ＋ 封入 3" in str(line.equations[0])


def test_it_is_listed_where_clerks_look(assembled: Dispatch, office: Office, client: Client, command: Callable) -> None:
    void(office, "0002-00")
    print_dispatch(assembled, by=office.clerk, on=ON)
    (row,) = pull_list(assembled, on=ON)
    assert (row.serial, row.position, row.confirmed) == (paper_of(office, "0002-00").serial, 0, True)
    assert row.label == "無効になった（印刷していません）"
    assert row.serial in command("pull_list", assembled.pk).out
    office.clerk.is_staff = True
    office.clerk.save()
    client.force_login(office.clerk)
    page = client.get(f"/admin/mailing/dispatch/{assembled.pk}/change/").content.decode()
    assert "印刷の前に封筒から外したもの" in page and "無効になった" in page
    assert row.cover == "1-0002-00" and row.cover in page
    listed = client.get(f"/admin/mailing/dispatch/{assembled.pk}/pulls/").content.decode()
    assert (
        row.cover in listed
        and row.serial in listed
        and "印刷の前に外しました" in listed
        and "これから引き抜く" not in listed
    )


def test_the_others_move_up_and_the_emptied_envelope_falls_away(assembled: Dispatch, office: Office) -> None:
    void(office, "0002-00")
    print_dispatch(assembled, by=office.clerk, on=ON)
    envelopes = Envelope.objects.filter(dispatch=assembled).order_by("position")
    assert [(e.insured.number, e.bundle_position) for e in envelopes] == [("0001", 1), ("0002", 0), ("0003", 2)]
    assert len(sheets(assembled, "addresses-0001.pdf")) == 2
    gone = envelopes[1].code
    assert not any(gone in page for page in sheets(assembled, "covers-0001.pdf"))
    assert {row["position"] for row in manifest(assembled)} == {"1", "2"}


def test_the_sheet_on_top_names_what_remains(assembled: Dispatch, office: Office) -> None:
    void(office, "0001-01")
    print_dispatch(assembled, by=office.clerk, on=ON)
    first = sheets(assembled, "addresses-0001.pdf")[0]
    assert "山田太郎" in first and "同封1枚" in first and first.count("山田花子") == 1
    assert "山田花子さんについては、別にご連絡します" in first
    finish(assembled, office)


@pytest.mark.parametrize(("in_days", "goes"), [(-1, False), (0, False), (1, True)])
def test_who_has_left_by_the_day_of_printing(in_days: int, goes: bool, assembled: Dispatch, office: Office) -> None:
    Member.objects.filter(pk=office.members["0003-00"].pk).update(lost_on=ON + timedelta(in_days))
    print_dispatch(assembled, by=office.clerk, on=ON)
    assert paper_of(office, "0003-00").status == ("printed" if goes else "voided")
    assert [row.reasons for row in pull_list(assembled, on=ON)] == ([] if goes else [("left",)])
    finish(assembled, office)


def test_a_name_that_cannot_be_printed_any_more_stops_nobody(assembled: Dispatch, office: Office) -> None:
    Person.objects.filter(pk=office.members["0002-00"].person_id).update(name="\U000f3c00 一郎")
    print_dispatch(assembled, by=office.clerk, on=ON)
    assert paper_of(office, "0002-00").status == "voided"
    assert [row.reasons for row in pull_list(assembled, on=ON)] == [("face_changed",)]
    finish(assembled, office)


def test_a_later_pull_adds_up_with_it(assembled: Dispatch, office: Office) -> None:
    void(office, "0002-00")
    print_dispatch(assembled, by=office.clerk, on=ON)
    Member.objects.filter(pk=office.members["0003-00"].pk).update(lost_on=ON)
    finish(assembled, office)
    assert [assembled.counts[name] for name in (*COUNTS, "sent")] == [3, 3, 1, 2, 1, 1, 2]
    assert all(line.closes for line in ledger())


def test_a_repeat_takes_nothing_out(assembled: Dispatch, office: Office) -> None:
    void(office, "0002-00")
    first = print_dispatch(assembled, by=office.clerk, on=ON)
    assert print_dispatch(assembled, by=office.clerk, on=ON) == first


def test_a_dispatch_that_nothing_is_left_of_is_to_be_cancelled(assembled: Dispatch, office: Office) -> None:
    for key in ("0001-00", "0001-01", "0002-00", "0003-00"):
        void(office, key)
    with pytest.raises(Refused, match="取り消してください"):
        print_dispatch(assembled, by=office.clerk, on=ON)
    assembled.refresh_from_db()
    assert assembled.status == "assembled" and not files.folder(assembled).exists()
