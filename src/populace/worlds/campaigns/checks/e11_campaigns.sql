-- E11, E12, E14, E15 of campaigns: their statuses follow from their dates, the documented mix holds at the epoch, the time
-- from each step to the next is as documented, and mail dates follow the seasons and the days of the week.
-- Recipients are uploaded in the two hours before a mailing, and on the same side of the epoch: so it is known of each
-- campaign whether it was mailed before.
WITH listed AS MATERIALIZED (
    SELECT campaign_id, max(created_at) AS at FROM public.recipients GROUP BY 1
),
campaigns AS MATERIALIZED (
    SELECT c.id, c.status::text AS status, c.created_at, c.updated_at, c.mail_date, c.drop_date, c.completed_at, k.timezone AS zone,
        (c.created_at AT TIME ZONE k.timezone)::date AS created_on, (%(watermark)s AT TIME ZONE k.timezone)::date AS today,
        coalesce(l.at < %(epoch)s, false) AS gone, l.at + interval '1 hour' AS mailed_at,
        -- Mail dates are those of the client; this is the day on which it goes out where the platform is.
        c.mail_date + (((l.at + interval '1 hour') AT TIME ZONE %(timezone)s)::date - ((l.at + interval '1 hour') AT TIME ZONE k.timezone)::date)
            AS mailed_on
    FROM public.campaigns AS c JOIN public.clients AS k ON k.id = c.client_id LEFT JOIN listed AS l ON l.campaign_id = c.id
    WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
),
today AS (
    SELECT (%(watermark)s AT TIME ZONE %(timezone)s)::date AS day
),
-- Moments are known to the day: at either end of one, both statuses are right.
statuses AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE NOT CASE status
            WHEN 'draft' THEN mail_date >= today + 6 AND completed_at IS NULL
            WHEN 'in_production' THEN mail_date BETWEEN today AND today + 8 AND completed_at IS NULL
            WHEN 'mailed' THEN mail_date <= today AND completed_at IS NULL
            WHEN 'completed' THEN mail_date <= today AND completed_at IS NOT NULL AND completed_at > drop_date
            ELSE false END) AS wrong
    FROM campaigns
),
mixed AS (
    SELECT CASE WHEN gone AND completed_at < %(epoch)s THEN 'completed' WHEN gone THEN 'mailed'
            WHEN CASE status WHEN 'draft' THEN true WHEN 'in_production' THEN updated_at >= %(epoch)s ELSE mailed_at >= %(epoch)s + interval '7 days' END
            THEN 'draft' ELSE 'in_production' END AS status,
        -- How likely it has been completed by then, whatever number of days was drawn.
        CASE WHEN gone THEN least(1, greatest(0, (floor(extract(epoch FROM %(epoch)s - (drop_date + time '06:00') AT TIME ZONE zone) / 86400)
            - %(closing_low_days)s + 1) / (%(closing_high_days)s - %(closing_low_days)s + 1))) ELSE 0 END AS completed
    FROM campaigns WHERE created_at < %(epoch)s
),
shares (place, status, share) AS (
    SELECT 1, 'completed', coalesce(avg(completed), 0) FROM mixed
    UNION ALL SELECT 2, 'in_production', 0.15
    UNION ALL SELECT 3, 'mailed', 0.75 - coalesce(avg(completed), 0) FROM mixed
    UNION ALL SELECT 4, 'draft', 0.10
),
mix AS (
    SELECT max(total) AS n, sum(abs(n / nullif(total, 0) - share)) / 2 AS variation,
        (1 + 4 * sqrt((SELECT sum(completed * (1 - completed)) FROM mixed))) / nullif(max(total), 0) AS tolerance,
        max(abs(n - total * share)) FILTER (WHERE status IN ('draft', 'in_production')) AS unsteady,
        string_agg(status || ' ' || round(100 * share), ', ' ORDER BY place) AS wanted,
        string_agg(status || ' ' || coalesce(round(100 * n / nullif(total, 0)), 0), ', ' ORDER BY place) AS found
    FROM (SELECT w.*, (SELECT count(*) FROM mixed AS m WHERE m.status = w.status)::numeric AS n, (SELECT count(*) FROM mixed)::numeric AS total
        FROM shares AS w) AS s
),
dates AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE NOT (created_on <= mail_date AND mail_date <= drop_date)) AS disordered,
        count(*) FILTER (WHERE mail_date - created_on NOT BETWEEN 7 AND 21) AS led,
        min(mail_date - created_on) || ' to ' || max(mail_date - created_on) AS lead,
        count(*) FILTER (WHERE drop_date - mail_date NOT BETWEEN 3 AND 5) AS dropped,
        min(drop_date - mail_date) || ' to ' || max(drop_date - mail_date) AS drop,
        count(*) FILTER (WHERE completed_at NOT BETWEEN drop_date + %(closing_low_days)s * interval '1 day'
            AND drop_date + (%(closing_high_days)s + 2) * interval '1 day'
            OR completed_at IS NULL AND drop_date + (%(closing_high_days)s + 2) * interval '1 day' < %(watermark)s) AS closed
    FROM campaigns
),
happened AS MATERIALIZED (
    SELECT e.recipient_id, e.event_type, e.occurred_at, c.drop_date, (e.occurred_at AT TIME ZONE c.zone)::date AS day
    FROM public.events AS e JOIN campaigns AS c ON c.id = e.campaign_id
    WHERE e.event_type IN ('imb_delivered', 'qr_scan', 'purl_visit', 'call_received')
),
lags AS (
    SELECT h.event_type, h.day - d.day AS days, d.day AS delivered_on, h.day
    FROM happened AS h JOIN happened AS d ON d.recipient_id = h.recipient_id AND d.event_type = 'imb_delivered'
    WHERE h.event_type <> 'imb_delivered'
),
engaged AS (
    SELECT w.event_type, w.title, w.most, count(l.days) AS n, count(*) FILTER (WHERE l.days NOT BETWEEN 1 AND w.most) AS wrong,
        min(l.days) || ' to ' || max(l.days) AS found
    FROM (VALUES ('qr_scan', 'scan', 7), ('purl_visit', 'visit', 14), ('call_received', 'call', 6)) AS w (event_type, title, most)
    LEFT JOIN lags AS l USING (event_type) GROUP BY 1, 2, 3
),
delivery AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE day - drop_date NOT BETWEEN 2 AND 5) AS wrong,
        min(day - drop_date) || ' to ' || max(day - drop_date) AS found
    FROM happened WHERE event_type = 'imb_delivered'
),
-- Days on which something is decided evenly: of what is over by now only, since a part of it would be the quick ones.
even (title, days, n) AS (
    SELECT 'from mail date to drop', days, (SELECT count(*) FROM campaigns AS c WHERE c.drop_date - c.mail_date = days AND c.gone)
    FROM generate_series(3, 5) AS d (days)
    UNION ALL
    SELECT 'from drop to delivery', days, (SELECT count(*) FROM happened AS h
        WHERE h.event_type = 'imb_delivered' AND h.day - h.drop_date = days AND h.drop_date < t.day - 7)
    FROM today AS t, generate_series(2, 5) AS d (days)
    UNION ALL
    SELECT 'from creation to mail date', days, (SELECT count(*) FROM campaigns AS c WHERE c.mail_date - c.created_on = days AND c.gone)
    FROM generate_series(7, 21) AS d (days)
),
evens AS (
    SELECT title, sum(n) AS n, count(*) - 1 AS freedom, min(days) || ' to ' || max(days) AS wanted,
        sum(power(n - total / many, 2) / nullif(total / many, 0)) AS chi, min(total / many) AS least, min(n) || ' to ' || max(n) AS found
    FROM (SELECT title, days, n, sum(n) OVER (PARTITION BY title) AS total, count(*) OVER (PARTITION BY title) AS many FROM even) AS e
    GROUP BY title
),
-- Seasons: what the weights expect of the very hours over which mail dates spread, read where the platform is.
calendar AS (
    SELECT h.at::date AS day, (ARRAY[0.8, 0.9, 1.0, 1.1, 1.2, 0.9, 0.8, 0.9, 1.1, 1.3, 1.4, 1.2])[extract(month FROM h.at)::int] AS of_month,
        (ARRAY[1.0, 1.2, 1.3, 1.2, 0.9, 0.4, 0.3])[extract(isodow FROM h.at)::int] AS of_weekday
    FROM generate_series(%(epoch)s - (%(days)s + 1) * interval '24 hours', %(epoch)s - interval '15 minutes', interval '15 minutes') AS s (at),
        LATERAL (SELECT s.at AT TIME ZONE %(timezone)s AS at) AS h
    WHERE extract(hour FROM h.at) BETWEEN 8 AND 11
),
gone AS (
    SELECT mailed_on AS day FROM campaigns WHERE gone
),
seasons (title, part, share, n) AS (
    SELECT 'by month', part, share, (SELECT count(*) FROM gone AS g WHERE to_char(g.day, 'YYYY-MM') = part)
    FROM (SELECT to_char(day, 'YYYY-MM') AS part, sum(of_month * of_weekday) AS share FROM calendar GROUP BY 1) AS c
    UNION ALL
    SELECT 'by weekday, Monday first', part, share, (SELECT count(*) FROM gone AS g WHERE extract(isodow FROM g.day)::text = part)
    FROM (SELECT extract(isodow FROM day)::text AS part, sum(of_month * of_weekday) AS share FROM calendar GROUP BY 1) AS c
),
seasonal AS (
    SELECT title, sum(n) AS n, (SELECT count(*) FROM gone) AS of, count(*) - 1 AS freedom,
        sum(power(n - total * share / whole, 2) / nullif(total * share / whole, 0)) AS chi, min(total * share / whole) AS least,
        max(abs(n - total * share / whole)) AS furthest,
        string_agg(round(100 * share / whole, 1)::float8::text, '/' ORDER BY part) AS wanted,
        string_agg(round(100.0 * n / nullif(total, 0), 1)::float8::text, '/' ORDER BY part) AS found
    FROM (SELECT *, sum(n) OVER (PARTITION BY title) AS total, sum(share) OVER (PARTITION BY title) AS whole FROM seasons) AS s
    GROUP BY title
),
reasons AS (
    SELECT CASE WHEN %(watermark)s < %(epoch)s THEN 'history is not over yet' END AS young,
        CASE WHEN NOT %(enabled)s THEN 'enabled is off: no campaign begins' END AS idle,
        CASE WHEN %(pipeline)s = 'steady' THEN 'campaigns come at one rate in this scenario' END AS steady,
        CASE WHEN %(carriers_rest)s THEN 'the post rests on Sundays and holidays in this scenario' END AS resting,
        (SELECT 'a clean-up deleted ' || string_agg(n || ' of ' || path, ', ')
         FROM jsonb_each_text(%(removed)s) AS t (path, n) WHERE n <> '0') AS cleaned
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'E11', 'campaigns whose status is not what their dates say', '', '0', wrong::text, wrong = 0, NULL, 'of ' || n FROM statuses
    UNION ALL
    SELECT 'E11', 'statuses at the epoch, in percent', '60 completed, 20 active, 10 draft', wanted, found,
        variation <= tolerance AND unsteady <= 1, coalesce(young, idle, cleaned, steady, CASE WHEN coalesce(n, 0) = 0 THEN 'there are no campaigns' END),
        'specified in two ways; this follows 60/15/15/10, the specification''s add up to 90; how many are completed,'
            || ' by closing_low_days and closing_high_days; variation ' || round(variation, 3)::float8 || ', within ' || round(tolerance, 3)::float8
    FROM mix, reasons
    UNION ALL
    SELECT 'E12', 'campaigns not created before their mail date, and mailed before their drop', 'created, mail date, drop', '0', disordered::text, disordered = 0, NULL,
        'of ' || n FROM dates
    UNION ALL
    SELECT 'E12', 'campaigns whose mail date is not 7 to 21 days after their creation', '7 to 21 days', '0', led::text, led = 0, NULL, lead || ' days' FROM dates
    UNION ALL
    SELECT 'E12', 'campaigns whose drop is not 3 to 5 days after the mail date', '3 to 5 days', '0', dropped::text, dropped = 0, NULL, drop || ' days' FROM dates
    UNION ALL
    SELECT '4.4', 'campaigns not completed ' || %(closing_low_days)s || ' to ' || %(closing_high_days)s || ' days after their drop', '30 to 60 days', '0',
        closed::text, closed = 0, NULL, 'by scenario, so that the mix of statuses (E11) fits its months' FROM dates
    UNION ALL
    SELECT 'E12', 'pieces of mail not delivered 2 to 5 days after the drop', '2 to 5 days', '0', wrong::text, wrong = 0, NULL,
        concat_ws(', ', 'of ' || n, found || ' days') FROM delivery
    UNION ALL
    SELECT 'E12', title || 's not 1 to ' || most || ' days after delivery', '1 to 14 days', '0', wrong::text, wrong = 0, NULL, concat_ws(', ', 'of ' || n, found || ' days')
    FROM engaged
    UNION ALL
    SELECT 'E12', 'chi-square of days ' || title || ' being even', '', 'at most ' || round(bound::numeric, 2), round(chi, 2)::text, chi <= bound,
        coalesce(idle, CASE WHEN title <> 'from creation to mail date' THEN resting END, CASE WHEN coalesce(least, 0) < 5 THEN 'only ' || n || ' are old enough' END), wanted || ' days, ' || found || ' of ' || n || ' each'
    FROM evens, reasons, LATERAL (SELECT freedom * power(1 - 2 / (9.0 * freedom) + 4.3 * sqrt(2 / (9.0 * freedom)), 3)) AS b (bound)
    UNION ALL
    -- Campaigns are spread over their span in proportion to its days, so that a month is never far off.
    SELECT 'E14', 'mail dates by month, in percent', 'fourth quarter 1.4, summer 0.8', wanted, found, furthest <= 2 AND n = of,
        coalesce(young, idle, cleaned, CASE WHEN n = 0 THEN 'nothing was mailed yet' END),
        concat_ws('; ', 'of ' || n || ', furthest ' || round(furthest, 2)::float8 || ' campaigns, within 2',
            'specified in two ways; this follows the twelve weights, of which only November is 1.4',
            %(months)s || ' months show ' || CASE WHEN %(months)s < 12 THEN 'a part of them' ELSE 'all of them' END,
            CASE WHEN n < of THEN of - n || ' lie on days outside history' END)
    FROM seasonal, reasons WHERE title = 'by month'
    UNION ALL
    SELECT 'E20', 'days from the first mail date to the last before the epoch', '1 / 3 / 6 / 12 months', %(days)s::text, (last - first)::text,
        abs(last - first - %(days)s) <= 1,
        coalesce(young, idle, cleaned, CASE WHEN %(campaigns_mailed)s < 2 THEN 'fewer than two campaigns were mailed' END),
        'within 1; ' || %(months)s || ' months of 365/12 days'
    FROM (SELECT min(day) AS first, max(day) AS last FROM gone) AS g, reasons
    UNION ALL
    SELECT 'E15', 'mail dates by weekday, Monday first, in percent', 'Wednesday 1.3, weekend 0.3 to 0.4', wanted, found, chi <= bound AND n = of,
        coalesce(young, idle, cleaned, CASE WHEN coalesce(least, 0) < 1 THEN 'too few campaigns: ' || n END),
        'of ' || n || ', chi-square ' || round(chi, 2) || ', at most ' || round(bound::numeric, 2)
    FROM seasonal, reasons, LATERAL (SELECT freedom * power(1 - 2 / (9.0 * freedom) + 4.3 * sqrt(2 / (9.0 * freedom)), 3)) AS b (bound)
    WHERE title LIKE 'by weekday%%' AND freedom > 0
)
SELECT id, title, documented, target, coalesce(measured, 'none') AS measured, CASE WHEN why IS NULL THEN coalesce(ok, false) END AS ok,
    coalesce(why, note, '') AS note
FROM lines
