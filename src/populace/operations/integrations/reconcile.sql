-- name: emitted: rows that the population emitted, by the day of their moment
SELECT table_name, kind, day, n, withheld FROM populace.emitted;

-- name: tallied: rows that came into tables and went again, by the day of their created_at
SELECT table_name, day, inserted, removed FROM populace.day_tally;

-- name: events: what was queued of a channel, by where it is now; a kind is the event's name
SELECT kind, day, sum(delivered)::bigint, sum(waiting)::bigint, sum(rejected)::bigint
FROM (
    SELECT kind, day, n AS delivered, 0 AS waiting, 0 AS rejected FROM populace.delivered WHERE channel = %(channel)s
    UNION ALL
    SELECT kind, (at AT TIME ZONE 'UTC')::date, 0,
           count(*) FILTER (WHERE NOT o.rejected), count(*) FILTER (WHERE o.rejected)
    FROM populace.outbox AS o WHERE channel = %(channel)s GROUP BY 1, 2
) AS queued
GROUP BY kind, day;
