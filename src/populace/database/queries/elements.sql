-- The oid of what the arrays of a table hold, by column.
SELECT a.attname, t.typelem::bigint
FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
WHERE a.attrelid OPERATOR(pg_catalog.=) %(table)s::pg_catalog.regclass
    AND a.attname OPERATOR(pg_catalog.=) ANY (%(columns)s::pg_catalog.name[])
