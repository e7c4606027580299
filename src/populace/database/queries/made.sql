-- What is recorded and still there under its oid, in the order in which it was made; with the name that it has now.
SELECT m.catalog, m.object, m.kind, coalesce(i.identity, m.name), m.cluster_wide
FROM populace.made AS m
LEFT JOIN LATERAL pg_catalog.pg_identify_object(('pg_catalog.' || m.catalog)::regclass, m.object, 0) AS i ON m.catalog <> 'pg_authid'
LEFT JOIN pg_catalog.pg_roles AS r ON m.catalog = 'pg_authid' AND r.oid = m.object AND r.rolname = m.name
WHERE i.identity IS NOT NULL OR r.oid IS NOT NULL
ORDER BY m.number
