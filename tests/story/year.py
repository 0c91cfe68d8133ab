"""A year of an invented society: the fund's files, filings, applications, deregistrations, paper every day."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from certificates.decisions import ruling
from certificates.decisions.gaps import Gap, Waiting, gaps
from certificates.decisions.replay import differences
from certificates.decisions.services import approve_month
from certificates.decisions.timeline import timeline
from certificates.models import EligibilityCertificate, Recovery, Ruling, Run
from certificates.requests import applications, deregistration, filings
from certificates.requests.applications.intake import Form
from core.calendar import business_days_after, is_business_day, month_end, month_end_after
from core.errors import BadInput, Refused
from core.models import Clerk
from exchange import incoming as exchange
from kenpo.intake.load import load
from kenpo.month.daily import run_day
from kenpo.month.month import Order, run_month
from mailing import services as mailing
from mailing.models import Dispatch
from members.models import Member
from members.services import society
from notices.services import draft
from tools import invent

DAY = timedelta(days=1)
KANA = ("アオキ", "イトウ", "ウエダ", "エノモト", "オオノ", "カトウ")
NAMES = ("青木", "伊藤", "上田", "榎本", "大野", "加藤")


@dataclass
class Truth:
    """What the fund knows of a person."""

    registered: bool
    registered_on: date | None
    expires_on: date | None
    returned_on: date | None = None


@dataclass
class Year:
    """Plays working days one after the other and says after each what must not be."""

    folder: Path
    start: date
    members: int
    filings: int
    applications: int
    deregistrations: int
    every: int = 1
    corrected: frozenset[int] = frozenset({3, 8, 11})
    """Months whose file comes again around the 20th, with what the fund had wrong."""
    late: frozenset[int] = frozenset({6, 10})
    """Months whose file does not come in time: run without it, and the file taken as a correction around the 20th."""
    symbol_changes: frozenset[int] = frozenset({4, 9})
    """Months in which an employer's new 記号 for the first of the next month is filed around the 20th."""
    random: Random = field(default_factory=lambda: Random(20260101))
    truth: dict[int, Truth] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    serial: int = 0
    symbol: int = 0
    twentieths: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """The society as it stands before the first month; two clerks."""
        invent.write(self.folder, members=self.members, seed=5, month=self.start, preset="toyobo")
        load(self.folder, on=self.start)
        self.clerks = [Clerk.objects.create_user(name, role="approver") for name in ("hanako", "taro")]
        with (self.folder / f"fund_{self.start:%Y-%m}.csv").open(encoding="utf-8-sig", newline="") as file:
            said = {(r[1], r[2], r[3]): r for r in csv.reader(file) if r[0] == "D"}
        for member in Member.objects.all():
            row = said.get((member.symbol, member.number, member.branch_number))
            self.truth.setdefault(member.person_id, _truth(row))

    def days(self) -> list[date]:
        """The working days to play: all, or every n-th with each month's fifth always among them."""
        every_day = [self.start + timedelta(n) for n in range(365)]
        working = [day for day in every_day if day.year == self.start.year and is_business_day(day)]
        always = {_first(working, month, 5) for month in range(1, 13)}
        always |= {business_days_after(date(self.start.year, m, 1) - DAY, 10) for m in self.late}
        always |= {_first(working, month, 20) for month in (*self.corrected, *self.late, *self.symbol_changes)}
        always |= {_first(working, month + 1, 1) for month in self.symbol_changes}
        return [d for place, d in enumerate(working) if place % self.every == 0 or d in always]

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def play(self, day: date, share: float) -> None:
        """One working day; ``share`` of the year's filings, applications and deregistrations falls on it."""
        self._move_truth(day)
        if day.day >= 5 and not Run.objects.filter(month=day.replace(day=1)).exists():
            self._month(day)
        if day.day >= 20 and day.month not in self.twentieths:
            self.twentieths.add(day.month)
            self._twentieth(day)
        self._daily_file(day)
        for _ in range(self._portion(self.filings, share)):
            self._filing(day)
        for _ in range(self._portion(self.applications, share)):
            self._application(day)
        for _ in range(self._portion(self.deregistrations, share)):
            self._deregistration(day)
        run_day(day)
        for waiting in Ruling.objects.filter(certificates__status="proposed").distinct():
            ruling.approve(waiting, by=self.clerks[1 if waiting.ruled_by_id != self.clerks[1].pk else 0], on=day)
        self._post(mailing.assemble_day(day, by=self.clerks[0]).dispatches, day)

    def _portion(self, total: int, share: float) -> int:
        exact = total * share
        return int(exact) + (self.random.random() < exact - int(exact))

    def _move_truth(self, day: date) -> None:
        """Now and then somebody registers, renews, or gives the card back."""
        for person, truth in self.truth.items():
            luck = self.random.random() * (60 if self.every == 1 else 12)
            if not truth.registered and luck < 0.03:
                self.truth[person] = Truth(True, day, month_end_after(day, 50))
            elif truth.expires_on is not None and truth.expires_on < day and luck < 3:
                truth.expires_on = month_end_after(day, 59)
            elif truth.registered and luck > (59.985 if self.every == 1 else 11.99):
                self.truth[person] = Truth(False, None, None, day)

    def _month(self, day: date) -> None:
        as_of = day.replace(day=1) - DAY
        order = Order(day.replace(day=1), day, day)
        if day.month in self.late:
            if day < business_days_after(as_of, 10):
                return
            run_month(replace(order, without_file="架空の一年：ファイルが届かない"), by=self.clerks[0])
            self.count("months_without_file")
        else:
            path = self._fund_file(as_of, day, "M", self._covered(as_of))
            exchange.receive(path, by=self.clerks[0], on=day)
            self._run(order)
        run = Run.objects.get(month=order.month)
        ran = run.run_by_id
        approve_month(run, by=next(c for c in self.clerks if c.pk != ran), on=day)
        draft(run, by=self.clerks[0], on=day)
        self._post(mailing.assemble(run, by=self.clerks[0], on=day).dispatches, day)
        self.count("months")

    def _run(self, order: Order) -> None:
        try:
            run_month(order, by=self.clerks[0])
        except Refused:
            self.count("months_held")
            forced = replace(order, force_reason="架空の一年のため、増減が大きい")
            run_month(forced, by=self.clerks[1])

    def _twentieth(self, day: date) -> None:
        """A file of the month that comes again, or only now; a new 記号 for the first of the next month."""
        if day.month in self.corrected | self.late:
            as_of = day.replace(day=1) - DAY
            covered = self._covered(as_of)
            if day.month in self.corrected:
                for member in self.random.sample(covered, 3):
                    self.truth[member.person_id] = (
                        Truth(False, None, None)
                        if self.truth[member.person_id].registered
                        else Truth(True, as_of, month_end_after(as_of, 50))
                    )
            path = self._fund_file(as_of, day, "M", covered)
            file = exchange.receive(path, by=self.clerks[0], on=day, correction=day.month in self.corrected)
            exchange.accept_correction(file.pk, by=self.clerks[1], on=day)
            self.count("corrections")
        if day.month in self.symbol_changes:
            self.symbol += 1
            told = {
                "establishment_code": "0002",
                "new_symbol": f"70{self.symbol}",
                "effective_on": (day.replace(day=1) + timedelta(days=32)).replace(day=1),
            }
            self._file("symbol_change", None, told, day)
            self.count("symbol_changes")

    def _covered(self, as_of: date) -> list[Member]:
        covered = Member.objects.filter(acquired_on__lte=as_of).exclude(lost_on__lte=as_of)
        return list(covered.select_related("person", "insurer").order_by("pk"))

    def _fund_file(self, as_of: date, day: date, kind: str, members: list[Member]) -> Path:
        number = society().number
        path = self.folder / f"{kind}{as_of:%Y%m%d}-{day:%Y%m%d}.csv"
        lines = [f"H,{number},{as_of:%Y%m%d},{day:%Y%m%d},{kind}"]
        seen: set[int] = set()
        for member in members:
            if member.person_id not in seen:
                seen.add(member.person_id)
                lines.append(_row(member, self.truth.setdefault(member.person_id, Truth(False, None, None)), as_of))
        lines.append(f"T,{len(lines) - 1}")
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def _daily_file(self, day: date) -> None:
        returned = [p for p, t in self.truth.items() if t.returned_on == day]
        members = [m for m in self._covered(day) if m.person_id in returned]
        if members:
            exchange.receive(self._fund_file(day, day, "D", members), by=self.clerks[0], on=day)
            self.count("daily_files")

    def _someone(self, day: date, **limits: Any) -> Member | None:
        covered = Member.objects.filter(acquired_on__lt=day, lost_on=None, insurer=society(), **limits)
        ids = list(covered.values_list("pk", flat=True).order_by("pk"))
        if not ids:
            return None
        return Member.objects.select_related("person", "insurer").get(pk=self.random.choice(ids))

    def _filing(self, day: date) -> None:
        kind, limits, data, back = self._invented_filing(day)
        member = self._someone(day, **limits) if limits is not None else None
        if limits is not None and member is None:
            return
        self._file(kind, member, {**data, "effective_on": day - timedelta(days=back)}, day)

    def _file(self, kind: str, member: Member | None, told: dict[str, Any], day: date) -> None:
        """Takes a filing in and applies it, or leaves it to the daily job where its day is still to come."""
        try:
            filing = filings.receive(
                kind, member, told, received_on=day, via="establishment", by=self.clerks[0], on=day
            )
            filings.apply(filing, by=self.clerks[0], on=day)
            self.count("filings")
        except filings.NotYet:
            self.count("filings_ahead")
        except (Refused, BadInput) as refused:
            self.count("filings_refused")
            self.refusal = str(refused)

    def _invented_filing(self, day: date) -> tuple[str, dict[str, Any] | None, dict[str, Any], int]:
        self.serial += 1
        place = self.random.randrange(len(NAMES))
        entry = {
            "name": f"{NAMES[place]} 一{self.serial}",
            "name_kana": f"{KANA[place]} ハジメ",
            "sex": self.random.choice("12"),
            "birth_date": "1988-03-03",
        }
        code, symbol = "0001", "101"
        insured: dict[str, Any] = {"kind": "insured", "coverage_kind": "regular"}
        number = {"new_number": f"9{self.serial:05d}", "new_symbol": symbol, "new_establishment_code": code}
        kinds: list[tuple[str, dict[str, Any] | None, dict[str, Any], int]] = [
            ("loss", insured, {"reason": "retirement"}, self.random.choice((0, 1, 12))),
            ("dependent_removed", {"kind": "dependent"}, {"reason": "other"}, self.random.choice((0, 3))),
            ("name_change", {}, {"name": f"{NAMES[place]} 新{self.serial}"}, self.random.choice((0, -12))),
            ("dependent_removed", {"kind": "dependent"}, {"reason": "other"}, -9),
            ("death", {}, {}, self.random.choice((0, 2))),
            (
                "acquisition",
                None,
                {
                    **entry,
                    "symbol": symbol,
                    "number": f"8{self.serial:05d}",
                    "branch_number": "00",
                    "establishment_code": code,
                    "standard_monthly_remuneration_yen": "300000",
                },
                self.random.choice((0, 2)),
            ),
            (
                "dependent_added",
                insured,
                {
                    **entry,
                    "birth_date": "2026-01-01",
                    "individual_number_state": "pending",
                    "relationship": "長男",
                    "certificate_wanted": "1",
                },
                0,
            ),
            ("address", {}, {"postal_code": "530-0099", "address": "大阪府大阪市北区架空9-9"}, 0),
            ("remuneration", insured, {"standard_monthly_remuneration_yen": "280000"}, 0),
            ("rehire", insured, number, 0),
            ("name_change", {}, {"name": f"{NAMES[place]} 先{self.serial}"}, -self.random.choice((1, 13, 40))),
            ("remuneration", insured, {"standard_monthly_remuneration_yen": "300000"}, -25),
            ("symbol_change", None, {"establishment_code": "0002", "new_symbol": f"7{self.serial:04d}"}, -20),
        ]
        return self.random.choice(kinds)

    def _application(self, day: date) -> None:
        member = self._someone(day)
        if member is None:
            return
        ground = self.random.choice(("lost_card", "renewing_card", "needs_assistance", "lost_certificate"))
        kind = "reissue" if ground == "lost_certificate" else "issue"
        try:
            application = applications.receive(
                member, Form(kind, ground, day, "establishment"), on=day, by=self.clerks[0]
            )
            applications.grant(application, by=self.clerks[1], on=day)
            self.count("granted")
        except Refused:
            self.count("applications_refused")

    def _deregistration(self, day: date) -> None:
        member = self._someone(day)
        if member is None:
            return
        try:
            request = deregistration.receive(member, received_on=day, on=day, by=self.clerks[0])
            deregistration.accept(request, by=self.clerks[1], on=day)
            deregistration.grant([request.pk], accepted_on=day, file=0, by=self.clerks[0], on=day)
            self.count("deregistrations")
        except Refused:
            self.count("deregistrations_refused")

    def _post(self, dispatches: list[int], day: date) -> None:
        for dispatch in Dispatch.objects.filter(pk__in=dispatches).exclude(status__in=("sent", "cancelled")):
            mailing.print_dispatch(dispatch, by=self.clerks[0], on=day)
            mailing.prove_dispatch(dispatch)
            mailing.confirm(dispatch, by=self.clerks[0], on=day)
            mailing.seal(dispatch, by=self.clerks[0], on=day)
            mailing.send(dispatch, by=self.clerks[0], on=day)
            self.count("dispatches")


