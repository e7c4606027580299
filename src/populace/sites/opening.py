"""From a target to the site of whoever lives there: what a site may know, and the server in front of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from fastapi import FastAPI

from populace.api.pool import Pooled
from populace.database import secret
from populace.database.connection import Connection
from populace.deliver.address import checked, checked_key
from populace.operations.context import Context
from populace.operations.declared import site_of
from populace.operations.opening import Opened, session
from populace.operations.population import Population, population
from populace.settings import Settings
from populace.spec import AccountService, Value

HOST, PORT = "127.0.0.1", 7080
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Analytics:
    """Where pages send events: the address of a project's capture endpoint, without a slash at its end, and its key,
    which every visitor sees."""

    host: str
    key: str


@dataclass(frozen=True, slots=True)
class Place:
    """What a site is given. opened: the target; pool: its sessions. settings: of the plan there, as its seed left them.
    domain: of synthetic people's addresses; "" where accounts have none. key: for cookies. analytics: None where no
    project is configured. function_key: what callers of the site's functions must carry; None: nothing.
    """

    opened: Opened
    pool: Pooled = field(repr=False)
    settings: Mapping[str, Value]
    domain: str
    key: bytes = field(repr=False)
    analytics: Analytics | None = None
    function_key: str | None = field(default=None, repr=False)

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A session of the pool, committed at its end. Raises TargetUnavailable while the database is away."""
        with session(self.opened, "site") as connection:
            yield connection


Site = Callable[[Place], FastAPI]
"""Makes the application of a world's site."""


def open_site(context: Context, world: str | None) -> tuple[FastAPI, Place]:
    """The site of whoever lives at the target. Raises Refused where nobody does, or their world declares no site."""
    # A server opens its database when it begins, and never again: so this first session is a direct one.
    analytics, function_key = _analytics(context.settings), context.settings.service_role_key
    with population(context, world, "site", looking=True) as there:
        site: Site = site_of(there.world, there.called)
        key = secret.key_of(there.connection, "sessions of the site") or os.urandom(KEY_BYTES)
        settings, domain, opened = dict(there.plan.settings), _domain(there), there.opened
    pool = Pooled("populace site")
    place = Place(replace(opened, connections=pool), pool, settings, domain, key, analytics, function_key)
    return site(place), place


def _domain(there: Population) -> str:
    peers = (channel.peer for channel in there.world.channels)
    return next((peer.email_domain for peer in peers if isinstance(peer, AccountService)), "")


def _analytics(chosen: Settings) -> Analytics | None:
    if chosen.posthog_key is None:
        return None
    where, key_where = chosen.source("posthog_host"), chosen.source("posthog_key")
    host = checked(chosen.posthog_host, where, what="the address of a PostHog", secret=True, bare=True)
    return Analytics(host, checked_key(chosen.posthog_key, key_where, "a project API key"))
