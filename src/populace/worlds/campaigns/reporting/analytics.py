"""What the platform records about itself: how fast it answers, what its users do, and what goes wrong.

These rows come by the calendar and hang on no campaign. Errors change once: most are resolved within a day.
"""

from __future__ import annotations

import numpy as np

from populace.clock import DAY_US, HOUR_US, MINUTE_US
from populace.spec import (
    NEVER,
    Bools,
    Chance,
    Choice,
    Decision,
    Draw,
    EmitContext,
    Ints,
    Items,
    Joined,
    Json,
    Key,
    Number,
    Optional,
    Progress,
    Rows,
    TableRows,
    Uniform,
    Words,
    zones,
)
from populace.spec.kit.parameters import composed
from populace.spec.kit.places import drawn_within, firsts
from populace.spec.kit.words import drawn
from populace.worlds.campaigns.behaviour import wording
from populace.worlds.campaigns.catalogue.log_words import (
    AGENTS,
    API_PATHS,
    BROWSERS,
    CARD_FAULTS,
    FAULTS,
    FEATURES,
    METHODS,
    METRICS,
    PAGES,
    PLATFORMS,
    SEVERITIES,
    TYPES,
)
from populace.worlds.campaigns.parameters import CLOSES, OPENS
from populace.worlds.campaigns.parameters.fixed import PEAKS, QUICKER, RESOLVERS, SLOWER
from populace.worlds.campaigns.tables import layout

USAGE_KINDS = ("page_view", "feature_used", "action_completed")
API, DATABASE = TYPES.index("api_error"), TYPES.index("database_error")

DECISIONS: tuple[Decision, ...] = (
    Choice("metric.type", (1.0,) * len(METRICS)),
    Chance("metric.has_user", 0.8),
    Chance("metric.has_client", 0.9),
    Choice("usage.type", (1.0,) * len(USAGE_KINDS)),
    Choice("usage.feature", (1.0,) * len(FEATURES)),
    Chance("usage.has_client", 0.85),
    Chance("usage.feature_works", 0.95),
    Chance("usage.action_works", 0.92),
    Uniform("usage.seconds", 10, 309),
    Uniform("usage.action_ms", 100, 5_099),
    Choice("error.type", tuple(share for _, _, share in SEVERITIES.values())),
    Chance("error.of_card", 0.25),
    Choice("error.card_fault.api", (1.0,) * len(CARD_FAULTS["api_error"])),
    Choice("error.card_fault.database", (1.0,) * len(CARD_FAULTS["database_error"])),
    Chance("error.has_user", 0.8),
    Chance("error.has_client", 0.9),
    Chance("error.has_stack", 0.5),
    Chance("error.has_request", 0.3),
    Chance("error.resolved", 0.95),
)
MOMENTS = ("resolved_at",)
"""The columns of `follow_errors` that hold moments."""


def follow_metrics(draw: Draw, items: Items) -> Progress:
    """What each measurement is of: type, has_user and has_client (0 or 1). All of it is decided at its moment."""
    number, at = items.number, items.at
    return Progress({
        "type": draw.choose("metric.type", number, at),
        "has_user": draw.chance("metric.has_user", number, at).astype(np.int64),
        "has_client": draw.chance("metric.has_client", number, at).astype(np.int64),
    })  # fmt: skip


def performance(draw: Draw, context: EmitContext) -> TableRows:
    """How long items took: one row a measurement, in whole milliseconds."""
    number, at, way = context.items.number, context.items.at, context.progress.items
    kind = way["type"]
    low = np.array([low for low, _, _ in METRICS.values()])[kind]
    reach = np.array([high - low for low, high, _ in METRICS.values()])[kind]
    # The mean of three even draws, in thirds of a millisecond, so that nothing is rounded but the duration itself.
    thirds = 3 * low + sum(draw.below("metric.value", reach + 1, number, k) for k in range(3))
    hour = local_hour(draw, at)
    percent = np.where(np.isin(hour, PEAKS), SLOWER, np.where((hour < OPENS) | (hour >= CLOSES), QUICKER, 100))
    user, serves, client = _who(draw, "metric", number)
    return {"performance_metrics": Rows(context.items.member, {
        "id": Key("performance_metrics", number, at),
        "user_id": Optional(way["has_user"] > 0, user),
        "client_id": Optional((way["has_client"] > 0) & serves, client),
        "metric_type": Words(kind, tuple(METRICS)),
        "metric_name": _of_kind(draw, "metric.name", number, kind, tuple(names for _, _, names in METRICS.values())),
        "duration_ms": (thirds * percent + 150) // 300,
        "metadata": Json({
            "simulated": True,
            "browser": drawn(draw, "metric.browser", number, BROWSERS),
            "platform": drawn(draw, "metric.platform", number, PLATFORMS),
        }),
        "recorded_at": at,
        "created_at": at,
    }, at)}  # fmt: skip


