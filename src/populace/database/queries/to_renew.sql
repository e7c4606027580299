-- Of these tables (`schema.name`), the ordinary ones that have no key, index or trigger yet, where the server keeps no log of
-- what is loaded into a new file, and a session sees what is committed meanwhile. What pg_class says of indexes outlives
-- those that were rolled back.
SELECT n.nspname, c.relname
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname || '.' || c.relname = ANY (%(names)s)
    AND c.relkind = 'r' AND c.relpersistence = 'p' AND NOT (c.relispartition OR c.relhasrules)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = c.oid)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = c.oid)
    AND pg_catalog.has_table_privilege(c.oid, 'TRUNCATE')
    AND pg_catalog.current_setting('wal_level') = 'minimal'
    AND pg_catalog.current_setting('transaction_isolation') = 'read committed'
