"""Empty tables get new files in the transaction that fills them; what is in them is the same, and a fault leaves the
old ones."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from command import call
from conftest import MakeDatabase, SeededBy
from hazards import Small, rows
from populace.database.connection import connect
from populace.database.renewing import renew
from populace.operations.seeds import database
from populace.runner import bulk

COOKS = Small("worldchef", settings={"users": 60, "recipes": 80})
TABLES = """CREATE TABLE public.empty (a int);
CREATE TABLE public.emptied (a int); INSERT INTO public.emptied VALUES (1); DELETE FROM public.emptied;
CREATE TABLE public.filled (a int); INSERT INTO public.filled VALUES (1);
CREATE TABLE public.keyed (a int PRIMARY KEY);
CREATE TABLE public.parted (a int) PARTITION BY RANGE (a);
CREATE TABLE public.part PARTITION OF public.parted DEFAULT;
CREATE TABLE public.inherited (a int); CREATE TABLE public.heir () INHERITS (public.inherited)"""
NAMES = [f"public.{name}" for name in ("empty", "emptied", "filled", "keyed", "parted", "part", "inherited", "none")]
FILES = "SELECT relname, relfilenode FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


def files(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute(FILES).fetchall())


def test_only_empty_tables_without_keys_get_new_files(make_database: MakeDatabase) -> None:
    url = make_database()
    with psycopg.connect(url) as connection:
        connection.execute(TABLES)
    before = files(url)
    with connect(url, application_name="tests") as connection:
        with connection.transaction(force_rollback=True):
            assert renew(connection, NAMES) == {"public.empty", "public.emptied"}
        assert files(url) == before
        with connection.transaction():
            assert renew(connection, NAMES) == {"public.empty", "public.emptied"}
        after = files(url)
        assert {name for name in before if before[name] != after[name]} == {"empty", "emptied"}
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert renew(connection, NAMES) == set()


def test_a_seed_into_new_files_is_the_same_and_goes_on_after_a_fault(
    make_database: MakeDatabase, seeded: SeededBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, url = make_database(seeded(COOKS).template), make_database()
    monkeypatch.setattr(database, "ROWS_WORTH_A_FILE", 1)
    found: list[frozenset[str]] = []

    def noted(connection: Any, names: Any) -> frozenset[str]:
        found.append(renew(connection, names))
        if len(found) == 4:
            raise KeyboardInterrupt
        return found[-1]

    monkeypatch.setattr(bulk, "renew", noted)
    call("init", "--target", url)
    call(*COOKS.seed, "--target", url, code=130)
    call(*COOKS.seed, "--target", url)
    # The last root was begun twice, and its tables were empty both times.
    assert found[3] == found[4] == {f"public.{t}" for t in (
        "recipes", "recipe_likes", "recipe_favorites", "recipe_ratings", "recipe_collection_items")}  # fmt: skip
    assert "public.users" in found[1]
    assert rows(url) == rows(usual)
    with psycopg.connect(url) as connection:
        known = "SELECT relallvisible > 0 FROM pg_class WHERE oid = 'public.recipe_likes'::regclass"
        assert connection.execute(known).fetchone() == (True,)
