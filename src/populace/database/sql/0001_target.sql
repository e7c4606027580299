-- The schema of Populace's own tables, the version of their layout, the record of its migrations, and the mark that a target
-- is open.
CREATE SCHEMA IF NOT EXISTS populace;

CREATE TABLE populace.migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Names of tables and columns as this version knows them; a target without this table is of an older layout.
CREATE TABLE populace.layout (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  integer NOT NULL
);
INSERT INTO populace.layout (version) VALUES (2);

-- At most one row; without it nothing is written to this database.
CREATE TABLE populace.target (
    only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    opened_at        timestamptz NOT NULL,
    opened_by        text NOT NULL,
    populace_version text NOT NULL
);
