-- The schema of Populace's own tables, the version of their layout, the record of its migrations, the mark that a target
-- is open, and the record of what was made in it.
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
INSERT INTO populace.layout (version) VALUES (4);

-- At most one row; without it nothing is written to this database. It says which database was opened: a copy carries the
-- row of another one.
CREATE TABLE populace.target (
    only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    opened_at         timestamptz NOT NULL,
    opened_by         text NOT NULL,
    populace_version  text NOT NULL,
    database_oid      oid NOT NULL,
    database_name     text NOT NULL,
    system_identifier text,
    marker_oid        oid NOT NULL,
    role_name         text NOT NULL
);

-- Random bytes of this target alone: keys follow from it (of snapshots, of the password of its people). Only the owner reads
-- it, whatever default privileges say: there is no policy.
CREATE TABLE populace.secret (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    value    bytea   NOT NULL DEFAULT pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
                         || pg_catalog.uuid_send(pg_catalog.gen_random_uuid())
);
ALTER TABLE populace.secret ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON populace.secret FROM PUBLIC;
INSERT INTO populace.secret DEFAULT VALUES;

-- What Populace has made in this database and in its server; what stands here under its oid is ours, whatever its name.
CREATE TABLE populace.made (
    number       bigint      GENERATED ALWAYS AS IDENTITY,
    catalog      name        NOT NULL,
    object       oid         NOT NULL,
    kind         text        NOT NULL,
    name         text        NOT NULL,
    cluster_wide boolean     NOT NULL DEFAULT false,
    columns      integer,
    definition   text,
    made_by      name        NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (catalog, object)
);
COMMENT ON TABLE populace.made IS
    'Objects that Populace made, in the order in which it did; catalog: the system table that has them; columns: how many a table had; definition: hash of a function''s or a view''s';

-- Privileges that a world's schema has changed on what Populace did not make, so that they can be put back.
CREATE TABLE populace.privilege (
    number    bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object    bigint  NOT NULL,
    kind      text    NOT NULL,
    name      text    NOT NULL,
    grantee   text    NOT NULL,
    privilege text    NOT NULL,
    granted   boolean NOT NULL
);
COMMENT ON TABLE populace.privilege IS
    'Privileges that changed on objects of others (oid, kind, name); granted: otherwise it was revoked';
