"""Schemas of our own, each with one feature of PostgreSQL or a clash of some, and what is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from contexts import at
from populace.database.connection import connect
from populace.operations.authoring.adopt import Adopted, AdoptRequest, adopt
from populace.operations.cleanups import CleanupRequest, clean
from populace.operations.context import Context
from populace.operations.init import InitRequest, init
from populace.operations.seeds.prepared import SeedResult
from populace.operations.seeds.seed import SeedRequest, seed

SCHEMAS = Path(__file__).parent / "schemas"
EXAMPLES = Path(__file__).parents[2] / "examples"
SHOWN = sorted(path.parent.name for path in EXAMPLES.glob("*/schema.sql"))
"""The examples that a user sees; the other schemas are each about one feature of PostgreSQL or a clash of some."""
NAMES = sorted(path.stem for path in SCHEMAS.glob("*.sql"))
NOW = "2026-06-01T00:00:00Z"


@dataclass(frozen=True)
class App:
    """A database with a schema of an app, and the world that was made of it. folder: of the world."""

    url: str
    folder: Path
    adopted: Adopted

    @property
    def context(self) -> Context:
        """A context for it."""
        return at(self.url)

    def seeded(self) -> SeedResult:
        """Seed it, or find that it is seeded."""
        return seed(self.context, SeedRequest(str(self.folder), now=NOW))

    def cleaned(self) -> None:
        """Take out all of ours."""
        clean(self.context, CleanupRequest())

    def rows(self) -> dict[str, str]:
        """How many rows each table holds itself, and a digest of them, by its full name; empty tables are left out."""
        found = {}
        with connect(self.url, application_name="tests") as conn:
            for schema, table in conn.execute(TABLES).fetchall():
                query = SQL("SELECT count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ONLY {} AS t")
                (many, digest) = conn.execute(query.format(Identifier(schema, table))).fetchall()[0]
                if many:
                    found[f"{schema}.{table}"] = f"{many} {digest}"
        return found


TABLES = """
SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('information_schema', 'populace') AND n.nspname NOT LIKE 'pg\\_%'
"""


def script(name: str) -> str:
    """The statements that make the tables of a schema or of an example."""
    path = EXAMPLES / name / "schema.sql" if name in SHOWN else SCHEMAS / f"{name}.sql"
    return path.read_text(encoding="utf-8")


def made(url: str, folder: Path, name: str, before: str = "") -> App:
    """A database with one of the schemas, adopted and opened. before: statements of the app's, before it is."""
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute("SET search_path = public")
        conn.execute(script(name))  # type: ignore[call-overload]
        if before:
            conn.execute(before)
    adopted = adopt(at(url), AdoptRequest(url, folder / name))
    name_of = conninfo_to_dict(url)["dbname"]
    init(at(url), InitRequest(i_know=str(name_of) if before else None))
    return App(url, folder / name, adopted)
