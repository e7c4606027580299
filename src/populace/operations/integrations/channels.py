"""What settings and a plan say of a world's channels: who hears of events, who makes accounts, who answers.

From here come the runner's `Integrations` and the peers of the channels; and what to say to a user when one is missing.
Which channels there are, and what each needs, the world declares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from populace import clock
from populace.deliver.peer import Peer
from populace.errors import BadInput, PopulaceError, Remedy, nearest
from populace.operations.opening import Opened
from populace.operations.population import Place
from populace.plan import Plan
from populace.runner.integrations import Integrations
from populace.settings import VARIABLES, Settings
from populace.spec import AccountService, Channel, EventBatches, Questions, Table, World

if TYPE_CHECKING:
    from populace.deliver.admin_api import AdminApi


@dataclass(frozen=True, slots=True)
class Setup:
    """Where rows wait, what was set, whose people they are, and their plan; None without a population."""

    opened: Opened
    chosen: Settings
    world: World
    plan: Plan | None

    def used(self, channel: Channel) -> bool:
        """Whether there is a use for a channel here; where nobody lives, for those that every plan uses."""
        return channel.when is None if self.plan is None else used(self.plan, channel)


@dataclass(frozen=True, slots=True)
class Remark:
    """Nobody is named who takes the rows of a channel. missing: variables that are not set. remedy: what can be done
    later about what happens meanwhile, where nothing is queued."""

    channel: Channel
    missing: Sequence[str]
    remedy: Remedy | None

    def __str__(self) -> str:
        verb = "is" if len(self.missing) == 1 else "are"
        return f"{self.channel.unheard}: {' and '.join(self.missing)} {verb} not set"

    @property
    def text(self) -> str | Remedy:
        """All of it, with what can be done later as an action."""
        if self.remedy is None:
            return str(self)
        return Remedy(self.remedy.action, self.remedy.arguments, f"{self}. {self.remedy.text}")


def used(plan: Plan, channel: Channel) -> bool:
    """Whether a plan has a use for a channel."""
    return channel.used(plan.eras[-1].values)


def missing(channel: Channel, chosen: Settings) -> list[str]:
    """The variables of the settings without which a channel's peer is not known."""
    return [VARIABLES[name][0] for name in channel.peer.needs if not getattr(chosen, name)]


def setup(there: Place) -> Setup:
    """What is known of a target's channels. Raises Refused when this version would give other people."""
    lived = there.record is not None and there.record.state == "ready"
    plan = there.population().plan if lived else None
    return Setup(there.opened, there.context.settings, there.world, plan)


def integrations(plan: Plan | None, chosen: Settings) -> Integrations:
    """Who receives the events of a plan's people, and who makes their accounts.

    Raises BadInput when accounts are to be made by a service and its address or key is missing.
    """
    if plan is None:
        return Integrations()
    channel = accounts_channel(plan)
    if channel is None:
        return Integrations(heard(plan, chosen))
    from populace.deliver.admin_api import create_users

    api = _admin_api(channel, chosen)
    return Integrations(heard(plan, chosen), partial(create_users, api), channel, api.close)


def heard(plan: Plan, chosen: Settings) -> frozenset[str]:
    """The channels of events that somebody listens to, by name."""
    return frozenset(c.name for c in plan.world.channels if c.has_events and used(plan, c) and not missing(c, chosen))


