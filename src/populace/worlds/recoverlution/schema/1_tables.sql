-- The tables of Recoverlution, without keys, indexes or triggers: those follow the bulk load, in 2_constraints.sql.
-- Column defaults are there for the app and for people who write by hand; Populace writes every column itself.

-- People and organisations

CREATE TABLE public.organizations (
    id                uuid        NOT NULL DEFAULT gen_random_uuid(),
    name              text        NOT NULL,
    organization_type text        NOT NULL DEFAULT 'treatment_center',
    status            text        NOT NULL DEFAULT 'active',
    settings          jsonb       NOT NULL DEFAULT '{}',
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.profiles (
    id              uuid        NOT NULL,
    role            text        NOT NULL DEFAULT 'patient',
    organization_id uuid,
    email           text,
    full_name       text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.org_members (
    organization_id uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    role            text        NOT NULL DEFAULT 'member',
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.sim_users (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    profile_id   uuid        NOT NULL,
    org_id       uuid,
    persona_key  text        NOT NULL,
    cohort_label text        DEFAULT 'synthetics_v1',
    started_at   timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    metadata     jsonb       NOT NULL DEFAULT '{}'
);

-- One row, ever: the settings in force, as Populace shows them to the app. It does not read them back.
CREATE TABLE public.synthetic_settings (
    id               integer          NOT NULL DEFAULT 1,
    enabled          boolean          NOT NULL DEFAULT true,
    sessions_per_min integer          NOT NULL DEFAULT 2,
    max_per_run      integer          NOT NULL DEFAULT 5,
    error_rate       double precision NOT NULL DEFAULT 0.05,
    abandon_rate     double precision NOT NULL DEFAULT 0.15,
    bias             jsonb,
    updated_at       timestamptz      NOT NULL DEFAULT now(),
    CONSTRAINT single_row CHECK (id = 1),
    CONSTRAINT synthetic_settings_sessions_per_min_check CHECK (sessions_per_min >= 0),
    CONSTRAINT synthetic_settings_max_per_run_check CHECK (max_per_run >= 0),
    CONSTRAINT synthetic_settings_error_rate_check CHECK (error_rate >= 0 AND error_rate <= 1),
    CONSTRAINT synthetic_settings_abandon_rate_check CHECK (abandon_rate >= 0 AND abandon_rate <= 1)
);

-- The content: pillar, schema, family, mindblock

CREATE TABLE public.pillar_catalog (
    id          uuid    NOT NULL DEFAULT gen_random_uuid(),
    pillar_key  text    NOT NULL,
    legacy_code text    NOT NULL,
    title       text    NOT NULL,
    description text,
    position    integer NOT NULL
);

CREATE TABLE public.schema_catalog (
    id          uuid NOT NULL DEFAULT gen_random_uuid(),
    schema_key  text NOT NULL,
    title       text NOT NULL,
    description text,
    pillar_id   uuid
);

CREATE TABLE public.family_catalog (
    id          uuid NOT NULL DEFAULT gen_random_uuid(),
    family_key  text NOT NULL,
    schema_id   uuid NOT NULL,
    title       text NOT NULL,
    description text,
    archetype   text
);

CREATE TABLE public.mindblock_library (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    mindblock_key       text        NOT NULL,
    family_id           uuid        NOT NULL,
    limiting_prediction text        NOT NULL,
    truth               text        NOT NULL,
    heat                text        NOT NULL,
    kbe_stage           text        NOT NULL,
    notes               text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    deleted_at          timestamptz,
    CONSTRAINT mindblock_library_heat_check CHECK (heat IN ('RED', 'AMBER', 'GREEN')),
    CONSTRAINT mindblock_library_kbe_stage_check CHECK (kbe_stage IN ('Knowing', 'Believing', 'Embodying'))
);

-- What people do

-- content_id holds mindblock_library.id as text, as the app has it: other content types have ids of other kinds.
CREATE TABLE public.content_engagements (
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    individual_id    uuid        NOT NULL,
    organization_id  uuid,
    content_type     text        NOT NULL,
    content_id       text        NOT NULL,
    action           text        NOT NULL,
    duration_seconds integer,
    context_tags     text[]      NOT NULL DEFAULT '{}',
    metadata         jsonb       NOT NULL DEFAULT '{}',
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT content_engagements_action_check CHECK (action IN ('viewed', 'started', 'completed', 'rated'))
);

CREATE TABLE public.journey_instances (
    id                      uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id                 uuid        NOT NULL,
    organization_id         uuid,
    template_id             text        NOT NULL,
    status                  text        NOT NULL DEFAULT 'active',
    current_scene_number    integer     NOT NULL DEFAULT 1,
    total_scenes            integer,
    started_at              timestamptz NOT NULL DEFAULT now(),
    completed_at            timestamptz,
    next_scene_available_at timestamptz,
    cadence_mode            text        NOT NULL DEFAULT 'linear_ready',
    seed_window_hours       integer     NOT NULL DEFAULT 24,
    min_scene_gap_hours     integer     NOT NULL DEFAULT 0,
    source                  text,
    metadata                jsonb       NOT NULL DEFAULT '{}',
    created_at              timestamptz NOT NULL DEFAULT now(),
    updated_at              timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT journey_instances_status_check CHECK (status IN ('active', 'paused', 'completed', 'abandoned'))
);

CREATE TABLE public.journey_scene_events (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    journey_instance_id uuid,
    user_id             uuid        NOT NULL,
    organization_id     uuid,
    template_id         text        NOT NULL,
    scene_number        integer     NOT NULL,
    event_type          text        NOT NULL,
    event_payload       jsonb       NOT NULL DEFAULT '{}',
    idempotency_key     text,
    created_at          timestamptz NOT NULL DEFAULT now()
);

-- mindblock_id holds mindblock_library.id as text, as the app has it, so there is no foreign key to lean on.
CREATE TABLE public.mindblock_events (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    individual_id   uuid        NOT NULL,
    organization_id uuid,
    mindblock_id    text        NOT NULL,
    signal_type     text        NOT NULL,
    evidence        jsonb       NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now()
);
