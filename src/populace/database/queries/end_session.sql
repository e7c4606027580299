-- Ends one session of this role (pid, started_us: when its process started) and waits limit_ms for its end, when its
-- locks are free.
SELECT pg_catalog.pg_terminate_backend(a.pid, %(limit_ms)s)
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = %(pid)s AND (extract(epoch FROM a.backend_start) * 1000000)::pg_catalog.int8 = %(started_us)s
    AND a.pid <> pg_catalog.pg_backend_pid() AND a.usename = current_user
