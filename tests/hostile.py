"""Somebody's objects under the names of PostgreSQL's own, found first by whoever looks a name up in their search path.

Each of them ends the statement that uses it, so that a use is seen.
"""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

import psycopg

TYPES = ("text", "uuid", "jsonb", "json", "timestamptz", "date", "int4", "int8", "float8", "numeric", "bool", "bytea",
         "name", "oid", "regclass", "interval", "varchar")  # fmt: skip
RELATIONS = ("pg_class", "pg_namespace", "pg_attribute", "pg_type", "pg_constraint", "pg_index", "pg_locks",
             "pg_stat_activity", "pg_database", "pg_roles", "pg_settings", "pg_enum", "pg_depend", "pg_proc",
             "pg_trigger", "pg_tables")  # fmt: skip
"""Types and relations that our SQL names without a schema."""

PLANT = """
DO $plant$
DECLARE
    one record; number int := 0; wanted text;
BEGIN
    CREATE SCHEMA evil;
    CREATE FUNCTION evil.strike() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'a hostile object was used'; END $$;
    FOR one IN
        SELECT p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid) AS takes,
               pg_catalog.pg_get_function_result(p.oid) AS gives
        FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.proname = ANY (%(functions)s)
          AND p.provariadic = 0 AND NOT p.proretset
          AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[] || p.prorettype) AS a (t) JOIN pg_catalog.pg_type AS y
                          ON y.oid = a.t WHERE y.typtype = 'p')
    LOOP
        EXECUTE format('CREATE FUNCTION public.%%I(%%s) RETURNS %%s LANGUAGE plpgsql AS %%L', one.proname, one.takes,
                       one.gives, 'BEGIN RAISE ''a hostile function was used''; END');
        number := number + 1;
    END LOOP;
    -- Functions that fit better than PostgreSQL's own, whatever comes first in the search path.
    CREATE FUNCTION public.split_part(varchar, text, int) RETURNS text LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'a hostile function was used'; END $$;
    CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'a hostile function was used'; END $$;
    CREATE FUNCTION public.substr(varchar, int, int) RETURNS text LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'a hostile function was used'; END $$;
    FOR one IN
        SELECT o.oprname, o.oprleft::regtype AS l, o.oprright::regtype AS r, o.oprresult::regtype AS gives
        FROM pg_catalog.pg_operator AS o
        WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprkind = 'b' AND o.oprname = ANY (%(operators)s)
          AND (SELECT count(*) FROM pg_catalog.pg_type AS y WHERE y.oid IN (o.oprleft, o.oprright, o.oprresult)
               AND y.typtype = 'p') = 0
    LOOP
        number := number + 1;
        EXECUTE format('CREATE FUNCTION evil.op_%%s(%%s, %%s) RETURNS %%s LANGUAGE plpgsql AS %%L', number, one.l,
                       one.r, one.gives, 'BEGIN RAISE ''a hostile operator was used''; END');
        EXECUTE format('CREATE OPERATOR public.%%s (LEFTARG = %%s, RIGHTARG = %%s, FUNCTION = evil.op_%%s)',
                       one.oprname, one.l, one.r, number);
    END LOOP;
    FOREACH wanted IN ARRAY %(relations)s::pg_catalog.text[] LOOP
        EXECUTE format('CREATE VIEW public.%%I AS SELECT evil.strike() AS evil', wanted);
    END LOOP;
    FOREACH wanted IN ARRAY %(types)s::pg_catalog.text[] LOOP
        EXECUTE format('CREATE TYPE public.%%I AS (evil pg_catalog.int4)', wanted);
    END LOOP;
    CREATE FUNCTION evil.counted(pg_catalog.int8) RETURNS pg_catalog.int8 LANGUAGE plpgsql
        AS $$ BEGIN RAISE 'a hostile aggregate was used'; END $$;
    CREATE AGGREGATE public.count(*) (SFUNC = evil.counted, STYPE = pg_catalog.int8, INITCOND = '0');
END
$plant$
"""


def words() -> tuple[list[str], list[str]]:
    """Every name that our SQL calls like a function, and every operator that it may use."""
    text = "\n".join(_texts(files("populace")))
    return sorted(set(re.findall(r"\b([a-z_][a-z0-9_]*)\s*\(", text))), [
        "=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "||", "->", "->>", "#>", "#>>", "@>", "<@", "?", "~",
        "!~", "~~", "!~~", "&&", "#", "&", "<<", ">>",
    ]  # fmt: skip


def plant(url: str, *, role: str = "postgres") -> None:
    """Put hostile objects into schema public of a database, and that first in the search path of all who come."""
    functions, operators = words()
    asked = {"functions": functions, "operators": operators, "types": list(TYPES), "relations": list(RELATIONS)}
    with psycopg.connect(url, autocommit=True, options="-c search_path=pg_catalog") as connection:
        with psycopg.ClientCursor(connection) as cursor:
            cursor.execute(PLANT, asked)  # type: ignore[call-overload]
        name = connection.info.dbname
        for whom in (f"DATABASE {name}", f"ROLE {role} IN DATABASE {name}"):
            connection.execute(f"ALTER {whom} SET search_path = public, pg_catalog".encode())


def _texts(folder: Traversable) -> list[str]:
    found = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _texts(entry)
        elif entry.name.endswith((".sql", ".py")):
            found.append(entry.read_text(encoding="utf-8"))
    return found
