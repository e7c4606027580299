-- name: lock: one backfill at a time, until its session ends
SELECT pg_try_advisory_lock(%(key)s);

-- name: hold: the population stays while its events are queued
SELECT 1 FROM populace.plan WHERE digest = %(digest)s FOR KEY SHARE;

-- name: stage: where events go first, so that one that waits already is left as it is
CREATE TEMPORARY TABLE IF NOT EXISTS past_event ON COMMIT DELETE ROWS AS
SELECT id, channel, at, kind, payload FROM populace.outbox WITH NO DATA;

-- name: copy
COPY pg_temp.past_event (id, channel, at, kind, payload) FROM STDIN (FORMAT binary);

-- name: queue
INSERT INTO populace.outbox (id, channel, at, kind, payload)
SELECT id, channel, at, kind, payload FROM pg_temp.past_event
ON CONFLICT (id) DO NOTHING;
