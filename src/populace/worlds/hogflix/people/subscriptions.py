"""What people pay: months that are billed, bills that fail and are tried again, plans that go up and down, and an end.

The lifecycle carries five fields for it. A row of `user_subscriptions` is computed from them whenever they change, so
that the row of a bulk run and the last of many versions are the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from populace.clock import DAY_US, MINUTE_US
from populace.spec import (
    Bools,
    Cohort,
    Columns,
    Draw,
    Evolved,
    Ints,
    Joined,
    Key,
    Moves,
    Optional,
    Rows,
    TableRows,
    Words,
)
from populace.spec.cohort import DAY_BITS
from populace.worlds.hogflix.parameters.fixed import ATTEMPTS, MONTH_DAYS, THINKING_DAYS
from populace.worlds.hogflix.parameters.people import BASIC, DAY_STARTS_US, SEGMENTS, STATES
from populace.worlds.hogflix.people.traits import day_of, some, user_key

FIELDS = ("first_plan", "changed", "paid", "owing", "ended")
"""first_plan: the plan at sign-up, one more; 0 while it is still the same. changed: the day (since 1970) of the last
change of plan. paid: the day of the last payment. owing: 1 while a bill is unpaid. ended: how the last paid
plan ended, a position in STATUSES; 0 while somebody pays, or never did.
"""
STATUSES = ("active", "cancelled", "expired")
CANCELLED, EXPIRED = 1, 2
_LEFT = STATES.index("CHURNED")


def plan_at_sign_up(who: Cohort) -> Ints:
    """The plan each began with: a position in SEGMENTS."""
    first = who.fields["first_plan"].astype(np.int64)
    return np.where(first > 0, first - 1, who.segment.astype(np.int64))


def evolve(draw: Draw, who: Cohort) -> Evolved:
    """Whose plan or payment changes on this day, and when. Bills come every 30 days after the sign-up."""
    cycle = _cycle(who)
    # Of a large population few have anything to do with money on a day: the others cost one look.
    busy = (cycle == 0) & (who.segment > BASIC)
    busy |= who.fields["owing"] > 0
    busy |= _thinks(who, cycle)
    concerned = np.flatnonzero(busy)
    evolved = _evolved(draw, some(who, concerned))
    return Evolved(concerned[evolved.index], evolved.fields, evolved.at)


def _cycle(who: Cohort) -> NDArray[np.uint16]:
    """Days since the last bill, or the sign-up. Short whole numbers divide several times as fast."""
    tenure = who.tenure.astype(np.uint16)
    days: NDArray[np.uint16] = tenure - tenure // np.uint16(MONTH_DAYS) * np.uint16(MONTH_DAYS)
    return days


def _thinks(who: Cohort, cycle: NDArray[np.uint16]) -> Bools:
    """Everybody has a day of the month on which they may think again; it is never the day of a bill."""
    mine: Bools = cycle == np.uint16(1) + (who.person.astype(np.uint16) & np.uint16(THINKING_DAYS))
    return mine


def _evolved(draw: Draw, who: Cohort) -> Evolved:
    count = len(who.person)
    tenure, plan = who.tenure.astype(np.int64), who.segment.astype(np.int64)
    now = {name: who.fields[name].astype(np.int64) for name in FIELDS}
    today = day_of(who.at)
    cycle, owing = _cycle(who), now["owing"] > 0
    new = {name: values.copy() for name, values in now.items()} | {"segment": plan.copy()}
    touched = np.zeros(count, dtype=np.bool_)
    # On days that go by unseen, sign-ups have no moment yet, and nothing is emitted.
    at = np.where(who.joined_at > 0, who.joined_at + tenure * DAY_US, who.at)

    def drawn(point: str, index: Ints) -> Bools:
        return draw.chance(point, _of_day(who, today, index), who.at[index])

    billed = np.flatnonzero((plan > BASIC) & ~owing & (cycle == 0) & (tenure > 0))
    fails = drawn("payment.fails", billed)
    new["owing"][billed[fails]] = 1
    new["paid"][billed[~fails]] = today[billed[~fails]]
    touched[billed] = True

    for attempt in ATTEMPTS:
        due = np.flatnonzero(owing & (cycle == draw.values.whole(f"retry_{attempt}_days")))
        if len(due) == 0:
            continue
        succeeds = drawn(f"payment.attempt_{attempt}", due)
        paid, failed = due[succeeds], due[~succeeds]
        new["owing"][paid], new["paid"][paid] = 0, today[paid]
        touched[paid] = True
        if attempt == ATTEMPTS[-1]:
            new["owing"][failed], new["ended"][failed] = 0, EXPIRED
            _change(new, plan, today, failed, np.full(len(failed), BASIC))
            touched[failed] = True

    thinks = ~owing & _thinks(who, cycle)
    for old, name in enumerate(SEGMENTS):
        asked = np.flatnonzero(thinks & (plan == old))
        chosen = draw.choose(f"plan.after.{name}", _of_day(who, today, asked), who.at[asked])
        moves, chosen = asked[chosen != old], chosen[chosen != old]
        new["ended"][moves] = np.where(chosen == BASIC, CANCELLED, 0)
        dearer = moves[chosen > old]
        new["paid"][dearer] = today[dearer]
        _change(new, plan, today, moves, chosen)
        touched[moves] = True

    index = np.flatnonzero(touched)
    changed = index[new["segment"][index] != plan[index]]
    at[changed] = _changed_at(draw, who.person[changed], today[changed])
    return Evolved(index, {name: values[index] for name, values in new.items()}, at[index])


def _change(new: dict[str, Ints], plan: Ints, today: Ints, index: Ints, chosen: Ints) -> None:
    """Write a change of plan into the new fields."""
    first = new["first_plan"]
    first[index] = np.where(first[index] > 0, first[index], 1 + plan[index])
    new["segment"][index], new["changed"][index] = chosen, today[index]


def moved(draw: Draw, moves: Moves) -> TableRows:
    """The subscriptions that changed on a day, of everybody whose rows stay."""
    who, before = moves.who, moves.before
    changed = (who.segment != before.segment) | ((who.state == _LEFT) & (before.state != _LEFT))
    for name in FIELDS:
        changed |= who.fields[name] != before.fields[name]
    stays = some(who, np.flatnonzero(changed & ~moves.removed))
    return {"user_subscriptions": versions(draw, stays, stays.at)}


def versions(draw: Draw, who: Cohort, at: Ints) -> Rows:
    """The subscription of each as it is at a moment; emitted for it."""
    plan, left = who.segment.astype(np.int64), who.state == _LEFT
    fields = {name: who.fields[name].astype(np.int64) for name in FIELDS}
    ended, paying = fields["ended"], plan > BASIC
    # Who is there when history begins is emitted as of midnight, and may have joined or changed a little later that
    # night.
    changed_at = np.minimum(_changed_at(draw, who.person, fields["changed"]), at)
    since = np.maximum(np.where(fields["changed"] > 0, changed_at, who.joined_at), who.joined_at)
    months = who.tenure.astype(np.int64) // MONTH_DAYS + 1 - fields["owing"]
    until = np.where(
        left, np.maximum(at, since), np.where(paying, who.joined_at + months * (MONTH_DAYS * DAY_US), since)
    )
    paid_on = np.where(fields["paid"] > 0, fields["paid"], day_of(who.joined_at))
    columns: Columns = {
        "id": Key("user_subscriptions", who.person, who.joined_at),
        "user_id": user_key(draw, who),
        "plan_id": plan_key(plan),
        "status": Words(np.where(left, EXPIRED, ended), STATUSES),
        "payment_intent": Optional(paying, Joined(("pi_", Key("payments", who.person << DAY_BITS | paid_on)))),
        "started_at": since,
        "expires_at": Optional(left | paying | (ended > 0), until),
        "created_at": who.joined_at,
        "updated_at": np.maximum(at, who.joined_at),
    }
    return Rows(who.person, columns, at, entity=who.person)


def plan_key(plan: Ints) -> Key:
    """The key of a plan: its position in SEGMENTS."""
    return Key("subscription_plans", plan)


def _of_day(who: Cohort, today: Ints, index: Ints) -> Ints:
    """The address of a person's day."""
    out: Ints = who.person[index] << DAY_BITS | today[index]
    return out


def _changed_at(draw: Draw, person: Ints, day: Ints) -> Ints:
    """The moment of a change of plan on a day; to the minute."""
    of_day = draw.below("plan.moment", DAY_US // MINUTE_US, person << DAY_BITS | day)
    out: Ints = day * DAY_US + DAY_STARTS_US + of_day * MINUTE_US
    return out
