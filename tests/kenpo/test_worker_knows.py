"""A worker has loaded no page: whatever a page may ask for, it has to know from the applications alone."""

from __future__ import annotations

import re
import subprocess
import sys

from django.conf import settings

_ASK = (
    "import sys, django; django.setup(); import kenpo.tasks; from core.background import _WORK;"
    "assert 'kenpo.urls' not in sys.modules; print(*sorted(_WORK))"
)


def test_the_worker_knows_every_kind_of_work_that_is_written_down() -> None:
    written = {
        kind
        for app in ("core", "members", "certificates", "notices", "exchange", "mailing", "kenpo")
        for file in (settings.BASE_DIR / app).rglob("*.py")
        for kind in re.findall(r'^@does\("(\w+)"\)', file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    known = subprocess.run([sys.executable, "-c", _ASK], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert written and set(known.stdout.split()) == written, known.stderr
