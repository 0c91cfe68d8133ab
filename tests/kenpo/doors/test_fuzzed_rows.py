"""Fuzzed rows through each door: no traceback, nothing half written, each message with its place.

``KENPO_FUZZ=10000`` sends that many rows through each; by default some hundreds.
"""

from __future__ import annotations

import csv
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone

from certificates.models import Run
from certificates.requests import inquiries
from core.errors import BadInput, Refused
from core.models import Clerk
from kenpo.intake.load import load
from kenpo.intake.tables import checking, keeping, writing
from kenpo.intake.tables.kinds import KINDS
from members.models import Member
from tests.builders import COLUMNS, INSURER, OPTIONAL, Folder
from tests.conftest import Answer, run_command
from tests.kenpo.doors import fuzz

pytestmark = pytest.mark.django_db
ROWS = int(os.environ.get("KENPO_FUZZ", "300"))
PER_FILE = 25 if ROWS < 1_000 else 50
ON = date(2026, 11, 10)
NOW = timezone.make_aware(datetime(2026, 11, 10, 9, 0))
PEOPLE = [f"{number:04}" for number in range(1, 11)]
NUMBERS = ("insurer_number", "symbol", "number", "branch_number")
SHARES = (0.0, 0.01, 0.05, 0.3)
PLACED = re.compile(r"\A[\w.-]+ (\d+行目)( 「[^」]*」)?: ")
NOTED = ("core.Event", "core.Job", "exchange.ExchangeFile")
"""A fund file's bytes are kept, and that they were refused."""
UNLINED = re.compile("トレーラー|すでに|別の|違います")
WHOLE = re.compile(r"ほかに[\d,]+件あります|行に誤りがあるため、何も取り込んでいません")


@pytest.fixture
def office(tmp_path: Path, home: Path, settings: Any) -> Folder:
    settings.KENPO_TODAY = ON
    folder = Folder(tmp_path / "in")
    folder.establishment("0001", symbol="101")
    for number in PEOPLE:
        folder.insured(number)
        folder.dependent(number)
    load(folder.write(), on=ON)
    Clerk.objects.create_user("suzuki", role="clerk", is_staff=True)
    return folder


def stored() -> dict[str, int]:
    """Rows of every table of ours."""
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label in ("members", "certificates", "exchange", "mailing", "notices", "core")
    }


def files(header: list[str], good: Callable[[random.Random], list[str]]) -> Iterator[tuple[int, bytes]]:
    """Files of fuzzed rows, some damaged as a whole, until there were enough rows."""
    chance, sent = random.Random(20261110), 0
    while sent < ROWS:
        rows = fuzz.spoilt(chance, [good(chance) for _ in range(PER_FILE)], share=chance.choice(SHARES))
        content = fuzz.written(header, rows)
        sent += len(rows)
        yield len(rows), fuzz.damaged(chance, content) if chance.random() < 0.25 else content


class Door:
    """Sends files through one door and counts what it says; whatever it did is taken back."""

    def __init__(self, name: str) -> None:
        self.name, self.counts = name, Counter[str]()
        self.unplaced: list[str] = []

    def send(
        self, rows: int, go: Callable[[], Answer], *, whole: re.Pattern[str] = WHOLE, noted: tuple[str, ...] = ()
    ) -> Answer:
        """``noted``: what is kept of a refused file, too."""
        before = stored()
        with transaction.atomic():
            answer = go()
            after = stored()
            transaction.set_rollback(True)
        assert answer.code in (0, 1, 2), answer
        changed = {label for label in after if before[label] != after[label]} - set(noted)
        assert answer.code == 0 or not changed, f"{self.name}: half written {changed}"
        assert answer.code == 0 or answer.err.strip(), f"{self.name}: refused without a word"
        self.counts.update(files=1, rows=rows, **{f"exit {answer.code}": 1})
        for message in answer.err.splitlines():
            found = PLACED.match(message)
            self.counts.update(messages=1, **{"with line": bool(found), "with column": bool(found and found[2])})
            if not found and not whole.search(message):
                self.unplaced.append(message)
        return answer

    def done(self) -> None:
        print(f"\n{self.name}: {dict(self.counts)}")
        assert not self.unplaced, self.unplaced[:5]
        assert self.counts["exit 0"] and self.counts["exit 2"]


