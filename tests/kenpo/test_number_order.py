"""記号・番号 stand as numbers on paper and on pages: 2 before 10, whatever the width of the digits."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection
from django.test import Client

from certificates.decisions import gaps
from certificates.decisions.elderly import propose_elderly
from certificates.models import ElderlyBeneficiaryCertificate, EligibilityCertificate
from core import clock
from core.text import identifier_key, number_order
from kenpo.intake.tables.standing import people
from kenpo.reports.records import decision_sheet, register
from mailing.addresses.odd_addresses import odd_addresses
from mailing.models import Envelope
from mailing.services import assemble
from members.functions import NumberOrder, number_order_sql
from members.models import Address, Member
from members.unprintable import unprintable
from tests.certificates.elderly.families import BORN, family
from tests.mailing import build
from tests.mailing.build import DECIDED_ON, ON, Office
from tests.notices.play import drafted, joined
from tests.scenarios.office import Office as Town

WRITTEN = ("10", "9", "100", "２", "健保10", "健保２", "007", "A1", "A1B10", "A1B9", "")
ORDER = ["", "２", "007", "9", "10", "100", "A1", "A1B9", "A1B10", "健保２", "健保10"]
NUMBERS = ("10", "9", "2", "100", "12")
IN_ORDER = ["2", "9", "10", "12", "100"]


@pytest.fixture
def office(db: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Certificates for people whose numbers are not as long as each other."""
    monkeypatch.setattr(clock, "today", lambda: ON)
    made = build.office()
    for number in NUMBERS:
        made.certify(made.household(number))
    return made


def in_text(text: str) -> list[str]:
    """The numbers of a page in the order in which they stand on it, each once."""
    return list(dict.fromkeys(re.findall(r"\b1-(\d+)-00\b", text)))


def test_the_key() -> None:
    assert sorted(WRITTEN, key=number_order) == ORDER
    assert number_order("1", "2") < number_order("1", "10") < number_order("2", "1") < number_order("10", "1")


def test_the_database_says_the_same(office: Office) -> None:
    for written in WRITTEN[:-1]:
        office.household(identifier_key(f"組{written}"))
    covers = list(Member.objects.all())
    by_python = sorted(covers, key=lambda m: (number_order(m.symbol_key, m.number_key, m.branch_key), m.pk))
    assert list(Member.objects.order_by(NumberOrder.of(), "pk")) == by_python
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM members_member m ORDER BY {number_order_sql('m')}, id")
        assert [pk for (pk,) in cursor.fetchall()] == [m.pk for m in by_python]


def test_the_list_of_a_million_reads_an_index(office: Office) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = Member.objects.order_by(NumberOrder.of(), "pk")[:100].explain()
    assert "member_number_order" in plan and "Sort" not in plan


def test_envelopes_in_a_bundle_and_the_list_ahead(office: Office, command: Callable, tmp_path: Path) -> None:
    assemble(office.run, by=office.clerk, on=ON)
    envelopes = Envelope.objects.order_by("position").values_list("insured__number", flat=True)
    assert list(envelopes) == IN_ORDER
    command("establishment_lists", "2026-11", "--by", "haraguchi", "--to", tmp_path)
    (ahead,) = [path for path in tmp_path.glob("001-*.csv")]
    assert [row["number"] for row in csv.DictReader(io.StringIO(ahead.read_text("utf-8")))] == IN_ORDER


def test_envelopes_that_go_home(office: Office) -> None:
    for number in ("210", "29", "23"):
        office.certify(office.household(number, coverage_kind="voluntary"))
    assemble(office.run, by=office.clerk, on=ON)
    home = Envelope.objects.filter(dispatch__channel="home").order_by("position")
    assert list(home.values_list("insured__number", flat=True)) == ["23", "29", "210"]


def test_who_has_no_route(office: Office, command: Callable) -> None:
    assert [gap.read.number for gap in gaps.gaps(office.insurer, ON)] == IN_ORDER
    lines = command("gaps", "--on", ON.isoformat()).out.splitlines()[:-1]
    assert [line.split(",")[1] for line in lines] == IN_ORDER


def test_registers_and_tables(office: Office) -> None:
    for report in (decision_sheet(office.run, made_on=ON), register(office.insurer, DECIDED_ON, ON, made_on=ON)):
        rows = [row for table in report.tables for row in table.rows if re.search(r"1-\d+-00", str(row))]
        assert in_text(str(rows)) == IN_ORDER
    assert [cells["number"] for cells in people(Member.objects.all())] == IN_ORDER


@pytest.mark.django_db
def test_serials_are_drawn_in_the_order_of_the_numbers(tmp_path: Path, home: Path, settings: Any) -> None:
    """So that a list by serial, as those of drafts and of certificates are, is one by number."""
    town = Town("toyobo", tmp_path / "in", settings)
    for _ in range(11):
        town.joins()
    town.month("2026-11", on="2026-11-06")
    found = EligibilityCertificate.objects.order_by("serial").values_list("member__number", flat=True)
    assert list(found) == [str(number) for number in range(1, 12)]
    decided = (tmp_path / "in" / "decisions-2026-11.csv").read_text("utf-8").splitlines()[1:]
    exported = [line.split(",")[2] for line in decided]
    assert exported == sorted(exported), "what is exported keeps the order by code point"


def test_elderly_certificates_are_drawn_in_the_order_of_the_numbers(home: Path, db: None) -> None:
    made = build.office(share_on_face=False)
    for number in NUMBERS:
        family(made, BORN, number=number)
    propose_elderly(None, by=made.clerk, on=ON)
    found = ElderlyBeneficiaryCertificate.objects.order_by("serial").values_list("member__number", flat=True)
    assert list(found) == IN_ORDER


def test_notices_are_numbered_in_the_order_of_the_numbers(office: Office) -> None:
    for number in NUMBERS:
        joined(office, f"8{number}")
    assert [number for number, _ in drafted(office)] == [f"8{number}" for number in ("2", "9", "10", "12", "100")]


def test_addresses_and_names_to_look_at(office: Office) -> None:
    Address.objects.update(postal_code="000-0001")
    with odd_addresses(office.insurer, ON) as found:
        assert [odd.number for odd in found] == IN_ORDER
    for member in Member.objects.all():
        member.person.name = "\U000f3c00 一郎"
        member.person.save()
    assert [one.number for one in unprintable(ON)] == IN_ORDER


@pytest.mark.parametrize(
    "page", ["/admin/members/member/", "/admin/members/member/?o=0", "/admin/certificates/eligibilitycertificate/?o=1"]
)
def test_pages(page: str, office: Office, client: Client) -> None:
    clerk: AbstractBaseUser = office.clerk
    clerk.is_staff = True  # type: ignore[attr-defined]
    clerk.save()
    client.force_login(clerk)
    assert in_text(client.get(page).content.decode()) == IN_ORDER
