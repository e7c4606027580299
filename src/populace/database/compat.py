"""What a Supabase project has, a plain PostgreSQL lacks, and a world needs: accounts, roles, the visitor's identity.

Each piece is a file of `compat/`, and is made for the worlds whose needs it serves. What is there already is not
changed, whoever made it. A Supabase project gets nothing but what belongs to Populace's own schema, and a publication
that was dropped there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import psycopg

from populace.database import made, queries
from populace.database.connection import Connection, translate
from populace.errors import TargetUnavailable
from populace.spec.needs import NEEDS


@dataclass(frozen=True)
class Piece:
    """One object. kind: as in its file's name, `kind_name.sql`. schema: empty where objects of the kind have none.
    needs: it is made for a world that has one of them. everywhere: on a Supabase project too.
    """

    kind: str
    schema: str
    name: str
    needs: tuple[str, ...]
    everywhere: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.schema}.{self.name}" if self.schema else f"{self.kind} {self.name}"

    @property
    def is_cluster_wide(self) -> bool:
        """Whether every database of the server sees it."""
        return self.kind == "role"


# In the order in which they need each other.
PIECES = (
    Piece("schema", "", "auth", ("accounts", "visitor")),
    Piece("schema", "", "extensions", ("uuids",)),
    Piece("role", "", "anon", ("roles",)),
    Piece("role", "", "authenticated", ("roles",)),
    Piece("role", "", "service_role", ("roles",)),
    Piece("table", "auth", "users", ("accounts",)),
    Piece("table", "auth", "identities", ("accounts",)),
    Piece("function", "auth", "jwt", ("visitor",)),
    Piece("function", "auth", "uid", ("visitor",)),
    Piece("function", "auth", "role", ("visitor",)),
    Piece("function", "extensions", "uuid_generate_v4", ("uuids",)),
    Piece("function", "extensions", "gen_random_uuid", ("uuids",)),
    Piece("privileges", "", "auth", ("roles",)),
    Piece("privileges", "", "extensions", ("roles",)),
    Piece("privileges", "", "populace", ("roles",), everywhere=True),
    Piece("publication", "", "supabase_realtime", ("realtime",), everywhere=True),
)

_RIGHTS = {
    "schema": "CREATE on the database",
    "role": "CREATEROLE (BYPASSRLS too, for service_role)",
    "publication": "CREATE on the database",
    "privileges": "to own the schemas",
}


def is_supabase(conn: Connection) -> bool:
    """Whether the database belongs to a Supabase project, hosted or local."""
    row = conn.execute(queries.load("queries/compat_supabase.sql")).fetchone()
    return bool(row and row[0])


def missing(conn: Connection, needs: Collection[str] = tuple(NEEDS)) -> list[Piece]:
    """What would be made for a world with these needs, in order."""
    project = is_supabase(conn)
    wanted = [p for p in PIECES if any(need in needs for need in p.needs) and (p.everywhere or not project)]
    # A schema that the world does not need is not made for its privileges.
    schemas = {p.name for p in wanted if p.kind == "schema"} | {"populace"}
    wanted = [p for p in wanted if p.kind != "privileges" or p.name in schemas]
    lists = {
        "kinds": [piece.kind for piece in wanted],
        "schemas": [piece.schema for piece in wanted],
        "names": [piece.name for piece in wanted],
    }
    lacking = {tuple(row) for row in conn.execute(queries.load("queries/compat_missing.sql"), lists).fetchall()}
    return [piece for piece in wanted if (piece.kind, piece.schema, piece.name) in lacking]


def install(conn: Connection, needs: Collection[str] = tuple(NEEDS)) -> list[Piece]:
    """Make what a world with these needs lacks here, all of it or nothing, and record it. Returns what was made.

    The connection should be outside a transaction; inside one everything becomes part of it. The database is open.
    Raises TargetUnavailable, naming the rights, when one is missing.
    """
    with conn.transaction():
        conn.execute(queries.load("queries/compat_lock.sql"))
        pieces = missing(conn, needs)
        with made.recording(conn):
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
        made.record_roles(conn, [piece.name for piece in PIECES if piece.kind == "role" and piece.needs[0] in needs])
    return pieces


def script(name: str) -> str:
    """The statements of a piece, `kind_name`, for those who run files themselves."""
    return queries.load(f"compat/{name}.sql").decode("utf-8")


def _no_right(failed: Piece, lacking: list[Piece], error: psycopg.Error) -> TargetUnavailable:
    rights = {_RIGHTS.get(piece.kind, f"CREATE on schema {piece.schema or piece.name}"): None for piece in lacking}
    return TargetUnavailable(
        f"this user may not make {failed} ({error.diag.message_primary}); nothing was made",
        where="what the world needs of Supabase",
        allowed=f"a user with these rights: {', '.join(rights)}",
        todo="do it once as a superuser, or let an administrator make these: " + ", ".join(map(str, lacking)),
    )
