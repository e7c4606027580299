"""Empty tables get new files, in the transaction that fills them: a server that replicates to nobody then writes rows
once, and not into its log as well, and they need no second look before everybody sees them (COPY's FREEZE).

A transaction that is rolled back, by a kill too, leaves the old, empty file.
"""

from __future__ import annotations

from collections.abc import Collection

from psycopg.sql import SQL, Identifier

from populace.database import queries
from populace.database.connection import Connection


def renew(connection: Connection, names: Collection[str]) -> frozenset[str]:
    """Give new files to those of these tables (full names) that are empty and to which that can be done; which these
    are. In the connection's open transaction: until it ends nobody else reads them."""
    renewed = []
    for row in connection.execute(queries.load("queries/to_renew.sql"), {"names": sorted(names)}).fetchall():
        table = Identifier(*row)
        # Not by their size: a rehearsal leaves what was rolled back.
        if connection.execute(SQL("SELECT EXISTS (SELECT FROM {})").format(table)).fetchone() == (False,):
            connection.execute(SQL("TRUNCATE ONLY {}").format(table))
            renewed.append(".".join(row))
    return frozenset(renewed)
