"""The month's report, sheet and register: every figure against a small society counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from certificates.decisions import holding
from certificates.models import Application, Deregistration, EligibilityCertificate, Filing, Recovery, Ruling, Run
from core.models import Clerk, Event
from core.paper.readback import full_text, open_pdf
from core.transitions import advance
from exchange.models import ExchangeFile
from kenpo import reports as statistics
from kenpo.pages import statistics as pages
from kenpo.reports import Report, Table
from kenpo.reports.paper import write_pdf
from kenpo.reports.table import Column
from mailing.models import Dispatch, Enclosure, Envelope, ReturnedMail
from members.functions import NumberOrder
from members.models import Establishment, Insurer, Member, Person
from members.services import society
from tests.builders import Folder
from tests.conftest import run_command
from tests.kenpo.reading import latin_words, text_of
from tests.story.month import DAY, invent_and_load

pytestmark = pytest.mark.django_db

NOVEMBER, FIRST, LAST = date(2026, 11, 1), date(2026, 11, 1), date(2026, 11, 30)
ON = date(2026, 11, 30)


def member(number: str, branch: str = "00") -> Member:
    return Member.objects.get(number=number, branch_number=branch)


@pytest.fixture
def small(folder: Folder, command: Callable[..., Any], settings: Any, home: Path) -> Clerk:
    """Two employers, seven people; four certificates issued in November and one on the last day of October."""
    settings.KENPO_TODAY = ON
    folder.establishment("0001").establishment("0002", name="架空電機株式会社", symbol="201")
    folder.insured("1", birth_date="1980-04-15")
    folder.dependent("1", birth_date="2016-12-01")
    folder.insured("2", birth_date="1956-01-01", establishment_code="0002")
    folder.insured("3", birth_date="2016-12-02", establishment_code="0002")
    folder.insured("5", establishment_code="0002", individual_number_state="pending")
    folder.insured("6", individual_number_state="unregistered", lost_on="2026-11-30")
    folder.insured("7", individual_number_state="unregistered", lost_on="2026-12-01")
    issued = {"effective_on": "2026-10-31", "valid_through": "2030-11-30"}
    folder.certificate("1", issued_on="2026-11-01", ground="not_registered", **issued)
    folder.certificate("1", branch_number="01", issued_on="2026-11-30", ground="nondisclosure", **issued)
    folder.certificate("2", issued_on="2026-10-31", ground="not_registered", **issued)
    folder.certificate("3", issued_on="2026-11-10", basis="application", ground="needs_assistance", **issued)
    assert command("load", folder.write()).code == 0
    return Clerk.objects.create_user("suzuki", role="clerk", is_staff=True)


def issue(who: Member, serial: str, **fields: Any) -> EligibilityCertificate:
    """One more certificate, approved."""
    values = {
        "basis": "ex_officio",
        "ground": "e_certificate_expired",
        "issued_on": ON,
        "effective_on": ON,
        "valid_through": date(2030, 11, 30),
        "face_key": "x",
    }
    made = EligibilityCertificate.objects.create(serial=serial, member=who, **{**values, **fields})
    advance(made, "approve", by=None, on=ON)
    return made


def table(title: str) -> dict[str, tuple[Any, ...]]:
    """The rows of one table of November's report by their first cell."""
    made = statistics.report(society(), NOVEMBER, made_on=ON)
    found = next(each for each in made.tables if each.title.startswith(title))
    return {str(row[0]): tuple(row[1:]) for row in found.rows}


def reissue(who: Member, serial: str) -> EligibilityCertificate:
    """A certificate in place of a lost one, on an application."""
    asked = Application.objects.create(
        member=who, kind="reissue", ground="lost_certificate", received_on=ON, received_via="mail", due_on=ON
    )
    ruling = Ruling.objects.create(
        member=who,
        cause="application",
        request=f"application:{asked.pk}",
        as_of=ON,
        decided_on=ON,
        issue_on=ON,
        policy={},
        outcome="issue",
        reason="lost_certificate",
        facts={},
    )
    return issue(who, serial, ruling=ruling, basis="application", ground="lost_certificate")


def test_issues_count_by_the_day_on_the_paper_from_the_first_to_the_last(small: Clerk) -> None:
    assert table("書類の種類ごと") == {"資格確認書": (3, 0, 0, 0, 0), "合計": (3, 0, 0, 0, 0)}
    assert table("資格確認書の事由ごと") == {
        "①利用登録なし": (1, 0, 0, 0, 0),
        "④自己情報提供不可": (1, 0, 0, 0, 0),
        "申請：要配慮者": (1, 0, 0, 0, 0),
        "合計": (3, 0, 0, 0, 0),
    }
    places = {"0001　架空紡績株式会社": (2, 0, 0, 0, 0), "0002　架空電機株式会社": (1, 0, 0, 0, 0)}
    assert table("事業所ごと") == {**places, "合計": (3, 0, 0, 0, 0)}


