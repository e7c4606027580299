"""Recoverlution: wellness journeys of people in recovery. See README.md beside this file."""

from populace.spec import Arrivals, Members, Quota, Root, Sessions, Settings, World
from populace.spec.kit.catalogue import together
from populace.worlds.recoverlution import catalogue, people
from populace.worlds.recoverlution.behaviour import engagements, flow, journeys
from populace.worlds.recoverlution.catalogue import content, cues, templates
from populace.worlds.recoverlution.parameters import (
    CUES,
    FAMILIES,
    HORIZON_US,
    MINDBLOCKS,
    PARAMETERS,
    PILLARS,
    PRACTICES,
    SCHEMAS,
    SPRINT_SCENES,
    TEMPLATES,
    derive,
)
from populace.worlds.recoverlution.scenarios import DEFAULT, PRESETS, SCENARIOS
from populace.worlds.recoverlution.tables import TABLES

WORLD = World(
    name="recoverlution",
    title="Recoverlution",
    about="wellness journeys: people in recovery engage with mindblocks, and walk through practices and sprints",
    version=2,
    package="populace.worlds.recoverlution",
    parameters=PARAMETERS,
    derive=derive,
    decisions=flow.DECISIONS,
    roots=(
        Root(name="organization", size="organizations"),
        Root(name="settings", size=1),
        Root(name="pillar", size=PILLARS),
        Root(name="schema", size=SCHEMAS),
        Root(name="family", size=FAMILIES),
        Root(name="mindblock", size=MINDBLOCKS),
        Root(name="practice", size=PRACTICES),
        Root(name="template", size=TEMPLATES),
        Root(name="scene", size=TEMPLATES * SPRINT_SCENES),
        Root(name="cue", size=CUES),
        Root(name="cue_step", size=len(cues.steps())),
        Root(name="cue_variant", size=len(cues.variants())),
        Root(name="cue_target", size=len(cues.targets())),
        # After what their rows refer to: tables that are there already have their foreign keys.
        Root(name="person", size="count_users"),
        Root(name="pairing", size=MINDBLOCKS),
    ),
    tables=TABLES,
    flows=(
        Members("organizations", "organization", ("organizations",), people.organizations),
        Members("people", "person", ("users", "identities", "profiles", "org_members", "sim_users"), people.people),
        Settings("settings", "settings", ("synthetic_settings",), people.settings),
        Members("pillars", "pillar", ("pillar_catalog",), content.pillars),
        Members("schemas", "schema", ("schema_catalog",), content.schemas),
        Members("families", "family", ("family_catalog",), content.families),
        Members("mindblocks", "mindblock", ("mindblock_library",), content.mindblocks),
        Members("practices", "practice", ("practice_template",), content.practices),
        Members("templates", "template", ("journey_template",), content.journey_templates),
        Members("scenes", "scene", ("journey_template_scene", "scene_contracts"), content.scenes),
        Members("cues", "cue", ("navicues_v2",), content.navicues),
        Members("cue_steps", "cue_step", ("navicue_steps_v2",), content.cue_steps),
        Members("cue_variants", "cue_variant", ("navicue_variants_v2",), content.cue_variants),
        Members("cue_targets", "cue_target", ("navicue_targets_v2",), content.cue_targets),
        Members("legacy_runs", "person", ("journey_runs", "scene_runs"), people.legacy_runs),
        Members("welcomes", "person", ("notifications_outbox",), people.welcomes),
        Quota(
            "engagements",
            "pairing",
            ("content_engagements",),
            per="pairs_per_mindblock",
            emit=engagements.engagements,
        ),
        Sessions(
            "practising",
            "person",
            tuple(flow.WALKS),
            arrivals=Arrivals(
                rate="sessions_per_min",
                cap="max_per_run",
                enabled="enabled",
                process="arrivals",
                before_epoch_days="session_history_days",
                weights="activity",
                hours="hours",
            ),
            begin=journeys.begin,
            dwell="scene.dwell",
            think="scene.think",
            emit=flow.practise,
            memory=journeys.MEMORY,
        ),
    ),
    scenarios=SCENARIOS,
    presets=PRESETS,
    default_scenario=DEFAULT,
    counted="users_created",
    history_days="days",
    retention="retention_days",
    horizon_us=HORIZON_US,
    digest=together(catalogue.digest(), templates.digest(), cues.digest()),
)
