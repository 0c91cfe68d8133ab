"""What every test may ask for. No test reads the real clock: days are passed in."""

from __future__ import annotations

import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection
from hypothesis.configuration import set_hypothesis_home_dir

from core.models import Clerk
from kenpo import embedded
from kenpo.embedded.server import server_of
from tests.builders import Folder

REQUIRE_ALL = os.environ.get("KENPO_REQUIRE_ALL") == "1"

# By its number: a machine without a hosts file does not know the name.
os.environ.setdefault("DJANGO_LIVE_TEST_SERVER_ADDRESS", "127.0.0.1")
set_hypothesis_home_dir(Path(os.environ["KENPO_HOME"]) / "hypothesis")
hypothesis.settings.register_profile(
    "kenpo",
    deadline=None,  # a shared machine is slow at times; that is no finding
    derandomize=bool(os.environ.get("CI")) or REQUIRE_ALL,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("kenpo")


def require(what: str, available: bool) -> None:
    """Skips the test where ``what`` (a browser, a font, Redis) is missing; fails it under KENPO_REQUIRE_ALL=1."""
    if available:
        return
    if REQUIRE_ALL:
        pytest.fail(f"{what} is required (KENPO_REQUIRE_ALL=1) and missing", pytrace=False)
    pytest.skip(f"{what} is missing")


@dataclass(frozen=True)
class Answer:
    """How a command ended: exit code, what it printed, and its last line as JSON (``None`` if it is not)."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        lines = self.out.strip().splitlines()
        try:
            return json.loads(lines[-1]) if lines else None
        except ValueError:
            return None


def run_command(name: str, *arguments: Any, **options: Any) -> Answer:
    """Runs a management command in this process and says how it ended."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(name, *(str(a) for a in arguments), stdout=out, stderr=err, **options)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    return Answer(code, out.getvalue(), err.getvalue())


@pytest.fixture
def command() -> Callable[..., Answer]:
    return run_command


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A home of the test's own for what is written to files (``paper``, ``files``)."""
    settings.KENPO_HOME = tmp_path / "home"
    settings.MEDIA_ROOT = settings.KENPO_HOME / "files"
    settings.FILE_UPLOAD_TEMP_DIR = settings.KENPO_HOME / "temporary"
    (settings.KENPO_HOME / "paper").mkdir(parents=True)
    return Path(settings.KENPO_HOME)


@pytest.fixture
def clerks(db: None) -> tuple[Clerk, Clerk]:
    """Two clerks, for everything that wants a second person."""
    return (Clerk.objects.create_user("suzuki", role="clerk"), Clerk.objects.create_user("tanaka", role="clerk"))


@pytest.fixture
def clerk(clerks: tuple[Clerk, Clerk]) -> Clerk:
    return clerks[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty load folder, to be filled and written."""
    return Folder(tmp_path / "in")


@pytest.fixture
def other_process() -> dict[str, str]:
    """Environment for a process that a test starts: this session's home and *test* database.

    Only with ``@pytest.mark.django_db(transaction=True)`` does such a process see the test's rows.
    """
    entry = connection.settings_dict
    server = f"host={quote(entry['HOST'], safe='')}" + (f"&port={entry['PORT']}" if entry["PORT"] else "")
    user = quote(entry["USER"], safe="")
    if entry["PASSWORD"]:
        user += ":" + quote(entry["PASSWORD"], safe="")
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(django_settings.BASE_DIR),
        "DATABASE_URL": f"postgresql://{user}@/{quote(entry['NAME'], safe='')}?{server}",
    }


LONG = ("tests/story/", "tests/browser/", "tests/kenpo/walk/")
"""Folders of few tests that take minutes each."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest plays come first, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_sessionfinish() -> None:
    """Stops and removes this process's server and home, and those of sessions that were killed before this."""
    for owner in Path(tempfile.gettempdir()).glob(f"{django_settings.HOME_PREFIX}*/{django_settings.OWNER}"):
        if _ended(owner):
            _remove(owner.parent)
    home_of_session = Path(django_settings.KENPO_HOME)
    if (home_of_session / django_settings.OWNER).read_text(encoding="ascii") == str(os.getpid()):
        _remove(home_of_session)


def _ended(owner: Path) -> bool:
    """Whether the process that this file names has ended; unsure is no."""
    try:
        if owner.stat().st_uid == os.geteuid():
            os.kill(int(owner.read_text(encoding="ascii")), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _remove(home_of_session: Path) -> None:
    """As root the server's state lies outside the home."""
    embedded.stop(home_of_session)
    shutil.rmtree(server_of(home_of_session).folder, ignore_errors=True)
    shutil.rmtree(home_of_session, ignore_errors=True)
