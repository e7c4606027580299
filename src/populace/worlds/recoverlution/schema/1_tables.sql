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

-- One row, ever: the settings in force. An UPDATE by hand is a wish, which the runner takes up with its next window.
-- The bounds are those of the parameters of the same names.
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
    CONSTRAINT synthetic_settings_sessions_per_min_check CHECK (sessions_per_min BETWEEN 0 AND 10000),
    CONSTRAINT synthetic_settings_max_per_run_check CHECK (max_per_run BETWEEN 0 AND 20000),
    CONSTRAINT synthetic_settings_error_rate_check CHECK (error_rate BETWEEN 0 AND 1),
    CONSTRAINT synthetic_settings_abandon_rate_check CHECK (abandon_rate BETWEEN 0 AND 1)
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

-- The content: practices, and journeys with their scenes and what each scene has to leave behind

CREATE TABLE public.practice_template (
    id           text        NOT NULL,
    title        text        NOT NULL,
    description  text,
    status       text        NOT NULL DEFAULT 'draft',
    total_scenes integer     NOT NULL,
    scenes       jsonb       NOT NULL DEFAULT '[]',
    source       text        NOT NULL DEFAULT 'app',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT practice_template_status_check CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT practice_template_total_scenes_check CHECK (total_scenes >= 1)
);

CREATE TABLE public.journey_template (
    id               text        NOT NULL,
    pillar_id        uuid,
    sprint_number    integer,
    title            text        NOT NULL,
    description      text,
    status           text        NOT NULL DEFAULT 'draft',
    is_onboarding    boolean     NOT NULL DEFAULT false,
    total_scenes     integer     NOT NULL,
    duration_minutes integer,
    source           text        NOT NULL DEFAULT 'app',
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT journey_template_status_check CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT journey_template_total_scenes_check CHECK (total_scenes >= 1)
);

CREATE TABLE public.journey_template_scene (
    id                          uuid    NOT NULL DEFAULT gen_random_uuid(),
    template_id                 text    NOT NULL,
    scene_number                integer NOT NULL,
    scene_key                   text    NOT NULL,
    scene_type                  text    NOT NULL,
    era_phase                   text,
    phase_label                 text    NOT NULL,
    title                       text    NOT NULL,
    body_md                     text    NOT NULL DEFAULT '',
    prompt_md                   text    NOT NULL DEFAULT '',
    has_audio                   boolean NOT NULL DEFAULT false,
    audio_path                  text,
    audio_type                  text,
    audio_seconds               integer,
    requires_capture            boolean NOT NULL DEFAULT false,
    capture_kind                text,
    requires_resistance_check   boolean NOT NULL DEFAULT false,
    requires_real_world_trigger boolean NOT NULL DEFAULT false,
    real_world_trigger_hint     text,
    CONSTRAINT journey_template_scene_scene_number_check CHECK (scene_number >= 1),
    CONSTRAINT journey_template_scene_audio_seconds_check CHECK (audio_seconds > 0)
);

-- A contract may stand without its scene and a scene without its contract: protocol_integrity_issues lists both.
CREATE TABLE public.scene_contracts (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    template_id     text        NOT NULL,
    scene_number    integer     NOT NULL,
    expects_receipt boolean     NOT NULL DEFAULT false,
    expects_checks  boolean     NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scene_contracts_scene_number_check CHECK (scene_number >= 1)
);

-- The content: NaviCue v2. A draft may be incomplete.

CREATE TABLE public.navicues_v2 (
    id                    uuid        NOT NULL DEFAULT gen_random_uuid(),
    code                  text        NOT NULL,
    status                text        NOT NULL DEFAULT 'draft',
    kbe_layer             text        NOT NULL,
    tier                  text        NOT NULL,
    family                text,
    primary_schema_id     uuid,
    component_type        text,
    default_response_type text,
    intent                text,
    safety_notes          text,
    config                jsonb       NOT NULL DEFAULT '{}',
    analytics_config      jsonb       NOT NULL DEFAULT '{}',
    tags                  text[]      NOT NULL DEFAULT '{}',
    guidance_mode_key     text,
    move_key              text,
    state_band            text,
    receipt_type_keys     text[]      NOT NULL DEFAULT '{}',
    real_life_check_keys  text[]      NOT NULL DEFAULT '{}',
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT navicues_v2_status_check CHECK (status IN ('draft', 'review', 'active', 'archived')),
    CONSTRAINT navicues_v2_kbe_layer_check CHECK (kbe_layer IN ('learn', 'believe', 'live')),
    CONSTRAINT navicues_v2_tier_check CHECK (tier IN ('hot', 'warm', 'cool')),
    CONSTRAINT navicues_v2_state_band_check CHECK (state_band IN ('calm', 'activated', 'overwhelmed'))
);

