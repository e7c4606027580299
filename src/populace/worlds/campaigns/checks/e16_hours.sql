-- E15, E16, E26: when people call, scan and visit, by the clocks where the client is; when the platform is slow; and that
-- errors come in incidents. Weekdays and peaks are judged against the document. Of hours it names only peaks, and of calls
-- no day is the day of delivery: these are judged by what their decisions expect too, read from the accounts as shares.
WITH campaigns AS MATERIALIZED (
    SELECT c.id, k.timezone AS zone FROM public.campaigns AS c JOIN public.clients AS k ON k.id = c.client_id
    WHERE c.is_simulated AND substr(c.simulation_batch_id::text, 15, 1) = '8'
),
happened AS MATERIALIZED (
    SELECT e.campaign_id, e.recipient_id, CASE e.event_type WHEN 'qr_scan' THEN 'scan' WHEN 'purl_visit' THEN 'visit' WHEN 'call_received' THEN 'call' ELSE '' END AS kind,
        e.occurred_at AT TIME ZONE c.zone AS at, e.occurred_at
    FROM public.events AS e JOIN campaigns AS c ON c.id = e.campaign_id
    WHERE e.event_type IN ('imb_delivered', 'qr_scan', 'purl_visit', 'call_received')
),
-- Only what follows from mail delivered long enough ago: of the rest, the quick answers have come and the slow ones not.
settled AS MATERIALIZED (
    SELECT h.campaign_id, h.kind, extract(hour FROM h.at)::int AS hour, extract(isodow FROM h.at)::int AS weekday, extract(isodow FROM d.at)::int AS delivered_on
    FROM happened AS h JOIN happened AS d ON d.recipient_id = h.recipient_id AND d.kind = ''
    WHERE h.kind <> '' AND d.occurred_at < %(watermark)s - interval '16 days'
),
hours (kind, hour, share) AS (
    SELECT k.kind, w.place - 1, w.expected::numeric / nullif(sum(w.expected::numeric) OVER (PARTITION BY k.kind), 0)
    FROM (VALUES ('scan'), ('visit'), ('call')) AS k (kind),
        LATERAL jsonb_array_elements_text(%(draw_statistics)s #> ARRAY['choices', k.kind || '.hour', '1']) WITH ORDINALITY AS w (expected, place)
),
by_hour AS (
    SELECT kind, sum(n) AS n, greatest(count(*) FILTER (WHERE share > 0) - 1, 1) AS freedom, sum(n) FILTER (WHERE share = 0) AS never,
        sum(power(n - total * share, 2) / nullif(total * share, 0)) AS chi, min(total * share) FILTER (WHERE share > 0) AS least,
        (array_agg(hour ORDER BY n DESC))[1:3] AS busiest
    FROM (SELECT h.kind, h.hour, h.share, coalesce(s.n, 0)::numeric AS n, sum(coalesce(s.n, 0)) OVER (PARTITION BY h.kind) AS total
        FROM hours AS h LEFT JOIN (SELECT kind, hour, count(*) AS n FROM settled GROUP BY 1, 2) AS s ON s.kind = h.kind AND s.hour = h.hour) AS e
    GROUP BY kind
),
-- E15 as the document has it: a week of days to come holds each weekday once, so it is picked by its weight.
weights (weekday, weight) AS (
    SELECT place::int, weight FROM unnest(ARRAY[1.0, 1.2, 1.3, 1.2, 0.9, 0.4, 0.3]) WITH ORDINALITY AS w (weight, place)
),
by_weekday AS (
    SELECT kind, sum(n) AS n, sum(power(n - expected, 2) / nullif(expected, 0)) AS chi, min(expected) AS least, sum(abs(n - expected)) / 2 / nullif(sum(n), 0) AS variation,
        string_agg(round(100 * share, 1)::float8::text, '/' ORDER BY weekday) AS wanted,
        string_agg(round(100 * n / nullif(total, 0), 1)::float8::text, '/' ORDER BY weekday) AS found
    FROM (SELECT w.*, share * total AS expected
        FROM (SELECT k.kind, d.weekday, d.weight / sum(d.weight) OVER (PARTITION BY k.kind) AS share, coalesce(s.n, 0)::numeric AS n,
                sum(coalesce(s.n, 0)) OVER (PARTITION BY k.kind) AS total
            FROM (VALUES ('scan'), ('visit'), ('call')) AS k (kind) CROSS JOIN weights AS d
            LEFT JOIN (SELECT kind, weekday, count(*) AS n FROM settled GROUP BY 1, 2) AS s ON s.kind = k.kind AND s.weekday = d.weekday) AS w) AS e
    GROUP BY kind
),
-- A call comes within six days, so never on the weekday of the delivery: the k-th day after one (Monday 0) is as likely as
-- its decision says, added up over the days of delivery.
lags (weekday, delivered_on, share) AS (
    SELECT (d.day + w.place::int) %% 7 + 1, d.day + 1, sum(w.expected::numeric) / nullif(sum(sum(w.expected::numeric)) OVER (PARTITION BY d.day), 0)
    FROM generate_series(0, 6) AS d (day),
        LATERAL jsonb_array_elements_text(%(draw_statistics)s #> ARRAY['choices', 'call.days.' || d.day, '1']) WITH ORDINALITY AS w (expected, place)
    GROUP BY d.day, 1
),
called AS (
    SELECT sum(n) AS n, sum(power(n - expected, 2) / nullif(expected, 0)) AS chi, min(expected) AS least
    FROM (SELECT l.weekday, sum(l.share * coalesce(d.n, 0)) AS expected, (SELECT count(*) FROM settled AS s WHERE s.kind = 'call' AND s.weekday = l.weekday)::numeric AS n
        FROM lags AS l LEFT JOIN (SELECT delivered_on, count(*) AS n FROM settled WHERE kind = 'call' GROUP BY 1) AS d USING (delivered_on)
        GROUP BY l.weekday) AS e
),
-- E16: calls of anybody, settled or not, and by their own rows.
calls AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE extract(hour FROM s.call_started_at AT TIME ZONE c.zone) NOT BETWEEN 9 AND 16) AS outside
    FROM public.call_sessions AS s JOIN campaigns AS c ON c.id = s.campaign_id
),
metrics AS MATERIALIZED (
    SELECT metric_type, duration_ms, extract(hour FROM recorded_at AT TIME ZONE %(timezone)s)::int AS hour
    FROM public.performance_metrics WHERE metadata ->> 'simulated' = 'true'
),
-- A duration in parts of what its type takes in usual hours; the mean of three draws deviates by a sixth of its range.
paces AS (
    SELECT CASE WHEN m.hour IN (10, 14, 15) THEN 'peak' WHEN m.hour BETWEEN 9 AND 16 THEN 'usual' ELSE 'off' END AS pace,
        count(*)::numeric AS n, avg(m.duration_ms / ((t.low + t.high) / 2)) AS mean,
        count(*) FILTER (WHERE m.duration_ms NOT BETWEEN floor(0.8 * t.low) AND ceil(1.3 * t.high)) AS beyond
    FROM metrics AS m JOIN (VALUES ('page_load', 50.0, 500.0), ('api_response', 20.0, 200.0), ('edge_function', 10.0, 100.0), ('database_query', 5.0, 50.0))
        AS t (metric_type, low, high) USING (metric_type)
    GROUP BY 1
),
pace AS (
    SELECT w.pace, w.factor, p.n, p.mean, 4 * 0.28 * w.factor / sqrt(nullif(p.n, 0)) + 0.01 AS tolerance
    FROM (VALUES ('peak', 1.3), ('usual', 1.0), ('off', 0.8)) AS w (pace, factor) LEFT JOIN paces AS p USING (pace)
),
usage AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE hour BETWEEN 9 AND 16) AS business, (array_agg(hour ORDER BY hour_n DESC))[1] AS busiest
    FROM (SELECT extract(hour FROM occurred_at AT TIME ZONE %(timezone)s)::int AS hour,
            count(*) OVER (PARTITION BY extract(hour FROM occurred_at AT TIME ZONE %(timezone)s)) AS hour_n
        FROM public.usage_analytics WHERE metadata ->> 'simulated' = 'true') AS u
),
-- E26: hours of history, each with its errors.
logged AS MATERIALIZED (
    SELECT occurred_at AS at FROM public.error_logs
    WHERE metadata ->> 'simulated' = 'true' AND occurred_at >= %(epoch)s - %(days)s * interval '1 day' AND occurred_at < %(epoch)s
),
errors AS (
    SELECT sum(n) AS n, avg(n) AS mean, var_samp(n) / nullif(avg(n), 0) AS dispersion
    FROM (SELECT h.hour, count(l.at)::numeric AS n
        FROM generate_series(%(epoch)s - %(days)s * interval '1 day', %(epoch)s - interval '1 hour', interval '1 hour') AS h (hour)
        LEFT JOIN logged AS l ON l.at >= h.hour AND l.at < h.hour + interval '1 hour' GROUP BY 1) AS e
),
-- Incidents bring so many errors an hour; all of them together half of all errors, at most. Errors are spread evenly over
-- their calendar, so that a part of it has what it is due, give or take one at each end.
windows AS (
    SELECT hours, a_hour, since, hours * a_hour * least(1, %(errors)s / (2 * sum(hours * a_hour) OVER ())) AS expected
    FROM (VALUES (15, 10, 2, 10.0), (45, 14, 3, 15.0)) AS i (day, begins, hours, a_hour),
        LATERAL (SELECT %(epoch)s - %(days)s * interval '1 day' + day * interval '1 day' + begins * interval '1 hour') AS w (since)
    WHERE day < %(days)s
),
incidents AS (
    SELECT w.*, (SELECT count(*) FROM logged AS e WHERE e.at >= w.since AND e.at < w.since + w.hours * interval '1 hour') AS n
    FROM windows AS w
),
found AS (
    SELECT count(*) AS wanted, count(*) FILTER (WHERE abs(n - expected) <= 2) AS found,
        string_agg(n || ' of ' || round(expected, 1)::float8 || ' in ' || hours || ' hours', '; ' ORDER BY since) AS emitted
    FROM incidents
),
reasons AS (
    SELECT CASE WHEN %(watermark)s < %(epoch)s THEN 'history is not over yet' END AS young,
        CASE WHEN NOT %(enabled)s THEN 'enabled is off' END AS idle,
        CASE WHEN NOT %(even_days)s THEN 'days and hours are people''s own in this scenario' END AS own,
        (SELECT 'a clean-up deleted ' || string_agg(n || ' of ' || path, ', ')
         FROM jsonb_each_text(%(removed)s) AS t (path, n) WHERE n <> '0') AS cleaned,
        CASE WHEN NOT %(analytics)s THEN 'analytics is off' END AS unmeasured, CASE WHEN NOT %(error_logs)s THEN 'error_logs is off' END AS unlogged
),
lines (id, title, documented, target, measured, ok, why, note) AS (
    SELECT 'E16', 'calls that do not begin from nine on and before five, where the client is', '9 to 5', '0', outside::text, outside = 0,
        CASE WHEN NOT %(call_center)s THEN 'call_center is off' END, 'of ' || n FROM calls
    UNION ALL
    SELECT 'E16', 'chi-square of the hours of ' || kind || 's', CASE kind WHEN 'call' THEN 'peak at 10 AM, 2-3 PM' ELSE '' END,
        'at most ' || round(bound::numeric, 2), round(chi, 2)::text, chi <= bound AND coalesce(never, 0) = 0,
        coalesce(own, cleaned, CASE WHEN coalesce(least, 0) < 1 THEN 'only ' || n || ' are old enough' END),
        'of ' || n || '; against what their decisions expect; busiest at ' || array_to_string(busiest, ', ') || ' o''clock'
            || CASE kind WHEN 'call' THEN '; specified in two ways; this follows peaks in the hours 10, 14 and 15: "2-3 PM" is the same thing' ELSE '' END
    FROM by_hour, reasons, LATERAL (SELECT freedom * power(1 - 2 / (9.0 * freedom) + 4.3 * sqrt(2 / (9.0 * freedom)), 3)) AS b (bound)
    UNION ALL
    SELECT 'E16', 'busiest hours of calls', '10 AM, 2 PM or 3 PM', CASE WHEN n < 20000 THEN '10, 14 or 15' ELSE '10, 14 and 15' END,
        array_to_string(busiest[:many], ', '), busiest[:many] <@ ARRAY[10, 14, 15]::bigint[],
        coalesce(own, CASE WHEN n < 2000 THEN 'only ' || n || ' calls are old enough' END), CASE WHEN n < 20000 THEN 'all three from 20000 calls on' END
    FROM by_hour, reasons, LATERAL (SELECT CASE WHEN n < 20000 THEN 1 ELSE 3 END) AS m (many) WHERE kind = 'call'
    UNION ALL
    -- Days of delivery are not all alike, and calls leave them out: their shares are near the weights, and judged apart.
    SELECT 'E15', 'weekdays of ' || kind || 's, Monday first, in percent', 'Wednesday 1.3, weekend 0.3 to 0.4', CASE kind WHEN 'call' THEN 'info' ELSE wanted END, found,
        CASE WHEN kind <> 'call' THEN chi <= bound AND (n < 20000 OR variation <= 0.01) END,
        coalesce(own, cleaned, CASE WHEN coalesce(least, 0) < 5 THEN 'only ' || n || ' are old enough' END),
        concat_ws('; ', 'of ' || n || ', variation ' || round(variation, 4)::float8, CASE kind
            WHEN 'call' THEN 'the weights ' || wanted || ', judged by the days of delivery'
                || '; specified in two ways; this follows picking the day among those that come, by weight: shifting weekends would make Mondays 43 percent'
            ELSE 'chi-square ' || round(chi, 2) || ', at most ' || round(bound::numeric, 2) END)
    FROM by_weekday, reasons, LATERAL (SELECT 6 * power(1 - 2 / 54.0 + 4.3 * sqrt(2 / 54.0), 3)) AS b (bound)
    UNION ALL
    SELECT 'E15', 'chi-square of the weekdays of calls, by the days of delivery', '', 'at most ' || round(bound::numeric, 2), round(chi, 2)::text, chi <= bound,
        coalesce(own, cleaned, CASE WHEN coalesce(least, 0) < 5 THEN 'only ' || coalesce(n, 0) || ' are old enough' END),
        'of ' || n || '; against what their decisions expect'
    FROM called, reasons, LATERAL (SELECT 6 * power(1 - 2 / 54.0 + 4.3 * sqrt(2 / 54.0), 3)) AS b (bound)
    UNION ALL
    SELECT 'E16', 'durations in ' || pace || ' hours, in parts of the middle of their range', CASE pace WHEN 'peak' THEN 'slower at 10, 14 and 15' ELSE '' END,
        factor::float8::text, round(mean, 4)::float8::text, abs(mean - factor) <= tolerance,
        coalesce(unmeasured, CASE WHEN coalesce(n, 0) < 100 THEN 'only ' || coalesce(n, 0) || ' metrics' END), 'of ' || n || ', within ' || round(tolerance, 3)::float8
    FROM pace, reasons
    UNION ALL
    SELECT 'E17', 'metrics beyond the range of their type', '', '0', coalesce(sum(beyond), 0)::text, coalesce(sum(beyond), 0) = 0 AND coalesce(sum(n), 0) = (SELECT count(*) FROM metrics),
        max(unmeasured), 'of ' || (SELECT count(*) FROM metrics) || ', of a known type ' || coalesce(sum(n), 0)
    FROM paces RIGHT JOIN reasons ON true
    UNION ALL
    SELECT 'E16', 'use of the platform in business hours', '9 to 5, peak at 10 AM, 2-3 PM', 'more than half, busiest at 10, 14 or 15',
        round(business / nullif(n, 0)::numeric, 3) || ', busiest at ' || busiest,
        2 * business > n AND (n < 5000 OR busiest IN (10, 14, 15)), coalesce(unmeasured, CASE WHEN n < 200 THEN 'only ' || n || ' events' END), 'of ' || n
    FROM usage, reasons
    UNION ALL
    SELECT 'E26', 'variance over mean of errors an hour', 'incident spikes', 'info', round(dispersion, 2)::text, NULL,
        coalesce(unlogged, young, idle, cleaned, CASE WHEN coalesce(n, 0) < 200 THEN 'only ' || coalesce(n, 0) || ' errors' WHEN wanted = 0 THEN 'history is shorter than a fortnight' END),
        n || ' errors; 1 where nothing but chance brings them; incidents are judged one by one'
    FROM errors, found, reasons
    UNION ALL
    SELECT 'E26', 'incidents that show', '10 times for 2 hours, 15 times for 3 hours', wanted::text, found.found::text, found.found = wanted,
        coalesce(unlogged, young, idle, cleaned, CASE WHEN coalesce(n, 0) < 200 THEN 'only ' || coalesce(n, 0) || ' errors' WHEN wanted = 0 THEN 'history is shorter than a fortnight' END),
        'specified in two ways; this follows its other line, so many errors an hour: as multiples of the usual rate, a thousand a year would show none; ' || emitted || ', give or take 2'
    FROM errors, found, reasons
)
SELECT id, title, documented, target, coalesce(measured, 'none') AS measured, CASE WHEN why IS NULL AND target <> 'info' THEN coalesce(ok, false) END AS ok, coalesce(why, note, '') AS note
FROM lines