def follow_usage(draw: Draw, items: Items) -> Progress:
    """What users do: kind (a position in `USAGE_KINDS`), feature, has_client, works (1 unless an attempt failed),
    seconds (of a page that was viewed) and millis (of an action), 0 for the other kinds.
    """
    number, at = items.number, items.at
    kind = draw.choose("usage.type", number, at)
    works = np.ones(len(number), dtype=np.int64)
    seconds, millis = np.zeros(len(number), dtype=np.int64), np.zeros(len(number), dtype=np.int64)
    viewed, used, done = (np.flatnonzero(kind == one) for one in range(3))
    seconds[viewed] = draw.measure("usage.seconds", number[viewed], at[viewed])
    works[used] = draw.chance("usage.feature_works", number[used], at[used])
    works[done] = draw.chance("usage.action_works", number[done], at[done])
    millis[done] = draw.measure("usage.action_ms", number[done], at[done])
    return Progress({
        "kind": kind,
        "feature": draw.choose("usage.feature", number, at),
        "has_client": draw.chance("usage.has_client", number, at).astype(np.int64),
        "works": works,
        "seconds": seconds,
        "millis": millis,
    })  # fmt: skip


def usage(draw: Draw, context: EmitContext) -> TableRows:
    """What users of the platform looked at, tried and got done."""
    number, at, way = context.items.number, context.items.at, context.progress.items
    kind, works = way["kind"], way["works"] > 0
    user, serves, client = _who(draw, "usage", number)
    return {"usage_analytics": Rows(context.items.member, {
        "id": Key("usage_analytics", number, at),
        "user_id": user,
        "client_id": Optional((way["has_client"] > 0) & serves, client),
        "event_type": Words(kind, USAGE_KINDS),
        "feature_name": Words(way["feature"], FEATURES),
        "metadata": Json({
            "simulated": True,
            "duration_seconds": Optional(kind == 0, way["seconds"]),
            "success": Optional(kind > 0, works),
            "duration_ms": Optional(kind == 2, way["millis"]),
        }),
        "occurred_at": at,
        "created_at": at,
    }, at)}  # fmt: skip


