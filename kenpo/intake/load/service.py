"""The load itself: read, check as a whole, merge; one transaction, one load at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from core.errors import BadInput, Mistake
from core.planner import refresh_statistics
from core.transitions import record
from kenpo.intake.load import (
    checks,
    columns,
    contradicted,
    findings,
    linking,
    municipal,
    oddities,
    papers,
    people,
    settings_file,
)
from kenpo.intake.load.findings import Findings
from kenpo.intake.load.staging import make_table, stage
from members import models, services

TOUCHED_TABLES = (
    "members_insurer",
    "members_establishment",
    "members_person",
    "members_member",
    "members_address",
    "members_individualnumber",
    "certificates_legacycard",
    "certificates_eligibilitycertificate",
    "certificates_deregistration",
)
# A guard that asks for an unset ``pgtrigger.ignore`` ends a subtransaction on each row, and each such end walks over all
# checks that are put off to the commit: quadratic. So the setting is given (nothing is ignored), and no check put off.
FOR_MANY_ROWS = (
    "SET LOCAL work_mem = '64MB'",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SELECT set_config('pgtrigger.ignore', '{}', true)",
)
# file, its sheet, the column that tells two papers of one cover apart, the day that finds the cover
PAPERS = (
    (findings.LEGACY_CARDS, columns.legacy_cards, "issued_on", "issued_on"),
    (findings.CERTIFICATES, columns.certificates, "effective_on, valid_through, basis", "effective_on"),
    (findings.DEREGISTRATIONS, columns.deregistrations, "accepted_on", "accepted_on"),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: counts by name, and the first of what merely looks odd."""

    counts: dict[str, int]
    odd: list[Mistake]


def load(directory: Path, *, on: date) -> dict[str, int]:
    """Loads a folder and answers the counts; see ``load_folder``."""
    return load_folder(directory, on=on).counts


def load_folder(directory: Path, *, on: date, keep: int = findings.MISTAKES_KEPT) -> Loaded:
    """Loads a folder of files, all of it or nothing; the same folder again changes nothing.

    ``on`` is the day of the load: a changed address holds from it, a certificate that ended before it is expired.
    ``keep``: how many mistakes are named one by one.

    Raises:
        BadInput: every mistake that was found, by file, line and column; nothing is kept.
        Refused: the installation belongs to another society.

    Source: interfaces.md ``load``; rules.md §3.
    """
    _require_files(directory)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('kenpo load', 0))")
        for setting in FOR_MANY_ROWS:
            cursor.execute(setting)
        loaded = _load(cursor, directory, on=on, keep=keep)
    refresh_statistics(*TOUCHED_TABLES)
    return loaded


def _require_files(directory: Path) -> None:
    """A scheme that says or said of itself that it is municipal has no employers."""
    needed = [findings.ESTABLISHMENTS, findings.MEMBERS]
    missing = [name for name in needed if not (directory / name).is_file()]
    if missing == [findings.ESTABLISHMENTS] and _municipal(directory):
        return
    if missing:
        raise BadInput(
            Mistake("このファイルがありません。取り込むフォルダーを確認してください。", file=f) for f in missing
        )


def _municipal(directory: Path) -> bool:
    path = directory / findings.POLICY
    return settings_file.read(path).policy.municipal if path.is_file() else services.municipal()


