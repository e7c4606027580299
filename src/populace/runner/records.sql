-- name: plan: the plan of this database
SELECT world, digest, document, state, in_place, seeded_to, wall, seconds, world_path FROM populace.plan;

-- name: add_plan
INSERT INTO populace.plan (world, digest, document, state, in_place, seeded_to, wall, world_path)
VALUES (%(world)s, %(digest)s, %(document)s, 'seeding', %(in_place)s, %(seeded_to)s, %(wall)s, %(world_path)s);

-- name: number_from: interventions asked for here come after those of the plan's own document
SELECT setval(pg_get_serial_sequence('populace.intervention', 'number'), %(most)s);

-- name: set_state: how far the seed is
UPDATE populace.plan SET state = %(state)s, seconds = seconds + %(seconds)s;

-- name: slices: what is written, and up to when
SELECT root, low, high, until FROM populace.ledger ORDER BY root, low;

-- name: add_slice
INSERT INTO populace.ledger (root, low, high, until) VALUES (%(root)s, %(low)s, %(high)s, %(until)s);

-- name: has_slice: whether a slice is written, alone or as a part of another
SELECT EXISTS (SELECT FROM populace.ledger WHERE root = %(root)s AND low <= %(low)s AND high >= %(high)s);

-- name: advance: every slice from one watermark to the next
UPDATE populace.ledger SET until = %(until)s WHERE until = %(since)s;

-- name: announce: wakes whoever waits for new rows; heard when the transaction is committed
SELECT pg_catalog.pg_notify('populace_window', %(until)s);

-- name: listen
LISTEN populace_window;

-- name: merge_slices: one row a root, once all of it is written up to the same time
WITH gone AS (DELETE FROM populace.ledger RETURNING root, low, high, until)
INSERT INTO populace.ledger (root, low, high, until) SELECT root, min(low), max(high), min(until) FROM gone GROUP BY root;

-- name: watermark
SELECT populace.watermark();

-- name: steps: statements of 2_constraints.sql that have run
SELECT number, sha256 FROM populace.step;

-- name: add_steps
INSERT INTO populace.step (number, sha256)
SELECT number, hash
FROM ROWS FROM (pg_catalog.unnest(%(numbers)s::int[]), pg_catalog.unnest(%(hashes)s::text[])) AS t (number, hash);

-- name: tallies
SELECT table_name, attempted, written, rejected, removed FROM populace.tally ORDER BY table_name;

-- name: add_tally
INSERT INTO populace.tally AS t (table_name, attempted, written, rejected, removed)
VALUES (%(table)s, %(attempted)s, %(written)s, %(rejected)s, %(removed)s)
ON CONFLICT (table_name) DO UPDATE SET
    attempted = t.attempted + excluded.attempted, written = t.written + excluded.written,
    rejected = t.rejected + excluded.rejected, removed = t.removed + excluded.removed;

-- name: add_emitted
INSERT INTO populace.emitted AS t (table_name, kind, day, n, withheld)
VALUES (%(table)s, %(kind)s, %(day)s, %(n)s, %(withheld)s)
ON CONFLICT (table_name, kind, day) DO UPDATE SET n = t.n + excluded.n, withheld = t.withheld + excluded.withheld;

-- name: add_day_tally
INSERT INTO populace.day_tally AS t (table_name, day, inserted, removed)
VALUES (%(table)s, %(day)s, %(inserted)s, %(removed)s)
ON CONFLICT (table_name, day) DO UPDATE SET
    inserted = t.inserted + excluded.inserted, removed = t.removed + excluded.removed;

-- name: clock
SELECT mode, speed, real_time, simulated_time FROM populace.clock;

-- name: set_clock
INSERT INTO populace.clock (mode, speed, real_time, simulated_time)
VALUES (%(mode)s, %(speed)s, %(real_time)s, %(simulated_time)s)
ON CONFLICT (only_row) DO UPDATE SET
    mode = excluded.mode, speed = excluded.speed, real_time = excluded.real_time, simulated_time = excluded.simulated_time;

-- name: interventions: those in force, in order; a refused one asks for nothing
SELECT number, CASE WHEN refused IS NULL THEN changes ELSE '{}' END, applies_at,
    CASE WHEN refused IS NULL THEN sessions ELSE 0 END, CASE WHEN refused IS NULL THEN delegated ELSE '{}' END
FROM populace.intervention
WHERE applies_at IS NOT NULL ORDER BY applies_at, number;

-- name: intervention: one of them, as it stands
SELECT number, changes, sessions, not_before, applies_at, refused FROM populace.intervention WHERE number = %(number)s;

-- name: pending: those that wait for a runner, or for their time
SELECT number, changes, sessions, not_before, refused, delegated FROM populace.intervention
WHERE applies_at IS NULL AND refused IS NULL ORDER BY number;

-- name: due: those whose moment comes before another; locked, so that nobody takes them back meanwhile
SELECT number, changes, sessions, not_before, refused, delegated FROM populace.intervention
WHERE applies_at IS NULL AND (not_before IS NULL OR not_before < %(until)s) ORDER BY number FOR UPDATE;

-- name: stamp: a pending intervention takes force; refused: why only its moment does, and nothing of what it asked for
UPDATE populace.intervention SET applies_at = %(at)s, refused = %(refused)s
WHERE applies_at IS NULL AND number = %(number)s;

-- name: undo: a pending intervention is taken back; the next window emits the settings as they are
UPDATE populace.intervention SET refused = 'undone', not_before = NULL
WHERE applies_at IS NULL AND refused IS NULL AND number = %(number)s;

-- name: add_intervention
INSERT INTO populace.intervention (changes, sessions, delegated, not_before, asked_at, asked_by)
VALUES (%(changes)s, %(sessions)s, %(delegated)s, %(not_before)s, %(asked_at)s, %(asked_by)s)
RETURNING number;

