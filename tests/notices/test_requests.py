"""返納のお願い: the first word of a duty, once, with the day, the place and what to show from then on."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates.documents.serials import serial_text
from certificates.models import EligibilityCertificate, Recovery
from certificates.recovery import due_reminders, open_duties, recover_by_serial
from core.errors import Refused
from core.models import Clerk, Event
from core.transitions import advance_many
from members.models import Member, MynaStatus, Person
from notices.letters import service
from notices.letters.request.printing import print_requests
from tests.mailing import build
from tests.mailing.build import Office
from tests.notices.test_letters_printing import pages

D = date
DAY = timedelta(days=1)
OPENED_ON = D(2026, 11, 12)
DUE_ON = D(2026, 11, 19)  # toyobo returns within 7 days


@pytest.fixture
def office(db: None, home: Path) -> Office:
    return build.office()


def posted(office: Office, members: list[Member], sequence: int = 0) -> list[EligibilityCertificate]:
    papers = EligibilityCertificate.objects.filter(pk__in=office.certify(members, sequence=sequence))
    for number, paper in enumerate(papers, start=office.serials * 10):
        EligibilityCertificate.objects.filter(pk=paper.pk).update(serial=serial_text(number))
    for verb in ("print", "send"):
        advance_many(papers, verb, by=office.clerk, on=D(2026, 11, 10))
    return list(papers.order_by("pk"))


def duties(office: Office, members: list[Member], cause: str = "loss", lost_on: date | None = None) -> list[Recovery]:
    """Posted certificates, one for each member, all to be handed back."""
    if cause in ("loss", "death", "removed"):
        Member.objects.filter(pk__in=[m.pk for m in members]).update(lost_on=lost_on or OPENED_ON)
    opened = open_duties(posted(office, members), cause=cause, received_on=OPENED_ON, on=OPENED_ON, by=office.clerk)
    return list(Recovery.objects.filter(pk__in=opened).order_by("pk"))


def registered(member: Member, expires_on: date | None) -> None:
    MynaStatus.objects.create(
        person_id=member.person_id,
        source="monthly",
        as_of=D(2026, 10, 31),
        state="registered",
        registered_on=D(2026, 10, 1),
        e_certificate_expires_on=expires_on,
    )


def asked(office: Office, on: date = OPENED_ON) -> list[str]:
    done = print_requests(on, by=office.clerk)
    assert done.held == ()
    return pages(done.files[-1])


def test_what_why_by_when_to_whom_and_with_which_envelope(office: Office) -> None:
    (duty,) = duties(office, office.household("0001", ["山田 太郎"], establishment=0))
    (page,) = asked(office)
    paper = duty.certificate
    assert paper is not None and "資格確認書の返納のお願い" in page and "山田 太郎 様" in page
    assert f"資格がなくなったため、お手元の資格確認書（発行番号{paper.serial}、有効期限" in page
    assert "は令和8年11月12日から使えません" in page
    name = office.establishments[0].name
    assert f"令和8年11月19日までに、同封の返信用封筒で、事業所（{name}）へ返してください" in page
    assert "新しい" not in page and "マイナ保険証" not in page and "督促" not in page


def test_each_duty_is_asked_for_once(office: Office, command: Any) -> None:
    duties(office, office.household("0001", ["山田 太郎", "山田 花子"]))
    first = command("letters", "requests", "--by", "haraguchi", "--on", "2026-11-12")
    file = "paper/letters/requests-20261112-1.pdf"
    assert first.json == {"requests": 2, "files": [file], "held": 0}
    path = service.folder() / "requests-20261112-1.pdf"
    before, events = path.read_bytes(), Event.objects.count()
    assert command("letters", "requests", "--by", "haraguchi", "--on", "2026-11-12").json == first.json
    path.unlink()
    assert command("letters", "requests", "--by", "haraguchi", "--on", "2026-11-12").json == first.json
    assert path.read_bytes() == before and Event.objects.count() == events
    assert print_requests(OPENED_ON + DAY, by=office.clerk).count == 0
    assert set(Recovery.objects.values_list("requested_on", flat=True)) == {OPENED_ON}


def test_no_reminder_without_a_request_and_none_before_its_days_have_passed(office: Office) -> None:
    duties(office, office.household("0001"))
    late = DUE_ON + 30 * DAY
    assert not due_reminders(late)
    # What the letter grants is a day still to come.
    assert "令和8年12月26日までに" in asked(office, late)[0]
    assert [len(due_reminders(late + n * DAY)) for n in (6, 7, 8)] == [0, 0, 1]


@pytest.mark.parametrize(("day", "until"), [(-1, "11月19日"), (0, "11月26日"), (1, "11月27日")])
def test_the_day_named_is_the_duty_s_or_one_still_to_come(office: Office, day: int, until: str) -> None:
    duties(office, office.household("0001"))
    assert f"令和8年{until}までに" in asked(office, DUE_ON + day * DAY)[0]


def test_a_later_loss_leaves_the_days_before_it(office: Office) -> None:
    duties(office, office.household("0001"), lost_on=D(2026, 12, 1))
    (page,) = asked(office)
    assert "令和8年12月1日から使えません" in page and "令和8年11月30日までは、これまでどおりお使い" in page
    assert "令和8年12月8日までに" in page and "11月19日" not in page


@pytest.mark.parametrize(("status", "asked_alone"), [("proposed", 0), ("approved", 0), ("printed", 1), ("sent", 1)])
def test_a_request_waits_for_a_replacement_that_is_not_printed(office: Office, status: str, asked_alone: int) -> None:
    (member,) = office.household("0001")
    duties(office, [member], cause="face_changed")
    made = EligibilityCertificate.objects.filter(
        pk__in=office.certify([member], sequence=1, approved=status != "proposed")
    )
    for verb in {"printed": ["print"], "sent": ["print", "send"]}.get(status, []):
        advance_many(made, verb, by=office.clerk, on=OPENED_ON)
    assert print_requests(OPENED_ON, by=office.clerk).count == asked_alone


def test_a_loss_is_asked_about_whatever_comes(office: Office) -> None:
    """Another cover's paper takes no old one's place: the loss is written about at once."""
    (member,) = office.household("0001")
    duties(office, [member], cause="loss")
    office.certify([member], sequence=1, approved=False)
    assert print_requests(OPENED_ON, by=office.clerk).count == 1


def test_whoever_gets_another_paper_is_told_so(office: Office) -> None:
    """The other one was printed before it was known that the first has to come back."""
    (member,) = office.household("0001")
    duties(office, [member], cause="face_changed")
    made = EligibilityCertificate.objects.filter(pk__in=office.certify([member], sequence=1))
    advance_many(made, "print", by=office.clerk, on=OPENED_ON)
    made.update(effective_on=D(2026, 11, 15))
    (page,) = asked(office)
    assert "表面の内容が変わったため" in page and "令和8年11月15日から使えません" in page
    assert "新しい資格確認書は、別にお送りします" in page and "マイナ保険証をお使い" not in page


def test_whose_former_paper_serves_on_is_promised_nothing(office: Office) -> None:
    """A paper that was made for a name to come is asked back when the name does not come."""
    (member,) = office.household("0001")
    posted(office, [member])
    (paper,) = posted(office, [member], sequence=1)
    open_duties([paper], cause="face_changed", received_on=OPENED_ON, on=OPENED_ON, by=office.clerk)
    (page,) = asked(office)
    assert f"発行番号{paper.serial}" in page and "令和8年11月12日から使えません" in page
    assert not any(words in page for words in ("新しい資格確認書", "確認しています", "マイナ保険証をお使い"))


def test_a_paper_on_its_way_is_not_promised_again(office: Office) -> None:
    (member,) = office.household("0001")
    duties(office, [member], cause="superseded")
    posted(office, [member], sequence=1)
    (page,) = asked(office)
    assert "新しい資格確認書は、別にお送りしました" in page and "差し替えました" not in page


@pytest.mark.parametrize(
    ("expires_on", "said", "unsaid"),
    [
        (D(2030, 4, 1), "マイナ保険証をお使いください", "確認しています"),
        (None, "これからの受診に使うものは確認しています", "マイナ保険証"),
    ],
)
def test_the_myna_card_is_named_only_where_it_can_be_used(
    office: Office, expires_on: date | None, said: str, unsaid: str
) -> None:
    (member,) = office.household("0001")
    registered(member, expires_on)
    duties(office, [member], cause="face_changed")
    (page,) = asked(office)
    assert said in page and unsaid not in page and "新しい資格確認書" not in page


def test_a_registration_does_not_make_the_paper_unusable(office: Office) -> None:
    (member,) = office.household("0001")
    registered(member, D(2030, 4, 1))
    duties(office, [member], cause="registration")
    (page,) = asked(office)
    assert "マイナ保険証が使えるようになったため" in page and "返していただくことになりました" in page
    assert "から使えません" not in page and "マイナ保険証をお使いください" in page


def test_a_registration_that_holds_no_more_is_not_written_about(office: Office) -> None:
    (member,) = office.household("0001")
    (duty,) = duties(office, [member], cause="registration")
    done = print_requests(OPENED_ON, by=office.clerk)
    assert done.count == 0 and [held.id for held in done.held] == [duty.pk]


@pytest.mark.parametrize("flag", ["nondisclosure", "address_protected"])
def test_whoever_is_protected_is_asked_alone_at_the_safe_address(office: Office, flag: str) -> None:
    husband, wife = office.household("0001", ["山田 太郎", "山田 花子"])
    Person.objects.filter(pk=wife.person_id).update(**{flag: True})
    _, hers = duties(office, [husband, wife])
    done = print_requests(OPENED_ON, by=office.clerk)
    assert done.count == 1 and [held.id for held in done.held] == [hers.pk]
    assert "花子" not in "".join(pages(done.files[0]))
    office.address(wife, "safe", "大阪府大阪市北区一番")
    (page,) = asked(office, OPENED_ON + DAY)
    assert "山田 花子 様" in page and "大阪市北区一番" in page and "太郎" not in page


def test_after_a_death_the_family_is_asked(office: Office) -> None:
    duties(office, office.household("0001", ["山田 太郎", "山田 花子"]), cause="death")
    (page,) = asked(office)
    assert "故 山田 太郎 様" in page and "ご遺族 様" in page and "埋葬料" in page and "同封の返信用封筒" in page


def test_nothing_is_asked_of_what_is_back_expired_lost_or_here(office: Office) -> None:
    back, expired, here, lost = duties(office, [office.household(f"000{n}")[0] for n in range(4)])
    assert back.certificate is not None and expired.certificate_id and here.certificate_id
    recover_by_serial(back.certificate.serial, by=office.clerk, on=OPENED_ON, channel="mail")
    EligibilityCertificate.objects.filter(pk=expired.certificate_id).update(valid_through=OPENED_ON - DAY)
    at_the_office = EligibilityCertificate.objects.filter(pk=here.certificate_id)
    advance_many(at_the_office, "return", by=office.clerk, on=OPENED_ON, reason="宛先不明")
    Recovery.objects.filter(pk=lost.pk).update(cause="reissued")
    assert print_requests(OPENED_ON, by=office.clerk).count == 0


def test_a_failed_drawing_leaves_nothing_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    duties(office, office.household("0001"))

    def die(*args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(service, "write", die)
        with pytest.raises(RuntimeError):
            print_requests(OPENED_ON, by=office.clerk)
    assert Recovery.objects.get().requested_on is None
    assert print_requests(OPENED_ON, by=office.clerk).count == 1


def test_who_may_not_ask(office: Office) -> None:
    Clerk.objects.create_user("kansa", role="auditor")
    with pytest.raises(Refused, match="権限"):
        print_requests(OPENED_ON, by=Clerk.objects.get(username="kansa"))
