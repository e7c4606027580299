-- C17, C18, C27, C28: mixes and means that choices make, by the accounts. A mix is judged by chi-square against what its
-- plan expects (Wilson and Hilferty's approximation, at 4.3 standard errors), once every answer is expected five times.
WITH people AS MATERIALIZED (
    SELECT u.id FROM auth.users AS u
    WHERE split_part(u.email, '@', -1) = 'hogflix-synthetic.test' AND u.raw_user_meta_data ->> 'is_synthetic' = 'true'
),
parts AS MATERIALIZED (
    SELECT p.point, c.place, c.n::numeric AS n, (p.sums -> 1 ->> (c.place::int - 1))::numeric / 2 ^ 53::numeric AS expected
    FROM jsonb_each(%(draw_statistics)s -> 'choices') AS p (point, sums),
        LATERAL jsonb_array_elements_text(p.sums -> 0) WITH ORDINALITY AS c (n, place)
    WHERE p.point LIKE 'pattern.%%' OR p.point IN ('visit.entry', 'plan')
),
asked (id, title, points, documented, changes, note) AS (
    VALUES
    ('C17', 'patterns, DAILY / REGULAR / WEEKEND / BINGE / MONTHLY', ARRAY['pattern.Basic', 'pattern.Standard', 'pattern.Premium'], '15/40/20/15/10',
     NULL, 'specified in two ways; this follows the mix of each plan (C18), as often as people of it came to their habit'),
    ('C18', 'patterns of Basic', ARRAY['pattern.Basic'], '5/30/25/20/20', NULL, NULL),
    ('C18', 'patterns of Standard', ARRAY['pattern.Standard'], '15/40/20/15/10', NULL, NULL),
    ('C18', 'patterns of Premium', ARRAY['pattern.Premium'], '25/45/15/10/5', NULL, NULL),
    ('C28', 'where visits begin, home / search / category / watchlist / FlixBuddy', ARRAY['visit.entry'], '40/15/20/15/10',
     (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path) || ': see K7', ', ')
      FROM unnest(ARRAY['entry_homepage', 'entry_search', 'entry_category', 'entry_watchlist', 'entry_flixbuddy']) AS path
      WHERE %(changes)s ? path), NULL)
),
mixes (id, title, documented, target, measured, ok, why, note) AS (
    SELECT a.id, a.title, a.documented, m.wanted, m.found,
        m.chi <= m.freedom * power(1 - 2 / (9.0 * m.freedom) + 4.3 * sqrt(2 / (9.0 * m.freedom)), 3),
        coalesce(a.changes, CASE WHEN m.n IS NULL THEN 'nobody has been asked yet'
            WHEN m.least < 5 THEN m.n || ' people only' END),
        concat_ws('; ', 'of ' || m.n || ', chi-square ' || round(m.chi, 1) || ', variation ' || round(m.variation, 3)::float8, a.note)
    FROM asked AS a LEFT JOIN LATERAL (
        SELECT sum(n) AS n, sum(power(n - expected, 2) / expected) AS chi, min(expected) AS least, nullif(greatest(count(*) - 1, 0), 0) AS freedom,
            sum(abs(n - expected)) / 2 / sum(n) AS variation,
            string_agg(round(100 * share, 1)::float8::text, '/' ORDER BY place) AS wanted,
            string_agg(round(100 * real, 1)::float8::text, '/' ORDER BY place) AS found
        FROM (
            SELECT place, sum(n) AS n, sum(expected) AS expected, sum(expected) / nullif(sum(sum(expected)) OVER (), 0) AS share,
                sum(n) / nullif(sum(sum(n)) OVER (), 0) AS real
            FROM parts WHERE point = ANY (a.points) GROUP BY place HAVING sum(expected) > 0) AS answers) AS m ON true
),
-- A mean is put together from who reaches half and the means on either side of it.
sides AS (
    SELECT ((%(draw_statistics)s #>> '{measures,watch.above,1}')::numeric + coalesce((%(draw_statistics)s #>> '{measures,watch.between,1}')::numeric, 0))
            / nullif((%(draw_statistics)s #>> '{measures,watch.above,0}')::numeric + coalesce((%(draw_statistics)s #>> '{measures,watch.between,0}')::numeric, 0), 0) AS above,
        (%(draw_statistics)s #>> '{measures,watch.below,1}')::numeric / nullif((%(draw_statistics)s #>> '{measures,watch.below,0}')::numeric, 0) AS below
),
completion (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'C27', 'mean percent watched: ' || c.name, c.documented, c.mean::text,
        round(below + h.share * (above - below), 2)::float8::text,
        -- Half of a percent: a plan's means are whole numbers on either side of the half.
        abs(below + h.share * (above - below) - c.mean::numeric)
            <= 0.5 + 4.4 * sqrt((power(above - below, 2) * h.share * (1 - h.share) + 210) / nullif(h.n, 0)),
        CASE WHEN %(watched)s <> 'classes' THEN 'overridden by watched, which is ' || %(watched)s
            WHEN coalesce(h.n, 0) < 30 THEN coalesce(h.n, 0) || ' videos only' END, 'of ' || h.n || ' videos'
    FROM (VALUES ('NEW', 'new', '45', %(completion_new)s), ('CASUAL, SICK or BUSY_WORK', 'casual', '50', %(completion_casual)s),
            ('DORMANT', 'dormant', 'none', %(completion_dormant)s), ('in a binge', 'binging', '85', %(completion_binging)s),
            ('DAILY', 'daily', '70 or more', %(completion_daily)s), ('REGULAR', 'regular', '60', %(completion_regular)s),
            ('other ACTIVE', 'active', '65', %(completion_active)s)) AS c (name, class, documented, mean)
    CROSS JOIN sides
    LEFT JOIN LATERAL (
        SELECT (%(draw_statistics)s #>> ARRAY['chances', 'watch.half.' || c.class, '0'])::numeric AS n,
            (%(draw_statistics)s #>> ARRAY['chances', 'watch.half.' || c.class, '3'])::numeric
                / nullif((%(draw_statistics)s #>> ARRAY['chances', 'watch.half.' || c.class, '0'])::numeric, 0) AS share) AS h ON true
),
-- By rows: what is watched lies below the half or above it, and says itself which. A player of a site counts seconds, so
-- that what was played there is no whole percent; its sessions are the app's own.
watched AS (
    SELECT count(*) AS n,
        count(*) FILTER (WHERE completed <> (progress_percentage >= %(completed_from)s)
            OR substr(session_id::text, 15, 1) IN ('7', '8') AND (
                progress_seconds <> floor(duration_seconds * progress_percentage / 100)
                OR %(watched)s = 'classes' AND (progress_percentage < %(completion_below_low)s
                    OR progress_percentage > %(completion_below_high)s AND progress_percentage < %(completion_between_low)s))) AS wrong
    FROM public.watch_progress AS w
    WHERE w.user_id IN (SELECT id FROM people)
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL THEN coalesce(ok, false) END,
    coalesce(why, note, '') AS note
FROM (
    TABLE mixes UNION ALL TABLE completion
    UNION ALL
    SELECT 'C27', 'rows of watch_progress at odds with themselves', '', '0', wrong::text, wrong = 0,
        CASE WHEN n = 0 THEN 'nobody has watched anything yet' END,
        n || ' rows: percent, seconds and completed' || CASE WHEN %(watched)s = 'classes' THEN '; ' || %(completion_below_low)s
            || ' to ' || %(completion_below_high)s || ' or ' || %(completion_between_low)s || ' to 100 percent' ELSE '' END
    FROM watched) AS lines (id, title, documented, target, measured, ok, why, note)
