-- C1 to C4, C7, C16, C33, C34, C36, C37: how many people live, come and do things, day by day, from daily_metrics summed
-- over pools. Bands are the document's for 400 people, scaled with persona_pool. A band on days holds when its share of
-- days does, less 4.4 standard errors; a share of time may be off by one standard error of the people who were there.
WITH days AS MATERIALIZED (
    SELECT day, sum(total_personas)::numeric AS live, sum(active_today)::numeric AS came,
        sum(new_signups)::numeric AS joined, sum(churned)::numeric AS churned, sum(flixbuddy_calls)::numeric AS calls,
        sum(videos_watched)::numeric AS videos,
        sum((state_distribution ->> 'ACTIVE')::numeric + coalesce((state_distribution ->> 'CASUAL')::numeric, 0)) AS active,
        sum((state_distribution ->> 'DORMANT')::numeric) AS dormant, sum((state_distribution ->> 'NEW')::numeric) AS new
    FROM public.daily_metrics GROUP BY day
),
facts AS (
    SELECT count(*)::numeric AS n, %(persona_pool)s::numeric / 400 AS scale, min(live) AS fewest, max(live) AS most,
        avg((live BETWEEN 380 * %(persona_pool)s::numeric / 400 AND 420 * %(persona_pool)s::numeric / 400)::int) AS of_size,
        avg((came BETWEEN 30 * %(persona_pool)s::numeric / 400 AND 150 * %(persona_pool)s::numeric / 400)::int) AS of_came,
        avg(came) AS came, avg(calls) AS calls, avg(videos) AS videos, avg(active / nullif(live, 0)) AS active,
        avg(dormant / nullif(live, 0)) AS dormant, avg(new) AS new, avg(joined) AS joined,
        (array_agg(live - joined ORDER BY day))[1] + sum(joined) AS ever
    FROM days
),
pools AS MATERIALIZED (
    SELECT pool, day, total_personas AS live, new_signups AS joined, churned,
        lag(total_personas) OVER by_day AS live_before, lag(day) OVER by_day AS day_before,
        -- What low and high come to in a pool of this size; a fraction is one of its neighbours.
        %(signups_low)s::numeric * %(people_a_pool)s::numeric / %(signups_per)s AS low,
        %(signups_high)s::numeric * %(people_a_pool)s::numeric / %(signups_per)s AS high,
        row_number() OVER by_day = 1 AND %(unseen_days)s = 0 AND day < %(origin)s + interval '1 day' AS opening
    FROM public.daily_metrics
    WINDOW by_day AS (PARTITION BY pool ORDER BY day)
),
kept AS (
    SELECT
        count(*) FILTER (WHERE live <> live_before + joined - churned AND day = day_before + interval '1 day') AS unequal,
        count(*) FILTER (WHERE NOT opening AND joined NOT BETWEEN floor(CASE %(signups)s
                WHEN 'replace' THEN least(greatest(%(people_a_pool)s::numeric - (live - joined), low), high)
                WHEN 'top_up' THEN least(low, greatest(%(people_a_pool)s::numeric - (live - joined), 0)) ELSE low END)
            AND ceil(CASE %(signups)s
                WHEN 'replace' THEN least(greatest(%(people_a_pool)s::numeric - (live - joined), low), high)
                WHEN 'top_up' THEN least(high, greatest(%(people_a_pool)s::numeric - (live - joined), 0)) ELSE high END)
            ) AS otherwise,
        min(joined) FILTER (WHERE NOT opening) AS fewest, max(joined) FILTER (WHERE NOT opening) AS most,
        count(*) FILTER (WHERE NOT opening) AS n, min(low) AS low, min(high) AS high
    FROM pools
),
-- What each number of sign-ups is met how often, where nothing but an even draw decides.
even AS (
    SELECT sum(power(coalesce(k.n, 0) - e, 2) / nullif(e, 0)) AS chi, min(e) AS least, count(*) - 1 AS freedom
    FROM generate_series(%(signups_low)s, %(signups_high)s) AS want (number)
    LEFT JOIN (SELECT joined, count(*) AS n FROM pools WHERE NOT opening GROUP BY joined) AS k ON k.joined = want.number
    CROSS JOIN LATERAL (SELECT (SELECT n FROM kept)::numeric / (%(signups_high)s - %(signups_low)s + 1) AS e) AS each
),
schedule AS (
    -- Days of which each pool has a row: those that ended before the watermark.
    SELECT begun, greatest(0, ceil(extract(epoch FROM %(watermark)s - begun) / 86400) - 1) AS expected
    FROM (SELECT (date_trunc('day', %(origin)s AT TIME ZONE 'UTC') + interval '7 hours 15 minutes') AT TIME ZONE 'UTC' AS begun) AS b
),
written AS (
    SELECT count(*) AS rows, count(DISTINCT (pool, (day AT TIME ZONE 'UTC')::date)) AS apart,
        count(*) FILTER (WHERE day <> date_trunc('day', day AT TIME ZONE 'UTC') AT TIME ZONE 'UTC') AS askew
    FROM public.daily_metrics
),
-- Analytics by whole days (UTC) that were queued throughout.
covered AS (
    SELECT d::date AS day
    FROM populace.coverage AS c, LATERAL generate_series(
        date_trunc('day', c.low AT TIME ZONE 'UTC' + interval '1 day' - interval '1 microsecond'),
        date_trunc('day', least(c.high, %(watermark)s) AT TIME ZONE 'UTC') - interval '1 day', interval '1 day') AS d
    WHERE c.channel = 'posthog'
),
queued AS (
    SELECT day, sum(n) AS n FROM (
        SELECT d.day, d.n FROM populace.delivered AS d WHERE d.channel = 'posthog'
        UNION ALL
        SELECT (o.at AT TIME ZONE 'UTC')::date, count(*) FROM populace.outbox AS o WHERE o.channel = 'posthog' GROUP BY 1
    ) AS each (day, n) GROUP BY day
),
events AS (
    SELECT count(*) AS n, avg(coalesce(q.n, 0)) AS a_day FROM covered AS c LEFT JOIN queued AS q USING (day)
),
-- Why a plan is not the one that the document's figures are calibrated for.
plan (uncalibrated) AS (
    SELECT nullif(concat_ws(', ',
        CASE WHEN %(unseen_days)s < 150 THEN 'pools began too lately: unseen_days is ' || %(unseen_days)s END,
        CASE WHEN abs(%(drop_out)s::numeric - 0.02) > 0.01 THEN 'drop_out is ' || %(drop_out)s || ', calibrated at 0.02' END,
        CASE WHEN %(signups)s <> 'replace' THEN 'signups is ' || %(signups)s || ', calibrated as replace' END), '')
),
reasons AS (
    SELECT
        CASE WHEN %(persona_pool)s < 400 THEN 'with fewer than 400 people, chance alone leaves the range'
            WHEN %(pool_schedule)s <> 'constant' THEN 'pool_schedule moves the number of people'
            WHEN %(signups)s = 'always' THEN 'nothing bounds the pool: signups is always, and the specification''s own rules let it grow'
            WHEN n < 7 THEN 'less than a week has ended'
            ELSE uncalibrated END AS size,
        coalesce(
            (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path), ', ')
             FROM unnest(ARRAY['activity', 'enabled', 'away', 'drop_out', 'churn_basic', 'churn_standard', 'churn_premium'])
                 AS path WHERE %(changes)s ? path),
            CASE WHEN %(signups)s = 'always' OR %(score_weight)s > 0 OR %(drop_out)s = 0
                THEN 'the specification''s rules as they stand do not meet it: ' || concat_ws(', ',
                    CASE WHEN %(signups)s = 'always' THEN 'signups is always' END,
                    CASE WHEN %(score_weight)s > 0 THEN 'scores count' END,
                    CASE WHEN %(drop_out)s = 0 THEN 'nobody drops out' END) END,
            uncalibrated,
            CASE WHEN %(activity)s <> 1 THEN 'activity is ' || %(activity)s || ': it is calibrated at 1' END,
            (SELECT 'other habits than the specification''s: ' || string_agg(path, ', ')
             FROM (VALUES
                ('daily_returns', %(daily_returns)s, 0.85), ('regular_returns', %(regular_returns)s, 0.45),
                ('weekend_returns', %(weekend_returns)s, 0.15), ('weekend_special', %(weekend_special)s, 0.85),
                ('binge_returns', %(binge_returns)s, 0.05), ('binge_special', %(binge_special)s, 0.90),
                ('monthly_returns', %(monthly_returns)s, 0.03), ('monthly_special', %(monthly_special)s, 0.80),
                ('dormant_factor', %(dormant_factor)s, 0.3), ('churn_idle_days', %(churn_idle_days)s, 30),
                ('churn_basic', %(churn_basic)s, 0.03), ('churn_standard', %(churn_standard)s, 0.03),
                ('churn_premium', %(churn_premium)s, 0.03)) AS p (path, value, said)
             WHERE abs(value::numeric - said) > 1e-9 HAVING count(*) > 0),
            CASE WHEN %(persona_pool)s < 400 THEN 'with fewer than 400 people, chance alone leaves the range'
                WHEN %(pool_schedule)s <> 'constant' THEN 'pool_schedule moves the number of people'
                WHEN n < 28 THEN 'less than four weeks have ended' END) AS settled,
        CASE WHEN %(removed)s ? 'daily_metrics' THEN 'a clean-up deleted ' || (%(removed)s ->> 'daily_metrics') || ' days' END AS cleaned,
        (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path), ', ')
         FROM unnest(ARRAY['flixbuddy_share', 'enabled', 'away']) AS path WHERE %(changes)s ? path) AS chats
    FROM facts, plan
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'C1', 'share of days with so many people', '380 to 420 people, always',
        '0.95 of days with ' || round(380 * scale) || ' to ' || round(420 * scale), round(of_size, 4)::float8::text,
        of_size >= 0.95 - 4.4 * sqrt(0.95 * 0.05 / nullif(n, 0)), size,
        round(fewest) || ' to ' || round(most) || ' on ' || n || ' days; people who churned and were kept do not count'
    FROM facts, reasons
    UNION ALL
    SELECT 'C1', 'days whose people are not the day before''s, plus sign-ups, less churn', '', '0', unequal::text,
        unequal = 0, coalesce(cleaned, CASE WHEN n < 2 THEN 'no two days have ended' END), n || ' days of pools'
    FROM kept, reasons
    UNION ALL
    SELECT 'C2', 'days whose sign-ups are not as signups = ' || %(signups)s || ' says', '2 to 5 a day and 400 people', '0',
        otherwise::text, otherwise = 0,
        CASE WHEN n = 0 THEN 'no day has ended' WHEN %(pool_schedule)s <> 'constant' THEN 'pool_schedule moves the number of people' END,
        fewest || ' to ' || most || ' a pool and day; ' || CASE %(signups)s
            WHEN 'replace' THEN 'specified in two ways; this follows signups: as many as are missing, within low and high'
            WHEN 'top_up' THEN 'no more than are missing' ELSE 'whatever the pool holds' END
    FROM kept
    UNION ALL
    SELECT 'C2', 'chi-square of sign-ups a day being even', '2 to 5 a day, evenly',
        'at most ' || round(bound::numeric, 2), round(chi, 2)::text, chi <= bound,
        CASE WHEN low <> trunc(low) OR high <> trunc(high) OR %(people_a_pool)s <> %(signups_per)s THEN 'a pool''s share is no whole number'
            WHEN least < 5 THEN 'too few days have ended' END, n || ' days of pools'
    FROM even, kept, LATERAL (SELECT freedom * power(1 - 2 / (9.0 * freedom) + 4.3 * sqrt(2 / (9.0 * freedom)), 3) AS bound
        WHERE freedom > 0) AS b
    WHERE %(signups)s = 'always'
    UNION ALL
    SELECT 'C3', 'share of days on which so many come', '30 to 150 people a day',
        '0.95 of days with ' || round(30 * scale) || ' to ' || round(150 * scale), round(of_came, 4)::float8::text,
        of_came >= 0.95 - 4.4 * sqrt(0.95 * 0.05 / nullif(n, 0)), settled,
        round(came, 1) || ' people a day, over ' || n || ' days; habits alone would bring 170.7 of 400 (C20)'
    FROM facts, reasons
    UNION ALL
    SELECT 'C4', 'FlixBuddy chats a day', '8 to 12', round(8 * scale, 1)::float8 || ' to ' || round(12 * scale, 1)::float8,
        round(calls, 2)::float8::text,
        calls BETWEEN 8 * scale - 4.4 * sqrt(8 * scale / nullif(n, 0)) AND 12 * scale + 4.4 * sqrt(12 * scale / nullif(n, 0)),
        coalesce(chats, settled, other), 'over ' || n || ' days'
    FROM facts, reasons, LATERAL (SELECT CASE WHEN abs(%(flixbuddy_share)s::numeric - 0.1) > 1e-9
        THEN 'flixbuddy_share is ' || %(flixbuddy_share)s END AS other) AS o
    UNION ALL
    SELECT 'C7', 'FlixBuddy requests in 30 days', '240 to 360 a day', round(240 * scale) || ' to ' || round(360 * scale),
        round(30 * calls)::text,
        30 * calls BETWEEN 240 * scale - 30 * 4.4 * sqrt(8 * scale / nullif(n, 0)) AND 360 * scale + 30 * 4.4 * sqrt(12 * scale / nullif(n, 0)),
        coalesce(chats, settled, other), 'specified in two ways; this follows C4: 8 to 12 a day are 240 to 360 a month, which the specification calls a day'
    FROM facts, reasons, LATERAL (SELECT CASE WHEN abs(%(flixbuddy_share)s::numeric - 0.1) > 1e-9
        THEN 'flixbuddy_share is ' || %(flixbuddy_share)s END AS other) AS o
    UNION ALL
    SELECT 'C16', 'share of people who are ACTIVE, or CASUAL between their days', '0.6 to 0.7', '0.6 to 0.7',
        round(active, 4)::float8::text, active BETWEEN 0.6 - slack AND 0.7 + slack, settled,
        'mean of ' || n || ' days, give or take ' || round(slack, 3)::float8 || '; DORMANT ' || round(dormant, 3)::float8
            || ', the specification''s sample day 0.276'
    FROM facts, reasons, LATERAL (SELECT sqrt(0.65 * 0.35 / nullif(ever, 0)) AS slack) AS s
    UNION ALL
    SELECT 'C16', 'NEW people a day', '5 on the sample day', 'info', round(new, 1)::text, NULL, settled,
        'specified in two ways; this follows the rules, which are judged day by day as C8: ' || round(joined, 2) || ' sign-ups a day stay NEW for '
            || %(new_days)s || ' days; the sample day''s 5 fit no sign-ups of 2 to 5'
    FROM facts, reasons
    UNION ALL
    SELECT 'C33', 'rows of daily_metrics: one a pool and day', '1 a day', (expected * %(pools)s)::text, rows::text,
        rows = expected * %(pools)s AND apart = rows AND askew = 0,
        coalesce(cleaned, CASE WHEN expected = 0 THEN 'no day has ended' END),
        concat_ws('; ', 'one pass for each persona and day, at any time',
            CASE WHEN apart < rows THEN rows - apart || ' pools and days have more than one' END,
            CASE WHEN askew > 0 THEN askew || ' are not of a midnight' END)
    FROM schedule, written, reasons
    UNION ALL
    SELECT 'C34', 'days that daily_metrics holds', 'the last 90', 'info', n::text, NULL, NULL,
        'specified in two ways; this follows keeping them all: whoever wants the last 90 takes ' || least(n, 90)
    FROM facts
    UNION ALL
    SELECT 'C36', 'analytics events a day', '5000 to 10000', round(5000 * scale) || ' to ' || round(10000 * scale),
        coalesce(round(a_day)::text, 'none'), a_day BETWEEN 5000 * scale AND 10000 * scale,
        coalesce(CASE WHEN events.n = 0 THEN 'no whole day''s events were put into the outbox'
            WHEN events.n < 7 THEN 'less than a week of events' END, settled),
        'sent or waiting, over ' || events.n || ' days; ' || round(30 * a_day) || ' a month of 1M'
    FROM facts, reasons, events
    UNION ALL
    SELECT 'C37', 'videos started in 30 days', '20000 for 400 people', round(16000 * scale) || ' to ' || round(24000 * scale),
        round(30 * videos)::text, 30 * videos BETWEEN 16000 * scale AND 24000 * scale, settled,
        'the specification''s, give or take a fifth; one row a person and title: a title watched twice is one row of watch_progress'
    FROM facts, reasons
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END,
    coalesce(why || coalesce('; ' || note, ''), note, '') AS note
FROM lines
