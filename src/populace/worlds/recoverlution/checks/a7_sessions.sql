-- A7 to A9, A12, B1, B6, B9: sessions a minute by the accounts (a session leaves no row of its own), and the settings.
WITH drawn AS (
    SELECT sum(c.n) AS minutes, sum(c.k * c.n) AS came, sum(c.k * c.expected) AS expected,
        max(c.k) FILTER (WHERE c.n > 0) AS most, min(c.k) FILTER (WHERE c.n > 0) AS fewest
    FROM jsonb_each(%(draw_statistics)s -> 'choices') AS p (point, sums),
        LATERAL (
            SELECT ordinality - 1 AS k, counts.n::numeric AS n, (p.sums -> 1 ->> (ordinality::int - 1))::numeric / 2 ^ 53::numeric
            FROM jsonb_array_elements_text(p.sums -> 0) WITH ORDINALITY AS counts (n, ordinality)) AS c (k, n, expected)
    WHERE p.point LIKE 'practising.arrivals%%'
),
-- Where people differ each day keeps its part of those who arrive.
kept AS (
    SELECT coalesce(max((sums ->> 0)::numeric - (sums ->> 3)::numeric), 0) AS dropped,
        coalesce(max((sums ->> 1)::numeric / 2 ^ 53::numeric / nullif((sums ->> 0)::numeric, 0)), 1) AS part
    FROM (SELECT %(draw_statistics)s #> '{chances,practising.kept}' AS sums) AS c
),
facts AS (
    SELECT coalesce(minutes, 0) AS minutes, came - dropped AS came, part * expected / nullif(minutes, 0) AS expected, fewest, most,
        (came - dropped) / nullif(minutes, 0) AS rate,
        (SELECT sum(n::numeric) FROM jsonb_array_elements_text(%(draw_statistics)s #> '{choices,practising.who,0}') AS w (n)) AS sessions,
        -- Of the minute that has begun, some are still to come.
        CASE WHEN date_trunc('minute', %(watermark)s::timestamptz) = %(watermark)s::timestamptz THEN 0
            ELSE %(max_per_run)s + %(asked_for)s END AS to_come,
        -- A change in the middle of a minute draws the rest of that minute again, which is not a minute of its own.
        (SELECT count(*) FROM populace.intervention
         WHERE changes <> '{}' AND applies_at > date_trunc('minute', applies_at)) * greatest(%(max_per_run)s,
            (%(in_force)s ->> 'max_per_run')::bigint,
            (SELECT max((changes ->> 'max_per_run')::bigint) FROM populace.intervention WHERE applies_at IS NOT NULL)) AS redrawn,
        (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path), ', ')
         FROM unnest(ARRAY['enabled', 'sessions_per_min', 'max_per_run', 'time_of_day']) AS path
         WHERE %(changes)s ? path) AS changed,
        CASE WHEN coalesce(minutes, 0) < 60 THEN 'less than an hour after history' END AS early,
        CASE WHEN %(asked_for)s > 0 THEN 'beside ' || %(asked_for)s || ' that run-now brought' END AS beside
    FROM drawn, kept
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'A7', 'fewest and most sessions of a minute', '2 to 5', 'at most ' || %(max_per_run)s,
        coalesce(fewest || ' to ' || most, 'none'), most <= %(max_per_run)s, coalesce(early, changed), beside
    FROM facts
    UNION ALL
    -- The capped number varies less than a Poisson number of its mean.
    SELECT 'A9', 'sessions a minute', '2',
        round(CASE WHEN %(time_of_day)s THEN expected ELSE planned END, 3)::float8::text, round(rate, 3)::float8::text,
        abs(rate - CASE WHEN %(time_of_day)s THEN expected ELSE planned END)
            <= 1e-9 + CASE WHEN %(arrivals)s = 'fixed' THEN 0 ELSE 3.29 * sqrt(planned / nullif(minutes, 0)) END,
        coalesce(early, changed),
        concat_ws('; ', CASE WHEN %(time_of_day)s THEN 'the rate follows the hour' END, beside)
    FROM facts, LATERAL (
        SELECT CASE WHEN %(enabled)s THEN least(%(sessions_per_min)s, %(max_per_run)s) ELSE 0 END::numeric) AS p (planned)
    UNION ALL
    SELECT 'B1', 'sessions an hour', '180', (60 * planned)::text, round(60 * rate, 1)::float8::text,
        abs(rate - planned) <= 1e-9 + 3.29 * sqrt(planned / nullif(minutes, 0)),
        coalesce(early, changed, CASE WHEN %(time_of_day)s THEN 'the rate follows the hour: see A9' END),
        'specified in two ways; this follows sessions_per_min, the 2 a minute of A9 and B5; 3 a minute is a setting away'
    FROM facts, LATERAL (
        SELECT CASE WHEN %(enabled)s THEN least(%(sessions_per_min)s, %(max_per_run)s) ELSE 0 END::numeric) AS p (planned)
    UNION ALL
    SELECT 'A12', 'sessions that run-now asked for, and that came', '', %(asked_for)s::text,
        coalesce(sessions - came, 0)::text,
        coalesce(sessions - came, 0) BETWEEN %(asked_for)s - to_come - redrawn AND %(asked_for)s + redrawn,
        CASE WHEN %(asked_for)s = 0 AND minutes = 0 THEN 'nobody has come yet' END,
        CASE WHEN %(asked_for)s = 0 AND redrawn = 0 THEN 'nobody has asked for any'
            WHEN redrawn > 0 THEN 'within ' || redrawn || ': settings changed in the middle of a minute'
            WHEN to_come > 0 THEN 'the last minute is not over' END
    FROM facts
    UNION ALL
    SELECT 'A8', 'synthetic_settings shows the settings in effect', '', asked.said, coalesce(held.said, 'none'),
        held.said = asked.said, waiting.why, NULL
    FROM (SELECT format('%%s, %%s a minute, at most %%s, error %%s, abandon %%s', CASE WHEN (%(in_force)s -> 'enabled')::bool
                THEN 'on' ELSE 'off' END, %(in_force)s ->> 'sessions_per_min', %(in_force)s ->> 'max_per_run',
                (%(in_force)s ->> 'error_rate')::float8, (%(in_force)s ->> 'abandon_rate')::float8)) AS asked (said)
    LEFT JOIN (SELECT format('%%s, %%s a minute, at most %%s, error %%s, abandon %%s', CASE WHEN enabled THEN 'on'
                ELSE 'off' END, sessions_per_min, max_per_run, error_rate, abandon_rate)
               FROM public.synthetic_settings LIMIT 1) AS held (said) ON true
    CROSS JOIN (SELECT CASE WHEN EXISTS (SELECT 1 FROM populace.intervention WHERE applies_at IS NULL AND refused IS NULL)
                THEN 'a change waits for a runner' END) AS waiting (why)
    UNION ALL
    SELECT 'B9', 'rows of synthetic_settings', '1', '1', count(*)::text, count(*) = 1, NULL, NULL
    FROM public.synthetic_settings
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL THEN coalesce(ok, false) END,
    coalesce(why, note, '') AS note
FROM lines
