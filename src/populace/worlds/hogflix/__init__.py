"""HogFlix: a streaming site whose people sign up, form habits, become inactive and leave. See README.md here."""

from __future__ import annotations

from populace.clock import DAY_US
from populace.spec import Lifecycle, Members, Root, World
from populace.spec.kit import names
from populace.spec.kit.catalogue import together
from populace.spec.zones import VERSION
from populace.worlds.hogflix import catalogue
from populace.worlds.hogflix.behaviour import support, traces, viewing, visits
from populace.worlds.hogflix.behaviour.navigation import NAVIGATION
from populace.worlds.hogflix.catalogue import content
from populace.worlds.hogflix.parameters import PARAMETERS, derive
from populace.worlds.hogflix.parameters.differences import DIFFERENCES, DIFFERENCES_DECISIONS
from populace.worlds.hogflix.parameters.people import DAY_STARTS_US, LONGEST_US, SEGMENTS
from populace.worlds.hogflix.parameters.tastes import TASTES_DECISIONS
from populace.worlds.hogflix.parameters.visits import VISIT_DECISIONS
from populace.worlds.hogflix.people import accounts, subscriptions, traits
from populace.worlds.hogflix.people.lifecycle import (
    DECISIONS,
    HABITS,
    LIFE_EVENTS,
    LIVING,
    POOL,
    SCORE,
    STREAK,
    TRANSITIONS,
)
from populace.worlds.hogflix.realism import REALISM
from populace.worlds.hogflix.reporting import costs, events
from populace.worlds.hogflix.reporting.channels import CHANNELS
from populace.worlds.hogflix.scenarios import DEFAULT, PRESETS, SCENARIOS
from populace.worlds.hogflix.tables import TABLES

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
    leaves="leaves",
    activity="activity",
    heterogeneity=DIFFERENCES,
    follow_up=support.FOLLOW_UP,
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
    key=traits.user_key,
    called=traits.distinct_id,
    sign_up=traits.sign_up,
    evolve=subscriptions.evolve,
    people=accounts.people,
    moved=subscriptions.moved,
    times=visits.times,
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
    about="a streaming site: people sign up, watch by habit, rate, chat with FlixBuddy, become inactive and leave",
    version=4,
    package="populace.worlds.hogflix",
    needs=("accounts", "roles", "visitor"),
    parameters=PARAMETERS,
    derive=derive,
    decisions=(*DECISIONS, *DIFFERENCES_DECISIONS, *VISIT_DECISIONS, *TASTES_DECISIONS),
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
    crons=("15 7 * * *", "*/30 * * * *"),
    history_days="days",
    horizon_us=DAY_US,
    costs=costs.costs,
    channels=CHANNELS,
    keys=("payments",),
    counted="personas",
    site="populace.sites.hogflix:create",
    navigation=NAVIGATION,
    realism=REALISM,
    digest=lambda: together(catalogue.digest(), names.digest(), VERSION),
)
