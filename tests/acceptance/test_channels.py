"""A world's own channel of events, on a flow of visits and on a schedule: delivered, reconciled, retried.

Neither world is an installed one: nothing between the outbox and the peer knows them by name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from command import CLUB, MARKET, Place, answer, call
from populace.standins.posthog import Captured, Server

KEY = "phc_of_the_tests"


@dataclass(frozen=True, slots=True)
class Case:
    """A world with a channel of events. table: in which each event has a row. more: of its seed.

    until: lived while nobody listens, then while the peer is away, then while it is there.
    """

    world: str
    channel: str
    event: str
    table: str
    more: tuple[str, ...]
    until: tuple[str, str, str]


CASES = (
    Case(CLUB, "bell", "step ended", "steps", ("--scenario=busy", "--set=visit_days=1"),
         ("2026-01-09T00:20:00Z", "2026-01-09T00:40:00Z", "2026-01-09T01:00:00Z")),
    Case(MARKET, "horn", "parcel arrived", "parcels", (),
         ("2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-12T00:00:00Z")),
)  # fmt: skip
NOW = "2026-01-09T00:00:00Z"


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.channel)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def place(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A population that nobody listens to."""
    place = Place(case.world, tmp_path_factory.mktemp(case.channel) / "pg")
    said = call("seed", case.world, *case.more, f"--now={NOW}", "--target", place.target)
    assert "POPULACE_POSTHOG_KEY is not set" in said.stderr
    yield place
    call("db", "stop", "--target", place.target)


@pytest.fixture
def peer() -> Iterator[Server]:
    with Server(Captured(KEY)) as server:
        yield server


def heard(server: Server) -> dict[str, str]:
    return {"POPULACE_POSTHOG_HOST": server.url, "POPULACE_POSTHOG_KEY": KEY}


def reconciled(case: Case, place: Place, code: int = 0) -> dict[str, Any]:
    return dict(answer("reconcile", case.world, "--target", place.target, code=code))


def of_events(document: dict[str, Any]) -> dict[str, int]:
    lines = [line for line in document["lines"] if line["check"] == "events"]
    return {name: sum(line.get(name, 0) for line in lines) for name in ("expected", "delivered", "waiting", "rejected")}


def lived(case: Case, place: Place, until: str, **environment: str) -> str:
    """Live at full speed; what was said."""
    return call("run", case.world, "--speed=max", f"--until={until}", "--target", place.target, **environment).stderr


def test_events_of_any_flow_are_delivered_reconciled_and_retried(case: Case, place: Place, peer: Server) -> None:
    which = ("--world", case.world, "--target", place.target)
    silent, away, there = case.until

    # Nobody listens: rows are written and counted, events are not queued, and reconcile says which days it leaves out.
    assert "posthog backfill" in lived(case, place, silent)
    assert place.number("SELECT count(*) FROM populace.outbox") == 0
    document = reconciled(case, place)
    assert document["ok"]
    assert document["days_left_out"]
    assert of_events(document)["expected"] == 0
    rows = {line["table"] for line in document["lines"] if line["check"] in ("rows", "written")}
    assert case.table in rows

    # The peer is away: events wait in the outbox, in the transaction of their rows.
    peer.captured.mode = "down"
    lived(case, place, away, **heard(peer))
    status = answer("outbox", "status", *which)["channels"]
    assert list(status) == [case.channel]
    waiting = status[case.channel]["waiting"]
    assert list(waiting) == [case.event]
    assert waiting[case.event] > 0

    # The past is queued with the ids that it would have had: what waits already is left as it is.
    past = answer("posthog", "backfill", "--since", "2020-01-01T00:00:00Z", *which)
    assert (past["channel"], past["events"] > 0) == (case.channel, True)
    assert answer("posthog", "backfill", "--since", "2020-01-01T00:00:00Z", *which)["events"] == 0
    document = reconciled(case, place)
    assert document["ok"]
    assert document["days_left_out"] == []
    found = of_events(document)
    assert found["expected"] == found["waiting"] == past["events"] + waiting[case.event]

    # It is there again, and refuses one event for good.
    peer.captured.mode = "well"
    poisoned = spoil(place)
    done = answer("deliver", *which, code=1, **heard(peer))
    assert (done["rejected"], done["waiting"]) == (1, 0)
    document = reconciled(case, place)
    assert document["ok"]
    found = of_events(document)
    assert (found["rejected"], found["waiting"]) == (1, 0)
    assert found["delivered"] == found["expected"] - 1 == len(peer.captured.events)
    assert peer.captured.state()["duplicates"] == 0
    (finding,) = [f for f in answer("doctor", *which, **heard(peer))["findings"] if "channel" in f["title"]]
    assert (finding["title"], finding["state"]) == (f"channel {case.channel}", "attention")
    assert finding["todo"].startswith(f"populace outbox status --channel {case.channel}")
    lived(case, place, there, **heard(peer))

    # Mended and retried, it is delivered too: every row has its event, and every event its row.
    mend(place, poisoned)
    assert answer("outbox", "retry", "--channel", case.channel, *which)["waiting_again"] == 1
    assert answer("deliver", "--channel", case.channel, *which, **heard(peer))["delivered"] >= 1
    document = reconciled(case, place)
    assert document["ok"]
    found = of_events(document)
    assert found["delivered"] == found["expected"] == len(peer.captured.events)
    assert place.rows("SELECT DISTINCT channel, kind FROM populace.delivered") == [(case.channel, case.event)]
    held = place.number(f"SELECT count(*) FROM public.{case.table}")
    gone = place.number(f"SELECT removed FROM populace.tally WHERE table_name = '{case.table}'")
    assert len(peer.captured.events) == held + gone + withheld(place, case)


