"""Whether the tables of a target fit a world, and what the world lacks there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from populace.batch import ARROW
from populace.database.connection import Connection
from populace.database.introspection import ExpectedColumn, ExpectedTable, mismatches, tables_present
from populace.errors import BadInput
from populace.event import Event
from populace.operations.context import Context
from populace.runner import fitting, rehearsal
from populace.runner.integrations import Integrations
from populace.runner.sample import Sample
from populace.spec import World

NUMERIC = f"numeric({ARROW['numeric'].precision},{ARROW['numeric'].scale})"
"""What is written into a column of amounts."""
LIVING_SCHEMAS = ("auth",)
"""Schemas whose tables a Supabase project has before any world comes; a world's own files never create them."""


def tables_there(connection: Connection, world: World) -> set[str]:
    """Which of the world's own tables are in the database, by full name."""
    expected = [expected_of(world, t.name) for t in world.tables if t.schema not in LIVING_SCHEMAS]
    return tables_present(connection, expected)


def lacking(names: Collection[str], of: int) -> str:
    """A line about the tables that are not there beside others that are; it comes after what is wrong with those."""
    shown = sorted(names)
    more = f" and {len(shown) - 8:,} more" if len(shown) > 8 else ""
    return f"{len(shown):,} of the {of:,} tables of this world are missing: {', '.join(shown[:8])}{more}"


def require_own_tables(connection: Connection, world: World, expected: Sequence[ExpectedTable]) -> None:
    """Raise BadInput where a world's own statements make other tables than it declares. Their keys come later."""
    faults = mismatches(connection, [replace(table, unique=()) for table in expected])
    if faults:
        raise BadInput(
            "its schema/1_tables.sql makes other tables than the world declares:\n  - " + "\n  - ".join(faults),
            where=world.name,
            todo="bring the statements and the declared columns into line",
        )


def rehearse_sample(
    connection: Connection, context: Context, sample: Sample, integrations: Integrations, *, bulk: bool
) -> rehearsal.Rehearsal:
    """Try the rows of a sample; one note says what could not be rehearsed."""
    tried = rehearsal.rehearse(connection, sample, bulk=bulk, by_service=integrations.by_service)
    if tried.untried:
        said = f"a service makes the accounts, and so these were not rehearsed here: {'; '.join(tried.untried)}"
        context.on_note(Event("note", f"{said}. What refers to them was not rehearsed either"))
    return tried


def require_own_rows(connection: Connection, context: Context, sample: Sample, integrations: Integrations) -> None:
    """Raise BadInput where a world's own keys and constraints refuse rows of its own."""
    tried = rehearse_sample(connection, context, sample, integrations, bulk=True)
    # What is wrong with a value is said of its column; rows that were tried have nothing wrong.
    asked = sample if tried.faults else sample.untried(tried.there)
    faults = fitting.misfits(connection, asked) or tried.faults
    if faults:
        raise BadInput(
            "its schema refuses rows that it writes:\n  - " + "\n  - ".join(faults),
            where=sample.world.name,
            todo="bring its statements and its rows into line",
        )


def needed(world: World, *, in_place: bool) -> list[str]:
    """What of a Supabase project a world uses here: where its tables are there already, the app has what they use, and
    only accounts may be lacking."""
    return [need for need in world.needs if need == "accounts" or not in_place]


def expected_of(world: World, name: str) -> ExpectedTable:
    table = world.table(name)
    # An app's type is in the schema of its table, unless the world says where.
    types = {c.name: NUMERIC for c in table.columns if c.type == "numeric"}
    types |= {c.name: c.enum if "." in c.enum else f"{table.schema}.{c.enum}" for c in table.columns if c.enum}
    columns = tuple(
        ExpectedColumn(c.name, types.get(c.name, c.type), c.nullable, stored=c.stored, numbered=c.numbered)
        for c in table.columns
    )
    # Rows that may be there already are known by their key.
    by_key = table.keyed and (table.mode == "merge" or table.lasting or not table.hashed)
    return ExpectedTable(table.schema, table.relation, columns, (table.key,) if by_key else ())
