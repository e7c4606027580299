"""What becomes of support tickets: staff take most of them up, and solve them, in the hours in which support works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from populace.clock import DAY_US, HOUR_US
from populace.spec import (
    Along,
    Bits,
    Bools,
    Columns,
    Draw,
    FollowUp,
    Ints,
    Joined,
    Key,
    Rows,
    TableRows,
    Visits,
    Walk,
    Words,
)
from populace.spec.kit.parameters import composed
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import wording
from populace.worlds.hogflix.behaviour.keyed import KeyedVisits
from populace.worlds.hogflix.parameters.fixed import MOST_TICKETS, SUPPORT_CLOSES, SUPPORT_DAYS, SUPPORT_OPENS

STATUSES = ("open", "in_progress", "resolved")
"""Of a ticket, one after another."""
LATEST_DAYS = 8
"""Whatever is answered is solved before so many days after the visit's day began: the two longest spans come to a week
of work."""

_MONDAY_US = 4 * DAY_US
"""The first Monday after 1970 began."""
_OPEN_US = (SUPPORT_CLOSES - SUPPORT_OPENS) * HOUR_US


@dataclass(frozen=True, slots=True)
class Dealt:
    """How long it takes until each ticket is taken up, and then until it is solved, in working time (ms); −1 for what
    stays open, and for visits without a ticket."""

    taken_ms: Ints
    solved_ms: Ints


def deal(draw: Draw, visits: Visits, asks: Bools) -> Dealt:
    """Of visits that end in a ticket, or not."""
    taken, solved = (np.full(len(asks), -1, dtype=np.int64) for _ in range(2))
    if draw.values.number("tickets_answered") > 0:
        some = np.flatnonzero(asks)
        some = some[draw.chance("ticket.answered", visits.address[some], visits.who.at[some])]
        address, at = visits.address[some], visits.who.at[some]
        taken[some] = draw.measure("ticket.taken", address, at)
        solved[some] = draw.measure("ticket.solved", address, at)
    return Dealt(taken, solved)


def asks(draw: Draw, visits: Visits) -> Bools:
    """Which visits end in a ticket."""
    return draw.chance("visit.ticket", visits.address, visits.who.at) & (visits.k < MOST_TICKETS)


def follows(draw: Draw, visits: Visits) -> Bools:
    """Which visits end in a ticket that is answered."""
    return deal(draw, visits, asks(draw, visits)).taken_ms >= 0


def emit(draw: Draw, visits: Visits, walk: Walk) -> TableRows:
    """Tickets that are answered, in each status that they come to have."""
    keyed = KeyedVisits.of(draw, visits, walk)
    each = np.flatnonzero(keyed.columns["ticket_taken"] >= 0)
    asked_at = keyed.at(each, keyed.columns["ticket_at"][each])
    begins = worked_us(asked_at)
    taken_us = begins + 1000 * keyed.columns["ticket_taken"][each]
    solved_us = taken_us + 1000 * keyed.columns["ticket_solved"][each]
    versions = np.concatenate([asked_at, moment_us(taken_us), moment_us(solved_us)])
    status = np.repeat(np.arange(len(STATUSES)), len(each))
    return {"support_tickets": rows(draw, keyed, np.tile(each, len(STATUSES)), status, versions)}


def unanswered(draw: Draw, keyed: KeyedVisits) -> Rows:
    """Tickets that stay open."""
    visit = np.flatnonzero((keyed.columns["ticket_at"] >= 0) & (keyed.columns["ticket_taken"] < 0))
    return rows(
        draw, keyed, visit, np.zeros(len(visit), dtype=np.int64), keyed.at(visit, keyed.columns["ticket_at"][visit])
    )


def rows(draw: Draw, keyed: KeyedVisits, visit: Ints, status: Ints, at: Ints) -> Rows:
    """The tickets of some visits. status: of each version, a position in `STATUSES`; at: its moment."""
    asked_at, address = keyed.at(visit, keyed.columns["ticket_at"][visit]), keyed.visits.address[visit]
    columns: Columns = {
        "id": Key("support_tickets", address, asked_at),
        "user_id": Along(keyed.user, visit),
        "issue_category": Words(ticket(draw, address), tuple(t.issue_category for t in catalogue.tickets())),
        "description": described(draw, keyed.visits, keyed.columns, visit),
        "status": Words(status, STATUSES),
        "created_at": asked_at,
        "updated_at": at,
    }
    return Rows(keyed.visits.who.person[visit], columns, at, visit)


def described(draw: Draw, visits: Visits, columns: Mapping[str, Ints], visit: Ints) -> Words | Joined:
    """What the ticket of each of some visits says. columns: of their walk."""
    which = ticket(draw, visits.address[visit])
    if composed(draw) and len(visit):
        return wording.tickets(draw, visits, columns, visit, which)
    return Words(which, tuple(t.description for t in catalogue.tickets()))


def ticket(draw: Draw, address: Bits) -> Ints:
    """What a visit's ticket is about: a position in `catalogue.tickets()`."""
    return draw.below("ticket.which", len(catalogue.tickets()), address)


def worked_us(at: Ints) -> Ints:
    """How long support has worked by some moments, since a Monday."""
    week, rest = np.divmod(at - _MONDAY_US, 7 * DAY_US)
    day, of_day = np.divmod(rest, DAY_US)
    today = np.clip(of_day - SUPPORT_OPENS * HOUR_US, 0, _OPEN_US) * (day < SUPPORT_DAYS)
    out: Ints = (week * SUPPORT_DAYS + np.minimum(day, SUPPORT_DAYS)) * _OPEN_US + today
    return out


def moment_us(worked: Ints) -> Ints:
    """When support has worked so long."""
    days, of_day = np.divmod(worked, _OPEN_US)
    week, day = np.divmod(days, SUPPORT_DAYS)
    out: Ints = _MONDAY_US + week * 7 * DAY_US + day * DAY_US + SUPPORT_OPENS * HOUR_US + of_day
    return out


FOLLOW_UP = FollowUp(
    days=LATEST_DAYS, share="tickets_answered", tables=("support_tickets",), follows=follows, emit=emit
)
