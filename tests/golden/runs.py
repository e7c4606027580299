"""Runs of the club, cut in shards and windows at will (`populace.runner.cutting`)."""

from __future__ import annotations

from populace.clock import parse
from populace.plan import Plan, resolve
from populace.runner.cutting import Cuts, Outcome, run, windows
from populace.spec import World
from tiny import CLUB

__all__ = ["EPOCH", "Cuts", "Outcome", "club", "run", "windows"]

EPOCH = parse("2026-01-10T00:00:00Z", "epoch")


def club(world: World = CLUB, scenario: str = "default", seed: int = 1, **overrides: object) -> Plan:
    """A plan of the club, or of a world made from it."""
    return resolve(world, scenario, seed=seed, epoch_us=EPOCH, overrides=overrides)
