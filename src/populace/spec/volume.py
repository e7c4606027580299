"""The size of a population, and what of it is billed or limited by others: for a plan, before anything is
written.

A world knows the limits of the services that its app uses; the amounts come from the
estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Volume:
    """What a seed would write, estimated. days: of history. rows: by table. leaving: rows of the outbox by channel.

    bytes_on_disk: of the database, with indexes.
    """

    days: float
    rows: Mapping[str, int]
    leaving: Mapping[str, int]
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Something that is limited or costs money. amount: how much of it there will be, by the estimate.

    limit: how much there may be; None: not known. whose: who sets the limit, or a remark on it.
    """

    what: str
    amount: float
    limit: float | None
    whose: str
    unit: str = ""

    @property
    def share(self) -> float | None:
        """Of the limit; None without one."""
        return None if not self.limit else self.amount / self.limit
