"""Values of a type by itself that meet what its domain asks for."""

from __future__ import annotations

from populace.declared.kinds.cell import REAL, TEXTS, WHOLE
from populace.declared.operators import Unknown
from populace.declared.schema import Column, Table
from populace.declared.shapes import FIXED, Known, Unmet, conditions, shape

_PLAIN: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(TEXTS, ("word", "other")),
    **dict.fromkeys((*WHOLE, *REAL), (1, 5, 20)),
    "bool": (True, False),
}


def values(column: Column, many: int) -> list[object]:
    """So many values that a column takes, for its domain; none where nothing that was tried is one."""
    read, unread = conditions(Table("", "", "r", (column,)))
    if unread:
        return []
    plain = list(_PLAIN.get(column.base, ()))
    try:
        found = shape((column.name,), read, {column.name: Known(column, plain)})
    except (Unknown, Unmet):
        return []
    if found is None:
        return plain
    return [choice[0].value for choice in found.choices if choice[0].how == FIXED][:many]
