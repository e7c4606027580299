-- Visits that another actor plays, such as a browser: asked for as an intervention, and what became of each.
ALTER TABLE populace.intervention
    ADD COLUMN delegated bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN populace.intervention.delegated IS
    'Addresses of visits that begin after it takes effect and are played by another actor: none of their rows is written';

CREATE TABLE populace.delegating_run (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    site       text        NOT NULL,
    started_by text        NOT NULL,
    started_at timestamptz NOT NULL
);
COMMENT ON TABLE populace.delegating_run IS
    'Those who play visits; each holds the advisory lock (bots, number) while it lives, so that whoever comes next knows which have died';

CREATE TABLE populace.delegated_visit (
    address      bigint      PRIMARY KEY,
    run          bigint      NOT NULL REFERENCES populace.delegating_run,
    intervention bigint      NOT NULL,
    person       uuid        NOT NULL,
    called       text        NOT NULL,
    begins       timestamptz NOT NULL,
    ends         timestamptz NOT NULL,
    state        text        NOT NULL DEFAULT 'claimed'
        CHECK (state IN ('claimed', 'playing', 'played', 'failed', 'interrupted', 'cancelled', 'late')),
    fault        text,
    started_at   timestamptz,
    ended_at     timestamptz,
    pictures     text,
    steps        jsonb       NOT NULL DEFAULT '[]',
    before       jsonb
);
CREATE INDEX delegated_visit_person ON populace.delegated_visit (person, begins DESC);
CREATE INDEX delegated_visit_open ON populace.delegated_visit (run) WHERE state IN ('claimed', 'playing');
COMMENT ON TABLE populace.delegated_visit IS
    'Visits that another actor plays: claimed before they begin, each once; begins, ends: simulated, as drawn';
COMMENT ON COLUMN populace.delegated_visit.person IS 'The key of whose visit it is';
COMMENT ON COLUMN populace.delegated_visit.state IS
    'interrupted: the run that claimed it ended before it did; cancelled: an intervention took it away; late: it began before the claim took effect, so that the simulation played it';
COMMENT ON COLUMN populace.delegated_visit.started_at IS 'Real time, as ended_at';
COMMENT ON COLUMN populace.delegated_visit.pictures IS
    'The folder of its pictures, below the folder of browsers in the data folder of the user who played it';
COMMENT ON COLUMN populace.delegated_visit.steps IS 'What was done, in order: each step, and whether it went well';
COMMENT ON COLUMN populace.delegated_visit.before IS
    'While it is played: the keys of the rows that the person had before; what comes beside them is registered as ours';

CREATE OR REPLACE FUNCTION populace.keep_plan() RETURNS void
LANGUAGE sql SET search_path = ''
AS $$
    INSERT INTO populace.former_plan (world, world_path, document, state, seeded_to, interventions, slices)
    SELECT p.world, p.world_path, p.document, p.state, p.seeded_to,
        coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
                i.number, CASE WHEN i.refused IS NULL THEN i.changes ELSE '{}' END,
                pg_catalog.floor(extract(epoch FROM i.applies_at) * 1000000)::bigint,
                CASE WHEN i.refused IS NULL THEN i.sessions ELSE 0 END,
                CASE WHEN i.refused IS NULL THEN i.delegated ELSE '{}' END) ORDER BY i.applies_at, i.number)
            FROM populace.intervention AS i WHERE i.applies_at IS NOT NULL), '[]'),
        coalesce((
            SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(
                l.root, l.low, l.high, pg_catalog.floor(extract(epoch FROM l.until) * 1000000)::bigint) ORDER BY l.root, l.low)
            FROM populace.ledger AS l), '[]')
    FROM populace.plan AS p
$$;

CREATE OR REPLACE FUNCTION populace.end_population() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A runner's window begins by locking what was asked for: we wait for it to end, and none begins before we have.
    LOCK TABLE populace.intervention IN EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM populace.plan WHERE state <> 'ready') THEN
        RAISE EXCEPTION 'the seed of this database is not finished'
            USING HINT = 'Finish the seed, or take out the population with a clean-up of everything.';
    END IF;
    PERFORM populace.keep_plan();
    DELETE FROM populace.plan;
    DELETE FROM populace.ledger;
    DELETE FROM populace.clock;
    DELETE FROM populace.step;
    DELETE FROM populace.tally;
    DELETE FROM populace.draw_statistics;
    DELETE FROM populace.snapshot;
    DELETE FROM populace.delegated_visit;
    DELETE FROM populace.delegating_run;
    DELETE FROM populace.intervention;
    DELETE FROM populace.outbox;
    DELETE FROM populace.described;
    DELETE FROM populace.delivered;
    DELETE FROM populace.coverage;
    DELETE FROM populace.emitted;
    DELETE FROM populace.day_tally;
    DELETE FROM populace.kept;
    -- Numbers of interventions are addresses of draws: the next population counts from 1.
    PERFORM pg_catalog.setval(pg_catalog.pg_get_serial_sequence('populace.intervention', 'number'), 1, false);
    INSERT INTO populace.journal (at, level, event, message, detail)
    VALUES (pg_catalog.clock_timestamp(), 'info', 'cleanup', 'the population was ended by SQL', '{}');
END
$$;