def test_ages_are_those_of_the_law_on_the_months_last_day(small: Clerk) -> None:
    """Who has the birthday on the 1st is a year older on the last day of the month before; on the 2nd, not yet."""
    issue(member("2"), "900000000001")
    assert table("年齢ごと") == {
        "0〜9歳": (1, 0, 0, 0, 0),
        "10〜19歳": (1, 0, 0, 0, 0),
        "40〜49歳": (1, 0, 0, 0, 0),
        "70歳以上": (1, 0, 0, 0, 0),
        "合計": (4, 0, 0, 0, 0),
    }


def test_a_renewal_and_a_reissue_stand_apart_and_void_paper_nowhere(small: Clerk) -> None:
    issue(member("2"), "900000000001", kind="renewal")
    reissue(member("1"), "900000000002")
    void = issue(member("5"), "900000000003")
    advance(void, "void", by=small, on=ON, reason="印刷の汚れ")
    EligibilityCertificate.objects.create(
        serial="900000000004",
        member=member("5"),
        basis="ex_officio",
        issued_on=ON,
        effective_on=ON,
        valid_through=ON,
        face_key="x",
    )
    assert table("書類の種類ごと")["資格確認書"] == (3, 1, 1, 0, 0)
    grounds = table("資格確認書の事由ごと")
    assert grounds["②電子証明書の期限切れ"] == (0, 1, 0, 0, 0)
    assert grounds["申請：資格確認書の紛失"] == (0, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("day", "counted"), [(FIRST - timedelta(days=1), 0), (FIRST, 1), (LAST, 1), (LAST + timedelta(days=1), 0)]
)
def test_what_came_back_counts_on_its_day(small: Clerk, day: date, counted: int) -> None:
    paper = EligibilityCertificate.objects.get(member=member("2"))
    duty = Recovery.objects.create(certificate=paper, cause="loss", opened_on=FIRST, due_on=LAST)
    advance(duty, "close", by=small, on=day, reason="返納", outcome="recovered", closed_on=day)
    letter(paper, small, returned_on=day)
    assert table("資格確認書の事由ごと")["①利用登録なし"] == (1, 0, 0, counted, counted)
    assert table("回収率")["0002　架空電機株式会社"] == (1, 1, "100.0％")


def letter(paper: EligibilityCertificate, by: Clerk, *, returned_on: date) -> None:
    """An envelope with the paper that the post brought back."""
    dispatch = Dispatch.objects.create(
        insurer=society(), kind="certificate", channel="home", form="postcard", assembled_on=FIRST, assembled_by=by
    )
    envelope = Envelope.objects.create(
        dispatch=dispatch, code="1-1", position=1, bundle_position=1, insured=paper.member, person=paper.member
    )
    Enclosure.objects.create(envelope=envelope, certificate=paper, position=1)
    ReturnedMail.objects.create(envelope=envelope, reason="moved", returned_on=returned_on, received_by=by)


def test_days_until_the_fund_has_a_joiner(small: Clerk) -> None:
    """Ten joiners after 1 to 10 days: the fifth and the ninth; who is registered in December counts there."""
    insured = member("1")
    for taken in [*range(1, 11), 40]:
        person = Person.objects.create(
            name="架空",
            name_kana="カクウ",
            name_kana_key="カクウ",
            birth_date=date(1990, 1, 1),
            sex="1",
            individual_number_state="registered",
        )
        cover = Member.objects.create(
            person=person,
            insurer=insured.insurer,
            establishment=insured.establishment,
            symbol="101",
            number=f"7{taken}",
            symbol_key="101",
            number_key=f"7{taken}",
            kind="insured",
            coverage_kind="regular",
            acquired_on=FIRST,
            fund_registered_on=FIRST + timedelta(days=taken),
        )
        filing = Filing.objects.create(
            kind="acquisition",
            member=cover,
            effective_on=FIRST,
            received_on=FIRST,
            received_via="mail",
            content_key=f"k{taken}",
        )
        advance(filing, "apply", by=small, on=FIRST, applied_on=FIRST)
    assert table("届出の受付から基金") == {"10": ("5日", "9日", "10日")}


def test_who_has_not_given_a_number_by_establishment(small: Clerk) -> None:
    """Whose cover ended on the month's last day is not counted; whose last day it is, is."""
    assert table("個人番号を提出していない人") == {
        "0001　架空紡績株式会社": (0, 1, 1),
        "0002　架空電機株式会社": (1, 0, 1),
        "合計": (1, 1, 2),
    }


