-- Sign-ups that a browser plays: the app makes the account, under the key that the plan has for this person.
ALTER TABLE populace.delegated_visit
    ADD COLUMN signs_up text;
CREATE INDEX delegated_visit_signs_up ON populace.delegated_visit (begins) WHERE signs_up IS NOT NULL;
COMMENT ON COLUMN populace.delegated_visit.signs_up IS
    'Of a sign-up: the e-mail address of the account; null for a visit of somebody who has one';

CREATE FUNCTION populace.sign_up_key(email text) RETURNS uuid
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
    -- The simulation, which comes to the same account, waits for whoever asks, and the other way round.
    SELECT person FROM populace.delegated_visit WHERE signs_up = email AND state = 'playing' FOR UPDATE
$$;
REVOKE ALL ON FUNCTION populace.sign_up_key(text) FROM PUBLIC;
COMMENT ON FUNCTION populace.sign_up_key(text) IS
    'The key that an app gives to the account of somebody who signs up by this address while a browser plays it; null for everybody else';
