-- Record roles that Populace made, which it says in their comment; they belong to the whole server.
INSERT INTO populace.made (catalog, object, kind, name, cluster_wide, made_by)
SELECT 'pg_authid', r.oid, 'role', r.rolname, true, current_user
FROM pg_catalog.pg_roles AS r
WHERE r.rolname = ANY (%(names)s) AND pg_catalog.shobj_description(r.oid, 'pg_authid') = 'made by Populace'
ORDER BY r.rolname
ON CONFLICT (catalog, object) DO NOTHING
