"""`populace validate` as an independent judge: green on what Populace made, red by name on what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql

from command import answer, call, refusal
from examples import part

SMALL = ("--set", "count_users=400", "--set", "coverage_per_mindblock=2", "--yes")
LEVEL = (*SMALL, "--set", "days=30", "--set", "session_history_days=7", "--set", "details=true",
         "--set", "engagements_continue=true")  # fmt: skip
"""With names, and engagements that go on; at the documents' rate, the same at all hours: so that every number can be
measured."""
REQUIREMENTS = {f"A{i}" for i in range(1, 25)} | {f"B{i}" for i in range(1, 10)}
RULES = {"K7", "recount", "contracts", "content", "rows", "orphans", "causes", "future"}
Verdicts = list[dict[str, Any]]


@dataclass(frozen=True)
class Lived:
    """A seeded target, its database, and the name of that."""

    target: str
    url: str
    name: str


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A small population and a day of life after it."""
    target = f"embedded:{tmp_path_factory.mktemp('judged')}"
    now = "2026-01-09T00:00:00Z"
    try:
        answer("seed", "recoverlution", "--target", target, "--seed", "7", "--now", now, *LEVEL)
        answer("run", "recoverlution", "--target", target, "--speed", "max", "--until", "2026-01-10T06:30:00Z")
        url = call("db", "url", "--target", target).stdout.strip()
        yield Lived(target, url, url.rsplit("/", 1)[1])
    finally:
        call("db", "stop", "--target", target)


@pytest.fixture
def copy(lived: Lived) -> Iterator[str]:
    """The URL of a copy to spoil."""
    server = lived.url.rsplit("/", 1)[0]
    name = sql.Identifier("spoilt")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(lived.name)))
        try:
            yield f"{server}/spoilt"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def a_journey(status: str = "completed") -> str:
    return f"(SELECT id FROM journey_instances WHERE status = '{status}' ORDER BY id LIMIT 1)"


def judged(target: str, *, code: int = 0) -> Verdicts:
    document = answer("validate", "recoverlution", "--target", target, code=code)
    verdicts: Verdicts = document["verdicts"]
    assert document["ok"] == (code == 0)
    for status in ("failed", "open", "info"):
        assert document[status] == sum(v["status"] == status for v in verdicts)
    assert document["checks"] == len(verdicts) - document["info"]
    return verdicts


def red(verdicts: Verdicts) -> list[str]:
    return [f"{v['id']} {v['title']}: {v['note']}" for v in verdicts if v["status"] == "failed"]


def of(verdicts: Verdicts, identity: str) -> Verdicts:
    return [v for v in verdicts if v["id"] == identity]


def test_a_lived_population_is_green_and_nothing_is_left_out(lived: Lived) -> None:
    verdicts = judged(lived.target)
    assert {v["id"] for v in verdicts} >= REQUIREMENTS | RULES
    assert [v for v in verdicts if v["status"] == "open"] == []
    shown = [v["id"] for v in verdicts if v["id"] in REQUIREMENTS]
    assert shown == sorted(shown, key=lambda i: (i[0], int(i[1:])))
    # Figures of which nothing is asked: never ok, never failed.
    for_information = [v for v in verdicts if v["status"] == "info"]
    assert [v["id"] for v in for_information] == ["A19", "A22", "content"]
    assert {(v["ok"], v["target"], v["overridden"]) for v in for_information} == {(None, None, False)}
    for identity in ("A15", "A20", "A22", "B1", "B4"):
        assert all("specified in two ways" in v["note"] for v in of(verdicts, identity)), identity
    for verdict in of(verdicts, "A15"):
        assert (verdict["documented"], verdict["overridden"]) == ("450", True)


def test_the_table_sums_up_decisions_and_ends_with_the_counts(lived: Lived) -> None:
    text = call("validate", "recoverlution", "--all", "--target", lived.target).stdout
    assert max(len(line) for line in text.splitlines()) < 220
    assert "chance mindblock.engaged" not in text
    assert "chances that came out as declared" in text
    checks = len(judged(lived.target)) - 3
    assert text.splitlines()[-1] == f"{checks} checks, 0 failed, 0 not measurable yet; 3 figures for information"


def test_a_demo_with_its_hours_of_the_day_is_green(tmp_path_factory: pytest.TempPathFactory) -> None:
    target = f"embedded:{tmp_path_factory.mktemp('daily')}"
    days = ("--set", "days=6", "--set", "session_history_days=6")
    try:
        answer("seed", "recoverlution", "--scenario", "demo", "--target", target, "--now", "2026-01-09T19:20:00Z",
               *days, *SMALL)  # fmt: skip
        verdicts = judged(target)
        # Where people differ, organisations and coverage are drawn, and who stays away leaves journeys open.
        assert {v["id"] for v in verdicts if v["status"] == "open"} <= {
            *("A1", "A3", "A4", "A19"),
            "A15",
            "A21",
            "A23",
            "B1",
            "B3",
            "B5",
            "B6",
            "B8",
        }
        (going_on,) = [v for v in verdicts if v["title"].startswith("mindblocks viewed after the epoch")]
        assert (going_on["status"], int(going_on["measured"]) > 400) == ("ok", True)
    finally:
        call("db", "stop", "--target", target)


