"""What a step reads and how it leaves the tables: by the papers it has to do with, not by everybody registered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection

from core import planner
from mailing.bundling import pulls
from mailing.models import Dispatch
from mailing.papers.kinds import CERTIFICATE
from mailing.planning.reading import Round, candidates
from mailing.services import assemble, print_dispatch
from members.models import Address, MynaStatus, Person
from notices.letters.reading import recipients
from tests.mailing.build import ON, Office

STRANGERS = 3_000


def strangers() -> None:
    """People without any paper, each with an address and a status; PostgreSQL has no statistics of them."""
    people = Person.objects.bulk_create(
        Person(
            name="別人 一",
            name_kana="ベツジン ハジメ",
            name_kana_key="ベツジンハジメ",
            birth_date=date(1980, 1, 1),
            sex="1",
            individual_number_state="registered",
        )
        for _ in range(STRANGERS)
    )
    Address.objects.bulk_create(
        Address(person=person, use="residence", postal_code="100-0001", address="東京都", valid_from=date(2020, 4, 1))
        for person in people
    )
    MynaStatus.objects.bulk_create(
        MynaStatus(person=person, as_of=date(2026, 10, 31), source="monthly", state="registered") for person in people
    )


def rows_read(table: str, work: Callable[[], object]) -> int:
    """How many rows of a table the work reads, in whichever way."""

    def so_far() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s",
                [table],
            )
            return int(cursor.fetchone()[0])

    before = so_far()
    work()
    return so_far() - before


def test_assembling_reads_the_addresses_of_those_who_have_paper_only(office: Office) -> None:
    strangers()
    office.certify(office.household("0001", ["山田 太郎", "山田 花子"]))
    round_ = Round(office.run.insurer, ON, office.run)
    found: list[object] = []
    read = rows_read("members_address", lambda: found.extend(candidates(round_, CERTIFICATE, form="card")))
    assert len(found) == 2
    assert read < 20


@pytest.mark.parametrize(("table", "most"), [("members_address", 20), ("members_mynastatus", 20)])
def test_the_pull_list_reads_of_those_in_the_dispatch_only(
    office: Office, printed: Dispatch, table: str, most: int
) -> None:
    strangers()
    assert rows_read(table, lambda: pulls.find(printed, on=ON)) < most


def test_letters_read_the_addresses_of_those_who_are_written_to_only(office: Office) -> None:
    strangers()
    (member,) = office.household("0001")
    assert rows_read("members_address", lambda: recipients([member.pk], ON)) < 20


def test_a_mass_round_leaves_fresh_statistics_behind(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "MANY", 3)
    for number in range(3):
        office.certify(office.household(f"{number:04d}", ["山田 太郎"]))

    def known(table: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
            return int(cursor.fetchone()[0])

    def shares(column: str) -> dict[str, float]:
        """What the planner takes for the share of each status among the certificates."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT most_common_vals::text::text[], most_common_freqs FROM pg_stats"
                " WHERE tablename = 'certificates_eligibilitycertificate' AND attname = %s",
                [column],
            )
            values, frequencies = cursor.fetchone()
        return dict(zip(values, frequencies, strict=True))

    (number,) = assemble(office.run, by=office.clerk, on=ON).dispatches
    assert (known("mailing_envelope"), known("mailing_enclosure")) == (3, 3)
    print_dispatch(Dispatch.objects.get(pk=number), by=office.clerk, on=ON)
    assert shares("status") == {"printed": 1.0}
