-- Size of the database, other sessions on it, and who follows the server.
SELECT pg_catalog.pg_size_pretty(pg_catalog.pg_database_size(pg_catalog.current_database())),
    (SELECT count(*) FROM pg_catalog.pg_stat_activity
     WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
       AND coalesce(backend_type, 'client backend') = 'client backend' AND application_name NOT LIKE 'populace%'),
    (SELECT count(*) FROM pg_catalog.pg_stat_replication)