-- name: listed: the last interventions, the newest first
SELECT number, changes, sessions, asked_at, asked_by, not_before, applies_at, refused FROM populace.intervention
ORDER BY number DESC LIMIT %(most)s;

-- name: writing: what this transaction writes is the runner's own, and asks for nothing
SET LOCAL populace.writing = 'on';

-- name: snapshots: which there are, without their states; nothing is read that is larger than it may be
SELECT ctid::pg_catalog.text, CASE WHEN pg_catalog.octet_length(flow) < 256 THEN flow END, low, high,
    CASE WHEN as_of > '0001-01-01Z' AND as_of < '9999-01-01Z' THEN (extract(epoch FROM as_of) * 1000000)::bigint END,
    CASE WHEN pg_catalog.octet_length(plan) < 256 THEN plan END,
    CASE WHEN pg_catalog.octet_length(interventions) < 256 THEN interventions END, engine
FROM populace.snapshot ORDER BY flow, low, high LIMIT %(most)s;

-- name: snapshot_state
SELECT mac, state FROM populace.snapshot
WHERE ctid = %(ctid)s::tid AND pg_catalog.octet_length(state) <= %(most)s AND pg_catalog.octet_length(mac) = 32;

-- name: forget_snapshots
DELETE FROM populace.snapshot WHERE ctid = ANY (%(ctids)s::tid[]);

-- name: set_snapshot
INSERT INTO populace.snapshot (flow, low, high, as_of, plan, interventions, engine, mac, state)
VALUES (%(flow)s, %(low)s, %(high)s, %(as_of)s, %(plan)s, %(interventions)s, %(engine)s, %(mac)s, %(state)s)
ON CONFLICT (flow, low, high) DO UPDATE SET as_of = excluded.as_of, plan = excluded.plan,
    interventions = excluded.interventions, engine = excluded.engine, mac = excluded.mac, state = excluded.state;

-- name: draw_statistics
SELECT document FROM populace.draw_statistics;

-- name: begin_draw_statistics: so that there is a row to lock
INSERT INTO populace.draw_statistics (document) VALUES (%(document)s) ON CONFLICT DO NOTHING;

-- name: hold_draw_statistics: whoever adds to them meanwhile comes after this transaction
SELECT document FROM populace.draw_statistics FOR UPDATE;

-- name: set_draw_statistics
INSERT INTO populace.draw_statistics (document) VALUES (%(document)s)
ON CONFLICT (only_row) DO UPDATE SET document = excluded.document;

-- name: add_journal
INSERT INTO populace.journal (at, level, event, message, detail)
VALUES (%(at)s, %(level)s, %(event)s, %(message)s, %(detail)s);

-- name: journal: the last so many lines after one, all or those of an event, oldest first
SELECT id, at, level, event, message, detail FROM
    (SELECT * FROM populace.journal
     WHERE id > %(after)s AND (%(event)s::pg_catalog.text IS NULL OR event = %(event)s)
     ORDER BY id DESC LIMIT %(most)s) AS last ORDER BY id;

-- name: retained: before which moments rows went because of their age, on request
SELECT detail ->> 'cutoff' FROM populace.journal WHERE event = 'cleanup' AND detail ? 'cutoff'
    AND id > coalesce((SELECT max(id) FROM populace.journal WHERE event = 'seed'), 0);

-- name: trim_journal: the journal keeps its last lines
DELETE FROM populace.journal WHERE id <= (SELECT max(id) FROM populace.journal) - %(keep)s;

-- name: lock: leadership, held by this session until it ends; not while a worker of the last leader still writes
SELECT CASE WHEN pg_try_advisory_lock(%(work)s) THEN
    CASE WHEN pg_try_advisory_lock(%(key)s) THEN pg_advisory_unlock(%(work)s) ELSE NOT pg_advisory_unlock(%(work)s) END
    ELSE false END;

-- name: work: a worker's transaction keeps others from leading until it ends
SELECT pg_advisory_xact_lock_shared(%(work)s);

-- name: led: whether that session leads
SELECT EXISTS (
    SELECT FROM pg_locks AS l, pg_stat_get_activity(l.pid) AS a
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid = %(pid)s
        AND (l.classid::bigint << 32 | l.objid::bigint) = %(key)s
        AND (extract(epoch FROM a.backend_start) * 1000000)::bigint = %(started_us)s);

-- name: leads: whether this very session holds the lock
SELECT EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid = pg_backend_pid()
        AND (classid::bigint << 32 | objid::bigint) = %(key)s);

-- name: leader: the session that holds the lock
SELECT a.pid, a.application_name, a.backend_start FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (l.classid::bigint << 32 | l.objid::bigint) = %(key)s;

-- name: former: plans of which rows may be left, the last first
SELECT world, world_path, document, state, seeded_to, interventions, slices FROM populace.former_plan
ORDER BY number DESC;

-- name: keep_plan: the plan stays on record, for rows of it that are left
SELECT populace.keep_plan();

-- name: forget_former: nothing of a world's plans is left
DELETE FROM populace.former_plan WHERE world = %(world)s;

-- name: forget_all_former: former populations have no tables any more
WITH plans AS (DELETE FROM populace.former_plan) DELETE FROM populace.own_row;

-- name: forget_own_rows: those that are there no more, and all of them when no plan is left
DELETE FROM populace.own_row WHERE NOT EXISTS (SELECT FROM populace.former_plan);

-- name: kept: what should be gone and stays, by kind: how many, and why the first does
SELECT kind, count(*), (array_agg(because ORDER BY at, key))[1] FROM populace.kept GROUP BY kind ORDER BY kind;
