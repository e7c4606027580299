-- Which of the pieces (kind, schema, name) the database lacks, in the order given. Catalogs are read directly: to_regclass
-- and its like fail where we may not use the schema.
SELECT kind, schema_name, name
FROM unnest(%(kinds)s::text[], %(schemas)s::text[], %(names)s::text[])
     WITH ORDINALITY AS piece (kind, schema_name, name, place)
WHERE NOT CASE kind
    WHEN 'schema' THEN EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = name)
    WHEN 'role' THEN EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = name)
    WHEN 'publication' THEN EXISTS (SELECT FROM pg_publication AS p WHERE p.pubname = name)
    WHEN 'table' THEN EXISTS (
        SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = schema_name AND c.relname = name)
    WHEN 'function' THEN EXISTS (
        SELECT FROM pg_proc AS f JOIN pg_namespace AS n ON n.oid = f.pronamespace
        WHERE n.nspname = schema_name AND f.proname = name AND f.pronargs = 0)
    WHEN 'privileges' THEN EXISTS (
        SELECT FROM pg_default_acl AS d
        CROSS JOIN LATERAL aclexplode(d.defaclacl) AS granted
        JOIN pg_roles AS grantee ON grantee.oid = granted.grantee
        WHERE d.defaclnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = name)
          AND d.defaclrole = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = current_user)
          AND d.defaclobjtype = 'r' AND grantee.rolname = 'authenticated')
    END
ORDER BY place