def test_by_default_checks_are_counted_in_groups(lived: Lived) -> None:
    document = answer("validate", "recoverlution", "--target", lived.target)
    lines = call("validate", "recoverlution", "--target", lived.target).stdout.splitlines()
    assert len(lines) <= 12
    for name, counts in document["groups"].items():
        (line,) = [line for line in lines if line.startswith(name)]
        assert [int(n) for n in line.removeprefix(name).split()] == [n for n in counts.values() if n]
    assert lines[-1] == f"every check: populace validate recoverlution --all --target {lived.target}"
    assert call("validate", "recoverlution", "--all", *lines[-1].split()[-2:]).stdout.count("\n") > 100


def test_what_fails_is_whole_beside_the_groups(copy: str) -> None:
    with psycopg.connect(copy) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE synthetic_settings SET abandon_rate = 0.5")
    text = call("validate", "recoverlution", "--target", copy, code=1).stdout
    assert len(text.splitlines()) < 20
    (red_line,) = [line for line in text.splitlines() if line.startswith("FAILED")]
    assert "A8" in red_line
    assert "synthetic_settings shows the settings in effect" in red_line


def test_no_line_needs_a_document_that_is_not_there(lived: Lived) -> None:
    """A reader has the program only: what is beside a number stands on its own."""
    text = call("validate", "recoverlution", "--all", "--target", lived.target).stdout
    assert "document" not in text
    assert "contradiction" not in text


def test_all_and_failed_exclude_each_other(lived: Lived) -> None:
    said = refusal("validate", "recoverlution", "--all", "--failed", "--target", lived.target, code=2)
    assert said.endswith("to do: leave out one of --all and --failed")


