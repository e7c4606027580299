-- Populace's own objects, in the schema populace of this database: by the oid of their catalog, and their own.
WITH own AS (SELECT n.tableoid, n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'populace')
SELECT own.tableoid, own.oid FROM own
UNION ALL SELECT c.tableoid, c.oid FROM pg_catalog.pg_class AS c JOIN own ON c.relnamespace = own.oid
UNION ALL SELECT p.tableoid, p.oid FROM pg_catalog.pg_proc AS p JOIN own ON p.pronamespace = own.oid
UNION ALL SELECT k.tableoid, k.oid FROM pg_catalog.pg_constraint AS k JOIN own ON k.connamespace = own.oid
UNION ALL SELECT d.tableoid, d.oid FROM pg_catalog.pg_attrdef AS d
    JOIN pg_catalog.pg_class AS c ON c.oid = d.adrelid JOIN own ON c.relnamespace = own.oid
