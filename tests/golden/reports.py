"""What a run puts into outboxes, and the digest of it: rows that a memory of tables has no place for."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from typing import Any

from populace.engine import Snapshots, Window, generate, shards
from populace.plan import Plan
from populace.spec import OUTBOX


def reported(
    plan: Plan, edges: Sequence[int], parts: int = 1, snapshots: Snapshots | None = None
) -> list[dict[str, Any]]:
    """Rows for outboxes from windows between moments, in the order of their ids."""
    rows = [
        row
        for a, b in itertools.pairwise(sorted(set(edges)))
        for shard in shards(plan, parts)
        for batch in generate(plan, shard, Window(a, b), None, snapshots, events=True)
        if batch.table == OUTBOX.name
        for row in batch.rows.to_pylist()
    ]
    return sorted(rows, key=lambda row: bytes(row["id"]))


def digest(rows: Sequence[dict[str, Any]]) -> str:
    """How many rows, and a hash of their values."""
    hashed = hashlib.sha256()
    for row in rows:
        hashed.update(
            repr([row[c.name].isoformat() if c.name == "at" else row[c.name] for c in OUTBOX.columns]).encode()
        )
    return f"{len(rows)}:{hashed.hexdigest()[:20]}"
