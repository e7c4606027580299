-- Roles of the server that Populace made, and why one stays: what in the server needs it. Asked last of all.
SELECT pg_catalog.quote_ident(r.rolname),
    pg_catalog.concat_ws('; ',
        (SELECT 'it owns or may use something in ' || pg_catalog.string_agg(DISTINCT coalesce('the database ' || d.datname, 'the whole server'), ', ')
         FROM pg_catalog.pg_shdepend AS s LEFT JOIN pg_catalog.pg_database AS d
            ON d.oid = CASE WHEN s.dbid = 0 AND s.classid = 'pg_catalog.pg_database'::regclass THEN s.objid ELSE s.dbid END
         WHERE s.refclassid = 'pg_catalog.pg_authid'::regclass AND s.refobjid = r.oid),
        (SELECT 'others are members of it: ' || pg_catalog.string_agg(DISTINCT o.rolname, ', ')
         FROM pg_catalog.pg_auth_members AS a JOIN pg_catalog.pg_roles AS o ON o.oid = a.member
         WHERE a.roleid = r.oid AND NOT (a.admin_option AND o.rolname = m.made_by)),
        (SELECT 'it is a member of ' || pg_catalog.string_agg(DISTINCT o.rolname, ', ')
         FROM pg_catalog.pg_auth_members AS a JOIN pg_catalog.pg_roles AS o ON o.oid = a.roleid WHERE a.member = r.oid),
        (SELECT 'it has settings of its own' WHERE EXISTS (
            SELECT FROM pg_catalog.pg_db_role_setting AS s WHERE s.setrole = r.oid)),
        (SELECT 'it has been changed since' WHERE r.rolcanlogin OR r.rolsuper OR r.rolcreatedb OR r.rolcreaterole
            OR r.rolreplication OR r.rolconnlimit <> -1 OR r.rolvaliduntil IS NOT NULL
            OR r.rolbypassrls <> (r.rolname = 'service_role')
            OR pg_catalog.shobj_description(r.oid, 'pg_authid') IS DISTINCT FROM 'made by Populace'))
FROM unnest(%(roles)s::oid[], %(names)s::name[], %(makers)s::name[]) AS m (object, name, made_by)
JOIN pg_catalog.pg_roles AS r ON r.oid = m.object AND r.rolname = m.name
ORDER BY r.rolname
