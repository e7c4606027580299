"""The tables Recoverlution's people leave rows in: their columns, keys, and how each row is known as synthetic."""

from __future__ import annotations

from populace.spec import Column, Mark, Table
from populace.spec.kit.columns import CREATED, ID, moment
from populace.spec.kit.identity import auth_tables
from populace.spec.kit.marks import OF_CATALOGUE

UPDATED = moment("updated_at")
ORGANISATION = Column("organization_id", "uuid", nullable=True, references="public.organizations.id")
JOURNEY = Column("journey_instance_id", "uuid", references="public.journey_instances.id")
SCENE = Column("scene_number", "int4")
TEMPLATE = Column("template_id", "text", references="public.journey_template.id")
WALKED = Column("template_id", "text", references="public.journey_template.id",
                alternative="public.practice_template.id")  # fmt: skip
PRACTISED = Column("template_id", "text", references="public.practice_template.id")
CUE = Column("navicue_id", "uuid", references="public.navicues_v2.id")


def _person(name: str) -> Column:
    return Column(name, "uuid", references="public.profiles.id")


def _of_person(column: str) -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = t.{column})",  # noqa: S608
        f"{column} is a person in sim_users",
    )


def _of_journey(column: str = "journey_instance_id") -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM public.journey_instances AS j WHERE j.id = t.{column} "  # noqa: S608
        "AND j.metadata ->> 'synthetic' = 'true')",
        f"{column} is a journey whose metadata.synthetic is true",
    )


def _catalogue(name: str, root: str, *columns: Column) -> Table:
    return Table(name=name, columns=(ID, *columns), key=("id",), root=root, mark=OF_CATALOGUE)


def _named(name: str, root: str, *columns: Column) -> Table:
    """Catalogue tables whose id is a readable text."""
    mark = Mark("t.source = 'populace'", "source is populace")
    return Table(name=name, columns=(Column("id", "text"), *columns, Column("source", "text")), key=("id",), root=root,
                 mark=mark)  # fmt: skip


def _of_scene(name: str, *columns: Column) -> Table:
    """What a scene of a journey left behind."""
    return Table(name=name, columns=(ID, JOURNEY, SCENE, *columns, CREATED), key=("id",), root="person",
                 mark=_of_journey())  # fmt: skip


