-- The end of a population as a function, for an app's own clean-up.

CREATE FUNCTION populace.end_population() RETURNS void
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
COMMENT ON FUNCTION populace.end_population() IS
    'Deletes the plan and its records, so that runners stop and a new seed can begin; the caller deletes the app''s rows after it';
REVOKE ALL ON FUNCTION populace.end_population() FROM PUBLIC;
