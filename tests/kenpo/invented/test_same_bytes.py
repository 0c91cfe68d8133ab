"""The command: the same arguments give the same bytes, bad ones nothing; memory stays flat."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput
from tests.kenpo.invented.reading import MONTH, run
from tools import invent
from tools.invent.world import frame


def digest(folder: Path) -> str:
    sums = [f"{path.name}:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sorted(folder.iterdir())]
    return "\n".join(sums)


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        invent.write(tmp_path / name, members=300, seed=3, month=MONTH, preset="renesas")
    assert digest(tmp_path / "first") == digest(tmp_path / "second")


def test_another_process_with_another_hash_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    program = (
        "import sys, datetime, pathlib; from tools import invent;"
        "invent.write(pathlib.Path(sys.argv[1]), members=300, seed=3, month=datetime.date(2026, 11, 1), preset='toyobo')"
    )
    for hash_seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / hash_seed)],
            check=True,
            cwd=Path(__file__).parents[3],
            env={"PYTHONHASHSEED": hash_seed},
        )
    assert digest(tmp_path / "1") == digest(tmp_path / "2")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        invent.write(tmp_path / str(seed), members=100, seed=seed, month=MONTH, preset="toyobo")
    assert (tmp_path / "1" / "members.csv").read_bytes() != (tmp_path / "2" / "members.csv").read_bytes()


def test_the_generator_needs_no_django() -> None:
    program = "import sys; import tools.invent; sys.exit('django' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_the_command_ends_with_one_line_of_counts(tmp_path: Path) -> None:
    code, out, _ = run(str(tmp_path / "deep" / "in"), "--members", "60", "--seed", "1", "--month", "2026-11")
    counts = json.loads(out.strip().splitlines()[-1])
    assert code == 0 and counts["members"] == 60
    assert 'preset = "toyobo"' in (tmp_path / "deep" / "in" / "policy.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("members", "seed", "month", "preset"),
    [
        ("0", "1", "2026-11", "toyobo"),
        ("-5", "1", "2026-11", "toyobo"),
        ("many", "1", "2026-11", "toyobo"),
        ("10", "x", "2026-11", "toyobo"),
        ("10", "1", "2026-13", "toyobo"),
        ("10", "1", "2026-1", "toyobo"),
        ("10", "1", "2024-12", "toyobo"),
        ("10", "1", "2026-11", "nobody"),
    ],
)
def test_bad_input_is_refused_politely_and_writes_nothing(
    tmp_path: Path, members: str, seed: str, month: str, preset: str
) -> None:
    folder = tmp_path / "none"
    code, out, err = run(str(folder), f"--members={members}", "--seed", seed, "--month", month, "--preset", preset)
    assert code == 2 and out == "" and "ください" in err and not folder.exists()


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, _, err = run(str(tmp_path / "taken"), "--members", "5", "--seed", "1", "--month", "2026-11")
    assert code == 2 and "フォルダー" in err


def test_an_unknown_preset_is_bad_input() -> None:
    with pytest.raises(BadInput):
        frame(members=1, seed=1, month=MONTH, preset="nobody")


def _peaks(folder: Path) -> Iterator[int]:
    program = (
        "import sys, datetime, pathlib, resource; from tools import invent;"
        "invent.write(pathlib.Path(sys.argv[1]), members=int(sys.argv[2]), seed=1,"
        " month=datetime.date(2026, 11, 1), preset='toyobo');"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    for members in ("3000", "12000"):
        answer = subprocess.run(
            [sys.executable, "-c", program, str(folder), members],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        yield int(answer.stdout)


def test_memory_does_not_grow_with_the_society(tmp_path: Path) -> None:
    small, large = _peaks(tmp_path)
    assert large - small < 4096  # KiB; four times the members
