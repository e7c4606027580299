"""Features of PostgreSQL, a small schema each: what is filled of it, what is declined and why, and what holds then."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from adopted import App
from contexts import at
from populace.database.connection import connect
from populace.errors import BadInput, PopulaceError
from populace.operations.authoring.adopt import AdoptRequest, adopt
from populace.operations.init import InitRequest, init
from populace.operations.inspection.validate import ValidateRequest, validate
from populace.operations.runs.run import RunRequest, run

FOLDER = Path(__file__).parent / "features"
WHOLE = "all"
UNTIL = "2026-06-01T01:00:00Z"
_WITH_ROWS = re.compile(r"(?m)^INSERT INTO")


@dataclass(frozen=True)
class Feature:
    """name: of its file, and of the schema in which its tables are. title: in words. holds: queries of which each is
    true of the rows of a population that uses it."""

    name: str
    title: str
    holds: tuple[str, ...]
    script: str

    @property
    def has_rows(self) -> bool:
        """Whether the app has rows of its own."""
        return _WITH_ROWS.search(self.script) is not None


@dataclass
class Outcome:
    """What came of a feature. faults: what is not as it should be, in words; none where all is."""

    feature: Feature
    filled: int = 0
    rows: int = 0
    declined: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def row(self) -> str:
        """Its line in the table of the docs."""
        some = sorted(
            (table.removeprefix(f"{self.feature.name}."), why.replace(f"{self.feature.name}.", ""))
            for table, why in self.declined.items()
        )
        # Of several alike one reason is enough.
        why = "; ".join(w if t == WHOLE else f"`{t}`: {w}" for t, w in some).replace("|", "\\|")
        return f"| {self.feature.title} | {self.filled} | {why} |"


def every() -> list[Feature]:
    """All of them, by their files' names."""
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def _read(path: Path) -> Feature:
    text = path.read_text(encoding="utf-8")
    (title,) = re.findall(r"(?m)^-- feature: (.+)$", text)
    return Feature(path.stem, title, tuple(re.findall(r"(?m)^-- holds: (.+)$", text)), text)


def tried(url: str, folder: Path, feature: Feature) -> Outcome:
    """A feature's schema in an empty database, adopted, seeded twice, lived in, written to by its app, cleaned up."""
    outcome = Outcome(feature)
    with connect(url, application_name="tests", autocommit=True) as conn:
        conn.execute(SQL("CREATE SCHEMA {}").format(Identifier(feature.name)))
        database = Identifier(conn.info.dbname)
        conn.execute(SQL("ALTER DATABASE {} SET search_path = {}, public").format(database, Identifier(feature.name)))
        conn.execute(SQL("SET search_path = {}, public").format(Identifier(feature.name)))
        conn.execute(feature.script)  # type: ignore[call-overload]
        name = conn.info.dbname
    try:
        try:
            adopted = adopt(at(url), AdoptRequest(url, folder / feature.name))
        except BadInput as error:
            if "none of the tables" not in error.what:
                raise
            outcome.declined = {WHOLE: str(error.given)}
            return outcome
        app = App(url, folder / feature.name, adopted)
        outcome.declined = {t: why for t, why in adopted.declined.items() if "come through" not in why}
        outcome.filled = adopted.filled
        init(at(url), InitRequest(i_know=name if feature.has_rows else None))
        before = app.rows()
        outcome.rows = app.seeded().wrote.written
        if not app.seeded().unchanged:
            outcome.faults.append("a second seed adds rows")
        run(app.context, RunRequest(world=str(app.folder), speed="max", until=UNTIL))
        judged = validate(app.context, ValidateRequest(str(app.folder)))
        outcome.faults += [f"{v.title}: {v.measured}" for v in judged.verdicts if v.ok is False]
        with connect(url, application_name="tests") as conn:
            conn.execute(SQL("SET search_path = {}, public").format(Identifier(feature.name)))
            for query in feature.holds:
                if conn.execute(query).fetchone() != (True,):  # type: ignore[call-overload]
                    outcome.faults.append(f"not so: {query}")
        outcome.faults += inserts(url)
        app.cleaned()
        if app.rows() != before:
            outcome.faults.append("after a clean-up the tables are not as before")
    except PopulaceError as error:
        outcome.faults.append(str(error))
    return outcome


WRITABLE = """
SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum) FILTER (
    WHERE a.attgenerated = '' AND a.attidentity = ''
        AND (d.oid IS NULL OR pg_get_expr(d.adbin, d.adrelid) NOT LIKE 'nextval%'))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('information_schema', 'populace')
    AND n.nspname NOT LIKE 'pg\\_%'
GROUP BY 1, 2 ORDER BY 1, 2
"""

FRESH = """
SELECT a.attname::text FROM pg_constraint AS k
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.contype = 'p' AND n.nspname || '.' || c.relname = %(table)s AND a.atttypid = 'uuid'::regtype
    AND cardinality(k.conkey) = 1
    AND NOT EXISTS (
        SELECT FROM pg_constraint AS f WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey))
"""
"""The key of a table that its app would make itself, since it is a uuid."""


def inserts(url: str) -> list[str]:
    """Where an ordinary insert by the app does not work: in the place of a row of each table that has some, another
    with the same values, and what the database gives by itself. Nothing of it stays."""
    faults = []
    with connect(url, application_name="tests") as conn:
        path = conn.execute("SELECT reset_val FROM pg_settings WHERE name = 'search_path'").fetchone()
        tables = conn.execute(WRITABLE).fetchall()
        conn.execute("SELECT set_config('search_path', %s, false)", path)
        for schema, table, columns in tables:
            name, named = Identifier(schema, table), SQL(", ").join(map(Identifier, columns or []))
            if not columns:
                continue
            try:
                with conn.transaction(force_rollback=True):
                    conn.execute("SET LOCAL session_replication_role = replica")
                    conn.execute(
                        SQL("CREATE TEMPORARY TABLE copied ON COMMIT DROP AS SELECT * FROM {} LIMIT 0").format(name)
                    )
                    some = SQL(
                        "WITH gone AS (DELETE FROM {0} WHERE (tableoid, ctid) = (SELECT tableoid, max(ctid)"
                        " FROM {0} GROUP BY 1 LIMIT 1) RETURNING *) INSERT INTO copied SELECT * FROM gone"
                    )
                    conn.execute(some.format(name))
                    conn.execute("SET LOCAL session_replication_role = origin")
                    for key in conn.execute(FRESH, {"table": f"{schema}.{table}"}).fetchall():
                        conn.execute(SQL("UPDATE copied SET {} = gen_random_uuid()").format(Identifier(*key)))
                    conn.execute(SQL("INSERT INTO {0} ({1}) SELECT {1} FROM copied").format(name, named))
            except psycopg.Error as error:
                faults.append(f"an insert by the app into {schema}.{table}: {error.diag.message_primary or error}")
    return faults
