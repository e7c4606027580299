-- What has to add up: the ledger is cards times price, the stock never runs below nothing, every card that was given was
-- given once and to one recipient, whoever redeemed has everything that belongs to it, and credit is what was bought less
-- what was used. Identities, without a tolerance.
WITH clients AS MATERIALIZED (
    SELECT id, agency_id, agency_billing_enabled FROM public.clients WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
campaigns AS MATERIALIZED (
    SELECT id, client_id FROM public.campaigns WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
ledger AS MATERIALIZED (
    SELECT l.*, c.client_id FROM public.gift_card_billing_ledger AS l JOIN campaigns AS c ON c.id = l.campaign_id WHERE l.transaction_type <> 'refund'
),
cards AS MATERIALIZED (
    SELECT * FROM public.gift_card_inventory WHERE is_simulated AND substr(simulation_batch_id::text, 15, 1) = '8'
),
redeemed AS MATERIALIZED (
    SELECT r.id, r.gift_card_assigned_id, r.redemption_completed_at, r.approved_at, r.approval_status, r.sms_opt_in_status FROM public.recipients AS r
    WHERE r.campaign_id IN (SELECT id FROM campaigns) AND (r.approval_status = 'redeemed' OR r.redemption_completed_at IS NOT NULL)
),
-- The schema's rule: a price of its own where a denomination has one, else the face value.
priced AS (
    SELECT l.id, l.amount_billed, l.cost_basis, l.billed_entity_type, l.denomination, l.brand_id,
        CASE WHEN d.use_custom_pricing THEN coalesce(CASE l.billed_entity_type WHEN 'agency' THEN d.agency_price ELSE d.client_price END, d.denomination)
            ELSE d.denomination END AS price,
        CASE l.transaction_type WHEN 'purchase_from_inventory' THEN d.admin_cost_per_card ELSE d.tillo_cost_per_card END AS cost
    FROM ledger AS l LEFT JOIN public.gift_card_denominations AS d ON d.brand_id = l.brand_id AND d.denomination = l.denomination
),
prices AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE amount_billed IS DISTINCT FROM price) AS wrong, count(*) FILTER (WHERE cost_basis IS DISTINCT FROM cost) AS cost,
        coalesce(sum(amount_billed), 0) AS billed FROM priced
),
-- The same sum from the other side: who was given a card, by their rows, times what it costs whoever is billed.
sums AS (
    SELECT coalesce(sum(CASE WHEN d.use_custom_pricing THEN coalesce(CASE WHEN k.agency_billing_enabled THEN d.agency_price ELSE d.client_price END, d.denomination)
            ELSE d.denomination END), 0) AS worth, count(*) AS given
    FROM (SELECT DISTINCT a.recipient_id FROM public.recipient_audit_log AS a WHERE a.action = 'gift_card_assigned') AS a
    JOIN public.recipients AS r ON r.id = a.recipient_id
    JOIN campaigns AS c ON c.id = r.campaign_id JOIN clients AS k ON k.id = c.client_id
    JOIN public.campaign_gift_card_config AS g ON g.campaign_id = c.id
    JOIN public.gift_card_denominations AS d ON d.brand_id = g.brand_id AND d.denomination = g.denomination
),
kinds AS (
    SELECT count(*) AS n FROM ledger AS l
    WHERE NOT EXISTS (SELECT 1 FROM public.campaign_gift_card_config AS g
        WHERE g.campaign_id = l.campaign_id AND g.brand_id = l.brand_id AND g.denomination = l.denomination)
),
payers AS (
    SELECT count(*) AS n FROM ledger AS l JOIN clients AS k ON k.id = l.client_id
    WHERE (l.billed_entity_type, l.billed_entity_id) IS DISTINCT FROM
        CASE WHEN k.agency_billing_enabled THEN ('agency'::text, k.agency_id) ELSE ('client'::text, k.id) END
),
twice AS (
    SELECT (SELECT count(*) - count(DISTINCT recipient_id) FROM ledger) AS recipients,
        (SELECT count(inventory_card_id) - count(DISTINCT inventory_card_id) FROM ledger) AS billed,
        (SELECT count(assigned_to_recipient_id) - count(DISTINCT assigned_to_recipient_id) FROM cards) AS assigned
),
-- Three rows describe a card from the stock: its own, the ledger's and the recipient's. They must agree.
given AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE l.id IS NULL OR i.id IS NULL OR r.id IS NULL OR i.assigned_to_recipient_id <> l.recipient_id
        OR i.assigned_to_campaign_id <> l.campaign_id OR i.assigned_at <> l.billed_at OR (i.brand_id, i.denomination) <> (l.brand_id, l.denomination)
        OR i.status NOT IN ('assigned', 'delivered') OR r.gift_card_assigned_id IS DISTINCT FROM i.id) AS wrong
    FROM (SELECT * FROM cards WHERE assigned_to_recipient_id IS NOT NULL OR status IN ('assigned', 'delivered')) AS i
    FULL JOIN (SELECT * FROM ledger WHERE inventory_card_id IS NOT NULL) AS l ON l.inventory_card_id = i.id
    LEFT JOIN public.recipients AS r ON r.id = i.assigned_to_recipient_id
),
bought AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE l.tillo_order_reference IS NULL OR l.metadata ->> 'card_code' IS NULL
        OR r.gift_card_assigned_id IS NOT NULL) AS wrong
    FROM ledger AS l LEFT JOIN public.recipients AS r ON r.id = l.recipient_id WHERE l.transaction_type = 'purchase_from_tillo'
),
stock AS (
    SELECT min(held) AS least, count(*) FILTER (WHERE held < 0) AS negative FROM (
        SELECT sum(step) OVER (PARTITION BY brand_id, denomination ORDER BY at, step DESC) AS held
        FROM (SELECT brand_id, denomination, uploaded_at AS at, 1 AS step FROM cards
            UNION ALL SELECT brand_id, denomination, assigned_at, -1 FROM cards WHERE assigned_at IS NOT NULL) AS s) AS h
),
free AS (
    SELECT count(*) AS n FROM cards
    WHERE status = 'available' AND (assigned_to_recipient_id IS NOT NULL OR assigned_at IS NOT NULL OR delivered_at IS NOT NULL)
        OR (status = 'delivered') <> (delivered_at IS NOT NULL) OR current_balance NOT BETWEEN 0 AND denomination
),
trails AS (
    SELECT a.recipient_id, min(a.created_at) FILTER (WHERE a.action = 'uploaded') AS uploaded, min(a.created_at) FILTER (WHERE a.action = 'approved') AS approved,
        min(a.created_at) FILTER (WHERE a.action = 'sms_sent') AS asked, min(a.created_at) FILTER (WHERE a.action = 'gift_card_assigned') AS assigned,
        min(a.created_at) FILTER (WHERE a.action = 'redeemed') AS redeemed
    FROM public.recipient_audit_log AS a WHERE a.recipient_id IN (SELECT id FROM redeemed) GROUP BY 1
),
complete AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE l.id IS NULL) AS unbilled,
        count(*) FILTER (WHERE (uploaded < approved AND uploaded < asked AND approved <= asked AND asked < assigned AND assigned < redeemed) IS NOT TRUE
            OR redeemed IS DISTINCT FROM r.redemption_completed_at OR assigned IS DISTINCT FROM l.billed_at) AS unlisted,
        count(*) FILTER (WHERE approval_status <> 'redeemed' OR redemption_completed_at IS NULL OR approved_at IS NULL OR sms_opt_in_status NOT IN ('opted_in', 'opted_out')) AS odd
    FROM redeemed AS r LEFT JOIN trails AS t ON t.recipient_id = r.id LEFT JOIN ledger AS l ON l.recipient_id = r.id
),
accounts AS MATERIALIZED (
    SELECT a.* FROM public.credit_accounts AS a WHERE a.entity_type = 'client' AND a.entity_id IN (SELECT id FROM clients)
),
moves AS MATERIALIZED (
    SELECT t.account_id, t.transaction_type AS type, t.amount, t.balance_after, t.reference_id,
        row_number() OVER latest AS from_end, lag(t.balance_after) OVER (PARTITION BY t.account_id ORDER BY t.created_at, t.transaction_type DESC, t.id) AS before
    FROM public.credit_transactions AS t JOIN accounts AS a ON a.id = t.account_id
    WINDOW latest AS (PARTITION BY t.account_id ORDER BY t.created_at DESC, t.transaction_type, t.id DESC)
),
used AS (
    SELECT a.id, a.entity_id, a.balance, a.total_purchased, a.total_used, a.total_remaining,
        coalesce((SELECT -sum(amount) FROM moves AS m WHERE m.account_id = a.id AND type = 'usage'), 0) AS used,
        coalesce((SELECT sum(amount) FROM moves AS m WHERE m.account_id = a.id AND type = 'purchase'), 0) AS bought,
        coalesce((SELECT balance_after FROM moves AS m WHERE m.account_id = a.id AND from_end = 1), a.total_purchased) AS last,
        coalesce((SELECT sum(amount_billed) FROM ledger AS l WHERE l.billed_entity_type = 'client' AND l.billed_entity_id = a.entity_id), 0) AS billed
    FROM accounts AS a
),
credit AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE balance <> total_purchased - total_used OR total_remaining <> balance OR total_used <> used OR last <> balance) AS wrong,
        count(*) FILTER (WHERE total_used <> billed) AS unbilled, min(balance) AS least,
        (SELECT count(*) FROM clients WHERE agency_billing_enabled IS NOT TRUE AND id NOT IN (SELECT entity_id FROM accounts)) AS lacking,
        count(DISTINCT total_purchased - bought) AS openings
    FROM used
),
steps AS (
    SELECT count(*) AS n, count(*) FILTER (WHERE balance_after <> before + amount OR balance_after < 0) AS wrong,
        count(*) FILTER (WHERE type = 'usage' AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.id = m.reference_id AND l.amount_billed = -m.amount)) AS unreferenced
    FROM moves AS m
),
attempts AS (
    SELECT count(*) FILTER (WHERE t.status = 'failed') AS failed,
        count(*) FILTER (WHERE t.status = 'failed' AND t.error_code IS NULL OR t.status = 'completed' AND t.error_code IS NOT NULL) AS odd,
        count(*) FILTER (WHERE t.status = 'failed' AND t.created_at < %(watermark)s - interval '2 hours' AND NOT EXISTS (
            SELECT 1 FROM ledger AS l WHERE l.recipient_id = t.recipient_id AND l.transaction_type = 'purchase_from_tillo' AND l.billed_at > t.created_at)) AS lost
    FROM public.gift_card_provisioning_trace AS t WHERE t.campaign_id IN (SELECT id FROM campaigns)
),
off AS (SELECT CASE WHEN NOT %(gift_cards)s THEN 'gift_cards is off' END AS why),
lines (title, target, measured, note) AS (
    SELECT 'ledger rows whose amount is not the price of the card', '0', wrong::text, 'of ' || n FROM prices
    UNION ALL SELECT 'ledger rows whose cost is not that of the denomination', '0', cost::text, 'of ' || n FROM prices
    UNION ALL SELECT 'sum of the ledger, in dollars: cards times price', trim_scale(worth)::text, trim_scale(billed)::text, given || ' cards, by the audit log' FROM prices, sums
    UNION ALL SELECT 'ledger rows of another kind of card than the campaign''s', '0', n::text, '' FROM kinds
    UNION ALL SELECT 'ledger rows billed to another than the client, or its agency', '0', n::text, '' FROM payers
    UNION ALL SELECT 'recipients who are billed for more than one card', '0', recipients::text, '' FROM twice
    UNION ALL SELECT 'cards that are billed more than once', '0', billed::text, '' FROM twice
    UNION ALL SELECT 'recipients to whom more than one card is assigned', '0', assigned::text, '' FROM twice
    UNION ALL SELECT 'cards from the stock whose card, ledger and recipient disagree', '0', wrong::text, 'of ' || n FROM given
    UNION ALL SELECT 'cards bought one by one without order or code', '0', wrong::text, 'of ' || n FROM bought
    UNION ALL SELECT 'times that the stock of a kind of card was less than nothing', '0', coalesce(negative, 0)::text, 'least ' || coalesce(least, 0) FROM stock
    UNION ALL SELECT 'cards whose status and moments do not go together', '0', n::text, '' FROM free
    UNION ALL SELECT 'redeemed recipients without a card in the ledger', '0', unbilled::text, 'of ' || n FROM complete
    UNION ALL SELECT 'redeemed recipients without a whole audit trail, in order', '0', unlisted::text, 'uploaded, approved, sms_sent, gift_card_assigned, redeemed' FROM complete
    UNION ALL SELECT 'redeemed recipients who are not approved, or never opted in', '0', odd::text, 'of ' || n FROM complete
    UNION ALL SELECT 'credit accounts whose balance is not what was bought less what was used', '0', wrong::text, 'of ' || n || ', least ' || coalesce(trim_scale(least)::text, 'none') FROM credit
    UNION ALL SELECT 'credit accounts that opened with another sum than the others', '0', greatest(openings - 1, 0)::text, '' FROM credit
    UNION ALL SELECT 'credit accounts whose use is not what the ledger bills to the client', '0', unbilled::text, 'of ' || n FROM credit
    UNION ALL SELECT 'clients billed themselves who have no credit account', '0', lacking::text, '' FROM credit
    UNION ALL SELECT 'credit transactions that do not go on from the balance before, or below zero', '0', wrong::text, 'of ' || n FROM steps
    UNION ALL SELECT 'uses of credit without a ledger row of that amount', '0', unreferenced::text, 'of ' || n FROM steps
    UNION ALL SELECT 'failed purchases without an error code, or never repeated with success', '0', (odd + lost)::text, failed || ' failed' FROM attempts
)
SELECT 'money' AS id, title, 'financial reports calculate correctly' AS documented, target, measured,
    CASE WHEN why IS NULL THEN target = measured END AS ok, coalesce(why, note) AS note
FROM lines, off
