"""people, person: who lives in a target, as a world shows them in `live/people.sql` and `live/person.sql`.

`people.sql`: key, name, email, about, since, of those whose name or address contains `search`, after the key `after`,
`most` of them, by key. It narrows by `kind`, `state` ('': anybody), `joined_since` and `active_since` (null: anybody),
as far as `filters.sql` offers these: filter, label, value, title, a row for each choice; of `joined` and `active` one.
`person.sql`: at, kind, text of what one `person` did, newest first, `most` of it before the time `before`; and, of a
world with a site, page: the path there of what it was about, null for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from populace import clock
from populace.errors import BadInput, Remedy, nearest
from populace.operations.context import Context
from populace.operations.inspection.overview import Line
from populace.operations.opening import world_sql
from populace.operations.population import Population, population

MOST = 200
MOST_DAYS = 3_660
FILTERS = ("kind", "state", "joined", "active")
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class PeopleRequest:
    """search: a part of a name or an address. after: the key of the last one of the page before. most: of a page. kind,
    state: values of the world's own, "": anybody. joined_days, active_days: who came, or did something, in so many
    simulated days before now; None: anybody.
    """

    search: str = ""
    after: str | None = None
    most: int = 50
    world: str | None = None
    kind: str = ""
    state: str = ""
    joined_days: int | None = None
    active_days: int | None = None

    @property
    def narrowed(self) -> dict[str, str | int]:
        """The filters that are set, by name."""
        given = {"kind": self.kind, "state": self.state, "joined": self.joined_days, "active": self.active_days}
        return {name: value for name, value in given.items() if value is not None and value != ""}


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
class Filter:
    """By what people of a world can be chosen. name: `kind`, `state`, `joined` or `active`. label: in words. choices:
    values with their titles; () where it takes a number of days.
    """

    name: str
    label: str
    choices: Sequence[tuple[str, str]] = ()

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        choices = [{"value": value, "title": title} for value, title in self.choices]
        return {"name": self.name, "label": self.label, "choices": choices}


@dataclass(frozen=True, slots=True)
class People:
    """A page of people. following: the key to ask for the next page after; None: this is the last. filters: by what
    they can be chosen."""

    people: Sequence[Shown]
    following: str | None
    filters: Sequence[Filter] = ()

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        shown = [asdict(one) for one in self.people]
        return {"people": shown, "next": self.following, "filters": [one.document() for one in self.filters]}


@dataclass(frozen=True, slots=True)
class PersonShown:
    """Somebody, and what they did, newest first."""

    shown: Shown
    lines: Sequence[Line]

    def document(self) -> dict[str, Any]:
        """As the API shows it."""
        return {**asdict(self.shown), "timeline": [asdict(line) for line in self.lines]}


def people(context: Context, request: PeopleRequest | None = None) -> People:
    """A page of the people of a target. Raises BadInput for a world that does not show them, for a key that is none,
    and for a filter or a value that the world does not have."""
    request = request or PeopleRequest()
    most = _within(request.most, "people.most")
    with population(context, request.world, "people", looking=True) as there:
        filters = _filters(there)
        _require_known(request, filters)
        after = _key(request.after or _FIRST, "people.after")
        found = _shown(there, request, after=after, most=most + 1)
    return People(found[:most], found[most - 1].key if len(found) > most else None, filters)


def _filters(there: Population) -> list[Filter]:
    query, found = world_sql(there.world, "live/filters.sql"), dict[str, tuple[str, list[tuple[str, str]]]]()
    for name, label, value, title in there.connection.execute(query).fetchall() if query else ():
        choices = found.setdefault(name, (label, []))[1]
        if value:
            choices.append((value, title))
    return [Filter(name, *found[name]) for name in FILTERS if name in found]


def _require_known(request: PeopleRequest, filters: Sequence[Filter]) -> None:
    known = {one.name: [value for value, _ in one.choices] for one in filters}
    for name, given in request.narrowed.items():
        if name not in known:
            said = "the people of this world cannot be chosen by this"
            raise BadInput(said, where=f"people.{name}", given=given, allowed=", ".join(known) or None)
        if isinstance(given, str) and given not in known[name]:
            raise BadInput(
                "nobody is of this", where=f"people.{name}", given=given, allowed=nearest(given, known[name])
            )
        if isinstance(given, int) and not 1 <= given <= MOST_DAYS:
            said = "this number of days is out of bounds"
            raise BadInput(said, where=f"people.{name}", given=given, allowed=f"1 to {MOST_DAYS:,}")


def person(context: Context, request: PersonRequest) -> PersonShown:
    """Somebody and their timeline. Raises BadInput when there is nobody of this key."""
    key, most = _key(request.person, "person"), _within(request.most, "person.most")
    with population(context, request.world, "people", looking=True) as there:
        before_us = there.watermark_us if request.before is None else clock.parse(request.before, "person.before")
        # The one after nobody and before the next: their own key is the first after the key just below it.
        found = _shown(there, PeopleRequest(), after=UUID(int=max(0, key.int - 1)), most=1)
        if not found or UUID(found[0].key) != key:
            raise BadInput("there is nobody of this key", where="person", given=request.person)
        query = world_sql(there.world, "live/person.sql")
        bound = {"person": key, "before": clock.to_datetime(before_us), "most": most}
        rows = there.connection.execute(query, bound).fetchall() if query else []
    lines = [Line(clock.iso(clock.from_datetime(at)), kind, text, None, *page) for at, kind, text, *page in rows]
    return PersonShown(found[0], lines)


def _shown(there: Population, asked: PeopleRequest, *, after: UUID, most: int) -> list[Shown]:
    query = world_sql(there.world, "live/people.sql")
    if query is None:
        raise BadInput(
            "this world does not show its people", where=there.world.name,
            todo=Remedy("status", text="{} shows its rows; a world shows them by a file live/people.sql"),
        )  # fmt: skip
    like = "%" + asked.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    until_us = there.watermark_us
    joined_us = until_us - asked.joined_days * clock.DAY_US if asked.joined_days else 0
    active = clock.to_datetime(until_us - asked.active_days * clock.DAY_US) if asked.active_days else None
    bound = {
        "search": like,
        "after": after,
        "most": most,
        "until": clock.to_datetime(until_us),
        "kind": asked.kind,
        "state": asked.state,
        "joined_since": clock.to_datetime(joined_us),
        "active_since": active,
    }
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