def spoken(chance: random.Random) -> list[str]:
    return [INSURER, "101", chance.choice(PEOPLE), chance.choice(("00", "00", "01"))]


def test_load(office: Folder, tmp_path: Path) -> None:
    door, chance = Door("load"), random.Random(1)
    header = [*COLUMNS["members"], *OPTIONAL["members"]]
    path = office.path / "members.csv"
    kept = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    place = iter(range(10**9))

    def good(_: random.Random) -> list[str]:
        at = next(place)
        row = dict(kept[0])
        row["number"] = f"{1000 + at:05}"
        return [row.get(name, "") for name in header]

    insured = path.read_bytes()
    for rows, content in files(header, good):
        for name in ("legacy_cards.csv", "certificates.csv", "deregistrations.csv"):
            (office.path / name).unlink(missing_ok=True)
        path.write_bytes(content)
        if chance.random() < 0.3:  # the other files of the folder
            path.write_bytes(insured)
            name = chance.choice(("legacy_cards", "certificates", "deregistrations"))
            cells = [[*spoken(chance), *["2026-11-01"] * (len(COLUMNS[name]) - 4)] for _ in range(rows)]
            spoilt = fuzz.spoilt(chance, cells, share=0.3)
            (office.path / f"{name}.csv").write_bytes(fuzz.written(COLUMNS[name], spoilt))
        door.send(rows, lambda: run_command("load", office.path))
    door.done()


def test_receive(office: Folder, tmp_path: Path) -> None:
    door, path = Door("receive"), tmp_path / "fund.csv"

    def good(chance: random.Random) -> list[str]:
        number = spoken(chance)[2:]
        return ["D", "101", *number, "ヤマダ タロウ", "19800415", "1", "1", "20240101", "20290101", "0", ""]

    head = ["H", INSURER, "20261031", "20261103", "M"]
    for rows, content in files(head, good):
        path.write_bytes(content + f"T,{rows}\n".encode())
        answer = door.send(rows, partial(run_command, "receive", path), whole=UNLINED, noted=NOTED)
        door.counts["rows told"] += sum(bool(re.match(r"\d+行目 「", line)) for line in answer.out.splitlines())
    door.done()


def through_command(
    door: Door, command: str, path: Path, header: list[str], good: Callable[[random.Random], list[str]]
) -> None:
    chance = random.Random(2)
    for rows, content in files(header, good):
        path.write_bytes(content)
        more = ["--take-good"] if chance.random() < 0.5 else []
        answer = door.send(rows, partial(run_command, command, path, "--by", "suzuki", "--on", ON, *more))
        if more and answer.code == 0:
            door.counts["rows told"] += sum(bool(PLACED.match(line)) for line in answer.out.splitlines())
        errors = path.with_name(path.name + ".errors.csv")
        if errors.exists():
            for row in csv.reader(errors.open(encoding="utf-8", newline="")):
                assert row[0] == "line" or (row[0].isdecimal() and row[2]), row
                door.counts["rows told"] += row[0] != "line"
            errors.unlink()
    door.done()


def test_filings(office: Folder, tmp_path: Path) -> None:
    header = [
        "kind",
        *NUMBERS,
        "effective_on",
        "received_on",
        "via",
        "address",
        "postal_code",
        "name",
        "name_kana",
        "lost_on",
        "reason",
        "birth_date",
        "sex",
        "relationship",
        "individual_number_state",
    ]

    def good(chance: random.Random) -> list[str]:
        kind = chance.choice(("address", "name_change", "loss", "birth_date_correction", "dependent_removed"))
        return [
            kind,
            *spoken(chance),
            "2026-11-05",
            "2026-11-06",
            "mail",
            "架空1",
            "530-0001",
            "山田",
            "ヤマダ",
            *[""] * 6,
        ]

    through_command(Door("filings"), "file_filings", tmp_path / "filings.csv", header, good)


def test_applications(office: Folder, tmp_path: Path) -> None:
    header = [*NUMBERS, "kind", "ground", "received_on", "via", "applicant", "proxy_relationship"]

    def good(chance: random.Random) -> list[str]:
        return [*spoken(chance), "issue", "lost_card", f"2026-11-{chance.randrange(1, 11):02}", "mail", "insured", ""]

    through_command(Door("applications"), "applications", tmp_path / "applications.csv", header, good)