CREATE TABLE public.navicue_steps_v2 (
    id             uuid    NOT NULL DEFAULT gen_random_uuid(),
    navicue_id     uuid    NOT NULL,
    step_index     integer NOT NULL,
    component_type text    NOT NULL,
    response_type  text    NOT NULL DEFAULT 'none',
    config         jsonb   NOT NULL DEFAULT '{}',
    CONSTRAINT navicue_steps_v2_step_index_check CHECK (step_index >= 0)
);

CREATE TABLE public.navicue_variants_v2 (
    id         uuid    NOT NULL DEFAULT gen_random_uuid(),
    navicue_id uuid    NOT NULL,
    lens       text    NOT NULL,
    language   text    NOT NULL DEFAULT 'en',
    copy       jsonb   NOT NULL DEFAULT '{}',
    is_default boolean NOT NULL DEFAULT false,
    version    integer NOT NULL DEFAULT 1,
    CONSTRAINT navicue_variants_v2_version_check CHECK (version >= 1)
);

-- What a cue is served for. Concepts and themes stand in no table here, so their ids refer to none.
CREATE TABLE public.navicue_targets_v2 (
    id           uuid             NOT NULL DEFAULT gen_random_uuid(),
    navicue_id   uuid             NOT NULL,
    scope_type   text             NOT NULL,
    pillar_id    uuid,
    schema_id    uuid,
    family_id    uuid,
    mindblock_id uuid,
    concept_id   uuid,
    theme_id     uuid,
    weight       double precision NOT NULL DEFAULT 1,
    is_primary   boolean          NOT NULL DEFAULT false,
    CONSTRAINT navicue_targets_v2_scope_type_check
        CHECK (scope_type IN ('schema', 'family', 'mindblock', 'pillar', 'concept', 'theme')),
    CONSTRAINT navicue_targets_v2_target_check CHECK (CASE scope_type
        WHEN 'pillar' THEN pillar_id IS NOT NULL
        WHEN 'schema' THEN schema_id IS NOT NULL
        WHEN 'family' THEN family_id IS NOT NULL
        WHEN 'mindblock' THEN mindblock_id IS NOT NULL
        ELSE true END),
    CONSTRAINT navicue_targets_v2_weight_check CHECK (weight >= 0)
);

-- What people do

