"""The documented seed and a day of life, through the command line, on an embedded server of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from command import answer, call

NOW = "2026-01-09T18:30:00Z"
Seeded = tuple[str, Any]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """The target of the documented seed, and what the seed reported."""
    target = f"embedded:{tmp_path_factory.mktemp('documented')}"
    yield target, answer("seed", "recoverlution", "--target", target, "--seed", "7", "--now", NOW, "--yes")
    call("db", "stop", "--target", target)


def test_the_seed_reports_what_the_document_asks_for(seeded: Seeded) -> None:
    _, report = seeded
    assert report["users_created"] == 3000
    assert report["engagements_created"] == 36_000
    assert report["mindblocks_covered"] == 2400
    assert (report["min_engagements_per_mindblock"], report["max_engagements_per_mindblock"]) == (15, 15)
    assert report["unchanged"] is False
    assert report["epoch"] == "2026-01-09T00:00:00Z"
    assert report["watermark"] == NOW
    # 36,000 × (1 + 1 + 0.65 + 0.5); each pair is a pair of Bernoulli draws beside the two certain rows.
    rows = report["tables"]["content_engagements"]["written"]
    assert abs(rows - 36_000 * 3.15) < 4.5 * math.sqrt(36_000 * (0.65 * 0.35 + 0.25))
    assert all(t["attempted"] == t["written"] and t["rejected"] == 0 for t in report["tables"].values())
    assert report["rows_created"] == sum(t["written"] for t in report["tables"].values())


def test_people_by_persona_and_organisation(seeded: Seeded) -> None:
    url = call("db", "url", "--target", seeded[0]).stdout.strip()
    with psycopg.connect(url) as connection:
        personas = connection.execute("SELECT persona_key, count(*) FROM sim_users GROUP BY 1").fetchall()
        organisations = connection.execute(
            "SELECT o.name, count(*) FROM sim_users s JOIN organizations o ON o.id = s.org_id GROUP BY 1"
        ).fetchall()
    assert len(personas) == 10
    assert {n for _, n in personas} == {300}
    assert dict(organisations) == {"alpha": 1800, "beta": 900, "gamma": 300}


def test_a_second_time_nothing_changes(seeded: Seeded) -> None:
    target, first = seeded
    for extra in (["--now", NOW], ["--now", "2026-01-12T04:00:00Z"], []):
        again = answer("seed", "recoverlution", "--target", target, "--seed", "7", *extra, "--yes")
        assert again["unchanged"] is True
        assert again["rows_created"] == 0
        kept = ("users_created", "engagements_created", "mindblocks_covered", "watermark", "plan", "epoch")
        assert {k: again[k] for k in kept} == {k: first[k] for k in kept}


def test_another_plan_is_refused_with_what_differs(seeded: Seeded) -> None:
    other = call("seed", "recoverlution", "--target", seeded[0], "--seed", "8", "--set", "days=30", "--yes", code=3)
    assert "seed: 7 there, 8 here" in other.stderr
    assert "settings.days: 45 there, 30 here" in other.stderr


def test_validate_is_green_and_turns_red_when_a_row_is_missing(seeded: Seeded) -> None:
    target, _ = seeded
    verdicts = answer("validate", "recoverlution", "--target", target)
    assert verdicts["ok"], [v for v in verdicts["verdicts"] if not v["ok"]]
    assert {v["id"] for v in verdicts["verdicts"]} >= {
        "A1",
        "A2",
        "A3",
        "A4",
        "A5",
        "A6",
        "orphans",
        "future",
        "causes",
    }
    url = call("db", "url", "--target", target).stdout.strip()
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE kept AS SELECT * FROM content_engagements WHERE action = 'viewed' ORDER BY id LIMIT 1"
        )
        connection.execute("DELETE FROM content_engagements WHERE id IN (SELECT id FROM kept)")
    red = answer("validate", "recoverlution", "--target", target, code=1)
    assert {"A2", "rows"} <= {v["id"] for v in red["verdicts"] if not v["ok"]}
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO content_engagements SELECT * FROM kept")
        connection.execute("DROP TABLE kept")
    assert answer("validate", "recoverlution", "--target", target)["ok"]


def _the_documents_functions(connection: psycopg.Connection, scenes: int, mindblocks: int) -> None:
    """The summary counts what is there; the clean-up takes closed journeys only, and nothing that is young."""
    day = connection.execute("SELECT get_synthetics_activity_summary(48)").fetchone()
    assert day is not None
    assert (day[0]["scene_events"], day[0]["mindblock_events"]) == (scenes, mindblocks)
    active = connection.execute("SELECT count(*) FROM journey_instances WHERE status = 'active'").fetchone()
    assert active is not None
    assert day[0]["active_journeys"] == active[0] > 0
    young = connection.execute("SELECT cleanup_old_synthetic_data(45)").fetchone()
    assert young is not None
    assert (young[0]["deleted_events"], young[0]["deleted_journeys"]) == (0, 0)
    with connection.transaction(force_rollback=True):
        old = connection.execute("SELECT cleanup_old_synthetic_data(0)").fetchone()
        left = connection.execute(
            "SELECT count(*) FILTER (WHERE status IN ('completed', 'abandoned')), (SELECT count(*) FROM sim_users),"
            " (SELECT count(*) FROM journey_scene_events AS e WHERE NOT EXISTS (SELECT 1 FROM journey_instances AS o"
            " WHERE o.id = e.journey_instance_id AND o.status IN ('active', 'paused'))) FROM journey_instances"
        ).fetchone()
    assert old is not None
    assert 0 < old[0]["deleted_events"] < scenes
    assert left == (0, 3000, 0)


def test_a_day_of_life(tmp_path: Path) -> None:
    """24 hours after the epoch at the defaults, then arrivals paused and drained."""
    target = f"embedded:{tmp_path}"
    try:
        answer("seed", "recoverlution", "--target", target, "--now", "2026-01-09T00:00:00Z", "--yes")
        to_midnight = ("run", "recoverlution", "--target", target, "--speed", "max", "--until")
        answer(*to_midnight, "2026-01-10T00:00:00Z")
        with psycopg.connect(call("db", "url", "--target", target).stdout.strip(), autocommit=True) as connection:

            def count(query: str) -> int:
                return int(connection.execute(query).fetchone()[0])  # type: ignore[index, call-overload]

            assert count("SELECT count(*) FROM journey_instances WHERE status = 'active'") > 0
            answer("pause", "--target", target)
            answer(*to_midnight, "2026-01-10T03:00:00Z")
            sessions = count(
                "SELECT sum(n::bigint) FROM populace.draw_statistics,"
                " jsonb_array_elements_text(document -> 'choices' -> 'practising.who' -> 0) AS n"
            )
            scenes = count("SELECT count(*) FROM journey_scene_events")
            mindblocks = count("SELECT count(*) FROM mindblock_events")
            of = {
                kind: count(f"SELECT count(*) FROM journey_scene_events WHERE event_type = 'scene_{kind}'")
                for kind in ("started", "completed", "abandoned")
            }
            abandoned = count("SELECT count(*) FROM journey_instances WHERE status = 'abandoned'")
            paused = count(
                "SELECT count(*) FROM journey_scene_events"
                " WHERE event_type = 'scene_abandoned' AND event_payload ->> 'reason' = 'error'"
            )
            practices = dict(
                connection.execute(
                    "SELECT j.status, count(*) FROM journey_instances AS j"
                    " JOIN practice_template AS p ON p.id = j.template_id GROUP BY 1"
                ).fetchall()
            )
            # Capped at 5 a minute, the variance of a minute is below that of a Poisson number of mean 2.
            assert abs(sessions - 2880) < 3.29 * math.sqrt(2880)
            assert abs(scenes / sessions - 4.7) < 0.4
            assert abs(mindblocks / sessions - 2.35) < 0.2
            assert of["started"] == of["completed"] + of["abandoned"]
            assert of["abandoned"] == abandoned + paused
            # Practices are over with their visit, or paused by an error; sprints go on for days.
            assert set(practices) == {"completed", "abandoned", "paused"}
            closed = practices["completed"] + practices["abandoned"]
            assert abs(practices["abandoned"] / closed - 0.15) < 3.29 * math.sqrt(0.15 * 0.85 / closed)
            _the_documents_functions(connection, scenes, mindblocks)
        assert answer("validate", "recoverlution", "--target", target)["ok"]
    finally:
        call("db", "stop", "--target", target)
