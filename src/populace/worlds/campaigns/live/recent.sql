-- Campaigns that were mailed last, and how many of their recipients were thanked: at, who, what, done, total, state, person.
SELECT m.mail_date::timestamp AT TIME ZONE 'UTC' AS at, k.name AS who, m.name AS what,
    (SELECT count(*) FROM public.gift_card_billing_ledger AS l WHERE l.campaign_id = m.id) AS done,
    a.valid_count AS total, replace(m.status::text, '_', ' ') AS state, NULL::uuid AS person
FROM (
    SELECT c.* FROM public.campaigns AS c
    WHERE c.status IN ('mailed', 'in_production') AND c.is_simulated AND c.mail_date <= %(until)s::date
    ORDER BY c.mail_date DESC, c.id
    LIMIT 8
) AS m
JOIN public.clients AS k ON k.id = m.client_id
LEFT JOIN public.audiences AS a ON a.id = m.audience_id
ORDER BY m.mail_date DESC, m.id
