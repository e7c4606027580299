-- The numbers of what is recorded as made and is still the same object.
SELECT m.number
FROM populace.made AS m
LEFT JOIN LATERAL pg_catalog.pg_identify_object(('pg_catalog.' || m.catalog)::regclass, m.object, 0) AS i ON m.catalog <> 'pg_authid'
WHERE m.catalog = 'pg_authid' OR (i.identity = m.name AND i.type = m.kind)
ORDER BY m.number
