"""Static files in production: collected by one user, served by another, under names that tell their content."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kenpo.production.office import ENVIRONMENT, REPOSITORY

FETCH = """
import json, os, re, sys
import django
django.setup()
from urllib.parse import urljoin
from django.test import Client
client = Client()
page = client.get("/admin/login/", secure=True, headers={"host": "kenpo.example.jp"})
wanted = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.content.decode())
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
told = {"/admin/login/": page.status_code}
for encoding in ("identity", "gzip"):
    for url in list(wanted):
        answer = client.get(url, secure=True, headers={"host": "kenpo.example.jp", "accept-encoding": encoding})
        told[f"{url} {encoding}"] = answer.status_code
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if url.endswith(".css") and encoding == "identity":
            wanted += [urljoin(url, found) for found in re.findall(r'url\\("?(?!data:|#)([^")]+)', content.decode())]
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def collected() -> Iterator[Path]:
    """The static files as a careful administrator collects them, in a folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="kenpo-static-"))
    folder.chmod(0o755)
    environment = {**ENVIRONMENT, "STATIC_ROOT": str(folder / "files")}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=REPOSITORY, env=environment, umask=0o077, check=True)
    yield folder / "files"
    shutil.rmtree(folder)


def test_another_user_fetches_every_file_that_the_login_page_names(collected: Path) -> None:
    environment = {**ENVIRONMENT, "STATIC_ROOT": str(collected)}
    done = subprocess.run(
        [sys.executable, "-c", FETCH], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told.values()) == {200}, told
    assert any(".css identity" in url for url in told)
    assert any(".js gzip" in url for url in told)
    assert any(".woff2" in url for url in told), "what style sheets name is fetched as well"


def test_whoever_runs_the_web_server_may_read_them(collected: Path) -> None:
    closed = [path for path in collected.rglob("*") if path.stat().st_mode & 0o004 == 0]
    assert closed == []
    assert all(path.stat().st_mode & 0o001 for path in (collected, *collected.rglob("*")) if path.is_dir())


def test_names_tell_the_content_and_copies_are_compressed(collected: Path) -> None:
    paths = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    assert paths["kenpo/office.css"] != "kenpo/office.css"
    assert (collected / f"{paths['kenpo/office.css']}.gz").is_file()


def test_uploads_stay_closed(settings) -> None:
    assert settings.FILE_UPLOAD_PERMISSIONS == 0o600
