-- The tables of the campaign platform, without keys or indexes: those follow the bulk load, in 2_constraints.sql. The
-- triggers here are on from the first row, since what they write is written by nobody else.
-- Column defaults are there for the app and for people who write by hand; Populace writes every column of its own.

-- Words

CREATE TYPE public.app_role AS ENUM (
    'admin', 'tech_support', 'agency_owner', 'company_owner', 'developer', 'call_center');
CREATE TYPE public.org_type AS ENUM ('internal', 'agency');
CREATE TYPE public.industry_type AS ENUM (
    'roofing', 'rei', 'auto_service', 'auto_warranty', 'auto_buyback', 'retail_promo', 'restaurant_promo',
    'healthcare_checkup', 'legal_services', 'financial_advisor', 'fitness_gym', 'roofing_services', 'rei_postcard',
    'landscaping', 'moving_company', 'realtor_listing', 'dental', 'veterinary', 'insurance', 'home_services',
    'event_invite');
CREATE TYPE public.campaign_status AS ENUM (
    'draft', 'proofed', 'in_production', 'mailed', 'completed', 'approved', 'active', 'paused', 'scheduled',
    'cancelled');
CREATE TYPE public.template_size AS ENUM ('4x6', '6x9', '6x11', 'letter', 'trifold');
CREATE TYPE public.postage_class AS ENUM ('first_class', 'standard');
CREATE TYPE public.audience_source AS ENUM ('import', 'purchase', 'manual');
CREATE TYPE public.audience_status AS ENUM ('processing', 'ready', 'failed');
CREATE TYPE public.validation_status AS ENUM ('valid', 'invalid', 'suppressed');
CREATE TYPE public.lp_mode AS ENUM ('bridge', 'redirect');

-- Simulation, organisations and people

-- One row a run of a generator.
CREATE TABLE public.simulation_batches (
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    created_by    uuid,
    data_types    text[]      NOT NULL DEFAULT '{}',
    total_records integer,
    parameters    jsonb       NOT NULL DEFAULT '{}',
    status        text        NOT NULL DEFAULT 'completed',
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT simulation_batches_status_check CHECK (status IN ('running', 'completed', 'failed'))
);

CREATE TABLE public.organizations (
    id                        uuid            NOT NULL DEFAULT gen_random_uuid(),
    name                      text            NOT NULL,
    type                      public.org_type NOT NULL DEFAULT 'agency',
    settings_json             jsonb           NOT NULL DEFAULT '{}',
    redemption_fee_percentage numeric         NOT NULL DEFAULT 20.00,
    archived_at               timestamptz,
    is_simulated              boolean         NOT NULL DEFAULT false,
    simulation_batch_id       uuid,
    created_at                timestamptz     NOT NULL DEFAULT now(),
    CONSTRAINT organizations_redemption_fee_percentage_check CHECK (redemption_fee_percentage BETWEEN 0 AND 100)
);

CREATE TABLE public.agencies (
    id                        uuid        NOT NULL DEFAULT gen_random_uuid(),
    org_id                    uuid,
    name                      text        NOT NULL,
    slug                      text        NOT NULL,
    credit_account_id         uuid,
    pricing_tier              text        NOT NULL DEFAULT 'wholesale',
    default_markup_percentage numeric     NOT NULL DEFAULT 7.5,
    status                    text        NOT NULL DEFAULT 'active',
    contact_name              text,
    contact_email             text,
    contact_phone             text,
    is_simulated              boolean     NOT NULL DEFAULT false,
    simulation_batch_id       uuid,
    created_at                timestamptz NOT NULL DEFAULT now(),
    updated_at                timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT agencies_default_markup_percentage_check CHECK (default_markup_percentage >= 0),
    CONSTRAINT agencies_status_check CHECK (status IN ('active', 'suspended', 'inactive'))
);

CREATE TABLE public.clients (
    id                      uuid                 NOT NULL DEFAULT gen_random_uuid(),
    org_id                  uuid                 NOT NULL,
    name                    text                 NOT NULL,
    industry                public.industry_type NOT NULL,
    timezone                text                 NOT NULL DEFAULT 'America/New_York',
    logo_url                text,
    brand_colors_json       jsonb                NOT NULL DEFAULT '{}',
    api_key_hash            text,
    credits                 integer              NOT NULL DEFAULT 100000,
    tagline                 text,
    website_url             text,
    font_preferences        jsonb,
    redemption_fee_override numeric,
    agency_id               uuid,
    credit_account_id       uuid,
    agency_billing_enabled  boolean              NOT NULL DEFAULT false,
    slug                    text,
    archived_at             timestamptz,
    is_simulated            boolean              NOT NULL DEFAULT false,
    simulation_batch_id     uuid,
    created_at              timestamptz          NOT NULL DEFAULT now(),
    updated_at              timestamptz          NOT NULL DEFAULT now(),
    CONSTRAINT clients_redemption_fee_override_check CHECK (redemption_fee_override BETWEEN 0 AND 100)
);