def test_deregistrations_by_what_happened_in_the_month(small: Clerk) -> None:
    for number, received, accepted in (("1", FIRST, LAST), ("2", LAST, None), ("3", FIRST - timedelta(days=1), None)):
        who = member(number)
        made = Deregistration.objects.create(person=who.person, member=who, received_on=received)
        if accepted:
            advance(made, "grant", by=small, on=accepted, accepted_on=accepted)
    rows = [row[1] for row in statistics.report(society(), NOVEMBER, made_on=ON).tables[4].rows]
    assert rows == [2, 1, 2]


def test_the_registration_rate_is_of_readable_rows_of_the_months_file(small: Clerk) -> None:
    counts = {"rows": 1003, "rejected": 3, "registered": 661}
    file = ExchangeFile.objects.create(
        insurer=society(), kind="monthly", profile="example-v1", as_of=date(2026, 10, 31), sha256="a" * 64, path="x"
    )
    for verb in ("stage", "match", "apply"):
        advance(file, verb, by=small, on=ON)
    ExchangeFile.objects.filter(pk=file.pk).update(counts=counts)
    assert table("マイナ保険証の利用登録") == {"661": (1000, "66.1％")}


def registered(first: date = FIRST, last: date = LAST) -> dict[str, tuple[Any, ...]]:
    made = statistics.register(society(), first, last, made_on=ON)
    return {str(row[0]): tuple(row[1:]) for row in made.tables[0].rows}


def test_the_register_tells_what_became_of_each_certificate(small: Clerk) -> None:
    lost = issue(member("1"), "900000000001")
    reissue(member("1"), "900000000002")
    void = issue(member("5"), "900000000003")
    advance(void, "void", by=small, on=date(2026, 12, 3), reason="印刷の汚れ")
    back = EligibilityCertificate.objects.get(member=member("3"))
    advance(back, "recover", by=small, on=date(2026, 12, 5))
    told = registered()
    assert len(told) == 6 == statistics.register_size(FIRST, LAST)
    name, through = "山田 太郎", date(2030, 11, 30)
    assert told[lost.serial] == (
        "職権：②電子証明書の期限切れ",
        "101-1-00",
        name,
        ON,
        through,
        None,
        ON,
        None,
        "承認済み",
    )
    assert told["900000000002"][0] == "再交付：資格確認書の紛失" and told["900000000002"][6] is None
    assert told[void.serial][5:] == (date(2026, 12, 3), None, None, "無効")
    assert told[back.serial][5:] == (None, None, date(2026, 12, 5), "回収済み")
    assert set(registered(FIRST, FIRST)) == {EligibilityCertificate.objects.get(issued_on=FIRST).serial}


def test_the_number_of_queries_does_not_depend_on_the_society(small: Clerk) -> None:
    asked = []
    for more in range(2):
        with CaptureQueriesContext(connection) as queries:
            table("書類の種類ごと")
            registered()
        asked.append(len(queries))
        for place in range(20):
            issue(member("2"), f"8{more}{place:010}")
    assert asked[0] == asked[1] <= 14, asked


@pytest.fixture
def month(tmp_path: Path, settings: Any, home: Path) -> Run:
    """An invented month that awaits approval."""
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent_and_load(tmp_path / "in", members=120)
    assert run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY).code == 0
    return Run.objects.get()


def test_the_sheet_for_approval_counts_and_lists_what_is_proposed(month: Run) -> None:
    taro = Clerk.objects.get(username="taro")
    first = month.certificates.order_by("serial").first()
    whole = month.certificates.count()
    holding.hold_back(month, [first.member_id], reason="照会中", by=taro, on=date.fromisoformat(DAY))
    left = month.certificates.filter(status="proposed")
    made = statistics.decision_sheet(month, made_on=month.decided_on)
    counts, listed = (list(each.rows) for each in made.tables)
    assert [row[0] for row in listed] == list(
        left.order_by(NumberOrder.of("member__"), "serial").values_list("serial", flat=True)
    )
    assert counts[-1][3] == left.count() < whole and sum(row[3] for row in counts[:-1]) == left.count()
    assert f"資格確認書 {left.count()}枚" in made.about[0] and "交付を止めた 1人の分は含みません。" in made.about[-1]
    assert "起案" in made.seals


