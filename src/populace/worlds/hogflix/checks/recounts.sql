-- K7 by rows: wherever a draw of a visit leaves a row, what was emitted is recounted. A day's visits are drawn at its start
-- and follow, so that what was emitted lies between the days that are over and what was drawn. What finds no room in its
-- day, or is cancelled, is drawn and does not take place. What was emitted and is not there is withheld, or removed.
WITH people AS MATERIALIZED (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
        -- Who has signed up on a site, and at whose moment the simulation is not yet, is in no tally.
        AND u.id NOT IN (SELECT v.person FROM populace.delegated_visit AS v WHERE v.signs_up IS NOT NULL AND v.begins >= populace.watermark())
),
metrics AS (
    SELECT coalesce(sum(videos_watched), 0) AS videos, coalesce(sum(ratings), 0) AS ratings,
        coalesce(sum(watchlist_added), 0) AS listed, coalesce(sum(tickets), 0) AS tickets,
        coalesce(sum(flixbuddy_calls), 0) AS chats
    FROM public.daily_metrics
),
busiest AS (
    SELECT coalesce(max(sessions), 0) AS sessions FROM (SELECT sum(sessions) AS sessions FROM public.daily_metrics GROUP BY day) AS d
),
compared (title, table_name, point, settled, a_visit) AS (
    SELECT 'videos started', 'watch_progress', 'card.started', videos, 15 FROM metrics
    UNION ALL SELECT 'ratings', 'video_ratings', 'watch.rated', ratings, 15 FROM metrics
    UNION ALL SELECT 'titles put on the watchlist', 'user_watchlist', 'visit.watchlist', listed, 1 FROM metrics
    UNION ALL SELECT 'support tickets', 'support_tickets', 'visit.ticket', tickets, 1 FROM metrics
    UNION ALL SELECT 'chats', 'chat_conversations', 'chat.opens', chats, 1 FROM metrics
),
facts AS (
    SELECT c.*, coalesce((%(draw_statistics)s #>> ARRAY['chances', c.point, '3'])::numeric, 0) AS drawn,
        coalesce((SELECT sum(n) FROM populace.emitted AS t
            -- Of tickets, each counts once: when it is opened.
            WHERE t.table_name = c.table_name AND t.kind IN ('', 'open')), 0) AS emitted,
        -- The busiest day twice over, what was requested since, and one in a hundred without room. b.sessions: of that day.
        b.sessions,
        a_visit * (2 * b.sessions + %(asked_lately)s) + 0.01 * coalesce((%(draw_statistics)s #>> ARRAY['chances', c.point, '3'])::numeric, 0) AS lag,
        coalesce(
            (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path), ', ')
             FROM unnest(ARRAY['enabled', 'away']) AS path WHERE %(changes)s ? path),
            CASE WHEN table_name = 'chat_conversations' AND %(flixbuddy_answers)s = 'endpoint'
                THEN 'an endpoint is asked flixbuddy_per_day times a day' END) AS cancelled
    FROM compared AS c CROSS JOIN busiest AS b
),
-- What came of visits that were played on a site: listed as ours, under keys of the app's own, and in no tally.
played AS MATERIALIZED (
    SELECT relation, key[1]::uuid AS id FROM populace.own_row
    WHERE relation = ANY (ARRAY['public.watch_progress', 'public.video_ratings', 'public.user_watchlist', 'public.user_subscriptions',
        'public.support_tickets']::regclass[])
        AND substr(key[1], 15, 1) NOT IN ('7', '8')
),
-- Tables that are merged: a row for each first time, less those that went.
merged (table_name, rows) AS (
    SELECT 'watch_progress', count(*) FROM public.watch_progress WHERE user_id IN (SELECT id FROM people)
        AND id NOT IN (SELECT id FROM played WHERE relation = 'public.watch_progress'::regclass)
    UNION ALL
    SELECT 'video_ratings', count(*) FROM public.video_ratings WHERE user_id IN (SELECT id FROM people)
        AND id NOT IN (SELECT id FROM played WHERE relation = 'public.video_ratings'::regclass)
    UNION ALL
    SELECT 'user_watchlist', count(*) FROM public.user_watchlist WHERE user_id IN (SELECT id FROM people)
        AND id NOT IN (SELECT id FROM played WHERE relation = 'public.user_watchlist'::regclass)
    UNION ALL
    SELECT 'user_subscriptions', count(*) FROM public.user_subscriptions WHERE user_id IN (SELECT id FROM people)
        AND id NOT IN (SELECT id FROM played WHERE relation = 'public.user_subscriptions'::regclass)
    UNION ALL
    SELECT 'support_tickets', count(*) FROM public.support_tickets WHERE user_id IN (SELECT id FROM people)
        AND id NOT IN (SELECT id FROM played WHERE relation = 'public.support_tickets'::regclass)
),
tallied AS (
    SELECT m.*, (SELECT sum(inserted - removed) FROM populace.day_tally AS t WHERE t.table_name = m.table_name) AS expected
    FROM merged AS m
)
SELECT 'recount' AS id, title, '' AS documented, settled || ' on days that are over, to ' || drawn || ' drawn' AS target, emitted::text AS measured,
    CASE WHEN drawn = 0 AND emitted = 0 OR %(removed)s ? 'daily_metrics' THEN NULL
        WHEN emitted NOT BETWEEN settled AND drawn THEN false
        WHEN cancelled IS NOT NULL OR drawn - settled <= lag THEN true
        -- So few visits say nothing of how busy a day may be.
        WHEN sessions >= 30 THEN false END AS ok,
    CASE WHEN %(removed)s ? 'daily_metrics' THEN 'a clean-up deleted days' WHEN drawn = 0 AND emitted = 0 THEN 'none has been drawn yet'
        ELSE concat_ws('; ', 'emitted, by draw statistics', cancelled || ': what was cancelled is drawn and not emitted',
            CASE WHEN sessions < 30 THEN 'fewer than 30 visits on the busiest day' END) END AS note
FROM facts
UNION ALL
SELECT 'recount', 'rows of ' || table_name || ', first times less removals', '', coalesce(expected, 0)::text, rows::text, rows = coalesce(expected, 0),
    'by the day of created_at'
FROM tallied
