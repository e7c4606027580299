-- Scratch databases whose session has ended: the number in the name is that of the session that made it. The comment is
-- what only Populace writes; a database that merely has such a name is somebody's.
SELECT d.datname
FROM pg_database AS d
WHERE starts_with(d.datname, %(prefix)s)
  AND substr(d.datname, %(number_from)s) ~ '^[0-9]+$'
  AND shobj_description(d.oid, 'pg_database') = %(mark)s
  AND substr(d.datname, %(number_from)s) NOT IN (SELECT pid::text FROM pg_stat_activity)
