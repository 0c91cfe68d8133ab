"""Files whole or not at all, what killed writers leave, and a disk that refuses."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadhandler import StopUpload
from django.utils.datastructures import MultiValueDict

from core import disk, scratch
from core.bad_rows import bad_rows
from core.errors import Fault, place_of
from core.uploads import LimitedUpload

UPLOAD = """
from core.uploads import LimitedUpload
handler = LimitedUpload()
handler.handle_raw_input(None, {}, 10, None, None)
handler.new_file("files", "基金.csv", "text/csv", 10)
handler.receive_data_chunk("山田太郎".encode(), 0)
handler.file.flush()
"""
PAGES = """
from pathlib import Path
from django.conf import settings
from core.disk import part
opened = part(Path(settings.KENPO_HOME) / "paper" / "1" / "certificates-0001.pdf")
opened.__enter__().write(b"%PDF")
"""
TABLE = """
from core import scratch
opened = scratch.folder()
(opened.__enter__() / "rows.csv").write_text("山田太郎")
"""


@pytest.fixture
def writer(home: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process of this home that has begun to write and goes no further."""
    started: list[subprocess.Popen[str]] = []

    def begin(script: str) -> subprocess.Popen[str]:
        code = (
            "import os, sys, django\ndjango.setup()\nfrom django.conf import settings\n"
            "from pathlib import Path\nsettings.KENPO_HOME = Path(sys.argv[1])\n"
            "settings.FILE_UPLOAD_TEMP_DIR = settings.KENPO_HOME / 'temporary'\n"
            f"{script}\nprint('writing', flush=True)\nsys.stdin.read()"
        )
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(home)],
            cwd=django_settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "writing"
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def files_of(home: Path) -> list[str]:
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file())


@pytest.mark.concurrency
@pytest.mark.parametrize("script", [UPLOAD, PAGES, TABLE], ids=["upload", "printing", "working folder"])
def test_what_a_killed_process_wrote_is_swept_and_never_what_a_living_one_writes(
    home: Path, writer: Callable[[str], subprocess.Popen[str]], script: str
) -> None:
    living, killed = writer(script), writer(script)
    before = files_of(home)
    assert before, "it lies in the home"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert scratch.sweep() == 1
    left = files_of(home)
    assert len(left) == len(before) / 2
    assert scratch.sweep() == 0
    living.send_signal(signal.SIGKILL)
    living.wait()
    assert scratch.sweep() == 1
    assert files_of(home) == []


@pytest.mark.concurrency
def test_writing_the_same_file_again_takes_away_what_was_left_of_it(
    home: Path, writer: Callable[[str], subprocess.Popen[str]]
) -> None:
    killed = writer(PAGES)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    disk.write_whole(home / "paper" / "1" / "certificates-0001.pdf", b"whole")
    assert files_of(home) == ["paper/1/certificates-0001.pdf"]


def test_finished_and_foreign_files_are_not_swept(home: Path) -> None:
    kept = [home / "paper" / "1" / "a.pdf", home / "paper" / ".hidden", home / "postgres" / ".x.part"]
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"kept")
    assert scratch.sweep() == 0
    assert all(path.exists() for path in kept)


def test_a_young_folder_without_owner_is_left_alone_and_an_old_one_goes(home: Path) -> None:
    made = scratch.root() / "work-x"
    made.mkdir()
    assert scratch.sweep() == 0
    os.utime(made, (0, 0))
    assert scratch.sweep() == 1


def test_uploads_and_working_folders_are_closed_to_others(home: Path) -> None:
    handler = LimitedUpload()
    handler.handle_raw_input(BytesIO(), {}, 10, None, None)
    handler.new_file("files", "a.csv", "text/csv", 10)
    place = Path(handler.file.temporary_file_path())
    assert place.parent == home / "temporary" == scratch.root()
    assert (place.stat().st_mode & 0o777, place.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    handler.file.close()
    with scratch.folder() as folder:
        assert folder.parent == scratch.root()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert files_of(home) == []


def test_too_large_is_stopped_before_anything_is_written(home: Path, settings) -> None:
    handler = LimitedUpload()
    handler.handle_raw_input(BytesIO(), MultiValueDict(), settings.UPLOAD_LIMIT_BYTES + 1, None, None)
    with pytest.raises(StopUpload):
        handler.new_file("files", "a.csv", "text/csv", 10)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "空きがありません"),
        (errno.EDQUOT, "空きがありません"),
        (errno.EROFS, "読取り専用"),
        (errno.EACCES, "権限がない"),
        (errno.EIO, "失敗しました"),
        (errno.ENAMETOOLONG, "場所と名前を確かめて"),
    ],
)
def test_a_disk_that_refuses_is_told_with_its_folder_and_logged_with_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int, said: str
) -> None:
    def refuses(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuses)
    with pytest.raises(Fault, match=said) as fault, caplog.at_level(logging.ERROR):
        disk.write_whole(tmp_path / "in" / "山田太郎.pdf", b"data")
    assert str(tmp_path / "in") in str(fault.value)
    assert errno.errorcode[number] in caplog.text
    assert str(tmp_path / "in") in caplog.text
    assert "山田太郎" not in caplog.text
    assert list((tmp_path / "in").iterdir()) == [], "nothing half written stays"
    assert place_of(fault.value).startswith(f"Fault {errno.errorcode[number]} at ")


def test_what_is_no_fault_of_a_disk_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(ConnectionRefusedError), disk.writing_in(tmp_path):
        raise ConnectionRefusedError(errno.ECONNREFUSED, "refused")
    with pytest.raises(ZeroDivisionError), disk.part(tmp_path / "a") as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_an_odd_name_is_written_and_its_leftovers_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a[1]*?.csv"
    (tmp_path / f".{path.name}.old.part").write_bytes(b"left")
    disk.write_whole(path, b"whole")
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("keep", [True, False])
def test_a_list_of_bad_rows_is_kept_only_where_there_are_some(tmp_path: Path, keep: bool) -> None:
    path = tmp_path / "a.errors.csv"
    path.write_text("earlier")
    with bad_rows(path) as rows:
        rows.head(["number"])
        rows.keep = keep
    assert path.exists() is keep
    assert not keep or path.read_text(encoding="utf-8") == "line,column,reason,number\n"
    assert len(list(tmp_path.iterdir())) == int(keep)
