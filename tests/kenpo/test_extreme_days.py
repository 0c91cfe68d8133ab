"""Days that no door lets in any more, as an older version or a hand at the database may have stored them: all answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certificates.models import (
    Application,
    Decision,
    Deregistration,
    EligibilityCertificate,
    Filing,
    LegacyCard,
    Recovery,
)
from core.models import Clerk
from exchange.models import ExchangeRow
from members.models import Address, Member, MynaStatus, Person, ShareRelief
from tests.conftest import run_command
from tests.story.month import DAY, invent_and_load, play

pytestmark = pytest.mark.django_db
FIRST, LAST = date.min, date.max
COLUMNS: dict[Any, tuple[str, ...]] = {
    Person: ("birth_date",),
    Member: ("acquired_on", "lost_on", "fund_registered_on"),
    LegacyCard: ("issued_on", "valid_through"),
    EligibilityCertificate: ("issued_on", "effective_on", "valid_through", "sent_on", "arrives_on"),
    Deregistration: ("received_on", "accepted_on"),
    Address: ("valid_from",),
    ShareRelief: ("valid_from", "valid_through"),
    MynaStatus: ("registered_on", "e_certificate_expires_on", "returned_on"),
    ExchangeRow: ("birth_date", "registered_on", "e_certificate_expires_on", "returned_on"),
    Filing: ("effective_on", "received_on"),
    Application: ("received_on", "due_on"),
    Recovery: ("opened_on", "due_on"),
}
COMMANDS = (
    ("export_decisions", "2026-11"),
    ("gaps", "--on", DAY),
    ("forecast",),
    ("forecast", "--months", "36"),
    ("replay", "2026-11"),
    ("simulate", "2026-11"),
    ("report", "2026-11"),
    ("recovery_rate", "2026-11"),
    ("addresses",),
    ("names",),
    ("daily", "--on", DAY),
    ("ledger", "2026-11"),
    ("remind", "--on", DAY, "--by", "hanako"),
)


def spoil(*, rows: int = 3) -> None:
    """The first and the last day there is, in every column of some rows of their own."""
    for model, columns in COLUMNS.items():
        ids = iter(model._default_manager.order_by("pk").values_list("pk", flat=True)[:200])
        for column, day, pk in _spread(columns, ids, rows):
            model._default_manager.filter(pk=pk).update(**{column: day})


def _spread(columns: tuple[str, ...], ids: Iterator[int], rows: int) -> Iterator[tuple[str, date, int]]:
    for column, day, _ in product(columns, (FIRST, LAST), range(rows)):
        if (pk := next(ids, None)) is not None:
            yield column, day, pk


def lists() -> list[str]:
    models = (
        Member,
        Person,
        EligibilityCertificate,
        LegacyCard,
        Deregistration,
        Filing,
        Application,
        Recovery,
        Decision,
    )
    return [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in models]


def pages() -> Iterator[str]:
    yield from lists()
    yield from map(reverse, ("admin:index", "gaps", "statistics", "decision_sheet", "register", "month", "ledger"))
    for model in (Member, Person, EligibilityCertificate, Filing, Application, Recovery, LegacyCard, Deregistration):
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
        yield from (reverse(name, args=[pk]) for pk in model.objects.values_list("pk", flat=True)[:40])


@pytest.fixture
def office(tmp_path: Path, home: Path, settings: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("core.commands.ensure_migrated", lambda: None)
    settings.KENPO_TODAY = date.fromisoformat(DAY)
    invent_and_load(tmp_path / "in", members=60)
    client.force_login(Clerk.objects.create_user("hanae", role="clerk", is_staff=True))
    return client


def answer(client: Client) -> None:
    for name, *arguments in COMMANDS:
        said = run_command(name, *arguments)
        assert said.code in (0, 1), (name, said.err)
    for member in Member.objects.all()[:60]:
        said = run_command("why", member.symbol, member.number, member.branch_number)
        assert said.code == 0, said.err
    for page in pages():
        assert client.get(page, follow=True).status_code == 200, page


def test_the_month_is_decided_and_everything_answers(office: Client) -> None:
    spoil()
    assert run_command("run_month", "2026-11", "--by", "taro", "--on", DAY).code == 1  # held by the gates
    said = run_command("run_month", "2026-11", "--by", "hanako", "--on", DAY, "--force-gates", "試験のため")
    assert said.code == 0, said.err
    answer(office)


def test_a_month_already_posted_answers(office: Client, tmp_path: Path) -> None:
    play(tmp_path)
    member = Member.objects.filter(kind="insured").order_by("-pk")[0]
    Filing.objects.create(
        kind="address",
        member=member,
        effective_on=FIRST,
        received_on=FIRST,
        received_via="mail",
        data={},
        content_key="x",
    )
    Application.objects.create(
        member=member, kind="issue", ground="lost_card", received_on=LAST, received_via="mail", due_on=LAST
    )
    spoil()
    answer(office)


def test_a_page_asked_for_such_a_day_answers(office: Client) -> None:
    queries = ("on=0001-01-01", "on=9999-12-31", "month=0001-01", "month=9999-12", "from=0001-01-01&to=9999-12-31")
    for page, query in product(("gaps", "month", "statistics", "decision_sheet", "ledger", "register"), queries):
        assert office.get(f"{reverse(page)}?{query}", follow=True).status_code == 200, (page, query)


@pytest.mark.parametrize("text", ["9" * 5_000, "9" * 20, "[", '"\\u0000"'])
def test_settings_to_try_that_cannot_be_read_are_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(f"return_days = {text}\n", encoding="utf-8")
    told = run_command("simulate", "2026-11", "--policy", file)
    assert told.code == 2 and "Traceback" not in told.err and told.err.strip()