def overlapping(on: date) -> list[tuple[EligibilityCertificate, EligibilityCertificate]]:
    """Pairs in one holder's hands whose periods overlap, unless one is to come back by then."""
    out = EligibilityCertificate.objects.filter(status__in=("sent", "returned"), valid_through__gte=on).select_related(
        "member"
    )
    owed = set(Recovery.objects.filter(status="open").values_list("certificate_id", flat=True))
    planned = Recovery.objects.filter(status="planned")
    wrong_on = dict(planned.values_list("certificate_id", "opened_on"))
    for certificate in out:
        if certificate.pk in wrong_on:
            certificate.valid_through = min(certificate.valid_through, wrong_on[certificate.pk] - timedelta(days=1))
    by_person: dict[int, list[EligibilityCertificate]] = {}
    for certificate in out:
        if certificate.pk not in owed:
            by_person.setdefault(certificate.member.person_id, []).append(certificate)
    return [
        (a, b)
        for held in by_person.values()
        for place, a in enumerate(held)
        for b in held[place + 1 :]
        if a.effective_on <= b.valid_through and b.effective_on <= a.valid_through
    ]


def due_but_missing(on: date) -> list[Gap]:
    """Covered members without a route although their paper ought to be there by now."""
    newest = Run.objects.order_by("-month").first()
    found = []
    for gap in gaps(society(), on):
        member = Member.objects.get(pk=gap.read.member_id)
        entered_since = newest is None or not newest.decisions.filter(member=member).exists()
        late = gap.waiting is Waiting.DELIVERY and gap.by is not None and gap.by < on
        if late or (gap.waiting is Waiting.DECISION and not entered_since):
            found.append(gap)
    return found


