-- name: changed: what this transaction has done so far to each table, as the server counts it; also what was rolled back in it
SELECT
    n.nspname || '.' || c.relname,
    sum(counted.inserted)::bigint,
    sum(counted.updated)::bigint,
    sum(counted.deleted)::bigint
FROM (
    SELECT
        coalesce(pg_catalog.pg_partition_root(t.oid)::oid, t.oid) AS oid,
        pg_catalog.pg_stat_get_xact_tuples_inserted(t.oid) AS inserted,
        pg_catalog.pg_stat_get_xact_tuples_updated(t.oid) AS updated,
        pg_catalog.pg_stat_get_xact_tuples_deleted(t.oid) AS deleted
    FROM pg_catalog.pg_class AS t WHERE t.relkind = 'r') AS counted
JOIN pg_catalog.pg_class AS c ON c.oid = counted.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE counted.inserted + counted.updated + counted.deleted > 0
    AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'populace', 'pg_toast')
GROUP BY n.nspname, c.relname;

-- name: unseen: tables that this transaction may have changed without being counted: emptied, altered, or on another server
SELECT DISTINCT n.nspname || '.' || c.relname
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
    AND CASE c.relkind
        WHEN 'f' THEN l.mode NOT IN ('AccessShareLock', 'RowShareLock')
        ELSE c.relkind IN ('r', 'p') AND l.mode = 'AccessExclusiveLock' END
    AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'populace', 'pg_toast');

-- name: parts: the tables that hold parts of accounts, whose rows go with them
SELECT DISTINCT n.nspname || '.' || c.relname
FROM populace.foreign_keys() AS f
JOIN pg_catalog.pg_class AS c ON c.oid = f.child
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE f.is_part;

-- name: allowed: tables that triggers and rules of the app may change when rows of ours go
SELECT table_name FROM populace.allowed_effect;

-- name: allow: and from now on these too
INSERT INTO populace.allowed_effect (table_name)
SELECT DISTINCT name FROM unnest(%(tables)s::text[]) AS given (name) ORDER BY name
ON CONFLICT (table_name) DO NOTHING;

-- name: watching: what others have attached to these tables (schemas, names), and their event triggers: kind, name, table, and
-- a description. Those that only act on inserted rows have removes = false; adds: they act on these.
SELECT 'trigger' AS kind, t.tgname::text AS name, w.schema_name || '.' || w.name AS table_name,
    pg_catalog.regexp_replace(pg_catalog.pg_get_triggerdef(t.oid), '^CREATE (CONSTRAINT )?TRIGGER ', '') AS described,
    t.tgtype & 56 <> 0 AS removes, t.tgtype & 4 <> 0 AS adds
FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) AS w (schema_name, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema_name
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
JOIN pg_catalog.pg_trigger AS t ON NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
    AND (t.tgrelid = c.oid OR t.tgrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))
UNION ALL
SELECT 'rule', r.rulename::text, w.schema_name || '.' || w.name,
    pg_catalog.regexp_replace(pg_catalog.pg_get_ruledef(r.oid, true), '\s+', ' ', 'g'), r.ev_type IN ('2', '4'), r.ev_type = '3'
FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) AS w (schema_name, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema_name
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid AND r.ev_enabled <> 'D'
UNION ALL
SELECT 'event trigger', e.evtname::text, NULL, e.evtname || ' on ' || e.evtevent || ' EXECUTE FUNCTION ' || e.evtfoid::regproc, true, false
FROM pg_catalog.pg_event_trigger AS e
WHERE e.evtenabled <> 'D'
    -- Those of extensions come with Supabase itself.
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_event_trigger'::regclass AND d.objid = e.oid AND d.deptype = 'e')
ORDER BY 1, 3, 2;