-- Which agencies (organisations) look after which clients.
CREATE TABLE public.agency_client_assignments (
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    agency_org_id uuid        NOT NULL,
    client_id     uuid        NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- A profile has the id of its account.
CREATE TABLE public.profiles (
    id                       uuid        NOT NULL,
    email                    text        NOT NULL,
    full_name                text,
    phone                    text,
    timezone                 text        NOT NULL DEFAULT 'America/New_York',
    notification_preferences jsonb       NOT NULL DEFAULT '{}',
    is_active                boolean     NOT NULL DEFAULT true,
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.user_roles (
    id         uuid            NOT NULL DEFAULT gen_random_uuid(),
    user_id    uuid            NOT NULL,
    role       public.app_role NOT NULL,
    created_at timestamptz     NOT NULL DEFAULT now()
);

CREATE TABLE public.org_members (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    org_id     uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.client_users (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id  uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- What a client has: its looks, its pages, its gift cards, its contacts

CREATE TABLE public.brand_kits (
    id                 uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id          uuid        NOT NULL,
    name               text        NOT NULL,
    is_default         boolean     NOT NULL DEFAULT false,
    colors             jsonb       NOT NULL DEFAULT '{}',
    fonts              jsonb       NOT NULL DEFAULT '{}',
    logo_urls          jsonb       NOT NULL DEFAULT '{}',
    icon_url           text,
    design_style       text        NOT NULL DEFAULT 'modern',
    tagline            text,
    value_propositions text[]      NOT NULL DEFAULT '{}',
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT brand_kits_design_style_check
        CHECK (design_style IN ('modern', 'bold', 'luxury', 'minimal', 'playful'))
);

CREATE TABLE public.templates (
    id                   uuid                 NOT NULL DEFAULT gen_random_uuid(),
    client_id            uuid                 NOT NULL,
    name                 text                 NOT NULL,
    size                 public.template_size NOT NULL,
    json_layers          jsonb,
    thumbnail_url        text,
    industry_vertical    text,
    editor_state         jsonb,
    print_specifications jsonb,
    is_simulated         boolean              NOT NULL DEFAULT false,
    simulation_batch_id  uuid,
    created_at           timestamptz          NOT NULL DEFAULT now()
);

-- A page may be made for one campaign alone (campaign_id), or serve many, which then name it.
CREATE TABLE public.landing_pages (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id           uuid        NOT NULL,
    name                text        NOT NULL,
    slug                text        NOT NULL,
    published           boolean     NOT NULL DEFAULT false,
    content_json        jsonb       NOT NULL DEFAULT '{}',
    html_content        text,
    campaign_id         uuid,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.gift_card_brands (
    id                    uuid        NOT NULL DEFAULT gen_random_uuid(),
    brand_name            text        NOT NULL,
    brand_code            text        NOT NULL,
    provider              text        NOT NULL DEFAULT 'tillo',
    logo_url              text,
    category              text,
    typical_denominations jsonb       NOT NULL DEFAULT '[]',
    is_active             boolean     NOT NULL DEFAULT true,
    is_demo_brand         boolean     NOT NULL DEFAULT false,
    is_enabled_by_admin   boolean     NOT NULL DEFAULT true,
    tillo_brand_code      text,
    created_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gift_card_brands_typical_denominations_check CHECK (jsonb_typeof(typical_denominations) = 'array')
);

-- What a card of a brand and a value costs us, and what it is sold for: by default, for its value.
CREATE TABLE public.gift_card_denominations (
    id                       uuid        NOT NULL DEFAULT gen_random_uuid(),
    brand_id                 uuid        NOT NULL,
    denomination             numeric     NOT NULL,
    is_enabled_by_admin      boolean     NOT NULL DEFAULT true,
    admin_cost_per_card      numeric,
    tillo_cost_per_card      numeric,
    use_custom_pricing       boolean     NOT NULL DEFAULT false,
    client_price             numeric,
    agency_price             numeric,
    cost_basis               numeric,
    profit_margin_percentage numeric     GENERATED ALWAYS AS (
        CASE WHEN use_custom_pricing AND client_price > 0
            THEN round((client_price - cost_basis) / client_price * 100, 2)
            ELSE round((denomination - cost_basis) / denomination * 100, 2) END) STORED,
    created_at               timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gift_card_denominations_denomination_check CHECK (denomination > 0),
    CONSTRAINT gift_card_denominations_client_price_check CHECK (client_price >= 0),
    CONSTRAINT gift_card_denominations_agency_price_check CHECK (agency_price >= 0)
);

CREATE TABLE public.client_available_gift_cards (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id    uuid        NOT NULL,
    brand_id     uuid        NOT NULL,
    denomination numeric     NOT NULL,
    is_enabled   boolean     NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now()
);

-- customer_code is made by a trigger where it is not given.
CREATE TABLE public.contacts (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id           uuid        NOT NULL,
    first_name          text,
    last_name           text,
    email               text,
    phone               text,
    mobile_phone        text,
    company             text,
    job_title           text,
    address             text,
    address2            text,
    city                text,
    state               text,
    zip                 text,
    country             text        NOT NULL DEFAULT 'US',
    lifecycle_stage     text        NOT NULL DEFAULT 'lead',
    lead_source         text,
    lead_score          integer     NOT NULL DEFAULT 0,
    do_not_contact      boolean     NOT NULL DEFAULT false,
    email_opt_out       boolean     NOT NULL DEFAULT false,
    sms_opt_out         boolean     NOT NULL DEFAULT false,
    custom_fields       jsonb       NOT NULL DEFAULT '{}',
    notes               text,
    last_activity_date  timestamptz,
    customer_code       text        NOT NULL,
    engagement_score    integer     NOT NULL DEFAULT 0,
    total_interactions  integer     NOT NULL DEFAULT 0,
    redemptions_count   integer     NOT NULL DEFAULT 0,
    email_opens_count   integer     NOT NULL DEFAULT 0,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contacts_lifecycle_stage_check
        CHECK (lifecycle_stage IN ('lead', 'mql', 'sql', 'opportunity', 'customer', 'evangelist')),
    CONSTRAINT contacts_lead_score_check CHECK (lead_score BETWEEN 0 AND 100),
    CONSTRAINT contacts_customer_code_check CHECK (customer_code ~ '^[A-Za-z0-9_-]{3,50}$')
);

CREATE TABLE public.contact_lists (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id           uuid        NOT NULL,
    name                text        NOT NULL,
    description         text,
    list_type           text        NOT NULL DEFAULT 'static',
    filter_rules        jsonb,
    contact_count       integer     NOT NULL DEFAULT 0,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT contact_lists_list_type_check CHECK (list_type IN ('static', 'dynamic')),
    CONSTRAINT contact_lists_contact_count_check CHECK (contact_count >= 0)
);

CREATE TABLE public.contact_list_members (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    contact_id          uuid        NOT NULL,
    list_id             uuid        NOT NULL,
    added_at            timestamptz NOT NULL DEFAULT now(),
    unique_code         text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.contact_tags (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    contact_id          uuid        NOT NULL,
    tag                 text        NOT NULL,
    tag_category        text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now()
);

-- Campaigns and to whom they go

CREATE TABLE public.audiences (
    id                  uuid                   NOT NULL DEFAULT gen_random_uuid(),
    client_id           uuid                   NOT NULL,
    name                text                   NOT NULL,
    source              public.audience_source NOT NULL DEFAULT 'manual',
    total_count         integer                NOT NULL DEFAULT 0,
    valid_count         integer                NOT NULL DEFAULT 0,
    invalid_count       integer                NOT NULL DEFAULT 0,
    hygiene_json        jsonb                  NOT NULL DEFAULT '{}',
    suppressed_json     jsonb                  NOT NULL DEFAULT '{}',
    status              public.audience_status NOT NULL DEFAULT 'processing',
    is_simulated        boolean                NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz            NOT NULL DEFAULT now(),
    CONSTRAINT audiences_counts_check CHECK (least(total_count, valid_count, invalid_count) >= 0)
);

-- mail_date: when it goes to the mail house; drop_date: when that brings it to the post.
CREATE TABLE public.campaigns (
    id                  uuid                   NOT NULL DEFAULT gen_random_uuid(),
    client_id           uuid                   NOT NULL,
    audience_id         uuid,
    template_id         uuid,
    landing_page_id     uuid,
    contact_list_id     uuid,
    form_id             uuid,
    name                text                   NOT NULL,
    size                public.template_size   NOT NULL,
    postage             public.postage_class   NOT NULL DEFAULT 'standard',
    vendor              text,
    lp_mode             public.lp_mode         NOT NULL DEFAULT 'bridge',
    base_lp_url         text,
    utm_source          text                   NOT NULL DEFAULT 'directmail',
    utm_medium          text                   NOT NULL DEFAULT 'postcard',
    utm_campaign        text,
    status              public.campaign_status NOT NULL DEFAULT 'draft',
    mail_date           date,
    drop_date           date,
    completed_at        timestamptz,
    reward_pool_id      uuid,
    reward_condition    text,
    rewards_enabled     boolean                NOT NULL DEFAULT false,
    version             integer                NOT NULL DEFAULT 1,
    codes_uploaded      boolean                NOT NULL DEFAULT false,
    requires_codes      boolean                NOT NULL DEFAULT false,
    mailing_method      text                   NOT NULL DEFAULT 'self',
    allocated_budget    numeric,
    sms_opt_in_message  text,
    created_by_user_id  uuid,
    is_simulated        boolean                NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz            NOT NULL DEFAULT now(),
    updated_at          timestamptz            NOT NULL DEFAULT now(),
    CONSTRAINT campaigns_drop_date_check CHECK (drop_date >= mail_date),
    CONSTRAINT campaigns_reward_condition_check
        CHECK (reward_condition IN ('form_submission', 'call_completed', 'immediate')),
    CONSTRAINT campaigns_mailing_method_check CHECK (mailing_method IN ('self', 'ace_fulfillment')),
    CONSTRAINT campaigns_allocated_budget_check CHECK (allocated_budget >= 0),
    -- Who mails for somebody has to know where the code on the card leads.
    CONSTRAINT campaigns_landing_page_check CHECK (
        status NOT IN ('in_production', 'mailed') OR mailing_method = 'self'
        OR landing_page_id IS NOT NULL OR form_id IS NOT NULL)
);

CREATE TABLE public.campaign_conditions (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    campaign_id         uuid        NOT NULL,
    condition_number    integer     NOT NULL,
    condition_name      text        NOT NULL,
    trigger_type        text        NOT NULL DEFAULT 'manual_agent',
    crm_event_name      text,
    time_delay_hours    integer,
    is_active           boolean     NOT NULL DEFAULT true,
    brand_id            uuid,
    card_value          numeric,
    sms_template        text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT campaign_conditions_condition_number_check CHECK (condition_number BETWEEN 1 AND 3),
    CONSTRAINT campaign_conditions_trigger_type_check
        CHECK (trigger_type IN ('manual_agent', 'crm_webhook', 'time_delay')),
    CONSTRAINT campaign_conditions_time_delay_hours_check CHECK (time_delay_hours >= 0),
    CONSTRAINT campaign_conditions_card_value_check CHECK (card_value > 0)
);

CREATE TABLE public.campaign_reward_configs (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    campaign_id         uuid        NOT NULL,
    condition_number    integer     NOT NULL,
    gift_card_pool_id   uuid,
    reward_description  text,
    sms_template        text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT campaign_reward_configs_condition_number_check CHECK (condition_number BETWEEN 1 AND 3)
);

CREATE TABLE public.campaign_gift_card_config (
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    campaign_id      uuid        NOT NULL,
    brand_id         uuid        NOT NULL,
    denomination     numeric     NOT NULL,
    condition_number integer     NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT campaign_gift_card_config_denomination_check CHECK (denomination > 0),
    CONSTRAINT campaign_gift_card_config_condition_number_check CHECK (condition_number BETWEEN 1 AND 3)
);

CREATE TABLE public.tracked_phone_numbers (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    client_id           uuid,
    phone_number        text        NOT NULL,
    twilio_sid          text,
    campaign_id         uuid,
    status              text        NOT NULL DEFAULT 'available',
    assigned_at         timestamptz,
    recording_enabled   boolean     NOT NULL DEFAULT true,
    forward_to_number   text,
    monthly_cost        numeric     NOT NULL DEFAULT 1.00,
    purchased_at        timestamptz NOT NULL DEFAULT now(),
    friendly_name       text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT tracked_phone_numbers_status_check CHECK (status IN ('available', 'assigned', 'decommissioned')),
    CONSTRAINT tracked_phone_numbers_monthly_cost_check CHECK (monthly_cost >= 0)
);

-- gift_card_assigned_id and approved_call_session_id point at rows that are younger than the recipient; the card and
-- the call name the recipient in their turn, and theirs is the foreign key.
CREATE TABLE public.recipients (
    id                       uuid                     NOT NULL DEFAULT gen_random_uuid(),
    audience_id              uuid                     NOT NULL,
    campaign_id              uuid,
    contact_id               uuid,
    first_name               text,
    last_name                text,
    company                  text,
    address1                 text,
    address2                 text,
    city                     text,
    state                    text,
    zip                      text,
    zip4                     text,
    email                    text,
    phone                    text,
    token                    text                     NOT NULL
        DEFAULT upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)),
    redemption_code          text,
    validation_status        public.validation_status NOT NULL DEFAULT 'valid',
    delivery_status          text                     NOT NULL DEFAULT 'pending',
    delivered_at             timestamptz,
    approval_status          text                     NOT NULL DEFAULT 'pending',
    approved_at              timestamptz,
    approved_by_user_id      uuid,
    approved_call_session_id uuid,
    rejection_reason         text,
    gift_card_assigned_id    uuid,
    redemption_completed_at  timestamptz,
    redemption_ip            text,
    redemption_user_agent    text,
    sms_opt_in_status        text                     NOT NULL DEFAULT 'not_sent',
    sms_opt_in_sent_at       timestamptz,
    sms_opt_in_response_at   timestamptz,
    sms_opt_in_response      text,
    verification_method      text,
    disposition              text,
    custom_fields            jsonb                    NOT NULL DEFAULT '{}',
    geocode_json             jsonb,
    is_simulated             boolean                  NOT NULL DEFAULT false,
    simulation_batch_id      uuid,
    created_at               timestamptz              NOT NULL DEFAULT now(),
    CONSTRAINT recipients_token_check CHECK (length(token) = 12),
    CONSTRAINT recipients_delivery_status_check
        CHECK (delivery_status IN ('pending', 'in_transit', 'delivered', 'returned')),
    CONSTRAINT recipients_approval_status_check
        CHECK (approval_status IN ('pending', 'approved', 'rejected', 'redeemed')),
    CONSTRAINT recipients_sms_opt_in_status_check
        CHECK (sms_opt_in_status IN ('not_sent', 'pending', 'opted_in', 'opted_out', 'invalid_response'))
);

-- Which contacts took part in which campaigns, and how far they came; the trigger on recipients below fills it.
CREATE TABLE public.contact_campaign_participation (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
    contact_id           uuid        NOT NULL,
    campaign_id          uuid        NOT NULL,
    recipient_id         uuid,
    participation_status text        NOT NULL DEFAULT 'sent',
    redemption_code      text,
    participated_at      timestamptz NOT NULL DEFAULT now(),
    delivered_at         timestamptz,
    redeemed_at          timestamptz,
    gift_card_id         uuid,
    CONSTRAINT contact_campaign_participation_participation_status_check
        CHECK (participation_status IN ('sent', 'delivered', 'redeemed'))
);

CREATE TABLE public.events (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    campaign_id     uuid        NOT NULL,
    recipient_id    uuid        NOT NULL,
    event_type      text        NOT NULL,
    source          text        NOT NULL,
    event_data_json jsonb       NOT NULL DEFAULT '{}',
    occurred_at     timestamptz NOT NULL DEFAULT now(),
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT events_source_check CHECK (source IN ('usps', 'qr', 'purl', 'form', 'external'))
);

CREATE TABLE public.recipient_audit_log (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid(),
    recipient_id         uuid        NOT NULL,
    action               text        NOT NULL,
    performed_by_user_id uuid,
    call_session_id      uuid,
    ip_address           text,
    user_agent           text,
    metadata             jsonb       NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recipient_audit_log_action_check CHECK (
        action IN ('uploaded', 'approved', 'rejected', 'redeemed', 'viewed', 'gift_card_assigned', 'sms_sent',
            'email_sent'))
);

-- Gift cards, calls and messages

CREATE TABLE public.gift_card_inventory (
    id                       uuid        NOT NULL DEFAULT gen_random_uuid(),
    brand_id                 uuid        NOT NULL,
    denomination             numeric     NOT NULL,
    card_code                text        NOT NULL,
    card_number              text,
    expiration_date          date,
    status                   text        NOT NULL DEFAULT 'available',
    uploaded_at              timestamptz NOT NULL DEFAULT now(),
    upload_batch_id          uuid,
    assigned_to_recipient_id uuid,
    assigned_to_campaign_id  uuid,
    assigned_at              timestamptz,
    delivered_at             timestamptz,
    current_balance          numeric,
    balance_check_status     text,
    is_simulated             boolean     NOT NULL DEFAULT false,
    simulation_batch_id      uuid,
    created_at               timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gift_card_inventory_denomination_check CHECK (denomination > 0),
    CONSTRAINT gift_card_inventory_current_balance_check CHECK (current_balance >= 0),
    CONSTRAINT gift_card_inventory_status_check CHECK (status IN ('available', 'assigned', 'delivered', 'expired')),
    CONSTRAINT gift_card_inventory_assigned_check
        CHECK (status NOT IN ('assigned', 'delivered') OR assigned_at IS NOT NULL)
);

CREATE TABLE public.call_sessions (
    id                    uuid        NOT NULL DEFAULT gen_random_uuid(),
    campaign_id           uuid        NOT NULL,
    recipient_id          uuid,
    tracked_number_id     uuid        NOT NULL,
    caller_phone          text        NOT NULL,
    twilio_call_sid       text,
    call_status           text        NOT NULL DEFAULT 'ringing',
    match_status          text        NOT NULL DEFAULT 'unmatched',
    agent_user_id         uuid,
    call_started_at       timestamptz NOT NULL DEFAULT now(),
    call_answered_at      timestamptz,
    call_ended_at         timestamptz,
    call_duration_seconds integer,
    recording_url         text,
    recording_sid         text,
    recording_duration    integer,
    notes                 text,
    is_simulated          boolean     NOT NULL DEFAULT false,
    simulation_batch_id   uuid,
    created_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT call_sessions_call_status_check
        CHECK (call_status IN ('ringing', 'in-progress', 'completed', 'no-answer', 'busy', 'failed')),
    CONSTRAINT call_sessions_match_status_check CHECK (match_status IN ('matched', 'unmatched', 'manual_override')),
    CONSTRAINT call_sessions_call_duration_seconds_check CHECK (call_duration_seconds >= 0)
);

CREATE TABLE public.call_conditions_met (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    call_session_id     uuid        NOT NULL,
    campaign_id         uuid        NOT NULL,
    recipient_id        uuid        NOT NULL,
    condition_number    integer     NOT NULL,
    met_by_agent_id     uuid,
    met_at              timestamptz NOT NULL DEFAULT now(),
    gift_card_id        uuid,
    delivery_status     text,
    notes               text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT call_conditions_met_condition_number_check CHECK (condition_number BETWEEN 1 AND 3)
);

CREATE TABLE public.call_dispositions (
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    call_session_id  uuid        NOT NULL,
    recipient_id     uuid,
    agent_user_id    uuid,
    disposition_type text        NOT NULL,
    notes            text,
    follow_up_date   date,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT call_dispositions_disposition_type_check CHECK (
        disposition_type IN ('completed', 'callback_requested', 'wrong_number', 'no_answer', 'voicemail', 'escalated',
            'customer_declined'))
);

-- Consent to text messages as it stands; the messages themselves are in sms_opt_in_log.
CREATE TABLE public.sms_opt_ins (
    id                uuid        NOT NULL DEFAULT gen_random_uuid(),
    recipient_id      uuid        NOT NULL,
    campaign_id       uuid        NOT NULL,
    phone             text        NOT NULL,
    status            text        NOT NULL DEFAULT 'pending',
    opted_in_at       timestamptz,
    opted_out_at      timestamptz,
    verification_code text        NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sms_opt_ins_status_check CHECK (status IN ('opted_in', 'opted_out', 'pending')),
    CONSTRAINT sms_opt_ins_verification_code_check CHECK (verification_code ~ '^[0-9]{6}$')
);

-- A message may go out during the call, and the call is written when it has ended: call_session_id is no foreign key.
CREATE TABLE public.sms_opt_in_log (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    recipient_id    uuid        NOT NULL,
    campaign_id     uuid,
    call_session_id uuid,
    phone           text        NOT NULL,
    message_sid     text,
    direction       text        NOT NULL,
    message_text    text,
    status          text        NOT NULL DEFAULT 'sent',
    provider_used   text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sms_opt_in_log_direction_check CHECK (direction IN ('outbound', 'inbound')),
    CONSTRAINT sms_opt_in_log_status_check CHECK (status IN ('sent', 'delivered', 'failed', 'received')),
    CONSTRAINT sms_opt_in_log_provider_used_check CHECK (provider_used IN ('infobip', 'twilio'))
);

CREATE TABLE public.sms_delivery_log (
    id                  uuid        NOT NULL DEFAULT gen_random_uuid(),
    recipient_id        uuid,
    campaign_id         uuid,
    gift_card_id        uuid,
    phone_number        text        NOT NULL,
    message_body        text        NOT NULL,
    delivery_status     text        NOT NULL DEFAULT 'pending',
    twilio_message_sid  text,
    retry_count         integer     NOT NULL DEFAULT 0,
    delivered_at        timestamptz,
    provider_used       text,
    is_simulated        boolean     NOT NULL DEFAULT false,
    simulation_batch_id uuid,
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sms_delivery_log_delivery_status_check
        CHECK (delivery_status IN ('pending', 'sent', 'delivered', 'failed')),
    CONSTRAINT sms_delivery_log_retry_count_check CHECK (retry_count >= 0),
    CONSTRAINT sms_delivery_log_provider_used_check CHECK (provider_used IN ('infobip', 'twilio'))
);

-- Money

-- One row a card: what its payer is charged, and what it cost us.
CREATE TABLE public.gift_card_billing_ledger (
    id                    uuid        NOT NULL DEFAULT gen_random_uuid(),
    transaction_type      text        NOT NULL,
    billed_entity_type    text        NOT NULL,
    billed_entity_id      uuid        NOT NULL,
    campaign_id           uuid,
    recipient_id          uuid,
    brand_id              uuid        NOT NULL,
    denomination          numeric     NOT NULL,
    amount_billed         numeric     NOT NULL,
    cost_basis            numeric,
    profit                numeric     GENERATED ALWAYS AS (amount_billed - cost_basis) STORED,
    inventory_card_id     uuid,
    tillo_order_reference text,
    billed_at             timestamptz NOT NULL DEFAULT now(),
    metadata              jsonb       NOT NULL DEFAULT '{}',
    notes                 text,
    created_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gift_card_billing_ledger_transaction_type_check
        CHECK (transaction_type IN ('purchase_from_inventory', 'purchase_from_tillo', 'refund')),
    CONSTRAINT gift_card_billing_ledger_billed_entity_type_check CHECK (billed_entity_type IN ('client', 'agency')),
    CONSTRAINT gift_card_billing_ledger_denomination_check CHECK (denomination > 0),
    CONSTRAINT gift_card_billing_ledger_amount_billed_check CHECK (amount_billed >= 0),
    CONSTRAINT gift_card_billing_ledger_inventory_card_id_check
        CHECK (transaction_type <> 'purchase_from_inventory' OR inventory_card_id IS NOT NULL)
);

-- What happened on the way to a card, step by step, under one request_id.
CREATE TABLE public.gift_card_provisioning_trace (
    id            uuid        NOT NULL DEFAULT gen_random_uuid(),
    request_id    uuid        NOT NULL,
    campaign_id   uuid,
    recipient_id  uuid,
    step_number   integer     NOT NULL,
    step_name     text        NOT NULL,
    status        text        NOT NULL,
    duration_ms   integer,
    error_code    text,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT gift_card_provisioning_trace_step_number_check CHECK (step_number BETWEEN 1 AND 12),
    CONSTRAINT gift_card_provisioning_trace_status_check
        CHECK (status IN ('started', 'completed', 'failed', 'skipped')),
    CONSTRAINT gift_card_provisioning_trace_error_code_check CHECK (error_code ~ '^GC-0(0[1-9]|1[0-5])$')
);

-- entity_id is a client, an agency, or null for the platform.
CREATE TABLE public.credit_accounts (
    id                    uuid        NOT NULL DEFAULT gen_random_uuid(),
    entity_type           text        NOT NULL,
    entity_id             uuid,
    balance               numeric     NOT NULL DEFAULT 0,
    total_purchased       numeric     NOT NULL DEFAULT 0,
    total_used            numeric     NOT NULL DEFAULT 0,
    total_remaining       numeric     NOT NULL DEFAULT 0,
    auto_reload_enabled   boolean     NOT NULL DEFAULT false,
    auto_reload_threshold numeric,
    auto_reload_amount    numeric,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT credit_accounts_entity_type_check CHECK (entity_type IN ('platform', 'agency', 'client')),
    CONSTRAINT credit_accounts_entity_id_check CHECK ((entity_type = 'platform') = (entity_id IS NULL)),
    CONSTRAINT credit_accounts_balance_check CHECK (balance >= 0)
);

-- amount: what comes in is positive, what is used negative. reference_id: the row of the ledger that used it.
CREATE TABLE public.credit_transactions (
    id               uuid        NOT NULL DEFAULT gen_random_uuid(),
    account_id       uuid        NOT NULL,
    transaction_type text        NOT NULL,
    amount           numeric     NOT NULL,
    balance_after    numeric     NOT NULL,
    reference_id     uuid,
    description      text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT credit_transactions_transaction_type_check
        CHECK (transaction_type IN ('purchase', 'usage', 'refund', 'adjustment')),
    CONSTRAINT credit_transactions_amount_check CHECK (transaction_type <> 'usage' OR amount <= 0)
);

-- How the platform does

CREATE TABLE public.performance_metrics (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id     uuid,
    client_id   uuid,
    metric_type text        NOT NULL,
    metric_name text        NOT NULL,
    duration_ms integer,
    metadata    jsonb       NOT NULL DEFAULT '{}',
    recorded_at timestamptz NOT NULL DEFAULT now(),
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT performance_metrics_metric_type_check
        CHECK (metric_type IN ('page_load', 'api_response', 'edge_function', 'database_query'))
);

CREATE TABLE public.usage_analytics (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id      uuid,
    client_id    uuid,
    event_type   text        NOT NULL,
    feature_name text        NOT NULL,
    metadata     jsonb       NOT NULL DEFAULT '{}',
    occurred_at  timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.error_logs (
    id              uuid        NOT NULL DEFAULT gen_random_uuid(),
    user_id         uuid,
    client_id       uuid,
    organization_id uuid,
    campaign_id     uuid,
    recipient_id    uuid,
    request_id      text,
    error_type      text        NOT NULL,
    error_message   text        NOT NULL,
    error_code      text,
    severity        text        NOT NULL DEFAULT 'error',
    category        text,
    source          text,
    stack_trace     text,
    component_name  text,
    function_name   text,
    url             text,
    user_agent      text,
    request_data    jsonb,
    metadata        jsonb       NOT NULL DEFAULT '{}',
    occurred_at     timestamptz NOT NULL DEFAULT now(),
    resolved        boolean     NOT NULL DEFAULT false,
    resolved_at     timestamptz,
    resolved_by     uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT error_logs_severity_check CHECK (severity IN ('info', 'warning', 'error', 'critical'))
);

-- Participation follows from recipients, and from nothing else: whoever writes them in whatever order, the same rows
-- come of it. The id is a version-8 uuid made of contact and campaign, so that no default is drawn.
CREATE FUNCTION public.record_participation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- A foreign key that finds nothing to change fires this as well, a row of its parent at a time.
    IF NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        UPDATE public.contact_campaign_participation AS p SET
            recipient_id = s.recipient_id, participation_status = s.status, redemption_code = s.redemption_code,
            participated_at = s.participated_at, delivered_at = s.delivered_at, redeemed_at = s.redeemed_at,
            gift_card_id = s.gift_card_id
        FROM (
            SELECT r.contact_id, r.campaign_id, r.id AS recipient_id,
                CASE WHEN r.redemption_completed_at IS NOT NULL THEN 'redeemed'
                    WHEN r.delivered_at IS NOT NULL THEN 'delivered' ELSE 'sent' END AS status,
                r.redemption_code, r.created_at AS participated_at, r.delivered_at,
                r.redemption_completed_at AS redeemed_at, r.gift_card_assigned_id AS gift_card_id
            FROM changed AS r
            WHERE r.contact_id IS NOT NULL AND r.campaign_id IS NOT NULL) AS s
        WHERE p.contact_id = s.contact_id AND p.campaign_id = s.campaign_id
          AND (p.recipient_id IS NULL OR p.recipient_id = s.recipient_id)
          AND (p.recipient_id, p.participation_status, p.redemption_code, p.participated_at, p.delivered_at,
               p.redeemed_at, p.gift_card_id)
              IS DISTINCT FROM
              (s.recipient_id, s.status, s.redemption_code, s.participated_at, s.delivered_at, s.redeemed_at,
               s.gift_card_id);
    END IF;
    -- While a load is on there is no key to conflict with, nor anything that could.
    INSERT INTO public.contact_campaign_participation (id, contact_id, campaign_id, recipient_id, participation_status,
        redemption_code, participated_at, delivered_at, redeemed_at, gift_card_id)
    SELECT
        overlay(overlay(md5(r.contact_id::text || r.campaign_id::text) PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid,
        r.contact_id, r.campaign_id, r.id,
        CASE WHEN r.redemption_completed_at IS NOT NULL THEN 'redeemed'
            WHEN r.delivered_at IS NOT NULL THEN 'delivered' ELSE 'sent' END,
        r.redemption_code, r.created_at, r.delivered_at, r.redemption_completed_at, r.gift_card_assigned_id
    FROM changed AS r
    WHERE r.contact_id IS NOT NULL AND r.campaign_id IS NOT NULL
      AND (TG_OP = 'INSERT' OR NOT EXISTS (
          SELECT FROM public.contact_campaign_participation AS p
          WHERE p.contact_id = r.contact_id AND p.campaign_id = r.campaign_id))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER record_participation_of_new AFTER INSERT ON public.recipients
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_participation();
CREATE TRIGGER record_participation_of_changed AFTER UPDATE ON public.recipients
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.record_participation();
