"""People who join after the epoch: what is said of a population knows who is there by simulated now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from command import answer, call

EPOCH, LATER = "2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"
WORLD = """
from dataclasses import replace

from populace.clock import HOUR_US
from populace.spec import Key, Members, Root, Rows, Scenario
from tiny import CLUB, TABLES


def people(draw, person):
    # One every six hours, from the beginning of three days of history on.
    at = draw.origin_us + person * 6 * HOUR_US + HOUR_US
    columns = {"id": Key("people", person, at), "name": "Ada", "mail": "ada@example.com", "nth": person,
               "created_at": at}
    return {"people": Rows(person, columns, at)}


WORLD = replace(
    CLUB, name="guild", title="Guild", package="guild", tables=TABLES[:1], decisions=(), channels=(),
    roots=(Root(name="person", size="people"),), flows=(Members("people", "person", ("people",), people, dated=True),),
    scenarios=(Scenario(name="default", about="as declared"),),
)
"""
TABLE = (
    "CREATE TABLE public.people (id uuid NOT NULL, name text NOT NULL, mail text NOT NULL, nth integer NOT NULL,"
    " created_at timestamptz NOT NULL);\n"
)


@pytest.fixture
def guild(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A world by its path, and a target."""
    world = tmp_path / "guild"
    (world / "schema").mkdir(parents=True)
    (world / "__init__.py").write_text(WORLD)
    (world / "schema" / "1_tables.sql").write_text(TABLE)
    (world / "schema" / "2_constraints.sql").write_text("ALTER TABLE public.people ADD PRIMARY KEY (id);\n")
    target = f"embedded:{tmp_path / 'place'}"
    yield str(world), target
    call("db", "stop", "--target", target)


def people(target: str) -> dict[str, str]:
    (found,) = [f for f in answer("doctor", "--target", target)["findings"] if f["title"] == "people"]
    return {name: found[name] for name in ("state", "measured", "todo")}


def test_who_has_not_joined_yet_was_not_removed(guild: tuple[str, str]) -> None:
    world, target = guild
    answer("seed", world, "--target", target, "--now", EPOCH, "--yes")
    said = "12 of 12 (by default: 23); 11 more join later"
    assert people(target) == {"state": "ok", "measured": said, "todo": ""}
    demo = answer("demo", "--world", world, "--target", target, "--for", "0.2", "--yes")
    assert demo["people"] == 12
    answer("run", world, "--target", target, "--speed", "max", "--until", LATER)
    assert people(target)["measured"] == "16 of 16 (by default: 23); 7 more join later"
    call("db", "psql", "--target", target, "-c", "DELETE FROM people WHERE nth = 3")
    removed = people(target)
    assert removed["measured"] == "15 of 16 (by default: 23); 7 more join later"
    assert removed["state"] == "attention"
    assert "removed" in removed["todo"]
