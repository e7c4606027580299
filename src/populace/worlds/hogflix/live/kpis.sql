-- The figures that the documents want to be watched, over the last 30 days that are over: title, value, unit, target, ok,
-- note. ok is null where nothing is asked, or where a change in these days moves it. Bands are the document's for 400
-- people, scaled with persona_pool; a share may be 4.4 standard errors off, and its mean over classes of people 0.03.
WITH known AS MATERIALIZED (
    SELECT m.*, extract(isodow FROM m.day AT TIME ZONE 'UTC') IN (6, 7) AS weekend,
        extract(day FROM m.day AT TIME ZONE 'UTC') <= 3 AS month_begins
    FROM public.daily_metrics AS m
    WHERE m.day > (SELECT max(l.day) FROM public.daily_metrics AS l) - interval '30 days'
),
sums AS (
    SELECT count(DISTINCT day)::numeric AS days, min(day) AS since, %(persona_pool)s::numeric / 400 AS scale,
        sum(total_personas)::numeric AS people, sum(active_today)::numeric AS came, sum(new_signups)::numeric AS joined,
        sum(churned)::numeric AS churned, sum(reactivated)::numeric AS back, sum(flixbuddy_calls)::numeric AS chats,
        sum(sessions)::numeric AS visits, sum(videos_watched)::numeric AS videos, sum(watchlist_added)::numeric AS listed,
        sum(ratings)::numeric AS ratings, sum(tickets)::numeric AS tickets, sum(binges_begun)::numeric AS begun,
        sum(binges_ended)::numeric AS ended, sum((state_distribution ->> 'DORMANT')::numeric) AS dormant,
        sum((state_distribution ->> 'ACTIVE')::numeric + coalesce((state_distribution ->> 'CASUAL')::numeric, 0)) AS active,
        sum(active_today) FILTER (WHERE weekend)::numeric / nullif(sum(total_personas) FILTER (WHERE weekend), 0) AS weekends,
        sum(active_today) FILTER (WHERE NOT weekend)::numeric
            / nullif(sum(total_personas) FILTER (WHERE NOT weekend), 0) AS weekdays,
        sum(active_today) FILTER (WHERE month_begins)::numeric
            / nullif(sum(total_personas) FILTER (WHERE month_begins), 0) AS first_days,
        sum(active_today) FILTER (WHERE NOT month_begins)::numeric
            / nullif(sum(total_personas) FILTER (WHERE NOT month_begins), 0) AS other_days
    FROM known
),
scores AS (
    -- A pool's mean counts with its people; on the last day.
    SELECT e.key AS state, sum(e.value::numeric * (k.state_distribution ->> e.key)::numeric)
        / nullif(sum((k.state_distribution ->> e.key)::numeric), 0) AS mean
    FROM known AS k, jsonb_each_text(k.score_by_state) AS e
    WHERE k.day = (SELECT max(day) FROM known) AND e.key <> 'CHURNED'
    GROUP BY e.key
),
watched AS (
    SELECT count(*)::numeric AS started, count(*) FILTER (WHERE w.progress_percentage >= 50)::numeric AS half
    FROM public.watch_progress AS w
    WHERE w.last_watched_at >= (SELECT since FROM sums) AND w.user_id IN (
        SELECT u.id FROM auth.users AS u
        WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true')
),
-- What was changed; what is asked of few people is asked too much.
moved AS (
    SELECT (SELECT string_agg(path || ' was changed on ' || substr(%(changes)s ->> path, 1, 10), ', ' ORDER BY path)
            FROM jsonb_object_keys(%(changes)s) AS path) AS why,
        CASE WHEN %(persona_pool)s < 400 THEN 'with fewer than 400 people chance alone leaves it' END AS few
),
asked (place, title, value, unit, low, high, target, slack, paths, note) AS (
    SELECT 1, 'people here', people / days, '', 380 * scale, 420 * scale, NULL::numeric, 0::numeric, true, 'the pool' FROM sums
    UNION ALL SELECT 2, 'come on a day', came / days, '', 30 * scale, 150 * scale, NULL, 0, true,
        round(100 * came / people, 1) || ' %% of the pool' FROM sums
    UNION ALL SELECT 3, 'sign-ups a day', joined / days, '', %(signups_low)s::numeric * scale, %(signups_high)s::numeric * scale, NULL, 0,
        %(pool_schedule)s = 'constant', 'against those who churn' FROM sums
    UNION ALL SELECT 4, 'churn a day', churned / days, '', NULL, NULL, NULL, 0, false, 'dormant people who leave for good' FROM sums
    UNION ALL SELECT 5, 'active', active / people, 'share', 0.6, 0.7, NULL, 4.4 * sqrt(0.65 * 0.35 / (people / days)), true,
        'of the pool, on an average day' FROM sums
    UNION ALL SELECT 6, 'ask FlixBuddy', chats / nullif(came, 0), 'share', NULL, NULL, %(flixbuddy_share)s::numeric,
        4.4 * sqrt(%(flixbuddy_share)s::numeric * (1 - %(flixbuddy_share)s::numeric) / nullif(came, 0)), true,
        'of those who come' FROM sums
    UNION ALL SELECT 7, 'support tickets', tickets / nullif(visits, 0), 'share', NULL, NULL, %(ticket_share)s::numeric,
        4.4 * sqrt(%(ticket_share)s::numeric * (1 - %(ticket_share)s::numeric) / nullif(visits, 0)), true, 'of visits' FROM sums
    UNION ALL SELECT 8, 'put on the watchlist', listed / nullif(visits, 0), 'share', NULL, NULL, %(watchlist_share)s::numeric,
        4.4 * sqrt(%(watchlist_share)s::numeric * (1 - %(watchlist_share)s::numeric) / nullif(visits, 0)), true,
        'of visits' FROM sums
    UNION ALL SELECT 9, 'half watched', half / nullif(started, 0), 'share', NULL, NULL,
        CASE WHEN %(watched)s = 'classes' THEN %(half_share)s::numeric END,
        0.03 + 4.4 * sqrt(%(half_share)s::numeric * (1 - %(half_share)s::numeric) / nullif(started, 0)), true,
        'of titles started' FROM watched
    UNION ALL SELECT 10, 'videos a visit', videos / nullif(visits, 0), '', NULL, NULL, NULL, 0, false, 'session depth' FROM sums
    UNION ALL SELECT 11, 'weekend against weekday', weekends / nullif(weekdays, 0), 'times', 1, NULL, NULL, 0, days >= 7,
        'who come, of the pool' FROM sums
    UNION ALL SELECT 12, 'days 1 to 3 of a month', first_days / nullif(other_days, 0), 'times', 1, NULL, NULL, 0, days >= 30,
        'against other days' FROM sums
    UNION ALL SELECT 13, 'binges that end', ended / nullif(greatest(begun, ended), 0), 'share', NULL, NULL, NULL, 0, false,
        'of those that began' FROM sums
    UNION ALL SELECT 14, 'come back from being dormant', back / nullif(dormant, 0), 'share', NULL, NULL, NULL, 0, false,
        'a day, of dormant people' FROM sums
    UNION ALL SELECT 15, 'churn of dormant people', churned / nullif(dormant, 0), 'share', NULL,
        greatest(%(churn_basic)s, %(churn_standard)s, %(churn_premium)s)::numeric, NULL, 0, true,
        'a day; the chance counts after ' || %(churn_idle_days)s || ' days' FROM sums
    UNION ALL SELECT 20 + row_number() OVER (ORDER BY mean DESC), 'score of ' || lower(state) || ' people', mean, '', NULL,
        NULL, NULL, 0, false, 'on the last day' FROM scores WHERE mean IS NOT NULL
)
SELECT title, round(value, 4)::float8 AS value, unit,
    CASE WHEN target IS NOT NULL THEN CASE unit WHEN 'share' THEN round(100 * target, 1)::float8 || ' %%' ELSE target::float8::text END
        WHEN low IS NOT NULL AND high IS NOT NULL THEN CASE unit WHEN 'share'
            THEN (100 * low)::float8 || ' to ' || (100 * high)::float8 || ' %%' ELSE round(low, 1)::float8 || ' to ' || round(high, 1)::float8 END
        WHEN low IS NOT NULL THEN 'above ' || low::float8
        WHEN high IS NOT NULL THEN 'at most ' || CASE unit WHEN 'share' THEN (100 * high)::float8 || ' %%' ELSE high::float8::text END
    END AS target,
    CASE WHEN paths AND moved.why IS NULL AND (target IS NOT NULL OR unit = 'times' OR moved.few IS NULL) THEN
        CASE WHEN target IS NOT NULL THEN abs(value - target) <= slack
            ELSE value >= coalesce(low, value) - slack AND value <= coalesce(high, value) + slack END
    END AS ok,
    concat_ws('; ', note, moved.why, CASE WHEN target IS NULL AND coalesce(low, high) IS NOT NULL THEN moved.few END) AS note
FROM asked CROSS JOIN moved
WHERE value IS NOT NULL
ORDER BY place
