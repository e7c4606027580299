-- The materialized views that read the tables (schemas, names: arrays of the same length), where this role may refresh them.
SELECT DISTINCT n.nspname, v.relname
FROM unnest(%(schemas)s::text[], %(names)s::text[]) AS wanted (schema_name, name)
JOIN pg_namespace AS s ON s.nspname = wanted.schema_name
JOIN pg_class AS t ON t.relnamespace = s.oid AND t.relname = wanted.name
JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_rewrite AS r ON r.oid = d.objid
JOIN pg_class AS v ON v.oid = r.ev_class AND v.relkind = 'm'
JOIN pg_namespace AS n ON n.oid = v.relnamespace
WHERE pg_has_role(v.relowner, 'USAGE')
ORDER BY 1, 2
