-- What a runner needs to go on where the last one stopped: the plan, the ledger, the clock, interventions, draw statistics,
-- snapshots. All of it stands in the target, so that a runner process is disposable.

CREATE TABLE populace.plan (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    world      text        NOT NULL,
    world_path text,
    digest     text        NOT NULL,
    document   jsonb       NOT NULL,
    state      text        NOT NULL CHECK (state IN ('seeding', 'indexing', 'ready')),
    in_place   boolean     NOT NULL,
    seeded_to  timestamptz NOT NULL,
    wall       boolean     NOT NULL,
    seconds    float8      NOT NULL DEFAULT 0
);
COMMENT ON TABLE populace.plan IS
    'The one plan of this database; in_place: the tables existed before; seeded_to: end of the first window; wall: its clock follows real time; seconds: of seeding';

CREATE TABLE populace.ledger (
    root  text        NOT NULL,
    low   bigint      NOT NULL,
    high  bigint      NOT NULL CHECK (high > low),
    until timestamptz NOT NULL,
    PRIMARY KEY (root, low)
);
COMMENT ON TABLE populace.ledger IS
    'Members low (included) to high (excluded) of a root are written up to this simulated time, and no further';

CREATE TABLE populace.step (
    number integer PRIMARY KEY,
    sha256 text    NOT NULL
);
COMMENT ON TABLE populace.step IS 'Statements of the world''s 2_constraints.sql that have run';

CREATE TABLE populace.tally (
    table_name text   PRIMARY KEY,
    attempted  bigint NOT NULL,
    written    bigint NOT NULL,
    rejected   bigint NOT NULL,
    removed    bigint NOT NULL
);
COMMENT ON TABLE populace.tally IS 'Rows written to each table since the seed began';

CREATE TABLE populace.clock (
    only_row        boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    mode            text        NOT NULL CHECK (mode IN ('wall', 'free')),
    speed           float8      NOT NULL CHECK (speed > 0),
    real_time       timestamptz NOT NULL,
    simulated_time  timestamptz NOT NULL
);
COMMENT ON TABLE populace.clock IS
    'wall: simulated time is real time; free: it continued from simulated_time at speed since real_time, while a runner works';

CREATE TABLE populace.intervention (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changes    jsonb       NOT NULL,
    asked_at   timestamptz NOT NULL,
    asked_by   text        NOT NULL,
    applies_at timestamptz,
    sessions   integer     NOT NULL DEFAULT 0 CHECK (sessions BETWEEN 0 AND 1000),
    not_before timestamptz,
    refused    text
);
COMMENT ON TABLE populace.intervention IS
    'Changes to live parameters; the runner sets applies_at (simulated time) to the start of the first window in which they are in effect';
COMMENT ON COLUMN populace.intervention.sessions IS 'So many visits begin when it takes effect, in addition to those of the rate';
COMMENT ON COLUMN populace.intervention.not_before IS 'Simulated time before which it does not take effect; null: the next window';
COMMENT ON COLUMN populace.intervention.refused IS 'Why it never took effect';

CREATE TABLE populace.draw_statistics (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    document jsonb   NOT NULL
);
COMMENT ON TABLE populace.draw_statistics IS 'Every decision point: how often it was drawn, what was expected, what came out';

CREATE TABLE populace.own_row (
    relation regclass NOT NULL,
    key      text[]   NOT NULL,
    PRIMARY KEY (relation, key)
);
COMMENT ON TABLE populace.own_row IS
    'Rows that we wrote under keys which others could have too, and rows that a peer wrote for us; all other keys follow from the plan';

CREATE TABLE populace.former_plan (
    number        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    world         text        NOT NULL,
    world_path    text,
    document      jsonb       NOT NULL,
    state         text        NOT NULL,
    seeded_to     timestamptz NOT NULL,
    interventions jsonb       NOT NULL,
    slices        jsonb       NOT NULL
);
COMMENT ON TABLE populace.former_plan IS
    'Plans of which rows may be left: kept by a clean-up, or by the end of a population; they prove whose these are';

