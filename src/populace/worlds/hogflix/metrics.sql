-- What the population did on its days, summed over pools, and what follows from it. days: so many last days.

-- name: days One document a day, as the documents describe it, newest first.
WITH known AS MATERIALIZED (
    SELECT m.* FROM public.daily_metrics AS m
    WHERE m.day > (SELECT max(l.day) FROM public.daily_metrics AS l) - make_interval(days => %(days)s::integer)
),
states AS (
    SELECT s.day, json_object_agg(s.name, s.n ORDER BY s.place) AS found
    FROM (
        SELECT k.day, e.key AS name, sum(e.value::integer) AS n,
               array_position(ARRAY['NEW', 'ACTIVE', 'CASUAL', 'DORMANT', 'CHURNED'], e.key) AS place
        FROM known AS k, jsonb_each_text(k.state_distribution) AS e
        GROUP BY k.day, e.key
    ) AS s
    GROUP BY s.day
),
patterns AS (
    SELECT p.day, json_object_agg(p.name, p.n ORDER BY p.place) AS found
    FROM (
        SELECT k.day, e.key AS name, sum(e.value::integer) AS n,
               array_position(ARRAY['DAILY', 'REGULAR', 'WEEKEND', 'BINGE', 'MONTHLY'], e.key) AS place
        FROM known AS k, jsonb_each_text(k.pattern_distribution) AS e
        GROUP BY k.day, e.key
    ) AS p
    GROUP BY p.day
),
sums AS (
    SELECT k.day, min(k.created_at) - interval '1 day' AS began_at, sum(k.total_personas) AS total_personas,
           sum(k.active_today) AS active_today, sum(k.new_signups) AS new_signups,
           sum(k.churned_cleaned) AS churned_cleaned, sum(k.flixbuddy_calls) AS flixbuddy_calls
    FROM known AS k
    GROUP BY k.day
)
SELECT json_build_object(
    'date', to_char(s.began_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'total_personas', s.total_personas,
    'active_today', s.active_today,
    'new_signups', s.new_signups,
    'churned_cleaned', s.churned_cleaned,
    'flixbuddy_calls', s.flixbuddy_calls,
    'state_distribution', states.found,
    'pattern_distribution', patterns.found
)
FROM sums AS s JOIN states USING (day) JOIN patterns USING (day)
ORDER BY s.day DESC;

-- name: kpis The figures that the documents want to be watched, over those days; null where nothing can be said.
WITH known AS MATERIALIZED (
    SELECT m.*, (m.state_distribution ->> 'DORMANT')::integer AS dormant,
           extract(isodow FROM m.day AT TIME ZONE 'UTC') IN (6, 7) AS weekend,
           extract(day FROM m.day AT TIME ZONE 'UTC') <= 3 AS month_begins
    FROM public.daily_metrics AS m
    WHERE m.day > (SELECT max(l.day) FROM public.daily_metrics AS l) - make_interval(days => %(days)s::integer)
),
scores AS (
    -- A pool's mean counts with its people; on the last day.
    SELECT json_object_agg(s.name, s.mean ORDER BY s.name) AS found
    FROM (
        SELECT e.key AS name,
               round(sum(e.value::numeric * (k.state_distribution ->> e.key)::numeric)
                     / sum((k.state_distribution ->> e.key)::numeric), 1) AS mean
        FROM known AS k, jsonb_each_text(k.score_by_state) AS e
        WHERE k.day = (SELECT max(day) FROM known)
        GROUP BY e.key
        HAVING sum((k.state_distribution ->> e.key)::numeric) > 0
    ) AS s
),
sums AS (
    SELECT count(DISTINCT day) AS days, sum(total_personas)::numeric AS people, sum(active_today)::numeric AS active,
           sum(new_signups) AS signups, sum(churned)::numeric AS churned, sum(churned_cleaned) AS cleaned,
           sum(reactivated)::numeric AS reactivated, sum(dormant)::numeric AS dormant,
           sum(flixbuddy_calls)::numeric AS chats, sum(sessions)::numeric AS sessions,
           sum(videos_watched)::numeric AS videos, sum(watchlist_added)::numeric AS listed,
           sum(tickets)::numeric AS tickets, sum(binges_begun)::numeric AS begun, sum(binges_ended)::numeric AS ended,
           sum(active_today) FILTER (WHERE month_begins)::numeric
               / nullif(sum(total_personas) FILTER (WHERE month_begins), 0) AS first_days,
           sum(active_today) FILTER (WHERE NOT month_begins)::numeric
               / nullif(sum(total_personas) FILTER (WHERE NOT month_begins), 0) AS other_days,
           sum(active_today) FILTER (WHERE weekend)::numeric
               / nullif(sum(total_personas) FILTER (WHERE weekend), 0) AS weekends,
           sum(active_today) FILTER (WHERE NOT weekend)::numeric
               / nullif(sum(total_personas) FILTER (WHERE NOT weekend), 0) AS weekdays
    FROM known
)
SELECT json_build_object(
    'days', s.days,
    'personas', round(s.people / nullif(s.days, 0), 1),
    'active_share', round(s.active / nullif(s.people, 0), 4),
    'signups_a_day', round(s.signups::numeric / nullif(s.days, 0), 2),
    'churned_a_day', round(s.churned / nullif(s.days, 0), 2),
    'churned_cleaned', s.cleaned,
    'score_by_state', scores.found,
    'churn_rate', round(s.churned / nullif(s.dormant, 0), 4),
    'reactivation_rate', round(s.reactivated / nullif(s.dormant, 0), 4),
    -- Those that end may have begun before these days: then there were as many at least.
    'binge_cycle_completion', round(s.ended / nullif(greatest(s.begun, s.ended), 0), 4),
    'month_days_1_to_3_active_share', round(s.first_days, 4),
    'month_days_1_to_3_spike', round(s.first_days / nullif(s.other_days, 0), 4),
    'weekend_active_share', round(s.weekends, 4),
    'weekend_peak', round(s.weekends / nullif(s.weekdays, 0), 4),
    'watchlist_added_a_day', round(s.listed / nullif(s.days, 0), 2),
    'session_depth', round(s.videos / nullif(s.sessions, 0), 2),
    'sessions_an_active', round(s.sessions / nullif(s.active, 0), 2),
    'tickets_a_day', round(s.tickets / nullif(s.days, 0), 2),
    'flixbuddy_usage_rate', round(s.chats / nullif(s.active, 0), 4)
)
FROM sums AS s CROSS JOIN scores;
