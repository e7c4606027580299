"""cleanup --batch: one simulation batch out of a database that holds others, and rows that are nobody's batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from command import answer, call
from populace.database.embedded import EmbeddedServer

WORKSHOP = str(Path(__file__).parent.parent / "workshop")
NOW = "2026-01-09T00:00:00Z"
OTHER, THEIRS = "0b0b0b0b-0b0b-8b0b-8b0b-0b0b0b0b0b0b", "0c0c0c0c-0c0c-4c0c-8c0c-0c0c0c0c0c0c"
"""The ids of two more batches of the app's own: one that carries Populace's mark, and one that does not."""

TABLES = ("batches", "tools", "pieces", "uses", "labels")
ADD = """
INSERT INTO public.batches VALUES ('{batch}', now());
INSERT INTO public.pieces SELECT ('{batch:.24}' || lpad(n::text, 12, '0'))::uuid, '{batch}', 1, now()
    FROM generate_series(1, {many}) AS n;
INSERT INTO public.uses SELECT p.id, p.id, {tool}, now() FROM public.pieces AS p WHERE p.batch_id = '{batch}';
INSERT INTO public.labels SELECT p.id, p.id, 'x', now() FROM public.pieces AS p WHERE p.batch_id = '{batch}';
"""
A_TOOL = "'0d0d0d0d-0d0d-4d0d-8d0d-0d0d0d0d0d0d'"
TOOL_OF_OURS = "(SELECT min(id::text)::uuid FROM public.tools WHERE substr(id::text, 15, 1) = '8')"


@pytest.fixture
def url(opened_url: str) -> str:
    """A seeded workshop of twenty pieces, in a database where the app has made some too."""
    answer("seed", WORKSHOP, "--target", opened_url, "--now", NOW, "--yes")
    with psycopg.connect(opened_url) as connection:
        connection.execute(f"INSERT INTO public.tools VALUES ({A_TOOL}, 'file', now())")
        connection.execute(ADD.format(batch=THEIRS, many=3, tool=A_TOOL))
        connection.execute("INSERT INTO public.pieces VALUES (gen_random_uuid(), NULL, 0, now())")
    return opened_url


def add(url: str, tool: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(ADD.format(batch=OTHER, many=5, tool=tool))


def held(url: str) -> dict[str, int]:
    """Rows by table."""
    with psycopg.connect(url) as connection:
        return {t: connection.execute(f"SELECT count(*) FROM public.{t}").fetchone()[0] for t in TABLES}  # type: ignore[index]


def ids(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [str(row[0]) for row in connection.execute("SELECT id FROM public.batches")]


def of_plan(url: str) -> str:
    (ours,) = (one for one in ids(url) if one not in (OTHER, THEIRS))
    return ours


def cleanup(url: str, batch: str, *more: str) -> Any:
    return answer("cleanup", "--batch", batch, "--world", WORKSHOP, "--target", url, "--yes", *more)


def refused(url: str, *arguments: str, code: int) -> str:
    return call("cleanup", *arguments, "--target", url, code=code).stderr


def test_the_plans_batch_goes_with_the_plan_and_nothing_else(url: str) -> None:
    batch = of_plan(url)
    dry = cleanup(url, batch, "--dry-run")
    assert held(url) == {"batches": 2, "tools": 5, "pieces": 24, "uses": 23, "labels": 23}
    done = cleanup(url, batch)
    assert held(url) == {"batches": 1, "tools": 1, "pieces": 4, "uses": 3, "labels": 3}
    assert dry == {**done, "dry_run": True}
    assert (done["batch"], done["plan_deleted"], done["rows_deleted"]) == (batch, True, 1 + 4 + 20 + 20 + 20)
    # The next seed begins from nothing.
    again = answer("seed", WORKSHOP, "--target", url, "--now", NOW, "--seed", "2", "--yes")
    assert again["unchanged"] is False
    assert of_plan(url) != batch


def test_a_batch_with_our_mark_is_not_ours(url: str) -> None:
    add(url, A_TOOL)
    before = held(url)
    said = refused(url, "--batch", OTHER, "--world", WORKSHOP, "--yes", code=3)
    assert "this batch is not Populace's: no plan of this target gives its id" in said
    assert held(url) == before
    done = cleanup(url, of_plan(url))
    assert held(url) == {"batches": 2, "tools": 1, "pieces": 9, "uses": 8, "labels": 8}
    assert done["rows_deleted"] == 65
    assert sum(done["others"].values()) == 16


def test_what_is_left_of_a_batch_goes_alone_later(url: str) -> None:
    """Somebody needs three pieces; the next population comes, and then they do not need them any more."""
    first = of_plan(url)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE public.needs (piece uuid REFERENCES public.pieces)")
        connection.execute("INSERT INTO public.needs SELECT id FROM public.pieces WHERE batch_id = %s LIMIT 3", [first])
    assert cleanup(url, first, "--keep-referenced")["kept"] == {"public.batches": 1, "public.pieces": 3}
    answer("seed", WORKSHOP, "--target", url, "--now", NOW, "--seed", "2", "--yes")
    assert answer("count", "--target", url)["total"] == 65 + 4
    assert "public.needs → public.pieces" in refused(url, "--batch", first, "--world", WORKSHOP, "--yes", code=3)
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE public.needs")
    done = cleanup(url, first.upper())
    assert (done["plan_deleted"], done["rows_deleted"]) == (False, 4)
    assert answer("validate", WORKSHOP, "--target", url)["failed"] == 0
    assert answer("cleanup", "--all", "--target", url, "--yes")["rows_deleted"] == 65


def test_what_another_batch_refers_to_keeps_the_plans_from_going(url: str) -> None:
    add(url, TOOL_OF_OURS)
    before, batch = held(url), of_plan(url)
    said = refused(url, "--batch", batch, "--world", WORKSHOP, "--yes", code=3)
    assert "public.uses → public.tools" in said
    assert "5 rows" in said
    assert held(url) == before
    done = cleanup(url, batch, "--keep-referenced")
    assert (done["kept"], done["rows_deleted"]) == ({"public.tools": 1}, 64)


def test_an_id_that_is_not_there_is_answered_with_those_that_are(url: str) -> None:
    before = held(url)
    for unknown in ("11111111-1111-8111-8111-111111111111", of_plan(url)[:8], "x'; DROP TABLE pieces; --"):
        said = refused(url, "--batch", unknown, "--world", WORKSHOP, "--yes", code=2)
        assert "there is no such batch" in said
        assert of_plan(url) in said
        assert THEIRS not in said
    said = refused(url, "--batch", THEIRS, "--world", WORKSHOP, "--yes", code=3)
    assert "this batch is not Populace's" in said
    assert held(url) == before


def test_a_world_without_batches_names_those_that_have(opened_url: str) -> None:
    said = refused(opened_url, "--batch", OTHER, "--world", "hogflix", "--yes", code=2)
    assert "this world has no simulation batches" in said
    assert "worlds that do: " in said


def test_one_thing_is_asked_for_at_a_time(server: EmbeddedServer) -> None:
    target = server.url("postgres")
    for words in (("--all", "--batch", OTHER), ("--batch", OTHER, "--retain-days", "3"), ()):
        assert "one of --all, --batch ID and --retain-days D" in refused(target, *words, code=2)
    assert "belongs to --all and --batch" in refused(target, "--retain-days", "3", "--keep-referenced", code=2)


def test_somebody_has_to_confirm(url: str) -> None:
    said = refused(url, "--batch", of_plan(url), "--world", WORKSHOP, code=3)
    assert "there is no terminal to confirm at" in said
