"""What comes days after a visit, whatever its person does meanwhile: the answer to a ticket, a parcel that arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from populace.spec.cohort import Visits, Walk
from populace.spec.column import Bools
from populace.spec.draw import Draw
from populace.spec.flow import TableRows


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Rows of visits that lie after them.

    days: they lie before so many days after the start of the visit's day have passed. share: path, not live; nothing
    comes after any visit where it is 0. tables: those that `emit` writes, each of them merged.

    - follows(draw, visits): after which visits something comes; nothing else about a visit may decide it, and it is not
      accounted here: `walk` draws it, and what is to be emitted.
    - emit(draw, visits, walk): all versions of their rows, those inside the visit included, which the lifecycle's own
      `emit` leaves out.
    """

    days: int
    share: str
    tables: tuple[str, ...]
    follows: Callable[[Draw, Visits], Bools]
    emit: Callable[[Draw, Visits, Walk], TableRows]
