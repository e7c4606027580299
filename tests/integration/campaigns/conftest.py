"""The schema of campaigns in a database, with two worlds in it; made once a session and copied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import sql

from app import connect
from platforms import OURS, SCHEMA, THEIRS, MakeDatabase, populate
from populace.database.connection import Connection
from populace.database.embedded import EmbeddedServer
from populace.database.statements import split


@pytest.fixture(scope="session")
def tables_only(server: EmbeddedServer, opened_template: str) -> str:
    """The name of a database with the tables and nothing in them, as it is during a load."""
    return _database(server, "campaigns_tables", opened_template, "1_tables.sql")


@pytest.fixture(scope="session")
def peopled(server: EmbeddedServer, tables_only: str) -> str:
    """The name of a database with the schema and the two worlds."""
    name = _database(server, "campaigns_template", tables_only, "2_constraints.sql")
    with connect(server.url(name), application_name="tests") as conn:
        for world in (OURS, THEIRS):
            populate(conn, world)
    return name


def _database(server: EmbeddedServer, name: str, template: str, script: str) -> str:
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    # Each statement commits alone, as a load that may be killed between any two of them needs it.
    with connect(server.url(name), application_name="tests", autocommit=True) as conn:
        for statement in split(SCHEMA.joinpath(script).read_text(encoding="utf-8")):
            conn.execute(statement.encode())
    return name


@pytest.fixture(scope="session")
def shared(server: EmbeddedServer, peopled: str) -> str:
    """The URL of a copy in which no test leaves anything."""
    name = "campaigns_shared"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(peopled)))
    return server.url(name)


@pytest.fixture
def conn(shared: str) -> Iterator[Connection]:
    """A session on the two worlds, whose transaction is taken back."""
    with connect(shared, application_name="tests") as connection:
        connection.execute("SELECT 1")
        yield connection
        connection.rollback()


@pytest.fixture
def loading(make_database: MakeDatabase, tables_only: str) -> Iterator[Connection]:
    """A session on tables without keys."""
    with connect(make_database(tables_only), application_name="tests") as connection:
        yield connection
