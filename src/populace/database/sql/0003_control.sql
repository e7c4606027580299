-- Control from outside: sessions on request, changes for a later moment, changes made by UPDATE on the app's own settings,
-- removals counted, and snapshots that outlive a runner.

ALTER TABLE populace.intervention
    ADD COLUMN sessions   integer     NOT NULL DEFAULT 0 CHECK (sessions BETWEEN 0 AND 1000),
    ADD COLUMN not_before timestamptz,
    ADD COLUMN refused    text;
COMMENT ON COLUMN populace.intervention.sessions IS 'So many visits begin when it takes force, beside those of the rate';
COMMENT ON COLUMN populace.intervention.not_before IS 'Simulated time before which it does not take force; null: the next window';
COMMENT ON COLUMN populace.intervention.refused IS 'Why it never took force';

CREATE TABLE populace.snapshot (
    flow          text        NOT NULL,
    low           bigint      NOT NULL,
    high          bigint      NOT NULL,
    as_of         timestamptz NOT NULL,
    plan          text        NOT NULL,
    interventions text        NOT NULL,
    engine        integer     NOT NULL,
    sha256        text        NOT NULL,
    state         bytea       NOT NULL,
    PRIMARY KEY (flow, low, high)
);
COMMENT ON TABLE populace.snapshot IS
    'A snapshot of what people carry from visit to visit; it saves work and defines nothing: delete it at will';

CREATE FUNCTION populace.ask(changes jsonb, asked_by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ''
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
COMMENT ON FUNCTION populace.ask(jsonb, text) IS 'Asks for new values of live parameters, for triggers on an app''s own settings';
REVOKE ALL ON FUNCTION populace.ask(jsonb, text) FROM PUBLIC;

CREATE FUNCTION populace.count_removed(removed jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ''
AS $$
    INSERT INTO populace.tally AS t (table_name, attempted, written, rejected, removed)
    -- In the order in which a runner writes its own, so that neither waits for the other.
    SELECT key, 0, 0, 0, value::bigint FROM pg_catalog.jsonb_each_text(removed) WHERE value::bigint > 0
    ORDER BY key COLLATE "C"
    ON CONFLICT (table_name) DO UPDATE SET removed = t.removed + excluded.removed
$$;
COMMENT ON FUNCTION populace.count_removed(jsonb) IS 'Rows by table that a clean-up removed, so that what is left can be checked';
REVOKE ALL ON FUNCTION populace.count_removed(jsonb) FROM PUBLIC;
