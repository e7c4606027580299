"""Snapshots in the target: what people carry, kept over a restart.

Each is signed with a key of the target, over all that says what it is of; it is bounded before it is unpacked, and
checked before it is used. A bad one is thrown away: the fold begins earlier then, and gives the same rows.
"""

from __future__ import annotations

import hmac
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg

from populace import clock
from populace.database import secret
from populace.database.connection import Connection, is_lost
from populace.engine import Snapshots, whole
from populace.engine.processes import state_fault
from populace.engine.snapshots import MOST_PACKED_BYTES, FoldState, SnapshotKey
from populace.plan import ENGINE_VERSION, Plan
from populace.runner import records
from populace.runner.records import SQL
from populace.spec import Flow

MOST_ROWS = 10_000
"""A runner stores one for each flow, or for each block of pools."""
_NUMBER_BYTES = 8


@dataclass(slots=True)
class SnapshotStore:
    """The snapshots of one target, through a session. A role that may not read the target's secret has none."""

    connection: Connection
    _key: bytes | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._key = secret.key_of(self.connection, "snapshots")

    def load(self, plan: Plan, mark_us: int, *, looking: bool = False) -> Snapshots:
        """What a fold up to the watermark may begin with. looking: bad ones are left where they are.

        Otherwise they are deleted, and the journal says how many there were, and why.
        """
        snapshots, bad = Snapshots(), {}
        for ctid, found in self._found(plan, mark_us) if self._key else ():
            if isinstance(found, str):
                bad[ctid] = found
            else:
                snapshots.put(*found)
        if bad and not looking:
            self.connection.execute(SQL["forget_snapshots"], {"ctids": list(bad)})
            why = Counter(bad.values())
            said = ", ".join(f"{many} {reason}" for reason, many in sorted(why.items()))
            records.journal(
                self.connection,
                "warning",
                "snapshot",
                f"{len(bad)} stored snapshots were thrown away ({said}); what they held is computed again",
                reasons=dict(why),
            )
        return snapshots

    def store(self, snapshots: Snapshots, written_to_us: int) -> None:
        """Write the snapshots that are new since the last time, each over the one of its slice before.

        written_to_us: the watermark; what lies after it is of a window that failed, and would be of no use. One that
        cannot be written is said in the journal, and does without.
        """
        for key, state in snapshots.each():
            if snapshots.stored.get(key) == state.as_of_us or state.as_of_us > written_to_us:
                continue
            snapshots.stored[key] = state.as_of_us
            self.write(self.rows([(key, state)]))

    def rows(self, states: Iterable[tuple[SnapshotKey, FoldState]]) -> list[Mapping[str, object]]:
        """States as they are stored, without those that are too large; the session is not used."""
        packed = ((key, state.as_of_us, state.packed() if self._key else None) for key, state in states)
        return [self._row(key, as_of_us, data) for key, as_of_us, data in packed if data is not None]

    def write(self, rows: Sequence[Mapping[str, object]]) -> None:
        """Write such rows, each over the one of its slice before."""
        for row in rows:
            try:
                with self.connection.transaction():
                    self.connection.execute(SQL["set_snapshot"], row)
            except psycopg.Error as error:
                if is_lost(error):
                    raise
                message = f"a snapshot could not be stored: {error.diag.message_primary or error}"
                records.journal(self.connection, "warning", "snapshot", message)

    def _row(self, key: SnapshotKey, as_of_us: int, packed: bytes) -> dict[str, object]:
        plan, interventions, engine, flow, low, high = key
        return {
            "flow": flow,
            "low": low,
            "high": high,
            "as_of": clock.to_datetime(as_of_us),
            "plan": plan,
            "interventions": interventions,
            "engine": engine,
            "mac": self._mac(key, as_of_us, packed),
            "state": packed,
        }

    def _mac(self, key: SnapshotKey, as_of_us: int, packed: bytes) -> bytes:
        assert self._key is not None
        said = json.dumps([*key, as_of_us]).encode()
        return hmac.digest(self._key, len(said).to_bytes(_NUMBER_BYTES) + said + packed, "sha256")

    def _found(self, plan: Plan, mark_us: int) -> Iterator[tuple[str, str | tuple[SnapshotKey, FoldState]]]:
        """Every stored snapshot by its place: its key and state, or what is wrong with it."""
        flows, slices = {flow.name: flow for flow in plan.world.flows}, whole(plan).slices
        for ctid, flow, low, high, as_of_us, of_plan, interventions, engine in self.connection.execute(
            SQL["snapshots"], {"most": MOST_ROWS}
        ).fetchall():
            if None in (flow, low, high, as_of_us, of_plan, interventions, engine):
                yield ctid, "incomplete"
                continue
            key: SnapshotKey = (of_plan, interventions, engine, flow, low, high)
            first, last = slices.get(flows[flow].root, (0, 0)) if flow in flows else (0, 0)
            if (of_plan, engine) != (plan.digest, ENGINE_VERSION) or not first <= low < high <= last:
                yield ctid, "of another plan"
            elif as_of_us > mark_us:
                yield ctid, "of a time to come"
            else:
                held = self.connection.execute(
                    SQL["snapshot_state"], {"ctid": ctid, "most": MOST_PACKED_BYTES}
                ).fetchone()
                if held is None:
                    yield ctid, "empty or too large"
                elif not hmac.compare_digest(held[0], self._mac(key, as_of_us, held[1])):
                    yield ctid, "altered"
                else:
                    yield ctid, _state(plan, flows[flow], key, as_of_us, held[1])


def _state(
    plan: Plan, flow: Flow, key: SnapshotKey, as_of_us: int, packed: bytes
) -> str | tuple[SnapshotKey, FoldState]:
    try:
        state = FoldState.unpacked(as_of_us, packed)
    except ValueError as error:
        return str(error)
    return state_fault(plan, flow, (key[4], key[5]), state) or (key, state)
