"""The examples: each is what `adopt` makes of its schema, edited; it is seeded, lived in and cleaned up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adopted import EXAMPLES, NOW, SHOWN, script
from command import call
from conftest import MakeDatabase
from contexts import at
from docs import pages
from populace.database.connection import connect
from populace.operations.authoring.adopt import AdoptRequest, adopt
from populace.operations.cleanups import CleanupRequest, clean
from populace.operations.init import InitRequest, init
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.runs.run import RunRequest, run
from populace.operations.seeds.seed import SeedRequest, seed

HOLDS = {
    "blog": """SELECT count(*) = 0 FROM comments AS c JOIN comments AS p ON p.id = c.parent_id
        WHERE p.post_id <> c.post_id OR p.created_at > c.created_at""",
    "crm": "SELECT count(*) = 0 FROM tenants WHERE deleted_at > updated_at",
    "helpdesk": """SELECT count(*) = 0 FROM tickets AS t JOIN users AS u ON u.id = t.assignee_id
        WHERE u.organisation_id <> t.organisation_id""",
    "iot": """SELECT count(*) > 2 * count(DISTINCT device_id) FROM readings""",
    "ledger": """SELECT bool_and(sides = 2) FROM (SELECT count(DISTINCT side) AS sides FROM entries
        LEFT JOIN postings ON entry_id = id GROUP BY id) AS of""",
    "shop": "SELECT count(*) = 0 FROM order_lines WHERE line_no > 3",
}
"""What is true of the rows of each, beside its constraints."""


def test_the_ten_minutes_of_the_readme(make_database: MakeDatabase, tmp_path: Path):
    """From an empty folder, as they stand there; who is no terminal says yes beforehand."""
    url = make_database()
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(script("blog"))  # type: ignore[call-overload]
    section = pages.text("README.md").partition("## Your own app in ten minutes")[2].partition("\n## ")[0]
    commands = re.findall(r"^    populace (.*)$", section, re.MULTILINE)
    assert [line.split()[0] for line in commands] == ["adopt", "plan", "init", "seed", "run", "validate", "cleanup"]
    for line in commands:
        words = line.replace("postgresql://localhost/myapp", url).split()
        sure = {"seed": ["--yes"], "cleanup": ["--yes"], "init": ["--i-know", url.rpartition("/")[2]]}
        call(*words, *sure.get(words[0], []), cwd=tmp_path)
    with connect(url, application_name="tests") as conn:
        left = conn.execute(
            "SELECT (SELECT count(*) FROM public.topics), (SELECT count(*) FROM public.posts)"
        ).fetchone()
    assert left == (3, 0)
    assert sorted(path.name for path in (tmp_path / "myapp").iterdir()) == ["README.md", "schema.json", "world.toml"]


def test_there_are_six():
    assert set(SHOWN) == set(HOLDS)


@pytest.mark.parametrize("name", SHOWN)
def test_an_example_is_adopted_seeded_lived_in_and_cleaned_up(name: str, make_database: MakeDatabase, tmp_path: Path):
    url, world = make_database(), str(EXAMPLES / name)
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(script(name))  # type: ignore[call-overload]
        conn.execute("ANALYZE")
    context = at(url)
    before = {path: (EXAMPLES / name / path).read_text("utf-8") for path in ("world.toml", "schema.json")}
    fresh = adopt(context, AdoptRequest(url, tmp_path / name))
    assert (tmp_path / name / "schema.json").read_text("utf-8").partition('"server"')[0] == before[
        "schema.json"].partition('"server"')[0]  # fmt: skip
    edited = set(before["world.toml"].splitlines()) ^ set((tmp_path / name / "world.toml").read_text().splitlines())
    assert len(edited) <= 8
    assert fresh.filled == before["world.toml"].count(".columns]")
    init(context, InitRequest(i_know=url.rpartition("/")[2]))
    done = seed(context, SeedRequest(world, now=NOW))
    assert not any(tally.rejected for tally in done.wrote.tables.values())
    lived = run(context, RunRequest(world=world, speed="max", until="2026-06-01T12:00:00Z"))
    assert lived
    assert [v.title for v in validate(context, ValidateRequest(world)).verdicts if v.ok is False] == []
    with connect(url, application_name="tests") as conn:
        conn.execute("SET search_path = public")
        assert conn.execute(HOLDS[name]).fetchone() == (True,)  # type: ignore[call-overload]
        clean(context, CleanupRequest())
