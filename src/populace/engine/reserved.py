"""Rows are refused that could reach somebody: what may stand in their columns is in `spec.reserved`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from populace.spec import Table
from populace.spec.authors import Misuse
from populace.spec.reserved import RESERVED


def require(table: Table, rows: pa.RecordBatch) -> None:
    """Raise Misuse for a row that could reach somebody."""
    for column in table.columns:
        if kind := column.reaches_by:
            pattern, allowed = RESERVED[kind]
            values = rows.column(column.name)
            fine = pc.match_substring_regex(values, pattern, ignore_case=True)
            if pc.all(fine).as_py() is False:
                raise Misuse(
                    f"a column that reaches somebody by {kind} holds what is not reserved",
                    where=f"{table.full_name}.{column.name}",
                    given=values.filter(pc.invert(fine))[0].as_py(),
                    allowed=allowed,
                )
