"""Pages, lists and the log name records by what a clerk knows: no number of the database is to be read anywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from certificates.models import Application, Filing
from core.models import Clerk, Event
from core.naming import names_of
from core.web.words import job_title, worded
from members.models import Member, Person
from tests.kenpo.desk.pages import apply_for, everything, file, list_of, member, registered, said, save
from tests.kenpo.reading import page_of

pytestmark = pytest.mark.django_db
FIRST = 900_001
# A dispatch and a file have numbers of their own: they are printed, handed on and typed into commands.
NUMBERED = {"mailing_dispatch", "exchange_exchangefile", "exchange_outgoingfile"}


@pytest.fixture
def high(db: None) -> None:
    """Every table but those counts from 900001 on, so that an id stands out from any count, yen or day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()")
        for (name,) in cursor.fetchall():
            if name.removesuffix("_id_seq") not in NUMBERED:
                cursor.execute(f'ALTER SEQUENCE "{name}" RESTART WITH {FIRST}')


@pytest.fixture
def office(high: None, request: pytest.FixtureRequest) -> dict[str, Client]:
    desk: dict[str, Client] = request.getfixturevalue("desk")
    clerk = Clerk.objects.get(username="uketsuke")
    some = [member("1", "02"), member("2")]
    for one in some:
        registered(one)
    everything(clerk, some)
    apply_for(desk["uketsuke"], member("1", "01"))
    desk["shonin"].post(page_of(Application.objects.latest("pk"), "grant"))
    told = {"received_on": "2026-11-10", "via": "mail", "effective_on": "2026-11-09"}
    save(desk["uketsuke"], member(), "death", file(desk["uketsuke"], member(), "death", told))
    return desk


def ids_in(page: str) -> list[str]:
    return re.findall(r".{0,12}(?<!\d)9000\d\d(?!\d).{0,12}", page)


def pages(browser: Client) -> Any:
    """Every list, and the page of every document that has one."""
    for model in apps.get_models():
        if not admin.site.is_registered(model):
            continue
        yield model._meta.label, browser.get(list_of(model))
        for document in model._default_manager.order_by("pk")[:3]:
            try:
                yield f"{model._meta.label} page", browser.get(page_of(document))
            except NoReverseMatch:
                continue


def test_no_page_shows_a_number_of_the_database(office: dict[str, Client]) -> None:
    assert min(Person.objects.values_list("pk", flat=True)) >= FIRST
    found, looked = {}, 0
    for name, answer in pages(office["kansa"]):
        if answer.status_code == 200:
            looked += 1
            if ids := ids_in(said(answer)):
                found[name] = ids[:3]
    assert looked > 40 and not found, found


def test_the_log_names_who_and_what_and_why_in_words(office: dict[str, Client]) -> None:
    page = said(office["kansa"].get(reverse("admin:core_event_changelist")))
    assert "届出 101-1-00 令和8年11月10日受付" in page
    assert Event.objects.filter(subject="certificates.Filing").exists()
    filing = Filing.objects.get(kind="death")
    assert worded({"filing": f"filing:{filing.pk}"}) == "届出：101-1-00 令和8年11月10日受付"
    assert worded({"filing": f"filing:{filing.pk}:900009"}) == "届出：101-1-00 令和8年11月10日受付"
    assert worded({"request": "share:900009:2027-01-01"}) == "もとの記録：資格確認書"


def test_every_kind_of_record_has_a_name_without_its_id(office: dict[str, Client]) -> None:
    for model in apps.get_models():
        # The history keeps rows for programs; nobody is shown one.
        if not hasattr(model, "NAMED_WITH") and not admin.site.is_registered(model):
            continue
        for document in model._default_manager.order_by("pk")[:2]:
            if model._meta.db_table not in NUMBERED and document.pk != getattr(document, "seq", None):
                assert not ids_in(str(document)), model._meta.label


def test_a_person_is_named_by_the_newest_cover_and_a_record_that_is_gone_not_at_all(office: dict[str, Client]) -> None:
    one = Member.objects.get(number="2")
    person = ("members.Person", one.person_id)
    assert names_of([person, ("certificates.Filing", 1), ("nothing.Such", 2)]) == {person: "101-2-00"}


def test_jobs_are_named_by_what_they_are_about() -> None:
    assert job_title("approve 900001") == "承認" and job_title("remind") == "督促"
    assert job_title("survey gaps") == "一覧の数え直し 使える手段がない人"
