-- C8, C9, C19, C21, C24, C25: rules of states, habits, scores and streaks, as far as days of pools show them.
WITH days AS MATERIALIZED (
    SELECT pool, day, (state_distribution ->> 'NEW')::numeric AS new, (pattern_distribution ->> 'DAILY')::numeric AS daily,
        (state_distribution ->> 'ACTIVE')::numeric AS active, (state_distribution ->> 'DORMANT')::numeric AS dormant,
        (score_by_state ->> 'NEW')::numeric AS score_new, (score_by_state ->> 'ACTIVE')::numeric AS score_active,
        (score_by_state ->> 'DORMANT')::numeric AS score_dormant, new_signups::numeric AS joined, active_today::numeric AS came,
        extract(isodow FROM day AT TIME ZONE 'UTC')::int AS weekday,
        %(unseen_days)s > 0 AND day < %(origin)s + interval '1 day' * %(new_days)s AS unseen
    FROM public.daily_metrics
),
recent AS MATERIALIZED (
    -- Who signed up so lately: nobody leaves before that is over.
    SELECT d.*, (SELECT sum(e.joined) FROM days AS e WHERE e.pool = d.pool AND e.day <= d.day
            AND e.day > d.day - interval '1 day' * %(new_days)s) AS of_new,
        (SELECT sum(e.joined) FROM days AS e WHERE e.pool = d.pool AND e.day <= d.day
            AND e.day > d.day - interval '1 day' * %(assigned_after)s) AS unassigned
    FROM days AS d
),
rules AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE NOT unseen) AS whole,
        count(*) FILTER (WHERE NOT unseen AND new <> coalesce(of_new, 0)) AS new_wrong,
        count(*) FILTER (WHERE daily < coalesce(unassigned, 0)) AS daily_wrong,
        min(score_new) FILTER (WHERE new > 0) AS least_new, max(score_new) FILTER (WHERE new > 0) AS most_new,
        max(score_dormant) FILTER (WHERE dormant > 0) AS most_dormant,
        min(score_active) FILTER (WHERE active > 0) AS least_active, max(score_active) FILTER (WHERE active > 0) AS most_active,
        avg((score_active BETWEEN 50 AND 80)::int) FILTER (WHERE active > 0) AS within
    FROM recent
),
-- C21: of all habits only REGULAR knows Thursday and Friday from Monday to Wednesday.
weeks AS (
    SELECT avg(came) FILTER (WHERE weekday IN (4, 5)) - avg(came) FILTER (WHERE weekday <= 3) AS more
    FROM (SELECT day, weekday, sum(came) AS came FROM days WHERE weekday <= 5 GROUP BY day, weekday) AS d
    GROUP BY date_trunc('week', day AT TIME ZONE 'UTC') HAVING count(*) = 5
),
boost AS (
    SELECT count(*) AS n, avg(more) AS more, 4.4 * stddev_samp(more) / sqrt(count(*)::numeric) AS slack FROM weeks
),
regular AS (
    -- So many come on a day without the boost, which three days of seven have.
    SELECT 7 * (%(draw_statistics)s #>> '{chances,life.returns.REGULAR,3}')::numeric / nullif(count(DISTINCT day), 0)
        / (4 + 3 * %(regular_boost)s::numeric) AS plain
    FROM days
),
daily AS (
    SELECT (%(draw_statistics)s #>> '{chances,life.returns.DAILY,0}')::numeric AS n,
        (%(draw_statistics)s #>> '{chances,life.returns.DAILY,1}')::numeric / 2 ^ 53::numeric
            / nullif((%(draw_statistics)s #>> '{chances,life.returns.DAILY,0}')::numeric, 0) AS declared
),
weekdays AS (
    SELECT min(f) AS least, max(f) AS most FROM unnest(ARRAY[%(weekday_monday)s, %(weekday_tuesday)s, %(weekday_wednesday)s,
        %(weekday_thursday)s, %(weekday_friday)s, %(weekday_saturday)s, %(weekday_sunday)s]::numeric[]) AS w (f)
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'C8', 'days of pools whose NEW people are not those of the last ' || %(new_days)s || ' days', 'NEW for 7 days', '0',
        new_wrong::text, new_wrong = 0, CASE WHEN whole = 0 THEN 'less than ' || %(new_days)s || ' days have ended' END, whole || ' days of pools'
    FROM rules
    UNION ALL
    SELECT 'C9', 'mean score of ACTIVE people, lowest and highest day', '50 to 80', 'info',
        least_active || ' to ' || most_active, NULL, CASE WHEN n = 0 THEN 'no day has ended' END,
        'specified in two ways; this follows the rules of C25: +2 and -1 drive a score to 0 or 100; within 50 to 80 on '
            || round(100 * within) || ' of 100 days'
    FROM rules
    UNION ALL
    SELECT 'C19', 'days of pools with fewer DAILY people than signed up in the last ' || %(assigned_after)s || ' days', 'DAILY until day 14',
        '0', daily_wrong::text, daily_wrong = 0, CASE WHEN n = 0 THEN 'no day has ended' END, n || ' days of pools'
    FROM rules
    UNION ALL
    SELECT 'C21', 'people more a day on Thursday and Friday than from Monday to Wednesday', 'more',
        round(plain * (%(regular_boost)s::numeric - 1), 2)::float8::text, round(more, 2)::float8::text,
        abs(more - plain * (%(regular_boost)s::numeric - 1)) <= slack,
        coalesce((SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path), ', ')
            FROM unnest(ARRAY['activity', 'enabled', 'away', 'drop_out']) AS path WHERE %(changes)s ? path),
            CASE WHEN least <> most THEN 'weekdays have factors of their own'
                WHEN %(signups)s = 'always' THEN 'the pool grows from day to day: signups is always'
                WHEN n < 8 THEN 'less than eight whole weeks have ended' END),
        'give or take ' || round(slack, 2) || ', over ' || n || ' weeks; the boost of REGULAR people, whose size the specification leaves open, is '
            || %(regular_boost)s
    FROM boost, regular, weekdays
    UNION ALL
    SELECT 'C24', 'mean chance of DAILY people to come, as declared', '5 points for 3 days in a row, 20 at most',
        'info', round(declared, 4)::float8::text, NULL,
        CASE WHEN coalesce(n, 0) = 0 THEN 'nobody has been DAILY yet' END,
        'the habit alone is ' || %(daily_returns)s || '; no row shows which streak a draw had, and what was drawn is judged as C20'
    FROM daily
    UNION ALL
    SELECT 'C25', 'mean score of NEW people, lowest and highest day', '', floor || ' to 100', least_new || ' to ' || most_new,
        least_new >= floor AND most_new <= 100, CASE WHEN least_new IS NULL THEN 'nobody has been NEW on a day that ended' END,
        'they begin with ' || %(score_begins_low)s || ' to ' || %(score_begins_high)s || ' and lose at most '
            || -%(score_stayed_away)s || ' a day'
    FROM rules, LATERAL (SELECT %(score_begins_low)s + least(%(score_came)s, %(score_stayed_away)s, 0) * %(new_days)s AS floor) AS f
    UNION ALL
    SELECT 'C25', 'mean score of DORMANT people, highest day', '', 'at most ' || ceiling, coalesce(most_dormant::text, 'none'),
        most_dormant <= ceiling, CASE WHEN most_dormant IS NULL THEN 'nobody has been DORMANT on a day that ended' END,
        'who stays away for ' || %(dormant_idle_days)s || ' days has lost as many times ' || -%(score_stayed_away)s
    FROM rules, LATERAL (SELECT 100 + %(score_stayed_away)s * %(dormant_idle_days)s AS ceiling) AS c
)
SELECT id, title, documented, target, coalesce(measured, 'none') AS measured, CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END,
    coalesce(why, note, '') AS note
FROM lines
