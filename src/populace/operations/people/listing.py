"""people, person: who lives in a target, as a world shows them in `live/people.sql` and `live/person.sql`.

`people.sql`: key, name, email, about, since, of those whose name or address contains `search`, after the key `after`,
`most` of them, by key. `person.sql`: at, kind, text of what one `person` did, newest first, `most` of it
before the time `before`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from populace import clock
from populace.errors import BadInput, Remedy
from populace.operations.context import Context
from populace.operations.inspection.overview import Line
from populace.operations.opening import world_sql
from populace.operations.population import Population, population

MOST = 200
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class PeopleRequest:
    """search: a part of a name or an address. after: the key of the last one of the page before. most: of a page."""

    search: str = ""
    after: str | None = None
    most: int = 50
    world: str | None = None


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """person: their key. before: only what was before this simulated time, ISO. most: so many lines."""

    person: str
    before: str | None = None
    most: int = 100
    world: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody in a list. about: a word on who they are. since: when they came, ISO."""

    key: str
    name: str
    email: str | None
    about: str | None
    since: str | None


@dataclass(frozen=True, slots=True)
class People:
    """A page of people. following: the key to ask for the next page after; None: this is the last."""

    people: Sequence[Shown]
    following: str | None

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {"people": [asdict(one) for one in self.people], "next": self.following}


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Somebody, and what they did, newest first."""

    shown: Shown
    lines: Sequence[Line]

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {**asdict(self.shown), "timeline": [asdict(line) for line in self.lines]}


def people(context: Context, request: PeopleRequest | None = None) -> People:
    """A page of the people of a target. Raises BadInput for a world that does not show them, or a key that is none."""
    request = request or PeopleRequest()
    most = _within(request.most, "people.most")
    with population(context, request.world, "people", looking=True) as there:
        found = _shown(there, search=request.search, after=_key(request.after or _FIRST, "people.after"), most=most + 1)
    return People(found[:most], found[most - 1].key if len(found) > most else None)


def person(context: Context, request: PersonRequest) -> PersonShown:
    """Somebody and their timeline. Raises BadInput when there is nobody of this key."""
    key, most = _key(request.person, "person"), _within(request.most, "person.most")
    with population(context, request.world, "people", looking=True) as there:
        before_us = there.watermark_us if request.before is None else clock.parse(request.before, "person.before")
        # The one after nobody and before the next: their own key is the first after the key just below it.
        found = _shown(there, search="", after=UUID(int=max(0, key.int - 1)), most=1)
        if not found or UUID(found[0].key) != key:
            raise BadInput("there is nobody of this key", where="person", given=request.person)
        query = world_sql(there.world, "live/person.sql")
        bound = {"person": key, "before": clock.to_datetime(before_us), "most": most}
        rows = there.connection.execute(query, bound).fetchall() if query else []
    lines = [Line(clock.iso(clock.from_datetime(at)), kind, text) for at, kind, text in rows]
    return PersonShown(found[0], lines)


def _shown(there: Population, *, search: str, after: UUID, most: int) -> list[Shown]:
    query = world_sql(there.world, "live/people.sql")
    if query is None:
        raise BadInput(
            "this world does not show its people", where=there.world.name,
            todo=Remedy("status", text="{} shows its rows; a world shows them by a file live/people.sql"),
        )  # fmt: skip
    like = "%" + search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    bound = {"search": like, "after": after, "most": most, "until": clock.to_datetime(there.watermark_us)}
    return [
        Shown(str(key), name, email, about, None if since is None else clock.iso(clock.from_datetime(since)))
        for key, name, email, about, since in there.connection.execute(query, bound).fetchall()
    ]


def _within(most: int, where: str) -> int:
    if not 1 <= most <= MOST:
        raise BadInput("this number is out of bounds", where=where, given=most, allowed=f"1 to {MOST}")
    return most


def _key(text: str, where: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("this is no key of a person", where=where, given=text, allowed="a uuid") from None
