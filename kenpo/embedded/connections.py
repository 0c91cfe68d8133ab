"""Connections to a running server, as its superuser."""

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from core.errors import Fault
from kenpo.embedded.server import PORT, Postmaster, Server

DATABASE_USER = "kenpo"


def conninfo(postmaster: Postmaster, name: str) -> str:
    """How libpq reaches a database of the server."""
    return make_conninfo(host=postmaster.socket_folder, port=PORT, user=DATABASE_USER, dbname=name, connect_timeout=5)


def ping(postmaster: Postmaster) -> pq.Ping:
    """How the server answers, without logging in."""
    if not postmaster.socket_folder:
        return pq.Ping.NO_RESPONSE  # not so far yet
    return pq.Ping(pq.PGconn.ping(conninfo(postmaster, "postgres").encode()))


def reachable(postmaster: Postmaster, name: str) -> bool:
    """The quick way, a few milliseconds: one connection to the database itself."""
    if not postmaster.ready:
        return False
    try:
        psycopg.connect(conninfo(postmaster, name)).close()
    except psycopg.OperationalError:
        return False
    return True


def used(postmaster: Postmaster) -> bool:
    """Whether anybody is connected."""
    try:
        with psycopg.connect(conninfo(postmaster, "postgres"), autocommit=True) as connection:
            others = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
    except psycopg.OperationalError:
        return True  # unsure is yes: the server is not taken from under anybody
    return others != (0,)


def create_database(server: Server, name: str) -> None:
    """Creates a database unless it is there."""
    postmaster = server.postmaster()
    if postmaster is None:
        return
    try:
        with psycopg.connect(conninfo(postmaster, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                # template0: nobody can be connected to it, which would make the copy fail.
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
                connection.execute(statement)
    except psycopg.errors.DuplicateDatabase:
        return
    except psycopg.OperationalError as error:
        raise Fault(
            "データベースに接続できませんでした。同時に使っている処理が多すぎないかを確かめて、"
            f"もう一度実行してください（記録: {server.log}）。"
        ) from error
