"""Invented people and clerks with a known password never come into production, nor anything made on their way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Refused
from tests.conftest import run_command
from tests.kenpo.production.office import ENVIRONMENT, REPOSITORY
from tests.story.month import MONTH
from tools import invent


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo"],
        ["serve"],
        ["bench", "--members", "200"],
        ["bench", "--desk-only"],
        ["invent", "in", "--members", "5", "--seed", "1", "--month", "2026-11"],
        ["load", "given"],
    ],
    ids=" ".join,
)
def test_production_refuses_before_anything_is_created(tmp_path: Path, arguments: list[str]) -> None:
    """The database leads nowhere: had it been asked, the answer would be another."""
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "INVENTED.txt").touch()
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, REPOSITORY / "manage.py", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "KENPO_HOME": str(home)},
        check=False,
    )
    assert done.returncode == 1
    assert "本番" in done.stderr
    assert "Traceback" not in done.stderr
    assert not home.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


@pytest.mark.django_db
def test_what_invent_writes_is_marked_and_loads_elsewhere(tmp_path: Path, settings) -> None:
    invent.write(tmp_path / "in", members=5, seed=1, month=MONTH, preset="toyobo")
    assert run_command("load", tmp_path / "in").code == 0
    settings.KENPO_ENV = "production"
    refused = run_command("load", tmp_path / "in")
    assert refused.code == 1
    assert "本番" in refused.err
    (tmp_path / "in" / "INVENTED.txt").unlink()
    assert run_command("load", tmp_path / "in").code == 0


def test_the_refusal_names_a_way_out(settings) -> None:
    from core.commands import refuse_in_production

    refuse_in_production()
    settings.KENPO_ENV = "production"
    with pytest.raises(Refused, match="KENPO_HOME"):
        refuse_in_production()
