"""Query timings as checks: a bound that nothing meets, one that everything meets, and runs that are cut off.

No test holds a machine to a time: bounds are 0 ms and an hour, and what takes long is `pg_sleep`.
"""

from __future__ import annotations

from importlib.resources import files

import pytest

from populace.checks import timing
from populace.checks.timing import Query
from populace.database.connection import Connection
from populace.errors import BadInput

HOUR_MS = 3_600_000
QUICK = "SELECT count(*) FROM generate_series(1, %(n)s) AS n"
VALUES = {"n": 1000, "unused": "x"}


def test_a_bound_of_an_hour_is_met_by_twenty_runs(opened: Connection) -> None:
    verdict = timing.judge(opened, Query("E23", "numbers", HOUR_MS, QUICK), VALUES)
    assert (verdict.id, verdict.title, verdict.status) == ("E23", "numbers", "ok")
    assert verdict.target == verdict.documented == "p95 under 3,600,000 ms"
    assert verdict.note == "p95 of 20 runs"
    assert verdict.measured.endswith(" ms")
    assert verdict.detail == ""


def test_a_bound_of_nothing_fails_with_the_servers_own_account(opened: Connection) -> None:
    verdict = timing.judge(opened, Query("E23", "numbers", 0, QUICK), VALUES)
    assert verdict.status == "failed"
    assert "Function Scan on generate_series" in verdict.detail
    assert "Execution Time" in verdict.detail
    assert "detail" in verdict.document()


def test_what_is_slow_is_run_as_often_as_the_budget_allows(opened: Connection) -> None:
    verdict = timing.judge(opened, Query("E23", "sleep", HOUR_MS, "SELECT pg_sleep(0.2)"), {}, budget_ms=500)
    assert verdict.status == "ok"
    assert verdict.note in ("p95 of 2 runs, as many as 500 ms allow", "one run, as many as 500 ms allow")


def test_a_first_run_that_does_not_end_is_cut_off(opened: Connection) -> None:
    endless = Query("E23", "sleep", 100, "SELECT pg_sleep(3600)")
    verdict = timing.judge(opened, endless, {}, budget_ms=150)
    assert (verdict.status, verdict.measured) == ("failed", "over 150 ms")
    assert verdict.note == "the first run was cut off after 150 ms"
    # Running it takes too long for an account of it, so its plan is all there is.
    assert "Result" in verdict.detail
    assert "Execution Time" not in verdict.detail
    # A later bound may still hold: nobody knows.
    later = timing.judge(opened, Query("E23", "sleep", HOUR_MS, endless.text), {}, budget_ms=150)
    assert later.status == "open"
    # The session goes on, without the limit.
    row = opened.execute("SELECT current_setting('statement_timeout')").fetchone()
    assert row is not None
    assert row[0] == "0"


def test_p95_is_the_smallest_that_19_of_20_do_not_exceed() -> None:
    assert timing.p95([float(n) for n in range(1, 21)]) == 19.0
    assert timing.p95([3.0, 1.0]) == 3.0
    assert timing.p95([7.0]) == 7.0


def test_a_file_says_what_is_timed() -> None:
    query = timing.parse("-- id: E23 · campaigns, newest first · 2000\nSELECT 1;\n", "here")
    assert query == Query("E23", "campaigns, newest first", 2000, "SELECT 1")
    for text in ("SELECT 1", "-- id: E23 · no bound\nSELECT 1", "-- id: E23 · title · soon\nSELECT 1"):
        with pytest.raises(BadInput, match=r"x/timings/a\.sql: the first line does not say what to measure"):
            timing.parse(text, "x/timings/a.sql")


def test_the_campaigns_world_is_held_to_the_strictest_documented_bound() -> None:
    folder = files("populace.worlds.campaigns").joinpath("timings")
    queries = [timing.parse(f.read_text(encoding="utf-8"), f.name) for f in folder.iterdir()]
    assert [(q.id, q.bound_ms) for q in queries] == [("E23", 2_000)] * 5


def test_a_world_without_timings_has_no_verdicts(opened: Connection) -> None:
    assert list(timing.check(opened, "populace.checks", {})) == []
