-- C6, C26, C39 to C44: volumes and sizes that the document computed by other rules than its own. What follows from its
-- rules is the target; volumes and sizes that no rule makes are shown for information.
WITH people AS MATERIALIZED (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
),
span AS (
    SELECT count(DISTINCT day)::numeric AS days, %(persona_pool)s::numeric / 400 AS scale, sum(sessions)::numeric AS sessions,
        sum(watchlist_added)::numeric AS listed, sum(flixbuddy_calls)::numeric AS calls,
        sum(total_personas)::numeric / nullif(count(DISTINCT day), 0) AS live
    FROM public.daily_metrics
),
turns AS (
    SELECT sum(c.n::numeric) AS chats, sum(c.n::numeric * c.place) AS questions,
        max(w.mean) AS mean, max(w.squares - power(w.mean, 2)) AS variance
    FROM (SELECT sum(place * weight) / nullif(sum(weight), 0) AS mean, sum(place * place * weight) / nullif(sum(weight), 0) AS squares
        FROM unnest(ARRAY[%(chat_turns_1)s, %(chat_turns_2)s, %(chat_turns_3)s, %(chat_turns_4)s]::numeric[])
            WITH ORDINALITY AS p (weight, place)) AS w,
         jsonb_array_elements_text(%(draw_statistics)s #> '{choices,chat.turns,0}') WITH ORDINALITY AS c (n, place)
),
emitted AS (
    SELECT coalesce(sum(n) FILTER (WHERE table_name = 'chat_messages'), 0)::numeric AS messages,
        coalesce(sum(n) FILTER (WHERE table_name = 'chat_conversations'), 0)::numeric AS chats,
        -- Of these, messages may be still to come.
        (SELECT count(*) FROM public.chat_conversations WHERE created_at >= %(watermark)s - interval '1 hour') AS under_way
    FROM populace.emitted
),
deepest AS (
    SELECT max(n) AS n FROM (SELECT count(*) AS n FROM public.watch_progress AS w
        WHERE w.user_id IN (SELECT id FROM people)
        GROUP BY session_id) AS s
),
calls AS (
    SELECT count(*) AS n, max(today) AS most_a_day, min(gap) AS least_gap FROM (
        SELECT count(*) FILTER (WHERE counted) OVER (PARTITION BY (at AT TIME ZONE 'UTC')::date) AS today,
            extract(epoch FROM at - lag(at) OVER (ORDER BY at)) AS gap
        FROM populace.call WHERE channel = 'chat') AS c
),
sizes AS (
    SELECT sum(pg_total_relation_size(to_regclass(name))) AS bytes
    FROM unnest(ARRAY['auth.users', 'auth.identities', 'public.profiles', 'public.profiles_public', 'public.user_roles',
        'public.user_subscriptions', 'public.watch_progress', 'public.video_ratings', 'public.user_watchlist',
        'public.chat_conversations', 'public.chat_messages', 'public.support_tickets', 'public.videos',
        'public.daily_metrics', 'public.video_analytics']) AS t (name)
),
metrics AS (
    SELECT sum(octet_length(row_to_json(d)::text)) AS bytes, count(*) AS n
    FROM (SELECT * FROM public.daily_metrics WHERE pool = 0 ORDER BY day DESC LIMIT 90) AS d
),
-- Why a plan is not the one that the document's figures are calibrated for.
plan (uncalibrated) AS (
    SELECT nullif(concat_ws(', ',
        CASE WHEN %(unseen_days)s < 150 THEN 'pools began too lately: unseen_days is ' || %(unseen_days)s END,
        CASE WHEN abs(%(drop_out)s::numeric - 0.02) > 0.01 THEN 'drop_out is ' || %(drop_out)s || ', calibrated at 0.02' END,
        CASE WHEN %(signups)s <> 'replace' THEN 'signups is ' || %(signups)s || ', calibrated as replace' END), '')
),
reasons AS (
    SELECT CASE WHEN coalesce(days, 0) < 1 THEN 'no day has ended' END AS early,
        (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path) || ': see K7', ', ')
         FROM unnest(ARRAY['watchlist_share']) AS path WHERE %(changes)s ? path) AS listing,
        coalesce(
            (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path) || ': see K7', ', ')
             FROM unnest(ARRAY['chat_turns_1', 'chat_turns_2', 'chat_turns_3', 'chat_turns_4']) AS path WHERE %(changes)s ? path),
            CASE WHEN %(flixbuddy_answers)s = 'endpoint' THEN 'an endpoint answers: its replies are not emitted here' END) AS chatting
    FROM span
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'C6', 'requests to an endpoint: most in a day, and least seconds between two', '50 a run, one in 5 s, 50 a day',
        'at most ' || %(flixbuddy_per_day)s || ', at least ' || %(flixbuddy_seconds_between)s,
        coalesce(most_a_day || ', ' || round(least_gap, 1)::float8, most_a_day::text),
        most_a_day <= %(flixbuddy_per_day)s AND coalesce(least_gap, %(flixbuddy_seconds_between)s) >= %(flixbuddy_seconds_between)s::numeric - 0.001,
        -- What is here is what was called in the last two days of real time.
        CASE WHEN n = 0 AND %(flixbuddy_answers)s = 'endpoint' THEN 'no endpoint was asked lately' END,
        CASE WHEN n = 0 THEN 'chats are answered here: no endpoint is asked' ELSE n || ' requests' END
    FROM (SELECT n, coalesce(most_a_day, 0) AS most_a_day, least_gap::numeric FROM calls) AS c
    UNION ALL
    SELECT 'C26', 'most videos of a visit, by rows', '15', 'at most ' || most, coalesce(n, 0)::text, coalesce(n, 0) <= most, NULL,
        'specified in two ways; this follows the order binge, habit, state of the two tables'
    FROM deepest, LATERAL (SELECT CASE WHEN %(visit_size_spread)s > 0 THEN %(most_videos)s ELSE greatest(%(depth_new_high)s, %(depth_active_high)s, %(depth_casual_high)s, %(depth_dormant_high)s,
        %(depth_daily_high)s, %(depth_regular_high)s, %(depth_weekend_on_high)s, %(depth_weekend_off_high)s, %(depth_binging_high)s,
        %(depth_resting_high)s, %(depth_monthly_high)s, %(depth_low_high)s) END AS most) AS m
    UNION ALL
    SELECT 'C39', 'titles put on watchlists in 30 days', round(2000 * scale)::text, 'info', round(30 * listed / days)::text, NULL, early,
        'specified in two ways; this follows C30: there are ' || round(30 * sessions / days) || ' visits in 30 days, and not all put a title on the list'
    FROM span, reasons
    UNION ALL
    SELECT 'C39', 'titles put on watchlists a visit, by days', '0.3', share::float8::text, round(listed / nullif(sessions, 0), 4)::float8::text,
        abs(listed / nullif(sessions, 0) - share) <= 4.4 * sqrt(share * (1 - share) / nullif(sessions, 0)),
        coalesce(early, listing, CASE WHEN sessions < 50 THEN sessions || ' visits only' END),
        'of ' || sessions || ' visits, give or take ' || round(4.4 * sqrt(share * (1 - share) / nullif(sessions, 0)), 4)::float8
    FROM span, reasons, LATERAL (SELECT %(watchlist_share)s::numeric AS share) AS s
    UNION ALL
    SELECT 'C40', 'chat messages in 30 days', round(1600 * scale)::text, 'info', round(60 * calls / days * questions / nullif(chats, 0))::text,
        NULL, coalesce(early, chatting),
        'specified in two ways; this follows C4: two messages a question, ' || round(calls / days, 1) || ' chats a day; 1600 would be 26.7 a day'
    FROM span, turns, reasons
    UNION ALL
    SELECT 'C40', 'questions a chat', '', round(mean, 3)::float8::text, round(questions / nullif(chats, 0), 3)::float8::text,
        abs(questions / nullif(chats, 0) - mean) <= 1e-9 + 4.4 * sqrt(variance / nullif(chats, 0)),
        coalesce(chatting, CASE WHEN coalesce(chats, 0) < 30 THEN 'fewer than 30 chats' END),
        'of ' || chats || ' chats, by draw statistics, give or take ' || round(4.4 * sqrt(variance / nullif(chats, 0)), 3)::float8
    FROM turns, reasons
    UNION ALL
    SELECT 'C40', 'messages a conversation', '2', round(2 * mean, 3)::float8::text, round(messages / nullif(emitted.chats, 0), 3)::float8::text,
        abs(messages / nullif(emitted.chats, 0) - 2 * mean)
            <= 1e-9 + 8 * under_way / nullif(emitted.chats, 0) + 2 * 4.4 * sqrt(variance / nullif(emitted.chats, 0)),
        coalesce(chatting, CASE WHEN emitted.chats < 30 THEN 'fewer than 30 conversations were emitted' END), 'of ' || emitted.chats || ' conversations, emitted'
    FROM emitted, turns, reasons
    UNION ALL
    SELECT 'C41', 'megabytes of the tables and their indexes', 'below 10 (costs), below 50 (growth)', 'info',
        round(bytes / 1e6, 1)::text, NULL, NULL,
        'specified in two ways: two bounds for one size; ' || round(days) || ' days and ' || round(live) || ' people, '
            || CASE WHEN bytes < 10e6 * scale THEN 'within both' WHEN bytes < 50e6 * scale THEN 'within the second' ELSE 'above both' END || ' for each 400'
    FROM sizes, span
    UNION ALL
    SELECT 'C42', 'people, of the 50000 of a free plan', '0.008', (%(persona_pool)s::numeric / 50000)::float8::text, round(live / 50000, 5)::float8::text,
        abs(live / 50000 - %(persona_pool)s::numeric / 50000) <= 0.05 * %(persona_pool)s::numeric / 50000,
        coalesce(early, CASE WHEN %(signups)s = 'always' THEN 'nothing bounds the pool: signups is always; measured ' || round(live / 50000, 5)::float8
            WHEN %(pool_schedule)s <> 'constant' THEN 'pool_schedule moves the number of people'
            WHEN %(persona_pool)s < 400 THEN 'with fewer than 400 people, chance alone moves it by a twentieth'
            ELSE uncalibrated END),
        'mean of the days; ' || round(30 * calls / days) || ' chats a month of 100000 calls of edge functions'
    FROM span, reasons, plan
    UNION ALL
    SELECT 'C43', 'kilobytes of the last 90 days of a pool as JSON', 'about 100', 'info', round(bytes / 1e3, 1)::text, NULL, NULL,
        n || ' days; personas.json (about 500) has no counterpart here: people are rows'
    FROM metrics
    UNION ALL
    SELECT 'C44', 'visits of a person in 45 days', '67 of a REGULAR sample person', 'info', round(45 * sessions / days / nullif(live, 0), 1)::text, NULL,
        early, 'specified in two ways; this follows the habits: 67 would be 3.3 visits on each day that a REGULAR person comes'
    FROM span, reasons
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END,
    coalesce(why, note, '') AS note
FROM lines
