"""People of an older seed get their row in sim_users: by the number in their e-mail, once, and nobody else does."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from command import answer, call
from populace.worlds.recoverlution import catalogue

SMALL = [f"--set={setting}" for setting in ("count_users=30", "coverage_per_mindblock=0", "days=1")]
RESEMBLING = (
    "synthetic+00000@example.com", "synthetic+1@example.com", "synthetic+000012@example.com",
    "synthetic+00031@example.com.au", "Synthetic+00031@example.com", "synthetic+00031@exampleXcom",
    "asynthetic+00031@example.com", "synthetic+0003a@example.com",
)  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A target of thirty people, and its URL."""
    target = f"embedded:{tmp_path_factory.mktemp('backfill')}"
    answer("seed", "recoverlution", "--target", target, "--now", "2026-01-09T01:00:00Z", *SMALL)
    yield target, call("db", "url", "--target", target).stdout.strip()
    call("db", "stop", "--target", target)


def test_it_adds_what_is_missing_and_nothing_else(places: tuple[str, str]) -> None:
    target, url = places
    with psycopg.connect(url, autocommit=True) as connection:
        before = connection.execute(
            "SELECT profile_id, org_id, persona_key, started_at, created_at FROM sim_users ORDER BY profile_id"
        ).fetchall()
        connection.execute("DELETE FROM sim_users WHERE metadata ->> 'email' > 'synthetic+00004@example.com'")
        for number, email in enumerate((*RESEMBLING, "synthetic+123456@example.com"), 1):
            key = f"00000000-0000-4000-8000-{number:012}"
            connection.execute("INSERT INTO auth.users (id, email) VALUES (%s, %s)", (key, email))
            connection.execute("INSERT INTO profiles (id, email) VALUES (%s, %s)", (key, email))
        assert answer("sim-users", "count", "--target", target) == {"count": 4, "missing": 27, "ready": True}
        dry = answer("sim-users", "backfill", "--target", target, "--dry-run")
        assert dry == {"people": 4, "added": 27, "present": 4, "dry_run": True}
        assert answer("sim-users", "count", "--target", target)["count"] == 4
        done = answer("sim-users", "backfill", "--target", target)
        assert done == {"people": 31, "added": 27, "present": 4, "dry_run": False}
        after = connection.execute(
            "SELECT profile_id, org_id, persona_key, started_at, created_at FROM sim_users"
            " WHERE metadata ->> 'email' <> 'synthetic+123456@example.com' ORDER BY profile_id"
        ).fetchall()
        assert after == before, "the rows are those that the seed itself would have written"
        rows = connection.execute(
            "SELECT substr(id::text, 15, 1), cohort_label, metadata ->> 'created_by', metadata ? 'backfilled_at',"
            " count(*) FROM sim_users WHERE metadata ? 'backfilled_at' GROUP BY 1, 2, 3, 4"
        ).fetchall()
        assert rows == [("8", "synthetics_v1", "backfill_script", True, 27)]
        late = connection.execute(
            "SELECT persona_key FROM sim_users WHERE metadata ->> 'email' = 'synthetic+123456@example.com'"
        ).fetchone()
        assert late == (catalogue.personas()[(123456 - 1) % 10].key,)
        ids = connection.execute("SELECT id FROM sim_users ORDER BY id").fetchall()
        again = answer("sim-users", "backfill", "--target", target)
        assert (again["added"], again["present"]) == (0, 31)
        connection.execute("DELETE FROM sim_users WHERE metadata ? 'backfilled_at'")
        answer("sim-users", "backfill", "--target", target)
        assert connection.execute("SELECT id FROM sim_users ORDER BY id").fetchall() == ids


def test_every_persona_of_the_catalogue_is_dealt_out_in_its_order(places: tuple[str, str]) -> None:
    with psycopg.connect(places[1]) as connection:
        dealt = connection.execute(
            "SELECT DISTINCT substr(metadata ->> 'email', 11, 5)::int AS n, persona_key FROM sim_users"
            " WHERE metadata ? 'backfilled_at' AND metadata ->> 'email' LIKE 'synthetic+000%' ORDER BY n"
        ).fetchall()
    keys = [p.key for p in catalogue.personas()]
    assert [key for _, key in dealt] == [keys[(n - 1) % len(keys)] for n, _ in dealt]
    assert {key for _, key in dealt} == set(keys)


def test_the_label_can_be_chosen(places: tuple[str, str]) -> None:
    target, url = places
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM sim_users WHERE metadata ->> 'email' = 'synthetic+00001@example.com'")
    answer("sim-users", "backfill", "--target", target, "--cohort", "2019 %s")
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM sim_users WHERE cohort_label = '2019 %s'").fetchone()
    assert row == (1,)
    assert "--cohort" in call("sim-users", "backfill", "--target", target, "--cohort", "", code=2).stderr


def test_what_it_refuses(places: tuple[str, str]) -> None:
    _, url = places
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE older")
    older = url.rsplit("/", 1)[0] + "/older"
    backfill = ("sim-users", "backfill", "--target", older)
    assert "not been opened" in call(*backfill, "--yes", code=3).stderr
    answer("init", "--target", older)
    assert "--yes" in call(*backfill, code=3).stderr
    assert "are not in the target" in call(*backfill, "--yes", code=2).stderr
