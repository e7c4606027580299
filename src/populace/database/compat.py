"""What a Supabase project has, a plain PostgreSQL lacks, and our worlds use: accounts, roles, the visitor's identity.

Each piece is a file of `compat/`. What is there already is not changed, whoever made it, and a Supabase project is not
changed at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from populace.database import queries
from populace.database.connection import Connection, translate
from populace.errors import Remedy, TargetUnavailable

SUPABASE = "a Supabase project: nothing to add"


@dataclass(frozen=True)
class Piece:
    """One object. kind: as in its file's name, `kind_name.sql`. schema: empty where objects of the kind have none."""

    kind: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.schema}.{self.name}" if self.schema else f"{self.kind} {self.name}"


# In the order in which they need each other.
PIECES = (
    Piece("schema", "", "auth"),
    Piece("schema", "", "extensions"),
    Piece("role", "", "anon"),
    Piece("role", "", "authenticated"),
    Piece("role", "", "service_role"),
    Piece("privileges", "", "public"),
    Piece("table", "auth", "users"),
    Piece("table", "auth", "identities"),
    Piece("function", "auth", "jwt"),
    Piece("function", "auth", "uid"),
    Piece("function", "auth", "role"),
    Piece("function", "extensions", "uuid_generate_v4"),
    Piece("function", "extensions", "gen_random_uuid"),
    Piece("publication", "", "supabase_realtime"),
)

_RIGHTS = {
    "schema": "CREATE on the database",
    "role": "CREATEROLE (BYPASSRLS too, for service_role)",
    "publication": "CREATE on the database",
}


def is_supabase(conn: Connection) -> bool:
    """Whether the database belongs to a Supabase project, hosted or local."""
    row = conn.execute(queries.load("queries/compat_supabase.sql")).fetchone()
    return bool(row and row[0])


def install(conn: Connection) -> list[str]:
    """Make what is missing, all of it or nothing. Returns what was made, one line each; on a Supabase project the one
    line that says so.

    The connection should be outside a transaction; inside one everything becomes part of it.
    Raises TargetUnavailable, naming the rights, when one is missing.
    """
    with conn.transaction():
        if is_supabase(conn):
            return [SUPABASE]
        conn.execute(queries.load("queries/compat_lock.sql"))
        pieces = _missing(conn)
        for piece in pieces:
            try:
                conn.execute(queries.load(f"compat/{piece.kind}_{piece.name}.sql"))
            except psycopg.errors.InsufficientPrivilege as error:
                raise _no_right(piece, pieces, error) from error
            except psycopg.Error as error:
                known = translate(error, f"making {piece}")
                if known is None:
                    raise
                raise known from error
    return [str(piece) for piece in pieces]


def _missing(conn: Connection) -> list[Piece]:
    wanted = {
        "kinds": [piece.kind for piece in PIECES],
        "schemas": [piece.schema for piece in PIECES],
        "names": [piece.name for piece in PIECES],
    }
    return [Piece(*row) for row in conn.execute(queries.load("queries/compat_missing.sql"), wanted).fetchall()]


def _no_right(failed: Piece, missing: list[Piece], error: psycopg.Error) -> TargetUnavailable:
    rights = {_RIGHTS.get(piece.kind, f"CREATE on schema {piece.schema or piece.name}"): None for piece in missing}
    return TargetUnavailable(
        f"this user may not make {failed} ({error.diag.message_primary}); nothing was made",
        where="what worlds need of Supabase",
        allowed=f"a user with these rights: {', '.join(rights)}",
        todo=Remedy(
            "init",
            {},
            "connect once as a superuser for {}, or let an administrator make these: " + ", ".join(map(str, missing)),
        ),
    )