TABLES = (
    Table(
        name="organizations",
        columns=(ID, Column("name", "text"), Column("organization_type", "text"), Column("status", "text"),
                 Column("settings", "jsonb"), CREATED, UPDATED),
        key=("id",), root="organization",
        mark=Mark("t.settings ->> 'synthetic' = 'true'", "settings.synthetic is true"),
    ),
    *auth_tables(
        "person",
        Mark("t.raw_user_meta_data ->> 'synthetic' = 'true'", "raw_user_meta_data.synthetic is true"),
        Mark("t.identity_data ->> 'synthetic' = 'true'", "identity_data.synthetic is true"),
        signed_in=True,
    ),
    Table(
        name="profiles",
        columns=(Column("id", "uuid", references="auth.users.id"), Column("role", "text"), ORGANISATION,
                 Column("email", "text"), Column("full_name", "text", nullable=True), CREATED, UPDATED),
        key=("id",), root="person", mark=_of_person("id"),
    ),
    Table(
        name="org_members",
        columns=(Column("organization_id", "uuid", references="public.organizations.id"), _person("user_id"),
                 Column("role", "text"), CREATED),
        key=("organization_id", "user_id"), root="person", mark=_of_person("user_id"),
    ),
    Table(
        name="sim_users",
        columns=(ID, _person("profile_id"),
                 Column("org_id", "uuid", nullable=True, references="public.organizations.id"),
                 Column("persona_key", "text"), Column("cohort_label", "text"),
                 Column("started_at", "timestamptz", moment="happened"), CREATED, Column("metadata", "jsonb")),
        key=("id",), root="person", mark=Mark("true", "the table holds synthetic people only"),
    ),
    Table(
        name="synthetic_settings", mode="merge",
        columns=(Column("id", "int4"), Column("enabled", "bool"), Column("sessions_per_min", "int4"),
                 Column("max_per_run", "int4"), Column("error_rate", "float8"), Column("abandon_rate", "float8"),
                 UPDATED),
        key=("id",), root="settings", mark=Mark("true", "the table belongs to the synthetic population"),
    ),
    _catalogue("pillar_catalog", "pillar", Column("pillar_key", "text"), Column("legacy_code", "text"),
               Column("title", "text"), Column("description", "text"), Column("position", "int4")),
    _catalogue("schema_catalog", "schema", Column("schema_key", "text"), Column("title", "text"),
               Column("description", "text"), Column("pillar_id", "uuid", references="public.pillar_catalog.id")),
    _catalogue("family_catalog", "family", Column("family_key", "text"),
               Column("schema_id", "uuid", references="public.schema_catalog.id"), Column("title", "text"),
               Column("description", "text"), Column("archetype", "text")),
    _catalogue("mindblock_library", "mindblock", Column("mindblock_key", "text"),
               Column("family_id", "uuid", references="public.family_catalog.id"),
               Column("limiting_prediction", "text"), Column("truth", "text"), Column("heat", "text"),
               Column("kbe_stage", "text"), Column("notes", "text"), CREATED, UPDATED),
    _named("practice_template", "practice", Column("title", "text"), Column("description", "text"),
           Column("status", "text"), Column("total_scenes", "int4"), Column("scenes", "jsonb"), CREATED, UPDATED),
    _named("journey_template", "template",
           Column("pillar_id", "uuid", nullable=True, references="public.pillar_catalog.id"),
           Column("sprint_number", "int4"), Column("title", "text"), Column("description", "text"),
           Column("status", "text"), Column("is_onboarding", "bool"), Column("total_scenes", "int4"),
           Column("duration_minutes", "int4"), CREATED, UPDATED),
    _catalogue("journey_template_scene", "scene", TEMPLATE, SCENE, Column("scene_key", "text"),
               Column("scene_type", "text"), Column("era_phase", "text", nullable=True), Column("phase_label", "text"),
               Column("title", "text"), Column("body_md", "text"), Column("prompt_md", "text"),
               Column("has_audio", "bool"), Column("audio_path", "text", nullable=True),
               Column("audio_type", "text", nullable=True), Column("audio_seconds", "int4", nullable=True),
               Column("requires_capture", "bool"), Column("capture_kind", "text", nullable=True),
               Column("requires_resistance_check", "bool"), Column("requires_real_world_trigger", "bool"),
               Column("real_world_trigger_hint", "text", nullable=True)),
    _catalogue("scene_contracts", "scene", TEMPLATE, SCENE, Column("expects_receipt", "bool"),
               Column("expects_checks", "bool"), CREATED),
    _catalogue("navicues_v2", "cue", Column("code", "text"), Column("status", "text"), Column("kbe_layer", "text"),
               Column("tier", "text"), Column("family", "text"),
               Column("primary_schema_id", "uuid", references="public.schema_catalog.id"),
               Column("component_type", "text"), Column("default_response_type", "text"), Column("intent", "text"),
               Column("safety_notes", "text", nullable=True), Column("config", "jsonb"),
               Column("analytics_config", "jsonb"), Column("tags", "text[]"), Column("guidance_mode_key", "text"),
               Column("move_key", "text"), Column("state_band", "text"), Column("receipt_type_keys", "text[]"),
               Column("real_life_check_keys", "text[]"), CREATED, UPDATED),
    _catalogue("navicue_steps_v2", "cue_step", CUE, Column("step_index", "int4"), Column("component_type", "text"),
               Column("response_type", "text"), Column("config", "jsonb")),
    _catalogue("navicue_variants_v2", "cue_variant", CUE, Column("lens", "text"), Column("language", "text"),
               Column("copy", "jsonb"), Column("is_default", "bool"), Column("version", "int4")),
    _catalogue("navicue_targets_v2", "cue_target", CUE, Column("scope_type", "text"),
               Column("pillar_id", "uuid", nullable=True, references="public.pillar_catalog.id"),
               Column("schema_id", "uuid", nullable=True, references="public.schema_catalog.id"),
               Column("family_id", "uuid", nullable=True, references="public.family_catalog.id"),
               Column("mindblock_id", "uuid", nullable=True, references="public.mindblock_library.id"),
               Column("weight", "float8"), Column("is_primary", "bool")),
    Table(
        name="journey_runs",
        columns=(ID, PRACTISED, _person("user_id"), Column("status", "text"),
                 Column("started_at", "timestamptz", moment="happened")),
        key=("id",), root="person", mark=_of_person("user_id"),
    ),
    Table(
        name="scene_runs",
        columns=(ID, Column("journey_run_id", "uuid", references="public.journey_runs.id"),
                 PRACTISED, SCENE, Column("status", "text"),
                 Column("started_at", "timestamptz", moment="happened"),
                 Column("completed_at", "timestamptz", moment="happened", after="started_at")),
        key=("id",), root="person",
        mark=Mark("EXISTS (SELECT 1 FROM public.journey_runs AS r JOIN public.sim_users AS s "
                  "ON s.profile_id = r.user_id WHERE r.id = t.journey_run_id)",
                  "journey_run_id is a run of a person in sim_users"),
    ),
    Table(
        name="notifications_outbox",
        columns=(ID, Column("audience", "text"), _person("recipient_profile_id"), Column("channel", "text"),
                 Column("category", "text"), Column("template_id", "text", nullable=True),
                 Column("rendered_title", "text"), Column("rendered_body", "text"), Column("status", "text"),
                 Column("send_after", "timestamptz", moment="happened"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="person",
        mark=Mark("t.metadata ->> 'synthetic' = 'true'", "metadata.synthetic is true"),
    ),
    Table(
        name="content_engagements",
        columns=(ID, _person("individual_id"), ORGANISATION, Column("content_type", "text"),
                 Column("content_id", "text", references="public.mindblock_library.id"), Column("action", "text"),
                 Column("duration_seconds", "int4", nullable=True),
                 Column("context_tags", "text[]"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="pairing",
        mark=Mark("t.metadata ->> 'cohort_label' IS NOT NULL AND EXISTS "
                  "(SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = t.individual_id)",
                  "metadata.cohort_label is set, and individual_id is a person in sim_users"),
    ),
    Table(
        name="journey_instances", mode="merge",
        columns=(ID, _person("user_id"), ORGANISATION, WALKED, Column("status", "text"),
                 Column("current_scene_number", "int4"), Column("total_scenes", "int4"),
                 Column("started_at", "timestamptz", moment="happened"),
                 Column("completed_at", "timestamptz", nullable=True, moment="happened", after="started_at"),
                 Column("source", "text"), Column("metadata", "jsonb"), CREATED,
                 Column("updated_at", "timestamptz", moment="happened", after="created_at")),
        key=("id",), root="person", mark=Mark("t.metadata ->> 'synthetic' = 'true'", "metadata.synthetic is true"),
    ),
    Table(
        name="journey_scene_events",
        columns=(ID, Column("journey_instance_id", "uuid", references="public.journey_instances.id"),
                 _person("user_id"), ORGANISATION, WALKED, Column("scene_number", "int4"),
                 Column("event_type", "text"), Column("event_payload", "jsonb"), CREATED),
        key=("id",), root="person",
        mark=Mark("t.event_payload ->> 'synthetic' = 'true'", "event_payload.synthetic is true"),
    ),
    Table(
        name="mindblock_events",
        columns=(ID, _person("individual_id"), ORGANISATION,
                 Column("mindblock_id", "text", references="public.mindblock_library.id"),
                 Column("signal_type", "text"), Column("evidence", "jsonb"), CREATED),
        key=("id",), root="person", mark=Mark("t.evidence ->> 'synthetic' = 'true'", "evidence.synthetic is true"),
    ),
    Table(
        name="journey_instance_scenes", mode="merge",
        columns=(ID, JOURNEY, SCENE, Column("status", "text"),
                 Column("unlocked_at", "timestamptz", nullable=True, moment="happened", after="created_at"),
                 Column("completed_at", "timestamptz", nullable=True, moment="happened", after="unlocked_at"), CREATED),
        key=("id",), root="person", mark=_of_journey(),
    ),
    _of_scene("journey_scene_captures", Column("capture_kind", "text"), Column("capture_text", "text", nullable=True),
              Column("capture_storage_path", "text", nullable=True), Column("arousal_snapshot", "jsonb"),
              Column("tags", "text[]"), Column("luma_extracted", "jsonb")),
    _of_scene("journey_resistance_checks", Column("value_num", "int4"), Column("hesitation_ms", "int4"),
              Column("notes", "text", nullable=True), Column("mindblock_inferred", "text[]"),
              Column("resistance_kind", "text")),
    _of_scene("journey_real_world_triggers", Column("trigger_text", "text")),
    _of_scene("journey_audio_events", Column("event_type", "text"), Column("position_ms", "int4"),
              Column("duration_ms", "int4"), Column("playback_rate", "float8"), Column("muted", "bool")),
    Table(
        name="mindblock_realtime_signals",
        columns=(ID, _person("individual_id"), WALKED, Column("scene_key", "text"),
                 Column("mindblock_key", "text", references="public.mindblock_library.mindblock_key"),
                 Column("signal_strength", "float8"), Column("evidence", "jsonb"), Column("source", "text"), CREATED),
        key=("id",), root="person", mark=Mark("t.evidence ->> 'synthetic' = 'true'", "evidence.synthetic is true"),
    ),
    Table(
        name="navicue_responses_v2",
        columns=(ID, _person("individual_id"), CUE, Column("response_type", "text"),
                 Column("response_data", "jsonb"), Column("latency_ms", "int4", nullable=True),
                 Column("hesitation_ms", "int4", nullable=True), Column("dwell_time_ms", "int4"),
                 Column("completed", "bool"), Column("helpful", "bool", nullable=True), Column("signals", "jsonb"),
                 Column("arousal_fit", "text"), Column("served_reason", "text"), Column("device_type", "text"),
                 Column("time_of_day", "text"), Column("modality", "text"), CREATED),
        key=("id",), root="person",
        mark=Mark("t.response_data ->> 'synthetic' = 'true'", "response_data.synthetic is true"),
    ),
)  # fmt: skip