CREATE FUNCTION populace.keep_plan() RETURNS void
LANGUAGE sql SET search_path = ''
AS $$
    INSERT INTO populace.former_plan (world, world_path, document, state, seeded_to, interventions, slices)
    SELECT p.world, p.world_path, p.document, p.state, p.seeded_to,
        coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
                i.number, CASE WHEN i.refused IS NULL THEN i.changes ELSE '{}' END,
                pg_catalog.floor(extract(epoch FROM i.applies_at) * 1000000)::bigint,
                CASE WHEN i.refused IS NULL THEN i.sessions ELSE 0 END) ORDER BY i.applies_at, i.number)
            FROM populace.intervention AS i WHERE i.applies_at IS NOT NULL), '[]'),
        coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
                l.root, l.low, l.high, pg_catalog.floor(extract(epoch FROM l.until) * 1000000)::bigint) ORDER BY l.root, l.low)
            FROM populace.ledger AS l), '[]')
    FROM populace.plan AS p
$$;
COMMENT ON FUNCTION populace.keep_plan() IS 'Keeps the plan for a later clean-up, before its records are emptied';
REVOKE ALL ON FUNCTION populace.keep_plan() FROM PUBLIC;

CREATE TABLE populace.journal (
    id      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL,
    level   text        NOT NULL CHECK (level IN ('info', 'warning', 'error')),
    event   text        NOT NULL,
    message text        NOT NULL,
    detail  jsonb       NOT NULL
);
COMMENT ON TABLE populace.journal IS 'What seeds and runners did, in real time; read with populace logs';

CREATE TABLE populace.snapshot (
    flow          text        NOT NULL,
    low           bigint      NOT NULL,
    high          bigint      NOT NULL,
    as_of         timestamptz NOT NULL,
    plan          text        NOT NULL,
    interventions text        NOT NULL,
    engine        integer     NOT NULL,
    mac           bytea       NOT NULL,
    state         bytea       NOT NULL,
    PRIMARY KEY (flow, low, high)
);
COMMENT ON TABLE populace.snapshot IS
    'A snapshot of what people carry from visit to visit; it only saves work and may be deleted at any time; mac: by the target''s secret, of all the rest';

CREATE FUNCTION populace.watermark() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT min(until) FROM populace.ledger $$;
COMMENT ON FUNCTION populace.watermark() IS 'Everything before this simulated time is written';

CREATE FUNCTION populace.now() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        (SELECT CASE mode WHEN 'wall' THEN greatest(pg_catalog.now(), populace.watermark()) ELSE populace.watermark() END FROM populace.clock),
        pg_catalog.now())
$$;
COMMENT ON FUNCTION populace.now() IS 'Simulated now: real time under a wall clock, unless more is written; otherwise the watermark';

CREATE FUNCTION populace.ask(changes jsonb, asked_by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The runner's own writing asks for nothing, and without a population there is nobody to ask.
    IF coalesce(pg_catalog.current_setting('populace.writing', true), '') <> 'on'
        AND changes <> '{}'::jsonb
        AND EXISTS (SELECT 1 FROM populace.plan WHERE state = 'ready')
    THEN
        INSERT INTO populace.intervention (changes, asked_at, asked_by)
        VALUES (changes, pg_catalog.clock_timestamp(), asked_by);
    END IF;
END
$$;
COMMENT ON FUNCTION populace.ask(jsonb, text) IS 'Requests new values of live parameters, for triggers on an app''s own settings';
REVOKE ALL ON FUNCTION populace.ask(jsonb, text) FROM PUBLIC;

CREATE FUNCTION populace.count_removed(removed jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO populace.tally AS t (table_name, attempted, written, rejected, removed)
    -- In the order in which a runner writes its own, so that neither waits for the other.
    SELECT key, 0, 0, 0, value::bigint FROM pg_catalog.jsonb_each_text(removed) WHERE value::bigint > 0
    ORDER BY key COLLATE "C"
    ON CONFLICT (table_name) DO UPDATE SET removed = t.removed + excluded.removed
$$;
COMMENT ON FUNCTION populace.count_removed(jsonb) IS 'Rows by table that a clean-up removed, so that what is left can be checked';
REVOKE ALL ON FUNCTION populace.count_removed(jsonb) FROM PUBLIC;