def _load(cursor: Any, directory: Path, *, on: date, keep: int) -> Loaded:
    mistakes, odd = Findings(keep), Findings(findings.ODD_KEPT)
    changes = _take_settings(directory, mistakes)
    scheme = services.municipal()
    counts, told = _stage_all(cursor, directory, mistakes, odd, on, scheme)
    if changes is None:
        mistakes.raise_if_any()  # without the society nothing else can be looked up
    society = services.society()
    policy = models.Policy.objects.filter(insurer=society).latest("valid_from").value
    tables = {make(None, on).table: file for file, make, _, _ in PAPERS}
    contradicted.leave_numbers(cursor, odd, tables)
    checks.check_establishments(cursor, mistakes)
    others = (changes or 0) + people.merge_establishments(cursor)
    _link_and_check(cursor, mistakes, odd, on, everything_goes_home=policy.certificate_channel == "home")
    if policy.municipal:
        municipal.check(cursor, mistakes)
    mistakes.raise_if_any()
    # Filings read the cells of this package, so what a load has in common with them is met only here.
    from kenpo.intake.load import following

    marked = following.mark(cursor)
    others += _merge(cursor, society, odd, on=on, told=told, scheme=scheme)
    following.follow(cursor, society, marked, on=on)
    oddities.look_at_members(cursor, odd, remuneration_expected=not policy.municipal)
    if policy.municipal:
        municipal.look_at(cursor, odd, on=on)
    oddities.look_at_papers(cursor, odd, on=on)
    counts = {**_count(cursor), **counts, "others_changed": others, "odd": odd.count}
    if counts["added"] or counts["updated"] or others:
        record("load", "members.Insurer", [society.pk], by=None, on=on, note=counts)
    return Loaded(counts, odd.kept())


def _take_settings(directory: Path, mistakes: Findings) -> int | None:
    """Rows changed by policy.toml; ``None`` when the society cannot be told."""
    path = directory / findings.POLICY
    try:
        return settings_file.store(settings_file.read(path) if path.is_file() else None)
    except BadInput as bad:
        mistakes.take(bad)
        return None


def _stage_all(
    cursor: Any, directory: Path, mistakes: Findings, odd: Findings, on: date, scheme: bool
) -> tuple[dict[str, int], set[str]]:
    """Reads every file; answers rows by file, and the columns that members.csv has. ``scheme``: it is municipal."""
    known = None if mistakes.count else settings_file.known_insurers()
    sheets = [
        columns.establishments(known),
        columns.members(known, on, municipal=scheme),
        *(make(known, on) for _, make, _, _ in PAPERS),
    ]
    files = [stage(cursor, directory / sheet.file, sheet, mistakes, odd) for sheet in sheets]
    told = {column.name for file in files if file.sheet.table == "load_member" for column in file.told}
    return {file.path.stem: file.rows_read for file in files}, told


def _link_and_check(cursor: Any, mistakes: Findings, odd: Findings, on: date, *, everything_goes_home: bool) -> None:
    linking.number_rows(cursor)
    contradicted.leave_covers(cursor, odd)
    linking.find_insured(cursor)
    checks.check_members(cursor, mistakes, everything_goes_home=everything_goes_home)
    for file, make, key, day in PAPERS:
        table = make(None, on).table
        linking.find_cover(cursor, table, day)
        checks.check_papers(cursor, mistakes, file=file, table=table, key=key, day=day)


def _merge(cursor: Any, society: models.Insurer, odd: Findings, *, on: date, told: set[str], scheme: bool) -> int:
    """Brings everything in; answers how many papers changed (people's changes are in ``load_touched``)."""
    make_table(cursor, "load_touched", "(line integer)")
    linking.find_persons(cursor)
    contradicted.leave_persons(cursor, odd)
    people.merge_persons(cursor)
    people.merge_individual_numbers(cursor)
    people.merge_addresses(cursor, on=on)
    people.merge_covers(cursor, fund_day_told="fund_registered_on" in told)
    if scheme:
        municipal.merge(cursor, told, on=on)
    # The papers are found through the covers just merged.
    refresh_statistics("members_person", "members_member")
    changes = papers.merge_legacy_cards(cursor)
    changes += papers.merge_certificates(cursor, society, on=on)
    return changes + papers.merge_deregistrations(cursor)


def _count(cursor: Any) -> dict[str, int]:
    cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added AND changed),"
        " count(*) FILTER (WHERE NOT added AND NOT changed), (SELECT count(*) FROM load_person)"
        " FROM (SELECT added, EXISTS (SELECT FROM load_touched t WHERE t.line = r.line) AS changed FROM load_row r) rows"
    )
    return dict(zip(("members", "added", "updated", "unchanged", "persons"), cursor.fetchone(), strict=True))
