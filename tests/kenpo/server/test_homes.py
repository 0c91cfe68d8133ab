"""Where the embedded server lives, as whom it runs, and which addresses are understood."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest

from core.errors import Fault
from kenpo import embedded
from kenpo.embedded import programs
from kenpo.embedded.server import server_of, socket_of
from tests.kenpo.server.processes import REPOSITORY, MakeHome, answer, note, running

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for the server")


@pytest.mark.parametrize(
    "name",
    ["with spaces in it", "x" * 150, "健康保険組合", "comma,quote\"dollar$HOME'tick`"],
    ids=["spaces", "long", "kanji", "odd"],
)
def test_any_folder_name_can_be_a_home(make_home: MakeHome, name: str) -> None:
    home = make_home(name)
    url = embedded.database_url(home, fast=True)
    assert answer(url, "SELECT 1") == 1
    socket_folder = Path(running(home).socket_folder)
    assert len(os.fsencode(socket_of(str(socket_folder)))) <= 107
    assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
    embedded.stop(home)
    crashed_free = embedded.database_url(home, fast=True)
    assert answer(crashed_free, "SELECT 1") == 1


@as_root
def test_root_leaves_the_permissions_of_the_homes_parents_as_they_are(make_home: MakeHome, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    folders = [closed, *closed.parents, programs.STATE_ROOT]
    before = [(folder.stat().st_mode, folder.stat().st_uid) for folder in folders]
    home = make_home("closed/home")
    assert answer(embedded.database_url(home, fast=True), "SELECT 1") == 1
    assert [(folder.stat().st_mode, folder.stat().st_uid) for folder in folders] == before
    assert server_of(home).folder.parent == programs.STATE_ROOT
    assert not (home / "postgres").exists()


@as_root
def test_the_server_does_not_run_as_root_and_its_socket_is_closed_to_others(home: Path) -> None:
    embedded.database_url(home, fast=True)
    owner = Path(f"/proc/{running(home).pid}").stat().st_uid
    assert owner != 0
    folder = server_of(home).folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o750
    assert stat.S_IMODE((folder / "run").stat().st_mode) == 0o700
    assert (folder / "run").stat().st_uid == owner


@as_root
def test_a_removed_home_begins_anew_and_its_former_database_is_kept_aside(home: Path) -> None:
    note(embedded.database_url(home, fast=True), "former")
    shutil.rmtree(home)
    url = embedded.database_url(home, fast=True)
    assert answer(url, "SELECT count(*) FROM pg_tables WHERE tablename = 'note'") == 0
    folder = server_of(home).folder
    assert (folder.with_name(folder.name + ".before") / "data" / "PG_VERSION").exists()


@as_root
def test_a_state_folder_that_cannot_be_written_is_refused_with_a_way_out(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kenpo.embedded.server.STATE_ROOT", tmp_path / "missing")
    with pytest.raises(Fault, match="DATABASE_URL"):
        embedded.database_url(home)


def test_without_useradd_the_refusal_names_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "SERVER_USER", "kenpo-nobody-of-this-name")
    monkeypatch.setattr(programs.shutil, "which", lambda *_args, **_options: None)
    with pytest.raises(Fault, match=r"useradd.*DATABASE_URL"):
        programs.server_account()


def test_without_kenpo_home_the_home_is_var_beside_manage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KENPO_HOME", raising=False)
    assert embedded.home_from_environment() == REPOSITORY / "var"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://kenpo:p%40ss%2Fw%3Ard@db.example.jp:5433/society",
            {"USER": "kenpo", "PASSWORD": "p@ss/w:rd", "HOST": "db.example.jp", "PORT": "5433", "NAME": "society"},
        ),
        ("postgres://db/society", {"HOST": "db", "NAME": "society", "USER": "", "PASSWORD": "", "PORT": ""}),
        ("postgresql:///society?host=/var/run/My%20Sockets", {"HOST": "/var/run/My Sockets", "NAME": "society"}),
        ("postgresql://%2FVar%2Frun/society", {"HOST": "/Var/run", "NAME": "society"}),
        ("postgresql://kenpo@[::1]:5432/society", {"HOST": "::1", "PORT": "5432"}),
        ("postgresql://a:1,b:2/society?target_session_attrs=read-write", {"HOST": "a,b", "PORT": "1,2"}),
        (
            "postgresql://db/%E7%B5%84%E5%90%88?sslmode=verify-full",
            {"NAME": "組合", "OPTIONS": {"sslmode": "verify-full"}},
        ),
        ("postgresql://db/society?connect_timeout=5", {"OPTIONS": {"connect_timeout": "5"}}),
        ("postgresql:///?service=society", {"NAME": "", "OPTIONS": {"service": "society"}}),
    ],
)
def test_any_url_of_libpq_becomes_djangos_settings(url: str, expected: dict[str, object]) -> None:
    settings = embedded.database_settings(url)
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert {key: settings[key] for key in expected} == expected


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db/society",
        "host=db dbname=society",
        "postgresql://db",
        "postgresql://u:SECRET@db/society?no_such_option=1",
        "postgresql://u:SECRET%zz@db/society",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Fault) as refusal:
        embedded.database_settings(url)
    assert "DATABASE_URL" in str(refusal.value)
    assert "SECRET" not in str(refusal.value)
    assert refusal.value.__cause__ is None
