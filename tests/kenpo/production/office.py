"""The environment of an office in production, for processes that a test starts. The database leads nowhere."""

from __future__ import annotations

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
_OURS = ("KENPO_TODAY", "REDIS_URL", "KENPO_TEST_HOME", "PYTEST_CURRENT_TEST")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in _OURS},
    "DJANGO_SETTINGS_MODULE": "kenpo.settings",
    "KENPO_ENV": "production",
    "DATABASE_URL": "postgresql:///nowhere?host=/nonexistent",
    "SECRET_KEY": "only for this test",
    "ALLOWED_HOSTS": "kenpo.example.jp",
}
