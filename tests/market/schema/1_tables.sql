CREATE TABLE public.stalls (id uuid NOT NULL, sold bigint NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.rounds (id uuid NOT NULL, status text NOT NULL, cents numeric NOT NULL, on_day date NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.parcels (id uuid NOT NULL, round_id uuid NOT NULL, nth bigint NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.ticks (id uuid NOT NULL, created_at timestamptz NOT NULL);
