"""How the office reaches its queue: the address with its password, and how long an answer is waited for. Pure."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import quote, urlsplit

CONNECT_SECONDS, ANSWER_SECONDS = 2, 4


def with_password(url: str, password: str) -> str:
    """The address with this password, quoted, in the place of one that stands in it; a user's name stays."""
    if not url or not password:
        return url
    parts = urlsplit(url)
    user, host = parts.netloc.rpartition("@")[0].partition(":")[0], parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def celery_settings(url: str) -> dict[str, Any]:
    """Celery's settings for the address: a queue that is gone or hangs costs a request seconds, not minutes."""
    found: dict[str, Any] = {
        "broker_url": url or "memory://",
        "broker_connection_timeout": CONNECT_SECONDS,
        "broker_transport_options": {
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "socket_keepalive": True,
            "retry_on_timeout": False,
        },
        "task_publish_retry": False,
    }
    if urlsplit(url).scheme == "rediss":
        found["broker_use_ssl"] = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
    return found
