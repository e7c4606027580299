"""References between rows: what refers to what, and how a row finds the one that it refers to."""

from __future__ import annotations

from dataclasses import dataclass

from populace.spec import Draw, Ints

PICK, FOLLOW, ONE, IMPLIED, TURN, SPREAD, CUT = "pick", "follow", "one", "implied", "turn", "spread", "cut"


@dataclass(frozen=True, slots=True)
class Reference:
    """columns refer to `keys` of a parent. how: `pick` among those that are there; `follow`: the parent whose rows
    these are, by turns; `one`: the parent of the same number; `spread`: another one for each row of the same followed
    parent; `turn`: one that shares the row of another reference (`shared`: a column of this table); `implied`: by the
    others; `cut`: NULL. skew, empty: as declared. turns: rows take the parent's by turns, so that others can find
    them. shipped: the parent's rows are the app's own; weights:
    how often each of them is taken, by its key. waits: the database looks at the end of a transaction whether the row
    that is referred to is there, or never; late: that row may be written after the one that refers to it."""

    columns: tuple[str, ...]
    parent: str
    keys: tuple[str, ...]
    how: str = PICK
    skew: str = "even"
    empty: float = 0.0
    shared: str = ""
    turns: bool = False
    guessed: bool = False
    differs: tuple[str, ...] = ()
    shipped: bool = False
    weights: tuple[tuple[str, int], ...] = ()
    waits: bool = False
    late: bool = False


class Cannot(Exception):
    """A table cannot be filled. column: whose fault it is, if it is one's; alike: columns of which no two rows may have
    the same, and nothing makes them differ."""

    def __init__(self, why: str, column: str = "", alike: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.column, self.alike = column, alike


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a table cannot be filled. column: whose fault it is, if it is one's. alike: as `Cannot` has it."""

    table: str
    why: str
    column: str = ""
    alike: tuple[str, ...] = ()


def skewed(draw: Draw, stream: str, there: Ints, ordinal: Ints, skew: str) -> Ints:
    """One of so many: all alike, or the first of them more often."""
    bound = there
    for turn in range({"even": 0, "some": 1, "strong": 2}[skew]):
        bound = draw.below(f"{stream}.{turn}", bound, ordinal) + 1
    return draw.below(stream, bound, ordinal)
