"""A database is closed until it is opened (K9), and only by a version of Populace that knows what is in it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from populace.database import guard, migrations
from populace.database.connection import Connection, connect
from populace.errors import Refused

JANUARY_US = 1_767_225_600_000_000


def test_a_database_is_closed_until_it_is_opened(empty: Connection) -> None:
    assert not guard.is_open(empty)
    with pytest.raises(Refused, match="populace init --target postgresql://u@h/db"):
        guard.require_open(empty, "postgresql://u@h/db")
    empty.rollback()
    made = guard.open_target(empty, JANUARY_US, "a test")
    assert made[-1] == "opened for synthetic data"
    assert "migration 0001_populace" in made
    guard.require_open(empty, "postgresql://u@h/db")
    assert guard.open_target(empty, JANUARY_US + 1, "another test") == []
    row = empty.execute("SELECT opened_at, opened_by FROM populace.target").fetchall()
    assert row == [(datetime(2026, 1, 1, tzinfo=UTC), "a test")]


def test_migrations_alone_do_not_open(empty: Connection) -> None:
    empty.execute("CREATE SCHEMA auth")
    empty.execute("CREATE TABLE auth.users ()")
    empty.execute("CREATE TABLE auth.schema_migrations ()")
    empty.execute(
        "DO $$ BEGIN CREATE ROLE anon; CREATE ROLE authenticated; CREATE ROLE service_role;"
        " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    empty.commit()
    applied = migrations.migrate(empty)
    assert applied[0] == "0001_populace"
    assert applied == sorted(applied)
    assert migrations.migrate(empty) == migrations.pending(empty) == []
    assert not guard.is_open(empty)


def test_a_database_of_another_version_is_refused(opened: Connection) -> None:
    with opened.transaction(force_rollback=True):
        opened.execute("UPDATE populace.migration SET sha256 = 'x' WHERE name = '0001_populace'")
        with pytest.raises(Refused, match="made by another version of Populace"):
            migrations.migrate(opened)
    with opened.transaction(force_rollback=True):
        opened.execute("INSERT INTO populace.migration (name, sha256) VALUES ('9999_later', 'x')")
        with pytest.raises(Refused, match="9999_later"):
            guard.open_target(opened, JANUARY_US, "a test")


def test_many_open_at_once(empty_url: str) -> None:
    failures: list[BaseException] = []
    marks: list[str] = []

    def open_it() -> None:
        try:
            with connect(empty_url, application_name="tests") as conn:
                marks.extend(guard.open_target(conn, JANUARY_US, "a test"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert marks.count("opened for synthetic data") == 1
    assert marks.count("migration 0001_populace") == 1
