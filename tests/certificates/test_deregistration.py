"""利用登録解除: taken in, accepted with a certificate, at the fund, confirmed or chased."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from certificates import deregistration as deregistrations
from certificates import rules
from certificates import ruling as rulings
from certificates.gaps import has_route
from certificates.law import law_on
from certificates.loading import load
from certificates.models import Deregistration, EligibilityCertificate, Recovery, Ruling, Run
from certificates.reading import facts_of
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.transitions import advance, advance_many
from members.models import Member, MynaStatus
from members.services import policy_on, society
from tests.builders import Folder
from tests.conftest import run_command

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = date(2026, 11, 10)
EFFECT = date(2026, 12, 31)  # for an intake in November
Clerks = tuple[Clerk, Clerk]


def _says(member: Member, as_of: date = date(2026, 10, 31), state: str = "registered", **more: Any) -> None:
    values = {"source": "monthly", "registered_on": date(2024, 1, 1)} if state == "registered" else {}
    values |= {"e_certificate_expires_on": date(2030, 1, 1)} if state == "registered" else {}
    MynaStatus.objects.create(
        person=member.person, as_of=as_of, state=state, **({"source": "monthly"} | values | more)
    )


@pytest.fixture
def member(tmp_path: Path, clerks: Clerks) -> Member:
    """Insured, with a マイナ保険証 by the fund's word of October."""
    load(Folder(tmp_path / "in").insured("1").write(), on=TODAY)
    _says(Member.objects.get())
    return Member.objects.get()


def _receive(member: Member, by: Clerk, on: date = TODAY) -> Deregistration:
    return deregistrations.receive(member, received_on=on, via="counter", by=by, on=on)


def _granted(member: Member, by: Clerk, accepted_on: date) -> Deregistration:
    made = _receive(member, by)
    deregistrations.grant([made.pk], accepted_on=accepted_on, file=1, by=by, on=accepted_on)
    made.refresh_from_db()
    return made


def _run(as_of: date, status: str = "open") -> Run:
    """A month whose file was read: what the file left as it was is confirmed for its day."""
    month = as_of + DAY
    run = Run.objects.create(
        insurer=society(), month=month, as_of=as_of, decided_on=month, issue_on=month, file_hash="", policy={},
        run_by=Clerk.objects.first(),
    )  # fmt: skip
    if status == "applied":
        advance(run, "apply", by=None, on=month)
    return run


def test_another_clerks_acceptance_issues_and_approves(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])

    ruling = deregistrations.accept(made, by=clerks[1], on=TODAY)

    paper = EligibilityCertificate.objects.get(member=member)
    assert ruling is not None
    assert (ruling.cause, ruling.request) == ("deregistration", f"deregistration:{made.pk}")
    assert (paper.ground, paper.basis, paper.effective_on) == ("deregistration", "application", TODAY)
    assert (paper.status, made.status) == ("approved", "received")
    assert str(rulings.replayed(ruling).reason) == ruling.reason


def test_who_took_it_in_leaves_the_approval_to_another(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])

    deregistrations.accept(made, by=clerks[0], on=TODAY)
    deregistrations.accept(made, by=clerks[0], on=TODAY)
    assert EligibilityCertificate.objects.get().status == "proposed"
    deregistrations.accept(made, by=clerks[1], on=TODAY)

    assert EligibilityCertificate.objects.get().status == "approved"
    assert Event.objects.filter(subject=deregistrations.LABEL, verb="accept").count() == 1


def test_an_open_request_is_answered_again(member: Member, clerks: Clerks) -> None:
    first = _receive(member, clerks[0])
    assert _receive(member, clerks[1], TODAY + DAY) == first

    deregistrations.grant([first.pk], accepted_on=TODAY, file=1, by=clerks[0], on=TODAY)

    assert _receive(member, clerks[1], TODAY + DAY) == first
    assert Deregistration.objects.count() == 1


