-- name: now: simulated now, which is real time under a wall clock, unless more is written; and the watermark
SELECT populace.now(), populace.watermark();

-- name: trouble: the last warning or error since somebody began to seed or to run
SELECT at, level, event, message FROM populace.journal
WHERE level <> 'info' AND id > coalesce((SELECT max(id) FROM populace.journal WHERE event IN ('seed', 'run')), 0)
ORDER BY id DESC LIMIT 1;

-- name: earlier_trouble: the last warning or error of all
SELECT at, level, event, message FROM populace.journal WHERE level <> 'info' ORDER BY id DESC LIMIT 1;

-- name: asked: changes that wait for a runner, those that were refused, and why the last of these was
SELECT
    count(*) FILTER (WHERE applies_at IS NULL AND refused IS NULL),
    count(*) FILTER (WHERE refused <> 'taken back'),
    (SELECT refused FROM populace.intervention WHERE refused <> 'taken back' ORDER BY number DESC LIMIT 1)
FROM populace.intervention;
