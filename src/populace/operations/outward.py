"""What settings and a plan say of the world outside the target: who hears of events, who makes accounts, who answers.

From here come the runner's `Integrations` and the peers of the channels; and what to tell a user when somebody is
missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from populace.database import guard
from populace.database.named import named
from populace.deliver.peer import Peer
from populace.errors import BadInput
from populace.operations.opening import Connection, Opened, resident, session, world_sql
from populace.plan import Plan
from populace.runner import records
from populace.runner.integrations import Integrations
from populace.settings import VARIABLES, Settings
from populace.sinks.accounts import IDENTITIES, SCHEMA, USERS
from populace.spec import Table, World

ANSWERS, STORED_BY, ACCOUNTS = "flixbuddy_answers", "flixbuddy_stored_by", "accounts_through"
"""Paths of parameters that say who does what; a world that declares none of them does it all in its tables."""
RECEIPTS = "receipts.sql"
CHAT_TABLE = "chat_messages"
"""Where replies are written."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Where rows wait, what was set, and the plan of the people there; None where nobody lives yet."""

    opened: Opened
    chosen: Settings
    plan: Plan | None


def value(plan: Plan | None, path: str) -> str | None:
    """What a plan says of a path; None where its world has no such parameter."""
    if plan is None or all(p.path != path for p in plan.world.parameters):
        return None
    return str(plan.eras[-1].values[path])


def lives(opened: Opened, world: World) -> Plan | None:
    """The plan of whoever lives in a target; None where nobody does, or people of a world that is not at hand."""
    with session(opened, "settings", looking=True) as connection:
        return plan_of(connection, world) if guard.is_open(connection) else None


def plan_of(connection: Connection, world: World) -> Plan | None:
    """The same in an open session. Raises Refused when this version would give other people."""
    record = records.read_plan(connection)
    if record is None or record.state != "ready":
        return None
    world = resident(world, record)
    return records.stored_plan(connection, world, record) if record.world == world.name else None


def outside(plan: Plan | None, chosen: Settings) -> Integrations:
    """Who listens to the events of a plan's people, and who makes their accounts.

    Raises BadInput when accounts are to be made by an API and its address or key is missing.
    """
    if plan is None:
        return Integrations()
    reports = chosen.posthog_key is not None and plan.world.has_reports
    if value(plan, ACCOUNTS) != "api":
        return Integrations(reports)
    from populace.deliver.accounts import AdminApi, create_users

    url, key = _admin(chosen)
    api = AdminApi(url, key)
    return Integrations(reports, partial(create_users, api), api.close)


def remarks(plan: Plan | None, chosen: Settings) -> Sequence[str]:
    """What will not leave the target, since nobody is named who would take it."""
    if plan is None:
        return ()
    out = []
    if plan.world.has_reports and chosen.posthog_key is None:
        out.append(
            f"no events: {VARIABLES['posthog_key'][0]} is not set. "
            "What happens meanwhile can be queued later by populace posthog backfill"
        )
    if value(plan, ANSWERS) == "endpoint" and not chosen.chat_url:
        out.append(f"questions in chats wait in the outbox: {VARIABLES['chat_url'][0]} is not set")
    return out


def stored_by_endpoint(plan: Plan) -> frozenset[str]:
    """Tables in which an endpoint stores rows of its own for our people."""
    answered = value(plan, ANSWERS) == "endpoint" and value(plan, STORED_BY) == "endpoint"
    return frozenset({CHAT_TABLE}) if answered else frozenset()


def made_by_service(plan: Plan, table: Table) -> bool:
    """Whether rows of a table are made by a service, which may not take our word for when."""
    return value(plan, ACCOUNTS) == "api" and table.schema == SCHEMA and table.name in (USERS, IDENTITIES)


def posthog(setup: Setup) -> Peer | None:
    """Who takes events."""
    from populace.deliver.posthog import Capture

    chosen = setup.chosen
    return Capture(chosen.posthog_host, chosen.posthog_key) if chosen.posthog_key else None


def chat(setup: Setup) -> Peer | None:
    """Who answers in chats, where the plan leaves that to an endpoint. Raises BadInput for what is no address."""
    plan, chosen = setup.plan, setup.chosen
    if plan is None or value(plan, ANSWERS) != "endpoint" or not chosen.chat_url:
        return None
    from populace.deliver.chat import Chat
    from populace.deliver.reply import Endpoint

    if world_sql(plan.world, RECEIPTS) is None:
        raise BadInput("this world does not say how a reply is written", where=f"{plan.world.name}.{RECEIPTS}")
    values, statements = plan.eras[-1].values, named(plan.world.package, RECEIPTS)
    endpoint = Endpoint(
        _address(chosen.chat_url, VARIABLES["chat_url"][0]),
        chosen.service_role_key,
        request="script" if values["flixbuddy_request"] == "script" else "function",
        stored_by="endpoint" if values[STORED_BY] == "endpoint" else "populace",
        seconds_between=values.number("flixbuddy_seconds_between"),
        per_run=values.whole("flixbuddy_per_run"),
        per_day=values.whole("flixbuddy_per_day"),
    )
    return Chat(
        endpoint, lambda: setup.opened.connect("deliver chat"), statements["chat_reply"], statements.get("chat_so_far")
    )


def auth(setup: Setup) -> Peer | None:
    """Who deletes accounts, where the plan leaves them to an API."""
    plan, chosen = setup.plan, setup.chosen
    if plan is None or value(plan, ACCOUNTS) != "api" or not (chosen.supabase_url and chosen.service_role_key):
        return None
    from populace.deliver.accounts import AdminApi, Removals

    return Removals(AdminApi(*_admin(chosen)), plan.world.email_domain)


CHANNELS: dict[str, tuple[Callable[[Setup], Peer | None], str]] = {
    "posthog": (posthog, VARIABLES["posthog_key"][0]),
    "chat": (chat, VARIABLES["chat_url"][0]),
    "auth": (auth, f"{VARIABLES['supabase_url'][0]} and {VARIABLES['service_role_key'][0]}"),
}
"""By channel: who takes its rows (None without the setting, or where the plan has no use for it), and the setting."""


def _admin(chosen: Settings) -> tuple[str, str]:
    if not chosen.supabase_url or not chosen.service_role_key:
        missing = [
            VARIABLES[name][0] for name in ("supabase_url", "service_role_key") if not getattr(chosen, name)
        ]  # fmt: skip
        raise BadInput(
            "accounts are made by Supabase's API, and it is not known where it is or with which key",
            where=ACCOUNTS,
            given="api",
            todo=f"set {' and '.join(missing)}; or let accounts be written by SQL: --set {ACCOUNTS}=sql",
        )
    return _address(chosen.supabase_url, VARIABLES["supabase_url"][0]), chosen.service_role_key


def _address(url: str, where: str) -> str:
    import httpx

    try:
        parts = httpx.URL(url)
        usable = parts.scheme in ("http", "https") and parts.host and not parts.userinfo
    except (httpx.InvalidURL, ValueError):
        usable = False
    if not usable:
        raise BadInput("this is no address", where=where, given=None if "@" in url else url, allowed="https://…")
    return url.rstrip("/")
