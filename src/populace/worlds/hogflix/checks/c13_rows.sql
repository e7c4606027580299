-- C11, C13, C15, C32, C35, C44: what rows of people say about them: marks, order, and that nothing is left of removed people.
-- People are synthetic who have both marks. Who has one of them and a key as only ours are (a uuid of version 7) is one of
-- ours who has lost the other; whoever else has one is a human, and nobody's business here.
WITH people AS MATERIALIZED (
    SELECT u.id, u.email, u.created_at, u.raw_user_meta_data AS about,
        split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AS reserved,
        coalesce(u.raw_user_meta_data ->> 'is_synthetic' = 'true', false) AS marked,
        coalesce(u.raw_user_meta_data ->> 'staff' = 'true', false) AS staff
    FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
        OR substr(u.id::text, 15, 1) = '7'
            AND (split_part(u.email, '@', -1) = 'hogflix-synthetic.test' OR u.raw_user_meta_data ->> 'is_synthetic' = 'true')
),
acts AS MATERIALIZED (
    SELECT user_id, last_watched_at AS at, 'watch_progress' AS name FROM public.watch_progress
    UNION ALL SELECT user_id, created_at, 'watch_progress' FROM public.watch_progress
    UNION ALL SELECT user_id, updated_at, 'video_ratings' FROM public.video_ratings
    UNION ALL SELECT user_id, updated_at, 'user_watchlist' FROM public.user_watchlist
    UNION ALL SELECT user_id, created_at, 'support_tickets' FROM public.support_tickets
    UNION ALL SELECT c.user_id, m.created_at, 'chat_messages'
    FROM public.chat_messages AS m JOIN public.chat_conversations AS c ON c.id = m.conversation_id
),
-- Who has churned and is kept: expired at the moment of that. A plan that unpaid bills ended expires when Basic begins.
left_us AS MATERIALIZED (
    SELECT s.user_id, s.expires_at AS at FROM public.user_subscriptions AS s JOIN people AS p ON p.id = s.user_id
    WHERE s.status = 'expired' AND s.expires_at > s.started_at
),
late AS (
    SELECT count(*) AS n, string_agg(DISTINCT a.name, ', ') AS names
    FROM acts AS a JOIN left_us AS l ON l.user_id = a.user_id AND a.at >= l.at
),
early AS (
    SELECT count(*) AS n FROM acts AS a JOIN people AS p ON p.id = a.user_id AND a.at < p.created_at
),
-- Everything with an owner, of anybody: without its account a row has no mark.
owned (name, rows, lost) AS (
    SELECT 'identities', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM auth.identities AS t
    UNION ALL
    SELECT 'profiles', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.profiles AS t
    UNION ALL
    SELECT 'profiles_public', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM public.profiles AS u WHERE u.id = t.id)) FROM public.profiles_public AS t
    UNION ALL
    SELECT 'user_roles', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.user_roles AS t
    UNION ALL
    SELECT 'user_subscriptions', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.user_subscriptions AS t
    UNION ALL
    SELECT 'watch_progress', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.watch_progress AS t
    UNION ALL
    SELECT 'video_ratings', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.video_ratings AS t
    UNION ALL
    SELECT 'user_watchlist', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.user_watchlist AS t
    UNION ALL
    SELECT 'support_tickets', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.support_tickets AS t
    UNION ALL
    SELECT 'chat_conversations', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.user_id)) FROM public.chat_conversations AS t
    UNION ALL
    SELECT 'chat_messages', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM public.chat_conversations AS u WHERE u.id = t.conversation_id)) FROM public.chat_messages AS t
),
lost AS (
    SELECT sum(rows) AS rows, sum(lost) AS n, string_agg(name || ' ' || lost, ', ') FILTER (WHERE lost > 0) AS names FROM owned
),
lacking AS (
    SELECT count(*) AS people,
        count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM auth.identities AS t WHERE t.user_id = p.id)
            OR NOT EXISTS (SELECT 1 FROM public.profiles AS t WHERE t.id = p.id AND t.user_id = p.id)
            OR NOT EXISTS (SELECT 1 FROM public.profiles_public AS t WHERE t.id = p.id)
            OR NOT EXISTS (SELECT 1 FROM public.user_roles AS t WHERE t.user_id = p.id)
            OR NOT staff AND NOT EXISTS (SELECT 1 FROM public.user_subscriptions AS t WHERE t.user_id = p.id)) AS n
    FROM people AS p
),
leavers AS (
    SELECT coalesce((%(draw_statistics)s #>> '{chances,churned.kept,0}')::numeric, 0) AS n,
        coalesce((%(draw_statistics)s #>> '{chances,churned.kept,3}')::numeric, 0) AS kept,
        (SELECT count(*) FROM left_us) AS held,
        -- Of who leaves before their rows were written, none ever is.
        (SELECT coalesce(sum(t.withheld), 0) FROM populace.emitted AS t WHERE t.table_name = 'profiles')
            + coalesce((%(removed)s ->> 'profiles')::numeric, 0)
            -- Who stays because rows of others need them has left all the same.
            + (SELECT count(*) FROM populace.kept AS k WHERE k.kind = 'pool') AS gone
),
hours AS (
    SELECT max(n) AS most FROM (
        SELECT count(*) OVER (PARTITION BY user_id ORDER BY created_at RANGE BETWEEN interval '1 hour' PRECEDING AND CURRENT ROW) AS n
        FROM public.support_tickets WHERE user_id IN (SELECT id FROM people)) AS t
),
seconds AS (
    SELECT max(n) AS most FROM (SELECT count(*) AS n FROM people WHERE NOT staff GROUP BY date_trunc('second', created_at)) AS s
),
marks AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE reserved AND marked AND EXISTS (
            SELECT 1 FROM public.profiles AS f WHERE f.user_id = p.id AND f.email = p.email)) AS twice_marked,
        count(*) FILTER (WHERE NOT reserved) AS elsewhere, count(*) FILTER (WHERE NOT marked) AS unmarked
    FROM people AS p
),
named AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE split_part(split_part(f.email, '@', 1), '_', 3)
        = floor(extract(epoch FROM f.created_at) * 1000)::bigint::text) AS right_id
    FROM people AS p JOIN public.profiles AS f ON f.user_id = p.id WHERE NOT p.staff
),
-- C11: who had not come for so long when the last day that is over began, against its DORMANT people.
last_day AS (
    SELECT max(day) AS day, max(day) + interval '7 hours 15 minutes' AS begun,
        min(day) + interval '1 day' * %(dormant_idle_days)s <= max(day) AS long
    FROM public.daily_metrics
),
lately AS MATERIALIZED (
    SELECT DISTINCT a.user_id FROM acts AS a, last_day AS d
    WHERE a.at < d.begun AND a.at >= d.begun - interval '1 day' * %(dormant_idle_days)s
),
counted AS (
    SELECT sum((state_distribution ->> 'DORMANT')::numeric) AS dormant, sum(total_personas)::numeric AS live
    FROM public.daily_metrics WHERE day = (SELECT day FROM last_day)
),
seen AS (
    SELECT count(*) AS live, count(*) FILTER (WHERE p.created_at < d.begun - interval '1 day' * %(dormant_idle_days)s 
            AND p.id NOT IN (SELECT user_id FROM lately)) AS idle,
        count(*) FILTER (WHERE p.created_at >= d.begun + interval '1 day') AS joined
    FROM people AS p CROSS JOIN last_day AS d
    WHERE NOT p.staff AND p.id NOT IN (SELECT user_id FROM left_us) AND p.id NOT IN (SELECT k.key FROM populace.kept AS k)
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    -- People who have churned since were DORMANT too, and were removed.
    SELECT 'C11', 'people away for ' || %(dormant_idle_days)s || ' days, by rows, and who has churned since', 'DORMANT after 14 days',
        counted.dormant::text, (idle + counted.live + joined - seen.live)::text,
        abs(idle + counted.live + joined - seen.live - counted.dormant) <= ceil(counted.live / 1000),
        CASE WHEN counted.dormant IS NULL OR NOT long THEN 'less than ' || %(dormant_idle_days)s || ' days have ended'
            WHEN %(removed)s ? 'daily_metrics' THEN 'a clean-up deleted days' END,
        'DORMANT people of the last day that is over; a title that is watched again covers an older visit, in one of 1000'
    FROM counted, seen, last_day
    UNION ALL
    SELECT 'C13', 'rows of people who churned and were kept, from then on', '0', '0', late.n::text, late.n = 0,
        CASE WHEN held = 0 THEN 'no person who churned was kept' END, concat_ws(': ', held || ' people kept', late.names)
    FROM late, leavers
    UNION ALL
    SELECT 'C13', 'rows of people before they signed up', '0', '0', n::text, n = 0, NULL, NULL FROM early
    UNION ALL
    SELECT 'C14', 'people who churned and are kept, by rows', '10 of 100', kept::text, held::text, held = kept,
        CASE WHEN leavers.n = 0 THEN 'nobody has churned yet' END, 'their subscription expired when they churned'
    FROM leavers
    UNION ALL
    SELECT 'C15', 'rows whose person was removed', '0', '0', n::text, n = 0, NULL,
        coalesce('of ' || names, 'of ' || rows || ' rows in 11 tables, of anybody')
    FROM lost
    UNION ALL
    SELECT 'C15', 'people who left with everything', '90 of 100', (n - kept)::text, gone::text, gone = n - kept,
        CASE WHEN n = 0 THEN 'nobody has churned yet'
            WHEN NOT EXISTS (SELECT 1 FROM populace.emitted WHERE table_name = 'profiles') THEN 'no row of a profile was emitted' END,
        'profiles removed, or never written since they had left by then; by draw statistics'
    FROM leavers
    UNION ALL
    SELECT 'C15', 'accounts without identity, profile, public profile, role or subscription', '0', '0', n::text, n = 0, NULL,
        'of ' || people || ' accounts'
    FROM lacking
    UNION ALL
    SELECT 'C32', 'most tickets of a person within an hour', '5', 'at most 5', coalesce(most, 0)::text, coalesce(most, 0) <= 5, NULL, NULL FROM hours
    UNION ALL
    SELECT 'C32', 'most sign-ups within a second', '5', 'at most 5', coalesce(most, 0)::text, coalesce(most, 0) <= 5, NULL, NULL FROM seconds
    UNION ALL
    SELECT 'C35', 'synthetic accounts with both marks, and a profile of the same address', '1', '1',
        trim_scale(trunc(twice_marked::numeric / nullif(n, 0), 9))::text, twice_marked = n, NULL,
        concat_ws('; ', 'of ' || n, nullif(elsewhere, 0) || ' with an e-mail address elsewhere', nullif(unmarked, 0) || ' without is_synthetic')
    FROM marks
    UNION ALL
    SELECT 'C44', 'people whose id holds the moment of their sign-up', 'the sample''s is 11 months older than the person', n::text,
        right_id::text, right_id = n, NULL, 'specified in two ways; this follows taking the moment in an id from created_at'
    FROM named
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL THEN coalesce(ok, false) END,
    coalesce(why, note, '') AS note
FROM lines
