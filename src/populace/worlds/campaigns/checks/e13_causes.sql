-- E13, E25 and the document's groups of relations and sequences: what a recipient does, by type, each thing after what it
-- follows from. Also that every kind of event occurs, and that whoever is a contact takes part in the campaign.
WITH campaigns AS MATERIALIZED (
    SELECT id, client_id, created_at FROM public.campaigns WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
recipients AS MATERIALIZED (
    SELECT r.* FROM public.recipients AS r WHERE r.campaign_id IN (SELECT id FROM campaigns)
),
did AS MATERIALIZED (
    SELECT e.recipient_id, count(*) AS events,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_injected') AS injected,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'imb_delivered') AS delivered,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'qr_scan') AS scanned,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'purl_visit') AS visited,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'form_submitted') AS submitted,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'lead_captured') AS qualified,
        min(e.occurred_at) FILTER (WHERE e.event_type = 'call_received') AS called,
        count(*) - count(DISTINCT e.event_type) AS twice
    FROM public.events AS e WHERE e.campaign_id IN (SELECT id FROM campaigns) GROUP BY 1
),
whole AS MATERIALIZED (
    SELECT r.id, r.created_at AS uploaded, d.injected, d.delivered, d.scanned, d.visited, d.submitted, d.qualified, d.called, d.twice,
        s.call_started_at AS session, s.call_answered_at AS answered, r.sms_opt_in_sent_at AS asked, o.opted_in_at AS opted_in, o.opted_out_at AS opted_out,
        l.billed_at AS given, r.redemption_completed_at AS redeemed
    FROM recipients AS r
    LEFT JOIN did AS d ON d.recipient_id = r.id
    LEFT JOIN public.call_sessions AS s ON s.recipient_id = r.id
    LEFT JOIN public.sms_opt_ins AS o ON o.recipient_id = r.id
    LEFT JOIN public.gift_card_billing_ledger AS l ON l.recipient_id = r.id AND l.transaction_type <> 'refund'
),
-- Each effect with its cause: an effect without one counts too, and so does one that is not later.
pairs (title, n, wrong) AS (
    SELECT 'sent, after they were listed', count(injected), count(*) FILTER (WHERE injected < uploaded) FROM whole
    UNION ALL SELECT 'delivered, after they were sent', count(delivered), count(*) FILTER (WHERE delivered IS NOT NULL AND (injected < delivered) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'scanned, after they were delivered', count(scanned), count(*) FILTER (WHERE scanned IS NOT NULL AND (delivered < scanned) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'visited, after they were delivered', count(visited), count(*) FILTER (WHERE visited IS NOT NULL AND (delivered < visited) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'submitted, after the visit', count(submitted), count(*) FILTER (WHERE submitted IS NOT NULL AND (visited < submitted) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'leads, after the form', count(qualified), count(*) FILTER (WHERE qualified IS NOT NULL AND (submitted < qualified) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'calls, after the delivery', count(called), count(*) FILTER (WHERE called IS NOT NULL AND (delivered < called) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'sessions, with the call as an event', count(session), count(*) FILTER (WHERE session IS NOT NULL AND session IS DISTINCT FROM called) FROM whole
    UNION ALL SELECT 'answers, after the call', count(answered), count(*) FILTER (WHERE answered <= session) FROM whole
    UNION ALL SELECT 'questions, after the answer (or the call, while it goes on)', count(asked), count(*) FILTER (WHERE asked IS NOT NULL AND (coalesce(answered, called) < asked) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'opt-ins, after the question', count(opted_in), count(*) FILTER (WHERE opted_in IS NOT NULL AND (asked < opted_in) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'opt-outs, after the question', count(opted_out), count(*) FILTER (WHERE opted_out IS NOT NULL AND (asked < opted_out) IS NOT TRUE
        OR opted_out <= opted_in) FROM whole
    UNION ALL SELECT 'cards, after the opt-in', count(given), count(*) FILTER (WHERE given IS NOT NULL AND (opted_in < given) IS NOT TRUE) FROM whole
    UNION ALL SELECT 'redemptions, after the card', count(redeemed), count(*) FILTER (WHERE redeemed IS NOT NULL AND (given < redeemed) IS NOT TRUE) FROM whole
),
dialogue AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE heard <= asked OR asked IS NULL OR asked IS DISTINCT FROM r.sms_opt_in_sent_at) AS wrong
    FROM (SELECT l.recipient_id, min(l.created_at) FILTER (WHERE direction = 'outbound') AS asked,
            min(l.created_at) FILTER (WHERE direction = 'inbound') AS heard
        FROM public.sms_opt_in_log AS l WHERE l.campaign_id IN (SELECT id FROM campaigns) GROUP BY 1) AS m
    JOIN recipients AS r ON r.id = m.recipient_id
),
-- How many of each kind the plan expects by now: fewer than ten may leave none.
kinds AS (
    SELECT k.kind, coalesce(e.n, 0) AS n, k.share * (SELECT count(injected) FROM did) AS expected
    FROM (VALUES ('imb_injected', 1.0), ('imb_delivered', %(delivered_share)s::numeric),
        ('qr_scan', %(delivered_share)s::numeric * %(scan_share)s::numeric),
        ('purl_visit', %(delivered_share)s::numeric * %(visit_share)s::numeric),
        ('form_submitted', %(delivered_share)s::numeric * %(visit_share)s::numeric * %(form_share)s::numeric),
        ('lead_captured', %(delivered_share)s::numeric * %(visit_share)s::numeric * %(form_share)s::numeric * %(lead_share)s::numeric),
        ('call_received', %(delivered_share)s::numeric * %(call_given_delivered)s::numeric)) AS k (kind, share)
    LEFT JOIN (SELECT event_type, count(*) AS n FROM public.events WHERE campaign_id IN (SELECT id FROM campaigns) GROUP BY 1) AS e
        ON e.event_type = k.kind
),
variety AS (
    SELECT count(*) FILTER (WHERE expected >= 10) AS wanted, count(*) FILTER (WHERE expected >= 10 AND n > 0) AS found,
        count(*) FILTER (WHERE n > 0) AS kinds,
        string_agg(kind, ', ') FILTER (WHERE expected >= 10 AND n = 0) AS lacking
    FROM kinds
),
odd AS (
    SELECT count(*) AS n, string_agg(DISTINCT event_type, ', ') AS kinds FROM public.events
    WHERE campaign_id IN (SELECT id FROM campaigns) AND (event_type, source) NOT IN (('imb_injected', 'usps'), ('imb_delivered', 'usps'),
        ('qr_scan', 'qr'), ('purl_visit', 'purl'), ('form_submitted', 'form'), ('lead_captured', 'external'), ('call_received', 'external'))
),
-- Anti-joins: what names a parent that is not there, or names none. Everybody's rows are looked at.
orphans (title, n, held) AS (
    SELECT 'campaigns without their client', count(*), true FROM public.campaigns AS c WHERE NOT EXISTS (SELECT 1 FROM public.clients AS p WHERE p.id = c.client_id)
    UNION ALL SELECT 'recipients without their campaign', count(*), true FROM public.recipients AS r
    WHERE r.campaign_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.campaigns AS p WHERE p.id = r.campaign_id)
    UNION ALL SELECT 'events without their recipient', count(*), true FROM public.events AS e WHERE NOT EXISTS (SELECT 1 FROM public.recipients AS p WHERE p.id = e.recipient_id)
    UNION ALL SELECT 'calls without their campaign', count(*), true FROM public.call_sessions AS s WHERE NOT EXISTS (SELECT 1 FROM public.campaigns AS p WHERE p.id = s.campaign_id)
    UNION ALL SELECT 'events of another campaign than their recipient''s', count(*), false FROM public.events AS e JOIN recipients AS r ON r.id = e.recipient_id
    WHERE e.campaign_id <> r.campaign_id
    UNION ALL SELECT 'recipients who are contacts of another client', count(*), false FROM recipients AS r JOIN campaigns AS c ON c.id = r.campaign_id
    JOIN public.contacts AS k ON k.id = r.contact_id WHERE k.client_id <> c.client_id
),
taking_part AS (
    SELECT (SELECT count(*) FROM recipients WHERE contact_id IS NOT NULL) AS contacts,
        (SELECT count(*) FROM public.contact_campaign_participation WHERE campaign_id IN (SELECT id FROM campaigns)) AS rows,
        (SELECT count(*) FROM recipients AS r JOIN public.contact_campaign_participation AS p
            ON p.contact_id = r.contact_id AND p.campaign_id = r.campaign_id AND p.recipient_id = r.id) AS matched,
        (SELECT count(*) FROM recipients AS r JOIN public.contact_campaign_participation AS p ON p.recipient_id = r.id
         WHERE p.participation_status IS DISTINCT FROM CASE WHEN r.approval_status = 'redeemed' THEN 'redeemed'
             WHEN r.delivered_at IS NOT NULL THEN 'delivered' ELSE 'sent' END
            OR p.delivered_at IS DISTINCT FROM r.delivered_at OR p.redeemed_at IS DISTINCT FROM r.redemption_completed_at) AS stale
),
-- A recipient's own row says the same as their events, call and card.
rows AS (
    SELECT count(*) FILTER (WHERE r.delivered_at IS DISTINCT FROM w.delivered
            OR (r.delivery_status = 'delivered') <> (w.delivered IS NOT NULL)) AS of_delivery,
        count(*) FILTER (WHERE (w.opted_in IS NOT NULL AND w.opted_out IS NULL) <> (r.sms_opt_in_status = 'opted_in')
            OR w.opted_out IS NOT NULL AND r.sms_opt_in_status <> 'opted_out') AS of_opt_in,
        count(*) AS n
    FROM recipients AS r JOIN whole AS w USING (id)
),
doubled AS (
    SELECT (SELECT count(*) FROM whole) - (SELECT count(*) FROM recipients) AS more, (SELECT sum(twice) FROM did) AS twice
)
SELECT 'E13' AS id, 'recipients with an effect before its cause: ' || title AS title, '0' AS documented, '0' AS target, wrong::text AS measured,
    wrong = 0 AS ok, 'of ' || n AS note
FROM pairs
UNION ALL
SELECT 'E13', 'dialogues with a reply before the question, or without the question', '0', '0', wrong::text, wrong = 0, 'of ' || n FROM dialogue
UNION ALL
SELECT 'E13', 'events, calls, opt-ins or cards of a recipient that come twice', '', '0', (more + coalesce(twice, 0))::text, more + coalesce(twice, 0) = 0, '' FROM doubled
UNION ALL
SELECT 'E13', 'recipients whose row and whose ' || part || ' differ', '', '0', wrong::text, wrong = 0, 'of ' || n
FROM rows, LATERAL (VALUES ('delivery', of_delivery), ('opt-in', of_opt_in)) AS p (part, wrong)
UNION ALL
SELECT 'E25', title, '0', '0', n::text, n = 0,
    CASE WHEN held THEN 'by anti-join; foreign keys hold it too, so that it fails only where they were dropped or bypassed' ELSE 'by join: no foreign key holds it' END
FROM orphans
UNION ALL
SELECT 'E25', 'kinds of events that occur, of those expected ten times', '4 or more', wanted::text, found::text, CASE WHEN wanted > 0 THEN found = wanted END,
    CASE WHEN wanted = 0 THEN 'less than ten of any kind are expected yet' ELSE concat_ws('; ', kinds || ' kinds', 'lacking: ' || lacking) END
FROM variety
UNION ALL
SELECT 'E25', 'events of no known kind and source', '', '0', n::text, n = 0, coalesce(kinds, '') FROM odd
UNION ALL
SELECT 'E25', 'recipients who are contacts and take part in the campaign', 'tracked', contacts || ' of ' || contacts, matched || ' of ' || rows,
    matched = contacts AND rows = contacts, '' FROM taking_part
UNION ALL
SELECT 'E25', 'participations that do not say what has become of the recipient', '', '0', stale::text, stale = 0, '' FROM taking_part
