"""`make bots`: visits in a real browser by the hundred, and whether they are what the navigation declares.

Seeds HogFlix with short visits and many newcomers, shows its site, and plays; runs are killed before, in states that
are observed. Prints chi-square of where visits begin and of each step's share, what became of the visits, whether all
checks hold, and by how much the memory of the process that runs them grows; exits with 1 when anything is amiss.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from math import inf
from pathlib import Path
from statistics import linear_regression, pvariance
from typing import Any

from populace import clock
from populace.database.connection import connect
from populace.spec.navigation import VISIT
from populace.worlds.hogflix import WORLD
from populace.worlds.hogflix.parameters.visits import DEPTHS

BOUND = 4.4
"""Standard errors that a share may be off."""
STATES = {
    "claimed": "SELECT count(*) FILTER (WHERE state = 'claimed') > 0 AND count(*) FILTER (WHERE state = 'playing') = 0"
    " FROM populace.delegated_visit",
    "playing": "SELECT count(*) FILTER (WHERE state = 'playing') > 0 FROM populace.delegated_visit",
    "played": "SELECT count(*) FILTER (WHERE state = 'played') > %s FROM populace.delegated_visit",
}
"""When a run is killed: what its records say then."""
PASSWORD = "a-word-of-the-bench"
EVERY = 10
"""Visits of which the least memory is taken: what is held in any case, whatever one of them takes for a moment."""
FLAT = 1.0
"""MB in 100 visits that memory may grow by; it is flat, or grows, where the slope is so by two standard errors."""
NEWCOMERS = ("--set", "signups=always", "--set", "signups_low=10", "--set", "signups_high=10")


def main() -> None:
    """Play, kill, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=500)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--kills", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="populace-bots-") as folder:
        os.chmod(folder, 0o755)  # the embedded server may be another user's process
        os.environ |= {"POPULACE_LOGIN_PASSWORD": PASSWORD, "XDG_DATA_HOME": f"{folder}/data"}
        target = f"embedded:{Path(folder) / 'db'}"
        short = [word for name in DEPTHS for end in ("low=1", "high=2") for word in ("--set", f"depth_{name}_{end}")]
        populace(
            "seed", "hogflix", "--now", "2026-01-10T12:00:00Z", "--set", "days=30", *short, *NEWCOMERS,
            "--target", target, "--yes",
        )  # fmt: skip
        site = subprocess.Popen(
            command("site", "--json", "--port", "7099", "--target", target), stdout=subprocess.DEVNULL
        )
        try:
            sys.exit(0 if judged(target, "http://127.0.0.1:7099", given) else 1)
        finally:
            site.terminate()
            site.wait()
            populace("db", "stop", "--target", target)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "populace", *words]


def populace(*words: str, check: bool = True) -> str:
    """What a command prints."""
    return subprocess.run(command(*words), check=check, text=True, stdout=subprocess.PIPE).stdout


