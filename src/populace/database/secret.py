"""A target's secret: random bytes that only the owner of its tables may read, and keys that follow from them.

What is made with such a key nobody else can make: a snapshot that a runner believes, a password that seed and world do
not give away. It stands in the target alone: in no plan, file, log or message.
"""

from __future__ import annotations

import hmac

from populace.database.connection import Connection


def key_of(connection: Connection, purpose: str) -> bytes | None:
    """The key for one purpose (32 bytes); None for a role that may not read the secret."""
    allowed = connection.execute("SELECT pg_catalog.has_table_privilege('populace.secret', 'SELECT')").fetchone()
    if allowed is None or not allowed[0]:
        return None
    row = connection.execute("SELECT value FROM populace.secret").fetchone()
    return hmac.digest(row[0], purpose.encode(), "sha256") if row else None
