"""People against those of real products, read from a database: as they are, and spoilt by SQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from app import connect
from command import adopt, answer, call, refusal
from contexts import at
from examples import where_all_run
from populace.checks.realism import reading
from populace.checks.realism.judging import judge
from populace.clock import MINUTE_US
from populace.database.embedded import EmbeddedServer
from populace.operations.calibrating import aggregates_file
from populace.operations.calibrating.aggregates import measured
from populace.operations.calibrating.simulating import simulate
from populace.operations.inspection.realism import logs_of
from populace.operations.population import population
from spoilings import SPOILINGS

SMALL = ("--scenario", "realistic", "--set", "persona_pool=900", "--set", "days=60", "--set", "unseen_days=60")
EPOCH = "2026-01-09T00:00:00Z"

SPOILT = {
    "all at 03:17": (
        "UPDATE public.watch_progress AS w SET last_watched_at = date_trunc('day', w.last_watched_at) "
        "+ interval '3 hours 17 minutes' + (extract(epoch FROM w.last_watched_at)::bigint % 60) * interval '1 s'",
        {"same_minute"},
    ),
    "whole seconds": (
        "UPDATE public.watch_progress AS w SET last_watched_at = date_trunc('second', w.last_watched_at), "
        "created_at = date_trunc('second', w.created_at)",
        {"whole_seconds"},
    ),
    "five stars": ("UPDATE public.video_ratings SET rating = 5", {"rating_people", "rating_commonest"}),
    "one length": ("UPDATE public.watch_progress SET progress_seconds = 600", {"same_size"}),
}
"""Statements, each with metrics that turn red by it."""


@pytest.fixture(scope="module")
def people(server: EmbeddedServer, opened_template: str) -> str:
    """The name of a database with a few people who are meant to look real."""
    name = "realism_people"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    adopt(server.url(name))
    call("seed", "hogflix", "--now", EPOCH, "--target", server.url(name), "--yes", *SMALL)
    return name


@pytest.fixture(scope="module")
def clean(server: EmbeddedServer, people: str) -> dict[str, Any]:
    return compared(server.url(people))


def compared(url: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = answer("validate", "hogflix", "--realism", "--target", url, *more, code=None)
    return found


def red(found: dict[str, Any]) -> set[str]:
    return {m["id"] for m in found["metrics"] if m["verdict"] == "red"}


def test_every_metric_has_a_verdict_and_red_ones_what_moves_them(clean: dict[str, Any]) -> None:
    metrics = {m["id"]: m for m in clean["metrics"]}
    assert len(metrics) == clean["in"] + clean["red"] + clean["open"] + clean["left_out"]
    assert clean["in"] > clean["red"]
    assert metrics["campaign_spread"]["verdict"] == "left out"
    assert metrics["campaign_spread"]["why"] == "there are no campaigns"
    for metric in metrics.values():
        if metric["verdict"] == "red":
            assert metric["drivers"] or metric["because"], metric["id"]
            low, high = metric["band"]
            assert not low <= metric["value"] <= high


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_spoilt_by_sql_is_red(name: str, server: EmbeddedServer, people: str, clean: dict[str, Any]) -> None:
    statement, expected = SPOILT[name]
    copy = "realism_spoilt"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(people)))
    try:
        with psycopg.connect(server.url(copy)) as conn:
            conn.execute(statement.encode())
        found = red(compared(server.url(copy)))
        assert found - red(clean) >= expected
    finally:
        with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(copy)))


def test_spoilt_copies_are_found(server: EmbeddedServer, people: str, clean: dict[str, Any]) -> None:
    with population(at(server.url(people)), None, "realism", looking=True) as there:
        logs, declared = logs_of(there), there.world.realism
    assert declared is not None
    known = red(clean)
    possible = {name: spoilt for name, spoilt in SPOILINGS.items() if name != "same_results"}
    caught = {
        name
        for name, spoilt in possible.items()
        if any(f.standing == "red" and f.metric.id not in known for f in judge(spoilt(logs), declared, "realistic"))
    }
    # What spoils only what is red in any case cannot be seen: as long as anything of this scenario is.
    of_red = {"every_text_x", "one_opening", "shuffled_hours", "same_offsets", "normal_sizes"}
    assert set(possible) - of_red - caught == set()
    assert len(caught) >= 19


def test_a_report_has_a_card_for_each_metric(server: EmbeddedServer, people: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    file = tmp_path / "realism.html"
    found = compared(server.url(people), "--html", str(file))
    assert found["report"]["file"] == str(file)
    text = file.read_text(encoding="utf-8")
    assert all(f'id="{m["id"]}"' in text for m in found["metrics"])


def test_those_who_were_deleted_are_counted(server: EmbeddedServer, people: str, clean: dict[str, Any]) -> None:
    deleted, everybody = clean["removed"]
    with psycopg.connect(server.url(people)) as conn:
        row = conn.execute("SELECT sum(new_signups) FROM public.daily_metrics").fetchone()
    assert row is not None
    assert (everybody, 0 <= deleted < everybody) == (row[0], True)
    assert ("deleted" in clean["survivorship"]) == (deleted > 0)


def test_recoverlutions_people_look_real(server: EmbeddedServer, opened_template: str) -> None:
    """Visits that arrive, of people who differ: no metric is red, and fewer than one in ten open."""
    name = "realism_arriving"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    url = server.url(name)
    adopt(url)
    call("seed", "recoverlution", "--scenario", "realistic", "--now", EPOCH, "--target", url, "--yes",
         "--set", "count_users=1500", "--set", "days=45", "--set", "session_history_days=45")  # fmt: skip
    found = answer("validate", "recoverlution", "--realism", "--target", url)
    assert red(found) == set()
    assert sum(metric["verdict"] == "open" for metric in found["metrics"]) < len(found["metrics"]) / 10


def test_files_are_not_compared(tmp_path: Path) -> None:
    call("seed", "worldchef", "--now", EPOCH, "--target", f"parquet:{tmp_path}/files", "--set", "users=20")
    said = refusal("validate", "worldchef", "--realism", "--target", f"parquet:{tmp_path}/files", code=2)
    assert "realism is measured by SQL" in said


def test_of_many_people_a_part_is_read(server: EmbeddedServer, people: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = compared(server.url(people))
    monkeypatch.setattr(reading, "MOST_PEOPLE", 300)
    part = compared(server.url(people))
    assert whole["sampled"] == 1
    assert part["sampled"] >= 2
    ns = {m["id"]: m["n"] for m in whole["metrics"]}
    fewer = {m["id"]: m["n"] for m in part["metrics"]}
    assert 0 < fewer["gini"] < ns["gini"] / part["sampled"] * 1.5
    assert fewer["hour_peak"] < ns["hour_peak"]
    # Everybody is counted by the daily statistics, and a part of them stands for all.
    assert part["removed"][1] == whole["removed"][1]


def same(url: str) -> None:
    """Compare what a world's SQL reads of a target with what its function reads of the plan's rows."""
    with population(at(url), None, "realism", looking=True) as there:
        by_sql, plan = logs_of(there), there.plan
    declared = plan.world.realism
    assert declared is not None
    assert declared.fitting is not None
    kept = simulate(plan, declared.fitting, declared.visit_gap_minutes * MINUTE_US, everybody=False)
    assert by_sql.actions is not None
    assert kept.actions is not None
    assert (len(kept.actions), len(kept.visits)) == (len(by_sql.actions), len(by_sql.visits))
    assert kept.week.tolist() == by_sql.week.tolist()
    assert kept.dailies.tolist() == by_sql.dailies.tolist()
    assert sorted(kept.visits_each.tolist()) == sorted(by_sql.visits_each.tolist())
    assert kept.items.tolist() == by_sql.items.tolist()
    # By its daily statistics a database knows on which days people are missing; here both have the same people.
    of_sql, of_rows = measured(replace(by_sql, sign_ups=None)), measured(kept)
    assert of_sql.keys() == of_rows.keys() >= {"dau", "dau_mau", "visits", "top_tenth", "week"}
    for name, value in of_sql.items():
        assert value.ravel().tolist() == pytest.approx(of_rows[name].ravel().tolist()), name


def test_rows_in_memory_are_read_as_the_database_is(server: EmbeddedServer, people: str) -> None:
    same(server.url(people))


@where_all_run
@pytest.mark.parametrize(
    ("world", "settings"),
    [
        ("recoverlution", ("count_users=800", "coverage_per_mindblock=1", "days=30", "session_history_days=30")),
        ("worldchef", ("users=200", "recipes=300")),
        ("campaigns", ()),
    ],
)
def test_rows_of_every_world_are(
    world: str, settings: tuple[str, ...], server: EmbeddedServer, opened_template: str
) -> None:
    name = f"realism_{world}"
    with connect(server.url("postgres"), application_name="tests", autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(opened_template))
        )
    adopt(server.url(name))
    sets = [word for setting in settings for word in ("--set", setting)]
    call("seed", world, "--scenario", "realistic", "--now", EPOCH, "--target", server.url(name), "--yes", *sets)
    same(server.url(name))


def test_the_aggregates_of_a_target_are_a_file_that_is_read(
    server: EmbeddedServer, people: str, tmp_path: Path
) -> None:
    out = tmp_path / "aggregates.toml"
    found = answer("calibrate", "--measure", "--target", server.url(people), "--out", str(out))
    read = aggregates_file.read(out)
    assert {"d1", "d7", "dau", "visits", "week"} <= set(read.values) == set(found["aggregates"])
    assert answer("calibrate", "--measure", "--target", server.url(people))["file"] == out.read_text(encoding="utf-8")
