"""HogFlix: a streaming site whose people sign up, form habits, drift off and leave. See README.md beside this file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from populace.clock import DAY_US
from populace.spec import Lifecycle, Members, Root, Values, World
from populace.spec.zones import VERSION
from populace.worlds.hogflix import (
    accounts,
    catalogue,
    content,
    costs,
    events,
    people,
    subscriptions,
    traces,
    viewing,
    visit_times,
)
from populace.worlds.hogflix.channels import CHANNELS
from populace.worlds.hogflix.derived import derive as derive_people
from populace.worlds.hogflix.lifecycle import (
    DECISIONS,
    HABITS,
    LIFE_EVENTS,
    LIVING,
    POOL,
    SCORE,
    STREAK,
    TRANSITIONS,
)
from populace.worlds.hogflix.parameters import PARAMETERS
from populace.worlds.hogflix.people import DAY_STARTS_US, LONGEST_US, SEGMENTS
from populace.worlds.hogflix.scenarios import DEFAULT, PRESETS, SCENARIOS
from populace.worlds.hogflix.tables import TABLES
from populace.worlds.hogflix.visits_parameters import VISIT_DECISIONS, VISIT_PARAMETERS, derive_visits


def derive(values: Values) -> Mapping[str, object]:
    """What follows from the parameters of people and of visits; BadInput for numbers that do not go together."""
    return {**derive_people(values), **derive_visits(values)}


LIFE = Lifecycle(
    name="life",
    root="pool",
    tables=(
        *accounts.TABLES_OF_PEOPLE,
        "user_subscriptions",
        "watch_progress",
        "video_ratings",
        "user_watchlist",
        "chat_conversations",
        "chat_messages",
        "support_tickets",
        "daily_metrics",
    ),
    day_starts_us=DAY_STARTS_US,
    pool=POOL,
    enabled="enabled",
    away="away",
    activity="activity",
    seasons="seasons",
    weekdays="weekdays",
    states=LIVING,
    transitions=TRANSITIONS,
    patterns=HABITS,
    first_pattern="DAILY",
    assigned_after="assigned_after",
    assigned=tuple(f"pattern.{segment}" for segment in SEGMENTS),
    segments=SEGMENTS,
    segment="plan",
    life_events=LIFE_EVENTS,
    life_events_weights="life.event",
    score=SCORE,
    streak=STREAK,
    kept="churned.kept",
    visits="visits",
    longest_us=LONGEST_US,
    fields=subscriptions.FIELDS,
    key=people.user_key,
    called=people.distinct_id,
    sign_up=people.sign_up,
    evolve=subscriptions.evolve,
    people=accounts.people,
    moved=subscriptions.moved,
    times=visit_times.times,
    walk=viewing.walk,
    emit=traces.emit,
    emit_days=traces.emit_days,
    events=events.report,
    move_events=events.report_moves,
    people_events=events.report_people,
)

WORLD = World(
    name="hogflix",
    title="HogFlix",
    about="a streaming site: people sign up, watch by habit, rate, chat with FlixBuddy, drift off and leave",
    version=1,
    package="populace.worlds.hogflix",
    parameters=(*PARAMETERS, *VISIT_PARAMETERS),
    derive=derive,
    decisions=(*DECISIONS, *VISIT_DECISIONS),
    # Parents before children: tables that are there already have their foreign keys.
    roots=(
        Root(name="plan", size=len(catalogue.plans())),
        Root(name="category", size=len(catalogue.categories())),
        Root(name="staff", size=len(accounts.STAFF)),
        Root(name="title", size="titles"),
        Root(name="pool", size="pools"),
    ),
    tables=TABLES,
    flows=(
        Members("plans", "plan", ("subscription_plans",), content.plans),
        Members("categories", "category", ("categories",), content.categories),
        Members("staff", "staff", accounts.TABLES_OF_PEOPLE, accounts.staff),
        Members("titles", "title", ("videos", "admin_activity_log"), content.titles, dated=True),
        LIFE,
    ),
    scenarios=SCENARIOS,
    presets=PRESETS,
    default_scenario=DEFAULT,
    people_root="pool",
    history_days="days",
    horizon_us=DAY_US,
    costs=costs.costs,
    channels=CHANNELS,
    counted="personas",
    digest=hashlib.sha256(f"{catalogue.digest()} {VERSION}".encode()).hexdigest(),
)
