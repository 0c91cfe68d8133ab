"""A queue that does not answer: the press comes back in seconds, the job waits and says so, and is begun afterwards."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client

from core import background, broker
from core.models import Clerk, Job
from kenpo.celery import app
from tests.kenpo.reading import latin_words, page_of, text_of


@pytest.fixture
def silent_redis() -> Iterator[str]:
    """The address of something that takes every connection and never says a word."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        server.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


@pytest.fixture
def queue(silent_redis: str) -> Iterator[None]:
    """This process's celery, whose tasks go to the silent address."""
    change: dict[str, Any] = {"task_always_eager": False, **broker.celery_settings(silent_redis)}
    before = {name: app.conf[name] for name in change}
    app.conf.update(change)
    app.set_current()
    _forget_connections()
    yield
    app.conf.update(before)
    _forget_connections()


def _forget_connections() -> None:
    app.__dict__.pop("amqp", None)
    app._pool = None


@pytest.mark.django_db
def test_a_press_returns_in_seconds_and_the_row_waits(
    queue: None, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    job = background.begin("survey gaps", by=clerk, order={"survey": "gaps"})
    assert time.monotonic() - began < 10
    assert (job.state, job.message) == (Job.State.WAITING, background.QUEUE_SILENT)

    clerk.is_staff = True
    clerk.save()
    browser = Client()
    browser.force_login(clerk)
    page = text_of(browser.get(page_of(job)).content.decode())
    assert "応答しないため、まだ始められません" in page
    assert latin_words(page, data=["suzuki", "gaps", "Redis"]) == set()

    done: list[Any] = []
    monkeypatch.setitem(background._WORK, "survey", lambda asked, by: done.append(asked))
    background.do_waiting()
    assert done == [{"survey": "gaps"}]


@pytest.mark.django_db
def test_a_job_that_is_done_is_not_done_again_by_a_late_message(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []
    monkeypatch.setitem(background._WORK, "survey", lambda asked, by: done.append(asked))
    job = Job.objects.create(key="survey gaps", actor=clerk, state=Job.State.DONE)
    background.do_job(job.pk)
    assert done == []


def test_the_schedule_looks_for_waiting_jobs() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} >= {"kenpo.daily", "kenpo.waiting"}
    assert {"kenpo.daily", "kenpo.waiting", "kenpo.job"} <= set(app.tasks)


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("redis://redis:6379/0", None),
        ("rediss://redis.example.jp:6380/1?ssl_cert_reqs=required", None),
        ("rediss://kenpo@redis.example.jp:6380/1", "kenpo"),
        ("redis://kenpo:old@[::1]:6379/0", "kenpo"),
    ],
)
def test_any_address_gets_its_password(url: str, user: str | None) -> None:
    secret = "p@ss:w/o?r#d%20 円"
    parts, before = urlsplit(broker.with_password(url, secret)), urlsplit(url)
    assert unquote(parts.password or "") == secret
    assert (parts.username or None) == user
    assert (parts.scheme, parts.hostname, parts.port) == (before.scheme, before.hostname, before.port)
    assert (parts.path, parts.query) == (before.path, before.query)


def test_without_password_or_address_nothing_changes() -> None:
    assert broker.with_password("redis://a@b/0", "") == "redis://a@b/0"
    assert broker.with_password("", "secret") == ""


def test_an_encrypted_address_checks_the_certificate() -> None:
    assert broker.celery_settings("rediss://b/0")["broker_use_ssl"] == {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    assert "broker_use_ssl" not in broker.celery_settings("redis://b/0")