def test_after_a_new_registration_the_next_request_is_a_new_one(member: Member, clerks: Clerks) -> None:
    first = _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), registered_on=date(2027, 1, 15))

    second = _receive(member, clerks[0], date(2027, 2, 5))

    assert second != first
    assert second.status == "received"


@pytest.mark.parametrize(
    ("state", "words"),
    [("not_registered", "利用登録がない"), ("returned", "利用登録がない"), ("absent", "個別照会")],
)
def test_whoever_is_not_registered_is_told_so(member: Member, clerks: Clerks, state: str, words: str) -> None:
    _says(member, date(2026, 11, 8), state)

    with pytest.raises(Refused, match=words):
        _receive(member, clerks[0])

    assert not Deregistration.objects.exists()


def test_whoever_the_fund_has_never_named_is_asked_about_first(member: Member, clerks: Clerks) -> None:
    MynaStatus.objects.all().delete()

    with pytest.raises(Refused, match="個別照会"):
        _receive(member, clerks[0])


@pytest.mark.parametrize(
    ("on", "taken"), [(date(2026, 11, 9), True), (date(2026, 11, 10), True), (date(2026, 11, 11), False)]
)
def test_after_the_last_day_of_cover_it_is_another_insurers(
    member: Member, clerks: Clerks, on: date, taken: bool
) -> None:
    Member.objects.update(lost_on=date(2026, 11, 11))
    member.refresh_from_db()
    if taken:
        assert _receive(member, clerks[0], on).status == "received"
        return
    with pytest.raises(Refused, match="資格が終わっている"):
        _receive(member, clerks[0], on)


@pytest.mark.parametrize(
    ("changed", "column"), [({"received_on": TODAY + DAY}, "received_on"), ({"via": "pigeon"}, "via")]
)
def test_a_bad_form_is_refused_by_column(
    member: Member, clerks: Clerks, changed: dict[str, Any], column: str
) -> None:
    with pytest.raises(BadInput) as bad:
        deregistrations.receive(member, **{"received_on": TODAY, **changed}, by=clerks[0], on=TODAY)

    assert [mistake.column for mistake in bad.value.mistakes] == [column]


def test_an_auditor_takes_nothing_in(member: Member) -> None:
    auditor = Clerk.objects.create_user("kansa", role="auditor")

    with pytest.raises(Refused, match="監査の権限では"):
        _receive(member, auditor)


@pytest.mark.parametrize(("through", "issued"), [(EFFECT - DAY, 1), (EFFECT, 1), (EFFECT + DAY, 0)])
def test_a_certificate_in_hand_beyond_the_effect_is_enough(
    tmp_path: Path, clerks: Clerks, through: date, issued: int
) -> None:
    folder = Folder(tmp_path / "in").insured("1").certificate("1", valid_through=through.isoformat())
    load(folder.write(), on=TODAY)
    member = Member.objects.get()
    _says(member)

    ruling = deregistrations.accept(_receive(member, clerks[0]), by=clerks[1], on=TODAY)

    assert (ruling is not None) == bool(issued)
    assert EligibilityCertificate.objects.filter(ground="deregistration").count() == issued
    assert deregistrations.to_request(society()).count() == 1


def test_one_that_ends_too_soon_ends_with_the_new_one_and_comes_back(tmp_path: Path, clerks: Clerks) -> None:
    load(Folder(tmp_path / "in").insured("1").certificate("1", valid_through="2026-12-31").write(), on=TODAY)
    member = Member.objects.get()
    _says(member)

    deregistrations.accept(_receive(member, clerks[0]), by=clerks[1], on=TODAY)

    old, new = EligibilityCertificate.objects.order_by("pk")
    assert (old.status, new.status) == ("superseded", "approved")
    assert Recovery.objects.get(certificate=old).cause == "superseded"


def test_a_withdrawal_voids_the_unposted_certificate(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)

    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    assert made.status == "withdrawn"
    assert EligibilityCertificate.objects.get().status == "voided"
    with pytest.raises(Refused, match="新しく受け付けて"):
        deregistrations.accept(made, by=clerks[1], on=TODAY)
    assert _receive(member, clerks[0], TODAY + DAY) != made


