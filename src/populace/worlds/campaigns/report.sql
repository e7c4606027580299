-- What a seed is asked to report: the records that the document estimates for each scenario.
WITH ours AS MATERIALIZED (SELECT id FROM public.campaigns WHERE is_simulated)
SELECT
    (SELECT count(*) FROM public.organizations WHERE is_simulated)                                     AS organizations,
    (SELECT count(*) FROM public.clients WHERE is_simulated)                                           AS clients,
    (SELECT count(*) FROM auth.users WHERE email LIKE '%@campaigns.populace.test')                     AS users,
    (SELECT count(*) FROM public.contacts WHERE is_simulated)                                          AS contacts,
    (SELECT count(*) FROM ours)                                                                        AS campaigns,
    (SELECT count(*) FROM public.recipients WHERE is_simulated)                                        AS recipients,
    (SELECT count(*) FROM public.events WHERE campaign_id IN (SELECT id FROM ours))                    AS events,
    (SELECT count(*) FROM public.call_sessions WHERE is_simulated)                                     AS call_sessions,
    (SELECT count(*) FROM public.sms_opt_ins WHERE campaign_id IN (SELECT id FROM ours))               AS sms_opt_ins,
    (SELECT count(*) FROM public.gift_card_billing_ledger WHERE campaign_id IN (SELECT id FROM ours))  AS gift_cards_billed,
    (SELECT count(*) FROM public.performance_metrics WHERE metadata ->> 'simulated' = 'true')          AS performance_metrics,
    (SELECT count(*) FROM public.usage_analytics WHERE metadata ->> 'simulated' = 'true')              AS usage_analytics,
    (SELECT count(*) FROM public.error_logs WHERE metadata ->> 'simulated' = 'true')                   AS error_logs
