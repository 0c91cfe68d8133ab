"""A month's file that comes again or out of its turn: asked about, corrected by two clerks, never half applied."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certificates.decisions.ruling import rule as ruling_of
from certificates.models import EligibilityCertificate, Ruling
from core.errors import BadInput, Refused
from core.models import Clerk, Event
from core.transitions import advance
from exchange import incoming
from exchange.models import CorrectionChange, ExchangeFile
from members import policy as policies
from members.models import MynaStatus, Person, Policy
from tests.exchange.fund import NAMES, NOVEMBER, OCTOBER, ON, SEPTEMBER, Line, daily, insurer, member, month, newest, v1
from tests.kenpo.reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

MADE = date(2026, 11, 9)
WITHOUT = Line(registered="0", registered_on="", expires="")
OTHER = Line(number="2", kana=NAMES[1])


@pytest.fixture
def person() -> Person:
    """Somebody registered in October's applied file, beside another whom no correction changes."""
    values = policies.build("toyobo", {}).as_json()
    Policy.objects.create(insurer=insurer(), valid_from=date(2024, 12, 2), preset="toyobo", values=values)
    one = member().person
    member("2", kana=NAMES[1])
    month([Line(), OTHER])
    return one


@pytest.fixture
def two(clerks: tuple[Clerk, Clerk]) -> tuple[Clerk, Clerk]:
    return clerks


def correct(data: bytes, by: Clerk | None, **more: Any) -> ExchangeFile:
    return incoming.receive(io.BytesIO(data), **{"on": MADE, "correction": True, "by": by, **more})


def test_a_correction_is_counted_and_nothing_is_applied(person: Person, two: tuple[Clerk, Clerk]) -> None:
    before = list(MynaStatus.objects.order_by("pk").values())
    standing = ExchangeFile.objects.get()
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    assert (file.status, file.correction) == ("matched", True)
    assert file.counts["difference"] == {"changed": 1, "not_registered": 1}
    assert list(MynaStatus.objects.order_by("pk").values()) == before
    standing.refresh_from_db()
    assert standing.status == "applied"
    assert incoming.monthly_files(OCTOBER) == [standing]
    assert not Ruling.objects.exists()


def test_another_clerk_accepts_and_whom_it_changes_is_ruled_on_once(person: Person, two: tuple[Clerk, Clerk]) -> None:
    standing = ExchangeFile.objects.get()
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    done = incoming.accept_correction(file.pk, by=two[1], on=MADE)
    status = newest(person)
    assert status is not None
    assert (status.state, status.as_of, status.created_on, status.file_id) == ("not_registered", OCTOBER, MADE, file.pk)
    ruling = Ruling.objects.get()
    assert (ruling.member.person, ruling.request, ruling.outcome) == (person, f"correction:{file.pk}", "issue")
    assert EligibilityCertificate.objects.get().ruling == ruling
    assert (done.status, done.counts["rulings"]) == ("applied", {"issue": 1})
    standing.refresh_from_db()
    assert standing.status == "corrected"
    assert incoming.monthly_files(OCTOBER) == [done]
    again = incoming.accept_correction(file.pk, by=two[1], on=MADE)
    assert again.counts == done.counts
    assert Ruling.objects.count() == 1


def test_who_received_it_may_not_accept_it(person: Person, two: tuple[Clerk, Clerk]) -> None:
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    with pytest.raises(Refused, match="別の担当者"):
        incoming.accept_correction(file.pk, by=two[0], on=MADE)
    with pytest.raises(Refused, match="別の担当者が受け入れたとき"):
        incoming.apply([file], on=MADE)
    with pytest.raises(BadInput, match="--by"):
        correct(v1([WITHOUT], created=date(2026, 11, 8)), None)
    with pytest.raises(BadInput, match="訂正のファイルはありません"):
        incoming.accept_correction(ExchangeFile.objects.exclude(pk=file.pk)[0].pk, by=two[1], on=MADE)


