-- E1 to E8, E17 to E19, E21, E22, E24, E27: how much there is, by what happened before the epoch; life goes on after it at the same
-- rate. Documented figures are those of the four scenarios, demo / development / analytics / load test; the targets are
-- those of the plan. Tolerance: what the documents allow, 2 %%, and what rounding leaves, since shares hold in each campaign.
-- Events, calls and opt-ins follow from recipients, and those of the last weeks are still to come at the epoch. So they are
-- counted of the campaigns whose time for them is over, and scaled to all recipients.
WITH clients AS MATERIALIZED (
    SELECT id, org_id FROM public.clients WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
campaigns AS MATERIALIZED (
    SELECT id, created_at, %(epoch)s - drop_date AS since FROM public.campaigns
    WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
counted AS MATERIALIZED (
    SELECT
        (SELECT count(*) FROM public.organizations WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8') AS organizations,
        (SELECT count(*) FROM clients) AS clients,
        (SELECT count(*) FROM auth.users AS u
         WHERE split_part(u.email, '@', -1) = 'campaigns.populace.test' AND u.raw_user_meta_data ->> 'is_simulated' = 'true') AS users,
        (SELECT count(*) FROM public.contacts WHERE client_id IN (SELECT id FROM clients) AND is_simulated) AS contacts,
        (SELECT count(*) FROM public.contact_lists WHERE client_id IN (SELECT id FROM clients) AND is_simulated) AS lists,
        (SELECT count(*) FROM campaigns WHERE created_at < %(epoch)s) AS campaigns,
        (SELECT count(*) FROM public.recipients AS r JOIN campaigns AS c ON c.id = r.campaign_id WHERE r.created_at < %(epoch)s) AS recipients,
        (SELECT count(*) FROM public.events AS e JOIN campaigns AS c ON c.id = e.campaign_id WHERE e.occurred_at < %(epoch)s) AS events,
        (SELECT count(*) FROM public.call_sessions AS s JOIN campaigns AS c ON c.id = s.campaign_id WHERE s.call_started_at < %(epoch)s) AS calls,
        (SELECT count(*) FROM public.sms_opt_ins AS s JOIN campaigns AS c ON c.id = s.campaign_id WHERE s.opted_in_at < %(epoch)s) AS opt_ins,
        (SELECT count(*) FROM public.performance_metrics WHERE metadata ->> 'simulated' = 'true' AND recorded_at < %(epoch)s) AS metrics,
        (SELECT count(*) FROM public.usage_analytics WHERE metadata ->> 'simulated' = 'true' AND occurred_at < %(epoch)s) AS usage,
        (SELECT count(*) FROM public.error_logs WHERE metadata ->> 'simulated' = 'true' AND occurred_at < %(epoch)s) AS errors,
        (SELECT count(*) FROM public.gift_card_inventory
         WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8' AND uploaded_at < %(epoch)s) AS cards
),
-- After the drop mail arrives within 5 days; scans and visits come within 14 more, calls and opt-ins within 6.
settled AS MATERIALIZED (
    SELECT w.kind, count(c.id) AS campaigns, (SELECT recipients FROM counted) / nullif(sum(r.n), 0) AS scale, sum(r.n) AS recipients,
        sum((SELECT count(*) FROM public.events AS e WHERE e.campaign_id = c.id AND e.occurred_at < %(epoch)s)) AS events,
        sum((SELECT count(*) FROM public.call_sessions AS s WHERE s.campaign_id = c.id AND s.call_started_at < %(epoch)s)) AS calls,
        sum((SELECT count(*) FROM public.call_sessions AS s WHERE s.campaign_id = c.id AND s.call_answered_at < %(epoch)s)) AS answered,
        sum((SELECT count(*) FROM public.sms_opt_ins AS s WHERE s.campaign_id = c.id AND s.opted_in_at < %(epoch)s)) AS opt_ins
    FROM (VALUES ('events', interval '20 days'), ('calls', interval '12 days')) AS w (kind, over)
    LEFT JOIN campaigns AS c ON c.since >= w.over
    LEFT JOIN LATERAL (SELECT count(*) AS n FROM public.recipients AS r WHERE r.campaign_id = c.id AND r.created_at < %(epoch)s) AS r ON true
    GROUP BY w.kind
),
-- What a recipient brings about, by the shares of the plan: calls as events too.
planned AS (
    SELECT %(clients)s * %(campaigns_per_client)s * %(recipients_per_campaign)s AS recipients,
        delivered * call AS calls, mailed + delivered * (1 + %(scan_share)s::numeric
            + %(visit_share)s::numeric * (1 + %(form_share)s::numeric * (1 + %(lead_share)s::numeric)) + call) AS events,
        %(answer_share)s::numeric * %(match_share)s::numeric * %(opt_in_given_matched)s::numeric AS opts_in
    FROM (VALUES (%(mailed_share)s::numeric, %(mailed_share)s::numeric * %(delivered_share)s::numeric,
        %(call_given_delivered)s::numeric)) AS s (mailed, delivered, call)
),
reasons AS (
    SELECT CASE WHEN %(watermark)s < %(epoch)s THEN 'history is not over yet' END AS young,
        CASE WHEN NOT %(enabled)s THEN 'enabled is off: no campaign begins, and the app is not used' END AS idle,
        CASE WHEN NOT %(alike)s THEN 'campaigns and people differ in this scenario: see K7' END AS unlike,
        CASE WHEN %(pipeline)s = 'steady' THEN 'campaigns come at one rate in this scenario' END AS steady,
        (SELECT 'nothing was mailed long enough before the epoch' FROM settled WHERE kind = 'events' AND scale IS NULL) AS early_events,
        (SELECT 'nothing was mailed long enough before the epoch' FROM settled WHERE kind = 'calls' AND scale IS NULL) AS early,
        (SELECT 'a clean-up deleted ' || string_agg(n || ' of ' || path, ', ')
         FROM jsonb_each_text(%(removed)s) AS t (path, n) WHERE n <> '0') AS cleaned
),
-- tolerance: of the measured number, absolute.
lines (id, title, documented, target, measured, tolerance, why, note) AS (
    SELECT 'E1', 'organisations', '2 / 5 / 12 / 15', %(organizations)s::numeric, organizations::numeric, 0, NULL, NULL FROM counted
    UNION ALL SELECT 'E1', 'clients', '6 / 20 / 60 / 100', %(clients)s, clients, 0, NULL, NULL FROM counted
    UNION ALL SELECT 'E2', 'contacts', '300 / 5000 / 60000 / 200000', %(clients)s * %(contacts_per_client)s, contacts, 0, NULL,
        'all of them are there when history begins'
    FROM counted
    UNION ALL SELECT 'E2', 'contact lists', '', %(clients)s * %(lists_per_client)s, lists, 0, NULL, NULL FROM counted
    UNION ALL SELECT 'E3', 'campaigns', '18 / 100 / 480 / 1000', %(clients)s * %(campaigns_per_client)s, campaigns,
        0.02 * %(clients)s * %(campaigns_per_client)s, coalesce(young, idle, steady),
        'specified in two ways; this follows the table: the text''s 200 to 1000 leave out two of the scenarios'
    FROM counted, reasons
    UNION ALL SELECT 'E4', 'recipients', '1000 / 15000 / 192000 / 600000', p.recipients, c.recipients, 0.02 * p.recipients,
        coalesce(young, idle),
        'specified in two ways; this follows the table: the text''s 100K to 600K leave out two of the scenarios; drafts and campaigns in production have none, so the others have more'
    FROM counted AS c, planned AS p, reasons
    UNION ALL SELECT 'E5', 'events, scaled to all recipients', '2500 / 37000 / 480000 / 1500000', round(p.recipients * p.events), round(s.events * s.scale),
        0.02 * p.recipients * p.events + 4 * sqrt(s.campaigns::numeric) * s.scale, coalesce(young, idle, unlike, early_events),
        'specified in two ways; this follows counting calls as events: ' || round(s.events / s.recipients, 3)
            || ' a recipient, against the specification''s 2.47 to 2.5; E9 alone makes 2.18; ' || c.events || ' by the epoch, the others still to come'
    FROM counted AS c, planned AS p, settled AS s, reasons WHERE s.kind = 'events'
    UNION ALL SELECT 'E6', 'calls, scaled to all recipients', '350 / 5000 / 67000 / 210000', round(p.recipients * p.calls), round(s.calls * s.scale),
        0.02 * p.recipients * p.calls + 3 * sqrt(s.campaigns::numeric) * s.scale, coalesce(young, idle, unlike, early),
        'specified in two ways; this follows call_share_of ' || %(call_share_of)s || ': ' || round(s.calls / s.recipients, 4)
            || ' of all recipients; the diagram hangs 0.35 under delivery, which makes 0.2826; the text''s 20-50K leave out three of the scenarios; '
            || c.calls || ' by the epoch, the others still to come'
    FROM counted AS c, planned AS p, settled AS s, reasons WHERE s.kind = 'calls'
    UNION ALL SELECT 'E7', 'opt-ins by text message, scaled to all recipients', '45000 in analytics', round(p.recipients * p.calls * p.opts_in), round(s.opt_ins * s.scale),
        0.02 * p.recipients * p.calls * p.opts_in + 3 * sqrt(s.campaigns::numeric) * s.scale, coalesce(young, idle, unlike, early),
        'specified in two ways; this follows opt_in_share_of ' || %(opt_in_share_of)s || ': '
            || coalesce(round(s.opt_ins / nullif(s.calls, 0), 4) || ' of calls', 'no calls')
            || '; 0.68 of matched calls make 33000 in analytics; ' || c.opt_ins || ' by the epoch, the others still to come'
    FROM counted AS c, planned AS p, settled AS s, reasons WHERE s.kind = 'calls'
    UNION ALL SELECT 'E8', 'answered calls, scaled to all recipients', '85 of 100 calls', round(p.recipients * p.calls * %(answer_share)s::numeric), round(s.answered * s.scale),
        0.02 * p.recipients * p.calls * %(answer_share)s::numeric + 3 * sqrt(s.campaigns::numeric) * s.scale, coalesce(young, idle, unlike, early), NULL
    FROM planned AS p, settled AS s, reasons WHERE s.kind = 'calls'
    UNION ALL SELECT 'E17', 'performance metrics', '50000', CASE WHEN %(analytics)s THEN %(performance_metrics)s ELSE 0 END, metrics, 0,
        coalesce(young, idle), 'specified in two ways; this follows the lower of 50000 and 50000 to 100000'
    FROM counted, reasons
    UNION ALL SELECT 'E17', 'usage analytics', '25000 or more', CASE WHEN %(analytics)s THEN %(usage_events)s ELSE 0 END, usage, 0,
        coalesce(young, idle), NULL FROM counted, reasons
    UNION ALL SELECT 'E17', 'error logs', '1000', CASE WHEN %(error_logs)s THEN %(errors)s ELSE 0 END, errors, 0,
        coalesce(young, idle), NULL FROM counted, reasons
    UNION ALL SELECT 'E19', 'users', '360 in analytics', %(staff)s + %(client_users)s, users, 0, NULL,
        'specified in two ways; this follows users_reading ' || %(users_reading)s || ': the specification''s 6 for each client, its formula makes 216 in analytics'
    FROM counted
    -- Stock that covers the claims of a kind of card is there from the beginning; else a quarter of it is, and another
    -- comes whenever one has been claimed.
    UNION ALL SELECT '4.4', 'gift cards in the inventory', '200 / 2000 / 15000 / 25000', CASE WHEN %(gift_cards)s THEN %(inventory)s ELSE 0 END, cards,
        CASE WHEN %(gift_cards)s THEN 0.25 * %(inventory)s + rounded ELSE 0 END,
        coalesce(young, idle, CASE WHEN NOT %(gift_cards)s OR covers THEN NULL
            WHEN NOT %(call_center)s THEN 'call_center is off: nobody claims the first quarter, so that no other comes'
            WHEN %(days)s < 90 THEN 'history is short: claims come some 19 days after the mail, and a quarter when one is claimed' END),
        CASE WHEN NOT %(gift_cards)s THEN 'gift_cards is off' WHEN covers THEN 'it covers what is claimed: all of it is there from the beginning'
            ELSE 'it comes in quarters, as it is claimed' END || CASE WHEN %(gift_cards)s AND rounded > 0 THEN '; ' || rounded || ' are lost in whole cards of each kind' ELSE '' END
    FROM counted, reasons, LATERAL (SELECT %(pool_lot)s = %(inventory)s / (%(clients)s * %(pools_per_client)s) AS covers) AS w,
        LATERAL (SELECT %(inventory)s - CASE WHEN covers THEN 1 ELSE 4 END * %(clients)s * %(pools_per_client)s * %(pool_lot)s AS rounded) AS r
),
emitted (id, title, documented, target, measured, ok, note) AS (
    SELECT 'E18', 'records of the specification''s list', '500000 in analytics', 'info',
        (users + contacts + campaigns + recipients + events + calls + opt_ins + metrics + usage + errors)::text, NULL::boolean,
        'specified in two ways; this follows the sum: the specification''s own list adds up to 920912'
    FROM counted
    UNION ALL
    SELECT 'E21', 'rows a batch, and workers', '500 to 1000', 'info', %(batch_size)s || ', ' || %(parallel)s, NULL,
        'both settings are accepted and change nothing: rows travel by COPY in blocks of thousands, over one connection'
    UNION ALL
    SELECT 'E22', 'seconds of seeding', '1 / 5 / 20 / 45 minutes', 'at most ' || bound, round(%(seconds)s::numeric, 1)::text,
        %(seconds)s::numeric <= bound,
        'specified in two ways; this follows the longer of 5 and 3 to 5 minutes; bound by the number of recipients; 50000 contacts in 300 s are part of it'
    FROM planned, LATERAL (SELECT CASE WHEN recipients <= 1500 THEN 60 WHEN recipients <= 20000 THEN 300
        WHEN recipients <= 250000 THEN 1200 ELSE 2700 * greatest(1, recipients / 600000) END) AS b (bound)
    UNION ALL
    SELECT 'E27', 'campaigns and events of at least six months', '200 and 100000', 'at least 200 and 100000', campaigns || ' and ' || c.events,
        CASE WHEN coalesce(young, idle) IS NULL AND %(months)s >= 6 AND %(campaigns)s >= 200 AND p.recipients * p.events * (1 - 20.0 / %(days)s) > 105000
            THEN campaigns >= 196 AND c.events >= 100000 END,
        coalesce(young, idle, CASE WHEN %(months)s < 6 OR %(campaigns)s < 200 OR p.recipients * p.events * (1 - 20.0 / %(days)s) <= 105000
            THEN 'the scenario is smaller: ' || %(months)s || ' months, ' || %(campaigns)s || ' campaigns' END, '')
    FROM counted AS c, planned AS p, reasons
),
-- E24: what is switched off leaves no row at all, not even after the epoch.
features (feature, is_on, few, rows) AS (
    SELECT 'call_center', %(call_center)s, planned.recipients * calls < 20,
        (SELECT count(*) FROM public.call_sessions WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.call_conditions_met WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.sms_opt_ins WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.sms_opt_in_log WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.events WHERE event_type = 'call_received' AND campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.tracked_phone_numbers WHERE client_id IN (SELECT id FROM clients) AND is_simulated)
    FROM planned
    UNION ALL
    SELECT 'gift_cards', %(gift_cards)s, %(inventory)s = 0,
        (SELECT count(*) FROM public.gift_card_inventory WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8')
        + (SELECT count(*) FROM public.gift_card_billing_ledger WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.gift_card_provisioning_trace WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.campaign_gift_card_config WHERE campaign_id IN (SELECT id FROM campaigns))
        + (SELECT count(*) FROM public.credit_accounts WHERE entity_type = 'client' AND entity_id IN (SELECT id FROM clients))
    UNION ALL
    SELECT 'analytics', %(analytics)s, %(performance_metrics)s + %(usage_events)s = 0,
        (SELECT count(*) FROM public.performance_metrics WHERE metadata ->> 'simulated' = 'true')
        + (SELECT count(*) FROM public.usage_analytics WHERE metadata ->> 'simulated' = 'true')
    UNION ALL
    SELECT 'error_logs', %(error_logs)s, %(errors)s = 0,
        (SELECT count(*) FROM public.error_logs WHERE metadata ->> 'simulated' = 'true')
)
SELECT id, title, documented, round(target, 4)::float8::text AS target, coalesce(measured::text, 'none') AS measured,
    CASE WHEN coalesce(why, cleaned) IS NULL THEN coalesce(abs(measured - target) <= tolerance, false) END AS ok,
    coalesce(why, cleaned, concat_ws('; ', CASE WHEN tolerance > 0 THEN 'within ' || round(tolerance, 1)::float8 END, note), '') AS note
FROM lines, reasons
UNION ALL
SELECT id, title, documented, target, measured, ok, note FROM emitted
UNION ALL
SELECT 'E24', 'rows of ' || feature || CASE WHEN is_on THEN ', which is on' ELSE ', which is off' END, 'demo: no analytics, no error logs',
    CASE WHEN is_on THEN 'more than 0' ELSE '0' END, rows::text,
    CASE WHEN NOT is_on OR coalesce(young, idle) IS NULL AND NOT few THEN (rows > 0) = is_on END,
    CASE WHEN is_on THEN coalesce(young, idle, CASE WHEN few THEN 'the plan asks for few or none' END, '') ELSE '' END
FROM features, reasons
