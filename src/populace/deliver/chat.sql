-- name: lock_calls: one process at a time decides whether a call may be made
LOCK TABLE populace.call IN SHARE ROW EXCLUSIVE MODE;

-- name: calls: the last call of any kind, those that count in the run (the first of them too), and those of the day;
-- one that is later than now by our clock was made by a process whose clock is ahead, and counts too
SELECT max(at),
       count(*) FILTER (WHERE counted AND at > %(run_start)s), min(at) FILTER (WHERE counted AND at > %(run_start)s),
       count(*) FILTER (WHERE counted AND at >= %(day_start)s)
FROM populace.call WHERE channel = %(channel)s;

-- name: add_call
INSERT INTO populace.call (channel, at) VALUES (%(channel)s, %(now)s) RETURNING id;

-- name: forget_calls: what no limit looks back at
DELETE FROM populace.call WHERE channel = %(channel)s AND at < %(before)s;

-- name: uncount_call: it cost nothing
UPDATE populace.call SET counted = false WHERE id = %(id)s;

-- name: writing: what this transaction writes is Populace's own, and asks for nothing
SET LOCAL populace.writing = 'on';

-- name: simulated_now
SELECT populace.now();

-- name: tally: the reply is one of our rows
INSERT INTO populace.tally AS t (table_name, attempted, written, rejected, removed) VALUES (%(table)s, 1, 1, 0, 0)
ON CONFLICT (table_name) DO UPDATE SET attempted = t.attempted + 1, written = t.written + 1;

-- name: tally_day
INSERT INTO populace.day_tally AS t (table_name, day, inserted, removed)
VALUES (%(table)s, (%(created_at)s AT TIME ZONE 'UTC')::date, 1, 0)
ON CONFLICT (table_name, day) DO UPDATE SET inserted = t.inserted + 1;

-- name: uncount: a row that was counted as delivered, and was not stored
UPDATE populace.delivered SET n = n - 1
WHERE channel = %(channel)s AND day = (%(at)s AT TIME ZONE 'UTC')::date AND kind = %(kind)s;

-- name: dropped: a reply that nobody waits for any more
INSERT INTO populace.delivered AS d (channel, day, kind, n)
VALUES (%(channel)s, (%(at)s AT TIME ZONE 'UTC')::date, %(kind)s, 1)
ON CONFLICT (channel, day, kind) DO UPDATE SET n = d.n + 1;

-- name: put_back: a question whose reply cannot be stored is not asked again
INSERT INTO populace.outbox (id, channel, at, kind, payload, attempts, error, rejected)
VALUES (%(id)s, %(channel)s, %(at)s, %(kind)s, %(payload)s, %(attempts)s, %(error)s, true);
