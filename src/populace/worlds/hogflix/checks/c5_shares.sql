-- Chances of life and of visits, each against its parameter, by the accounts: C5, C10, C12, C14, C20, C23, C29, C30, C38.
-- Every draw is a draw of its own, so n of them are independent; tolerance: 4.4 standard errors, so that all lines together
-- raise a false alarm in one of 1,000 populations. Habits vary from day to day (seasons, streaks): the mean of the chances
-- as they were declared has to lie within what the parameters allow, and what was drawn has to follow it.
WITH drawn AS MATERIALIZED (
    SELECT point, (sums ->> 0)::numeric AS n, (sums ->> 1)::numeric / 2 ^ 53::numeric AS expected,
        (sums ->> 2)::numeric / 2 ^ 53::numeric AS variance, (sums ->> 3)::numeric AS yes
    FROM jsonb_each(%(draw_statistics)s -> 'chances') AS c (point, sums)
),
-- Why a plan is not the one that the document's figures are calibrated for.
plan (uncalibrated) AS (
    SELECT nullif(concat_ws(', ',
        CASE WHEN %(unseen_days)s < 150 THEN 'pools began too lately: unseen_days is ' || %(unseen_days)s END,
        CASE WHEN abs(%(drop_out)s::numeric - 0.02) > 0.01 THEN 'drop_out is ' || %(drop_out)s || ', calibrated at 0.02' END,
        CASE WHEN %(signups)s <> 'replace' THEN 'signups is ' || %(signups)s || ', calibrated as replace' END), '')
),
-- What makes people's chances their own, and other than a habit's.
differences (differing) AS (
    SELECT 'overridden by ' || string_agg(path, ', ') FROM (VALUES ('propensity_spread', %(propensity_spread)s::numeric),
        ('phase_spread', %(phase_spread)s), ('second_habit', %(second_habit)s), ('day_spread', %(day_spread)s),
        ('holiday_strength', %(holiday_strength)s)) AS p (path, value) WHERE value > 0
),
weekdays AS (
    SELECT min(f) AS least, max(f) AS most FROM unnest(ARRAY[%(weekday_monday)s, %(weekday_tuesday)s, %(weekday_wednesday)s,
        %(weekday_thursday)s, %(weekday_friday)s, %(weekday_saturday)s, %(weekday_sunday)s]::numeric[]) AS w (f)
),
-- rule: equal (the parameter is the chance), above (at least that), habit (the chance begins with the parameter), near (an
-- average of classes, calibrated to the parameter), info (nothing but the accounts says what it should be, and they judge it).
asked (id, title, points, rule, documented, value, paths, note) AS (
    VALUES
    ('C5', 'people who come that ask FlixBuddy', ARRAY['chat.opens'], 'equal', '0.1', %(flixbuddy_share)s, ARRAY['flixbuddy_share'], ''),
    ('C10', 'NEW people who come on a day', ARRAY['life.returns.NEW'], 'above', 'at least 0.8', %(new_returns_at_least)s, ARRAY[]::text[], ''),
    ('C11', 'DORMANT people who come on a day', ARRAY['life.returns.DORMANT'], 'info', '0.3 of the habit', %(dormant_factor)s, ARRAY[]::text[],
     'the factor of each person''s habit; those who dropped out apart'),
    ('C12', 'who churns of those 30 days away, a day: Basic', ARRAY['churns.Basic'], 'equal', '0.03', %(churn_basic)s, ARRAY['churn_basic'], ''),
    ('C12', 'who churns of those 30 days away, a day: Standard', ARRAY['churns.Standard'], 'equal', '0.03', %(churn_standard)s, ARRAY['churn_standard'], ''),
    ('C12', 'who churns of those 30 days away, a day: Premium', ARRAY['churns.Premium'], 'equal', '0.03', %(churn_premium)s, ARRAY['churn_premium'], ''),
    ('C14', 'who is kept of those who churn', ARRAY['churned.kept'], 'equal', '0.1', %(kept)s, ARRAY[]::text[], 'the other 9 of 10 are removed'),
    ('C20', 'DAILY people who come on a day', ARRAY['life.returns.DAILY'], 'habit', '0.85', %(daily_returns)s, ARRAY['activity'], ''),
    ('C20', 'REGULAR people who come on a day', ARRAY['life.returns.REGULAR'], 'habit', '0.45', %(regular_returns)s, ARRAY['activity'], ''),
    ('C20', 'WEEKEND people who come on a weekday', ARRAY['life.returns.WEEKEND'], 'habit', '0.15', %(weekend_returns)s, ARRAY['activity'], ''),
    ('C20', 'WEEKEND people who come on Saturday or Sunday', ARRAY['life.returns.WEEKEND.special'], 'habit', '0.85', %(weekend_special)s, ARRAY['activity'], ''),
    ('C20', 'BINGE people who come between binges', ARRAY['life.returns.BINGE'], 'habit', '0.05', %(binge_returns)s, ARRAY['activity'], ''),
    ('C20', 'BINGE people who come in a binge', ARRAY['life.returns.BINGE.special'], 'habit', '0.9', %(binge_special)s, ARRAY['activity'], ''),
    ('C20', 'MONTHLY people who come on an ordinary day', ARRAY['life.returns.MONTHLY'], 'habit', '0.03', %(monthly_returns)s, ARRAY['activity'], ''),
    ('C20', 'MONTHLY people who come on the first three days', ARRAY['life.returns.MONTHLY.special'], 'habit', '0.8', %(monthly_special)s, ARRAY['activity'], ''),
    ('C23', 'who comes in a VACATION', ARRAY['life.returns.VACATION'], 'equal', '0', %(vacation_returns)s, ARRAY[]::text[], ''),
    ('C23', 'who comes when SICK', ARRAY['life.returns.SICK'], 'equal', '0.1', %(sick_returns)s, ARRAY[]::text[], ''),
    ('C23', 'who comes in BUSY_WORK', ARRAY['life.returns.BUSY_WORK'], 'equal', '0.2', %(busy_work_returns)s, ARRAY[]::text[], ''),
    ('C23', 'who comes in NEW_RELEASE_HYPE', ARRAY['life.returns.NEW_RELEASE_HYPE'], 'equal', '0.95', %(new_release_hype_returns)s, ARRAY[]::text[], ''),
    ('C29', 'cards that are opened', ARRAY['card.opened'], 'equal', '0.75', %(open_share)s, ARRAY['open_share'], ''),
    ('C29', 'opened titles that are started', ARRAY['card.started'], 'equal', '0.6', %(start_share)s, ARRAY['start_share'], ''),
    ('C29', 'started videos of which half is watched', ARRAY['watch.half.new', 'watch.half.casual', 'watch.half.dormant',
     'watch.half.binging', 'watch.half.daily', 'watch.half.regular', 'watch.half.active'], 'near', '0.55', %(half_share)s, ARRAY['activity', 'enabled', 'away', 'drop_out'],
     'an average over classes of people (C27), as often as each watched: give or take 0.03'),
    ('C29', 'of those, videos watched to near the end', ARRAY['watch.finishes'], 'equal', 'none', %(finish_share)s, ARRAY[]::text[], ''),
    ('C30', 'started videos that are rated', ARRAY['watch.rated'], 'equal', '0.2', %(rating_share)s, ARRAY['rating_share'], ''),
    ('C30', 'visits in which a title is put on the watchlist', ARRAY['visit.watchlist'], 'equal', '0.3', %(watchlist_share)s, ARRAY['watchlist_share'], ''),
    ('C30', 'visits with a support ticket', ARRAY['visit.ticket'], 'equal', '0.02', %(ticket_share)s, ARRAY['ticket_share'], ''),
    ('ours', 'support tickets that are answered', ARRAY['ticket.answered'], 'equal', 'none', %(tickets_answered)s, ARRAY[]::text[], ''),
    ('C38', 'ratings a started video', ARRAY['watch.rated'], 'equal', '0.2: 4000 of 20000', %(rating_share)s, ARRAY['rating_share'],
     'one row a person and title: what is rated twice is one row of video_ratings')
),
found AS (
    SELECT a.*, coalesce(d.n, 0) AS n, d.yes / nullif(d.n, 0) AS share, d.expected / nullif(d.n, 0) AS declared,
        4.4 * sqrt(d.variance) / nullif(d.n, 0) AS spread,
        (SELECT string_agg(path || ' was changed on ' || (%(changes)s ->> path) || ': see K7', ', ')
         FROM unnest(a.paths) AS path WHERE %(changes)s ? path) AS changed
    FROM asked AS a, LATERAL (
        SELECT sum(n) AS n, sum(yes) AS yes, sum(expected) AS expected, sum(variance) AS variance
        FROM drawn WHERE point = ANY (a.points)) AS d
),
chances (id, title, documented, target, measured, ok, why, note) AS (
    SELECT id, title, documented,
        CASE rule WHEN 'above' THEN 'at least ' || value
            -- Whose odds are their own has a chance of their own: the plan's mean of them is what was declared.
            WHEN 'habit' THEN CASE WHEN differing IS NOT NULL THEN coalesce(round(declared, 4)::float8::text, 'as declared') ELSE round(low, 3)::float8 || ' to ' || round(high, 3)::float8 END
            WHEN 'info' THEN 'info' ELSE value::text END,
        round(share, 4)::float8::text,
        CASE rule WHEN 'above' THEN share >= value::numeric - spread
            WHEN 'equal' THEN abs(share - value::numeric) <= 1e-9 + 4.4 * sqrt(value::numeric * (1 - value::numeric) / nullif(n, 0))
            WHEN 'habit' THEN (differing IS NOT NULL OR declared BETWEEN low - 1e-6 AND high + 1e-6) AND abs(share - declared) <= 1e-9 + spread
            WHEN 'near' THEN abs(share - value::numeric) <= 0.03 + spread
            END,
        coalesce(changed, CASE WHEN rule = 'near' THEN coalesce(uncalibrated, mixed) END, CASE WHEN n < 50 THEN n || ' draws' || CASE WHEN n = 0 THEN ': it has not happened yet' ELSE ' only' END END),
        concat_ws('; ', 'of ' || n, CASE WHEN rule = 'habit' THEN differing END, CASE WHEN rule = 'habit'
            THEN 'habit ' || value || ', with activity, season and streak; declared ' || round(declared, 4)::float8
            WHEN rule = 'info' THEN 'parameter ' || value || '; declared ' || round(declared, 4)::float8 END,
            nullif(note, ''))
    FROM found CROSS JOIN plan CROSS JOIN weekdays CROSS JOIN differences
    CROSS JOIN LATERAL (SELECT
        least(0.98, (value::numeric * %(activity)s::numeric * (1 - %(season_strength)s::numeric) - 0.25 * %(score_weight)s::numeric) * least) AS low,
        least(0.98, greatest(0.01, (value::numeric * %(activity)s::numeric * (1 + %(season_strength)s::numeric)
            * CASE WHEN title LIKE 'REGULAR%%' THEN greatest(1, %(regular_boost)s::numeric) ELSE 1 END
            + %(streak_most)s::numeric + 0.25 * %(score_weight)s::numeric) * most)) AS high) AS b
    CROSS JOIN LATERAL (SELECT CASE WHEN %(activity)s <> 1 THEN 'activity is ' || %(activity)s || ': it is calibrated at 1'
        WHEN %(persona_pool)s < 400 THEN 'with fewer than 400 people, chance alone moves the average'
        WHEN %(pool_schedule)s <> 'constant' THEN 'pool_schedule moves who there is'
        WHEN n < 10000 THEN 'less than two weeks of visits' END AS mixed) AS m
    -- Where support answers nobody, as documented, there is nothing to judge.
    WHERE id <> 'ours' OR value::numeric > 0
),
-- Which life event begins on a day of a person who has none.
events AS (
    SELECT e.place, e.n::numeric AS n, sum(e.n::numeric) OVER () AS days
    FROM jsonb_array_elements_text(%(draw_statistics)s #> '{choices,life.event,0}') WITH ORDINALITY AS e (n, place)
),
begins AS (
    SELECT 'C23' AS id, 'days on which this begins: ' || name AS title, documented, chance::text AS target,
        round(n / nullif(days, 0), 5)::float8::text AS measured,
        abs(n / nullif(days, 0) - chance::numeric) <= 4.4 * sqrt(chance::numeric * (1 - chance::numeric) / nullif(days, 0)) AS ok,
        CASE WHEN coalesce(days, 0) * chance < 5 THEN coalesce(days, 0) || ' days of people only' END AS why, 'of ' || days AS note
    FROM (VALUES ('VACATION', 2, '0.005', %(vacation_chance)s), ('SICK', 3, '0.01', %(sick_chance)s),
            ('BUSY_WORK', 4, '0.02', %(busy_work_chance)s), ('NEW_RELEASE_HYPE', 5, '0.01', %(new_release_hype_chance)s))
        AS e (name, at, documented, chance)
    LEFT JOIN events ON place = at
),
-- Whole numbers that are drawn evenly between two bounds.
measures (id, title, documented, point, low, high) AS (
    VALUES
    ('C9', 'mean score at sign-up', '85 to 95', 'score.begins', %(score_begins_low)s, %(score_begins_high)s),
    ('C22', 'mean days of a binge', '3 to 7', 'binge.days', %(binge_days_low)s, %(binge_days_high)s),
    ('C22', 'mean days of rest after a binge', '10 to 21', 'binge.rest', %(binge_rest_low)s, %(binge_rest_high)s),
    ('C23', 'mean days of a VACATION', '7 to 14', 'vacation.days', %(vacation_days_low)s, %(vacation_days_high)s),
    ('C23', 'mean days of being SICK', '3 to 5', 'sick.days', %(sick_days_low)s, %(sick_days_high)s),
    ('C23', 'mean days of BUSY_WORK', '5 to 10', 'busy_work.days', %(busy_work_days_low)s, %(busy_work_days_high)s),
    ('C23', 'mean days of NEW_RELEASE_HYPE', '3 to 7', 'new_release_hype.days', %(new_release_hype_days_low)s, %(new_release_hype_days_high)s),
    ('C26', 'mean videos a visit: NEW', '3 to 8', 'visit.depth.new', %(depth_new_low)s, %(depth_new_high)s),
    ('C26', 'mean videos a visit: ACTIVE of no other class', '2 to 5', 'visit.depth.active', %(depth_active_low)s, %(depth_active_high)s),
    ('C26', 'mean videos a visit: CASUAL', '1 to 3', 'visit.depth.casual', %(depth_casual_low)s, %(depth_casual_high)s),
    ('C26', 'mean videos a visit: DORMANT', '1 to 3', 'visit.depth.dormant', %(depth_dormant_low)s, %(depth_dormant_high)s),
    ('C26', 'mean videos a visit: DAILY', '5 to 10', 'visit.depth.daily', %(depth_daily_low)s, %(depth_daily_high)s),
    ('C26', 'mean videos a visit: REGULAR', '2 to 5', 'visit.depth.regular', %(depth_regular_low)s, %(depth_regular_high)s),
    ('C26', 'mean videos a visit: WEEKEND, on its days', '5 to 15', 'visit.depth.weekend_on', %(depth_weekend_on_low)s, %(depth_weekend_on_high)s),
    ('C26', 'mean videos a visit: WEEKEND, on others', '1 to 3', 'visit.depth.weekend_off', %(depth_weekend_off_low)s, %(depth_weekend_off_high)s),
    ('C26', 'mean videos a visit: BINGE, in a binge', '10 to 15', 'visit.depth.binging', %(depth_binging_low)s, %(depth_binging_high)s),
    ('C26', 'mean videos a visit: BINGE, at rest', '1 to 3', 'visit.depth.resting', %(depth_resting_low)s, %(depth_resting_high)s),
    ('C26', 'mean videos a visit: MONTHLY', '1 to 3', 'visit.depth.monthly', %(depth_monthly_low)s, %(depth_monthly_high)s),
    ('C26', 'mean videos a visit: SICK or BUSY_WORK', '1 to 3', 'visit.depth.low', %(depth_low_low)s, %(depth_low_high)s)
),
means AS (
    SELECT m.id, m.title, m.documented, round((low + high) / 2.0, 1)::float8 || ', of ' || low || ' to ' || high AS target,
        round(a.total / nullif(a.n, 0), 3)::float8::text AS measured,
        abs(a.total / nullif(a.n, 0) - (low + high) / 2.0)
            <= 1e-9 + 4.4 * sqrt((power(high - low + 1, 2) - 1)::numeric / 12 / nullif(a.n, 0)) AS ok,
        CASE WHEN m.point LIKE 'visit.depth.%%' AND %(visit_size_spread)s > 0 THEN 'overridden by visit_size_spread: sizes are people''s own'
            WHEN a.n < 20 THEN a.n || ' of these only' END AS why, 'of ' || a.n AS note
    FROM measures AS m, LATERAL (
        SELECT coalesce((%(draw_statistics)s #>> ARRAY['measures', m.point, '0'])::numeric, 0) AS n,
            (%(draw_statistics)s #>> ARRAY['measures', m.point, '1'])::numeric AS total) AS a
    -- Of this class nobody is: every ACTIVE person has a habit, which has a depth of its own.
    WHERE m.point <> 'visit.depth.active' OR a.n > 0
)
SELECT id, title, documented, target, coalesce(measured, 'none'), CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END,
    coalesce(why, note, '') AS note
FROM (TABLE chances UNION ALL TABLE begins UNION ALL TABLE means) AS lines (id, title, documented, target, measured, ok, why, note)