def test_a_posted_certificate_stays_with_its_holder(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    papers = EligibilityCertificate.objects.all()
    for verb in ("print", "send"):
        advance_many(papers, verb, by=clerks[0], on=TODAY)

    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    assert papers.get().status == "sent"


def test_nothing_is_withdrawn_from_the_fund(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    deregistrations.hand_over([made.pk], file=1, by=clerks[0], on=TODAY)
    with pytest.raises(Refused, match="基金に取下げを申し出て"):
        deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    deregistrations.grant([made.pk], accepted_on=TODAY, file=1, by=clerks[0], on=TODAY)

    with pytest.raises(Refused, match="改めて利用登録をする"):
        deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)
    assert EligibilityCertificate.objects.get().status == "approved"


def test_what_was_taken_back_from_the_fund_can_be_withdrawn(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.hand_over([made.pk], file=1, by=clerks[0], on=TODAY)
    deregistrations.take_back([made.pk], file=1, by=clerks[0], on=TODAY)

    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    assert made.status == "withdrawn"


@pytest.mark.parametrize(
    ("accepted_on", "last"),
    [
        (date(2026, 11, 29), date(2026, 12, 31)),
        (date(2026, 11, 30), date(2026, 12, 31)),
        (date(2026, 12, 1), date(2027, 1, 31)),
        (date(2027, 1, 31), date(2027, 2, 28)),
    ],
)
def test_the_card_lasts_to_the_end_of_the_month_after_the_intakes(
    member: Member, clerks: Clerks, accepted_on: date, last: date
) -> None:
    made = _granted(member, clerks[0], accepted_on)
    policy, law = policy_on(society(), last), law_on(last)

    assert deregistrations.effect_on(accepted_on) == last
    assert deregistrations.last_day(made, None) == last
    for on, usable in ((last - DAY, True), (last, True), (last + DAY, False)):
        facts = facts_of(society().pk, on, [member.pk])[member.pk]
        assert rules.myna(facts, law).last_day == last
        assert has_route(facts, on, policy, law) is usable


@pytest.mark.parametrize("state", ["not_registered", "returned"])
@pytest.mark.parametrize(("as_of", "done"), [(TODAY - DAY, 0), (TODAY, 0), (TODAY + DAY, 1)])
def test_a_word_after_the_intake_confirms(
    member: Member, clerks: Clerks, as_of: date, done: int, state: str
) -> None:
    made = _granted(member, clerks[0], TODAY)
    _says(member, as_of, state)

    assert deregistrations.confirm(TODAY + DAY) == done
    assert deregistrations.confirm(TODAY + DAY) == 0
    made.refresh_from_db()
    assert made.status == ("done" if done else "granted")


@pytest.mark.parametrize(("registered_on", "done"), [(TODAY - DAY, 0), (TODAY, 0), (TODAY + DAY, 1)])
def test_a_new_registration_after_the_intake_overtakes_it(
    member: Member, clerks: Clerks, registered_on: date, done: int
) -> None:
    _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), registered_on=registered_on)

    assert deregistrations.confirm(date(2027, 2, 5)) == done


@pytest.mark.parametrize("state", ["absent", "conflict"])
def test_silence_confirms_nothing(member: Member, clerks: Clerks, state: str) -> None:
    _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), state)

    assert deregistrations.confirm(date(2027, 2, 5)) == 0
    assert deregistrations.to_chase(date(2027, 2, 5)) == []


def test_a_word_of_tomorrow_confirms_nothing_today(member: Member, clerks: Clerks) -> None:
    _granted(member, clerks[0], TODAY)
    _says(member, date(2027, 1, 31), "not_registered")

    assert deregistrations.confirm(date(2027, 1, 30)) == 0