-- The older record of journeys. The app has left user_id empty at times.
CREATE TABLE public.journey_runs (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    template_id text        NOT NULL,
    user_id     uuid,
    status      text        NOT NULL DEFAULT 'running',
    started_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.scene_runs (
    id             uuid        NOT NULL DEFAULT gen_random_uuid(),
    journey_run_id uuid        NOT NULL,
    template_id    text        NOT NULL,
    scene_number   integer     NOT NULL,
    status         text        NOT NULL DEFAULT 'running',
    started_at     timestamptz NOT NULL DEFAULT now(),
    completed_at   timestamptz
);

-- Written and sent by the app's server; a message to an audience that is no single person has no recipient.
CREATE TABLE public.notifications_outbox (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
    audience             text        NOT NULL DEFAULT 'user',
    recipient_profile_id uuid,
    channel              text        NOT NULL DEFAULT 'in_app',
    category             text        NOT NULL DEFAULT 'system',
    template_id          text,
    rendered_title       text        NOT NULL,
    rendered_body        text        NOT NULL,
    status               text        NOT NULL DEFAULT 'queued',
    send_after           timestamptz NOT NULL DEFAULT now(),
    metadata             jsonb       NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now()
);

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

-- What a scene of a journey leaves behind: rows without a person of their own, whose owner is the journey's

CREATE TABLE public.journey_instance_scenes (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    journey_instance_id uuid        NOT NULL,
    scene_number        integer     NOT NULL,
    status              text        NOT NULL DEFAULT 'locked',
    unlocked_at         timestamptz,
    completed_at        timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT journey_instance_scenes_status_check CHECK (status IN ('locked', 'available', 'completed')),
    CONSTRAINT journey_instance_scenes_scene_number_check CHECK (scene_number >= 1)
);

CREATE TABLE public.journey_scene_captures (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
    journey_instance_id  uuid        NOT NULL,
    scene_number         integer     NOT NULL,
    capture_kind         text        NOT NULL DEFAULT 'text',
    capture_text         text,
    capture_storage_path text,
    arousal_snapshot     jsonb       NOT NULL DEFAULT '{}',
    tags                 text[]      NOT NULL DEFAULT '{}',
    luma_extracted       jsonb       NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.journey_resistance_checks (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    journey_instance_id uuid        NOT NULL,
    scene_number        integer     NOT NULL,
    value_num           integer     NOT NULL,
    hesitation_ms       integer,
    notes               text,
    mindblock_inferred  text[]      NOT NULL DEFAULT '{}',
    resistance_kind     text        NOT NULL DEFAULT 'slider',
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT journey_resistance_checks_value_num_check CHECK (value_num BETWEEN 0 AND 10),
    CONSTRAINT journey_resistance_checks_hesitation_ms_check CHECK (hesitation_ms >= 0)
);

CREATE TABLE public.journey_real_world_triggers (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    journey_instance_id uuid        NOT NULL,
    scene_number        integer     NOT NULL,
    trigger_text        text        NOT NULL,
    created_at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.journey_audio_events (
    id                  uuid             NOT NULL DEFAULT gen_random_uuid(),
    journey_instance_id uuid             NOT NULL,
    scene_number        integer          NOT NULL,
    event_type          text             NOT NULL,
    position_ms         integer          NOT NULL DEFAULT 0,
    duration_ms         integer,
    playback_rate       double precision NOT NULL DEFAULT 1,
    muted               boolean          NOT NULL DEFAULT false,
    created_at          timestamptz      NOT NULL DEFAULT now(),
    CONSTRAINT journey_audio_events_position_ms_check CHECK (position_ms >= 0),
    CONSTRAINT journey_audio_events_duration_ms_check CHECK (duration_ms >= 0),
    CONSTRAINT journey_audio_events_playback_rate_check CHECK (playback_rate > 0)
);

-- What is known of people as they go. evidence and response_data may name a journey: journey_instance_id, as text.

CREATE TABLE public.mindblock_realtime_signals (
    id              uuid             NOT NULL DEFAULT gen_random_uuid(),
    individual_id   uuid             NOT NULL,
    template_id     text,
    scene_key       text,
    mindblock_key   text             NOT NULL,
    signal_strength double precision NOT NULL,
    evidence        jsonb            NOT NULL DEFAULT '{}',
    source          text,
    created_at      timestamptz      NOT NULL DEFAULT now()
);

CREATE TABLE public.navicue_responses_v2 (
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    individual_id uuid        NOT NULL,
    navicue_id    uuid        NOT NULL,
    response_type text        NOT NULL DEFAULT 'none',
    response_data jsonb       NOT NULL DEFAULT '{}',
    latency_ms    integer,
    hesitation_ms integer,
    dwell_time_ms integer,
    completed     boolean     NOT NULL DEFAULT false,
    helpful       boolean,
    signals       jsonb       NOT NULL DEFAULT '{}',
    arousal_fit   text,
    served_reason text,
    device_type   text,
    time_of_day   text,
    modality      text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT navicue_responses_v2_arousal_fit_check
        CHECK (arousal_fit IN ('green', 'amber', 'red', 'downshift_first')),
    CONSTRAINT navicue_responses_v2_latency_ms_check CHECK (latency_ms >= 0),
    CONSTRAINT navicue_responses_v2_hesitation_ms_check CHECK (hesitation_ms >= 0),
    CONSTRAINT navicue_responses_v2_dwell_time_ms_check CHECK (dwell_time_ms >= 0)
);
