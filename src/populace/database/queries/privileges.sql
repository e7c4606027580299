-- Privileges on schemas, tables, sequences and functions that Populace has not made: the object's oid, its kind and name, who
-- has which one.
WITH object (catalog, object, kind, name, privileges) AS (
    SELECT 'pg_namespace', n.oid, 'SCHEMA', pg_catalog.quote_ident(n.nspname),
        coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname !~ '^pg_(toast|temp)'
    UNION ALL
    SELECT 'pg_class', c.oid, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
        pg_catalog.format('%I.%I', n.nspname, c.relname),
        coalesce(c.relacl, pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.oid >= 16384
    UNION ALL
    SELECT 'pg_proc', p.oid, 'FUNCTION', i.identity, coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
    FROM pg_catalog.pg_proc AS p, LATERAL pg_catalog.pg_identify_object(p.tableoid, p.oid, 0) AS i
    WHERE p.prokind = 'f' AND p.oid >= 16384
)
SELECT o.object::bigint, o.kind, o.name,
    CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
    a.privilege_type
FROM object AS o, LATERAL pg_catalog.aclexplode(o.privileges) AS a
WHERE NOT EXISTS (SELECT FROM populace.made AS m WHERE m.object = o.object AND m.catalog = o.catalog)
