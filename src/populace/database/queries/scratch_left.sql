-- Scratch databases whose keeper has gone: the number in the name is that of the session that made it.
SELECT d.datname
FROM pg_database AS d
WHERE starts_with(d.datname, %(prefix)s)
  AND substr(d.datname, %(number_from)s) NOT IN (SELECT pid::text FROM pg_stat_activity)
