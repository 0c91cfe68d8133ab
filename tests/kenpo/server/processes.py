"""Servers of the embedded kind as processes: watched, killed, waited for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg

from kenpo.embedded.server import Postmaster, server_of

REPOSITORY = Path(__file__).resolve().parents[3]
MakeHome = Callable[[str], Path]


def running(home: Path) -> Postmaster:
    postmaster = server_of(home).postmaster()
    assert postmaster is not None
    return postmaster


def answer(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return row[0]


def note(url: str, word: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
        connection.execute("INSERT INTO note VALUES (%s)", [word])