def test_a_fresh_documented_seed_is_green_and_says_what_life_has_not_brought_yet(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    target = f"embedded:{tmp_path_factory.mktemp('fresh')}"
    try:
        answer("seed", "recoverlution", "--target", target, "--now", "2026-01-09T00:00:00Z", *SMALL)
        verdicts = judged(target)
        waiting = {v["id"] for v in verdicts if v["status"] == "open"}
        assert waiting >= {"A9", "A10", "A11", "A13", "A14", "A16", "A17", "A18", "A19", "A23", "B5", "B8"}
        assert waiting.isdisjoint({"A1", "A2", "A3", "A4", "A5", "A6", "A24", "B9", "content", "orphans"})
        assert all(v["note"] for v in verdicts if v["status"] == "open")
    finally:
        call("db", "stop", "--target", target)


def test_the_preset_of_the_expected_metrics_meets_its_own_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    target = f"embedded:{tmp_path_factory.mktemp('expected')}"
    days = ("--set", "session_history_days=6")
    try:
        answer("seed", "recoverlution", "--scenario", "expected_metrics", "--target", target, "--seed", "3",
               "--now", "2026-01-09T02:00:00Z", *days, *SMALL)  # fmt: skip
        verdicts = judged(target)
        for identity, targets in (("B5", {"120", "60"}), ("B8", {"2880", "1440", "4320"})):
            rows = of(verdicts, identity)
            assert {v["target"] for v in rows} == {v["documented"] for v in rows} == targets
            assert {v["status"] for v in rows} == {"ok"}
        for verdict in of(verdicts, "A13"):
            assert (verdict["documented"], verdict["target"]) == ("4.7", "1")
            assert "specified in two ways; this follows preset expected_metrics" in verdict["note"]
    finally:
        call("db", "stop", "--target", target)


SPOILT = {
    "a parent is missing": (
        f"DELETE FROM journey_instances WHERE id = {a_journey()}",
        ["orphans public.journey_scene_events.journey_instance_id: refers to a row of public.journey_instances.id"],
    ),
    "an event before its journey": (
        "UPDATE journey_scene_events SET created_at = created_at - interval '1 year' WHERE id = "
        "(SELECT id FROM journey_scene_events WHERE event_type = 'scene_completed' ORDER BY id LIMIT 1)",
        ["causes public.journey_scene_events.created_at: before its public.journey_instances.id"],
    ),
    "an end before its beginning": (
        f"UPDATE journey_instances SET completed_at = started_at - interval '1 second' WHERE id = {a_journey()}",
        ["causes public.journey_instances.completed_at: before started_at"],
    ),
    "a signal before the one it follows": (
        "UPDATE mindblock_events AS r SET created_at = v.created_at - interval '1 second' FROM mindblock_events AS v "
        "WHERE r.id = (SELECT id FROM mindblock_events WHERE signal_type = 'resonated' ORDER BY id LIMIT 1) "
        "AND v.signal_type = 'viewed' AND v.mindblock_id = r.mindblock_id AND v.individual_id = r.individual_id "
        "AND v.evidence ->> 'journey_instance_id' = r.evidence ->> 'journey_instance_id'",
        ["A18 mindblocks met whose signals are out of order"],
    ),
    "an event in the future": (
        "UPDATE mindblock_events SET created_at = populace.watermark() + interval '1 day' WHERE id = "
        "(SELECT id FROM mindblock_events ORDER BY id LIMIT 1)",
        ["future public.mindblock_events.created_at: later than everything written"],
    ),
    "a tenth of the scenes abandoned is completed": (
        "UPDATE journey_scene_events SET event_type = 'scene_completed' WHERE event_type = 'scene_abandoned' "
        "AND abs(hashtext(id::text)) % 10 = 0",
        ["A16 journeys whose status and scenes disagree about leaving"],
    ),
    "a tenth of the journeys abandoned is completed": (
        "UPDATE journey_instances SET status = 'completed', completed_at = updated_at WHERE status = 'abandoned' "
        "AND abs(hashtext(id::text)) % 10 = 0",
        ["A16 journeys whose status and scenes disagree about leaving",
         "A16 journeys whose status and scenes disagree about completion"],
    ),
    "half of the journeys abandoned is completed": (
        "UPDATE journey_instances SET status = 'completed', completed_at = updated_at WHERE status = 'abandoned' "
        "AND abs(hashtext(id::text)) % 2 = 0",
        ["A11 practices that were abandoned, of those that ended, by rows",
         "B7 practices that were completed, of those that ended"],
    ),
    "starts are lost": (
        "DELETE FROM journey_scene_events WHERE event_type = 'scene_started' AND abs(hashtext(id::text)) % 50 = 0",
        ["A16 scenes started = completed + abandoned + open now", "rows public.journey_scene_events"],
    ),
    "a mark is stripped": (
        "UPDATE mindblock_events SET evidence = evidence - 'synthetic' WHERE id = "
        "(SELECT id FROM mindblock_events ORDER BY id LIMIT 1)",
        ["A24 rows of synthetic people that carry the mark", "without the mark: mindblock_events 1",
         "rows public.mindblock_events: rows with the mark"],
    ),
    "a contract without its artifact": (
        "WITH one AS (SELECT k.id, k.journey_instance_id AS j, k.scene_number AS n FROM journey_scene_captures AS k "
        "JOIN journey_instances AS i ON i.id = k.journey_instance_id JOIN scene_contracts AS c "
        "ON c.template_id = i.template_id AND c.scene_number = k.scene_number AND c.expects_receipt "
        "ORDER BY k.id LIMIT 1), gone AS (DELETE FROM journey_scene_captures WHERE id IN (SELECT id FROM one)) "
        "DELETE FROM journey_scene_events AS e USING one WHERE e.journey_instance_id = one.j "
        "AND e.scene_number = one.n AND e.event_type = 'artifact_captured'",
        ["contracts completed scenes whose contract expects a receipt, without a capture"],
    ),
    "a contract without its check": (
        "DELETE FROM journey_resistance_checks WHERE id = (SELECT min(id::text)::uuid FROM journey_resistance_checks)",
        ["contracts completed scenes whose contract expects checks, without a resistance check"],
    ),
    "a scene without its contract": (
        "DELETE FROM scene_contracts WHERE id = (SELECT min(id::text)::uuid FROM scene_contracts)",
        ["content rows of protocol_integrity_issues", "content scene contracts"],
    ),
    "ratings are invented": (
        "UPDATE content_engagements SET action = 'rated' WHERE id = "
        "(SELECT min(id::text)::uuid FROM content_engagements WHERE action = 'completed')",
        ["recount engagements completed", "recount engagements rated"],
    ),
    "too few resonate": (
        "DELETE FROM mindblock_events WHERE signal_type = 'resonated' AND abs(hashtext(id::text)) % 4 = 0",
        ["A18 resonated, of these", "recount mindblocks that resonated"],
    ),
    "the settings row lies": (
        "UPDATE synthetic_settings SET abandon_rate = 0.5",
        ["A8 synthetic_settings shows the settings in effect"],
    ),
    "a decision fell otherwise": (
        "UPDATE populace.draw_statistics SET document = jsonb_set(document, '{chances,audio.faster,3}', "
        "to_jsonb((document #>> '{chances,audio.faster,3}')::int * 2))",
        ["K7 chances that came out as declared: the least likely: audio.faster", "K7 chance audio.faster"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("wrong", part(SPOILT, every=2))
def test_what_is_wrong_is_red_by_name(copy: str, wrong: str) -> None:
    spoil, expected = SPOILT[wrong]
    with psycopg.connect(copy) as connection:
        connection.execute("SET session_replication_role = replica")
        assert connection.execute(spoil).rowcount > 0
    lines = red(judged(copy, code=1))
    for said in expected:
        assert any(said in line for line in lines), (said, lines)
    # A single thing that is wrong does not turn everything red.
    assert len(lines) < 15, lines


def test_failed_shows_what_fails_and_nothing_else(copy: str) -> None:
    with psycopg.connect(copy) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE synthetic_settings SET abandon_rate = 0.5")
    shown = call("validate", "recoverlution", "--target", copy, "--failed", code=1).stdout
    assert shown.count("FAILED") == 1
    assert " A8 " in shown
    assert "1 failed" in shown.splitlines()[-1]
    assert len(shown.splitlines()) < 10
