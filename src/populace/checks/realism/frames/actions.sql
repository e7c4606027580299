-- What people did, as numbers. :given is a world's query of who (`person`) did something, from when (`at`) to when
-- (`until`), when that was on their own clock (`local`; null: nobody knows), with which `item`, and how large it was (`size`). One in `one_in`
-- people is read, by a hash of who they are: all that somebody did or nothing of it.
SELECT hashtextextended(person::text, 0), (extract(epoch FROM at) * 1000000)::bigint,
    (extract(epoch FROM coalesce(until, at)) * 1000000)::bigint, (extract(epoch FROM coalesce(local, at AT TIME ZONE 'UTC')) * 1000000)::bigint,
    (local IS NOT NULL)::integer, coalesce(hashtextextended(item::text, 0), 0), coalesce(size::float8, 'NaN')
FROM (
:given
) AS given
WHERE hashtextextended(person::text, 0) %% %(one_in)s = 0 AND at < %(watermark)s
ORDER BY 1, 2
