-- What campaigns are doing now, in simulated time: where each stands, and what recipients did in the last hour.
WITH moment AS MATERIALIZED (SELECT populace.now() AS now),
ours AS MATERIALIZED (SELECT id, name, status, mail_date, drop_date, created_at FROM public.campaigns WHERE is_simulated)
SELECT json_build_object(
    'campaigns_by_status', (
        SELECT coalesce(json_object_agg(status, n ORDER BY status), '{}')
        FROM (SELECT status, count(*) AS n FROM ours GROUP BY status) AS by_status),
    'last_hour', (
        SELECT coalesce(json_object_agg(event_type, n ORDER BY event_type), '{}')
        FROM (
            SELECT e.event_type, count(*) AS n
            FROM public.events AS e
            WHERE e.occurred_at >= (SELECT now - interval '1 hour' FROM moment)
              AND e.occurred_at <= (SELECT now FROM moment)
              AND e.campaign_id IN (SELECT id FROM ours)
            GROUP BY e.event_type) AS by_type),
    'next_mailings', (
        SELECT coalesce(json_agg(c ORDER BY c.mail_date, c.id), '[]')
        FROM (
            SELECT id, name, status, mail_date, drop_date FROM ours
            WHERE status IN ('draft', 'in_production')
            ORDER BY mail_date, id
            LIMIT 5) AS c)
) AS activity
