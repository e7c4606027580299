-- name: removed: deleted accounts, each with the one identity that the service made
SELECT populace.count_removed(jsonb_build_object(%(identities)s::text, %(n)s::bigint, %(users)s::text, %(n)s::bigint));

-- name: removed_days: the same by the days on which they were made
INSERT INTO populace.day_tally AS t (table_name, day, inserted, removed)
SELECT held.name, made.day, 0, count(*)
FROM unnest(%(days)s::date[]) AS made (day) CROSS JOIN (VALUES (%(identities)s::text), (%(users)s::text)) AS held (name)
GROUP BY held.name, made.day ORDER BY held.name, made.day
ON CONFLICT (table_name, day) DO UPDATE SET removed = t.removed + excluded.removed;