def remarks(plan: Plan | None, chosen: Settings, since_us: int) -> Sequence[Remark]:
    """What stays in the target, because its integration is not configured. since_us: from when on nothing is queued."""
    if plan is None:
        return ()
    since = clock.iso(since_us // clock.SECOND_US * clock.SECOND_US)
    later = Remedy("backfill_events", {"since": since}, "What happens meanwhile can be queued later by {}")
    return [
        Remark(channel, lacks, later if channel.has_events else None)
        for channel in plan.world.channels
        # Without who makes accounts nobody is seeded or lives: that is an error, and no remark.
        if used(plan, channel) and not isinstance(channel.peer, AccountService) and (lacks := missing(channel, chosen))
    ]


def accounts_channel(plan: Plan) -> Channel | None:
    """The channel of who makes the accounts of a plan's people; None where they are rows like all others."""
    channel = service_channel(plan.world)
    return channel if channel is not None and used(plan, channel) else None


def service_channel(world: World) -> Channel | None:
    """The channel of who may make the accounts of a world's people; None where it declares none."""
    return next((c for c in world.channels if isinstance(c.peer, AccountService)), None)


def questions_channels(plan: Plan) -> Iterator[tuple[Channel, Questions]]:
    """The channels whose peers answer questions of a plan's people."""
    for channel in plan.world.channels:
        if isinstance(channel.peer, Questions) and used(plan, channel):
            yield channel, channel.peer


def events_channel(world: World, name: str | None, where: str = "channel") -> Channel:
    """A channel of events by name; None: the only one that the world has. where: the field that holds the name.

    Raises BadInput when it is none of them.
    """
    known = [c.name for c in world.channels if c.has_events]
    if not known:
        raise BadInput("people of this world emit no events", where=world.name)
    if name is None and len(known) > 1:
        raise BadInput("this world has several channels of events", where=where, allowed=", ".join(known))
    if name is not None and name not in known:
        raise BadInput("this is not a channel of events", where=where, given=name, allowed=nearest(name, known))
    return world.channel(name or known[0])


def stored_by_peers(plan: Plan) -> frozenset[str]:
    """Tables in which a peer stores rows of its own for our people."""
    return frozenset(peer.receipts.table for _, peer in questions_channels(plan) if _stores(plan, peer))


def made_by_service(plan: Plan, table: Table) -> bool:
    """Whether rows of a table are made by a service, which may not take our word for when."""
    channel = accounts_channel(plan)
    if channel is None or not isinstance(channel.peer, AccountService):
        return False
    return table.name in (channel.peer.users, channel.peer.identities)


def peer(setup: Setup, channel: Channel) -> Peer | None:
    """Who takes the rows of a channel; None where there is no use for it, or nobody is named.

    Raises BadInput for an address or a key that cannot be one.
    """
    if not setup.used(channel) or missing(channel, setup.chosen):
        return None
    declared = channel.peer
    if isinstance(declared, EventBatches):
        from populace.deliver.posthog import Capture

        host, key = (_setting(setup.chosen, name) for name in (declared.address, declared.key))
        where, key_where = (setup.chosen.source(name) for name in (declared.address, declared.key))
        return Capture(channel, host, key, where=where, key_where=key_where)
    if isinstance(declared, Questions):
        return _asked(setup, channel, declared)
    from populace.deliver.admin_api import Removals

    return Removals(channel, _admin_api(channel, setup.chosen))


def fault(opened: Opened, chosen: Settings, plan: Plan, channel: Channel) -> PopulaceError | None:
    """Why nothing can be sent on a channel: a setting or a variable of the environment is wrong; None where none is."""
    try:
        made = peer(Setup(opened, chosen, plan.world, plan), channel)
    except PopulaceError as error:
        return error
    if made:
        made.close()
    return None


def _asked(setup: Setup, channel: Channel, declared: Questions) -> Peer | None:
    """Who answers questions; None where nobody lives who would ask."""
    from populace.deliver.chat import Chat
    from populace.deliver.reply import Endpoint

    if setup.plan is None:
        return None
    values, limits = setup.plan.eras[-1].values, declared.limits
    endpoint = Endpoint(
        _setting(setup.chosen, declared.address),
        declared.requests[values.text(declared.request)],
        _setting(setup.chosen, declared.key) or None,
        where=setup.chosen.source(declared.address),
        key_where=setup.chosen.source(declared.key),
        stores=_stores(setup.plan, declared),
        seconds_between=values.number(limits.seconds_between),
        per_run=values.whole(limits.per_run),
        per_day=values.whole(limits.per_day),
    )
    table, opened = setup.plan.world.table(declared.receipts.table), setup.opened
    return Chat(channel, endpoint, table, lambda: opened.connect(f"deliver {channel.name}"))


def _stores(plan: Plan, declared: Questions) -> bool:
    by_peer = declared.receipts.by_peer
    return by_peer is not None and by_peer.holds(plan.eras[-1].values)


def _admin_api(channel: Channel, chosen: Settings) -> AdminApi:
    from populace.deliver.admin_api import AdminApi

    lacks, when = missing(channel, chosen), channel.when
    if lacks:
        own = f"; or let accounts be written by SQL: {when.path}={when.otherwise}" if when else ""
        raise BadInput(
            channel.unheard,
            where=when.path if when else channel.name,
            given=when.value if when else None,
            todo=f"set {' and '.join(lacks)}{own}",
        )
    named = channel.peer
    where, key_where = chosen.source(named.address), chosen.source(named.key)
    return AdminApi(_setting(chosen, named.address), _setting(chosen, named.key), where=where, key_where=key_where)


def _setting(chosen: Settings, name: str) -> str:
    """The value of a setting; empty where there is none."""
    return str(getattr(chosen, name) or "")
