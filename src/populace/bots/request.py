"""What a run of bots is asked for, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from populace import clock
from populace.engine.upcoming import Upcoming
from populace.errors import BadInput, CheckFailed, PopulaceError

SPEED = 60.0
"""So many times as fast as people are visits played, where nobody says."""
MOST_SPEED, MOST_AT_ONCE, MOST_SESSIONS = 1e6, 32, 100_000


@dataclass(frozen=True, slots=True)
class PlayRequest:
    """site: its address. sessions: so many visits; None: until it is stopped. real_time: each waits for its moment.

    concurrency: browsers at once. rate: visits that may begin in a minute; None: as many as there are. speed: so many
    times as fast as people; None: as they are with real_time, else `SPEED`; 0: without any pause. pages: a page map;
    None: the world's own. patience_s: for each thing on a page. folder: of profiles and pictures; None: the user's.
    """

    site: str
    sessions: int | None = 10
    real_time: bool = False
    concurrency: int = 1
    rate: float | None = None
    speed: float | None = None
    headed: bool = False
    pages: Path | None = None
    chromium: Path | None = None
    patience_s: float = 15.0
    world: str | None = None
    folder: Path | None = None


@dataclass(slots=True)
class PlayResult:
    """What was played. states: visits by what became of them. steps: by name, how often. rows: that appeared in the
    database. faults: by kind, how often, and what was said first. elsewhere: where the site wanted browsers to go.
    carried: visits that began with cookies or storage of an earlier one. sign_ups: visits in which somebody signed up.
    stopped: why the run ended early.
    """

    site: str
    states: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    faults: dict[str, tuple[int, str]] = field(default_factory=dict)
    elsewhere: Counter[str] = field(default_factory=Counter)
    carried: int = 0
    sign_ups: int = 0
    interrupted_before: int = 0
    seconds: float = 0.0
    stopped: PopulaceError | None = None

    def document(self) -> dict[str, Any]:
        """As `bots --json` prints it."""
        return {
            "site": self.site,
            "visits": dict(sorted(self.states.items())),
            "steps": dict(sorted(self.steps.items())),
            "rows": self.rows,
            "faults": {kind: {"visits": many, "first": first} for kind, (many, first) in sorted(self.faults.items())},
            "elsewhere": sorted(self.elsewhere),
            "carried": self.carried,
            "sign_ups": self.sign_ups,
            "interrupted_before": self.interrupted_before,
            "seconds": round(self.seconds, 1),
            "stopped": None if self.stopped is None else self.stopped.what,
        }

    def fault(self) -> PopulaceError | None:
        """Why the run was not all well."""
        if self.stopped is not None:
            return self.stopped
        if self.states["failed"]:
            said = "; ".join(f"{many} × {first}" for many, first in self.faults.values())
            return CheckFailed(f"{self.states['failed']} visits failed: {said}", where="bots")
        return None


@dataclass(frozen=True, slots=True)
class Preview:
    """Visits that would be played next."""

    visits: Sequence[Upcoming]

    def document(self) -> list[dict[str, Any]]:
        """As `bots --dry-run --json` prints them."""
        return [
            {
                "person": one.called,
                "begins": clock.iso(one.begins_us),
                "ends": clock.iso(one.ends_us),
                "steps": [deed.step for deed in one.deeds],
            }
            for one in self.visits
        ]


def checked(request: PlayRequest) -> None:
    parts = urlsplit(request.site)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise BadInput(
            "this is not the address of a site", where="bots.site", given=request.site, allowed="http://127.0.0.1:7080"
        )
    for name, given, low, high in (
        ("sessions", request.sessions, 1, MOST_SESSIONS),
        ("concurrency", request.concurrency, 1, MOST_AT_ONCE),
        ("rate", request.rate, 0.1, 10_000),
        ("speed", request.speed, 0, MOST_SPEED),
        ("patience", request.patience_s, 0.1, 600),
    ):
        if given is not None and not low <= given <= high:
            raise BadInput(
                "this number is out of bounds", where=f"bots.{name}", given=given, allowed=f"{low:,} to {high:,}"
            )
