"""The tables Recoverlution's people leave rows in: their columns, keys, and how each row is known as synthetic."""

from __future__ import annotations

from populace.spec import Column, Mark, Table

CREATED = Column("created_at", "timestamptz", moment="happened")
UPDATED = Column("updated_at", "timestamptz", moment="happened")
ORGANISATION = Column("organization_id", "uuid", nullable=True, references="public.organizations.id")
ID = Column("id", "uuid")


def _person(name: str) -> Column:
    return Column(name, "uuid", references="public.profiles.id")


def _of_person(column: str) -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = t.{column})",  # noqa: S608
        f"{column} is a person in sim_users",
    )


def _catalogue(name: str, *columns: Column) -> Table:
    """Catalogue ids are version-8 uuids, which no default of the app's own makes."""
    mark = Mark("substr(t.id::text, 15, 1) = '8'", "its id is a version-8 uuid, which nothing but Populace makes here")
    root = {"pillar_catalog": "pillar", "schema_catalog": "schema", "family_catalog": "family"}.get(name, "mindblock")
    return Table(name=name, columns=(ID, *columns), key=("id",), root=root, mark=mark)


TABLES = (
    Table(
        name="organizations",
        columns=(ID, Column("name", "text"), Column("organization_type", "text"), Column("status", "text"),
                 Column("settings", "jsonb"), CREATED, UPDATED),
        key=("id",), root="organization",
        mark=Mark("t.settings ->> 'synthetic' = 'true'", "settings.synthetic is true"),
    ),
    Table(
        name="users", schema="auth",
        columns=(ID, Column("instance_id", "uuid"), Column("aud", "text"), Column("role", "text"),
                 Column("email", "text"), Column("email_confirmed_at", "timestamptz", moment="happened"),
                 Column("confirmation_token", "text"), Column("recovery_token", "text"),
                 Column("email_change_token_new", "text"), Column("email_change", "text"),
                 Column("raw_app_meta_data", "jsonb"), Column("raw_user_meta_data", "jsonb"),
                 Column("is_sso_user", "bool"), Column("is_anonymous", "bool"), CREATED, UPDATED),
        key=("id",), root="person",
        mark=Mark("t.raw_user_meta_data ->> 'synthetic' = 'true'", "raw_user_meta_data.synthetic is true"),
    ),
    Table(
        name="identities", schema="auth",
        columns=(ID, Column("provider_id", "text"), Column("user_id", "uuid", references="auth.users.id"),
                 Column("identity_data", "jsonb"), Column("provider", "text"), CREATED, UPDATED),
        key=("id",), root="person",
        mark=Mark("t.identity_data ->> 'synthetic' = 'true'", "identity_data.synthetic is true"),
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
    _catalogue("pillar_catalog", Column("pillar_key", "text"), Column("legacy_code", "text"), Column("title", "text"),
               Column("description", "text"), Column("position", "int4")),
    _catalogue("schema_catalog", Column("schema_key", "text"), Column("title", "text"), Column("description", "text"),
               Column("pillar_id", "uuid", references="public.pillar_catalog.id")),
    _catalogue("family_catalog", Column("family_key", "text"),
               Column("schema_id", "uuid", references="public.schema_catalog.id"), Column("title", "text"),
               Column("description", "text"), Column("archetype", "text")),
    _catalogue("mindblock_library", Column("mindblock_key", "text"),
               Column("family_id", "uuid", references="public.family_catalog.id"),
               Column("limiting_prediction", "text"), Column("truth", "text"), Column("heat", "text"),
               Column("kbe_stage", "text"), Column("notes", "text"), CREATED, UPDATED),
    Table(
        name="content_engagements",
        columns=(ID, _person("individual_id"), ORGANISATION, Column("content_type", "text"),
                 Column("content_id", "text"), Column("action", "text"),
                 Column("duration_seconds", "int4", nullable=True),
                 Column("context_tags", "text[]"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="mindblock",
        mark=Mark("t.metadata ->> 'cohort_label' IS NOT NULL AND EXISTS "
                  "(SELECT 1 FROM public.sim_users AS s WHERE s.profile_id = t.individual_id)",
                  "metadata.cohort_label is set, and individual_id is a person in sim_users"),
    ),
    Table(
        name="journey_instances", mode="merge",
        columns=(ID, _person("user_id"), ORGANISATION, Column("template_id", "text"), Column("status", "text"),
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
                 _person("user_id"), ORGANISATION, Column("template_id", "text"), Column("scene_number", "int4"),
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
)  # fmt: skip
