"""Commands of every kind in random order, from several processes at once, some of them killed: each once here,
for three minutes with `make torture`.

What is there at the end is explained by the plan and the interventions that were recorded: every check agrees, and a
seed of another database with both holds the same rows.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

import figures
from command import CLUB, ENVIRONMENT, Place, answer, call
from examples import where_all_run
from forks import Fork
from kills import DENSITY, SESSIONS, until, value
from populace import clock
from populace.runner import records
from populace.standins.posthog import MODES, Captured, Server
from populace.worlds import registry

SECONDS = 0.0 if DENSITY == 1 else 90.0
"""So long at least, for each of the two worlds; and until each command has begun."""
AT_ONCE = 4
KEY = "phc_of_the_tests"
EPOCH, FIRST_US = "2026-01-09T00:00:00Z", clock.parse("2026-01-09T12:00:00Z", "first")
MARK = "SELECT populace.watermark()"
DRAWN = "SELECT document FROM populace.draw_statistics"
EXPLAINED = {
    2: "no integration is configured",
    3: "another runner is at work here|the past does not change",
    4: "rows wait, and nothing is accepted|nobody runs this population",
}
"""What commands may refuse: exit codes, and what they say then."""


class Dice:
    """Throws that can be repeated: a hash of how often was thrown before."""

    def __init__(self, name: str) -> None:
        self._name, self._thrown = name, 0

    def below(self, high: int) -> int:
        """A whole number from 0 on, below another."""
        self._thrown += 1
        return int.from_bytes(hashlib.sha256(f"{self._name} {self._thrown}".encode()).digest()[:8], "big") % high

    def of(self, some: Sequence[Any]) -> Any:
        """One of several."""
        return some[self.below(len(some))]

    def shuffled(self, some: Sequence[str]) -> list[str]:
        """All of them, in another order."""
        return sorted(some, key=lambda _: self.below(1 << 60))


@dataclass(slots=True)
class Mix:
    """A population under mixed commands. more: of its seed. rates: values of the setting by which visits come.
    retain: days that are kept; None: the world has no retention. table: whose rows nobody removes for being old.
    """

    world: str
    more: Sequence[str]
    rate: str
    rates: Sequence[int]
    retain: int | None
    dice: Dice
    counted: Counter[str] = field(default_factory=Counter)

    def commands(self, place: Place, out: Path) -> Mapping[str, Callable[[], Sequence[str]]]:
        """Each command by name, with arguments of the moment."""
        dice, which = self.dice, ("--world", self.world)

        def later(minutes: int) -> str:
            with psycopg.connect(place.url) as connection:
                mark_us = clock.from_datetime(value(connection, MARK))
            return clock.iso(mark_us + (1 + dice.below(minutes)) * clock.MINUTE_US)

        known: dict[str, Callable[[], Sequence[str]]] = {
            "status": lambda: ("status", *which),
            "pause": lambda: ("pause", *which),
            "resume": lambda: ("resume", *which),
            "settings": lambda: ("settings", f"{self.rate}={dice.of(self.rates)}", *which),
            "settings --at": lambda: ("settings", f"{self.rate}={dice.of(self.rates)}", "--at", later(90), *which),
            "settings (shown)": lambda: ("settings", *which),
            "run-now": lambda: ("run-now", str(1 + dice.below(9)), "--force", *which),
            "run": lambda: ("run", self.world, "--speed", "max", "--until", later(200)),
            "run --speed": lambda: ("run", self.world, "--speed", str(3000 + dice.below(9000)), "--until", later(90)),
            "run --once": lambda: ("run", self.world, "--once"),
            "tick": lambda: ("tick", self.world, "--until", later(120)),
            "deliver": lambda: ("deliver", "--for", "1", *which),
            "validate": lambda: ("validate", self.world, "--json"),
            "export": lambda: ("export", self.world, "--format", "schema", "--out", str(out), "--force"),
            "count": lambda: ("count", *which),
            "doctor": lambda: ("doctor", *which),
            "logs": lambda: ("logs",),
        }
        if self.retain is not None:
            known["cleanup --retain-days"] = lambda: ("cleanup", "--retain-days", str(self.retain), *which)
            known["cleanup --retain-days (dry)"] = lambda: ("cleanup", "--retain-days", "0", "--dry-run", *which)
        return known

    def go(self, place: Place, peer: Server, out: Path) -> None:
        """Some commands at once, until the time is over. About every fifth is killed."""
        known, dice = self.commands(place, out), self.dice
        environment = {"POPULACE_POSTHOG_HOST": peer.url, "POPULACE_POSTHOG_KEY": KEY, "POPULACE_TARGET": place.target}
        end = clock.monotonic() + SECONDS
        names, running = dice.shuffled(list(known)), list[tuple[str, Fork, float]]()
        try:
            while running or names or clock.monotonic() < end:
                if len(running) < AT_ONCE and (names or clock.monotonic() < end):
                    name = names.pop() if names else dice.of(list(known))
                    peer.captured.mode = dice.of(MODES)
                    dies = clock.monotonic() + dice.below(800) / 1000 if dice.below(5) == 0 else float("inf")
                    running.append((name, Fork(known[name](), ENVIRONMENT | environment), dies))
                for one in list(running):
                    name, process, dies = one
                    if process.ended is None and clock.monotonic() < dies:
                        continue
                    running.remove(one)
                    self._ended(name, process)
                clock.sleep(0.01)
        finally:
            for _, process, _ in running:
                process.kill()

    def _ended(self, name: str, process: Fork) -> None:
        if process.ended is None:
            assert "Traceback" not in process.kill()
            self.counted[f"{name}: killed"] += 1
            return
        code, said = process.end()
        assert "Traceback" not in said, (name, said)
        assert "a fault of Populace" not in said, (name, said)
        judged = code == 1 and name == "validate"
        if judged:
            require_green(json.loads(said[said.index("{\n") : said.rindex("}") + 1]))
        assert code == 0 or judged or re.search(EXPLAINED.get(code, "$^"), said), f"{name}: exit {code}\n{said}"
        self.counted[f"{name}: {'done' if code == 0 else f'exit {code}'}"] += 1


def require_green(report: Mapping[str, Any]) -> None:
    """No check failed, but for what chance and a busy machine explain.

    A share may lie 3.29 standard errors away and lies further away once in a thousand, and how many visits come here is
    not the same each time. K7 judges all draws together, and is not excused.
    """
    failed = [v for v in report["verdicts"] if v["status"] == "failed" and not v["target"].startswith("p95 under")]
    shares = [v for v in failed if re.fullmatch(r"0\.\d+", v["target"])]
    assert [v for v in failed if v not in shares] == []
    assert len(shares) <= 2, shares


@pytest.fixture(params=["club", "recoverlution"])
def mix(request: pytest.FixtureRequest) -> Mix:
    if request.param == "club":
        return Mix(CLUB, ("--scenario", "busy", "--set=visit_days=1"), "rate", (0, 1, 4, 9), None, Dice("club"))
    small = [f"--set={s}" for s in ("count_users=60", "coverage_per_mindblock=1", "days=3")]
    return Mix("recoverlution", small, "sessions_per_min", (0, 1, 3, 6), 1, Dice("recoverlution"))


@pytest.fixture
def places(mix: Mix, make_database: Callable[..., str], opened_template: str) -> tuple[Place, Place]:
    """Where the commands go, and where the same is done in peace."""
    mixed, peaceful = (Place.at(mix.world, make_database(opened_template)) for _ in range(2))
    return mixed, peaceful


@where_all_run
@pytest.mark.torture
def test_what_mixed_commands_leave_is_explained_by_plan_and_interventions(
    mix: Mix, places: tuple[Place, Place], tmp_path: Path
) -> None:
    place, peaceful = places
    seed = ("seed", mix.world, "--seed", "1", "--yes", "--now", clock.iso(FIRST_US))
    call(*seed, "--epoch", EPOCH, *mix.more, "--target", place.target)
    with Server(Captured(KEY, slow_s=0.3)) as peer:
        began = clock.monotonic()
        mix.go(place, peer, tmp_path / "schema")
        took_s = clock.monotonic() - began
        with psycopg.connect(place.url, autocommit=True) as watch:
            until(lambda: value(watch, SESSIONS) == 0, "the sessions of killed commands to end")
            last_us = clock.from_datetime(value(watch, MARK)) // clock.HOUR_US * clock.HOUR_US + 2 * clock.HOUR_US
        peer.captured.mode = "well"
        heard = {"POPULACE_POSTHOG_HOST": peer.url, "POPULACE_POSTHOG_KEY": KEY}
        done = answer("run", mix.world, "--speed", "max", "--until", clock.iso(last_us), "--target", place.target,
                      **heard)  # fmt: skip
        assert done["watermark"] == clock.iso(last_us)
        if mix.world == CLUB:
            place.do("UPDATE populace.outbox SET not_before = NULL")
            assert answer("deliver", "--world", CLUB, "--target", place.target, **heard)["waiting"] == 0
    report = judged(place)
    require_green(report)
    reconciled = answer("reconcile", mix.world, "--target", place.target)
    assert (reconciled["ok"], reconciled["differing"]) == (True, 0)

    plan = tmp_path / "recorded.json"
    plan.write_text(json.dumps(recorded(place, mix.world)))
    call("seed", mix.world, "--plan", str(plan), "--now", clock.iso(last_us), "--yes", "--target", peaceful.target)
    if mix.retain is not None:
        for kept in places:
            call("cleanup", "--retain-days", str(mix.retain), "--world", mix.world, "--target", kept.target)
    assert place.contents() == peaceful.contents()
    assert place.rows(DRAWN) == peaceful.rows(DRAWN)

    part = f"mixed commands: {Path(mix.world).name}"
    figures.add(part, "seconds", round(took_s))
    figures.add_all(part, mix.counted)
    figures.add(part, "commands in all", mix.counted.total())
    interventions = "SELECT count(*) FROM populace.intervention"
    figures.add(part, "interventions", place.number(interventions))
    figures.add(part, "simulated minutes lived", (last_us - FIRST_US) // clock.MINUTE_US)
    figures.add(part, "checks that agree", report["checks"] - report["failed"] - report["open"])
    figures.add(part, "groups of rows and events that differ", reconciled["differing"])
    figures.add(part, "tables equal to those of a seed in peace", len(place.contents()))


def judged(place: Place) -> Mapping[str, Any]:
    """What `validate` says, whatever that is."""
    done = call("validate", place.world, "--json", "--target", place.target, code=None)
    return dict(json.loads(done.stdout))


def recorded(place: Place, world: str) -> Mapping[str, Any]:
    """The plan of a target with the interventions in force, as `plan --out` writes one."""
    with psycopg.connect(place.url) as connection:
        found = registry.find(world)
        record = records.read_plan(connection)
        assert record is not None
        return records.stored_plan(connection, found, record).document()
