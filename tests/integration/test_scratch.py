"""A database for a while: dropped at the end, as are those that a killed process left, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from psycopg import errors
from psycopg.sql import SQL, Identifier, Literal

from populace.database import scratch as module
from populace.database.connection import connect
from populace.database.embedded import EmbeddedServer
from populace.database.scratch import MARK, PREFIX, scratch


def names(url: str) -> set[str]:
    with connect(url, application_name="tests") as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (PREFIX,))
        return {str(name) for (name,) in found}


@pytest.fixture
def url(server: EmbeddedServer) -> Iterator[str]:
    """Of the server; scratch databases of a test go with it."""
    url = server.url("postgres")
    yield url
    with connect(url, application_name="tests", autocommit=True) as connection:
        for name in names(url):
            connection.execute(SQL("DROP DATABASE {}").format(Identifier(name)))


def make(url: str, name: str, comment: str | None = None) -> None:
    with connect(url, application_name="tests", autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        if comment is not None:
            connection.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(name), Literal(comment)))


def test_only_what_a_killed_process_left_is_dropped(url: str) -> None:
    theirs = {f"{PREFIX}customers", f"{PREFIX}1", f"{PREFIX}2", f"{PREFIX}customers3"}
    make(url, f"{PREFIX}customers")
    make(url, f"{PREFIX}1")
    make(url, f"{PREFIX}2", "the accounts of 2024")
    make(url, f"{PREFIX}customers3", MARK)
    make(url, f"{PREFIX}4", MARK)
    with scratch(url) as connection:
        assert names(url) == theirs | {connection.info.dbname}
        connection.execute("CREATE TABLE public.x ()")
    assert names(url) == theirs


def test_it_goes_even_when_what_is_tried_in_it_fails(url: str) -> None:
    with pytest.raises(errors.DivisionByZero), scratch(url) as connection:
        connection.execute("SELECT 1 / 0")
    assert names(url) == set()


def test_a_database_that_has_its_name_already_stays(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(url, application_name="tests", autocommit=True) as keeper:
        make(url, f"{PREFIX}{keeper.info.backend_pid}")
        there = names(url)

        class Again:
            """The keeper is a session that is there already."""

            def __enter__(self) -> object:
                return keeper

            def __exit__(self, *_: object) -> None:
                return None

        monkeypatch.setattr(module, "connect", lambda *_, **__: Again())
        with pytest.raises(errors.DuplicateDatabase), scratch(url):
            pass
    assert names(url) == there
