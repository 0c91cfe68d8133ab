"""Letters from the database: who is written to, what is never written, and that nothing goes out twice."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.documents.serials import serial_text
from certificates.models import Application, EligibilityCertificate, Recovery
from certificates.recovery import open_duties, recover_by_serial
from core.errors import Refused
from core.models import Clerk, Event
from core.paper import readback
from core.transitions import advance, advance_many
from members.models import Establishment, Member, Person
from notices.letters import service
from notices.letters.reading import recipients
from notices.letters.reminder.printing import print_reminders
from notices.letters.unregistered.printing import print_unregistered
from tests.mailing import build
from tests.mailing.build import Office

D = date
DAY = timedelta(days=1)
OPENED_ON = D(2026, 11, 12)
LISTED_ON = D(2026, 11, 6)
FIRST = D(2026, 11, 19) + 14 * DAY  # due on the 19th: toyobo returns within 7 days


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def duties(office: Office, members: list[Member], cause: str = "loss") -> list[Recovery]:
    """Posted certificates, one for each member, all to be handed back and asked for."""
    ids = office.certify(members)
    papers = EligibilityCertificate.objects.filter(pk__in=ids)
    for number, paper in enumerate(papers, start=office.serials * 10):
        EligibilityCertificate.objects.filter(pk=paper.pk).update(serial=serial_text(number))
    for verb in ("print", "send"):
        advance_many(papers, verb, by=office.clerk, on=D(2026, 11, 10))
    opened = open_duties(papers, cause=cause, received_on=OPENED_ON, on=OPENED_ON, by=office.clerk)
    Recovery.objects.filter(pk__in=opened).update(requested_on=OPENED_ON)
    return list(Recovery.objects.filter(pk__in=opened).order_by("pk"))


def pages(path: Path | None) -> list[str]:
    assert path is not None
    with readback.open_pdf(path) as pdf:
        return [readback.full_text(pdf, number).replace("\r\n", "") for number in range(1, len(pdf) + 1)]


def protect(member: Member, **flags: bool) -> None:
    Person.objects.filter(pk=member.person_id).update(**flags)


# Reminders


def test_one_letter_per_household_with_every_paper(office: Office) -> None:
    duties(office, office.household("0001", ["山田 太郎", "山田 花子"]))
    duties(office, office.household("0002", ["髙橋 一郎"]))
    done = print_reminders(FIRST, by=office.clerk)
    assert done.by_step == (3, 0, 0) and done.held == ()
    first, second = pages(done.file)
    assert "山田 太郎 様" in first and "山田 花子" in first and "髙橋" not in first
    assert "髙橋 一郎 様" in second and "山田" not in second
    assert done.file is not None and done.file.name == "reminders-20261203-1.pdf"


def test_a_second_run_the_same_day_is_the_same_file(office: Office, command: Any) -> None:
    duties(office, office.household("0001"))
    first = command("remind", "--by", "haraguchi", "--on", "2026-12-03")
    assert first.json == {"reminders": [1, 0, 0], "file": "paper/letters/reminders-20261203-1.pdf", "held": 0}
    path = service.folder() / "reminders-20261203-1.pdf"
    before, events = path.read_bytes(), Event.objects.count()
    again = command("remind", "--by", "haraguchi", "--on", "2026-12-03")
    assert again.json == first.json and path.read_bytes() == before
    assert Event.objects.count() == events
    path.unlink()
    assert command("remind", "--by", "haraguchi", "--on", "2026-12-03").json == first.json
    assert path.read_bytes() == before
    quiet = command("remind", "--by", "haraguchi", "--on", "2026-12-04")
    assert quiet.json == {"reminders": [0, 0, 0], "file": None, "held": 0}


def test_what_falls_due_later_the_same_day_gets_a_file_of_its_own(office: Office) -> None:
    duties(office, office.household("0001"))
    first = print_reminders(FIRST, by=office.clerk)
    duties(office, office.household("0002", ["髙橋 一郎"]))
    second = print_reminders(FIRST, by=office.clerk)
    assert second.by_step == (2, 0, 0) and second.file != first.file
    assert len(pages(second.file)) == 1 and "髙橋" in pages(second.file)[0]


def test_three_steps_then_silence_and_none_for_what_is_back(office: Office) -> None:
    (back,) = duties(office, office.household("0001"))
    duties(office, office.household("0002", ["髙橋 一郎"]))
    due = D(2026, 11, 19)
    assert print_reminders(due + 13 * DAY, by=office.clerk).by_step == (0, 0, 0)
    assert print_reminders(due + 14 * DAY, by=office.clerk).by_step == (2, 0, 0)
    assert back.certificate is not None
    recover_by_serial(back.certificate.serial, by=office.clerk, on=due + 20 * DAY, channel="mail")
    second = print_reminders(due + 30 * DAY, by=office.clerk)
    assert second.by_step == (0, 1, 0) and "（再度）" in pages(second.file)[0]
    third = print_reminders(due + 60 * DAY, by=office.clerk)
    assert third.by_step == (0, 0, 1) and "最後のお願い" in pages(third.file)[0]
    assert print_reminders(due + 90 * DAY, by=office.clerk).by_step == (0, 0, 0)


@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
def test_whoever_is_protected_is_written_to_alone_at_the_safe_address(office: Office, flag: str) -> None:
    husband, wife = office.household("0001", ["山田 太郎", "山田 花子"])
    protect(wife, **{flag: True})
    opened = duties(office, [husband, wife])
    done = print_reminders(FIRST, by=office.clerk)
    assert done.by_step == (1, 0, 0)
    assert [held.id for held in done.held] == [opened[1].pk] and "花子" not in done.held[0].reason
    assert "花子" not in "".join(pages(done.file))
    office.address(wife, "safe", "大阪府大阪市北区一番")
    (page,) = pages(print_reminders(FIRST, by=office.clerk).file)
    assert "山田 花子 様" in page and "大阪市北区一番" in page and "太郎" not in page and "千代田一丁目" not in page


def test_a_protected_head_is_never_written_to_at_home(office: Office) -> None:
    head, child = office.household("0001", ["山田 太郎", "山田 花子"])
    protect(head, address_protected=True)
    duties(office, [head, child])
    assert len(print_reminders(FIRST, by=office.clerk).held) == 2
    office.address(head, "safe", "大阪府大阪市北区一番")
    done = print_reminders(FIRST, by=office.clerk)
    assert done.by_step == (2, 0, 0)
    assert all("大阪市北区一番" in page and "千代田一丁目" not in page for page in pages(done.file))


def test_the_mailing_address_goes_before_the_residence_from_its_day(office: Office) -> None:
    (member,) = office.household("0001")
    office.address(member, "mailing", "大阪府大阪市北区二番")  # from 2026-01-01

    def address(day: date) -> str:
        addressee = recipients([member.pk], day)[member.pk].addressee
        assert addressee is not None
        return addressee.address

    days = (D(2025, 12, 31), D(2026, 1, 1), D(2026, 1, 2))
    assert ["二番" in address(day) for day in days] == [False, True, True]


def test_an_emptied_mailing_address_ends_the_one_before(office: Office) -> None:
    (member,) = office.household("0001")
    office.address(member, "mailing", "大阪府大阪市北区二番")  # from 2026-01-01
    member.person.addresses.create(use="mailing", postal_code="", address="", valid_from=D(2026, 6, 1))

    def address(day: date) -> str:
        addressee = recipients([member.pk], day)[member.pk].addressee
        assert addressee is not None
        return addressee.address

    days = (D(2026, 5, 31), D(2026, 6, 1), D(2026, 6, 2))
    assert ["二番" in address(day) for day in days] == [True, False, False]


def test_no_address_and_no_glyph_stay_due_and_are_named_by_serial(office: Office, command: Any) -> None:
    (nowhere,) = duties(office, office.household("0001", address=""))
    (strange,) = duties(office, office.household("0002", ["山田 \U0001f600"]))
    duties(office, office.household("0003"))
    answer = command("remind", "--by", "haraguchi", "--on", FIRST.isoformat())
    assert answer.json["reminders"] == [1, 0, 0] and answer.json["held"] == 2
    assert nowhere.certificate is not None and strange.certificate is not None
    assert f"発行番号 {nowhere.certificate.serial}: 送付先がありません" in answer.out
    assert f"発行番号 {strange.certificate.serial}: 「あて名」" in answer.out and "山田" not in answer.out
    assert set(Recovery.objects.filter(reminders=0).values_list("pk", flat=True)) == {nowhere.pk, strange.pk}


def test_after_a_death_the_family_is_written_to(office: Office) -> None:
    head, child = office.household("0001", ["山田 太郎", "山田 花子"])
    Member.objects.filter(pk=head.pk).update(lost_on=D(2026, 11, 11))
    duties(office, [head, child], cause="death")
    (page,) = pages(print_reminders(FIRST, by=office.clerk).file)
    assert "故 山田 太郎 様" in page and "ご遺族 様" in page and "埋葬料" in page
    _, gone = office.household("0002", ["髙橋 一郎", "髙橋 花子"])
    duties(office, [gone], cause="death")
    (page,) = pages(print_reminders(FIRST, by=office.clerk).file)
    assert "髙橋 一郎 様" in page and "故" not in page and "ご遺族" not in page


def test_a_letter_asks_nothing_beyond_the_last_valid_day(office: Office) -> None:
    (opened,) = duties(office, office.household("0001"))
    EligibilityCertificate.objects.update(valid_through=FIRST + 2 * DAY)
    assert opened.reminders == 0
    assert "令和8年12月5日までに" in pages(print_reminders(FIRST, by=office.clerk).file)[0]


def test_a_failed_drawing_leaves_no_reminder_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    duties(office, office.household("0001"))

    def die(*args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(service, "write", die)
        with pytest.raises(RuntimeError):
            print_reminders(FIRST, by=office.clerk)
    assert not Event.objects.filter(verb="remind").exists()
    assert Recovery.objects.get().reminders == 0
    assert print_reminders(FIRST, by=office.clerk).by_step == (1, 0, 0)


def test_who_may_not_remind(office: Office) -> None:
    Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="権限"):
        print_reminders(FIRST, by=Clerk.objects.get(username="kansa"))


def test_no_name_in_file_names_and_the_log(office: Office) -> None:
    (member,) = office.household("0001")
    duties(office, [member])
    print_reminders(FIRST, by=office.clerk)
    service.print_letter("form_lost", member, by=office.clerk, on=FIRST)
    names = [path.name for path in service.folder().iterdir()]
    assert all(name.isascii() for name in names) and len(names) == 2
    for note in Event.objects.values_list("note", flat=True):
        assert "山田" not in str(note) and "0001" not in str(note.get("file", ""))


# Letters about applications


def application(office: Office, member: Member, **facts: Any) -> Application:
    return Application.objects.create(
        member=member,
        kind="issue",
        ground="not_registered",
        received_on=D(2026, 11, 4),
        received_via="mail",
        due_on=D(2026, 11, 14),
        **facts,
    )


def test_a_refusal_in_the_words_of_the_decision(office: Office, command: Any) -> None:
    asked = application(office, office.household("0001")[0])
    with pytest.raises(Refused, match="不交付"):
        service.print_letter("refusal", asked, by=office.clerk, on=D(2026, 11, 6))
    words = "令和8年10月末の情報で、マイナ保険証を利用できることを確認したため、今回は交付できません。"
    advance(
        asked,
        "refuse",
        by=office.clerk,
        on=D(2026, 11, 6),
        reason="myna_usable",
        refusal="myna_usable",
        refusal_text=words,
        decided_on=D(2026, 11, 6),
    )
    answer = command("letters", "refusal", asked.pk, "--by", "haraguchi", "--on", "2026-11-09")
    assert answer.json == {"files": [f"paper/letters/refusal-{asked.pk}.pdf"]}
    (page,) = pages(service.folder() / f"refusal-{asked.pk}.pdf")
    assert words in page and "山田 太郎 様" in page
    assert "令和8年11月6日" in page and "令和8年11月9日" not in page and "①" not in page
    assert command("letters", "refusal", "999", "--by", "haraguchi").code == 2


def test_incomplete_lists_what_is_missing(office: Office, command: Any) -> None:
    asked = application(office, office.household("0001")[0])
    advance(asked, "send_back", by=office.clerk, on=D(2026, 11, 6), items_missing=["signature", "identity"])
    answer = command("letters", "incomplete", asked.pk, "--by", "haraguchi", "--on", "2026-11-06")
    assert answer.code == 0
    (page,) = pages(service.folder() / f"incomplete-{asked.pk}-20261106.pdf")
    assert "申請者の署名" in page and "本人確認書類の写し" in page and "委任状" not in page


def test_no_letter_to_a_protected_applicant_without_a_safe_address(office: Office) -> None:
    (member,) = office.household("0001")
    protect(member, nondisclosure=True)
    asked = application(office, member)
    advance(asked, "send_back", by=office.clerk, on=D(2026, 11, 6), items_missing=["signature"])
    with pytest.raises(Refused, match="安全な送付先"):
        service.print_letter("incomplete", asked, by=office.clerk, on=D(2026, 11, 6))


# 未提出者


def missing_number(office: Office, number: str, name: str, **facts: Any) -> Member:
    (member,) = office.household(number, [name], **facts)
    Person.objects.filter(pk=member.person_id).update(individual_number_state="unregistered")
    return member


def listed(office: Office, on: date = LISTED_ON) -> list[str]:
    paths, _ = print_unregistered(list(Establishment.objects.all()), by=office.clerk, on=on)
    return [text for path in paths for text in pages(path)]


def test_the_list_of_an_establishment(office: Office, command: Any) -> None:
    office.household("0009", ["届出 済子"])
    missing_number(office, "0002", "未出 二郎")
    missing_number(office, "0001", "未出 一郎")
    missing_number(office, "0003", "別所 三郎", establishment=1)
    protect(missing_number(office, "0004", "秘匿 四郎"), address_protected=True)
    protect(missing_number(office, "0005", "秘匿 五郎"), nondisclosure=True)
    missing_number(office, "0006", "任継 六郎", coverage_kind="voluntary")
    answer = command("letters", "unregistered", "001", "--by", "haraguchi", "--on", "2026-11-06")
    assert answer.json["held"] == 0
    (name,) = answer.json["files"]
    (page,) = pages(service.folder() / Path(name).name)
    assert page.index("未出 一郎") < page.index("未出 二郎")
    assert "2名" in page and "令和8年11月20日まで" in page
    assert "第1製作所" in page and "健康保険ご担当者 様" in page and "御中" not in page
    for other in ("届出", "秘匿", "別所", "任継"):
        assert other not in page.replace("届出のお願い", "").replace("届出の予定", "")
    assert len(listed(office)) == 2
    assert command("letters", "unregistered", "777", "--by", "haraguchi").code == 2


@pytest.mark.parametrize(("on", "count"), [(29, 1), (30, 0), (31, 0)])
def test_who_has_left_is_not_on_the_list(office: Office, on: int, count: int) -> None:
    member = missing_number(office, "0001", "未出 一郎")
    Member.objects.filter(pk=member.pk).update(lost_on=D(2026, 10, 30))
    assert len(listed(office, D(2026, 10, on))) == count


@pytest.mark.parametrize("who", [0, 1], ids=["insured", "dependent"])
@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
def test_nobody_of_a_protected_family_is_told_by_the_list(office: Office, who: int, flag: str) -> None:
    family = office.household("0001", ["未出 一郎", "未出 花子"])
    Person.objects.filter(pk=family[1].person_id).update(individual_number_state="pending")
    assert len(listed(office)) == 1
    protect(family[who], **{flag: True})
    assert listed(office) == []


@pytest.mark.parametrize("who", [0, 1], ids=["insured", "dependent"])
@pytest.mark.parametrize(("on", "count"), [(29, 1), (30, 0), (31, 0)])
def test_a_dependent_leaves_alone_or_with_the_insured(office: Office, who: int, on: int, count: int) -> None:
    family = office.household("0001", ["未出 一郎", "未出 花子"])
    Person.objects.filter(pk=family[1].person_id).update(individual_number_state="unregistered")
    Member.objects.filter(pk=family[who].pk).update(lost_on=D(2026, 10, 30))
    assert len(listed(office, D(2026, 10, on))) == count


@pytest.mark.parametrize(("on", "count"), [(31, 0), (1, 1), (2, 1)])
def test_who_has_not_come_yet_is_not_on_the_list(office: Office, on: int, count: int) -> None:
    member = missing_number(office, "0001", "未出 一郎")
    Member.objects.filter(pk=member.pk).update(acquired_on=D(2026, 11, 1))
    assert len(listed(office, D(2026, 10 if on == 31 else 11, on))) == count


def test_an_establishment_without_address_is_named(office: Office) -> None:
    missing_number(office, "0001", "未出 一郎")
    Establishment.objects.update(address="")
    paths, held = print_unregistered(list(Establishment.objects.all()), by=office.clerk, on=D(2026, 11, 6))
    assert paths == [] and len(held) == 1 and "所在地" in held[0].reason