@pytest.mark.parametrize(("day", "taken"), [(3, False), (4, False), (5, True)])
def test_only_a_newer_file_corrects(person: Person, two: tuple[Clerk, Clerk], day: int, taken: bool) -> None:
    data = v1([WITHOUT, OTHER], created=date(2026, 11, day))
    if taken:
        assert correct(data, two[0]).counts["difference"]["changed"] == 1
    else:
        with pytest.raises(Refused, match="より新しくない"):
            correct(data, two[0])


def test_a_month_that_was_not_applied_is_not_corrected(person: Person, two: tuple[Clerk, Clerk]) -> None:
    for day in (SEPTEMBER, NOVEMBER):
        with pytest.raises(Refused, match="まだ反映していないため、訂正はできません"):
            correct(v1([WITHOUT], as_of=day, created=MADE), two[0], on=date(2026, 12, 3))


def test_without_saying_so_it_is_refused_with_the_way(person: Person) -> None:
    with pytest.raises(Refused, match=r"--correction.*「支払基金のファイルを受け付ける」の画面"):
        incoming.receive(io.BytesIO(v1([WITHOUT, OTHER], created=MADE)), on=MADE)


def test_one_correction_waits_at_a_time(person: Person, two: tuple[Clerk, Clerk]) -> None:
    first = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    second = v1([WITHOUT, OTHER, Line(number="9")], created=MADE)
    with pytest.raises(Refused, match="受入れを待っています"):
        correct(second, two[0])
    incoming.reject(first, by=two[0], on=MADE, reason="差替え")
    assert correct(second, two[0]).status == "matched"


def test_a_newer_daily_row_is_not_changed_by_a_correction(person: Person, two: tuple[Clerk, Clerk]) -> None:
    daily([Line(returned="1", returned_on="20261103")], date(2026, 11, 3))
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    assert file.counts["difference"] == {"changed": 0}
    incoming.accept_correction(file.pk, by=two[1], on=MADE)
    status = newest(person)
    assert status is not None
    assert status.source == "daily"
    assert not Ruling.objects.exists()


def test_a_correction_of_an_older_month_overwrites_nothing_newer(person: Person, two: tuple[Clerk, Clerk]) -> None:
    month([Line(), OTHER], as_of=NOVEMBER, created=date(2026, 12, 4))
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0], on=date(2026, 12, 7))
    done = incoming.accept_correction(file.pk, by=two[1], on=date(2026, 12, 7))
    assert done.counts["difference"] == {"changed": 0}
    status = newest(person)
    assert status is not None
    assert status.state == "registered"


def test_who_is_missing_from_the_correction_has_no_row(person: Person, two: tuple[Clerk, Clerk]) -> None:
    file = correct(v1([OTHER], created=MADE), two[0])
    incoming.accept_correction(file.pk, by=two[1], on=MADE)
    assert file.counts["difference"] == {"changed": 1, "absent": 1}
    assert Ruling.objects.get().reason == "missing_from_file"


@pytest.mark.parametrize(
    ("as_of", "on", "asked"),
    [
        (NOVEMBER, date(2026, 12, 4), False),
        (date(2026, 12, 31), date(2027, 1, 5), False),
        (date(2026, 12, 31), date(2027, 2, 4), True),
    ],
)
def test_a_file_of_another_month_is_asked_about_at_once(person: Person, as_of: date, on: date, asked: bool) -> None:
    data = v1([Line()], as_of=as_of)
    if asked:
        with pytest.raises(Refused, match=r"令和8年12月31日時点.*令和8年11月30日時点.*--as-of"):
            incoming.receive(io.BytesIO(data), on=on)
    assert incoming.receive(io.BytesIO(data), on=on, as_of=as_of if asked else None).status == "staged"


def test_a_month_that_can_no_longer_run_is_refused_with_both_days(person: Person) -> None:
    with pytest.raises(Refused, match=r"令和8年9月30日時点.*もう判定できません.*令和8年11月30日時点"):
        incoming.receive(io.BytesIO(v1([Line()], as_of=SEPTEMBER)), on=ON)


def test_a_daily_file_of_any_day_is_taken(person: Person) -> None:
    assert daily([], date(2026, 9, 3)).status == "applied"


