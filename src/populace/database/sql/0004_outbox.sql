-- What leaves the database for somebody else: rows that wait to be sent, what was sent, and the spans of simulated time
-- that were queued. With it two records of rows by day, and the end of a population as a function.

CREATE TABLE populace.outbox (
    id         uuid        PRIMARY KEY,
    channel    text        NOT NULL CHECK (channel IN ('posthog', 'chat', 'auth')),
    at         timestamptz NOT NULL,
    kind       text        NOT NULL,
    payload    jsonb       NOT NULL,
    attempts   integer     NOT NULL DEFAULT 0,
    not_before timestamptz,
    error      text,
    set_aside  boolean     NOT NULL DEFAULT false
);
COMMENT ON TABLE populace.outbox IS
    'What waits to be sent to PostHog, a chat or an auth service: a row is deleted when the other side has taken it';
COMMENT ON COLUMN populace.outbox.at IS 'Simulated time of what happened';
COMMENT ON COLUMN populace.outbox.not_before IS 'Real time before which it is not tried again; null: at once';
COMMENT ON COLUMN populace.outbox.error IS 'What was said when it was last refused';
COMMENT ON COLUMN populace.outbox.set_aside IS 'Refused for good; it waits for a person, and is in nobody''s way';
CREATE INDEX outbox_waiting ON populace.outbox (channel, at, id) WHERE NOT set_aside;

CREATE TABLE populace.delivered (
    channel text   NOT NULL,
    day     date   NOT NULL,
    kind    text   NOT NULL,
    n       bigint NOT NULL,
    PRIMARY KEY (channel, day, kind)
);
COMMENT ON TABLE populace.delivered IS
    'How many rows of the outbox were sent, by the simulated day (UTC) of what happened; counted when they leave the outbox';

CREATE TABLE populace.coverage (
    channel text        NOT NULL,
    low     timestamptz NOT NULL,
    high    timestamptz NOT NULL CHECK (high > low),
    PRIMARY KEY (channel, low)
);
COMMENT ON TABLE populace.coverage IS
    'Spans of simulated time, low included and high excluded, whose rows have been put into the outbox; merged when they touch';

CREATE TABLE populace.emitted (
    table_name text   NOT NULL,
    kind       text   NOT NULL,
    day        date   NOT NULL,
    n          bigint NOT NULL,
    withheld   bigint NOT NULL,
    PRIMARY KEY (table_name, kind, day)
);
COMMENT ON TABLE populace.emitted IS
    'Rows that the population emitted, by the day of their moment, whatever became of them; withheld: those of people who had left before they were written; kind: where rows of a table are told apart; found: of people whom the beginning of history found there';

CREATE TABLE populace.day_tally (
    table_name text   NOT NULL,
    day        date   NOT NULL,
    inserted   bigint NOT NULL,
    removed    bigint NOT NULL,
    PRIMARY KEY (table_name, day)
);
COMMENT ON TABLE populace.day_tally IS 'Rows inserted and rows removed, by the day of their created_at';

CREATE FUNCTION populace.end_population() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
AS $$
BEGIN
    -- A runner's window begins by locking what was asked for: we wait for it to end, and none begins before we have.
    LOCK TABLE populace.intervention IN EXCLUSIVE MODE;
    IF EXISTS (SELECT 1 FROM populace.plan WHERE state <> 'ready') THEN
        RAISE EXCEPTION 'the seed of this database is not finished'
            USING HINT = 'Finish it with the same populace seed, or take it out with populace cleanup --all.';
    END IF;
    DELETE FROM populace.plan;
    DELETE FROM populace.ledger;
    DELETE FROM populace.clock;
    DELETE FROM populace.step;
    DELETE FROM populace.tally;
    DELETE FROM populace.draw_statistics;
    DELETE FROM populace.snapshot;
    DELETE FROM populace.intervention;
    DELETE FROM populace.outbox;
    DELETE FROM populace.delivered;
    DELETE FROM populace.coverage;
    DELETE FROM populace.emitted;
    DELETE FROM populace.day_tally;
    -- Numbers of interventions are addresses of draws: the next population counts anew.
    PERFORM pg_catalog.setval(pg_catalog.pg_get_serial_sequence('populace.intervention', 'number'), 1, false);
    INSERT INTO populace.journal (at, level, event, message, detail)
    VALUES (pg_catalog.clock_timestamp(), 'info', 'cleanup', 'the population was ended by SQL', '{}');
END
$$;
COMMENT ON FUNCTION populace.end_population() IS
    'Forgets the population, so that a runner finds nobody and a seed begins afresh; the app''s rows are the caller''s to delete, after this';
REVOKE ALL ON FUNCTION populace.end_population() FROM PUBLIC;