def follow_errors(draw: Draw, items: Items) -> Progress:
    """What goes wrong: type (a position in `TYPES`), of_card (which gift card fault of its type; −1 for any other),
    has_user, has_client, has_stack, has_request (0 or 1), and resolved_at (µs, `NEVER` for what stays open).
    """
    number, at = items.number, items.at
    kind = draw.choose("error.type", number, at)
    of_card = np.full(len(number), -1)
    if draw.values.flag("gift_cards"):
        some = np.flatnonzero((kind == API) | (kind == DATABASE))
        some = some[draw.chance("error.of_card", number[some], at[some])]
        for one, name in ((API, "api"), (DATABASE, "database")):
            here = some[kind[some] == one]
            of_card[here] = draw.choose(f"error.card_fault.{name}", number[here], at[here])
    resolved = np.full(len(number), NEVER)
    done = np.flatnonzero(draw.chance("error.resolved", number, at))
    minutes = 5 + draw.below("error.resolution", DAY_US // MINUTE_US - 5, number[done])
    resolved[done] = at[done] + minutes * MINUTE_US
    return Progress({
        "type": kind,
        "of_card": of_card,
        "has_user": draw.chance("error.has_user", number, at).astype(np.int64),
        "has_client": draw.chance("error.has_client", number, at).astype(np.int64),
        "has_stack": draw.chance("error.has_stack", number, at).astype(np.int64),
        "has_request": draw.chance("error.has_request", number, at).astype(np.int64),
        "resolved_at": resolved,
    })  # fmt: skip


def errors(draw: Draw, context: EmitContext) -> TableRows:
    """What went wrong, and whether somebody has seen to it by the end of the span."""
    number, at, way = context.items.number, context.items.at, context.progress.items
    kind, end = way["type"], context.span.end_us
    resolved = way["resolved_at"] < end
    fault = _fault(draw, number, kind, way["of_card"])
    component = Words(fault, tuple(f.component for f in _FAULTS))
    function = Words(fault, tuple(f.function for f in _FAULTS))
    message = Joined((Words(fault, tuple(f.message for f in _FAULTS)),))
    if composed(draw):
        request = Number(draw.below("error.request", 10**6, number), 6)
        message = Joined((*message.parts, " ", *wording.error(draw, number).parts, ", request ", request))
    user, serves, client = _who(draw, "error", number)
    page = draw.below("error.page", len(PAGES), number)
    by = draw.below("error.resolved_by", min(RESOLVERS, draw.size("staff")), number)
    changed = np.where(resolved, way["resolved_at"], np.where(at < end, at, NEVER))
    return {"error_logs": Rows(context.items.member, {
        "id": Key("error_logs", number, at),
        "user_id": Optional(way["has_user"] > 0, user),
        "client_id": Optional((way["has_client"] > 0) & serves, client),
        "error_type": Words(kind, TYPES),
        "error_message": message,
        "error_code": Joined(("E", Number(1000 + draw.below("error.code", 9000, number)))),
        "stack_trace": Optional(way["has_stack"] > 0, Joined((
            "Error: ", *message.parts, "\n    at ", function, " (src/", component, ".ts:",
            Number(12 + draw.below("error.line", 480, number)), ":", Number(3 + draw.below("error.column", 60, number)),
            ")\n    at async handleRequest (src/server/router.ts:",
            Number(40 + draw.below("error.caller", 60, number)), ":7)",
        ))),
        "component_name": component,
        "function_name": function,
        "url": Joined(("https://app.example.com", Words(page, PAGES))),
        "user_agent": drawn(draw, "error.agent", number, AGENTS),
        "request_data": Optional(way["has_request"] > 0, Json({
            "method": drawn(draw, "error.method", number, METHODS),
            "path": drawn(draw, "error.path", number, API_PATHS),
            "attempt": 1 + draw.below("error.attempt", 3, number),
        })),
        "severity": Words(kind, tuple(severity for severity, _, _ in SEVERITIES.values())),
        "category": Words(kind, tuple(name.removesuffix("_error") for name in TYPES)),
        "source": Words(kind, tuple(source for _, source, _ in SEVERITIES.values())),
        "metadata": Json({
            "simulated": True,
            "gift_card_error": Optional(way["of_card"] >= 0, Words(fault, tuple(f.code for f in _FAULTS))),
        }),
        "occurred_at": at,
        "resolved": resolved,
        "resolved_at": Optional(resolved, way["resolved_at"]),
        "resolved_by": Optional(resolved, layout.user_key(by)),
        "created_at": at,
    }, changed, number)}  # fmt: skip


def local_hour(draw: Draw, at: Ints) -> Ints:
    """The hour (0 to 23) at which moments (µs) are read on a clock of the platform."""
    zone = (draw.values.text("timezone"),)
    return (at + zones.offset_us(zone, np.zeros(len(at), dtype=np.int64), at)) % DAY_US // HOUR_US


def _who(draw: Draw, kind: str, number: Ints) -> tuple[Key, Bools, Key]:
    """A user, whether there is a client that they work for, and which: their own, or one of their organisation."""
    staff = draw.size("staff")
    who = draw.below(f"{kind}.user", staff + draw.size("client_user"), number)
    office, employed = layout.employer_of(draw, who), who < staff
    many = layout.clients_of(draw, office)
    rank = draw.below(f"{kind}.client", np.maximum(many, 1), number)
    client = np.where(employed, layout.client_of(draw, office, rank), layout.client_served(draw, who - staff))
    address = np.where(employed, who, layout.CLIENT_USERS | who - staff)
    return layout.user_key(address), ~employed | (many > 0), layout.client_key(client)


def _of_kind(draw: Draw, stream: str, number: Ints, kind: Ints, words: tuple[tuple[str, ...], ...]) -> Words:
    """One of the words of its kind, all alike."""
    many = np.array([len(some) for some in words])
    return Words(drawn_within(draw, stream, many, kind, number), tuple(w for some in words for w in some))


_GROUPS = (*(FAULTS[name] for name in TYPES), CARD_FAULTS["api_error"], CARD_FAULTS["database_error"])
_FAULTS = tuple(fault for group in _GROUPS for fault in group)


def _fault(draw: Draw, number: Ints, kind: Ints, of_card: Ints) -> Ints:
    """Which of all faults: one of its type, or of gift cards."""
    many = np.array([len(group) for group in _GROUPS])
    plain, first = drawn_within(draw, "error.fault", many, kind, number), firsts(many)
    which: Ints = np.where(of_card >= 0, first[np.where(kind == API, len(TYPES), len(TYPES) + 1)] + of_card, plain)
    return which