def test_both_commands(
    person: Person, clerks: tuple[Clerk, Clerk], tmp_path: Path, settings: Any, command: Callable[..., Any]
) -> None:
    settings.KENPO_TODAY = MADE
    hanako, taro = (clerk.username for clerk in clerks)
    path = tmp_path / "correction.csv"
    path.write_bytes(v1([WITHOUT, OTHER], created=MADE))
    refused = command("receive", path)
    assert (refused.code, "--correction" in refused.err) == (1, True)
    staged = command("receive", path, "--correction", "--by", hanako)
    assert (staged.code, staged.json["correction"], staged.json["changed"]) == (0, True, 1)
    assert command("accept_correction", staged.json["file"], "--by", hanako).code == 1
    done = command("accept_correction", staged.json["file"], "--by", taro)
    assert (done.code, done.json["changed"], done.json["rulings"]) == (0, 1, {"issue": 1})
    assert command("accept_correction", staged.json["file"], "--by", taro).json == done.json
    assert command("accept_correction", 999, "--by", taro).code == 2


def test_a_row_that_is_as_unusable_as_before_changes_nobody(person: Person, two: tuple[Clerk, Clerk]) -> None:
    """It is written anew, with the correction's file and line, and says the same of the person."""
    strange = replace(OTHER, kana="チガウ ヒト")
    incoming.accept_correction(correct(v1([Line(), strange], created=MADE), two[0]).pk, by=two[1], on=MADE)
    again = correct(v1([WITHOUT, strange], created=MADE + timedelta(days=1)), two[0], on=MADE + timedelta(days=1))
    assert [change.person for change in again.changes.all()] == [person]
    assert again.counts["difference"] == {"changed": 1, "not_registered": 1}


def test_whom_it_changes_is_kept_from_what_to_what(person: Person, two: tuple[Clerk, Clerk]) -> None:
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    (change,) = CorrectionChange.objects.all()
    assert (change.file, change.person) == (file, person)
    assert change.was.startswith("利用登録あり（登録日 令和")
    assert change.now == "利用登録なし"
    incoming.accept_correction(file.pk, by=two[1], on=MADE)
    (change,) = CorrectionChange.objects.all()
    assert (change.was_state, change.now_state) == ("registered", "not_registered")


class Paper:
    """A certificate that October's file, which had no registration, called for; then the fund corrects it."""

    def __init__(self, clerks: tuple[Clerk, Clerk], policy: dict[str, Any] | None = None) -> None:
        values = policies.build("toyobo", policy or {}).as_json()
        Policy.objects.create(insurer=insurer(), valid_from=date(2024, 12, 2), preset="toyobo", values=values)
        self.member, self.clerks = member(), clerks
        month([WITHOUT])
        ruling = ruling_of(self.member.pk, cause="filing", request="filing:1", on=ON, by=clerks[0])
        self.paper = EligibilityCertificate.objects.get(ruling=ruling)

    def corrected(self) -> ExchangeFile:
        file = correct(v1([Line()], created=MADE), self.clerks[0])
        done = incoming.accept_correction(file.pk, by=self.clerks[1], on=MADE)
        self.paper.refresh_from_db()
        return done


@pytest.mark.parametrize("status", ["proposed", "approved"])
@pytest.mark.parametrize("policy", [{}, {"recover_on_registration": False}])
def test_what_is_not_printed_and_no_longer_needed_is_withdrawn(
    two: tuple[Clerk, Clerk], status: str, policy: dict[str, Any]
) -> None:
    case = Paper(two, policy)
    if status == "approved":
        advance(case.paper, "approve", by=two[1], on=ON)
    done = case.corrected()
    assert (case.paper.status, done.counts["withdrawn"]) == ("voided", 1)
    event = Event.objects.get(subject=EligibilityCertificate._meta.label, subject_id=case.paper.pk, verb="void")
    assert "訂正のファイル" in event.note["reason"]
    newest_ruling = Ruling.objects.latest("pk")
    assert (newest_ruling.outcome, newest_ruling.reason) == ("not_needed", "myna_usable")


