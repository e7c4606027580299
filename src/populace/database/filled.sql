-- name: texts: what the triggers and rules on these tables (schemas, names) do: kind, name, table, text of the function or rule
SELECT 'trigger' AS kind, t.tgname::text, w.schema_name || '.' || w.name, p.prosrc
FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) AS w (schema_name, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema_name
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name
JOIN pg_catalog.pg_trigger AS t ON NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
    AND (t.tgrelid = c.oid OR t.tgrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
UNION ALL
SELECT 'rule', r.rulename::text, w.schema_name || '.' || w.name, pg_catalog.pg_get_ruledef(r.oid)
FROM ROWS FROM (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) AS w (schema_name, name)
JOIN pg_catalog.pg_namespace AS n ON n.nspname = w.schema_name
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = w.name AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid AND r.ev_enabled <> 'D'
ORDER BY 3, 1, 2;

-- name: table: the table that a name stands for, as schema.table; none for one of the system, of a session or of ours
SELECT n.nspname || '.' || c.relname
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass(%(name)s)::oid AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'populace');

-- name: function: the text of the function that a name stands for
SELECT p.prosrc
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE p.oid = pg_catalog.to_regproc(%(name)s)::oid AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'populace');
