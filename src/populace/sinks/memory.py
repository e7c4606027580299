"""A sink that keeps rows in memory, for tests and previews: the shipped twin of the Postgres sink."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from populace.batch import Batch
from populace.sinks.sink import Tallies
from populace.spec import Table, World

KEPT_BY_MERGE = ("id", "created_at")
"""Columns that a merge never touches."""


def _plain(value: object) -> object:
    """A value whose `repr` depends on nothing but itself."""
    return value.isoformat() if isinstance(value, datetime) else value


class MemorySink:
    """Rows by table and key, as the app would see them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tallies = Tallies()
        self.rows: dict[str, dict[tuple[object, ...], dict[str, object]]] = {t.name: {} for t in world.tables}

    def write(self, batch: Batch) -> None:
        """Apply one batch. Raises ValueError when an appended key is there already."""
        table, held = self._world.table(batch.table), self.rows[batch.table]
        tally = self._tallies.of(batch.table)
        if batch.act == "remove":
            owner = batch.rows.schema.names[0]
            owners = self._owners(table, set(batch.rows.column(0).to_pylist()))
            doomed = [key for key, row in held.items() if row[owner] in owners]
            tally.removed += len(doomed)
            for key in doomed:
                del held[key]
            return
        for row in batch.rows.to_pylist():
            key = tuple(row[name] for name in table.key)
            if key in held:
                if batch.act == "append":
                    raise ValueError(f"{table.full_name}: the key {key} is written twice")
                row.update({name: held[key][name] for name in KEPT_BY_MERGE if name in row})
            held[key] = row
            tally.attempted += 1
            tally.written += 1

    def _owners(self, table: Table, members: set[Any]) -> set[Any]:
        """The values of a table's owner column that belong to these members."""
        if table.through is None:
            return members
        parent = self._world.table(table.through)
        owners = self._owners(parent, members)
        return {row["id"] for row in self.rows[parent.name].values() if row[str(parent.owner)] in owners}

    def flush(self) -> None:
        """Nothing is ever held back."""

    def tallies(self) -> Tallies:
        """What was written since the last call."""
        done, self._tallies = self._tallies, Tallies()
        return done

    def digests(self) -> Mapping[str, str]:
        """By table, a hash of its logical values in declared column order, rows in order of their keys."""
        out = {}
        for name, held in self.rows.items():
            names = [c.name for c in self._world.table(name).columns]
            hashed = hashlib.sha256()
            for key in sorted(held, key=repr):
                hashed.update(repr([_plain(held[key][n]) for n in names]).encode())
            out[name] = f"{len(held)}:{hashed.hexdigest()[:20]}"
        return out
