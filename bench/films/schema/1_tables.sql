CREATE TABLE public.people (
    id         uuid        NOT NULL,
    email      text        NOT NULL,
    name       text        NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE public.videos (
    id         uuid        NOT NULL,
    title      text        NOT NULL,
    minutes    integer     NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE public.events (
    id         uuid        NOT NULL,
    person_id  uuid        NOT NULL,
    video_id   uuid        NOT NULL,
    kind       text        NOT NULL,
    properties jsonb       NOT NULL,
    created_at timestamptz NOT NULL
);