@pytest.mark.parametrize(("as_of", "chased"), [(EFFECT - DAY, 0), (EFFECT, 0), (EFFECT + DAY, 1)])
def test_still_registered_after_the_effect_is_chased(
    member: Member, clerks: Clerks, as_of: date, chased: int
) -> None:
    made = _granted(member, clerks[0], TODAY)
    _says(member, as_of)

    assert deregistrations.to_chase(date(2027, 1, 5)) == [made][:chased]
    assert deregistrations.confirm(date(2027, 1, 5)) == 0


@pytest.mark.parametrize(("status", "chased"), [("open", 0), ("applied", 1)])
def test_a_month_that_changed_nothing_shows_the_link_uncut(
    member: Member, clerks: Clerks, status: str, chased: int
) -> None:
    """Statuses are written when a file differs, so January's file says of October's row that it still holds."""
    _granted(member, clerks[0], TODAY)
    _run(date(2027, 1, 31), status)

    assert len(deregistrations.to_chase(date(2027, 2, 5))) == chased


def test_the_month_after_the_effect_finds_the_certificate_in_hand(
    member: Member, clerks: Clerks, tmp_path: Path, settings: Any
) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    deregistrations.grant([made.pk], accepted_on=date(2026, 11, 12), file=1, by=clerks[0], on=TODAY)
    file = tmp_path / "fund.csv"
    file.write_text(
        "H,06130488,20261130,20261203,M\nD,101,1,00,ヤマダ タロウ,19800415,1,1,20240101,20300101,0,\nT,1\n",
        encoding="utf-8",
    )
    settings.KENPO_TODAY = date(2026, 12, 8)
    assert run_command("receive", file).code == 0

    ran = run_command("run_month", "2026-12", "--by", "suzuki")

    assert (ran.code, ran.json["certificates"]) == (0, 0)
    assert not Recovery.objects.exists()


def test_the_command_takes_in_and_a_second_clerk_approves(member: Member) -> None:
    arguments = ("deregister", "101", "1", "--on", TODAY.isoformat(), "--by")

    first, again, second = (run_command(*arguments, name) for name in ("suzuki", "suzuki", "tanaka"))

    assert [answer.code for answer in (first, again, second)] == [0, 0, 0]
    assert first.json == again.json
    assert first.json["deregistration"] == second.json["deregistration"]
    assert [answer.json["certificates"][0]["status"] for answer in (first, second)] == [
        "proposed",
        "approved",
    ]
    assert Ruling.objects.count() == 1


def test_the_command_withdraws_once(member: Member) -> None:
    run_command("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat())
    arguments = (
        "deregister",
        "101",
        "1",
        "--by",
        "suzuki",
        "--on",
        TODAY.isoformat(),
        "--withdraw",
        "本人の申出",
    )

    first, again = run_command(*arguments), run_command(*arguments)

    assert first.json == again.json
    assert first.json["status"] == "withdrawn"


def test_the_command_asks_which_of_a_family(tmp_path: Path, clerks: Clerks) -> None:
    load(Folder(tmp_path / "in").insured("1").dependent("1").write(), on=TODAY)

    answer = run_command("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat())

    assert answer.code == 2
    assert "枝番" in answer.err


def test_the_command_refuses_whoever_is_not_registered(member: Member) -> None:
    _says(member, date(2026, 11, 8), "not_registered")

    answer = run_command("deregister", "101", "1", "--by", "suzuki", "--on", TODAY.isoformat())

    assert (answer.code, "利用登録がない" in answer.err) == (1, True)
    assert not EligibilityCertificate.objects.exists()


def test_log_and_refusals_name_nobody(member: Member, clerks: Clerks) -> None:
    made = _receive(member, clerks[0])
    deregistrations.accept(made, by=clerks[1], on=TODAY)
    deregistrations.withdraw(made, reason="本人の申出", by=clerks[0], on=TODAY)

    written = "".join(str(event.note) for event in Event.objects.filter(subject__startswith="certificates."))

    assert "山田" not in written
    assert "ヤマダ" not in written
    assert "1980" not in written
