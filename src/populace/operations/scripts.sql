-- The pieces of a numbered script for psql. What stands in brackets after a percent sign is filled in when it is written.

-- name: head
-- %(file)s: rows of %(world)s, scenario %(scenario)s, seed %(seed)s, plan %(plan)s, until %(until)s.
-- Made by Populace. Run again it changes nothing; it fails where a row is missing, or is not as it was exported.
-- psql "$DATABASE_URL" %(example)s -f %(file)s

\set ON_ERROR_STOP on
\set QUIET on
BEGIN;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL timezone = 'UTC';
SET LOCAL client_min_messages = 'notice'

-- name: variable
\if :{?%(name)s}
\else
\set %(name)s %(many)s
\endif
SET LOCAL populace_export.%(name)s = :'%(name)s';
DO $check$
BEGIN
    IF current_setting('populace_export.%(name)s') !~ '^[0-9]{1,18}$'
        OR current_setting('populace_export.%(name)s')::bigint NOT BETWEEN 1 AND %(many)s THEN
        RAISE EXCEPTION '%(name)s=%%: these scripts hold %(many)s', current_setting('populace_export.%(name)s')
            USING HINT = 'give a whole number from 1 to %(many)s, or export again with more: '
                'populace export %(world)s --format sql --set %(name)s=N --out DIR';
    END IF;
END
$check$

-- name: stage
-- %(shown)s: %(rows)s rows.
CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT %(needs)s%(columns)s FROM %(table)s WITH NO DATA;
COPY staged (%(given)s) FROM stdin

-- name: fill
DO $fill$
#variable_conflict use_column
DECLARE
    expected bigint;
    added bigint;
    wrong bigint;
    example text;
BEGIN
%(limits)s    SELECT count(*) INTO expected FROM staged;
%(orphans)s    INSERT INTO %(table)s (%(columns)s) SELECT %(columns)s FROM staged ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS added = ROW_COUNT;
    SELECT count(*) INTO wrong FROM staged AS s WHERE NOT EXISTS (SELECT FROM %(table)s AS t WHERE %(same)s);
    IF wrong > 0 THEN
        RAISE EXCEPTION '%(shown)s: %% of %% rows could not be added', wrong, expected
            USING HINT = 'other rows hold values of theirs in a unique key, or a trigger or rule keeps them out';
    END IF;
    SELECT count(*), min(s::text) INTO wrong, example FROM staged AS s JOIN %(table)s AS t ON %(same)s WHERE %(differ)s;
    IF wrong > 0 THEN
        RAISE EXCEPTION '%(shown)s: %% of %% rows are not as they were exported', wrong, expected
            USING DETAIL = left('exported: ' || example, 400),
                HINT = 'mend or remove these rows: what is there is never overwritten';
    END IF;
    RAISE NOTICE '%(shown)s: %% rows, %% of them added', expected, added;
END
$fill$;
DROP TABLE staged

-- name: limit
    DELETE FROM staged AS s WHERE s."needs %(name)s" > current_setting('populace_export.%(name)s')::bigint

-- name: orphans
    SELECT count(*) INTO wrong FROM staged AS s
    WHERE s."%(column)s" IS NOT NULL AND NOT EXISTS (SELECT FROM %(parent)s AS p WHERE p."%(key)s" = s."%(column)s");
    IF wrong > 0 THEN
        RAISE EXCEPTION '%(shown)s: %% of %% rows refer to a row of %(of)s that is not there', wrong, expected
            USING HINT = 'run the scripts in the order of their numbers, with the same variables';
    END IF
