"""Channels: where what a population does leaves for somebody else, by way of the outbox.

A world declares its channels: who takes the rows (one of three kinds of peer), when a plan has a use for them, and how
what comes back is written. Everything that delivers, counts, retries or compares knows only these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from populace.errors import BadInput, PopulaceError, no_such_name
from populace.spec.parameter import Parameter
from populace.spec.values import Values

if TYPE_CHECKING:
    from populace.spec.table import Table

SETTINGS = ("posthog_host", "posthog_key", "chat_url", "service_role_key", "supabase_url")
"""Names of settings that a peer may be reached by; values stand in the environment or a file, never in a world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Holds in plans whose parameter at a path has a value. otherwise: the value with which nobody else is needed."""

    path: str
    value: str
    otherwise: str

    def holds(self, values: Values) -> bool:
        """Whether it does, for the values of a plan."""
        return values[self.path] == self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBatches:
    """A peer that takes events in batches, as PostHog's capture endpoint does; a row's payload is one event.

    Events are put into the outbox only while somebody is named who takes them; time that nobody listened to can be
    queued later. address, key: names of settings. reconciled: of a plan's values, which event comes with each row, by
    the table and the kind of the row ("" where it has none).
    """

    address: str = "posthog_host"
    key: str = "posthog_key"
    reconciled: Callable[[Values], Mapping[tuple[str, str], str]] | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """Settings without which there is nobody."""
        return (self.key,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A shape of request. members: of the JSON body, each with the member of the payload that it is filled with.

    history: the member of the body that holds what was said so far, as a list of objects with `role` and `content`; the
    question is the last of them.
    """

    members: Mapping[str, str]
    history: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """How an answer is written: as one row of a table of the world, once, and only while what it refers to is there.

    key: the member of the payload that holds the row's key. content, metadata: columns of what was answered, and of
    what the peer said of it (model, tokens, cost, latency). copied: columns with the member of the payload that they
    are filled with. fixed: columns that hold the same in all answers. thread: the column, one of `copied`, by which
    rows are of one conversation. role: the column that says who speaks. by_peer: when the peer writes the rows itself,
    the question too, under keys of its own.
    """

    table: str
    key: str
    content: str
    metadata: str
    thread: str
    role: str
    copied: Mapping[str, str]
    fixed: Mapping[str, str]
    by_peer: When | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Paths of how often a peer is asked, by real time: seconds from one call to the next, calls in half an hour, calls
    on a day (UTC)."""

    seconds_between: str
    per_run: str
    per_day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """A peer that is asked, one question at a time, and answers; the row's payload is the question.

    Questions wait in the outbox until somebody is named who answers. address, key: names of settings; a peer without a
    key is asked without. question: the member of the payload that holds its text. moment: the one that holds when it
    was asked. requests: shapes by name; request: the path of the parameter that says which.
    """

    receipts: Receipts
    limits: Limits
    requests: Mapping[str, Request]
    request: str
    question: str = "message"
    moment: str = "at"
    address: str = "chat_url"
    key: str = "service_role_key"

    @property
    def needs(self) -> tuple[str, ...]:
        """Settings without which there is nobody."""
        return (self.address,)

    @property
    def members(self) -> tuple[str, ...]:
        """Members that every payload has, all of them texts."""
        asked = (name for request in self.requests.values() for name in request.members.values())
        known = (self.question, self.moment, self.receipts.key, *self.receipts.copied.values(), *asked)
        return tuple(dict.fromkeys(known))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountService:
    """A peer that makes people's accounts before the rows that refer to them, and deletes them after; as Supabase's
    Admin API does. The rows of the channel are accounts to delete.

    Nobody lives without it, where a plan has a use for it. address, key: names of settings. email_domain: of people's
    addresses, without the @; no account of another domain is ever changed. users, identities: the tables, by name, that
    it keeps of them.
    """

    email_domain: str
    users: str = "users"
    identities: str = "identities"
    address: str = "supabase_url"
    key: str = "service_role_key"

    @property
    def needs(self) -> tuple[str, ...]:
        """Settings without which there is nobody."""
        return (self.address, self.key)


Peer = EventBatches | Questions | AccountService


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where rows of the outbox go.

    name: as the rows have it. title: of the peer, for a reader. peer: who takes them, and what it needs. unheard: the
    text for the user when a plan uses the channel and it is not configured. when: which plans have a use for it; None:
    all of them.
    """

    name: str
    title: str
    peer: Peer
    unheard: str
    when: When | None = None

    def used(self, values: Values) -> bool:
        """Whether a plan of these values has a use for it."""
        return self.when is None or self.when.holds(values)

    @property
    def has_events(self) -> bool:
        """Whether its rows are events, which nobody misses while nobody listens."""
        return isinstance(self.peer, EventBatches)


@dataclass(frozen=True, slots=True)
class Known:
    """What a channel may refer to: a world's parameters, its tables, and the values of a plan that changes none."""

    world: str
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, Table]
    values: Values


def channel_faults(channels: Collection[Channel], known: Known) -> Iterator[PopulaceError]:
    """What is wrong with a world's channels, each fault with its path."""
    for channel in channels:
        where, peer = f"{known.world}.channels.{channel.name}", channel.peer
        settings = [peer.address, peer.key]
        yield from (no_such_name(where, name, SETTINGS) for name in settings if name not in SETTINGS)
        conditions = [channel.when]
        if isinstance(peer, Questions):
            conditions.append(peer.receipts.by_peer)
            yield from _question_faults(peer, known, where)
        elif isinstance(peer, AccountService):
            yield from _unlisted((peer.users, peer.identities), known.tables, where)
            if not peer.email_domain or "@" in peer.email_domain:
                yield BadInput("accounts need a domain without an @", where=where, given=peer.email_domain)
        elif peer.reconciled is not None:
            yield from _unlisted((table for table, _ in peer.reconciled(known.values)), known.tables, where)
        for when in conditions:
            if when is not None:
                yield from _condition_faults(when, known, where)


def _condition_faults(when: When, known: Known, where: str) -> Iterator[PopulaceError]:
    parameter = known.parameters.get(when.path)
    if parameter is None:
        yield no_such_name(where, when.path, known.parameters)
        return
    yield from _unlisted((when.value, when.otherwise), parameter.choices, where)


def _question_faults(peer: Questions, known: Known, where: str) -> Iterator[PopulaceError]:
    parameter = known.parameters.get(peer.request)
    if parameter is None:
        yield no_such_name(where, peer.request, known.parameters)
    else:
        yield from _unlisted(parameter.choices, peer.requests, where)
    limits = (peer.limits.seconds_between, peer.limits.per_run, peer.limits.per_day)
    yield from _unlisted(limits, known.values, where)
    receipts, table = peer.receipts, known.tables.get(peer.receipts.table)
    if table is None:
        yield no_such_name(where, receipts.table, known.tables)
        return
    columns = [c.name for c in table.columns]
    wanted = (receipts.content, receipts.metadata, receipts.role, "created_at", *receipts.copied, *receipts.fixed)
    yield from _unlisted(wanted, columns, where)
    yield from _unlisted((receipts.thread,), receipts.copied, where)
    if len(table.key) != 1:
        yield BadInput("answers are identified by one column", where=f"{where}.{table.name}", given=table.key)


def _unlisted(given: Collection[str] | Iterator[str], names: Collection[str], where: str) -> Iterator[PopulaceError]:
    return (no_such_name(where, name, names) for name in given if name not in names)
