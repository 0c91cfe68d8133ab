"""被保険者資格証明書: what it says, for how long, and who gets one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.decisions.gaps import gaps
from certificates.models import EligibilityCertificate, LegacyCard
from certificates.requests import applications
from certificates.requests.applications.intake import Form
from core import clock
from core.errors import Refused
from core.models import Clerk, Event
from core.paper import readback
from core.paper.book import Book
from core.transitions import advance_many
from core.web.words import worded
from members.models import Member, MynaStatus, Person, ShareRelief
from notices.letters import base, registry, service
from notices.letters.content import Addressee
from notices.letters.interim.data import interim_face, why_not
from notices.letters.interim.letter import InterimFace, last_usable_day
from tests.mailing import build
from tests.mailing.build import Office
from tests.notices.test_letters import LONG, SENDER, SENDER_LONG, TO_LONG, said
from tests.readback import compare_all, red_share

D = date
DAY = timedelta(days=1)
ON = D(2026, 11, 12)
NUMBER = "令和8年第1号"
FOREVER = D(9999, 12, 31)
SHORT_FACE = InterimFace(
    5,
    Addressee("", "", "李 一"),
    SENDER,
    D(2026, 11, 6),
    D(2026, 11, 26),
    "06130488",
    "1・1",
    "李 一",
    "リ ハジメ",
    D(1990, 1, 1),
    "1",
    D(2026, 11, 1),
    False,
    "李 一",
)
EXPIRES_ON = D(2029, 4, 15)
LONG_FACE = InterimFace(
    123_456,
    TO_LONG,
    SENDER_LONG,
    D(2026, 11, 26),
    D(2026, 12, 16),
    "63130488",
    "東京一二三四五六七八九０１２３４・1234567890123456（枝番 00）",
    LONG,
    LONG,
    D(1955, 11, 21),
    "2",
    D(2026, 10, 21),
    True,
    LONG,
    LONG,
    True,
    30,
)


# What it says


@pytest.mark.parametrize(("face", "pages"), [(SHORT_FACE, 1), (LONG_FACE, 2)], ids=["short", "long"])
def test_every_field_reads_back_on_one_sheet(face: InterimFace, pages: int, tmp_path: Path) -> None:
    with Book(tmp_path / "interim.pdf") as book:
        base.draw(book, face.letter(NUMBER))
    assert len(book.entries) == pages
    assert compare_all(book.entries, tmp_path / "interim.pdf") == []
    for entry in book.entries:
        boxes = [field.box for field in entry.fields.values()]
        assert all(base.SHEET.holds(box) for box in boxes)
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    with readback.open_pdf(tmp_path / "interim.pdf") as pdf:
        assert red_share(pdf, 1, base.SEAL) > 0.05


def rows(face: InterimFace) -> dict[str, str]:
    table = face.letter(NUMBER).table
    assert table is not None
    return dict(table.rows)  # type: ignore[arg-type]


def test_what_stands_on_it() -> None:
    letter = SHORT_FACE.letter(NUMBER)
    assert letter.title == "健康保険被保険者資格証明書" and letter.overleaf is None
    assert rows(SHORT_FACE) == {
        "保険者番号・名称": "06130488　甲健康保険組合",
        "記号・番号（枝番）": "1・1",
        "フリガナ": "リ ハジメ",
        "氏名": "李 一",
        "生年月日": "平成2年1月1日",
        "性別": "男",
        "資格取得年月日": "令和8年11月1日",
        "被保険者氏名": "李 一",
        "有効期間": "令和8年11月6日から令和8年11月26日まで",
    }
    text = said(letter)
    assert "資格確認書が届いたとき" in text and "返すか、細かく切って捨てて" in text
    assert letter.reference == "member 5"


def test_what_a_certificate_tells_on_its_back_stands_overleaf() -> None:
    assert rows(LONG_FACE)["性別"] == "裏面参照" and rows(LONG_FACE)["認定年月日"] == "令和8年10月21日"
    assert rows(LONG_FACE)["一部負担金の割合"] == "3割"
    overleaf = LONG_FACE.letter(NUMBER).overleaf
    assert overleaf is not None and overleaf.rows == (("戸籍上の氏名", LONG), ("性別", "女"))
    front = base.compose(LONG_FACE.letter(NUMBER))[0]
    assert "女" not in {field.text for field in front.fields.values()}


def test_what_cannot_be_printed_is_named_by_its_row() -> None:
    (problem,) = base.check(dataclasses.replace(SHORT_FACE, name="李 \U0001f600").letter(NUMBER))
    assert "氏名" in str(problem) and "U+1F600" in str(problem)


@pytest.mark.parametrize("days", [19, 20, 21])
def test_at_most_twenty_days_later_and_never_beyond_the_last_day_of_cover(days: int) -> None:
    ends = ON + days * DAY
    assert last_usable_day(ON, ends, lambda day: None) == min(ends, ON + 20 * DAY)
    assert last_usable_day(ON, ON, lambda day: None) == ON


@pytest.mark.parametrize("days", [19, 20, 21])
def test_never_beyond_the_share_it_shows(days: int) -> None:
    changes_on = ON + days * DAY
    found = last_usable_day(ON, FOREVER, lambda day: 20 if day < changes_on else 30)
    assert found == min(changes_on - DAY, ON + 20 * DAY)


# Who gets one


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def knows(member: Member, state: str = "registered", expires_on: date | None = EXPIRES_ON) -> None:
    MynaStatus.objects.create(
        person=member.person,
        as_of=D(2026, 10, 31),
        state=state,
        source="monthly",
        registered_on=D(2022, 6, 1) if state == "registered" else None,
        e_certificate_expires_on=expires_on,
    )


def posted(office: Office, member: Member, arrives_on: date) -> EligibilityCertificate:
    papers = EligibilityCertificate.objects.filter(pk__in=office.certify([member]))
    advance_many(papers, "print", by=office.clerk, on=D(2026, 11, 10))
    advance_many(papers, "send", by=office.clerk, on=D(2026, 11, 10), sent_on=ON, arrives_on=arrives_on)
    return papers.get()


def test_who_has_nothing_in_hand_gets_it_and_the_log_and_the_timeline_say_so(office: Office) -> None:
    (member,) = office.household("0001", ["髙橋 一郎"])
    assert why_not(member, ON) == ""
    before = gaps(office.insurer, ON)
    path = service.print_letter("interim", member, by=office.clerk, on=ON)
    assert path.name == f"interim-{member.pk}-20261112.pdf"
    with readback.open_pdf(path) as pdf:
        text = readback.full_text(pdf, 1)
    assert "髙橋 一郎" in text and "〒100-0001" in text and "令和8年12月2日まで" in text
    event = Event.objects.get(verb="letter")
    assert (event.subject, event.subject_id, event.on) == (Member._meta.label, member.pk, ON)
    assert event.note == {"letter": "interim", "file": path.name, "number": NUMBER}
    assert "資格証明書" in worded(event.note, event.subject)
    assert gaps(office.insurer, ON) == before and len(before) == 1  # it is no route


def test_the_same_day_again_is_the_same_sheet(office: Office) -> None:
    (member,) = office.household("0001")
    first = service.print_letter("interim", member, by=office.clerk, on=ON)
    content = first.read_bytes()
    assert service.print_letter("interim", member, by=office.clerk, on=ON) == first
    assert first.read_bytes() == content


@pytest.mark.parametrize(("days", "gets"), [(-1, True), (0, False), (1, False)])
def test_a_certificate_counts_from_the_day_it_is_in_hand(office: Office, days: int, gets: bool) -> None:
    (member,) = office.household("0001")
    posted(office, member, ON)
    reason = why_not(member, ON + days * DAY)
    assert (reason == "") is gets
    if not gets:
        assert "お手元の資格確認書を令和13年11月5日まで" in reason


def test_a_myna_card_in_use_is_named_one_of_unknown_end_is_none(office: Office) -> None:
    usable, unknown, gone = (office.household(f"{n:04d}")[0] for n in (1, 2, 3))
    knows(usable)
    knows(unknown, expires_on=None)
    knows(gone, "not_registered", None)
    assert "マイナ保険証を令和11年7月31日まで" in why_not(usable, ON)
    assert [why_not(unknown, ON), why_not(gone, ON)] == ["", ""]
    with pytest.raises(Refused, match="マイナ保険証"):
        service.print_letter("interim", usable, by=office.clerk, on=ON)
    assert not Event.objects.filter(verb="letter").exists()


@pytest.mark.parametrize(("day", "gets"), [(D(2025, 12, 1), False), (D(2025, 12, 2), True)])
def test_an_old_card_while_it_lasts(office: Office, day: date, gets: bool) -> None:
    (member,) = office.household("0001")
    LegacyCard.objects.create(member=member, issued_on=D(2024, 4, 1))
    assert ("健康保険証を令和7年12月1日まで" not in why_not(member, day)) is gets


@pytest.mark.parametrize(
    ("day", "said_there"),
    [
        (D(2026, 11, 11), "資格の取得は令和8年11月12日"),
        (ON, ""),
        (D(2026, 11, 13), ""),
        (D(2026, 11, 15), ""),
        (D(2026, 11, 16), "令和8年11月15日で資格が終わっている"),
    ],
)
def test_only_on_days_of_cover(office: Office, day: date, said_there: str) -> None:
    (member,) = office.household("0001")
    member.acquired_on, member.lost_on = ON, D(2026, 11, 16)
    member.save()
    reason = why_not(member, day)
    assert reason.startswith(said_there) and bool(reason) is bool(said_there)
    if not said_there:
        assert interim_face(member, day).valid_through == D(2026, 11, 15)


def apply_for(office: Office, member: Member, ground: str, kind: str = "issue") -> Any:
    form = Form(kind, ground, ON, "establishment")
    return applications.receive(member, form, on=ON, by=office.clerk)


@pytest.mark.parametrize(("ground", "gets"), [("lost_card", True), ("renewing_card", True), ("anyone", False)])
def test_an_application_that_says_the_card_is_not_at_hand_is_believed(office: Office, ground: str, gets: bool) -> None:
    (member,) = office.household("0001")
    knows(member)
    apply_for(office, member, ground)
    assert ("マイナ保険証" not in why_not(member, ON)) is gets
    assert "マイナ保険証" in why_not(member, ON - DAY)


def test_a_lost_certificate_is_no_more_in_hand_while_another_is_asked_for(office: Office) -> None:
    (member,) = office.household("0001")
    posted(office, member, ON)
    assert "資格確認書" in why_not(member, ON)
    application = apply_for(office, member, "lost_certificate", "reissue")
    assert why_not(member, ON) == ""
    applications.withdraw(application, by=office.clerk, on=ON)
    assert "資格確認書" in why_not(member, ON)


def test_a_granted_application_counts_until_its_certificate_has_come(office: Office) -> None:
    (member,) = office.household("0001")
    knows(member, expires_on=D(2033, 4, 15))  # beyond any certificate
    application = apply_for(office, member, "lost_card")
    approver = Clerk.objects.create_user("taro", role="approver")
    ruling = applications.grant(application, by=approver, on=ON)
    papers = ruling.certificates.all()
    assert why_not(member, ON) == ""
    advance_many(papers, "print", by=office.clerk, on=ON)
    arrives_on = ON + 10 * DAY
    advance_many(papers, "send", by=office.clerk, on=ON, sent_on=ON, arrives_on=arrives_on)
    applications.finish_sent(ON)
    application.refresh_from_db()
    assert application.status == "done"
    assert why_not(member, arrives_on - DAY) == ""
    assert "マイナ保険証を令和15年7月31日まで" in why_not(member, arrives_on)


# What stands on it


def test_a_dependents_sheet_names_the_insured_person_and_goes_to_the_household(office: Office) -> None:
    _, wife = office.household("0001", ["山田 太郎", "山田 花子"])
    face = interim_face(wife, ON)
    assert (face.name, face.insured_name, face.addressee.name) == ("山田 花子", "山田 太郎", "山田 太郎")
    assert face.dependent and face.member_numbers == "1・0001（枝番 01）"


def test_whoever_is_protected_is_handed_a_sheet_without_an_address(office: Office) -> None:
    _, wife = office.household("0001", ["山田 太郎", "山田 花子"])
    Person.objects.filter(pk=wife.person_id).update(address_protected=True)
    face = interim_face(Member.objects.get(pk=wife.pk), ON)
    assert face.addressee == Addressee("", "", "山田 花子")
    office.address(wife, "safe", "大阪市北区梅田一丁目")
    assert interim_face(wife, ON).addressee.address == "大阪市北区梅田一丁目"


def test_a_name_in_use_has_the_registered_one_overleaf_and_a_hidden_sex_too(office: Office) -> None:
    (member,) = office.household("0001", ["李 一郎"], printed_name="山田 一郎", sex_on_back=True)
    face = interim_face(member, ON)
    assert (face.name, face.legal_name, face.sex_on_back) == ("山田 一郎", "李 一郎", True)


@pytest.mark.parametrize(
    ("born", "share", "through"),
    [
        (D(1956, 11, 1), 30, D(2026, 12, 2)),  # 70 reached in October: the share stands there
        (D(1956, 11, 20), None, D(2026, 11, 30)),  # 70 reached this month: the share begins on 1 December
        (D(1956, 12, 20), None, D(2026, 12, 2)),
        (D(1951, 11, 20), 30, D(2026, 11, 19)),  # cover ends with the day before the 75th birthday
    ],
)
def test_the_share_from_70_on_and_the_end_of_cover_at_75(
    office: Office, born: date, share: int | None, through: date
) -> None:
    (member,) = office.household("0001")
    member.person.birth_date = born
    member.person.save()
    face = interim_face(Member.objects.get(pk=member.pk), ON)
    assert (face.copayment_percent, face.valid_through) == (share, through)


def test_a_relief_counts(office: Office) -> None:
    (member,) = office.household("0001")
    member.person.birth_date = D(1955, 5, 5)
    member.person.save()
    ShareRelief.objects.create(member=member, valid_from=D(2026, 8, 1), valid_through=D(2026, 11, 20))
    face = interim_face(Member.objects.get(pk=member.pk), ON)
    assert (face.copayment_percent, face.valid_through) == (20, D(2026, 11, 20))


# The command and the page


def test_the_command(office: Office, command: Callable) -> None:
    (member,) = office.household("0001")
    told = ("interim", "1", "0001", "00", "--by", "haraguchi", "--on", "2026-11-12")
    done = command("letters", *told)
    assert (done.code, done.json) == (0, {"files": [f"paper/letters/interim-{member.pk}-20261112.pdf"]})
    knows(member)
    refused = command("letters", *told)
    assert refused.code == 1 and "マイナ保険証を令和11年7月31日まで使えるため" in refused.err
    assert "山田" not in refused.err


def test_an_auditor_prints_none(office: Office) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")
    (member,) = office.household("0001")
    with pytest.raises(Refused, match="権限"):
        service.print_letter("interim", member, by=auditor, on=ON)


def test_from_the_members_page(office: Office, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: ON)
    (member,) = office.household("0001")
    client.force_login(Clerk.objects.create_user("hanako", role="clerk", is_staff=True))
    url = reverse("admin:members_member_interim", args=[member.pk])
    page = client.get(reverse("admin:members_member_change", args=[member.pk])).content.decode()
    assert url in page
    assert "令和8年12月2日まで使える" in client.get(url).content.decode()
    done = client.post(url)
    assert done["Content-Type"] == "application/pdf"
    assert b"".join(done.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]
    assert Event.objects.filter(verb="letter", subject_id=member.pk).count() == 1
    timeline = client.get(reverse("admin:members_person_timeline", args=[member.person_id])).content.decode()
    assert "資格証明書を印刷しました。" in timeline
    knows(member)
    refused = client.post(url)
    assert refused.status_code == 409 and "マイナ保険証を令和11年7月31日まで" in refused.content.decode()
    assert Event.objects.filter(verb="letter").count() == 1


@pytest.mark.parametrize("kind", list(registry.labels()))
def test_the_log_says_each_letter_in_japanese(kind: str) -> None:
    assert worded({"letter": kind}).isascii() is False and kind not in worded({"letter": kind})
