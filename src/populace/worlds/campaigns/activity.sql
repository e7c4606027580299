-- What happened in the last so many hours of simulated time, by kind. hours: a whole number.
WITH period AS MATERIALIZED (
    SELECT n - make_interval(hours => %(hours)s::integer) AS since, n AS until FROM (SELECT populace.now() AS n) AS clock
),
ours AS MATERIALIZED (SELECT id, mail_date FROM public.campaigns WHERE is_simulated),
events AS MATERIALIZED (
    SELECT e.event_type AS kind, count(*) AS n
    FROM public.events AS e
    WHERE e.occurred_at >= (SELECT since FROM period) AND e.occurred_at <= (SELECT until FROM period)
      AND e.campaign_id IN (SELECT id FROM ours)
    GROUP BY e.event_type
),
calls AS MATERIALIZED (
    SELECT c.call_status AS kind, count(*) AS n
    FROM public.call_sessions AS c
    WHERE c.call_started_at >= (SELECT since FROM period) AND c.call_started_at <= (SELECT until FROM period)
      AND c.is_simulated
    GROUP BY c.call_status
),
cards AS MATERIALIZED (
    SELECT l.transaction_type AS kind, count(*) AS n, sum(l.amount_billed) AS billed
    FROM public.gift_card_billing_ledger AS l
    WHERE l.billed_at >= (SELECT since FROM period) AND l.billed_at <= (SELECT until FROM period)
      AND l.campaign_id IN (SELECT id FROM ours)
    GROUP BY l.transaction_type
),
errors AS MATERIALIZED (
    SELECT e.error_type AS kind, count(*) AS n
    FROM public.error_logs AS e
    WHERE e.occurred_at >= (SELECT since FROM period) AND e.occurred_at <= (SELECT until FROM period)
      AND e.metadata ->> 'simulated' = 'true'
    GROUP BY e.error_type
)
SELECT json_build_object(
    'period_hours', %(hours)s::integer,
    'since', (SELECT since FROM period),
    'events_by_type', (SELECT coalesce(json_object_agg(kind, n ORDER BY n DESC, kind), '{}') FROM events),
    'calls_by_status', (SELECT coalesce(json_object_agg(kind, n ORDER BY n DESC, kind), '{}') FROM calls),
    'cards_by_source', (SELECT coalesce(json_object_agg(kind, n ORDER BY n DESC, kind), '{}') FROM cards),
    'billed_usd', (SELECT coalesce(sum(billed), 0) FROM cards),
    'errors_by_type', (SELECT coalesce(json_object_agg(kind, n ORDER BY n DESC, kind), '{}') FROM errors),
    'total_events', (SELECT coalesce(sum(n), 0)::bigint FROM events)
) AS activity
