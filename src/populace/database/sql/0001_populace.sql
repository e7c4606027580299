-- The schema of Populace's own tables, the record of its migrations, and the mark that a target is open.
CREATE SCHEMA IF NOT EXISTS populace;

CREATE TABLE populace.migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- At most one row; without it nothing is written to this database.
CREATE TABLE populace.target (
    only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    opened_at        timestamptz NOT NULL,
    opened_by        text NOT NULL,
    populace_version text NOT NULL
);
