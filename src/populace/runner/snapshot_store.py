"""Snapshots in the target: what people carry, kept over a restart. Each is checked when read; a bad one is none."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from populace import clock
from populace.database.connection import Connection
from populace.engine import Snapshots
from populace.engine.snapshots import FoldState
from populace.runner.records import SQL


def load(connection: Connection) -> Snapshots:
    """The snapshots of the target. What was altered, or cannot be read, is left out: the fold begins earlier then."""
    snapshots = Snapshots()
    for flow, low, high, as_of, plan, interventions, engine, sha256, packed in connection.execute(SQL["snapshots"]):
        if hashlib.sha256(packed).hexdigest() != sha256:
            continue
        with suppress(ValueError, OSError, KeyError):
            state = FoldState.unpacked(clock.from_datetime(as_of), packed)
            snapshots.put((plan, interventions, engine, flow, low, high), state)
    return snapshots


def store(connection: Connection, snapshots: Snapshots, written_to_us: int) -> None:
    """Write the snapshots that are new since the last time, each over the one of its slice before.

    written_to_us: the watermark; what lies after it is of a window that failed, and would be of no use.
    """
    for key, state in snapshots.each():
        plan, interventions, engine, flow, low, high = key
        if snapshots.stored.get(key) == state.as_of_us or state.as_of_us > written_to_us:
            continue
        snapshots.stored[key] = state.as_of_us
        packed = state.packed()
        connection.execute(
            SQL["set_snapshot"],
            {
                "flow": flow,
                "low": low,
                "high": high,
                "as_of": clock.to_datetime(state.as_of_us),
                "plan": plan,
                "interventions": interventions,
                "engine": engine,
                "sha256": hashlib.sha256(packed).hexdigest(),
                "state": packed,
            },
        )