@pytest.mark.parametrize(
    "keeps", [{"basis": "application", "ground": "lost_card"}, {"status": "printed"}], ids=["granted", "printed"]
)
def test_what_was_granted_or_is_printed_is_not_withdrawn(two: tuple[Clerk, Clerk], keeps: dict[str, str]) -> None:
    case = Paper(two)
    if "status" in keeps:
        advance(case.paper, "approve", by=two[1], on=ON)
        advance(case.paper, "print", by=two[1], on=ON)
    else:
        EligibilityCertificate.objects.filter(pk=case.paper.pk).update(**keeps)
    done = case.corrected()
    assert (case.paper.status, done.counts["withdrawn"]) == (keeps.get("status", "proposed"), 0)


def test_whoever_has_another_ground_keeps_the_proposal(two: tuple[Clerk, Clerk]) -> None:
    case = Paper(two)
    Person.objects.filter(pk=case.member.person_id).update(nondisclosure=True)
    assert case.corrected().counts["withdrawn"] == 0
    assert case.paper.status == "proposed"


def test_the_page_names_whom_it_changes(
    person: Person, two: tuple[Clerk, Clerk], client: Client, settings: Any
) -> None:
    settings.KENPO_TODAY = MADE
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    file = correct(v1([WITHOUT, OTHER], created=MADE), two[0])
    url = reverse("admin:exchange_exchangefile_changes", args=[file.pk])
    page = "".join(text_of(client.get(url).content.decode()).split())
    (cover,) = person.covers.all()
    for words in (str(cover), "1人です", "利用登録あり（登録日", "利用登録なし"):
        assert words in page
    standing = ExchangeFile.objects.exclude(pk=file.pk).get()
    assert client.get(reverse("admin:exchange_exchangefile_changes", args=[standing.pk])).status_code == 409


def test_many_changes_are_shown_a_page_at_a_time(
    two: tuple[Clerk, Clerk], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kenpo.pages.corrections.PER_PAGE", 2)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    for number in "123":
        member(number, kana=NAMES[int(number) - 1])
    rows = [Line(number=number, kana=NAMES[int(number) - 1]) for number in "123"]
    month(rows)
    changed = [Line(number=row.number, kana=row.kana, registered="0", registered_on="", expires="") for row in rows]
    file = correct(v1(changed, created=MADE), two[0])
    url = reverse("admin:exchange_exchangefile_changes", args=[file.pk])
    pages = [text_of(client.get(f"{url}?p={number}").content.decode()) for number in (1, 2)]
    assert [page.count("利用登録なし") for page in pages] == [2, 1]


def test_a_correction_asks_as_much_for_few_as_for_many(two: tuple[Clerk, Clerk]) -> None:
    """Who had no registration has one and loses the proposal, the others get one: 24 persons in as many queries as 6."""
    values = policies.build("toyobo", {}).as_json()
    Policy.objects.create(insurer=insurer(), valid_from=date(2024, 12, 2), preset="toyobo", values=values)
    lines = [
        replace(WITHOUT if number % 2 else Line(), number=str(number), kana=NAMES[number % 5])
        for number in range(1, 31)
    ]
    covers = [member(line.number, kana=line.kana) for line in lines]
    month(lines)
    for cover in covers[::2]:
        ruling_of(cover.pk, cause="filing", request="filing:1", on=ON, by=None)

    asked_for = {}
    for few, until, made in ((6, 6, MADE), (24, 30, date(2026, 11, 10))):
        for place in range(until - few, until):
            was = lines[place]
            lines[place] = replace(Line() if place % 2 == 0 else WITHOUT, number=was.number, kana=was.kana)
        file = correct(v1(lines, created=made), two[0], on=made)
        with CaptureQueriesContext(connection) as asked:
            done = incoming.accept_correction(file.pk, by=two[1], on=made)
        half = few // 2
        assert done.counts["rulings"] == {"issue": half, "not_needed": half}
        assert done.counts["withdrawn"] == half
        asked_for[few] = len(asked)
    assert abs(asked_for[24] - asked_for[6]) <= 3, asked_for