def test_inquiries(office: Folder, tmp_path: Path) -> None:
    clerk = Clerk.objects.get(username="suzuki")
    for member in Member.objects.all():
        inquiries.open_for(member, by=clerk, on=ON)
    header = [*NUMBERS, "as_of", "registration", "registered_on", "e_certificate_expires_on", "returned", "returned_on"]

    def good(chance: random.Random) -> list[str]:
        return [*spoken(chance), "2026-11-10", "1", "2024-01-01", "2030-01-01", "0", ""]

    through_command(Door("inquiries"), "answer_inquiries", tmp_path / "answers.csv", header, good)
    assert not Run.objects.exists()


def test_deliveries(office: Folder, tmp_path: Path) -> None:
    def good(chance: random.Random) -> list[str]:
        return ["1-00001-0", "13112383852"]

    door, path = Door("tracking"), tmp_path / "tracking.csv"
    for rows, content in files(["envelope_code", "tracking_number"], good):
        path.write_bytes(content)
        door.send(rows, lambda: run_command("track_mail", path, "--by", "suzuki", "--on", ON))
    print(f"\n{door.name}: {dict(door.counts)}")
    assert not door.unplaced, door.unplaced[:5]


def test_tables(office: Folder) -> None:
    by, counts, chance = Clerk.objects.get(username="suzuki"), Counter[str](), random.Random(3)
    kept = {code: list(kind.rows(kind.model._default_manager.all())) for code, kind in KINDS.items()}
    codes = iter(list(KINDS) * ROWS)
    while counts["rows"] < ROWS:
        kind = KINDS[next(codes)]
        names = [one.name for one in kind.columns]
        example = {one.name: one.example for one in kind.columns} | dict(zip(NUMBERS, spoken(chance), strict=True))
        known = [[row.get(name, "") for name in names] for row in kept[kind.code]]
        rows = [chance.choice(known or [[example[name] for name in names]]) for _ in range(PER_FILE)]
        if chance.random() < 0.5:
            rows.append([example[name] for name in names])
        rows = fuzz.spoilt(chance, rows, share=chance.choice(SHARES))
        form = chance.choice(("csv", "csv", "cp932", "xlsx"))
        content = _content(names, rows, form, chance)
        before = stored()
        with transaction.atomic():
            counts.update(files=1, rows=len(rows), **{_through(kind.code, content, form, by, before): 1})
            transaction.set_rollback(True)
    print(f"\ntables: {dict(counts)}")
    assert sum(counts[what] for what in ("taken", "refused", "bad rows")) == counts["files"]
    assert counts["bad rows"]


def _content(names: list[str], rows: fuzz.Rows, form: str, chance: random.Random) -> bytes:
    if form == "xlsx":
        told = [dict(zip(names, row, strict=False)) for row in rows]
        for lacking in writing.lacking(names, told, "xlsx"):
            told[lacking.row - 1][lacking.column] = chance.choice(("", "1", "2026-11-05"))
        path = keeping._home() / "fuzz.xlsx"
        writing.write_xlsx(path, names, told)
        content = path.read_bytes()
        path.unlink()
    else:
        content = fuzz.written(names, rows)
        if form == "cp932":
            content = content.decode().encode("cp932", "replace")
    return fuzz.damaged(chance, content) if chance.random() < 0.2 and form == "csv" else content


def _through(code: str, content: bytes, form: str, by: Clerk, before: dict[str, int]) -> str:
    """What became of the file; nothing is written before it is confirmed, and nothing where it is refused."""
    try:
        name = checking.hand_in(KINDS[code], content, form=form, by=by, now=NOW)
        checking.check(name, by=by, on=ON, now=NOW)
    except (BadInput, Refused):
        assert stored() == before
        return "refused"
    assert stored() == before
    told = keeping.kept(name, by=by, now=NOW)
    assert all(bad["line"] and bad["reason"] for bad in told["bad"])
    checking.bad_table(told)
    try:
        with transaction.atomic():
            checking.confirm(name, take_good=False, by=by, on=ON, now=NOW)
    except Refused:
        assert stored() == before
        checking.confirm(name, take_good=True, by=by, on=ON, now=NOW)
        return "bad rows"
    return "taken"
