"""The embedded server: shared, hard to kill, and touching nothing that is not its own."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from core.errors import Fault
from kenpo import embedded
from kenpo.embedded import __main__ as command
from kenpo.embedded import programs
from kenpo.embedded.server import Postmaster, Server, server_of, socket_of

REPOSITORY = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for the server")
START = (
    "import sys; from pathlib import Path; from kenpo import embedded;"
    "print(embedded.database_url(Path(sys.argv[1]), fast=True), flush=True)"
)

MakeHome = Callable[[str], Path]


@pytest.fixture
def make_home(tmp_path: Path) -> Iterator[MakeHome]:
    """Homes under the test's folder, whose servers are stopped and whose state elsewhere is removed at the end."""
    homes: list[Path] = []

    def make(name: str = "home") -> Path:
        homes.append(tmp_path / name)
        return homes[-1]

    yield make
    for home in homes:
        tidy(home)


@pytest.fixture
def home(make_home: MakeHome) -> Path:
    return make_home("home")


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One home for the tests that do not harm its server."""
    home = tmp_path_factory.mktemp("shared") / "home"
    embedded.database_url(home, fast=True)
    yield home
    tidy(home)


def tidy(home: Path) -> None:
    folder = server_of(home).folder
    embedded.stop(home)
    for left in (folder, folder.with_name(folder.name + ".before")):
        shutil.rmtree(left, ignore_errors=True)


def running(home: Path) -> Postmaster:
    postmaster = server_of(home).postmaster()
    assert postmaster is not None
    return postmaster


def crash(home: Path) -> Server:
    """Kills the server as a power cut would, and waits until it is gone; its pid file stays."""
    server, pid = server_of(home), running(home).pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: server.postmaster() is None)
    assert server.pid_file.exists()
    return server


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def answer(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def note(url: str, word: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
        connection.execute("INSERT INTO note VALUES (%s)", [word])


def start_elsewhere(home: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


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
    assert [answer(url, f"SHOW {key}") for key in ("fsync", "full_page_writes", "synchronous_commit")] == [
        "off"
    ] * 3


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
    first, second = (
        embedded.database_url(shared_home, name=name, fast=True) for name in ("kenpo", '名簿 "2"')
    )
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


def test_a_killed_server_starts_again_with_all_that_was_committed(home: Path) -> None:
    note(embedded.database_url(home), "committed")
    crash(home)
    assert answer(embedded.database_url(home), "SELECT word FROM note") == "committed"


def test_a_killed_server_starts_again_though_its_process_id_now_belongs_to_another(home: Path) -> None:
    note(embedded.database_url(home), "kept")
    socket_folder = running(home).socket_folder
    server = crash(home)
    for file in (server.pid_file, Path(f"{socket_of(socket_folder)}.lock")):
        lines = file.read_text().split("\n")
        file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert server.postmaster() is None
    assert answer(embedded.database_url(home), "SELECT word FROM note") == "kept"
    assert running(home).pid != os.getpid()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="orphans are found through /proc")
def test_a_killed_server_starts_again_though_a_long_query_goes_on_without_it(home: Path) -> None:
    url = embedded.database_url(home, fast=True)
    with psycopg.connect(url) as connection:
        orphan = connection.info.backend_pid
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
        until(lambda: answer(url, f"SELECT state FROM pg_stat_activity WHERE pid = {orphan}") == "active")
        crash(home)
        assert answer(embedded.database_url(home, fast=True), "SELECT 1") == 1
        until(
            lambda: (
                not Path(f"/proc/{orphan}/cmdline").exists()
                or not Path(f"/proc/{orphan}/cmdline").read_bytes()
            )
        )
        connection.close()


@pytest.mark.concurrency
def test_several_processes_at_the_same_moment_all_get_the_same_server(home: Path) -> None:
    starters = [start_elsewhere(home) for _ in range(4)]
    urls = {starter.communicate(timeout=120)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 4
    assert urls == {embedded.database_url(home)}


@pytest.mark.concurrency
def test_the_server_outlives_the_killed_process_group_that_started_it(home: Path) -> None:
    script = f"{START}; input()"
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(home)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert starter.stdout is not None
    url = starter.stdout.readline().strip()
    os.killpg(starter.pid, signal.SIGKILL)
    starter.communicate(timeout=30)
    assert answer(url, "SELECT 1") == 1


@pytest.mark.concurrency
def test_a_start_that_is_killed_half_way_harms_nothing(home: Path) -> None:
    folder = server_of(home).folder
    for sign in (folder / "lock", folder / "id", folder / "data", folder / "server.log"):
        starter = start_elsewhere(home, start_new_session=True)
        until(lambda sign=sign: sign.exists())
        os.killpg(starter.pid, signal.SIGKILL)
        starter.communicate(timeout=30)
    assert answer(embedded.database_url(home, fast=True), "SELECT 1") == 1
    assert not list(folder.glob("data.new-*"))


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


def test_settings_of_the_callers_shell_do_not_reach_the_server(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in {
        "PGPORT": "6000",
        "PGDATA": "/nowhere",
        "PGHOST": "nowhere",
        "LC_ALL": "ja_JP.eucJP",
    }.items():
        monkeypatch.setenv(key, value)
    assert answer(embedded.database_url(home, fast=True), "SHOW port") == "5432"


@as_root
def test_root_leaves_the_permissions_of_the_homes_parents_as_they_are(
    make_home: MakeHome, tmp_path: Path
) -> None:
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


def test_without_kenpo_home_the_home_is_var_beside_manage_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KENPO_HOME", raising=False)
    assert embedded.home_from_environment() == REPOSITORY / "var"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://kenpo:p%40ss%2Fw%3Ard@db.example.jp:5433/society",
            {
                "USER": "kenpo",
                "PASSWORD": "p@ss/w:rd",
                "HOST": "db.example.jp",
                "PORT": "5433",
                "NAME": "society",
            },
        ),
        ("postgres://db/society", {"HOST": "db", "NAME": "society", "USER": "", "PASSWORD": "", "PORT": ""}),
        (
            "postgresql:///society?host=/var/run/My%20Sockets",
            {"HOST": "/var/run/My Sockets", "NAME": "society"},
        ),
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
