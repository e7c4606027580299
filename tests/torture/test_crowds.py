"""Many that want the same at once on one target: ten runners, five seeds. One does it, and the others say so."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

import figures
from command import CLUB, ENVIRONMENT, Place, answer, call
from examples import where_all_run
from forks import Fork
from kills import DENSITY, SESSIONS, WAITING, Hold, locked, until, value

SEED = ("seed", CLUB, "--scenario", "busy", "--set=visit_days=1", "--seed", "7", "--epoch", "2026-01-09T00:00:00Z",
        "--yes", "--now")  # fmt: skip
NOON, AFTERNOON, EVENING = "2026-01-09T12:00:00Z", "2026-01-09T14:00:00Z", "2026-01-09T18:30:00Z"
WAITS = "is at work here; waiting for it to end"
RUNNERS, SEEDS = 10, 5


def begun(target: str, count: int, command: Sequence[str]) -> list[Fork]:
    """So many processes of the same command."""
    return [Fork([*command, "--target", target], ENVIRONMENT) for _ in range(count)]


def document(said: str) -> dict[str, Any]:
    """The JSON document in what a command said."""
    return dict(json.loads(said[said.index("{\n") : said.rindex("}") + 1]))


@pytest.fixture
def undisturbed(make_database: Callable[..., str], opened_template: str) -> dict[str, dict[str, str]]:
    """What one seed holds at noon, and when it has lived until the evening."""
    place = Place.at(CLUB, make_database(opened_template))
    answer(*SEED, NOON, "--target", place.target)
    at_noon = place.contents()
    answer("run", CLUB, "--speed", "max", "--until", EVENING, "--target", place.target)
    return {NOON: at_noon, EVENING: place.contents()}


@where_all_run
@pytest.mark.torture
@pytest.mark.parametrize("turn", range(DENSITY))
def test_crowds_on_one_target(undisturbed: dict[str, dict[str, str]], tmp_path: Path, turn: int) -> None:
    """Five seeds at once where there is no server yet; then ten runners at once to one moment, and to ten moments."""
    target = f"embedded:{tmp_path / 'pg'}"
    try:
        five_seeds(target)
        place = Place(CLUB, tmp_path / "pg")
        assert place.contents() == undisturbed[NOON]
        assert place.rows("SELECT state FROM populace.plan") == [("ready",)]
        ten_runners(place)
        ten_runners_to_ten_moments(place, turn)
        assert place.contents() == undisturbed[EVENING]
    finally:
        call("db", "stop", "--target", target)


def five_seeds(target: str) -> None:
    """They make a server, one of them seeds, and the others refuse or find that nothing is left to do."""
    counted = Counter[str]()
    for code, said in [seed.end() for seed in begun(target, SEEDS, (*SEED, NOON, "--json"))]:
        assert code in (0, 3), said
        if code == 3:
            assert "is at work on this target" in said
            counted["refused: another seed is at work"] += 1
        else:
            counted["unchanged" if document(said)["unchanged"] else "seeded"] += 1
    assert counted["seeded"] == 1, counted
    figures.add_all("five seeds, no server yet", counted)


def ten_runners(place: Place) -> None:
    """One leads, and the others say who does."""
    with psycopg.connect(place.url, autocommit=True) as watch:
        # None has written its first window before all have come.
        held = Hold(place.url, locked("populace.ledger")).taken()
        runners = begun(place.target, RUNNERS, ("run", CLUB, "--speed", "max", "--until", AFTERNOON, "--json"))
        until(lambda: sum(WAITS in r.said for r in runners) == RUNNERS - 1, "nine runners to wait")
        assert value(watch, SESSIONS) >= RUNNERS
        held.release()
        ended = [runner.end() for runner in runners]
    assert {code for code, _ in ended} == {0}, ended
    led = [document(said) for _, said in ended if WAITS not in said]
    waited = [document(said) for _, said in ended if WAITS in said]
    assert [(one["watermark"], one["windows"]) for one in led] == [(AFTERNOON, 2)]
    assert [one["windows"] for one in waited] == [0] * (RUNNERS - 1)
    assert all("populace run club" in said for _, said in ended if WAITS in said)
    figures.add("ten runners", "led", len(led))
    figures.add("ten runners", "said who leads, and wrote nothing", len(waited))


def ten_runners_to_ten_moments(place: Place, turn: int) -> None:
    """Whoever leads has to end for the next: none of them waits for ever."""
    ends = [f"2026-01-09T{14 + (7 * n + turn) % 4:02}:{10 + n}:00Z" for n in range(RUNNERS - 1)] + [EVENING]
    runners = [begun(place.target, 1, ("run", CLUB, "--speed", "max", "--until", end, "--json"))[0] for end in ends]
    ended = [runner.end() for runner in runners]
    assert {code for code, _ in ended} == {0}, ended
    windows = [document(said)["windows"] for _, said in ended]
    assert sum(windows) >= 5
    figures.add("ten runners to ten moments", "led for a while", sum(n > 0 for n in windows))
    figures.add("ten runners to ten moments", "windows written, of all", sum(windows))


@where_all_run
@pytest.mark.torture
def test_while_one_of_five_seeds_writes_the_others_are_refused(
    undisturbed: dict[str, dict[str, str]], opened_url: str
) -> None:
    place = Place.at(CLUB, opened_url)
    held = Hold(place.url, locked("populace.ledger")).taken()
    seeds = begun(place.target, SEEDS, (*SEED, NOON, "--json"))
    with psycopg.connect(place.url, autocommit=True) as watch:
        until(lambda: bool(watch.execute(WAITING, (held.pid,)).fetchall()), "one seed to write")
    until(lambda: sum(seed.ended is not None for seed in seeds) == SEEDS - 1, "four seeds to be refused")
    assert place.number("SELECT count(*) FROM public.people") == 0
    held.release()
    ended = sorted(seed.end() for seed in seeds)
    assert [code for code, _ in ended] == [0] + [3] * (SEEDS - 1), ended
    assert all("populace seed club is at work on this target" in said for code, said in ended if code)
    assert place.contents() == undisturbed[NOON]
    assert answer(*SEED, NOON, "--target", place.target)["unchanged"]
    figures.add("five seeds, one of them held", "refused", SEEDS - 1)
    figures.add("five seeds, one of them held", "seeded")
