"""The embedded server: found, started, stopped, as the office wants it."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from core.errors import Fault
from kenpo import embedded
from kenpo.embedded import __main__ as command
from kenpo.embedded.server import server_of
from tests.kenpo.server.processes import MakeHome, answer, note, running


def test_a_new_home_gets_a_server_with_the_settings_of_the_office(home: Path) -> None:
    url = embedded.database_url(home)
    assert answer(url, "SELECT current_database()") == "kenpo"
    expected = {
        "listen_addresses": "",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
        "fsync": "on",
        "synchronous_commit": "on",
        "client_connection_check_interval": "200ms",
        "max_connections": "200",
        "TimeZone": "Asia/Tokyo",
        "server_encoding": "UTF8",
    }
    assert answer(url, "SELECT datctype FROM pg_database WHERE datname = 'kenpo'") == "C"
    assert {key: answer(url, f"SHOW {key}") for key in expected} == expected


def test_a_test_server_forgoes_safety_for_speed(shared_home: Path) -> None:
    url = embedded.database_url(shared_home, fast=True)
    assert [answer(url, f"SHOW {key}") for key in ("fsync", "full_page_writes", "synchronous_commit")] == ["off"] * 3


def test_a_running_server_is_found_in_milliseconds(shared_home: Path) -> None:
    url = embedded.database_url(shared_home, fast=True)
    began = running(shared_home)
    fastest = 1.0
    for _ in range(10):
        before = time.perf_counter()
        assert embedded.database_url(shared_home) == url
        fastest = min(fastest, time.perf_counter() - before)
    assert fastest < 0.1
    assert running(shared_home) == began


def test_one_server_holds_several_databases(shared_home: Path) -> None:
    first, second = (embedded.database_url(shared_home, name=name, fast=True) for name in ("kenpo", '名簿 "2"'))
    note(first, "only in the first")
    assert answer(second, "SELECT current_database()") == '名簿 "2"'
    assert answer(second, "SELECT count(*) FROM pg_tables WHERE tablename = 'note'") == 0


def test_two_homes_never_touch_each_other(make_home: MakeHome) -> None:
    one, other = make_home("one"), make_home("one/inside")
    note(embedded.database_url(one, fast=True), "one")
    url = embedded.database_url(other, fast=True)
    assert answer(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'note'") == 0
    embedded.stop(one)
    assert answer(url, "SELECT 1") == 1


def test_stopped_data_is_there_again_after_the_next_start(home: Path) -> None:
    note(embedded.database_url(home, fast=True), "kept")
    assert embedded.stop(home) is True
    assert embedded.stop(home) is False
    assert answer(embedded.database_url(home, fast=True), "SELECT word FROM note") == "kept"


def test_stopping_a_home_that_never_was_creates_nothing(home: Path) -> None:
    assert embedded.stop(home) is False
    assert not home.exists()
    assert not server_of(home).folder.exists()


def test_data_of_another_major_version_is_refused(home: Path) -> None:
    embedded.database_url(home, fast=True)
    embedded.stop(home)
    (server_of(home).data / "PG_VERSION").write_text("13\n")
    with pytest.raises(Fault, match="PostgreSQL 13 のデータ"):
        embedded.database_url(home, fast=True)


def test_the_log_holds_no_names(shared_home: Path) -> None:
    url = embedded.database_url(shared_home, fast=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE person (name text UNIQUE)")
        connection.execute("INSERT INTO person VALUES ('健保花子')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES ('健保花子')")
    assert "健保花子" not in server_of(shared_home).log.read_text()


def test_settings_of_the_callers_shell_do_not_reach_the_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {"PGPORT": "6000", "PGDATA": "/nowhere", "PGHOST": "nowhere", "LC_ALL": "ja_JP.eucJP"}.items():
        monkeypatch.setenv(key, value)
    assert answer(embedded.database_url(home, fast=True), "SHOW port") == "5432"


def test_the_command_shows_starts_and_stops(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KENPO_HOME", str(home))
    said = []
    for action in ("status", "url", "status", "stop", "stop"):
        assert command.main([action]) == 0
        said.append(capsys.readouterr().out)
    assert "動いていません" in said[0]
    assert said[1].startswith("postgresql://kenpo@/kenpo?host=")
    assert "動いています" in said[2]
    assert "停止しました" in said[3]
    assert "動いていません" in said[4]
