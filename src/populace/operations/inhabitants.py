"""How many people there are: here now, joined by simulated now, and in the plan, some of whom may join later."""

from __future__ import annotations

from dataclasses import dataclass

from populace.checks import integrity
from populace.database.connection import Connection
from populace.operations.seeds.database import world_report
from populace.plan import Plan
from populace.runner import records


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """here: who are there now. joined: who have been written so far, those removed since included. planned: all who
    ever join; no fewer than joined.
    """

    here: int
    joined: int
    planned: int

    @property
    def later(self) -> int:
        """Who are still to join; where people leave, also those who joined and left before they were written."""
        return self.planned - self.joined


def count(connection: Connection, plan: Plan) -> Inhabitants:
    """The inhabitants of a seeded target. Where neither a report nor rows of their own count them, all are there."""
    world = plan.world
    planned = plan.sizes[world.people_root]
    own = [world.table(f.tables[0]) for f in world.flows if f.each_member and f.root == world.people_root]
    counted = world_report(connection, world)[world.counted] if world.counted else None
    if counted is None:
        counted = integrity.count_marked(connection, own[0]) if own else planned
    joined = planned
    if own and own[0].mode == "append":
        # A row is written when its person joins: the accounts know how many have.
        tally = records.read_tallies(connection).tables.get(own[0].name)
        joined = tally.written if tally else 0
    elif world.counted:
        joined = counted
    return Inhabitants(counted, joined, max(planned, joined))
