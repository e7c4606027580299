"""In place, an app has rows under the very keys that we would write: dates, numbers and readable ids."""

from __future__ import annotations

import json
from collections.abc import Callable

import psycopg
import pytest

from examples import part
from hazards import FILMS, JOURNEYS, Hazard, Small, live_through, step

THEIRS = {
    "title": "the app's", "description": "the app's", "pillar_id": None, "created_at": "2020-01-01T00:00:00Z",
    "sessions_per_min": 9, "total_personas": 77_777,
}  # fmt: skip
"""What the app has in these rows."""


def rows_of_the_app(url: str, tables: tuple[str, ...]) -> str:
    """Statements that add the app's rows, under the keys of those that Populace wrote into another database."""
    statements = ["SET session_replication_role = replica"]
    with psycopg.connect(url) as connection:
        for table in tables:
            found = connection.execute(f"SELECT to_jsonb(t) FROM {table} AS t".encode()).fetchall()
            assert found, table
            for (row,) in found:
                row |= {name: value for name, value in THEIRS.items() if name in row}
                record = json.dumps(row).replace("'", "''")
                statements.append(f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, '{record}')")
    return ";\n".join(statements)


@pytest.mark.parametrize(("small", "tables"), part([
    (JOURNEYS, ("public.practice_template", "public.journey_template", "public.synthetic_settings")),
    (FILMS, ("public.daily_metrics",)),
], every=2))  # fmt: skip
def test_rows_of_the_app_under_our_keys_stay_the_apps(
    opened_url: str, make_database: Callable[[str], str], opened_template: str, small: Small, tables: tuple[str, ...]
) -> None:
    model = make_database(opened_template)
    assert step(model, *small.seed).code == 0
    assert step(model, *small.steps()["life"]).code == 0
    hazard = Hazard(name="our keys", small=small, in_place=True, before=rows_of_the_app(model, tables))
    live_through(hazard, opened_url)
    lines = step(opened_url, "logs", "--json").document
    assert {line["detail"]["table"] for line in lines if line["event"] == "kept"} == {t.split(".")[1] for t in tables}
