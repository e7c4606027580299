"""The ledger: which slices are written up to when. It is the only answer to "where were we?".

Slices are half-open ranges of ordinals, so a resumed seed may cut what is left differently.
"""

from __future__ import annotations

from dataclasses import dataclass

from populace import clock
from populace.database.connection import Connection
from populace.engine import cut
from populace.errors import Refused
from populace.plan import Plan
from populace.runner.records import SQL


@dataclass(frozen=True, slots=True)
class Piece:
    """A slice of one root that is not written yet."""

    root: str
    low: int
    high: int


def watermark(connection: Connection) -> int | None:
    """Everything before this simulated moment (µs) is written; None before the first slice is."""
    row = connection.execute(SQL["watermark"]).fetchone()
    return None if row is None or row[0] is None else clock.from_datetime(row[0])


def missing(connection: Connection, plan: Plan, parts: dict[str, int]) -> list[Piece]:
    """What a seed still has to write, roots in the world's order, each cut in about so many parts."""
    written: dict[str, list[tuple[int, int]]] = {}
    for root, low, high, _until in connection.execute(SQL["slices"]):
        written.setdefault(root, []).append((low, high))
    pieces = []
    for name, size in plan.sizes.items():
        low = 0
        for start, end in [*sorted(written.get(name, [])), (size, size)]:
            if low < start:
                share = max(1, round(parts.get(name, 1) * (start - low) / size))
                pieces += [Piece(name, a, b) for a, b in cut(plan, name, (low, start), share)]
            low = end
    return pieces


def add(connection: Connection, piece: Piece, until_us: int) -> None:
    """A slice is written up to a moment. The primary key refuses the same slice twice."""
    connection.execute(
        SQL["add_slice"],
        {
            "root": piece.root,
            "low": piece.low,
            "high": piece.high,
            "until": clock.to_datetime(until_us),
        },
    )


def has(connection: Connection, piece: Piece) -> bool:
    """Whether a slice is written."""
    row = connection.execute(SQL["has_slice"], {"root": piece.root, "low": piece.low, "high": piece.high}).fetchone()
    return bool(row and row[0])


def merge_slices(connection: Connection) -> None:
    """One row a root, once a seed is complete."""
    connection.execute(SQL["merge_slices"])


def advance(connection: Connection, since_us: int, until_us: int) -> None:
    """Move the watermark. Raises Refused when another runner has moved it: its rows count, ours do not."""
    moved = connection.execute(
        SQL["advance"], {"since": clock.to_datetime(since_us), "until": clock.to_datetime(until_us)}
    )
    if moved.rowcount < 1:
        raise Refused(
            "another runner has moved the watermark",
            where="populace.ledger",
            given=clock.iso(since_us),
            todo="run one runner for each target",
        )
    connection.execute(SQL["announce"], {"until": str(until_us)})
