"""Twenty months of one invented family: a marriage, a newborn, another employer, retirement, 任意継続, a 75th birthday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.jp.in_ import calc_check_digit

from certificates.decisions import ruling
from certificates.models import Ruling
from core.calendar import is_business_day, month_start
from kenpo.month.daily import run_day
from members.models import Member
from tests.scenarios.office import Office
from tests.scenarios.people import NEVER_REGISTERED, Someone, day, registered
from tests.story.year import due_but_missing, overlapping, stories

BEGINS, ENDS = "2025-12-02", "2027-01-15"


@dataclass
class Family:
    """The insured 一郎, his mother 梅, from the summer his wife and their child."""

    office: Office
    insured: Someone
    mother: Someone

    def live(self) -> None:
        """What the family files from ``BEGINS`` to ``ENDS``, each month, and the daily job and the post twice a week."""
        events = {
            day("2026-02-10"): self._marries,
            day("2026-05-20"): self._has_a_child,
            day("2026-07-02"): self._changes_employer,
            day("2026-08-12"): self._child_gets_its_number,
            day("2026-10-02"): self._retires,
            day("2026-10-09"): self._goes_on_voluntarily,
        }
        now = day(BEGINS)
        while now <= day(ENDS):
            if is_business_day(now) and (now in events or now.weekday() in (1, 3) or now.day in (8, 9, 10)):
                self._day(now, events.get(now))
            now += timedelta(days=1)

    def _day(self, now: date, event: object) -> None:
        office, on = self.office, now.isoformat()
        office.is_at(on)
        if callable(event):
            event(on)
        if now.day >= 8 and office.last_month < f"{now:%Y-%m}":
            office.month(f"{month_start(now):%Y-%m}", on=on)
            office.approve_and_post(on)
        run_day(now)
        for waiting in Ruling.objects.filter(certificates__status="proposed").distinct():
            by = office.clerk("hanako" if waiting.ruled_by == office.clerk("taro") else "taro")
            ruling.approve(waiting, by=by, on=now)
        office.post_the_day(on)
        assert not (both := overlapping(now)), stories([c.member_id for pair in both for c in pair], now)
        assert not (missing := due_but_missing(now)), stories([g.read.member_id for g in missing], now)

    def _marries(self, on: str) -> None:
        """He takes her name, and she and her number come with the same post."""
        self.office.files(
            "name_change", self.insured, "2026-02-07", on=on, name="月見里 一郎", name_kana="ヤマナシ イチロウ"
        )
        self.insured.row.update(name="月見里 一郎", name_kana="ヤマナシ イチロウ")
        self.office.files(
            "dependent_added",
            self.insured,
            "2026-02-07",
            on=on,
            branch_number="02",
            relationship="妻",
            name="月見里 花",
            name_kana="ヤマナシ ハナ",
            sex="2",
            birth_date="1992-03-03",
            individual_number_state="registered",
        )
        self.wife = self.office.meets(self._newest("1992-03-03"), NEVER_REGISTERED)

    def _has_a_child(self, on: str) -> None:
        self.office.files(
            "dependent_added",
            self.insured,
            "2026-05-14",
            on=on,
            branch_number="03",
            relationship="長女",
            name="月見里 蕾",
            name_kana="ヤマナシ ツボミ",
            sex="2",
            birth_date="2026-05-14",
            individual_number_state="pending",
            certificate_wanted=True,
        )
        self.child = self.office.meets(self._newest("2026-05-14"), None)

    def _child_gets_its_number(self, on: str) -> None:
        number = "98765432109"
        self.office.files(
            "individual_number",
            self.child,
            "2026-08-10",
            on=on,
            reason="filed",
            individual_number=number + calc_check_digit(number),
        )
        self.child.fund = NEVER_REGISTERED

    def _changes_employer(self, on: str) -> None:
        """Another employer of the same society: a new number, everybody comes along."""
        self.office.files(
            "establishment_move",
            self.insured,
            "2026-07-01",
            on=on,
            new_establishment_code="0002",
            new_number="70",
            new_symbol="102",
        )
        self._follow("2026-07-01")

    def _retires(self, on: str) -> None:
        self.office.files("loss", self.insured, "2026-09-30", on=on, reason="retirement")

    def _goes_on_voluntarily(self, on: str) -> None:
        self.office.files("voluntary", self.insured, "2026-10-01", on=on, new_number="80")
        self._follow("2026-10-01")
        self.mother.row["lost_on"] = "2026-11-20"

    def _follow(self, since: str) -> None:
        """The fund's files speak of the old covers up to the day before, then of those that began then."""
        for who in (self.insured, self.mother, self.wife, self.child):
            self.office.everybody.append(Someone({**who.row, "lost_on": since}, who.fund))
            cover = self._newest(who.row["birth_date"])
            assert cover.acquired_on == day(since)
            who.row.update(
                symbol=cover.symbol, number=cover.number, branch_number=cover.branch_number, acquired_on=since
            )

    @staticmethod
    def _newest(born: str) -> Member:
        return Member.objects.filter(person__birth_date=born).order_by("-acquired_on", "-pk")[0]


def settle_down(office: Office) -> Family:
    """The family at the beginning, with another household beside it; the mother has no マイナ保険証."""
    office.establishment("0002", name="架空電機", symbol="102")
    insured = office.joins("1990-04-15", acquired_on="2015-04-01", fund=registered("2028-05-10"))
    mother = office.joins("1951-11-20", of=insured, sex="2", relationship="母")
    office.joins("1980-01-10", myna="2030-01-10")
    return Family(office, insured, mother)
