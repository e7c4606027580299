-- feature: partial uniqueness by its predicate
-- holds: SELECT count(*) > 300 AND count(*) FILTER (WHERE is_current) > 0 AND count(*) FILTER (WHERE NOT is_current) > 100 FROM entries
-- holds: SELECT count(*) FILTER (WHERE deleted_at IS NULL) > 0 AND count(*) FILTER (WHERE deleted_at IS NOT NULL) > 0 FROM handles
CREATE TABLE lists (id serial PRIMARY KEY, title text NOT NULL);
CREATE TABLE entries (id serial PRIMARY KEY, list_id int NOT NULL REFERENCES lists, is_current boolean NOT NULL DEFAULT false, words text NOT NULL);
CREATE UNIQUE INDEX ON entries (list_id) WHERE is_current;
CREATE TABLE handles (id serial PRIMARY KEY, handle text NOT NULL, deleted_at timestamptz);
CREATE UNIQUE INDEX ON handles (lower(handle)) WHERE deleted_at IS NULL;
