"""The bodies that `/api/v1` takes: what OpenAPI describes, and pydantic checks."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from populace.api.body import Body, shown
from populace.settings import DEFAULT_WORLD

FASTEST = 1e6
ISO = "2026-02-01T00:00:00Z"


class Wanted(Body):
    """What a plan is made of; see `populace plan --help`."""

    model_config = shown(world=DEFAULT_WORLD, scenario="demo")

    world: str | None = Field(None, description="A name, or the path of a world on the server. Default: the server's.")
    scenario: str | None = None
    seed: int | None = Field(None, ge=0, lt=2**63)
    now: str | None = Field(None, examples=[ISO])
    epoch: str | None = Field(None, examples=[ISO])
    settings: dict[str, Any] = Field(default_factory=dict, description="Values by path; see /api/v1/worlds/{world}.")

    def changes(self) -> dict[str, Any]:
        """The fields of a request for a plan."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "now": self.now,
            "epoch": self.epoch,
            "changes": self.settings,
        }


class Calibrating(Body):
    """What a real product's people do in sum, and how long to search; see docs/how-to/calibrate.md for the aggregates.
    Never rows of people."""

    model_config = shown(world=DEFAULT_WORLD, aggregates={"retention": {"d1": 0.3}, "activity": {"dau": 420}})

    world: str | None = Field(None, description="A name, or the path of a world on the server. Default: the server's.")
    scenario: str | None = None
    seed: int | None = Field(None, ge=0, lt=2**63)
    settings: dict[str, Any] = Field(default_factory=dict, description="Values by path, which are not moved.")
    aggregates: dict[str, Any] = Field(default_factory=dict, description="As in the file: retention, activity, …")
    evaluations: int | None = Field(None, ge=8, le=10_000, description="Simulations, at most.")


class Repairing(Body):
    """What is to be repaired of the population; see `populace seed --help`."""

    model_config = shown(dry_run=True)

    mend_changed: bool = False
    dry_run: bool = False


class Refreshing(Wanted):
    """What to seed after a backup and a reset; see `populace refresh --help`. The app's command, and where images
    and backups go, are the server's settings, and no body's."""

    model_config = shown(world=DEFAULT_WORLD, dry_run=True)

    reset_schemas: list[str] = Field(default_factory=list, description="Schemas of the app that are emptied.")
    dry_run: bool = True
    confirm: str | None = Field(None, description="The name of the world, unless it is a dry run.")

    def changes(self) -> dict[str, Any]:
        """The fields of a request for a refresh."""
        return {**super().changes(), "reset_schemas": tuple(self.reset_schemas), "dry_run": self.dry_run}


class Intervening(Body):
    """New values of live parameters, a preset, or a pause; for the next window or from a later moment on."""

    model_config = shown(enabled=True)

    settings: dict[str, Any] = Field(default_factory=dict, description="Values by path; see /api/v1/interventions.")
    preset: str | None = None
    enabled: bool | None = None
    at: str | None = Field(None, description="A simulated time, ISO with a zone.", examples=[ISO])


class Trying(Body):
    """New values of live parameters, or a preset."""

    model_config = shown(settings={"enabled": False})

    settings: dict[str, Any] = Field(default_factory=dict, description="Values by path; see /api/v1/interventions.")
    preset: str | None = None


class Bringing(Body):
    """Sessions beside those that come by themselves."""

    model_config = shown(sessions=5)

    sessions: int = Field(5, ge=1, le=1000)
    force: bool = False


class Timing(Body):
    """By which clock a population lives."""

    model_config = shown(mode="free", speed=60.0)

    mode: Literal["wall", "free"]
    speed: float | None = Field(None, gt=0, le=FASTEST)


class Pacing(Body):
    """How fast this server's runner goes, until a simulated time; without a speed by the target's clock."""

    model_config = shown(speed=60)

    speed: float | Literal["max"] | None = Field(None, examples=[60])
    until: str | None = Field(None, examples=[ISO])


class Cleaning(Body):
    """What goes: everything, a batch, or what is older than so many days. A dry run changes nothing."""

    model_config = shown(retain_days=30, dry_run=True)

    retain_days: int | None = Field(None, ge=0, le=36_500)
    batch: str | None = None
    keep_referenced: bool = False
    allow_effects: bool = False
    dry_run: bool = True
    confirm: str | None = Field(None, description="The name of the world, unless it is a dry run.")


class Retrying(Body):
    """A channel; none: all of them."""

    model_config = shown(channel=None)

    channel: str | None = None
