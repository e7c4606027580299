-- What one session does (pid, started_us: when its process started): whether it waits for its client, whether it waits for a
-- lock, and who holds that. No row: there is no such session any more.
SELECT
    a.state LIKE 'idle%%' AND a.state_change < pg_catalog.clock_timestamp() - interval '1 second'
        OR a.wait_event_type IS NOT DISTINCT FROM 'Client',
    a.wait_event_type IS NOT DISTINCT FROM 'Lock',
    (SELECT pg_catalog.string_agg(coalesce(nullif(b.application_name, ''), 'a session') || ' (process ' || b.pid || ')', ', ')
     FROM pg_catalog.pg_stat_activity AS b WHERE b.pid = ANY (pg_catalog.pg_blocking_pids(a.pid)))
FROM pg_catalog.pg_stat_activity AS a
WHERE a.pid = %(pid)s AND (extract(epoch FROM a.backend_start) * 1000000)::pg_catalog.int8 = %(started_us)s
