-- chart: line · Answers after delivery, by the month of the mail · percent of recipients with mail who answered within so many days of it
WITH ours AS MATERIALIZED (
    SELECT c.id, date_trunc('month', c.mail_date::timestamp) AS cohort, c.mail_date FROM public.campaigns AS c
    WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8' AND c.mail_date IS NOT NULL
),
did AS MATERIALIZED (
    SELECT o.cohort, e.recipient_id, min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_delivered') AS delivered,
        min(e.occurred_at) FILTER (WHERE e.source <> 'usps') AS answered
    FROM public.events AS e JOIN ours AS o ON o.id = e.campaign_id
    GROUP BY o.cohort, e.recipient_id
),
-- A day counts once it is over for everybody of a month who got their mail.
cohorts AS MATERIALIZED (
    SELECT cohort, count(*) AS people,
        floor(extract(epoch FROM %(watermark)s::timestamptz - max(delivered)) / 86400)::integer AS days
    FROM did WHERE delivered IS NOT NULL GROUP BY cohort HAVING count(*) >= 20
),
latest AS (
    SELECT * FROM cohorts WHERE days >= 1 ORDER BY cohort DESC LIMIT 6
)
SELECT d.day AS label, round(100.0 * (
        SELECT count(*) FROM did
        WHERE did.cohort = l.cohort AND did.delivered IS NOT NULL AND did.answered < did.delivered + d.day * interval '1 day'
    ) / l.people, 1) AS value, to_char(l.cohort, 'YYYY-MM') AS series
FROM latest AS l CROSS JOIN LATERAL generate_series(1, least(l.days, 21)) AS d (day)
ORDER BY l.cohort, d.day
