"""Four deliverers at the same time against a peer that does everything wrong that a peer can do, and then is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

import figures
from command import CLUB, ENVIRONMENT, Place, answer
from examples import where_all_run
from forks import Fork
from kills import DENSITY, until
from populace import clock
from populace.standins.posthog import Captured, Server

PART = "four deliverers, one of them killed"
KEY = "phc_of_the_tests"
WRONG = ("broken", "half", "lost", "down", "cut", "too_many", "half", "broken", "cut", "lost")
TIMED_OUT_S = 10.5
"""Longer than a deliverer waits."""
WHICH = ("--world", CLUB)


@dataclass(slots=True)
class Recording(Captured):
    """Keeps what came together, whether it was called history, and when."""

    together: list[tuple[bool, list[str], int]] = field(default_factory=list)

    def take(self, body: Mapping[str, Any]) -> None:
        came = [event["timestamp"] for event in body["batch"]]
        self.together.append((body["historical_migration"], came, clock.now_us()))
        Captured.take(self, body)


@pytest.fixture
def place(opened_url: str) -> Place:
    """A population under a wall clock, with three days of events that wait: history, and what is new."""
    made = Place.at(CLUB, opened_url)
    answer("seed", CLUB, "--set=visit_days=3", "--set=rate=1", "--yes", "--target", made.target)
    answer("posthog", "backfill", "--since", "2020-01-01T00:00:00Z", *WHICH, "--target", made.target)
    return made


def reconciled(place: Place) -> dict[str, int]:
    """Sums over all days of events, which have to agree."""
    document = answer("reconcile", CLUB, "--target", place.target)
    assert (document["ok"], document["differing"]) == (True, 0)
    lines = [line for line in document["lines"] if line["check"] == "events"]
    return {name: sum(line.get(name, 0) for line in lines) for name in ("expected", "delivered", "waiting", "rejected")}


@where_all_run
@pytest.mark.torture
def test_each_event_arrives_and_is_recorded_once(place: Place) -> None:
    waiting = {row[0] for row in place.rows("SELECT id::text FROM populace.outbox")}
    before = reconciled(place)
    assert before["expected"] == before["waiting"] == len(waiting) > 5_000
    # Between two bad times it is well for a moment, or all of them would give up after a minute.
    script = ["slow", "slow", *[*WRONG * 2, *["well"] * 4] * DENSITY]
    misbehaved = Counter(script)
    captured = Recording(KEY, script=script, slow_s=TIMED_OUT_S, retry_after_s=1)
    with Server(captured) as peer:
        environment = ENVIRONMENT | {"POPULACE_POSTHOG_HOST": peer.url, "POPULACE_POSTHOG_KEY": KEY}
        command = ["deliver", "--json", *WHICH, "--target", place.target]
        deliverers = [Fork(command, environment) for _ in range(4)]
        until(lambda: len(script) < len(WRONG), "the peer to have misbehaved for a while")
        said = deliverers.pop(0).kill()
        assert "Traceback" not in said, said
        deliverers.append(Fork(command, environment))
        ended = [deliverer.end() for deliverer in deliverers]
        # Whoever met only bad times for a minute has given up, and says so.
        assert {code for code, _ in ended} <= {0, 4}, ended
        assert all((code == 4) is ('"away": {}' not in said) for code, said in ended), ended
        for _ in range(len(script)):
            Fork(command, environment).end()
        assert Fork(command, environment).end()[0] == 0
    assert not script
    # At least once there, and once in our records.
    assert set(captured.events) == waiting
    after = reconciled(place)
    assert after == before | {"delivered": len(waiting), "waiting": 0}
    assert place.rows("SELECT count(*), (SELECT sum(n) FROM populace.delivered) FROM populace.outbox") == [
        (0, len(waiting))
    ]
    # New and historical events never come together, and what comes together comes in order.
    assert captured.misflagged == 0
    for historical, came, at_us in captured.together:
        assert came == sorted(came)
        if not historical:
            assert clock.parse(came[0], "came") >= at_us - 48 * clock.HOUR_US - clock.MINUTE_US
    assert 0 < captured.historical < captured.received
    figures.add(PART, "events that waited", len(waiting))
    for mode, times in misbehaved.items():
        figures.add(PART, f"batches answered by: {mode}", times)
    figures.add(PART, "events received", captured.received)
    figures.add(PART, "events received again, and counted once", captured.received - len(captured.events))
    figures.add(PART, "events recorded as delivered", after["delivered"])
    figures.add(PART, "differences", sum(after[name] for name in ("waiting", "rejected")))
