"""The files of a load folder, written as the households come: nothing but counters stays in memory."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from core.invented import MARK
from tools.invent import fund
from tools.invent.people import Cover, Establishment, Person
from tools.invent.world import World

WARNING = "このフォルダーの人・事業所・番号はすべて架空です。本番の台帳には取り込めません。\n"
ESTABLISHMENTS = ("insurer_number", "code", "name", "postal_code", "address", "symbol")
MEMBERS = (
    "insurer_number",
    "establishment_code",
    "symbol",
    "number",
    "branch_number",
    "kind",
    "relationship",
    "name",
    "name_kana",
    "sex",
    "birth_date",
    "coverage_kind",
    "acquired_on",
    "lost_on",
    "standard_monthly_remuneration_yen",
    "resident",
    "individual_number_state",
    "nondisclosure",
    "needs_assistance",
    "postal_code",
    "address",
    "person_key",
    "fund_registered_on",
    "address_protected",
    "mailing_postal_code",
    "mailing_address",
    "printed_name",
    "sex_on_back",
    "individual_number",
)
HOUSEHOLDS = ("household_key", "household_head", "copayment_percent")
_MEMBER_KEY = ("insurer_number", "symbol", "number", "branch_number")
LEGACY_CARDS = (*_MEMBER_KEY, "issued_on", "valid_through")
CERTIFICATES = (*_MEMBER_KEY, "basis", "issued_on", "effective_on", "valid_through", "ground")
DEREGISTRATIONS = (*_MEMBER_KEY, "accepted_on")
CASES = ("case", *_MEMBER_KEY)


def policy_toml(world: World) -> str:
    """``policy.toml``: the preset as it is, and the insurer's own data."""
    society = world.society
    lines = [f'preset = "{world.preset}"', "", "[insurer]", f'number = "{society.number}"', f'name = "{society.name}"']
    lines += [f'postal_code = "{society.postal_code}"', f'address = "{society.address}"', f'phone = "{society.phone}"']
    if society.second_number:
        lines += ["", "[[insurer.also]]", f'number = "{society.second_number}"', f'name = "{society.second_name}"']
    return "\n".join(lines) + "\n"


