CREATE TABLE public.people (id uuid NOT NULL, name text NOT NULL, mail text NOT NULL, nth integer NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.notes (id uuid NOT NULL, person_id uuid NOT NULL, about_id uuid NOT NULL, stars integer NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.thanks (id uuid NOT NULL, person_id uuid NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.visits (id uuid NOT NULL, person_id uuid NOT NULL, nth bigint NOT NULL, status text NOT NULL, updated_at timestamptz NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.steps (id uuid NOT NULL, visit_id uuid NOT NULL, person_id uuid NOT NULL, number integer NOT NULL, detail jsonb NOT NULL, created_at timestamptz NOT NULL);