def withheld(place: Place, case: Case) -> int:
    """Rows of people who had left before they were written; their events were."""
    return place.number(f"SELECT coalesce(sum(withheld), 0) FROM populace.emitted WHERE table_name = '{case.table}'")


def spoil(place: Place) -> str:
    """Make one event that waits such that the peer refuses it; as it was before."""
    with psycopg.connect(place.url) as connection:
        row = connection.execute("SELECT id, payload FROM populace.outbox ORDER BY at DESC, id LIMIT 1").fetchone()
        assert row is not None
        connection.execute(
            "UPDATE populace.outbox SET payload = jsonb_set(payload, '{properties,poison}', 'true') WHERE id = %s",
            (row[0],),
        )
    return json.dumps({"id": str(row[0]), "payload": row[1]})


def mend(place: Place, poisoned: str) -> None:
    with psycopg.connect(place.url) as connection:
        before = json.loads(poisoned)
        connection.execute(
            "UPDATE populace.outbox SET payload = %s WHERE id = %s AND rejected",
            (json.dumps(before["payload"]), before["id"]),
        )


def test_a_difference_between_rows_and_events_is_found(case: Case, place: Place) -> None:
    """After the test before, all agree; an event that is lost is one difference, on its day."""
    with psycopg.connect(place.url) as connection:
        connection.execute(
            "UPDATE populace.delivered SET n = n - 1 WHERE (channel, day) = (SELECT channel, max(day)"
            " FROM populace.delivered GROUP BY channel)"
        )
    try:
        document = reconciled(case, place, code=1)
        (line,) = [line for line in document["lines"] if line["difference"]]
        assert (line["check"], line["table"], line["difference"]) == ("events", case.table, -1)
    finally:
        with psycopg.connect(place.url) as connection:
            connection.execute(
                "UPDATE populace.delivered SET n = n + 1 WHERE (channel, day) = (SELECT channel, max(day)"
                " FROM populace.delivered GROUP BY channel)"
            )


def test_what_waits_for_real_time_is_counted_apart(case: Case, place: Place) -> None:
    which = ("--world", case.world, "--target", place.target)
    place.do(
        "INSERT INTO populace.outbox (id, channel, at, kind, payload)"
        f" SELECT gen_random_uuid(), '{case.channel}', now() + days * interval '1 day', '{case.event}', '{{}}'"
        " FROM unnest('{-3, 0, 2, 30}'::int[]) AS days"
    )
    try:
        said = "4, 2 of them for real time to catch up"
        for command in (("status",), ("posthog", "status"), ("outbox", "status")):
            assert said in call(*command, *which).stdout, command
        assert answer("status", *which)["channels"] == {case.channel: {"waiting": 4, "ahead_of_real_time": 2}}
        (finding,) = [f for f in answer("doctor", *which)["findings"] if "channel" in f["title"]]
        assert "2 lie ahead of real time" in finding["measured"]
    finally:
        place.do("DELETE FROM populace.outbox WHERE payload = '{}'")
    assert "catch up" not in call("status", *which).stdout


def test_a_channel_that_the_world_does_not_declare_is_refused(place: Place, case: Case) -> None:
    for command in (("deliver",), ("outbox", "status"), ("outbox", "retry"), ("posthog", "status")):
        said = call(*command, "--channel", "posthog", "--world", case.world, "--target", place.target, code=2).stderr
        assert case.channel in said, command
        assert "--channel" in said, command