def judged(target: str, base: str, given: argparse.Namespace) -> bool:
    url = populace("db", "url", "--target", target).strip()
    bots = ("bots", "--target", target, "--site", base, "--speed", "max", "--json", "--quiet")
    clock.sleep(5)
    for nth in range(given.kills):
        killed(url, bots, list(STATES)[nth % len(STATES)])
    process = subprocess.Popen(
        command(*bots, "--sessions", f"{given.visits}", "--concurrency", f"{given.concurrency}"),
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    held = watched(process, url)
    assert process.stdout
    result = json.loads(process.stdout.read())
    states = Counter(dict(rows(url, "SELECT state, count(*) FROM populace.delegated_visit GROUP BY 1")))
    print(f"visits     {result['visits']}; with those of killed runs {dict(states)}")
    print(f"faults     {result['faults'] or 'none'}; interrupted before it {result['interrupted_before']}")
    half = dict(sorted(held.items())[len(held) // 2 :])
    growth, error = slope(half)
    verdict = "flat" if growth + 2 * error <= FLAT else "it grows" if growth - 2 * error > FLAT else "unsure, play more"
    print(f"memory     of the second half {min(half.values()):.0f} to {max(half.values()):.0f} MB", end="; ")
    print(f"{growth:+.2f} ± {error:.2f} MB in 100 visits: {verdict}")
    print(f"seconds    {result['seconds']}")
    doubled = rows(url, "SELECT count(*) - count(DISTINCT u.email) FROM auth.users AS u")[0][0]
    print(f"sign-ups   {result['sign_ups']} in the browser; accounts doubled {doubled}")
    well = result["visits"] == {"played": given.visits} and not states["claimed"] and not states["playing"]
    well &= not doubled and verdict != "it grows"
    found = {VISIT: sum(result["visits"].values()) - result["sign_ups"], **result["steps"]}
    well &= shares(found)
    verdicts = json.loads(populace("validate", "--json", "--target", target, check=False))["verdicts"]
    amiss = [v["title"] for v in verdicts if v["ok"] is False and v["id"] != "C37"]
    print(f"checks     {len(verdicts)}, {len(amiss)} failed beside C37 (so short are the visits): {amiss}")
    return well and not amiss


def killed(url: str, bots: tuple[str, ...], state: str) -> None:
    """Start a run, and kill it in a state."""
    ended = rows(url, "SELECT count(*) FROM populace.delegated_visit WHERE state = 'played'")[0][0]
    process = subprocess.Popen(command(*bots, "--sessions", "50"), stdout=subprocess.DEVNULL)
    while process.poll() is None and not rows(url, STATES[state], *([ended] if "%s" in STATES[state] else []))[0][0]:
        clock.sleep(0.02)
    assert process.poll() is None, "the run ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    print(f"killed     when {state}", flush=True)


def rows(url: str, query: str, *values: object) -> list[Any]:
    with connect(url, application_name="bench") as connection:
        return connection.execute(query, values).fetchall()


def shares(found: dict[str, int]) -> bool:
    """Whether steps are done as often as declared: chi-square of the entries, and of each share with one degree."""
    navigation, values = WORLD.navigation, WORLD.values({p.path: p.default for p in WORLD.parameters})
    assert navigation is not None
    weights = values.series("entry_weights")
    expected = [w / sum(weights) * found[VISIT] for w in weights]
    chi = sum((found.get(n, 0) - e) ** 2 / e for n, e in zip(navigation.entries, expected, strict=True))
    freedom = len(weights) - 1
    well = chi <= freedom * (1 - 2 / (9 * freedom) + BOUND * (2 / (9 * freedom)) ** 0.5) ** 3
    print(f"entries    {[found.get(n, 0) for n in navigation.entries]}, chi-square {chi:.1f} of {freedom} degrees")
    for step in navigation.steps:
        # How far is watched depends on the class of a visit, and classes on how long visits are.
        if step.share and step.among and step.name != "half":
            share, among = values.number(step.share), found.get(step.among, 0)
            chi = (found.get(step.name, 0) - share * among) ** 2 / (share * (1 - share) * among)
            well &= chi <= BOUND**2
            seen = f"{found.get(step.name, 0)} of {among}"
            print(f"{step.name:10} {seen}, {found.get(step.name, 0) / among:.3f} for {share}; chi-square {chi:.1f}")
    return well


def watched(process: subprocess.Popen[str], url: str) -> dict[int, float]:
    """The least memory of a process (MB) in each few visits that it plays, by how many were over before them."""
    over = "SELECT count(*) FROM populace.delegated_visit WHERE state IN ('played', 'failed')"
    before, seen = rows(url, over)[0][0], dict[int, float]()
    while process.poll() is None:
        many = (rows(url, over)[0][0] - before) // EVERY * EVERY
        status = Path(f"/proc/{process.pid}/status").read_text()
        if "VmRSS:" in status:
            held = int(status.partition("VmRSS:")[2].split()[0]) / 1024
            seen[many] = min(held, seen.get(many, held))
        clock.sleep(1)
    return seen


def slope(held: dict[int, float]) -> tuple[float, float]:
    """By how much memory grows in 100 visits, MB, and its standard error; with fewer than three points any error is
    possible."""
    if len(held) < 3:
        return 0.0, inf
    x, y = list(held), list(held.values())
    growth, level = linear_regression(x, y)
    rest = sum((b - level - growth * a) ** 2 for a, b in held.items()) / (len(held) - 2)
    return 100 * growth, 100 * (rest / (pvariance(x) * len(x))) ** 0.5


if __name__ == "__main__":
    main()
