"""explain: why somebody came on a day, or did not. The person is found by whatever is known of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from populace import clock
from populace.database.connection import Connection
from populace.database.named import named
from populace.engine import explain as engine
from populace.engine.day_factor import date_of
from populace.engine.explain import Found, Today, Visit, Why
from populace.engine.odds import MICRO
from populace.engine.processes.pools.people import POOLS_AT_ONCE
from populace.errors import BadInput, Remedy
from populace.operations.context import Context
from populace.operations.people.lived import Lived, lived
from populace.spec.cohort import PERSON_BITS

_DAY_ZERO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Explained:
    """A day of somebody. number: theirs over the whole deployment. over: whether the day is written to its end."""

    why: Why
    number: int
    pool: int
    over: bool

    @property
    def outcome(self) -> str:
        """The outcome of the day, in a few words."""
        why, today = self.why, self.why.today
        if why.left_us is not None:
            return "had left"
        if today is None:
            return "had not signed up"
        if today.came:
            by_habit = any(v.happens in ("takes place", "delegated") and not v.requested for v in today.visits)
            return "came" if by_habit else "came on request"
        return "kept away" if today.meant_to_come else "did not come"

    def document(self) -> dict[str, Any]:
        """As `explain --json` prints it."""
        why = self.why
        return {
            "person": {
                "called": why.who.called,
                "id": why.who.key,
                "number": self.number,
                "pool": self.pool,
                "signed_up": clock.iso(why.who.joined_us),
            },
            "day": date_of(why.day).isoformat(),
            "from": clock.iso(why.starts_us),
            "to": clock.iso(why.ends_us),
            "over": self.over,
            "outcome": self.outcome,
            "left": None if why.left_us is None else {"at": clock.iso(why.left_us), "rows_kept": bool(why.kept)},
            "today": _today(why.today) if why.today else None,
        }


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """persona: as the world calls them, their number, their account's uuid, or its e-mail address. on: the date on
    which the day begins.
    """

    persona: str
    on: str
    world: str | None = None


def explain(context: Context, request: ExplainRequest) -> Explained:
    """Why somebody came on a day or did not.

    Raises BadInput for nobody of this population, for a date outside of history and life, and for a world whose people
    have no lives.
    """
    with lived(context, request.world, "explain") as (there, people):
        day = _day(people, request.on)
        who = _find(there.connection, people, request.persona)
    pool, nth = who.person >> PERSON_BITS, who.person & ((1 << PERSON_BITS) - 1)
    why = engine.why(people.plan, people.flow, who, day)
    return Explained(why, nth * people.pools + pool, pool, why.ends_us <= people.watermark_us)


def _day(people: Lived, on: str) -> int:
    """The number of a day that is decided already."""
    first, last = people.days.first_day, people.days.today(people.watermark_us)
    try:
        day = (date.fromisoformat(on) - _DAY_ZERO).days
    except ValueError:
        raise BadInput("this is not a date", where="explain.on", given=on, allowed="such as 2026-01-08") from None
    if not first <= day <= last:
        raise BadInput(
            "the day lies outside the time that is written",
            where="explain.on",
            given=on,
            allowed=f"{date_of(first)} to {date_of(last)}",
        )
    return day


def _find(connection: Connection, people: Lived, text: str) -> Found:
    """The person who is meant. Raises BadInput when there is none."""
    wanted, hints = {text}, re.findall(r"\d+", text)
    key = _uuid(text)
    account = _account(connection, people, text, key)
    if account:
        wanted.add(account[0])
        hints = re.findall(r"\d+", account[1])
    elif key:
        # A removed person has no account; their uuid alone does not give their pool.
        hints = []
    if key:
        wanted.add(key)
    if "@" in text:
        wanted.add(text.partition("@")[0])
    number = int(text) if re.fullmatch(r"\d{1,18}", text) else None
    for low, high in _pools(people, [number] if number is not None else [int(h[:18]) for h in hints]):
        for who in engine.everybody(people.plan, people.flow, (low, high), people.watermark_us):
            nth = who.person & ((1 << PERSON_BITS) - 1)
            if {who.called, who.key} & wanted or number == nth * people.pools + (who.person >> PERSON_BITS):
                return who
        if number is not None:
            break
    raise BadInput(
        "there is no such person in this population",
        where="explain.persona",
        given=text,
        allowed="a distinct id, a number, the uuid of an account, or its e-mail address",
        todo=Remedy("personas", {"world": people.plan.world.name}, "{} lists the people"),
    )


def _pools(people: Lived, hints: list[int]) -> Iterator[tuple[int, int]]:
    """Pools to look through: first those that numbers in the text point to, then all."""
    hinted = list(dict.fromkeys(hint % people.pools for hint in hints))
    yield from ((pool, pool + 1) for pool in hinted)
    for low in range(0, people.pools, POOLS_AT_ONCE):
        high = min(low + POOLS_AT_ONCE, people.pools)
        if not set(range(low, high)) <= set(hinted):
            yield low, high


def _uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text)) if len(text) >= 32 else None
    except ValueError:
        return None


def _account(connection: Connection, people: Lived, text: str, key: str | None) -> tuple[str, str] | None:
    """Uuid and e-mail address of an account, looked up by either."""
    if not any(table.schema == "auth" and table.relation == "users" for table in people.plan.world.tables):
        return None
    if key is None and "@" not in text:
        return None
    queries = named("populace.operations.people", "explain.sql")
    row = connection.execute(queries["by_id" if key else "by_email"], {"text": key or text}).fetchone()
    return (row[0], row[1] or "") if row else None


def _today(today: Today) -> dict[str, object]:
    return {
        "state": today.state,
        "pattern": today.pattern,
        "segment": today.segment,
        "life_event": today.event,
        "life_event_ends": None if today.event_ends is None else date_of(today.event_ends).isoformat(),
        "binging": today.binging,
        "spell_turns": None if today.spell_until is None else date_of(today.spell_until).isoformat(),
        "streak": today.streak,
        "score": today.score,
        "idle_days": today.idle,
        "days_since_signup": today.tenure,
        "dropped_out": today.dropped_out,
        "steps": [{"what": s.what, "value": s.value, "chance": s.after / MICRO} for s in today.steps],
        "chance": today.chance / MICRO,
        "drawn": today.drawn / MICRO,
        "came": today.came,
        "visits": [_visit(visit) for visit in today.visits],
    }


def _visit(visit: Visit) -> dict[str, object]:
    begins, ends = (None if at is None else clock.iso(at) for at in (visit.begins_us, visit.ends_us))
    return {"begins": begins, "ends": ends, "happens": visit.happens, "requested": visit.requested}