def test_the_files_hold_what_the_page_shows(month: Run, tmp_path: Path) -> None:
    serials = list(month.certificates.order_by(NumberOrder.of("member__"), "serial").values_list("serial", flat=True))
    pdf, sheet = tmp_path / "a.pdf", tmp_path / "a.xlsx"
    answer = run_command("report", "2026-11", "--decision", "--pdf", pdf, "--xlsx", sheet)
    assert answer.code == 0, answer.err
    with open_pdf(pdf) as opened:
        text = "".join(full_text(opened, page) for page in range(1, answer.json["pages"] + 1))
    assert all(serial in text for serial in serials) and "常務理事" in text
    cells = [row[0] for row in load_workbook(sheet)["交付する資格確認書"].iter_rows(values_only=True)]
    assert cells == ["発行番号", *serials]
    day = load_workbook(sheet)["交付する資格確認書"].cell(2, 7).value
    assert day.date() == month.certificates.get(serial=serials[0]).valid_through
    answer = run_command("register", "--from", "2026-11-01", "--to", "2026-11-30", "--xlsx", sheet)
    assert (answer.code, answer.json["certificates"]) == (0, 0)
    assert run_command("approve_month", "2026-11", "--by", "taro").code == 0
    assert run_command("register", "--xlsx", sheet).json["rows"] == len(serials)
    assert run_command("register").code == 2
    assert run_command("report", "2026-10", "--decision", "--pdf", pdf).code == 1


def test_no_text_of_a_spreadsheet_is_a_formula(tmp_path: Path) -> None:
    from kenpo.reports.sheets import write_xlsx

    rows = [("=1+1", 5), ("@SUM", None)]
    made = Report("帳票", "架空", ON, (), (Table("表", (Column("氏名"), Column("数")), rows),))
    assert write_xlsx(made, tmp_path / "a.xlsx") == 2
    sheet = load_workbook(tmp_path / "a.xlsx")["表"]
    assert [(cell.value, cell.data_type) for cell in sheet["A"][1:]] == [("=1+1", "s"), ("@SUM", "s")]
    assert sheet["B2"].value == 5


def test_a_character_without_a_glyph_and_a_long_name_are_printed_with_a_word(tmp_path: Path) -> None:
    names = [("\U0002fa1e\ue000", 1), ("山" * 200, 2), *[("鈴木", place) for place in range(90)]]
    columns = (Column("氏名", name=True), Column("数", 4, number=True))
    made = Report("帳票", "架空", ON, (), (Table("表", columns, names),))
    assert write_pdf(made, tmp_path / "a.pdf") == 3
    with open_pdf(tmp_path / "a.pdf") as opened:
        first, second = full_text(opened, 1), full_text(opened, 2)
    assert "〓" in first and "印刷できない字です" in first and "印刷できない字です" not in second
    assert "氏名" in second and "2ページ" in second


def test_a_mark_stands_on_its_letter_or_as_a_whole_for_a_word(tmp_path: Path) -> None:
    names = [("は\u3099やし Nu\u0301n\u0303ez", 1), ("か\u309aね 山\u00ad田 \uf860", 2)]
    columns = (Column("氏名", name=True), Column("数", 4, number=True))
    write_pdf(Report("帳票", "架空", ON, (), (Table("表", columns, names),)), tmp_path / "a.pdf")
    with open_pdf(tmp_path / "a.pdf") as opened:
        said = full_text(opened, 1)
    assert "は\u3099やし Nu\u0301n\u0303ez" in said and "〓ね 山〓田 〓" in said


def test_the_pages_speak_japanese_and_give_the_same_as_files(
    month: Run, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    people = Person.objects.values_list("name", flat=True)
    own = {"kansa", *people, *Establishment.objects.values_list("name", flat=True)}
    own |= set(Member.objects.values_list("symbol", flat=True))
    for name, query in (
        ("statistics", {}),
        ("decision_sheet", {}),
        ("decision_sheet", {"month": "2026-10"}),
        ("register", {}),
        ("register", {"from": "いつか"}),
        ("register", {"from": "2026-11-02", "to": "2026-11-01"}),
        ("statistics", {"month": "x"}),
    ):
        answer = client.get(reverse(name), query)
        assert answer.status_code == 200
        text = text_of(answer.content.decode())
        assert not latin_words(text, data=own), (name, latin_words(text, data=own))
    before = Event.objects.filter(verb="export_table").count()
    answer = client.get(reverse("decision_sheet"), {"form": "pdf"})
    assert answer.content.startswith(b"%PDF") and "no-store" in answer["Cache-Control"]
    assert client.get(reverse("statistics"), {"form": "xlsx"}).content.startswith(b"PK")
    assert Event.objects.filter(verb="export_table").count() == before + 1
    monkeypatch.setattr(pages, "MOST_LINES", 1)
    answer = client.get(reverse("decision_sheet"), {"form": "pdf"})
    assert "画面からは書き出せません" in answer.content.decode()


def test_an_empty_office_says_whom_to_ask(client: Client) -> None:
    client.force_login(Clerk.objects.create_user("kansa", role="auditor", is_staff=True))
    assert not Insurer.objects.exists()
    for name in ("statistics", "decision_sheet", "register"):
        said = text_of(client.get(reverse(name)).content.decode())
        assert "取込みを管理者に頼んでください" in said and not latin_words(said, data={"kansa"})
