"""What a population comes to, and what of it somebody bills or limits: for `populace plan`, before anything is written.

A world knows the limits of the services that its app stands on; how much there will be of anything comes from the
estimate alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Volume:
    """What a seed would write, estimated. days: of history. rows: by table. leaving: rows by outbox channel.

    bytes_on_disk: of the database, with indexes.
    """

    days: float
    rows: Mapping[str, int]
    leaving: Mapping[str, int]
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class Cost:
    """One thing that is limited or costs money. amount: how much of it there will be, by the estimate.

    limit: how much there may be; None: nobody says. whose: who sets the limit, or what is to be known of it.
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
