-- What the tables of the campaign platform get once they are full. Every statement runs exactly once, in this order:
-- keys and indexes table by table, foreign keys, functions, triggers, row level security, grants.

-- Keys and indexes. An index for every foreign key but those to simulation_batches, where one value fills the table;
-- where a column is mostly null, of its values alone.

ALTER TABLE public.simulation_batches ADD CONSTRAINT simulation_batches_pkey PRIMARY KEY (id);

ALTER TABLE public.organizations ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);

ALTER TABLE public.agencies ADD CONSTRAINT agencies_pkey PRIMARY KEY (id);
ALTER TABLE public.agencies ADD CONSTRAINT agencies_slug_key UNIQUE (slug);
CREATE INDEX agencies_org_id_idx ON public.agencies (org_id);
CREATE INDEX agencies_credit_account_id_idx ON public.agencies (credit_account_id);

ALTER TABLE public.clients ADD CONSTRAINT clients_pkey PRIMARY KEY (id);
ALTER TABLE public.clients ADD CONSTRAINT clients_slug_key UNIQUE (slug);
CREATE INDEX clients_org_id_idx ON public.clients (org_id);
CREATE INDEX clients_agency_id_idx ON public.clients (agency_id);
CREATE INDEX clients_credit_account_id_idx ON public.clients (credit_account_id);

ALTER TABLE public.agency_client_assignments ADD CONSTRAINT agency_client_assignments_pkey PRIMARY KEY (id);
ALTER TABLE public.agency_client_assignments ADD CONSTRAINT agency_client_assignments_agency_org_id_client_id_key
    UNIQUE (agency_org_id, client_id);
CREATE INDEX agency_client_assignments_client_id_idx ON public.agency_client_assignments (client_id);

ALTER TABLE public.profiles ADD CONSTRAINT profiles_pkey PRIMARY KEY (id);
CREATE INDEX profiles_email_idx ON public.profiles (email);

ALTER TABLE public.user_roles ADD CONSTRAINT user_roles_pkey PRIMARY KEY (id);
ALTER TABLE public.user_roles ADD CONSTRAINT user_roles_user_id_role_key UNIQUE (user_id, role);

ALTER TABLE public.org_members ADD CONSTRAINT org_members_pkey PRIMARY KEY (id);
ALTER TABLE public.org_members ADD CONSTRAINT org_members_org_id_user_id_key UNIQUE (org_id, user_id);
CREATE INDEX org_members_user_id_idx ON public.org_members (user_id);

ALTER TABLE public.client_users ADD CONSTRAINT client_users_pkey PRIMARY KEY (id);
ALTER TABLE public.client_users ADD CONSTRAINT client_users_client_id_user_id_key UNIQUE (client_id, user_id);
CREATE INDEX client_users_user_id_idx ON public.client_users (user_id);

ALTER TABLE public.brand_kits ADD CONSTRAINT brand_kits_pkey PRIMARY KEY (id);
ALTER TABLE public.brand_kits ADD CONSTRAINT brand_kits_client_id_name_key UNIQUE (client_id, name);

ALTER TABLE public.templates ADD CONSTRAINT templates_pkey PRIMARY KEY (id);
CREATE INDEX templates_client_id_idx ON public.templates (client_id);

ALTER TABLE public.landing_pages ADD CONSTRAINT landing_pages_pkey PRIMARY KEY (id);
ALTER TABLE public.landing_pages ADD CONSTRAINT landing_pages_client_id_slug_key UNIQUE (client_id, slug);
CREATE INDEX landing_pages_campaign_id_idx ON public.landing_pages (campaign_id);

ALTER TABLE public.gift_card_brands ADD CONSTRAINT gift_card_brands_pkey PRIMARY KEY (id);
ALTER TABLE public.gift_card_brands ADD CONSTRAINT gift_card_brands_brand_name_key UNIQUE (brand_name);
ALTER TABLE public.gift_card_brands ADD CONSTRAINT gift_card_brands_brand_code_key UNIQUE (brand_code);

ALTER TABLE public.gift_card_denominations ADD CONSTRAINT gift_card_denominations_pkey PRIMARY KEY (id);
ALTER TABLE public.gift_card_denominations ADD CONSTRAINT gift_card_denominations_brand_id_denomination_key
    UNIQUE (brand_id, denomination);

ALTER TABLE public.client_available_gift_cards ADD CONSTRAINT client_available_gift_cards_pkey PRIMARY KEY (id);
ALTER TABLE public.client_available_gift_cards
    ADD CONSTRAINT client_available_gift_cards_client_id_brand_id_denomination_key
    UNIQUE (client_id, brand_id, denomination);
CREATE INDEX client_available_gift_cards_brand_id_idx ON public.client_available_gift_cards (brand_id);

ALTER TABLE public.contacts ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);
ALTER TABLE public.contacts ADD CONSTRAINT contacts_client_id_customer_code_key UNIQUE (client_id, customer_code);
ALTER TABLE public.contacts ADD CONSTRAINT contacts_client_id_email_key UNIQUE (client_id, email);
CREATE INDEX contacts_client_id_lifecycle_stage_idx ON public.contacts (client_id, lifecycle_stage);

ALTER TABLE public.contact_lists ADD CONSTRAINT contact_lists_pkey PRIMARY KEY (id);
ALTER TABLE public.contact_lists ADD CONSTRAINT contact_lists_client_id_name_key UNIQUE (client_id, name);

ALTER TABLE public.contact_list_members ADD CONSTRAINT contact_list_members_pkey PRIMARY KEY (id);
ALTER TABLE public.contact_list_members ADD CONSTRAINT contact_list_members_contact_id_list_id_key
    UNIQUE (contact_id, list_id);
CREATE INDEX contact_list_members_list_id_idx ON public.contact_list_members (list_id);

ALTER TABLE public.contact_tags ADD CONSTRAINT contact_tags_pkey PRIMARY KEY (id);
ALTER TABLE public.contact_tags ADD CONSTRAINT contact_tags_contact_id_tag_key UNIQUE (contact_id, tag);

ALTER TABLE public.audiences ADD CONSTRAINT audiences_pkey PRIMARY KEY (id);
CREATE INDEX audiences_client_id_idx ON public.audiences (client_id);

ALTER TABLE public.campaigns ADD CONSTRAINT campaigns_pkey PRIMARY KEY (id);
CREATE INDEX campaigns_client_id_created_at_idx ON public.campaigns (client_id, created_at DESC);
CREATE INDEX campaigns_status_mail_date_idx ON public.campaigns (status, mail_date);
CREATE INDEX campaigns_audience_id_idx ON public.campaigns (audience_id);
CREATE INDEX campaigns_template_id_idx ON public.campaigns (template_id);
CREATE INDEX campaigns_landing_page_id_idx ON public.campaigns (landing_page_id);
CREATE INDEX campaigns_contact_list_id_idx ON public.campaigns (contact_list_id);
CREATE INDEX campaigns_created_by_user_id_idx ON public.campaigns (created_by_user_id);

ALTER TABLE public.campaign_conditions ADD CONSTRAINT campaign_conditions_pkey PRIMARY KEY (id);
ALTER TABLE public.campaign_conditions ADD CONSTRAINT campaign_conditions_campaign_id_condition_number_key
    UNIQUE (campaign_id, condition_number);
