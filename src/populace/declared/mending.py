"""A guess that cannot hold, changed until it can: a text that differs, a bound that goes, a column that is left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from populace.declared import shapes
from populace.declared.declaration import REFERENCE, DeclaredColumn, DeclaredTable, needs_value
from populace.declared.kinds import KINDS
from populace.declared.kinds.cell import TEXTS
from populace.declared.references import Fault
from populace.declared.schema import Schema, Table


def made_differ(
    schema: Schema, tables: dict[str, DeclaredTable], fault: Fault, why: dict[tuple[str, str], str]
) -> bool:
    """Whether a unique key can be met by a text that is another in each row, in the place of one that is not."""
    table = tables.get(fault.table)
    for name in fault.alike if table is not None else ():
        column = schema.table(fault.table).column(name)
        declared = table.columns.get(name) if table else None
        plain = declared is not None and declared.kind not in (REFERENCE, "words", "empty")
        if table is not None and plain and column.base in TEXTS and (column.length or 99) >= 4:
            if declared is None or KINDS[declared.kind].distinct:
                continue
            tables[fault.table] = replace(table, columns={**table.columns, name: DeclaredColumn("code")})
            why[fault.table, name] = "a unique key wants another value in each row"
            return True
    return False


def unbound(tables: dict[str, DeclaredTable], name: str, some: Collection[str]) -> bool:
    """Take away the bounds that were guessed for some numbers of a table: something else says what fits. Whether there
    were any."""
    table = tables.get(name)
    bound = [c for c in some if table and c in table.columns and {"low", "high"} & table.columns[c].options.keys()]
    if table is None or not bound:
        return False
    free = {c: replace(table.columns[c], options={}) for c in bound}
    tables[name] = replace(table, columns={**table.columns, **free})
    return True


def spoken_of(table: Table) -> set[str]:
    """The columns that conditions read."""
    return {name for one in shapes.conditions(table)[0] for name in one.condition.columns}


def gave_way(schema: Schema, tables: dict[str, DeclaredTable], fault: Fault, left: dict[tuple[str, str], str]) -> bool:
    """Whether a fault goes away when a column that may be NULL is left out."""
    table = tables.get(fault.table)
    if table is None or not fault.column or fault.column not in table.columns:
        return False
    column = schema.table(fault.table).column(fault.column)
    if (
        needs_value(column)
        or (column.not_null and not column.default)
        or column.name in schema.table(fault.table).primary
    ):
        return False
    left[fault.table, fault.column] = fault.why
    some = {name: one for name, one in table.columns.items() if name != fault.column}
    tables[fault.table] = replace(table, columns=some)
    return True
