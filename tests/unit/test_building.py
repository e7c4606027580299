"""Which statements of 2_constraints.sql are run side by side, and in which order."""

from __future__ import annotations

import threading

import pytest

from populace.runner.building import _Turns, touched
from populace.runner.bulk import script
from populace.worlds import registry


@pytest.mark.parametrize(("statement", "tables"), [
    ("CREATE INDEX ON public.likes (at)", {"likes"}),
    ('CREATE UNIQUE INDEX IF NOT EXISTS "a b" ON ONLY app."Likes" USING btree (at)', {"likes"}),
    ("ALTER TABLE ONLY likes ADD CONSTRAINT likes_pkey\n PRIMARY KEY (id)", {"likes"}),
    ("-- why\nALTER TABLE app.likes ADD CONSTRAINT k FOREIGN KEY (who) REFERENCES app.users (id)", {"likes", "users"}),
    ("ALTER TABLE likes ADD CONSTRAINT positive CHECK (n > 0)", {"likes"}),
    ("ALTER TABLE likes ALTER COLUMN at SET NOT NULL", set()),
    ("ALTER TABLE likes ENABLE ROW LEVEL SECURITY", set()),
    ("UPDATE users SET seen = now() FROM likes", set()),
    ("CREATE TRIGGER t AFTER INSERT ON likes EXECUTE FUNCTION f()", set()),
    ("DO $$ BEGIN CREATE INDEX ON likes (at); END $$", set()),
])  # fmt: skip
def test_what_a_statement_touches(statement: str, tables: set[str]) -> None:
    assert touched(statement) == tables


@pytest.mark.parametrize("world", ["worldchef", "campaigns", "hogflix", "recoverlution"])
def test_keys_and_indexes_of_the_worlds_are_known_as_such(world: str) -> None:
    statements = script(registry.find(world), "2_constraints.sql")
    begin = next(at for at, statement in enumerate(statements) if not touched(statement))
    assert begin > 10, statements[begin]


def turns(*tables: str) -> _Turns:
    """Of statements that touch these tables, each given by letters."""
    return _Turns(range(len(tables)), lambda number: frozenset(tables[number]), threading.Event())


def test_two_lanes_never_touch_one_table_and_keep_the_order_of_each() -> None:
    given = turns("a", "a", "b", "ab", "c", "b")
    assert given.take(0, wait=True) == 0
    assert given.take(1, wait=False) == 2  # 1 waits for a
    assert given.take(1, wait=False) == 4  # 3 waits for a, and 5 for 3
    assert given.take(1, wait=False) is None
    assert given.take(0, wait=False) == 1
    given.over(1)
    assert given.take(1, wait=False) is None  # 3 needs a still, and 5 comes after it
    assert given.take(0, wait=False) == 3
    given.over(0)
    assert [given.take(1, wait=True), given.take(0, wait=True)] == [5, None]


def test_who_waits_is_woken_and_nobody_begins_after_the_end() -> None:
    given, took = turns("a", "a", "a"), []
    assert given.take(0, wait=True) == 0
    other = threading.Thread(target=lambda: took.append(given.take(1, wait=True)))
    other.start()
    given.over(0)
    other.join()
    assert took == [1]
    given.over(1, ended=True)
    assert given.take(0, wait=True) is None
    assert given.waiting == [2]
