"""What an app does beside a population of ours: its own inserts; and what of its schema the population has used."""

from __future__ import annotations

import psycopg
from psycopg.sql import SQL, Identifier

from populace.database.connection import connect

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


CHOICES = """
SELECT n.nspname, c.relname, a.attname::text, e.enumlabel::text
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_enum AS e ON e.enumtypid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
    AND n.nspname <> 'populace' ORDER BY 1, 2, 3, e.enumsortorder
"""
KEYS = """
SELECT n.nspname, c.relname, k.conname::text, ARRAY(
    SELECT a.attname::text FROM unnest(k.conkey) AS part (attnum)
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = part.attnum)
FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname <> 'populace' ORDER BY 1, 2, 3
"""


def unused(url: str) -> list[str]:
    """Words of enums that stand nowhere, and foreign keys that no row uses, in tables that hold rows."""
    found = []
    with connect(url, application_name="tests") as conn:
        for schema, table, column, label in conn.execute(CHOICES).fetchall():
            query = SQL("SELECT count(*) > 0, count(*) FILTER (WHERE {}::text = %s) FROM {}").format(
                Identifier(column), Identifier(schema, table))  # fmt: skip
            ((some, many),) = conn.execute(query, (label,)).fetchall()
            found += [f"{schema}.{table}.{column}: {label}"] if some and not many else []
        for schema, table, key, columns in conn.execute(KEYS).fetchall():
            there = SQL(" AND ").join(SQL("{} IS NOT NULL").format(Identifier(column)) for column in columns)
            query = SQL("SELECT count(*) > 0, count(*) FILTER (WHERE {}) FROM {}").format(
                there, Identifier(schema, table)
            )
            ((some, many),) = conn.execute(query).fetchall()
            found += [f"{schema}.{table}: {key}"] if some and not many else []
    return found
