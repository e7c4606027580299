-- name: take: the oldest rows of a channel that may go now, held for us until the transaction ends
SELECT id, at, kind, payload, attempts FROM populace.outbox
WHERE channel = %(channel)s AND NOT rejected AND (not_before IS NULL OR not_before <= %(now)s)
    AND at >= %(low)s AND at < %(high)s
ORDER BY at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED;

-- name: delivered: rows leave the outbox and are counted, in an order that lets two deliveries pass each other
WITH gone AS (
    DELETE FROM populace.outbox WHERE id = ANY(%(ids)s) RETURNING channel, (at AT TIME ZONE 'UTC')::date AS day, kind
)
INSERT INTO populace.delivered AS d (channel, day, kind, n)
SELECT channel, day, kind, count(*) FROM gone GROUP BY channel, day, kind ORDER BY channel, day, kind
ON CONFLICT (channel, day, kind) DO UPDATE SET n = d.n + excluded.n;

-- name: postpone: a row waits
UPDATE populace.outbox SET attempts = %(attempts)s, not_before = %(not_before)s WHERE id = %(id)s;

-- name: reject: the other side refused a row for good
UPDATE populace.outbox SET attempts = attempts + 1, not_before = NULL, error = %(error)s, rejected = true
WHERE id = %(id)s;

-- name: retry: what was rejected waits again
UPDATE populace.outbox SET attempts = 0, not_before = NULL, error = NULL, rejected = false
WHERE channel = %(channel)s AND rejected;

-- name: describing: from here on nobody else sends properties of these people (sorted), until the transaction ends
INSERT INTO populace.described (channel, person, at)
SELECT %(channel)s, person, '-infinity' FROM unnest(%(people)s::text[]) AS given (person)
ON CONFLICT (channel, person) DO NOTHING;

-- name: described: of when the newest properties are that were sent of each; null for none
SELECT person, nullif(at, '-infinity') FROM populace.described
WHERE channel = %(channel)s AND person = ANY (%(people)s) ORDER BY person FOR UPDATE;

-- name: describe: newer ones are sent
UPDATE populace.described AS d SET at = greatest(d.at, given.at)
FROM unnest(%(people)s::text[], %(at)s::timestamptz[]) AS given (person, at)
WHERE d.channel = %(channel)s AND d.person = given.person;

-- name: next_due: when the first row that waits may go; no row, or null for one that may go now. ahead: how far ahead of
-- real time a row may lie, edge: up to when that is now; null: as far as it will
SELECT min(greatest(not_before, at - %(ahead)s::interval)),
    count(*) FILTER (WHERE not_before IS NULL AND (%(edge)s::timestamptz IS NULL OR at < %(edge)s)), count(*)
FROM populace.outbox WHERE channel = %(channel)s AND NOT rejected;

-- name: ahead: rows that lie too far ahead of real time
SELECT count(*) FROM populace.outbox WHERE channel = %(channel)s AND NOT rejected AND at >= %(edge)s;

-- name: waiting: rows that wait by kind, and those of them that wait after a failure
SELECT kind, count(*), count(*) FILTER (WHERE attempts > 0) FROM populace.outbox
WHERE channel = %(channel)s AND NOT rejected GROUP BY kind ORDER BY kind;

-- name: rejected: what was refused for good, by kind and by what was said, with one row to look at
SELECT kind, error, count(*), min(id::text) FROM populace.outbox
WHERE channel = %(channel)s AND rejected GROUP BY kind, error ORDER BY count(*) DESC, kind, error LIMIT %(most)s;

-- name: sent: delivered rows by kind, with their first and last day
SELECT kind, sum(n)::bigint, min(day), max(day) FROM populace.delivered
WHERE channel = %(channel)s GROUP BY kind ORDER BY kind;
