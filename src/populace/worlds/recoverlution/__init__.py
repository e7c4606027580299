"""Recoverlution: wellness journeys of people in recovery. See README.md beside this file."""

from populace.spec import Arrivals, Members, Quota, Root, Sessions, Settings, World
from populace.worlds.recoverlution import behaviour, catalogue, people
from populace.worlds.recoverlution.parameters import (
    FAMILIES,
    HORIZON_US,
    MINDBLOCKS,
    PARAMETERS,
    PILLARS,
    SCHEMAS,
    derive,
)
from populace.worlds.recoverlution.scenarios import DEFAULT, SCENARIOS
from populace.worlds.recoverlution.tables import TABLES

WORLD = World(
    name="recoverlution",
    title="Recoverlution",
    about="wellness journeys: people in recovery engage with mindblocks and walk through short practices",
    version=1,
    package="populace.worlds.recoverlution",
    parameters=PARAMETERS,
    derive=derive,
    decisions=behaviour.DECISIONS,
    roots=(
        Root(name="organization", size="organizations"),
        Root(name="person", size="count_users"),
        Root(name="settings", size=1),
        Root(name="pillar", size=PILLARS),
        Root(name="schema", size=SCHEMAS),
        Root(name="family", size=FAMILIES),
        Root(name="mindblock", size=MINDBLOCKS),
    ),
    tables=TABLES,
    flows=(
        Members("organizations", "organization", ("organizations",), people.organizations),
        Members("people", "person", ("users", "identities", "profiles", "org_members", "sim_users"), people.people),
        Settings("settings", "settings", ("synthetic_settings",), people.settings),
        Members("pillars", "pillar", ("pillar_catalog",), people.pillars),
        Members("schemas", "schema", ("schema_catalog",), people.schemas),
        Members("families", "family", ("family_catalog",), people.families),
        Members("mindblocks", "mindblock", ("mindblock_library",), people.mindblocks),
        Quota(
            "engagements", "mindblock", ("content_engagements",), per="pairs_per_mindblock", tell=behaviour.engagements
        ),
        Sessions(
            "practising",
            "person",
            ("journey_instances", "journey_scene_events", "mindblock_events"),
            arrivals=Arrivals(
                rate="sessions_per_min",
                cap="max_per_run",
                enabled="enabled",
                process="arrivals",
                before_epoch_days="session_history_days",
                weights="activity",
            ),
            begin=behaviour.begin,
            dwell="scene.dwell",
            think="scene.think",
            tell=behaviour.practise,
        ),
    ),
    scenarios=SCENARIOS,
    default_scenario=DEFAULT,
    history_days="days",
    horizon_us=HORIZON_US,
    digest=catalogue.digest(),
)
