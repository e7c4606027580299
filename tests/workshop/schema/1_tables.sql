CREATE TABLE public.batches (id uuid NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.tools (id uuid NOT NULL, name text NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.pieces (id uuid NOT NULL, batch_id uuid, good integer NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.uses (id uuid NOT NULL, piece_id uuid NOT NULL, tool_id uuid NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE public.labels (id uuid NOT NULL, about uuid NOT NULL, words text NOT NULL, created_at timestamptz NOT NULL);
