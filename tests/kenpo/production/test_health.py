"""Probes ask by address and without TLS; every page stays as strict about its host as before."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection
from django.test import Client

pytestmark = pytest.mark.django_db
PROBES = ("10.0.0.7:8000", "[fd00::7]:8000", "192.168.1.9", "not a host")


@pytest.fixture(autouse=True)
def strict(settings) -> None:
    settings.ALLOWED_HOSTS = ["kenpo.example.jp"]
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize("host", PROBES)
def test_a_probe_is_answered_whatever_it_calls_the_host(host: str) -> None:
    answer = Client(headers={"host": host}).get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True})


@pytest.mark.parametrize("path", ["/admin/login/", "/", "/healthz/", "/healthz/x", "/healthzz"])
def test_no_other_page_answers_to_an_unknown_host(path: str) -> None:
    assert Client(headers={"host": PROBES[0]}).get(path, secure=True).status_code == 400
    assert Client(headers={"host": "kenpo.example.jp"}).get("/admin/login/").status_code == 301


def test_without_its_database_the_office_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", gone)
    answer = Client(headers={"host": PROBES[0]}).get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": False})