CREATE INDEX campaign_conditions_brand_id_idx ON public.campaign_conditions (brand_id) WHERE brand_id IS NOT NULL;

ALTER TABLE public.campaign_reward_configs ADD CONSTRAINT campaign_reward_configs_pkey PRIMARY KEY (id);
ALTER TABLE public.campaign_reward_configs ADD CONSTRAINT campaign_reward_configs_campaign_id_condition_number_key
    UNIQUE (campaign_id, condition_number);

ALTER TABLE public.campaign_gift_card_config ADD CONSTRAINT campaign_gift_card_config_pkey PRIMARY KEY (id);
ALTER TABLE public.campaign_gift_card_config ADD CONSTRAINT campaign_gift_card_config_campaign_id_condition_number_key
    UNIQUE (campaign_id, condition_number);
CREATE INDEX campaign_gift_card_config_brand_id_idx ON public.campaign_gift_card_config (brand_id);

ALTER TABLE public.tracked_phone_numbers ADD CONSTRAINT tracked_phone_numbers_pkey PRIMARY KEY (id);
CREATE INDEX tracked_phone_numbers_client_id_idx ON public.tracked_phone_numbers (client_id);
CREATE INDEX tracked_phone_numbers_campaign_id_idx ON public.tracked_phone_numbers (campaign_id);
CREATE INDEX tracked_phone_numbers_phone_number_idx ON public.tracked_phone_numbers (phone_number);

ALTER TABLE public.recipients ADD CONSTRAINT recipients_pkey PRIMARY KEY (id);
ALTER TABLE public.recipients ADD CONSTRAINT recipients_token_key UNIQUE (token);
ALTER TABLE public.recipients ADD CONSTRAINT recipients_audience_id_redemption_code_key
    UNIQUE (audience_id, redemption_code);