class FundFile:
    """One monthly file of one insurer number; counts its rows for the trailer."""

    def __init__(self, handle: TextIO, insurer_number: str, world: World, nth: int) -> None:
        self.as_of = world.as_ofs[nth]
        self.newest = nth == 2
        self.rows = 0
        self._write = handle.write
        self._write(fund.header(insurer_number, self.as_of))

    def add(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._write(line)
            self.rows += 1

    def close(self) -> None:
        self._write(fund.trailer(self.rows))


class LoadFolder:
    """Every file of one invention, open side by side; ``counts`` says how many rows each got."""

    def __init__(self, directory: Path, world: World) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MARK).write_text(WARNING, encoding="utf-8", newline="\n")
        self._directory = directory
        self._world = world
        self._open = ExitStack()
        self.counts = dict.fromkeys(("members", "legacy_cards", "certificates", "deregistrations"), 0)
        (directory / "policy.toml").write_text(policy_toml(world), encoding="utf-8", newline="\n")
        own = HOUSEHOLDS if world.society.municipal else ()
        self._members = self._table("members", (*MEMBERS, *own))
        self._legacy_cards = self._table("legacy_cards", LEGACY_CARDS)
        self._certificates = self._table("certificates", CERTIFICATES)
        self._deregistrations = self._table("deregistrations", DEREGISTRATIONS)
        self._cases = self._table("cases", CASES)
        self.fund_files = self._fund_files()

    def __enter__(self) -> LoadFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _file(self, name: str) -> TextIO:
        return self._open.enter_context(open(self._directory / name, "w", encoding="utf-8", newline="\n"))

    def _table(self, name: str, columns: tuple[str, ...]) -> TextIO:
        handle = self._file(f"{name}.csv")
        handle.write(",".join(columns) + "\n")
        return handle

    def _fund_files(self) -> dict[str, list[FundFile]]:
        """The three months' files per insurer number, oldest first."""
        world, society = self._world, self._world.society
        suffixes = {society.number: ""}
        if society.second_number:
            suffixes[society.second_number] = f"_{society.second_number}"
        return {
            number: [
                FundFile(self._file(f"fund_{world.day(nth - 2, 1):%Y-%m}{suffix}.csv"), number, world, nth)
                for nth in range(3)
            ]
            for number, suffix in suffixes.items()
        }

    def establishments(self, establishments: Iterable[Establishment]) -> int:
        """Writes ``establishments.csv`` where there are any; answers how many."""
        if self._world.society.municipal:
            return 0
        handle, count = self._table("establishments", ESTABLISHMENTS), 0
        for e in establishments:
            handle.write(f"{e.insurer_number},{e.code},{e.name},{e.address[0]},{e.address[1]},{e.symbol}\n")
            count += 1
        return count

    def member(self, cover: Cover) -> None:
        """Writes one cover into every file that speaks of it. No cell holds a comma or a quote."""
        counts, at = self.counts, cover.establishment
        key = f"{at.insurer_number},{at.symbol},{cover.number},{cover.branch}"
        self._members.write(_member_row(cover, municipal=self._world.society.municipal))
        counts["members"] += 1
        if cover.legacy_card is not None:
            issued_on, last = cover.legacy_card
            self._legacy_cards.write(f"{key},{issued_on!s},{last or ''}\n")
            counts["legacy_cards"] += 1
        for c in cover.certificates:
            dates = f"{c.issued_on!s},{c.effective_on!s},{c.valid_through!s}"
            self._certificates.write(f"{key},{c.basis},{dates},{c.ground}\n")
            counts["certificates"] += 1
        if cover.deregistered_on is not None:
            self._deregistrations.write(f"{key},{cover.deregistered_on}\n")
            counts["deregistrations"] += 1
        if cover.kind_of_case:
            self._cases.write(f"{cover.kind_of_case},{key}\n")
        self._tell_fund(cover)

    def _tell_fund(self, cover: Cover) -> None:
        last_day, myna = cover.last_day(self._world.law), cover.person.myna
        start = fund.plain_start(cover)
        for file in self.fund_files[cover.establishment.insurer_number]:
            if cover.known_to_fund(file.as_of, last_day):
                if cover.oddity:
                    file.add(fund.rows(cover, file.as_of, newest=file.newest))
                else:
                    file.add((f"{start}{myna.row(file.as_of)}\n",))

    def strangers(self, count: int, symbol: str) -> None:
        """Adds rows about unknown people to the main number's files, the same people each month."""
        files = self.fund_files[self._world.society.number]
        for lines in fund.strangers(self._world, count, symbol):
            for file, line in zip(files, lines, strict=True):
                file.add([line])

    def close_fund_files(self) -> None:
        """Writes the trailers; ``counts`` gets the rows of the newest month."""
        self.counts["fund_rows"] = 0
        for files in self.fund_files.values():
            for file in files:
                file.close()
            self.counts["fund_rows"] += files[2].rows


def _member_row(cover: Cover, *, municipal: bool) -> str:
    person, at = cover.person, cover.establishment
    kind = "insured" if cover.insured is None else "dependent"
    remuneration = "" if cover.remuneration_yen is None else cover.remuneration_yen
    code = "" if municipal else at.code
    return (
        f"{at.insurer_number},{code},{at.symbol},{cover.number},{cover.branch},{kind},{cover.relationship},"
        f"{person.name},{person.kana},{person.sex},{person.birth_date!s},{cover.coverage_kind},{cover.acquired_on!s},"
        f"{cover.lost_on or ''},{remuneration},{person.resident:d},{person.number_state},{person.nondisclosure:d},"
        f"{person.needs_assistance:d},{person.address[0]},{person.address[1]},{_optional_cells(cover, person)}"
        f"{_household_cells(cover) if municipal else ''}\n"
    )


def _household_cells(cover: Cover) -> str:
    return f",{cover.household},{cover.head:d},{cover.share_percent or ''}"


def _optional_cells(cover: Cover, person: Person) -> str:
    mailing = person.mailing or ("", "")
    return (
        f"{person.key},{cover.fund_registered_on or ''},{person.address_protected:d},{mailing[0]},{mailing[1]},"
        f"{person.printed_name},{person.sex_on_back:d},{person.individual_number}"
    )
