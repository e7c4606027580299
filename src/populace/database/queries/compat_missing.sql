-- Which of the pieces (kind, schema, name) the database lacks, in the order given. Catalogs are read directly: to_regclass
-- and its like fail where we may not use the schema.
WITH visitors AS (
    SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname IN ('anon', 'authenticated', 'service_role')
)
SELECT kind, schema_name, name
FROM unnest(%(kinds)s::text[], %(schemas)s::text[], %(names)s::text[])
     WITH ORDINALITY AS piece (kind, schema_name, name, place)
WHERE NOT CASE kind
    WHEN 'schema' THEN EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = name)
    WHEN 'role' THEN EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = name)
    WHEN 'publication' THEN EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.pubname = name)
    WHEN 'table' THEN EXISTS (
        SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = schema_name AND c.relname = name)
    WHEN 'function' THEN EXISTS (
        SELECT FROM pg_catalog.pg_proc AS f JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
        WHERE n.nspname = schema_name AND f.proname = name AND f.pronargs = 0)
    -- Only on a schema that is not there yet or is ours: what others have made keeps the privileges that they gave it.
    WHEN 'privileges' THEN EXISTS (
        SELECT FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname = name
          AND (3 = (SELECT count(DISTINCT a.grantee) FROM pg_catalog.aclexplode(n.nspacl) AS a JOIN visitors AS v ON v.oid = a.grantee
                    WHERE a.privilege_type = 'USAGE')
               OR name <> 'populace'
                  AND pg_catalog.obj_description(n.oid, 'pg_namespace') IS DISTINCT FROM 'made by Populace'))
    END
ORDER BY place
