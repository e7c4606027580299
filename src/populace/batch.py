"""The narrow waist: the only thing that passes from the engine to a sink.

A batch holds rows of one table as Arrow, and says what is to be done with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one table.

    table: its name in the world. act: `append` (never seen before), `merge` (newer versions, by the table's key), or
    `remove` (`rows` has one column, the owner column: every row of that owner goes).
    """

    table: str
    act: Literal["append", "merge", "remove"]
    rows: pa.RecordBatch