def stories(members: Iterable[int], on: date) -> str:
    """What is on record about these members, for a failed test to show."""
    lines = []
    for member in Member.objects.filter(pk__in=set(members)):
        lines += [f"{on} {member}", *(f"  {e.on} {e.member} {e.text}" for e in timeline([member], on=on))]
    return "\n".join(lines)


def duties_missing(on: date) -> list[str]:
    """Serials out and in date whose cover is lost, without a duty to bring them back."""
    out = EligibilityCertificate.objects.filter(
        status__in=("sent", "returned"), valid_through__gte=on, member__lost_on__lte=on, recoveries=None
    )
    return list(out.filter(member__filings__isnull=False).values_list("serial", flat=True))


def months_that_differ() -> list[str]:
    """Months whose stored decisions the rules no longer give."""
    return [f"{run.month:%Y-%m}" for run in Run.objects.order_by("month") if differences(run)[1]]


def _first(working: list[date], month: int, day: int) -> date:
    """The first working day of a month from a day on."""
    return min(d for d in working if d.month == month and d.day >= day)


def _truth(row: list[str] | None) -> Truth:
    if row is None or row[7] != "1":
        return Truth(False, None, None)
    return Truth(True, _day(row[8]), _day(row[9]) or month_end(date(2029, 1, 1)))


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _row(member: Member, truth: Truth, as_of: date) -> str:
    def compact(day: date | None) -> str:
        return f"{day:%Y%m%d}" if day is not None else ""

    person = member.person
    returned = truth.returned_on if truth.returned_on and truth.returned_on <= as_of else None
    registered = truth.registered and (truth.registered_on is None or truth.registered_on <= as_of)
    cells = [
        "D",
        member.symbol,
        member.number,
        member.branch_number,
        person.name_kana,
        compact(person.birth_date),
        person.sex,
        "1" if registered else "0",
        compact(truth.registered_on) if registered else "",
        compact(truth.expires_on) if registered else "",
        "1" if returned else "0",
        compact(returned),
    ]
    return ",".join(cells)
