"""Which rows of a target are ours: those with their table's mark that we can prove to have written.

A mark alone proves nothing, since users and apps may set what it reads. The proof is a key of a plan's, staged in a
temporary table (`Staged`), or an entry of the ledger of single rows (`populace.own_row`): keys that others could have
too, and rows that a peer wrote for us.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from populace.spec import Table

_AS_TEXT = {
    # Whatever the session's settings are, the same value gives the same text.
    "timestamptz": "(extract(epoch FROM {c}) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8::pg_catalog.text",
    "date": "({c} OPERATOR(pg_catalog.-) '1970-01-01'::pg_catalog.date)::pg_catalog.text",
    "text": "{c}::pg_catalog.text",
}


@dataclass(frozen=True, slots=True)
class Staged:
    """Keys of plans, by the full name of their table: temporary tables whose columns are those of the proof."""

    tables: Mapping[str, Identifier]


NOTHING = Staged({})


def name_of(table: Table) -> Identifier:
    """A table's name, quoted."""
    return Identifier(table.schema, table.relation)


def ours(table: Table, staged: Staged) -> Composable:
    """The condition that row `t` is ours: marked, and proven."""
    return SQL("({mark}) AND ({proof})").format(mark=SQL(table.mark.condition), proof=proven(table, staged))


def proven(table: Table, staged: Staged) -> Composable:
    """The condition that we wrote row `t`. Of hashes it is one list to be in, which the server can join with.

    It means the same whatever names are found first.
    """
    if not table.hashed:
        return listed(table)
    of, columns = table.full_name, table.proof
    if table.proven_by:
        of, _, key = (table.column(table.proven_by).references or "").rpartition(".")
        columns = (key,)
    relation = Literal(".".join('"' + name.replace('"', '""') + '"' for name in of.split(".", 1)))
    noted = SQL(
        "SELECT {} FROM populace.own_row AS o WHERE o.relation OPERATOR(pg_catalog.=) {}::pg_catalog.regclass"
    ).format(
        SQL(", ").join(SQL("o.key[{}]::pg_catalog.uuid").format(Literal(n + 1)) for n in range(len(columns))), relation
    )
    lists = [noted]
    if of in staged.tables:
        names = SQL(", ").join(map(Identifier, columns))
        lists.append(SQL("SELECT {} FROM {}").format(names, staged.tables[of]))
    row = SQL(", ").join(Identifier("t", name) for name in table.proof)
    return SQL("({}) OPERATOR(pg_catalog.=) ANY ({})").format(row, SQL(" UNION ALL ").join(lists))


def note(table: Table) -> Composed:
    """The statement that lists rows of a table whose proof is one uuid; its parameter is an array of these."""
    return SQL(
        "INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, ARRAY[given::text]"
        " FROM unnest(%s::uuid[]) AS given ON CONFLICT DO NOTHING"
    ).format(Literal(table.quoted_name))


def note_echoes(table: Table) -> Composed:
    """The statement that lists the rows of a table that echo others; its parameter is an array of the keys of these."""
    assert table.echoes is not None
    return SQL(
        "INSERT INTO populace.own_row (relation, key) SELECT {}::regclass, {} FROM {} AS t WHERE t.{} = ANY (%s)"
        " ON CONFLICT DO NOTHING"
    ).format(Literal(table.quoted_name), ledger_key(table), name_of(table), Identifier(table.echoes))


IN_THIS_TRANSACTION = SQL(
    "CASE WHEN (t.xmin::pg_catalog.text::pg_catalog.int8 OPERATOR(pg_catalog.-) now.id"
    " OPERATOR(pg_catalog.&) 4294967295) OPERATOR(pg_catalog.<) 100000000"
    " THEN pg_catalog.pg_xact_status((now.id OPERATOR(pg_catalog.+) (t.xmin::pg_catalog.text::pg_catalog.int8"
    " OPERATOR(pg_catalog.-) now.id OPERATOR(pg_catalog.&) 4294967295))::pg_catalog.text::pg_catalog.xid8)"
    " OPERATOR(pg_catalog.=) 'in progress' ELSE false END"
)
"""The condition that this transaction, or a part of it, wrote row `t`: what another one has not committed is not seen.
It reads `now.id`, from `THIS_TRANSACTION`."""
THIS_TRANSACTION = SQL("(SELECT pg_catalog.pg_current_xact_id()::pg_catalog.text::pg_catalog.int8 AS id) AS now")


def changed_here(table: Table) -> Composed:
    """A query: how many rows of a table were changed in this transaction, and not only added; NULL where the server
    does not count."""
    return SQL(
        "SELECT CASE WHEN pg_catalog.current_setting('track_counts')::pg_catalog.bool THEN"
        " (SELECT pg_catalog.sum(pg_catalog.pg_stat_get_xact_tuples_updated(part.oid))::pg_catalog.int8 FROM ("
        "SELECT {0}::pg_catalog.regclass::pg_catalog.oid AS oid UNION"
        " SELECT relid FROM pg_catalog.pg_partition_tree({0}::pg_catalog.regclass)) AS part) END"
    ).format(Literal(table.quoted_name))


def all_ours(table: Table) -> Composed:
    """A query: whether all rows of a table stand in the ledger of single rows."""
    return SQL(
        "SELECT (SELECT pg_catalog.count(*) FROM {}) OPERATOR(pg_catalog.=) (SELECT pg_catalog.count(*)"
        " FROM populace.own_row AS o WHERE o.relation OPERATOR(pg_catalog.=) {}::pg_catalog.regclass)"
    ).format(name_of(table), Literal(table.quoted_name))


def note_made(table: Table) -> Composed:
    """The statement that lists the rows of a table that came in this transaction."""
    return SQL(
        "INSERT INTO populace.own_row (relation, key) SELECT {}::pg_catalog.regclass, {} FROM {}, {} AS t WHERE {}"
        " ON CONFLICT DO NOTHING"
    ).format(Literal(table.quoted_name), ledger_key(table), THIS_TRANSACTION, name_of(table), IN_THIS_TRANSACTION)


def delete_made(table: Table) -> Composed:
    """The statement that deletes the rows of a table that came in this transaction."""
    return SQL("DELETE FROM {} AS t USING {} WHERE {}").format(
        name_of(table), THIS_TRANSACTION, IN_THIS_TRANSACTION)  # fmt: skip


def listed(table: Table, row: str = "t") -> Composable:
    """The condition that a row stands in the ledger of single rows, for the very table that is there now."""
    return SQL(
        "EXISTS (SELECT 1 FROM populace.own_row AS o WHERE o.relation OPERATOR(pg_catalog.=) {}::pg_catalog.regclass"
        " AND o.key OPERATOR(pg_catalog.=) {})"
    ).format(Literal(table.quoted_name), ledger_key(table, row))


def ledger_key(table: Table, row: str = "t") -> Composable:
    """How the ledger of single rows names a row: the columns of its proof as texts, and when it was created."""
    names = [*table.proof]
    if table.made_by and not table.keyed:
        whole = SQL(", ").join(Identifier(row, name) for name in names)
        return SQL("ARRAY[pg_catalog.md5(ROW({})::pg_catalog.text)]").format(whole)
    if not table.hashed and any(c.name == "created_at" for c in table.columns):
        # Somebody else's row of the same key was not created at the same microsecond.
        names.append("created_at")
    parts = (
        SQL(_AS_TEXT.get(table.column(name).type, "{c}::pg_catalog.text")).format(c=Identifier(row, name))
        for name in names
    )
    return SQL("ARRAY[{}]").format(SQL(", ").join(parts))
