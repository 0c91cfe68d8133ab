"""What `make` sets up: by need, at once where something is missing, and nothing at all where everything is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.paper import fonts
from tests.conftest import run_command
from tests.kenpo.production.office import REPOSITORY

TOOLS = ("bash", "cat", "cmp", "cp", "dirname", "find", "flock", "id", "mktemp", "mv", "rm")
STAMPS = {
    "office.installed": ("requirements.lock", "requirements-embedded.lock"),
    "tests.installed": ("requirements-dev.txt",),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose Python is set up for the office, on a machine without apt-get."""
    checkout = tmp_path / "checkout"
    (checkout / "tools").mkdir(parents=True)
    shutil.copy(REPOSITORY / "tools" / "setup.sh", checkout / "tools")
    for path in REPOSITORY.glob("requirements*"):
        shutil.copy(path, checkout)
    python = checkout / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp(checkout, "office.installed")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or "/bin/false")
    return checkout


def stamp(checkout: Path, name: str) -> None:
    text = "".join((checkout / file).read_text(encoding="utf-8") for file in STAMPS[name])
    (checkout / ".venv" / name).write_text(text, encoding="utf-8")


def give(checkout: Path, *names: str) -> None:
    """Puts commands that are only looked for, and fonts, where the set-up looks."""
    for name in names:
        place = checkout.parent / ("fonts" if name.endswith(".ttf") else "bin") / name
        place.parent.mkdir(exist_ok=True)
        place.write_text("")
        place.chmod(0o755)


def set_up(checkout: Path, what: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": str(checkout.parent / "bin"),
        "HOME": str(checkout.parent),
        "KENPO_FONT_DIRS": str(checkout.parent / "fonts"),
        "PYTHON": "/nonexistent",
        "LANG": "C.UTF-8",
    }
    return subprocess.run(
        [checkout.parent / "bin" / "bash", "tools/setup.sh", what],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def listing(checkout: Path) -> dict[str, float]:
    return {str(path): path.lstat().st_mtime for path in checkout.rglob("*")}


def test_without_fonts_the_office_is_not_begun_and_it_says_so_before_anything_else(checkout: Path) -> None:
    (checkout / ".venv" / "office.installed").unlink()
    give(checkout, "redis-server")
    before = listing(checkout)
    began = time.monotonic()
    done = set_up(checkout, "office")
    assert time.monotonic() - began < 10
    assert done.returncode == 1
    assert "始められません" in done.stderr
    assert "fonts-ipamj-mincho" in done.stderr and "fonts-morisawa-bizud-gothic" in done.stderr
    assert listing(checkout) == before


def test_what_is_there_is_not_set_up_again_and_nothing_is_written(checkout: Path) -> None:
    give(checkout, "redis-server", "BIZUDGothic-Regular.ttf", "ipamjm.ttf")
    before = listing(checkout)
    done = set_up(checkout, "office")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert listing(checkout) == before


def test_the_office_needs_no_browser_and_tests_name_what_they_lack(checkout: Path) -> None:
    stamp(checkout, "tests.installed")
    give(checkout, "redis-server", "BIZUDGothic-Regular.ttf", "ipamjm.ttf")
    done = set_up(checkout, "tests")
    assert done.returncode == 0
    assert "chromium" in done.stderr and "poppler-utils" in done.stderr
    give(checkout, "chromium", "pdftotext")
    assert set_up(checkout, "tests").stderr == ""


def test_without_redis_the_office_is_begun(checkout: Path) -> None:
    give(checkout, "BIZUDGothic-Regular.ttf", "ipamjm.ttf")
    done = set_up(checkout, "office")
    assert done.returncode == 0
    assert "redis-server" in done.stderr


def test_fonts_are_looked_for_where_printing_looks() -> None:
    setup = (REPOSITORY / "tools" / "setup.sh").read_text(encoding="utf-8")
    listed = re.search(r"printf '%s\\n' (/usr/share/fonts.*)$", setup, re.MULTILINE)
    assert listed is not None
    wanted = [folder for folder in fonts.FOLDERS if "/truetype/" not in folder]
    assert listed[1].split() == wanted


def test_a_font_in_the_users_own_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KENPO_FONT_DIRS", raising=False)
    assert str(tmp_path / ".local" / "share" / "fonts") in fonts.folders()


@pytest.mark.django_db
def test_the_example_of_a_first_load_does_what_its_page_says() -> None:
    folder = REPOSITORY / "docs" / "first-load"
    page = (folder / "README.ja.md").read_text(encoding="utf-8")
    answer = run_command("load", folder, "--on", "2026-11-10")
    assert answer.code == 0, answer.err
    assert answer.out.strip() in page
    again = run_command("load", folder, "--on", "2026-11-10").json
    assert (again["added"], again["unchanged"], again["others_changed"]) == (0, 5, 0)
    assert run_command("gaps", "--on", "2026-11-10").out.strip().splitlines()[-1] == "5"
    assert sorted(os.listdir(folder)) == [
        "INVENTED.txt",
        "README.ja.md",
        "establishments.csv",
        "members.csv",
        "policy.toml",
    ]
