-- Sets those of the settings (names, values: arrays of the same length) that this server has and that differ, and says
-- which process serves the session: its id, and when it started (microseconds since 1970). Whatever the search path is by now, this
-- statement means the same: unnest of several arrays is a form of its own, which PostgreSQL takes for its own function only.
WITH pinned AS MATERIALIZED (
    SELECT pg_catalog.set_config(wanted.name, wanted.value, false)
    FROM unnest(%(names)s::pg_catalog.text[], %(values)s::pg_catalog.text[]) AS wanted (name, value)
    WHERE pg_catalog.current_setting(wanted.name, true) OPERATOR(pg_catalog.<>) wanted.value
)
SELECT a.pid, (EXTRACT(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8
FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a
WHERE (SELECT pg_catalog.count(*) FROM pinned) OPERATOR(pg_catalog.>=) 0
