"""Settings of the tests: a home and a PostgreSQL server of this session's own, nothing of the developer's.

The environment is set before ``kenpo.settings`` reads it. A process that a test starts inherits ``KENPO_TEST_HOME`` and
so finds the same home instead of making another.
"""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path

from kenpo import embedded

HOME_PREFIX = "kenpo-test-"

for _name in ("KENPO_TODAY", "REDIS_URL", "ENCRYPTION_KEYS_FILE", "SECRET_KEY_FILE", "ALLOWED_HOSTS"):
    os.environ.pop(_name, None)
os.environ["KENPO_ENV"] = "development"
os.environ["KENPO_HOME"] = os.environ.setdefault("KENPO_TEST_HOME", "") or tempfile.mkdtemp(
    prefix="kenpo-test-"
)
os.environ["KENPO_TEST_HOME"] = os.environ["KENPO_HOME"]

OWN_SERVER = not os.environ.get("DATABASE_URL")
if OWN_SERVER:
    os.environ["DATABASE_URL"] = embedded.database_url(Path(os.environ["KENPO_HOME"]), fast=True)

from kenpo.settings import *  # noqa: E402, F403 - reads the environment set above

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
KENPO_TODAY = date(2026, 11, 10)  # no test reads the real clock; a test may set another day