CREATE INDEX recipients_campaign_id_idx ON public.recipients (campaign_id);
CREATE INDEX recipients_contact_id_idx ON public.recipients (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX recipients_approved_by_user_id_idx ON public.recipients (approved_by_user_id)
    WHERE approved_by_user_id IS NOT NULL;

ALTER TABLE public.contact_campaign_participation ADD CONSTRAINT contact_campaign_participation_pkey PRIMARY KEY (id);
ALTER TABLE public.contact_campaign_participation
    ADD CONSTRAINT contact_campaign_participation_contact_id_campaign_id_key UNIQUE (contact_id, campaign_id);
CREATE INDEX contact_campaign_participation_campaign_id_idx ON public.contact_campaign_participation (campaign_id);
CREATE INDEX contact_campaign_participation_recipient_id_idx ON public.contact_campaign_participation (recipient_id);

ALTER TABLE public.events ADD CONSTRAINT events_pkey PRIMARY KEY (id);
CREATE INDEX events_campaign_id_event_type_occurred_at_idx ON public.events (campaign_id, event_type, occurred_at);
CREATE INDEX events_recipient_id_occurred_at_idx ON public.events (recipient_id, occurred_at);

ALTER TABLE public.recipient_audit_log ADD CONSTRAINT recipient_audit_log_pkey PRIMARY KEY (id);
CREATE INDEX recipient_audit_log_recipient_id_created_at_idx ON public.recipient_audit_log (recipient_id, created_at);
CREATE INDEX recipient_audit_log_performed_by_user_id_idx ON public.recipient_audit_log (performed_by_user_id)
    WHERE performed_by_user_id IS NOT NULL;

ALTER TABLE public.gift_card_inventory ADD CONSTRAINT gift_card_inventory_pkey PRIMARY KEY (id);
ALTER TABLE public.gift_card_inventory ADD CONSTRAINT gift_card_inventory_card_code_key UNIQUE (card_code);
CREATE INDEX gift_card_inventory_brand_id_denomination_status_idx
    ON public.gift_card_inventory (brand_id, denomination, status);
CREATE INDEX gift_card_inventory_available_idx
    ON public.gift_card_inventory (brand_id, denomination, uploaded_at, id) WHERE status = 'available';
CREATE INDEX gift_card_inventory_assigned_to_recipient_id_idx
    ON public.gift_card_inventory (assigned_to_recipient_id) WHERE assigned_to_recipient_id IS NOT NULL;
CREATE INDEX gift_card_inventory_assigned_to_campaign_id_idx
    ON public.gift_card_inventory (assigned_to_campaign_id) WHERE assigned_to_campaign_id IS NOT NULL;

ALTER TABLE public.call_sessions ADD CONSTRAINT call_sessions_pkey PRIMARY KEY (id);
CREATE INDEX call_sessions_campaign_id_call_started_at_idx ON public.call_sessions (campaign_id, call_started_at);
CREATE INDEX call_sessions_recipient_id_idx ON public.call_sessions (recipient_id) WHERE recipient_id IS NOT NULL;
CREATE INDEX call_sessions_tracked_number_id_idx ON public.call_sessions (tracked_number_id);
CREATE INDEX call_sessions_agent_user_id_idx ON public.call_sessions (agent_user_id) WHERE agent_user_id IS NOT NULL;

ALTER TABLE public.call_conditions_met ADD CONSTRAINT call_conditions_met_pkey PRIMARY KEY (id);
ALTER TABLE public.call_conditions_met ADD CONSTRAINT call_conditions_met_call_session_id_condition_number_key
    UNIQUE (call_session_id, condition_number);
CREATE INDEX call_conditions_met_campaign_id_condition_number_idx
    ON public.call_conditions_met (campaign_id, condition_number);
CREATE INDEX call_conditions_met_recipient_id_idx ON public.call_conditions_met (recipient_id);
CREATE INDEX call_conditions_met_gift_card_id_idx ON public.call_conditions_met (gift_card_id)
    WHERE gift_card_id IS NOT NULL;
CREATE INDEX call_conditions_met_met_by_agent_id_idx ON public.call_conditions_met (met_by_agent_id)
    WHERE met_by_agent_id IS NOT NULL;

ALTER TABLE public.call_dispositions ADD CONSTRAINT call_dispositions_pkey PRIMARY KEY (id);
CREATE INDEX call_dispositions_call_session_id_idx ON public.call_dispositions (call_session_id);
CREATE INDEX call_dispositions_recipient_id_idx ON public.call_dispositions (recipient_id)
    WHERE recipient_id IS NOT NULL;
CREATE INDEX call_dispositions_agent_user_id_idx ON public.call_dispositions (agent_user_id)
    WHERE agent_user_id IS NOT NULL;

ALTER TABLE public.sms_opt_ins ADD CONSTRAINT sms_opt_ins_pkey PRIMARY KEY (id);
CREATE INDEX sms_opt_ins_recipient_id_idx ON public.sms_opt_ins (recipient_id);
CREATE INDEX sms_opt_ins_campaign_id_status_idx ON public.sms_opt_ins (campaign_id, status);

ALTER TABLE public.sms_opt_in_log ADD CONSTRAINT sms_opt_in_log_pkey PRIMARY KEY (id);
CREATE INDEX sms_opt_in_log_recipient_id_created_at_idx ON public.sms_opt_in_log (recipient_id, created_at);
CREATE INDEX sms_opt_in_log_campaign_id_idx ON public.sms_opt_in_log (campaign_id);

ALTER TABLE public.sms_delivery_log ADD CONSTRAINT sms_delivery_log_pkey PRIMARY KEY (id);
CREATE INDEX sms_delivery_log_recipient_id_idx ON public.sms_delivery_log (recipient_id);
CREATE INDEX sms_delivery_log_campaign_id_idx ON public.sms_delivery_log (campaign_id);
CREATE INDEX sms_delivery_log_gift_card_id_idx ON public.sms_delivery_log (gift_card_id)
    WHERE gift_card_id IS NOT NULL;

ALTER TABLE public.gift_card_billing_ledger ADD CONSTRAINT gift_card_billing_ledger_pkey PRIMARY KEY (id);
CREATE INDEX gift_card_billing_ledger_billed_entity_idx
    ON public.gift_card_billing_ledger (billed_entity_type, billed_entity_id, billed_at);
CREATE INDEX gift_card_billing_ledger_campaign_id_idx ON public.gift_card_billing_ledger (campaign_id);
CREATE INDEX gift_card_billing_ledger_recipient_id_idx ON public.gift_card_billing_ledger (recipient_id);
CREATE INDEX gift_card_billing_ledger_brand_id_denomination_idx
    ON public.gift_card_billing_ledger (brand_id, denomination);
CREATE INDEX gift_card_billing_ledger_inventory_card_id_idx ON public.gift_card_billing_ledger (inventory_card_id)
    WHERE inventory_card_id IS NOT NULL;
-- No card is sold twice.
CREATE UNIQUE INDEX gift_card_billing_ledger_sold_key ON public.gift_card_billing_ledger (inventory_card_id)
    WHERE transaction_type = 'purchase_from_inventory';

ALTER TABLE public.gift_card_provisioning_trace ADD CONSTRAINT gift_card_provisioning_trace_pkey PRIMARY KEY (id);
CREATE INDEX gift_card_provisioning_trace_request_id_step_number_idx
    ON public.gift_card_provisioning_trace (request_id, step_number);
CREATE INDEX gift_card_provisioning_trace_campaign_id_idx ON public.gift_card_provisioning_trace (campaign_id);
CREATE INDEX gift_card_provisioning_trace_recipient_id_idx ON public.gift_card_provisioning_trace (recipient_id);

ALTER TABLE public.credit_accounts ADD CONSTRAINT credit_accounts_pkey PRIMARY KEY (id);
ALTER TABLE public.credit_accounts ADD CONSTRAINT credit_accounts_entity_type_entity_id_key
    UNIQUE (entity_type, entity_id);
CREATE UNIQUE INDEX credit_accounts_platform_key ON public.credit_accounts (entity_type) WHERE entity_type = 'platform';

ALTER TABLE public.credit_transactions ADD CONSTRAINT credit_transactions_pkey PRIMARY KEY (id);
CREATE INDEX credit_transactions_account_id_created_at_idx ON public.credit_transactions (account_id, created_at);
CREATE INDEX credit_transactions_reference_id_idx ON public.credit_transactions (reference_id)
    WHERE reference_id IS NOT NULL;

ALTER TABLE public.performance_metrics ADD CONSTRAINT performance_metrics_pkey PRIMARY KEY (id);
CREATE INDEX performance_metrics_metric_type_recorded_at_idx
    ON public.performance_metrics (metric_type, recorded_at);
CREATE INDEX performance_metrics_client_id_recorded_at_idx ON public.performance_metrics (client_id, recorded_at);
CREATE INDEX performance_metrics_user_id_idx ON public.performance_metrics (user_id);

ALTER TABLE public.usage_analytics ADD CONSTRAINT usage_analytics_pkey PRIMARY KEY (id);
CREATE INDEX usage_analytics_feature_name_occurred_at_idx ON public.usage_analytics (feature_name, occurred_at);
CREATE INDEX usage_analytics_client_id_occurred_at_idx ON public.usage_analytics (client_id, occurred_at);
CREATE INDEX usage_analytics_user_id_idx ON public.usage_analytics (user_id);

ALTER TABLE public.error_logs ADD CONSTRAINT error_logs_pkey PRIMARY KEY (id);
CREATE INDEX error_logs_occurred_at_idx ON public.error_logs (occurred_at);
CREATE INDEX error_logs_error_type_occurred_at_idx ON public.error_logs (error_type, occurred_at);
CREATE INDEX error_logs_client_id_idx ON public.error_logs (client_id);
CREATE INDEX error_logs_user_id_idx ON public.error_logs (user_id);
CREATE INDEX error_logs_resolved_by_idx ON public.error_logs (resolved_by) WHERE resolved_by IS NOT NULL;

-- Foreign keys. With a client goes what is the client's; what was billed stays.

ALTER TABLE public.simulation_batches ADD CONSTRAINT simulation_batches_created_by_fkey
    FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL;
ALTER TABLE public.organizations ADD CONSTRAINT organizations_simulation_batch_id_fkey
    FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.agencies
    ADD CONSTRAINT agencies_org_id_fkey
        FOREIGN KEY (org_id) REFERENCES public.organizations (id) ON DELETE CASCADE,
    ADD CONSTRAINT agencies_credit_account_id_fkey
        FOREIGN KEY (credit_account_id) REFERENCES public.credit_accounts (id) ON DELETE SET NULL,
    ADD CONSTRAINT agencies_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.clients
    ADD CONSTRAINT clients_org_id_fkey
        FOREIGN KEY (org_id) REFERENCES public.organizations (id) ON DELETE CASCADE,
    ADD CONSTRAINT clients_agency_id_fkey
        FOREIGN KEY (agency_id) REFERENCES public.agencies (id) ON DELETE SET NULL,
    ADD CONSTRAINT clients_credit_account_id_fkey
        FOREIGN KEY (credit_account_id) REFERENCES public.credit_accounts (id) ON DELETE SET NULL,
    ADD CONSTRAINT clients_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.agency_client_assignments
    ADD CONSTRAINT agency_client_assignments_agency_org_id_fkey
        FOREIGN KEY (agency_org_id) REFERENCES public.organizations (id) ON DELETE CASCADE,
    ADD CONSTRAINT agency_client_assignments_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE;
ALTER TABLE public.profiles ADD CONSTRAINT profiles_id_fkey
    FOREIGN KEY (id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.user_roles ADD CONSTRAINT user_roles_user_id_fkey
    FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.org_members
    ADD CONSTRAINT org_members_org_id_fkey
        FOREIGN KEY (org_id) REFERENCES public.organizations (id) ON DELETE CASCADE,
    ADD CONSTRAINT org_members_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.client_users
    ADD CONSTRAINT client_users_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT client_users_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
ALTER TABLE public.brand_kits ADD CONSTRAINT brand_kits_client_id_fkey
    FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE;
ALTER TABLE public.templates
    ADD CONSTRAINT templates_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT templates_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.landing_pages
    ADD CONSTRAINT landing_pages_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT landing_pages_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE SET NULL,
    ADD CONSTRAINT landing_pages_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.gift_card_denominations ADD CONSTRAINT gift_card_denominations_brand_id_fkey
    FOREIGN KEY (brand_id) REFERENCES public.gift_card_brands (id) ON DELETE CASCADE;
ALTER TABLE public.client_available_gift_cards
    ADD CONSTRAINT client_available_gift_cards_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT client_available_gift_cards_brand_id_fkey
        FOREIGN KEY (brand_id) REFERENCES public.gift_card_brands (id) ON DELETE CASCADE;
ALTER TABLE public.contacts
    ADD CONSTRAINT contacts_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT contacts_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.contact_lists
    ADD CONSTRAINT contact_lists_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT contact_lists_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.contact_list_members
    ADD CONSTRAINT contact_list_members_contact_id_fkey
        FOREIGN KEY (contact_id) REFERENCES public.contacts (id) ON DELETE CASCADE,
    ADD CONSTRAINT contact_list_members_list_id_fkey
        FOREIGN KEY (list_id) REFERENCES public.contact_lists (id) ON DELETE CASCADE,
    ADD CONSTRAINT contact_list_members_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.contact_tags
    ADD CONSTRAINT contact_tags_contact_id_fkey
        FOREIGN KEY (contact_id) REFERENCES public.contacts (id) ON DELETE CASCADE,
    ADD CONSTRAINT contact_tags_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.audiences
    ADD CONSTRAINT audiences_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT audiences_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.campaigns
    ADD CONSTRAINT campaigns_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT campaigns_audience_id_fkey
        FOREIGN KEY (audience_id) REFERENCES public.audiences (id) ON DELETE SET NULL,
    ADD CONSTRAINT campaigns_template_id_fkey
        FOREIGN KEY (template_id) REFERENCES public.templates (id) ON DELETE SET NULL,
    ADD CONSTRAINT campaigns_landing_page_id_fkey
        FOREIGN KEY (landing_page_id) REFERENCES public.landing_pages (id) ON DELETE SET NULL,
    ADD CONSTRAINT campaigns_contact_list_id_fkey
        FOREIGN KEY (contact_list_id) REFERENCES public.contact_lists (id) ON DELETE SET NULL,
    ADD CONSTRAINT campaigns_created_by_user_id_fkey
        FOREIGN KEY (created_by_user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT campaigns_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.campaign_conditions
    ADD CONSTRAINT campaign_conditions_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT campaign_conditions_brand_id_fkey
        FOREIGN KEY (brand_id) REFERENCES public.gift_card_brands (id) ON DELETE SET NULL,
    ADD CONSTRAINT campaign_conditions_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.campaign_reward_configs
    ADD CONSTRAINT campaign_reward_configs_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT campaign_reward_configs_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.campaign_gift_card_config
    ADD CONSTRAINT campaign_gift_card_config_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT campaign_gift_card_config_brand_id_fkey
        FOREIGN KEY (brand_id) REFERENCES public.gift_card_brands (id);
ALTER TABLE public.tracked_phone_numbers
    ADD CONSTRAINT tracked_phone_numbers_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE CASCADE,
    ADD CONSTRAINT tracked_phone_numbers_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE SET NULL,
    ADD CONSTRAINT tracked_phone_numbers_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.recipients
    ADD CONSTRAINT recipients_audience_id_fkey
        FOREIGN KEY (audience_id) REFERENCES public.audiences (id) ON DELETE CASCADE,
    ADD CONSTRAINT recipients_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT recipients_contact_id_fkey
        FOREIGN KEY (contact_id) REFERENCES public.contacts (id) ON DELETE SET NULL,
    ADD CONSTRAINT recipients_approved_by_user_id_fkey
        FOREIGN KEY (approved_by_user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT recipients_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.contact_campaign_participation
    ADD CONSTRAINT contact_campaign_participation_contact_id_fkey
        FOREIGN KEY (contact_id) REFERENCES public.contacts (id) ON DELETE CASCADE,
    ADD CONSTRAINT contact_campaign_participation_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT contact_campaign_participation_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE;
ALTER TABLE public.events
    ADD CONSTRAINT events_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT events_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE;
ALTER TABLE public.recipient_audit_log
    ADD CONSTRAINT recipient_audit_log_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE,
    ADD CONSTRAINT recipient_audit_log_performed_by_user_id_fkey
        FOREIGN KEY (performed_by_user_id) REFERENCES auth.users (id) ON DELETE SET NULL;
ALTER TABLE public.gift_card_inventory
    ADD CONSTRAINT gift_card_inventory_brand_id_fkey
        FOREIGN KEY (brand_id) REFERENCES public.gift_card_brands (id),
    ADD CONSTRAINT gift_card_inventory_assigned_to_recipient_id_fkey
        FOREIGN KEY (assigned_to_recipient_id) REFERENCES public.recipients (id) ON DELETE SET NULL,
    ADD CONSTRAINT gift_card_inventory_assigned_to_campaign_id_fkey
        FOREIGN KEY (assigned_to_campaign_id) REFERENCES public.campaigns (id) ON DELETE SET NULL,
    ADD CONSTRAINT gift_card_inventory_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.call_sessions
    ADD CONSTRAINT call_sessions_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_sessions_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE SET NULL,
    ADD CONSTRAINT call_sessions_tracked_number_id_fkey
        FOREIGN KEY (tracked_number_id) REFERENCES public.tracked_phone_numbers (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_sessions_agent_user_id_fkey
        FOREIGN KEY (agent_user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT call_sessions_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.call_conditions_met
    ADD CONSTRAINT call_conditions_met_call_session_id_fkey
        FOREIGN KEY (call_session_id) REFERENCES public.call_sessions (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_conditions_met_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_conditions_met_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_conditions_met_met_by_agent_id_fkey
        FOREIGN KEY (met_by_agent_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT call_conditions_met_gift_card_id_fkey
        FOREIGN KEY (gift_card_id) REFERENCES public.gift_card_inventory (id) ON DELETE SET NULL,
    ADD CONSTRAINT call_conditions_met_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.call_dispositions
    ADD CONSTRAINT call_dispositions_call_session_id_fkey
        FOREIGN KEY (call_session_id) REFERENCES public.call_sessions (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_dispositions_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE,
    ADD CONSTRAINT call_dispositions_agent_user_id_fkey
        FOREIGN KEY (agent_user_id) REFERENCES auth.users (id) ON DELETE SET NULL;
ALTER TABLE public.sms_opt_ins
    ADD CONSTRAINT sms_opt_ins_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE,
    ADD CONSTRAINT sms_opt_ins_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE;
ALTER TABLE public.sms_opt_in_log
    ADD CONSTRAINT sms_opt_in_log_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE,
    ADD CONSTRAINT sms_opt_in_log_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE;
ALTER TABLE public.sms_delivery_log
    ADD CONSTRAINT sms_delivery_log_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE,
    ADD CONSTRAINT sms_delivery_log_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT sms_delivery_log_gift_card_id_fkey
        FOREIGN KEY (gift_card_id) REFERENCES public.gift_card_inventory (id) ON DELETE SET NULL,
    ADD CONSTRAINT sms_delivery_log_simulation_batch_id_fkey
        FOREIGN KEY (simulation_batch_id) REFERENCES public.simulation_batches (id);
ALTER TABLE public.gift_card_billing_ledger
    ADD CONSTRAINT gift_card_billing_ledger_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE SET NULL,
    ADD CONSTRAINT gift_card_billing_ledger_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE SET NULL,
    ADD CONSTRAINT gift_card_billing_ledger_brand_id_fkey
        FOREIGN KEY (brand_id) REFERENCES public.gift_card_brands (id),
    ADD CONSTRAINT gift_card_billing_ledger_inventory_card_id_fkey
        FOREIGN KEY (inventory_card_id) REFERENCES public.gift_card_inventory (id);
ALTER TABLE public.gift_card_provisioning_trace
    ADD CONSTRAINT gift_card_provisioning_trace_campaign_id_fkey
        FOREIGN KEY (campaign_id) REFERENCES public.campaigns (id) ON DELETE CASCADE,
    ADD CONSTRAINT gift_card_provisioning_trace_recipient_id_fkey
        FOREIGN KEY (recipient_id) REFERENCES public.recipients (id) ON DELETE CASCADE;
ALTER TABLE public.credit_transactions
    ADD CONSTRAINT credit_transactions_account_id_fkey
        FOREIGN KEY (account_id) REFERENCES public.credit_accounts (id) ON DELETE CASCADE,
    ADD CONSTRAINT credit_transactions_reference_id_fkey
        FOREIGN KEY (reference_id) REFERENCES public.gift_card_billing_ledger (id) ON DELETE SET NULL;
ALTER TABLE public.performance_metrics
    ADD CONSTRAINT performance_metrics_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT performance_metrics_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE SET NULL;
ALTER TABLE public.usage_analytics
    ADD CONSTRAINT usage_analytics_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT usage_analytics_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE SET NULL;
ALTER TABLE public.error_logs
    ADD CONSTRAINT error_logs_user_id_fkey
        FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    ADD CONSTRAINT error_logs_client_id_fkey
        FOREIGN KEY (client_id) REFERENCES public.clients (id) ON DELETE SET NULL,
    ADD CONSTRAINT error_logs_resolved_by_fkey
        FOREIGN KEY (resolved_by) REFERENCES auth.users (id) ON DELETE SET NULL;

-- Functions. Their search path leaves nothing to be shadowed. Moments are the caller's, so that a test need not wait.

CREATE FUNCTION public.set_updated_at() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Populace says itself when a row changed, also where two of its versions have the same moment.
    IF coalesce(current_setting('populace.writing', true), '') <> 'on' THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$$;

-- Whether a key is one that Populace makes: of version 7 or 8. The app's defaults, and services for accounts, make
-- version 4.
CREATE FUNCTION public.is_populace_key(p_id uuid) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT substr(p_id::text, 15, 1) IN ('7', '8')
$$;

-- Both marks: a human who owns such an address is none of ours, nor is one who claims to be simulated.
CREATE FUNCTION public.is_synthetic_account(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1 FROM auth.users AS u
        WHERE u.id = p_user_id
          AND u.email LIKE '%@campaigns.populace.test' AND u.raw_user_meta_data ->> 'is_simulated' = 'true')
$$;

-- Whether an account may not act for humans. Its owner can edit both marks, and not the id.
CREATE FUNCTION public.is_kept_apart(p_user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT public.is_populace_key(p_user_id) OR public.is_synthetic_account(p_user_id)
$$;

-- Whether somebody has a role. It is not subject to policies, so synthetic visitors learn nothing of humans here.
CREATE FUNCTION public.has_role(p_user_id uuid, p_role public.app_role) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT 1 FROM public.user_roles WHERE user_id = p_user_id AND role = p_role)
        AND (auth.uid() IS NULL OR p_user_id = auth.uid() OR NOT public.is_kept_apart(auth.uid())
            OR public.is_synthetic_account(p_user_id))
$$;

-- Whether the visitor is an admin, as a human, who looks after everything; or a synthetic one, who looks after what
-- Populace made. Policies ask both.
CREATE FUNCTION public.is_admin(p_synthetic boolean DEFAULT false) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT auth.uid() IS NOT NULL AND public.is_kept_apart(auth.uid()) = p_synthetic
        AND public.has_role(auth.uid(), 'admin')
$$;

-- The organisations in which the visitor is an agency's owner.
CREATE FUNCTION public.owned_organizations() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.org_id FROM public.org_members AS m
    WHERE m.user_id = auth.uid() AND public.has_role(auth.uid(), 'agency_owner')
$$;

-- Whether the visitor may have to do with a client at all: synthetic people only with clients that Populace made.
CREATE FUNCTION public.may_meet(p_client_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT public.is_populace_key(p_client_id) OR NOT public.is_kept_apart(auth.uid())
$$;

-- The clients whose work the visitor runs: those of one's own agency, and for a company's owner the company.
CREATE FUNCTION public.managed_clients() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT run.id FROM (
        SELECT c.id FROM public.clients AS c WHERE c.org_id IN (SELECT public.owned_organizations())
        UNION
        SELECT a.client_id FROM public.agency_client_assignments AS a
        WHERE a.agency_org_id IN (SELECT public.owned_organizations())
        UNION
        SELECT u.client_id FROM public.client_users AS u
        WHERE u.user_id = auth.uid() AND public.has_role(auth.uid(), 'company_owner')) AS run
    WHERE public.may_meet(run.id)
$$;

-- The clients of which the visitor sees something, agents of the call centre included.
CREATE FUNCTION public.accessible_clients() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT m.id FROM public.managed_clients() AS m (id)
    UNION
    SELECT u.client_id FROM public.client_users AS u WHERE u.user_id = auth.uid() AND public.may_meet(u.client_id)
$$;

CREATE FUNCTION public.managed_campaigns() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.id FROM public.campaigns AS c WHERE c.client_id IN (SELECT public.managed_clients())
$$;

CREATE FUNCTION public.accessible_campaigns() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.id FROM public.campaigns AS c WHERE c.client_id IN (SELECT public.accessible_clients())
$$;

-- Whether the visitor sees a client: an admin sees them all, a synthetic one those that Populace made.
CREATE FUNCTION public.user_can_access_client(p_client_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT public.is_admin() OR public.is_admin(true) AND public.is_populace_key(p_client_id)
        OR EXISTS (SELECT 1 FROM public.accessible_clients() AS a (id) WHERE a.id = p_client_id)
$$;

-- Takes the oldest card that is there and has not expired, and gives it to a recipient; null when there is none
-- (GC-003). Who comes at the same time gets the next one, and does not wait.
CREATE FUNCTION public.claim_gift_card_from_inventory(
    p_brand_id uuid, p_denomination numeric, p_recipient_id uuid, p_campaign_id uuid, p_at timestamptz DEFAULT now())
RETURNS public.gift_card_inventory
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    card public.gift_card_inventory;
BEGIN
    SELECT i.* INTO card FROM public.gift_card_inventory AS i
    WHERE i.brand_id = p_brand_id AND i.denomination = p_denomination AND i.status = 'available'
      AND (i.expiration_date IS NULL OR i.expiration_date > (p_at AT TIME ZONE 'UTC')::date)
    ORDER BY i.uploaded_at, i.id
    LIMIT 1
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE public.gift_card_inventory AS i SET
        status = 'assigned', assigned_to_recipient_id = p_recipient_id, assigned_to_campaign_id = p_campaign_id,
        assigned_at = p_at
    WHERE i.id = card.id
    RETURNING i.* INTO card;
    RETURN card;
END
$$;

-- What a card is sold for: the price that was set for such a buyer, else its value; null for a card that is not sold.
CREATE FUNCTION public.get_denomination_price(
    p_brand_id uuid, p_denomination numeric, p_for_agency boolean DEFAULT false)
RETURNS numeric
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN NOT d.use_custom_pricing THEN d.denomination
        WHEN p_for_agency THEN coalesce(d.agency_price, d.denomination)
        ELSE coalesce(d.client_price, d.denomination) END
    FROM public.gift_card_denominations AS d
    WHERE d.brand_id = p_brand_id AND d.denomination = p_denomination
$$;

-- Who pays for the cards of a campaign: the client's agency where it does, else the client; no row for no campaign.
CREATE FUNCTION public.get_billing_entity_for_campaign(p_campaign_id uuid)
RETURNS TABLE (entity_type text, entity_id uuid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT
        CASE WHEN c.agency_billing_enabled AND c.agency_id IS NOT NULL THEN 'agency' ELSE 'client' END,
        CASE WHEN c.agency_billing_enabled AND c.agency_id IS NOT NULL THEN c.agency_id ELSE c.id END
    FROM public.campaigns AS m
    JOIN public.clients AS c ON c.id = m.client_id
    WHERE m.id = p_campaign_id
$$;

-- Bills a card, or gives its price back: a row of the ledger, whose id is returned, and where the payer has a credit
-- account what is taken from it and, below the threshold, loaded again. A client without an account gets an invoice.
-- Fails with SQLSTATE GC002 (no such card is sold), GC006 (not enough credit) or GC008 (no such campaign).
CREATE FUNCTION public.record_billing_transaction(
    p_transaction_type text, p_campaign_id uuid, p_recipient_id uuid, p_brand_id uuid, p_denomination numeric,
    p_inventory_card_id uuid DEFAULT NULL, p_tillo_order_reference text DEFAULT NULL, p_metadata jsonb DEFAULT '{}',
    p_at timestamptz DEFAULT now())
RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    payer record;
    price numeric;
    cost numeric;
    change numeric;
    loads integer := 0;
    account public.credit_accounts;
    entry uuid;
BEGIN
    SELECT * INTO payer FROM public.get_billing_entity_for_campaign(p_campaign_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no campaign %', p_campaign_id USING ERRCODE = 'GC008';
    END IF;
    SELECT public.get_denomination_price(p_brand_id, p_denomination, payer.entity_type = 'agency'),
        CASE p_transaction_type
            WHEN 'purchase_from_tillo' THEN coalesce(d.tillo_cost_per_card, d.cost_basis)
            ELSE coalesce(d.admin_cost_per_card, d.cost_basis) END
    INTO price, cost
    FROM public.gift_card_denominations AS d
    WHERE d.brand_id = p_brand_id AND d.denomination = p_denomination;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'brand % sells no card of %', p_brand_id, p_denomination USING ERRCODE = 'GC002';
    END IF;

    INSERT INTO public.gift_card_billing_ledger AS l (transaction_type, billed_entity_type, billed_entity_id,
        campaign_id, recipient_id, brand_id, denomination, amount_billed, cost_basis, inventory_card_id,
        tillo_order_reference, billed_at, metadata, created_at)
    VALUES (p_transaction_type, payer.entity_type, payer.entity_id, p_campaign_id, p_recipient_id, p_brand_id,
        p_denomination, price, cost, p_inventory_card_id, p_tillo_order_reference, p_at, p_metadata, p_at)
    RETURNING l.id INTO entry;

    SELECT a.* INTO account FROM public.credit_accounts AS a
    WHERE a.entity_type = payer.entity_type AND a.entity_id = payer.entity_id
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN entry;
    END IF;
    change := CASE p_transaction_type WHEN 'refund' THEN price ELSE -price END;
    IF account.auto_reload_enabled AND account.auto_reload_amount > 0 THEN
        loads := greatest(0, ceil((coalesce(account.auto_reload_threshold, 0) - account.balance - change)
            / account.auto_reload_amount));
    END IF;
    IF account.balance + change + loads * coalesce(account.auto_reload_amount, 0) < 0 THEN
        RAISE EXCEPTION 'the % % has % left, and the card costs %', payer.entity_type, payer.entity_id,
            account.balance, price USING ERRCODE = 'GC006', HINT = 'add credit, or let the account be reloaded';
    END IF;
    INSERT INTO public.credit_transactions (account_id, transaction_type, amount, balance_after, reference_id,
        description, created_at)
    VALUES (account.id, CASE p_transaction_type WHEN 'refund' THEN 'refund' ELSE 'usage' END, change,
        account.balance + change, entry, p_transaction_type, p_at);
    IF loads > 0 THEN
        INSERT INTO public.credit_transactions (account_id, transaction_type, amount, balance_after, description,
            created_at)
        VALUES (account.id, 'purchase', loads * account.auto_reload_amount,
            account.balance + change + loads * account.auto_reload_amount, 'auto_reload', p_at);
    END IF;
    UPDATE public.credit_accounts AS a SET
        balance = account.balance + change + loads * coalesce(account.auto_reload_amount, 0),
        total_remaining = account.balance + change + loads * coalesce(account.auto_reload_amount, 0),
        total_used = account.total_used - change,
        total_purchased = account.total_purchased + loads * coalesce(account.auto_reload_amount, 0),
        updated_at = p_at
    WHERE a.id = account.id;
    RETURN entry;
END
$$;

-- From 0 to 100: how lately a contact did something (40), how much (30), and what came of it (30). Null for no contact.
CREATE FUNCTION public.calculate_engagement_score(p_contact_id uuid, p_at timestamptz DEFAULT now()) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT round(
        CASE
            WHEN c.last_activity_date > p_at - interval '7 days' THEN 40
            WHEN c.last_activity_date > p_at - interval '30 days' THEN 30
            WHEN c.last_activity_date > p_at - interval '90 days' THEN 15
            WHEN c.last_activity_date > p_at - interval '180 days' THEN 5
            ELSE 0 END
        + least(10 * log(c.total_interactions + 1), 30)
        + least(10 * c.redemptions_count + 2 * c.email_opens_count, 30))::integer
    FROM public.contacts AS c
    WHERE c.id = p_contact_id
$$;

-- A code for a contact who was given none: three letters of the client's name and four digits, or more where those
-- run out.
CREATE FUNCTION public.give_customer_code() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    letters text;
    digits integer := 4;
BEGIN
    SELECT rpad(left(upper(regexp_replace(c.name, '[^A-Za-z]', '', 'g')), 3), 3, 'X') INTO letters
    FROM public.clients AS c WHERE c.id = NEW.client_id;
    LOOP
        FOR try IN 1..20 LOOP
            NEW.customer_code := format('%s-%s', coalesce(letters, 'XXX'),
                lpad(floor(random() * 10 ^ digits)::bigint::text, digits, '0'));
            IF NOT EXISTS (SELECT 1 FROM public.contacts AS o
                WHERE o.client_id = NEW.client_id AND o.customer_code = NEW.customer_code)
            THEN
                RETURN NEW;
            END IF;
        END LOOP;
        digits := digits + 1;
    END LOOP;
END
$$;

-- An active campaign gives cards away: whoever pays for them has 100 dollars of credit when it starts.
CREATE FUNCTION public.require_credit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    credit numeric;
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.status = 'active' THEN
        RETURN NEW;
    END IF;
    SELECT a.balance INTO credit
    FROM public.clients AS c
    CROSS JOIN LATERAL (SELECT c.agency_billing_enabled AND c.agency_id IS NOT NULL AS by_agency) AS p
    JOIN public.credit_accounts AS a
        ON a.entity_type = CASE WHEN p.by_agency THEN 'agency' ELSE 'client' END
        AND a.entity_id = CASE WHEN p.by_agency THEN c.agency_id ELSE c.id END
    WHERE c.id = NEW.client_id;
    IF coalesce(credit, 0) < 100 THEN
        RAISE EXCEPTION 'campaign % cannot be active: its payer has % of credit', NEW.id, coalesce(credit, 0)
            USING ERRCODE = 'check_violation', HINT = 'an active campaign needs at least 100 dollars';
    END IF;
    RETURN NEW;
END
$$;

-- Triggers. An update that brings its own updated_at keeps it, and one that changes nothing leaves no trace.

CREATE TRIGGER agencies_updated_at BEFORE UPDATE ON public.agencies FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER clients_updated_at BEFORE UPDATE ON public.clients FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER profiles_updated_at BEFORE UPDATE ON public.profiles FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER brand_kits_updated_at BEFORE UPDATE ON public.brand_kits FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER contacts_updated_at BEFORE UPDATE ON public.contacts FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER campaigns_updated_at BEFORE UPDATE ON public.campaigns FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER credit_accounts_updated_at BEFORE UPDATE ON public.credit_accounts FOR EACH ROW
    WHEN (NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at AND NEW.* IS DISTINCT FROM OLD.*)
    EXECUTE FUNCTION public.set_updated_at();
CREATE TRIGGER contacts_customer_code BEFORE INSERT ON public.contacts FOR EACH ROW
    WHEN (NEW.customer_code IS NULL OR NEW.customer_code = '')
    EXECUTE FUNCTION public.give_customer_code();
CREATE TRIGGER campaigns_credit BEFORE INSERT OR UPDATE OF status ON public.campaigns FOR EACH ROW
    WHEN (NEW.status = 'active')
    EXECUTE FUNCTION public.require_credit();

-- Row level security: the server does everything, an admin too, others what follows. An admin who is synthetic sees and
-- changes rows of Populace's alone, and removes none: rows of humans may hang on them.
-- Nobody who has not signed in sees anything. Supabase gives new tables to everyone by default: that is taken back
-- first.

DO $$
DECLARE
    name text;
    ours text;
BEGIN
    FOREACH name IN ARRAY ARRAY['simulation_batches', 'organizations', 'agencies', 'clients',
        'agency_client_assignments', 'profiles', 'user_roles', 'org_members', 'client_users', 'brand_kits', 'templates',
        'landing_pages', 'gift_card_brands', 'gift_card_denominations', 'client_available_gift_cards', 'contacts',
        'contact_lists', 'contact_list_members', 'contact_tags', 'audiences', 'campaigns', 'campaign_conditions',
        'campaign_reward_configs', 'campaign_gift_card_config', 'tracked_phone_numbers', 'recipients',
        'contact_campaign_participation', 'events', 'recipient_audit_log', 'gift_card_inventory', 'call_sessions',
        'call_conditions_met', 'call_dispositions', 'sms_opt_ins', 'sms_opt_in_log', 'sms_delivery_log',
        'gift_card_billing_ledger', 'gift_card_provisioning_trace', 'credit_accounts', 'credit_transactions',
        'performance_metrics', 'usage_analytics', 'error_logs']
    LOOP
        EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, anon, authenticated', name);
        EXECUTE format('GRANT ALL ON public.%I TO service_role', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO authenticated', name);
        EXECUTE format('CREATE POLICY service_all ON public.%I FOR ALL TO service_role'
            ' USING (true) WITH CHECK (true)', name);
        EXECUTE format('CREATE POLICY manage_admin ON public.%I FOR ALL TO authenticated'
            ' USING ((SELECT public.is_admin())) WITH CHECK ((SELECT public.is_admin()))', name);
        ours := CASE name
            WHEN 'contact_campaign_participation' THEN 'public.is_populace_key(campaign_id)'
            WHEN 'profiles' THEN 'public.is_synthetic_account(id)'
            WHEN 'user_roles' THEN 'public.is_synthetic_account(user_id)'
            WHEN 'org_members' THEN 'public.is_synthetic_account(user_id)'
            WHEN 'client_users' THEN 'public.is_synthetic_account(user_id)'
            ELSE 'public.is_populace_key(id)' END;
        EXECUTE format('CREATE POLICY read_synthetic_admin ON public.%I FOR SELECT TO authenticated'
            ' USING ((SELECT public.is_admin(true)) AND %s)', name, ours);
        EXECUTE format('CREATE POLICY edit_synthetic_admin ON public.%I FOR UPDATE TO authenticated'
            ' USING ((SELECT public.is_admin(true)) AND %s)', name, ours);
    END LOOP;
END
$$;

-- What has a client: seen by all who have to do with the client, changed by those who run its work.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['brand_kits', 'templates', 'landing_pages', 'contacts', 'contact_lists', 'audiences',
        'campaigns', 'client_available_gift_cards']
    LOOP
        EXECUTE format('CREATE POLICY read_accessible ON public.%I FOR SELECT TO authenticated'
            ' USING (client_id IN (SELECT public.accessible_clients()))', name);
        EXECUTE format('CREATE POLICY manage_own ON public.%I FOR ALL TO authenticated'
            ' USING (client_id IN (SELECT public.managed_clients()))'
            ' WITH CHECK (client_id IN (SELECT public.managed_clients()))', name);
    END LOOP;
END
$$;

-- What has a campaign, likewise.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['campaign_conditions', 'campaign_reward_configs', 'campaign_gift_card_config']
    LOOP
        EXECUTE format('CREATE POLICY read_accessible ON public.%I FOR SELECT TO authenticated'
            ' USING (campaign_id IN (SELECT public.accessible_campaigns()))', name);
        EXECUTE format('CREATE POLICY manage_own ON public.%I FOR ALL TO authenticated'
            ' USING (campaign_id IN (SELECT public.managed_campaigns()))'
            ' WITH CHECK (campaign_id IN (SELECT public.managed_campaigns()))', name);
    END LOOP;
END
$$;

-- What became of a campaign: written by the server alone.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['recipients', 'contact_campaign_participation', 'events', 'call_sessions',
        'call_conditions_met', 'sms_opt_ins', 'sms_opt_in_log', 'sms_delivery_log']
    LOOP
        EXECUTE format('CREATE POLICY read_accessible ON public.%I FOR SELECT TO authenticated'
            ' USING (campaign_id IN (SELECT public.accessible_campaigns()))', name);
    END LOOP;
END
$$;
CREATE POLICY read_accessible ON public.tracked_phone_numbers FOR SELECT TO authenticated
    USING (client_id IN (SELECT public.accessible_clients()));
CREATE POLICY read_accessible ON public.recipient_audit_log FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.recipients AS r WHERE r.id = recipient_id));
CREATE POLICY read_accessible ON public.call_dispositions FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.call_sessions AS s WHERE s.id = call_session_id));

-- A contact's lists and tags go with the contact.
CREATE POLICY read_accessible ON public.contact_list_members FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.contact_lists AS l WHERE l.id = list_id));
CREATE POLICY manage_own ON public.contact_list_members FOR ALL TO authenticated
    USING (EXISTS (SELECT 1 FROM public.contact_lists AS l
        WHERE l.id = list_id AND l.client_id IN (SELECT public.managed_clients())))
    WITH CHECK (EXISTS (SELECT 1 FROM public.contact_lists AS l JOIN public.contacts AS c ON c.client_id = l.client_id
        WHERE l.id = list_id AND c.id = contact_id AND l.client_id IN (SELECT public.managed_clients())));
CREATE POLICY read_accessible ON public.contact_tags FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.contacts AS c WHERE c.id = contact_id));
CREATE POLICY manage_own ON public.contact_tags FOR ALL TO authenticated
    USING (EXISTS (SELECT 1 FROM public.contacts AS c
        WHERE c.id = contact_id AND c.client_id IN (SELECT public.managed_clients())))
    WITH CHECK (EXISTS (SELECT 1 FROM public.contacts AS c
        WHERE c.id = contact_id AND c.client_id IN (SELECT public.managed_clients())));

-- Organisations, clients and people. An agency's owner looks after its clients, and says who works for them.
CREATE POLICY read_own ON public.organizations FOR SELECT TO authenticated
    USING (id IN (SELECT m.org_id FROM public.org_members AS m WHERE m.user_id = (SELECT auth.uid())));
CREATE POLICY read_own ON public.agencies FOR SELECT TO authenticated
    USING (org_id IN (SELECT m.org_id FROM public.org_members AS m WHERE m.user_id = (SELECT auth.uid())));
CREATE POLICY read_accessible ON public.clients FOR SELECT TO authenticated
    USING (id IN (SELECT public.accessible_clients()));
CREATE POLICY manage_own ON public.clients FOR ALL TO authenticated
    USING (org_id IN (SELECT public.owned_organizations()) AND public.may_meet(id))
    WITH CHECK (org_id IN (SELECT public.owned_organizations()) AND public.may_meet(id));
-- With a client goes what people of others have to do with it.
CREATE POLICY drop_as_a_human ON public.clients AS RESTRICTIVE FOR DELETE TO authenticated
    USING ((SELECT NOT public.is_kept_apart(auth.uid())));
CREATE POLICY read_own ON public.agency_client_assignments FOR SELECT TO authenticated
    USING (agency_org_id IN (SELECT public.owned_organizations()) AND public.may_meet(client_id));
CREATE POLICY read_own ON public.profiles FOR SELECT TO authenticated USING (id = (SELECT auth.uid()));
CREATE POLICY edit_own ON public.profiles FOR UPDATE TO authenticated
    USING (id = (SELECT auth.uid())) WITH CHECK (id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.user_roles FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.org_members FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY read_own ON public.client_users FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()));
CREATE POLICY manage_own ON public.client_users FOR ALL TO authenticated
    USING (client_id IN (SELECT c.id FROM public.clients AS c
            WHERE c.org_id IN (SELECT public.owned_organizations()))
        AND ((SELECT NOT public.is_kept_apart(auth.uid())) OR public.is_synthetic_account(user_id)))
    WITH CHECK (client_id IN (SELECT c.id FROM public.clients AS c
            WHERE c.org_id IN (SELECT public.owned_organizations()))
        AND ((SELECT NOT public.is_kept_apart(auth.uid())) OR public.is_synthetic_account(user_id)));

-- What is sold is for all to see; what it came to, for those who pay. Card codes are money: nobody
-- but admins and the server has them.
CREATE POLICY read_all ON public.gift_card_brands FOR SELECT TO authenticated USING (true);
CREATE POLICY read_all ON public.gift_card_denominations FOR SELECT TO authenticated USING (true);
CREATE POLICY read_own ON public.gift_card_billing_ledger FOR SELECT TO authenticated
    USING (campaign_id IN (SELECT public.managed_campaigns()));
CREATE POLICY read_own ON public.credit_accounts FOR SELECT TO authenticated
    USING (entity_type = 'client' AND entity_id IN (SELECT public.managed_clients())
        OR entity_type = 'agency' AND entity_id IN (SELECT a.id FROM public.agencies AS a
            WHERE a.org_id IN (SELECT public.owned_organizations())));
CREATE POLICY read_own ON public.credit_transactions FOR SELECT TO authenticated
    USING (EXISTS (SELECT 1 FROM public.credit_accounts AS a WHERE a.id = account_id));

-- Grants on functions, which are everybody's by default too.

REVOKE ALL ON FUNCTION public.record_participation(), public.set_updated_at(), public.give_customer_code(),
    public.require_credit()
    FROM PUBLIC, anon, authenticated, service_role;
REVOKE ALL ON FUNCTION public.has_role(uuid, public.app_role), public.is_admin(boolean),
    public.is_kept_apart(uuid), public.is_synthetic_account(uuid), public.is_populace_key(uuid), public.may_meet(uuid),
    public.owned_organizations(), public.managed_clients(), public.accessible_clients(), public.managed_campaigns(),
    public.accessible_campaigns(),
    public.user_can_access_client(uuid), public.get_denomination_price(uuid, numeric, boolean),
    public.get_billing_entity_for_campaign(uuid), public.calculate_engagement_score(uuid, timestamptz)
    FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.has_role(uuid, public.app_role), public.is_admin(boolean),
    public.is_kept_apart(uuid), public.is_synthetic_account(uuid), public.is_populace_key(uuid), public.may_meet(uuid),
    public.owned_organizations(),
    public.managed_clients(), public.accessible_clients(), public.managed_campaigns(), public.accessible_campaigns(),
    public.user_can_access_client(uuid), public.get_denomination_price(uuid, numeric, boolean),
    public.get_billing_entity_for_campaign(uuid), public.calculate_engagement_score(uuid, timestamptz)
    TO authenticated, service_role;
REVOKE ALL ON FUNCTION public.claim_gift_card_from_inventory(uuid, numeric, uuid, uuid, timestamptz),
    public.record_billing_transaction(text, uuid, uuid, uuid, numeric, uuid, text, jsonb, timestamptz)
    FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION public.claim_gift_card_from_inventory(uuid, numeric, uuid, uuid, timestamptz),
    public.record_billing_transaction(text, uuid, uuid, uuid, numeric, uuid, text, jsonb, timestamptz)
    TO service_role;
