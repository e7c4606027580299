"""A database is closed until it is opened (K9), and only by a version of Populace that knows what is in it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from command import CLUB, call
from populace.database import guard, migrations
from populace.database.connection import Connection, connect
from populace.errors import Refused

JANUARY_US = 1_767_225_600_000_000


def test_a_database_is_closed_until_it_is_opened(empty: Connection) -> None:
    assert not guard.is_open(empty)
    with pytest.raises(Refused, match=r"init\(target='postgresql://u@h/db'\)"):
        guard.require_open(empty, "postgresql://u@h/db")
    empty.rollback()
    made = guard.open_target(empty, JANUARY_US, "a test")
    assert made[-1] == "opened for synthetic data"
    assert "migration 0001_target" in made
    guard.require_open(empty, "postgresql://u@h/db")
    assert guard.open_target(empty, JANUARY_US + 1, "another test") == []
    row = empty.execute("SELECT opened_at, opened_by FROM populace.target").fetchall()
    assert row == [(datetime(2026, 1, 1, tzinfo=UTC), "a test")]


def test_migrations_alone_do_not_open(empty: Connection) -> None:
    applied = migrations.migrate(empty)
    assert applied[0] == "0001_target"
    assert applied == sorted(applied)
    assert migrations.migrate(empty) == migrations.pending(empty) == []
    assert not guard.is_open(empty)


def test_a_database_of_another_version_is_refused(opened: Connection) -> None:
    with opened.transaction(force_rollback=True):
        opened.execute("UPDATE populace.migration SET sha256 = 'x' WHERE name = '0001_target'")
        with pytest.raises(Refused, match="made by another version of Populace"):
            migrations.migrate(opened)
    with opened.transaction(force_rollback=True):
        opened.execute("INSERT INTO populace.migration (name, sha256) VALUES ('9999_later', 'x')")
        with pytest.raises(Refused, match="9999_later"):
            guard.open_target(opened, JANUARY_US, "a test")


def older(url: str) -> str:
    """The database as a version before this layout left it: opened, migrated, with other names of columns."""
    with connect(url, application_name="tests") as conn:
        conn.execute("DROP TABLE populace.layout")
        conn.execute("ALTER TABLE populace.outbox RENAME COLUMN rejected TO set_aside")
        conn.execute("UPDATE populace.migration SET name = '0001_populace', sha256 = 'x' WHERE name = '0001_target'")
    return url


def test_a_target_of_an_older_layout_is_refused_with_advice(opened_url: str) -> None:
    url = older(opened_url)
    for command in (
        ("init",), ("status",), ("seed", CLUB, "--yes"), ("run", CLUB, "--once"), ("outbox", "status"),
        ("deliver", "--world", "hogflix"), ("cleanup", "--all", "--yes"), ("doctor",),
    ):  # fmt: skip
        said = call(*command, "--target", url, code=3).stderr
        assert "an older version of Populace made this database" in said, command
        assert "seed a new database" in said
        assert "cleanup --all" in said
    with connect(url, application_name="tests") as conn:
        assert conn.execute("SELECT count(*) FROM populace.target").fetchone() == (1,)


def test_a_target_of_a_newer_layout_is_left_to_its_version(opened: Connection) -> None:
    opened.execute("UPDATE populace.layout SET version = %s", (migrations.LAYOUT + 1,))
    for asked in (guard.is_open, migrations.pending, migrations.migrate):
        with pytest.raises(Refused, match=f"layout {migrations.LAYOUT + 1}.*use the version of Populace that made it"):
            asked(opened)


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
    assert marks.count("migration 0001_target") == 1
