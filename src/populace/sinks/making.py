"""Rows that the app's triggers make of ours in other tables: which of them are ours is known in the transaction itself.

What came in a transaction of ours, a trigger of it made. Where triggers also change rows that were there, a row that
was changed looks the same: then all rows there have to be ours already, or none is noted but those that refer to ours.
"""

from __future__ import annotations

from populace.database.connection import Connection
from populace.database.ownership import all_ours, changed_here, note_made
from populace.database.pins import names_of_the_app
from populace.spec import Table, World


class Making:
    """Notes such rows, in the caller's transaction: `begins` before rows of ours are written, `note` when all are."""

    def __init__(self, connection: Connection, world: World) -> None:
        self._connection = connection
        self._by: dict[str, list[Table]] = {}
        for table in world.tables:
            for name in table.made_by:
                self._by.setdefault(name, []).append(table)
        self._begun: dict[str, tuple[Table, bool]] = {}
        self._defers, self._deferred = world.deferred, False

    def begins(self, table: Table) -> None:
        """Rows of a table are written."""
        if self._defers and not self._deferred:
            self._connection.execute("SET CONSTRAINTS ALL DEFERRED")
            self._deferred = True
        for made in self._by.get(table.full_name, ()):
            if made.full_name not in self._begun:
                row = self._connection.execute(all_ours(made)).fetchone()
                self._begun[made.full_name] = (made, bool(row and row[0]))

    def note(self) -> None:
        """Note what came of it."""
        self._deferred = False
        if not self._begun:
            return
        if not self._defers:
            with names_of_the_app(self._connection):
                # What triggers do at the end of the transaction, they do now.
                self._connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, alone in self._begun.values():
            row = self._connection.execute(changed_here(table)).fetchone()
            if alone or (row and row[0] == 0):
                self._connection.execute(note_made(table))
        self._begun.clear()
        if not self._defers:
            self._connection.execute("SET CONSTRAINTS ALL DEFERRED")
