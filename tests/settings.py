"""Settings of the tests: a home and a PostgreSQL server of this session's own, nothing of the developer's.

The environment is set before ``kenpo.settings`` reads it. A process that a test starts inherits the name of the home and
so finds the same one instead of making another. Of several processes that share the tests (pytest-xdist) each has a home
of its own, and a database of its own on the first one's server.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

from kenpo import embedded

HOME_PREFIX = "kenpo-test-"
OWNER = "owner"
"""In a home: the process that made it, so that a later session can tell whether it may be removed."""

for _name in ("KENPO_TODAY", "REDIS_URL", "ENCRYPTION_KEYS_FILE", "SECRET_KEY_FILE", "ALLOWED_HOSTS"):
    os.environ.pop(_name, None)
os.environ["KENPO_ENV"] = "development"
_SAME_HOME = "KENPO_TEST_HOME" + os.environ.get("PYTEST_XDIST_WORKER", "")
if _SAME_HOME not in os.environ:
    _home = Path(tempfile.mkdtemp(prefix=HOME_PREFIX))
    (_home / OWNER).write_text(str(os.getpid()), encoding="ascii")
    os.environ[_SAME_HOME] = str(_home)
os.environ["KENPO_HOME"] = os.environ[_SAME_HOME]

OWN_SERVER = not os.environ.get("DATABASE_URL")
if OWN_SERVER:
    os.environ["DATABASE_URL"] = embedded.database_url(Path(os.environ["KENPO_HOME"]), fast=True)

from kenpo.settings import *  # noqa: E402, F403 - reads the environment set above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
KENPO_TODAY = date(2026, 11, 10)  # no test reads the real clock; a test may set another day
