-- name: add_run: somebody who will play visits
INSERT INTO populace.delegating_run (site, started_by, started_at) VALUES (%(site)s, %(by)s, %(at)s) RETURNING number;

-- name: hold: the lock of a run, held by this session until it ends
SELECT pg_catalog.pg_try_advisory_lock(%(class)s, %(run)s);

-- name: dead: runs with open visits whose session has ended
SELECT DISTINCT v.run FROM populace.delegated_visit AS v
WHERE v.state IN ('claimed', 'playing') AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid::bigint = %(class)s
        AND l.objid::bigint = v.run
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
ORDER BY v.run;

-- name: take_over: the open visits of a run that has died, for whoever ends them now
UPDATE populace.delegated_visit SET run = %(mine)s WHERE run = %(dead)s AND state IN ('claimed', 'playing')
RETURNING address, person, state;

-- name: open: the visits of a run that are not over
SELECT address FROM populace.delegated_visit WHERE run = %(run)s AND state IN ('claimed', 'playing') ORDER BY address;

-- name: claim: of some visits those that nobody has; each is taken once
INSERT INTO populace.delegated_visit (address, run, intervention, person, called, begins, ends, signs_up)
SELECT address, %(run)s, 0, person, called, begins, ends, signs_up
FROM unnest(%(addresses)s::bigint[], %(people)s::uuid[], %(called)s::text[], %(begins)s::timestamptz[], %(ends)s::timestamptz[],
    %(signs_up)s::text[]) AS v (address, person, called, begins, ends, signs_up)
ON CONFLICT (address) DO NOTHING RETURNING address;

-- name: asked: by which intervention visits were asked for
UPDATE populace.delegated_visit SET intervention = %(number)s WHERE address = ANY (%(addresses)s::bigint[]);

-- name: known: which visits somebody has, or had
SELECT address FROM populace.delegated_visit WHERE begins >= %(since)s;

-- name: begin: a claimed visit is played from now on; before: what its person had
UPDATE populace.delegated_visit SET state = 'playing', started_at = %(at)s, before = %(before)s
WHERE address = %(address)s AND run = %(run)s AND state = 'claimed';

-- name: before: what a person had when their visit began; ahead: they sign up in it, and the simulation is not there yet
SELECT person, before, signs_up IS NOT NULL AND begins >= populace.watermark() AS ahead
FROM populace.delegated_visit WHERE address = %(address)s FOR UPDATE;

-- name: end: a visit is over
UPDATE populace.delegated_visit
SET state = %(state)s, fault = %(fault)s, ended_at = %(at)s, steps = %(steps)s, pictures = %(pictures)s, before = NULL
WHERE address = %(address)s AND run = %(run)s AND state IN ('claimed', 'playing');

-- name: of_person: the last visits of somebody that another actor played, the newest first
SELECT v.address, v.state, v.fault, v.begins, v.ends, v.started_at, v.ended_at, v.steps, v.pictures, r.site
FROM populace.delegated_visit AS v JOIN populace.delegating_run AS r ON r.number = v.run
WHERE v.person = %(person)s AND v.started_at IS NOT NULL ORDER BY v.started_at DESC LIMIT %(most)s;

-- name: counted: visits by what became of them
SELECT state, count(*) FROM populace.delegated_visit GROUP BY state ORDER BY state;

-- name: newest: the last intervention in effect that is no claim on visits
SELECT coalesce(max(number), 0) FROM populace.intervention WHERE applies_at IS NOT NULL AND delegated = '{}';
