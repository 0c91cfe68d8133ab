"""A table's check names the rows whose texts look like damage, by the line that the clerk sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models import Clerk
from members.models import Person
from tests.kenpo.tables.sheets import changed
from tests.kenpo.tables.test_taking_in import told

pytestmark = pytest.mark.django_db


def test_people(by: Clerk) -> None:
    (said,) = (odd for odd in told("people", changed("people", name="?田 三郎"), by)["odd"] if "登録と違い" not in odd)
    assert said.startswith("2行目 「name」：") and "「?」（U+003F）" in said and "三郎" not in said


def test_filings_and_applications(by: Clerk, tmp_path: Path) -> None:
    from tests.builders import INSURER
    from tests.kenpo.tables.sheets import table

    head = ["kind", "insurer_number", "symbol", "number", "branch_number", "effective_on", "received_on", "via"]
    numbers = [INSURER, "101", "0002", "00"]
    filing = ["address", *numbers, "2026-11-02", "2026-11-09", "mail", "530-0001", "大阪市□区"]
    told_odd = told("filings", table([*head, "postal_code", "address"], filing), by)["odd"]
    (said,) = (odd for odd in told_odd if "登録と違い" not in odd)
    assert said.startswith("2行目 「住所」：") or "「住所」：" in said
    Person.objects.filter(covers__number="0002").update(name="〓橋 一")
    head = ["insurer_number", "symbol", "number", "branch_number", "kind", "ground", "received_on", "via"]
    (said,) = told("applications", table(head, [*numbers, "issue", "lost_card", "2026-11-09", "mail"]), by)["odd"]
    assert said.startswith("2行目 「氏名」が文字化けかもしれない")
