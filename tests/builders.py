"""Builds load folders for tests: rows as keyword arguments, everything unsaid has a sensible value.

folder = Folder(tmp_path).insured("1").dependent("1", branch_number="01", name="山田 花子")
load(folder.write(), on=date(2026, 11, 6))
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

INSURER = "06130488"
SECOND_INSURER = "63130488"
POLICY = f"""preset = "toyobo"

[insurer]
number = "{INSURER}"
name = "架空健康保険組合"
postal_code = "530-0001"
address = "大阪府大阪市北区架空1-2-3"
phone = "06-0000-0000"
"""
ALSO = f"""
[[insurer.also]]
number = "{SECOND_INSURER}"
name = "架空健康保険組合（特例退職）"
"""

COLUMNS: dict[str, tuple[str, ...]] = {
    "establishments": ("insurer_number", "code", "name", "postal_code", "address", "symbol"),
    "members": (
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
    ),
    "legacy_cards": ("insurer_number", "symbol", "number", "branch_number", "issued_on", "valid_through"),
    "certificates": (
        "insurer_number",
        "symbol",
        "number",
        "branch_number",
        "basis",
        "issued_on",
        "effective_on",
        "valid_through",
    ),
    "deregistrations": ("insurer_number", "symbol", "number", "branch_number", "accepted_on"),
}
OPTIONAL: dict[str, tuple[str, ...]] = {
    "members": (
        "person_key",
        "fund_registered_on",
        "address_protected",
        "mailing_postal_code",
        "mailing_address",
        "printed_name",
        "sex_on_back",
        "individual_number",
        "household_key",
        "household_head",
        "copayment_percent",
    ),
    "certificates": ("ground",),
}
_NUMBERS = {"insurer_number": INSURER, "symbol": "101", "branch_number": "00"}
DEFAULTS: dict[str, dict[str, str]] = {
    "establishments": {
        "insurer_number": INSURER,
        "code": "0001",
        "name": "架空紡績株式会社",
        "postal_code": "530-0002",
        "address": "大阪府大阪市北区架空4-5-6",
        "symbol": "101",
    },
    "members": _NUMBERS
    | {
        "establishment_code": "0001",
        "kind": "insured",
        "relationship": "本人",
        "name": "山田 太郎",
        "name_kana": "ヤマダ タロウ",
        "sex": "1",
        "birth_date": "1980-04-15",
        "coverage_kind": "regular",
        "acquired_on": "2010-04-01",
        "lost_on": "",
        "standard_monthly_remuneration_yen": "300000",
        "resident": "1",
        "individual_number_state": "registered",
        "nondisclosure": "0",
        "needs_assistance": "0",
        "postal_code": "530-0003",
        "address": "大阪府大阪市北区架空7-8-9",
    },
    "legacy_cards": _NUMBERS | {"issued_on": "2020-04-01", "valid_through": ""},
    "certificates": _NUMBERS
    | {"basis": "ex_officio", "issued_on": "2025-11-10", "effective_on": "2025-12-02", "valid_through": "2030-12-01"},
    "deregistrations": _NUMBERS | {"accepted_on": "2026-10-10"},
}


class Folder:
    """A load folder under construction; ``write`` puts it on disk and answers where."""

    def __init__(self, path: Path, policy: str = POLICY) -> None:
        self.path = path
        self.policy: str | None = policy
        self.rows: dict[str, list[dict[str, str]]] = {name: [] for name in COLUMNS}
        self.extra_columns: dict[str, tuple[str, ...]] = {}
        self.without_employers = False
        self.left_out: dict[str, tuple[str, ...]] = {}

    def add(self, file: str, **cells: Any) -> Folder:
        self.rows[file].append(DEFAULTS[file] | {name: str(value) for name, value in cells.items()})
        return self

    def establishment(self, code: str = "0001", **cells: Any) -> Folder:
        return self.add("establishments", code=code, **cells)

    def insured(self, number: str = "1", **cells: Any) -> Folder:
        return self.add("members", number=number, **cells)

    def dependent(self, number: str = "1", branch_number: str = "01", **cells: Any) -> Folder:
        family = {
            "kind": "dependent",
            "relationship": "妻",
            "name": "山田 花子",
            "name_kana": "ヤマダ ハナコ",
            "sex": "2",
            "birth_date": "1982-01-20",
            "standard_monthly_remuneration_yen": "",
        }
        return self.add("members", number=number, branch_number=branch_number, **(family | cells))

    def legacy_card(self, number: str = "1", **cells: Any) -> Folder:
        return self.add("legacy_cards", number=number, **cells)

    def certificate(self, number: str = "1", **cells: Any) -> Folder:
        return self.add("certificates", number=number, **cells)

    def deregistration(self, number: str = "1", **cells: Any) -> Folder:
        return self.add("deregistrations", number=number, **cells)

    def change(self, file: str, place: int = 0, **cells: Any) -> Folder:
        """Other values in one row that was added before."""
        self.rows[file][place].update({name: str(value) for name, value in cells.items()})
        return self

    def write(self) -> Path:
        """Writes every file that has rows (members always); an employer 0001 unless one was added, or there are none."""
        self.path.mkdir(parents=True, exist_ok=True)
        if self.policy is not None:
            (self.path / "policy.toml").write_text(self.policy, encoding="utf-8")
        if not self.rows["establishments"] and not self.without_employers:
            self.establishment()
        for file, rows in self.rows.items():
            if rows or file == "members":
                self._write_csv(file, rows)
        return self.path

    def _write_csv(self, file: str, rows: list[dict[str, str]]) -> None:
        used = {name for row in rows for name in row}
        columns = [name for name in COLUMNS[file] if name not in self.left_out.get(file, ())]
        columns += [name for name in OPTIONAL.get(file, ()) if name in used]
        columns += self.extra_columns.get(file, ())
        with (self.path / f"{file}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="", extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
