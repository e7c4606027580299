"""A server's parts, wired: contexts, keys, the resident runner, jobs and the feed; and how they begin and end."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from populace.api.feed import Feed, Item
from populace.api.guards import LOOPBACK
from populace.api.jobs import Jobs
from populace.api.keys import ROLES, Keys, Role, Sessions, settle
from populace.api.pool import Pooled
from populace.api.resident import Resident
from populace.database import guard, migrations, secret
from populace.deliver.address import checked
from populace.deliver.realtime import KEY_VARIABLE, URL_VARIABLE, Broadcast
from populace.errors import BadInput, Refused, Remedy
from populace.event import Listener, unheard
from populace.operations import Context
from populace.operations.context import Direct
from populace.operations.opening import Opened, reach, session
from populace.settings import DEFAULT_WORLD

HOST, PORT = "127.0.0.1", 7070
MOST_BROADCAST = 50
"""Lines of what people did in one message."""


@dataclass(frozen=True, slots=True)
class Serving:
    """How a server is meant to be. host, port: where it listens. world: whose people a seed brings to an empty target
    where the request does not say. anon_controls: whether the key `anon` may also control; None: on loopback only.
    origins: pages of other sites that may call the API. hosts: further names of this server. broadcast: a topic of the
    Supabase project to which each window's news are sent as well.
    """

    host: str = HOST
    port: int = PORT
    world: str | None = None
    runner: bool = True
    anon_controls: bool | None = None
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    broadcast: str | None = None
    a_second: float = 50.0
    at_once: float = 200.0

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK

    def require_decided(self) -> None:
        """Raise Refused for a server that others can reach while nobody has said what `anon` may do."""
        if not self.is_local and self.anon_controls is None:
            raise Refused(
                "others can reach this server: say whether the key anon may control it, or only read",
                where="serve.host",
                given=self.host,
                todo=[Remedy("", {"anon": "read"}, "add {}"), Remedy("", {"anon": "control"}, "or {}")],
            )

    @property
    def anon_may_control(self) -> bool:
        """Whether the key `anon` may pause, change settings and bring sessions."""
        return self.is_local if self.anon_controls is None else self.anon_controls


@dataclass(slots=True)
class Service:
    """Everything that routes need. context: for requests, with pooled sessions; direct: for what leads or takes long.

    made: keys that were made now, to be shown once. site: the address of the app's site; "": none is known.
    """

    context: Context
    serving: Serving
    on_event: Listener = unheard
    keys: Keys = field(default_factory=lambda: Keys({}))
    made: Mapping[Role, str] = field(default_factory=dict)
    site: str = ""
    sessions: Sessions = field(default_factory=Sessions)

    pool: Pooled = field(init=False)
    direct: Context = field(init=False)
    jobs: Jobs = field(init=False)
    resident: Resident = field(init=False)
    feed: Feed = field(init=False)
    broadcast: Broadcast | None = None

    def __post_init__(self) -> None:
        self.pool = Pooled()
        self.direct = replace(self.context, connections=Direct())
        self.context = replace(self.context, connections=self.pool)
        self.jobs = Jobs(defect)
        self.resident = Resident(self.direct, self.on_event, defect)
        self.feed = Feed(self.context, self.direct, defect, lambda: {"server": self.document()})

    @property
    def world(self) -> str:
        """The world of a seed that does not name one."""
        return self.serving.world or DEFAULT_WORLD

    def document(self) -> dict[str, Any]:
        """What the API says of the server itself."""
        runner = self.resident
        return {
            "runner": {"state": runner.state, "why": runner.why, "speed": runner.speed, "until": runner.until},
            "watching": self.feed.watching,
            **({"broadcast": self.broadcast.document()} if self.broadcast else {}),
        }

    def settle(self, *, again: bool = False) -> Opened:
        """Reach the target, and settle its keys. Raises Refused for one that is not open. again: with new keys."""
        self.serving.require_decided()
        self.broadcast, self.site = self._broadcast(), self._site()
        settings, opened = self.direct.settings, reach(self.direct, self.direct.registry.find(self.world))
        fixed: dict[Role, str | None] = {"anon": settings.anon_key, "service_role": settings.service_role_key}
        with session(opened, "serve", autocommit=True) as connection:
            guard.require_open(connection, opened.shown)
            migrations.migrate(connection)
            self.keys, self.made = settle(connection, fixed, settings.jwt_secret, again=again)
            self.sessions.settle(self.keys, secret.key_of(connection, "sessions"))
        assert set(self.keys.hashes) == set(ROLES)
        return opened

    def _site(self) -> str:
        """Where visitors see the app, as far as somebody said. Raises BadInput for what is no address."""
        settings = self.direct.settings
        if settings.site_url is None:
            return self.site
        return checked(
            settings.site_url, settings.source("site_url"), what="the address of a site", secret=False, bare=True
        )

    def _broadcast(self) -> Broadcast | None:
        """Where news are sent as well. Raises BadInput where it is not said which project takes them."""
        settings, topic = self.direct.settings, self.serving.broadcast
        if topic is None:
            return None
        url, key = settings.supabase_url, settings.service_role_key
        if not url or not key:
            lacks = [name for name, value in ((URL_VARIABLE, url), (KEY_VARIABLE, key)) if not value]
            raise BadInput("no project is named that could take what is broadcast", where="serve.broadcast",
                           given=topic, todo=f"set {' and '.join(lacks)}")  # fmt: skip
        return Broadcast(url, key, topic)

    @contextmanager
    def living(self) -> Iterator[None]:
        """While a server answers: with its feed, and its runner."""
        with ExitStack() as ends:
            # Each of them, whatever the others do; the last one first.
            for end in (self.pool.shut, self.resident.shut, self.jobs.shut, self.feed.shut):
                ends.callback(end)
            if self.broadcast is not None:
                ends.callback(self.broadcast.shut)
                self.feed.outlet = partial(_offered, self.broadcast)
                self.broadcast.start()
            self.feed.start()
            if self.serving.runner:
                self.resident.start()
            yield


def _offered(broadcast: Broadcast, item: Item) -> None:
    """News as they are broadcast: what people did, and the figures of now."""
    data, state = item["data"], item["data"]["state"]
    figures = {"world": state["world"], "watermark": state["watermark"], "tiles": state["tiles"]}
    broadcast.offer("window", {"id": item["id"], **figures, "lines": data["lines"][-MOST_BROADCAST:]})


def defect(error: BaseException) -> None:
    """Put an error that is none of ours where the operator finds it: on the error stream, not into an answer."""
    sys.stderr.write("".join(traceback.format_exception(error)))
