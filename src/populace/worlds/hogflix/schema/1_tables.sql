-- The tables of HogFlix, without keys, indexes or triggers: those follow the bulk load, in 2_constraints.sql.
-- Column defaults are there for the app and for people who write by hand; Populace writes every column itself.

-- People

-- A user may have several profiles, as many as the plan allows; a synthetic person's one profile has their user's id.
CREATE TABLE public.profiles (
    id                    uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id               uuid        NOT NULL,
    display_name          text,
    email                 text,
    is_kids_profile       boolean     NOT NULL DEFAULT false,
    marketing_opt_in      boolean     NOT NULL DEFAULT true,
    early_access_features text[]      NOT NULL DEFAULT '{}',
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);

-- What everybody may see of a profile; kept by a trigger on profiles.
CREATE TABLE public.profiles_public (
    id              uuid        NOT NULL,
    display_name    text,
    is_kids_profile boolean     NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.user_roles (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id    uuid        NOT NULL,
    role       text        NOT NULL DEFAULT 'user',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_roles_role_check CHECK (role IN ('admin', 'moderator', 'user'))
);

-- Plans

CREATE TABLE public.subscription_plans (
    id            uuid             NOT NULL DEFAULT gen_random_uuid(),
    name          text             NOT NULL,
    display_name  text             NOT NULL,
    price_monthly double precision NOT NULL DEFAULT 0,
    features      jsonb            NOT NULL DEFAULT '[]',
    max_profiles  integer          NOT NULL DEFAULT 1,
    video_quality text             NOT NULL DEFAULT 'HD',
    is_default    boolean          NOT NULL DEFAULT false,
    created_at    timestamptz      NOT NULL DEFAULT now(),
    updated_at    timestamptz      NOT NULL DEFAULT now(),
    CONSTRAINT subscription_plans_price_monthly_check CHECK (price_monthly >= 0),
    CONSTRAINT subscription_plans_features_check CHECK (jsonb_typeof(features) = 'array'),
    CONSTRAINT subscription_plans_max_profiles_check CHECK (max_profiles >= 1)
);

CREATE TABLE public.user_subscriptions (
    id             uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid        NOT NULL,
    plan_id        uuid        NOT NULL,
    status         text        NOT NULL DEFAULT 'active',
    payment_intent text,
    started_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_subscriptions_status_check CHECK (status IN ('active', 'cancelled', 'expired'))
);

-- The catalogue

CREATE TABLE public.categories (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    name       text        NOT NULL,
    sort_order integer     NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- duration is in seconds.
CREATE TABLE public.videos (
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    title         text        NOT NULL,
    description   text,
    thumbnail_url text        NOT NULL,
    video_url     text        NOT NULL,
    category_id   uuid        NOT NULL,
    duration      integer,
    slug          text,
    is_public     boolean     NOT NULL DEFAULT true,
    published_at  timestamptz,
    ai_summary    text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT videos_duration_check CHECK (duration > 0)
);

CREATE TABLE public.video_assets (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    video_id   uuid        NOT NULL,
    kind       text        NOT NULL DEFAULT 'source',
    quality    text,
    url        text        NOT NULL,
    bytes      bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT video_assets_bytes_check CHECK (bytes >= 0)
);

CREATE TABLE public.subtitles (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    video_id   uuid        NOT NULL,
    language   text        NOT NULL DEFAULT 'en',
    label      text,
    url        text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Categories of a title beside its own.
CREATE TABLE public.video_categories (
    video_id    uuid        NOT NULL,
    category_id uuid        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.video_tags (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.video_tag_assignments (
    video_id   uuid        NOT NULL,
    tag_id     uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.video_thumbnail_tests (
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    video_id      uuid        NOT NULL,
    variant       text        NOT NULL,
    thumbnail_url text        NOT NULL,
    impressions   integer     NOT NULL DEFAULT 0,
    clicks        integer     NOT NULL DEFAULT 0,
    is_active     boolean     NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT video_thumbnail_tests_clicks_check CHECK (clicks BETWEEN 0 AND impressions)
);

-- Figures of each title as of its last refresh; refresh_video_analytics() fills it.
CREATE TABLE public.video_analytics (
    video_id           uuid             NOT NULL,
    viewers            integer          NOT NULL DEFAULT 0,
    completions        integer          NOT NULL DEFAULT 0,
    average_percentage double precision NOT NULL DEFAULT 0,
    seconds_watched    bigint           NOT NULL DEFAULT 0,
    rating_count       integer          NOT NULL DEFAULT 0,
    average_rating     double precision,
    watchlist_count    integer          NOT NULL DEFAULT 0,
    refreshed_at       timestamptz      NOT NULL DEFAULT now()
);

-- What people do

-- One row a profile and title: watching again overwrites it.
CREATE TABLE public.watch_progress (
    id                  uuid             NOT NULL DEFAULT gen_random_uuid(),
    user_id             uuid             NOT NULL,
    profile_id          uuid             NOT NULL,
    video_id            uuid             NOT NULL,
    progress_seconds    integer          NOT NULL DEFAULT 0,
    duration_seconds    integer          NOT NULL DEFAULT 0,
    progress_percentage double precision NOT NULL DEFAULT 0,
    last_watched_at     timestamptz      NOT NULL DEFAULT now(),
    completed           boolean          NOT NULL DEFAULT false,
    session_id          uuid,
    created_at          timestamptz      NOT NULL DEFAULT now(),
    updated_at          timestamptz      NOT NULL DEFAULT now(),
    CONSTRAINT watch_progress_progress_seconds_check CHECK (progress_seconds >= 0),
    CONSTRAINT watch_progress_duration_seconds_check CHECK (duration_seconds >= 0),
    CONSTRAINT watch_progress_progress_percentage_check CHECK (progress_percentage BETWEEN 0 AND 100)
);

CREATE TABLE public.video_ratings (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    video_id   uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    profile_id uuid        NOT NULL,
    rating     integer     NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT video_ratings_rating_check CHECK (rating BETWEEN 1 AND 5)
);

CREATE TABLE public.user_watchlist (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id    uuid        NOT NULL,
    profile_id uuid        NOT NULL,
    video_id   uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.chat_conversations (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id    uuid        NOT NULL,
    profile_id uuid        NOT NULL,
    title      text        NOT NULL DEFAULT 'FlixBuddy Chat',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.chat_messages (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    conversation_id uuid        NOT NULL,
    role            text        NOT NULL,
    content         text        NOT NULL,
    metadata        jsonb       NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT chat_messages_role_check CHECK (role IN ('user', 'assistant'))
);

CREATE TABLE public.support_tickets (
    id             uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id        uuid        NOT NULL,
    issue_category text        NOT NULL,
    description    text        NOT NULL,
    status         text        NOT NULL DEFAULT 'open',
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.admin_activity_log (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid        NOT NULL,
    action      text        NOT NULL,
    entity_type text        NOT NULL,
    entity_id   uuid,
    details     jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- What the population did on each of its days: one row a pool of about 400 people and a day, which begins at 07:15 UTC.
-- Nobody but Populace writes it.
CREATE TABLE public.daily_metrics (
    pool                 integer     NOT NULL,
    day                  timestamptz NOT NULL,
    total_personas       integer     NOT NULL,
    active_today         integer     NOT NULL,
    new_signups          integer     NOT NULL,
    churned              integer     NOT NULL,
    churned_cleaned      integer     NOT NULL,
    reactivated          integer     NOT NULL,
    flixbuddy_calls      integer     NOT NULL,
    sessions             integer     NOT NULL,
    videos_watched       integer     NOT NULL,
    watchlist_added      integer     NOT NULL,
    ratings              integer     NOT NULL,
    tickets              integer     NOT NULL,
    binges_begun         integer     NOT NULL,
    binges_ended         integer     NOT NULL,
    state_distribution   jsonb       NOT NULL,
    pattern_distribution jsonb       NOT NULL,
    score_by_state       jsonb       NOT NULL,
    created_at           timestamptz NOT NULL DEFAULT now()
);
