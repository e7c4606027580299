"""The tables of the campaign platform: columns, keys, and how each row is known as synthetic.

Where the schema has `is_simulated`, the mark is that and a batch of Populace's, so that what the app's own simulation
left stays; elsewhere a row belongs to the client, the campaign or the recipient it refers to. People are known by two
marks at once, the reserved e-mail domain and `is_simulated` in the account's metadata.

A reference backwards, to a row that comes into being later than the one that names it (the card of a recipient, the
recipient of a card, the call of a message), is not declared with `references=`: a cause would come after its effect.
"""

from __future__ import annotations

from populace.spec import Column, Mark, Table

DOMAIN = "campaigns.populace.test"
"""The domain of every synthetic user's e-mail address, reserved so that no mail can reach anybody."""

# Keys of static rows are uuids of version 8, which no default of the app makes; a batch is such a row.
_OURS = "substr({0}::text, 15, 1) = '8'"
_SIMULATED = "{0}.is_simulated AND " + _OURS.format("{0}.simulation_batch_id")
_ACCOUNT = (
    f"split_part(u.email, '@', -1) = '{DOMAIN}' AND u.raw_user_meta_data ->> 'is_simulated' = 'true'"  # no percent sign
)
_SAID = f"has an e-mail address at {DOMAIN} and raw_user_meta_data.is_simulated true"

ID = Column("id", "uuid")
CREATED = Column("created_at", "timestamptz", moment="happened")
UPDATED = Column("updated_at", "timestamptz", moment="happened", after="created_at")
CLIENT = Column("client_id", "uuid", references="public.clients.id")
CAMPAIGN = Column("campaign_id", "uuid", references="public.campaigns.id")
RECIPIENT = Column("recipient_id", "uuid", references="public.recipients.id")
BRAND = Column("brand_id", "uuid", references="public.gift_card_brands.id")
SIMULATED = (
    Column("is_simulated", "bool"),
    Column("simulation_batch_id", "uuid", references="public.simulation_batches.id"),
)
"""Told as true, and `Key("simulation_batches", 0)`."""


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "text") for name in names)


def _perhaps(*names: str, type: str = "text") -> tuple[Column, ...]:
    return tuple(Column(name, type, nullable=True) for name in names)


def _count(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "int4") for name in names)


def _money(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "numeric") for name in names)


def _yes_no(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "bool") for name in names)


def _at(name: str, after: str | None = None, *, nullable: bool = False) -> Column:
    return Column(name, "timestamptz", nullable=nullable, moment="happened", after=after)


def _user(name: str = "user_id", *, nullable: bool = False) -> Column:
    return Column(name, "uuid", nullable=nullable, references="auth.users.id")


_MARKED = Mark(_SIMULATED.format("t"), "is_simulated, and its simulation_batch_id is a version-8 uuid")


def _of(parent: str, column: str) -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM public.{parent} AS p WHERE p.id = t.{column} AND {_SIMULATED.format('p')})",  # noqa: S608
        f"{column} names a simulated row of {parent}",
    )


def _of_user(column: str = "user_id") -> Mark:
    return Mark(
        f"EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.{column} AND {_ACCOUNT})",  # noqa: S608
        f"the account {column} {_SAID}",
    )


_OF_CLIENT = _of("clients", "client_id")
_OF_CAMPAIGN = _of("campaigns", "campaign_id")
_OF_DEMO_BRAND = Mark(
    f"EXISTS (SELECT 1 FROM public.gift_card_brands AS b WHERE b.id = t.brand_id AND b.is_demo_brand AND {_OURS.format('b.id')})",  # noqa: S608, E501
    "its brand is a demo brand with a version-8 uuid",
)
_OF_ACCOUNT = Mark(
    "EXISTS (SELECT 1 FROM public.credit_accounts AS a JOIN public.clients AS p ON p.id = a.entity_id "  # noqa: S608
    f"WHERE a.id = t.account_id AND a.entity_type = 'client' AND {_SIMULATED.format('p')})",
    "its account belongs to a simulated client",
)
_METRIC = Mark("t.metadata ->> 'simulated' = 'true'", "metadata.simulated is true")

_PEOPLE = (
    Table(
        name="users", schema="auth",
        columns=(ID, Column("instance_id", "uuid"), *_text("aud", "role", "email"), *_perhaps("encrypted_password"),
                 _at("email_confirmed_at", "created_at"),
                 *_text("confirmation_token", "recovery_token", "email_change_token_new", "email_change"),
                 Column("raw_app_meta_data", "jsonb"), Column("raw_user_meta_data", "jsonb"),
                 *_yes_no("is_sso_user", "is_anonymous"), CREATED, UPDATED),
        key=("id",), root="staff", mark=Mark(_ACCOUNT.replace("u.", "t."), f"it {_SAID}"),
    ),
    Table(
        name="identities", schema="auth",
        columns=(ID, *_text("provider_id"), _user(), Column("identity_data", "jsonb"), *_text("provider"),
                 CREATED, UPDATED),
        key=("id",), root="staff", mark=_of_user(),
    ),
    Table(
        name="simulation_batches",
        columns=(ID, Column("data_types", "text[]"), Column("total_records", "int4", nullable=True),
                 Column("parameters", "jsonb"), *_text("status"), CREATED),
        key=("id",), root="platform",
        mark=Mark(_OURS.format("t.id"), "its id is a version-8 uuid, which no default of the app makes"),
    ),
    Table(
        name="organizations",
        columns=(ID, *_text("name"), Column("type", "text", enum="org_type"), Column("settings_json", "jsonb"),
                 *_money("redemption_fee_percentage"), *SIMULATED, CREATED),
        key=("id",), root="organization", mark=_MARKED,
    ),
    Table(
        name="agencies",
        columns=(ID, Column("org_id", "uuid", references="public.organizations.id"),
                 *_text("name", "slug", "pricing_tier"), *_money("default_markup_percentage"),
                 *_text("status", "contact_name", "contact_email", "contact_phone"), *SIMULATED, CREATED, UPDATED),
        key=("id",), root="organization", mark=_MARKED,
    ),
    Table(
        name="clients",
        columns=(ID, Column("org_id", "uuid", references="public.organizations.id"), *_text("name"),
                 Column("industry", "text", enum="industry_type"), *_text("timezone"),
                 Column("brand_colors_json", "jsonb"), *_count("credits"), *_text("tagline", "website_url"),
                 Column("agency_id", "uuid", nullable=True, references="public.agencies.id"),
                 *_yes_no("agency_billing_enabled"), *_text("slug"), *SIMULATED, CREATED, UPDATED),
        key=("id",), root="client", mark=_MARKED,
    ),
    Table(
        name="agency_client_assignments",
        columns=(ID, Column("agency_org_id", "uuid", references="public.organizations.id"), CLIENT, CREATED),
        key=("id",), root="client", mark=_OF_CLIENT,
    ),
    Table(
        name="profiles",
        columns=(Column("id", "uuid", references="auth.users.id"), *_text("email", "full_name", "phone", "timezone"),
                 *_yes_no("is_active"), CREATED, UPDATED),
        key=("id",), root="staff", mark=_of_user("id"),
    ),
    Table(
        name="user_roles",
        columns=(ID, _user(), Column("role", "text", enum="app_role"), CREATED),
        key=("id",), root="staff", mark=_of_user(),
    ),
    Table(
        name="org_members",
        columns=(ID, Column("org_id", "uuid", references="public.organizations.id"), _user(), CREATED),
        key=("id",), root="staff", mark=_of_user(),
    ),
    Table(
        name="client_users",
        columns=(ID, CLIENT, _user(), CREATED),
        key=("id",), root="client_user", mark=_of_user(),
    ),
)  # fmt: skip

_CLIENTS = (
    Table(
        name="brand_kits",
        columns=(ID, CLIENT, *_text("name"), *_yes_no("is_default"), Column("colors", "jsonb"),
                 Column("fonts", "jsonb"), *_text("design_style", "tagline"), Column("value_propositions", "text[]"),
                 CREATED, UPDATED),
        key=("id",), root="client", mark=_OF_CLIENT,
    ),
    Table(
        name="templates",
        columns=(ID, CLIENT, *_text("name"), Column("size", "text", enum="template_size"),
                 Column("json_layers", "jsonb"), *_text("industry_vertical"), *SIMULATED, CREATED),
        key=("id",), root="client", mark=_MARKED,
    ),
    Table(
        name="landing_pages",
        columns=(ID, CLIENT, *_text("name", "slug"), *_yes_no("published"), Column("content_json", "jsonb"),
                 *SIMULATED, CREATED),
        key=("id",), root="client", mark=_MARKED,
    ),
    Table(
        name="gift_card_brands",
        columns=(ID, *_text("brand_name", "brand_code", "provider", "category"),
                 Column("typical_denominations", "jsonb"),
                 *_yes_no("is_active", "is_demo_brand", "is_enabled_by_admin"), CREATED),
        key=("id",), root="brand",
        mark=Mark(f"t.is_demo_brand AND {_OURS.format('t.id')}", "is_demo_brand, and its id is a version-8 uuid"),
    ),
    Table(
        name="gift_card_denominations",
        columns=(ID, BRAND, *_money("denomination"), *_yes_no("is_enabled_by_admin"),
                 *_money("admin_cost_per_card", "tillo_cost_per_card"), *_yes_no("use_custom_pricing"),
                 *_perhaps("client_price", "agency_price", type="numeric"), *_money("cost_basis"), CREATED),
        key=("id",), root="denomination", mark=_OF_DEMO_BRAND,
    ),
    Table(
        name="client_available_gift_cards",
        columns=(ID, CLIENT, BRAND, *_money("denomination"), *_yes_no("is_enabled"), CREATED),
        key=("id",), root="client", mark=_OF_CLIENT,
    ),
    Table(
        name="contacts", mode="merge",
        columns=(ID, CLIENT, *_text("first_name", "last_name"), *_perhaps("email", "phone", "mobile_phone", "company",
                 "job_title"), *_text("address"), *_perhaps("address2"),
                 *_text("city", "state", "zip", "country", "lifecycle_stage", "lead_source"),
                 *_count("lead_score"), *_yes_no("do_not_contact", "email_opt_out", "sms_opt_out"),
                 Column("custom_fields", "jsonb"), _at("last_activity_date", "created_at", nullable=True),
                 *_text("customer_code"), *_count("engagement_score", "total_interactions", "redemptions_count"),
                 *SIMULATED, CREATED, UPDATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="contact_lists",
        columns=(ID, CLIENT, *_text("name", "description", "list_type"), *_perhaps("filter_rules", type="jsonb"),
                 *_count("contact_count"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="contact_list_members",
        columns=(ID, Column("contact_id", "uuid", references="public.contacts.id"),
                 Column("list_id", "uuid", references="public.contact_lists.id"), _at("added_at"), *SIMULATED,
                 CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="contact_tags",
        columns=(ID, Column("contact_id", "uuid", references="public.contacts.id"), *_text("tag", "tag_category"),
                 *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
)  # fmt: skip

_CAMPAIGNS = (
    Table(
        name="audiences",
        columns=(ID, CLIENT, *_text("name"), Column("source", "text", enum="audience_source"),
                 *_count("total_count", "valid_count", "invalid_count"), Column("hygiene_json", "jsonb"),
                 Column("status", "text", enum="audience_status"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="campaigns", mode="merge",
        columns=(ID, CLIENT, Column("audience_id", "uuid", references="public.audiences.id"),
                 Column("template_id", "uuid", references="public.templates.id"),
                 Column("landing_page_id", "uuid", references="public.landing_pages.id"),
                 *_text("name"), Column("size", "text", enum="template_size"),
                 Column("postage", "text", enum="postage_class"), Column("lp_mode", "text", enum="lp_mode"),
                 *_text("base_lp_url", "utm_source", "utm_medium", "utm_campaign"),
                 Column("status", "text", enum="campaign_status"),
                 Column("mail_date", "date", moment="planned", after="created_at"),
                 Column("drop_date", "date", moment="planned", after="mail_date"),
                 _at("completed_at", "created_at", nullable=True), *_perhaps("reward_condition"),
                 *_yes_no("rewards_enabled"), *_text("mailing_method"), *_perhaps("allocated_budget", type="numeric"),
                 *_perhaps("sms_opt_in_message"), _user("created_by_user_id"), *SIMULATED, CREATED, UPDATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="campaign_conditions",
        columns=(ID, CAMPAIGN, *_count("condition_number"), *_text("condition_name", "trigger_type"),
                 *_perhaps("crm_event_name"), *_yes_no("is_active"),
                 Column("brand_id", "uuid", nullable=True, references="public.gift_card_brands.id"),
                 *_perhaps("card_value", type="numeric"), *_perhaps("sms_template"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="campaign_reward_configs",
        columns=(ID, CAMPAIGN, *_count("condition_number"), *_text("reward_description", "sms_template"), *SIMULATED,
                 CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="campaign_gift_card_config",
        columns=(ID, CAMPAIGN, BRAND, *_money("denomination"), *_count("condition_number"), CREATED),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    Table(
        name="tracked_phone_numbers", mode="merge",
        columns=(ID, CLIENT, *_text("phone_number", "twilio_sid"),
                 Column("campaign_id", "uuid", nullable=True, references="public.campaigns.id"), *_text("status"),
                 _at("purchased_at"), _at("assigned_at", "purchased_at", nullable=True), *_yes_no("recording_enabled"),
                 *_text("forward_to_number"), *_money("monthly_cost"), *_text("friendly_name"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="recipients", mode="merge",
        columns=(ID, Column("audience_id", "uuid", references="public.audiences.id"), CAMPAIGN,
                 Column("contact_id", "uuid", nullable=True, references="public.contacts.id"),
                 *_text("first_name", "last_name", "address1"), *_perhaps("address2"),
                 *_text("city", "state", "zip"), *_perhaps("email", "phone"), *_text("token", "redemption_code"),
                 Column("validation_status", "text", enum="validation_status"), *_text("delivery_status"),
                 _at("delivered_at", "created_at", nullable=True), *_text("approval_status"),
                 _at("approved_at", "created_at", nullable=True), _user("approved_by_user_id", nullable=True),
                 *_perhaps("approved_call_session_id", "gift_card_assigned_id", type="uuid"),
                 _at("redemption_completed_at", "created_at", nullable=True), *_text("sms_opt_in_status"),
                 _at("sms_opt_in_sent_at", "delivered_at", nullable=True),
                 _at("sms_opt_in_response_at", "sms_opt_in_sent_at", nullable=True),
                 *_perhaps("sms_opt_in_response", "verification_method", "disposition"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    # Filled by the database's own trigger on recipients; declared so that checks see it and a clean-up takes it along.
    Table(
        name="contact_campaign_participation", mode="merge",
        columns=(ID, Column("contact_id", "uuid", references="public.contacts.id"), CAMPAIGN, RECIPIENT,
                 *_text("participation_status"), *_perhaps("redemption_code"), _at("participated_at"),
                 _at("delivered_at", "participated_at", nullable=True),
                 _at("redeemed_at", "delivered_at", nullable=True), *_perhaps("gift_card_id", type="uuid")),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    Table(
        name="events",
        columns=(ID, CAMPAIGN, RECIPIENT, *_text("event_type", "source"), Column("event_data_json", "jsonb"),
                 _at("occurred_at"), Column("created_at", "timestamptz", moment="happened", after="occurred_at")),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    Table(
        name="recipient_audit_log",
        columns=(ID, RECIPIENT, *_text("action"), _user("performed_by_user_id", nullable=True),
                 Column("metadata", "jsonb"), CREATED),
        key=("id",), root="portfolio", mark=_of("recipients", "recipient_id"),
    ),
)  # fmt: skip

_RESPONSES = (
    # The card is uploaded before the recipient who gets it: assigned_to_… look backwards.
    Table(
        name="gift_card_inventory", mode="merge",
        columns=(ID, BRAND, *_money("denomination"), *_text("card_code", "card_number"),
                 Column("expiration_date", "date", moment="planned", after="uploaded_at"), *_text("status"),
                 _at("uploaded_at"),
                 *_perhaps("assigned_to_recipient_id", "assigned_to_campaign_id", type="uuid"),
                 _at("assigned_at", "uploaded_at", nullable=True), _at("delivered_at", "assigned_at", nullable=True),
                 *_money("current_balance"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="call_sessions",
        columns=(ID, CAMPAIGN, Column("recipient_id", "uuid", nullable=True, references="public.recipients.id"),
                 Column("tracked_number_id", "uuid", references="public.tracked_phone_numbers.id"),
                 *_text("caller_phone", "twilio_call_sid", "call_status", "match_status"),
                 _user("agent_user_id", nullable=True), _at("call_started_at"),
                 _at("call_answered_at", "call_started_at", nullable=True), _at("call_ended_at", "call_started_at"),
                 *_count("call_duration_seconds"), *_perhaps("recording_url"),
                 *_perhaps("recording_duration", type="int4"), *_perhaps("notes"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="call_conditions_met",
        columns=(ID, Column("call_session_id", "uuid", references="public.call_sessions.id"), CAMPAIGN, RECIPIENT,
                 *_count("condition_number"), _user("met_by_agent_id", nullable=True), _at("met_at"),
                 Column("gift_card_id", "uuid", nullable=True, references="public.gift_card_inventory.id"),
                 *_perhaps("delivery_status"), *SIMULATED,
                 Column("created_at", "timestamptz", moment="happened", after="met_at")),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
    Table(
        name="call_dispositions",
        columns=(ID, Column("call_session_id", "uuid", references="public.call_sessions.id"),
                 Column("recipient_id", "uuid", nullable=True, references="public.recipients.id"),
                 _user("agent_user_id", nullable=True), *_text("disposition_type"), *_perhaps("notes"), CREATED),
        key=("id",), root="portfolio", mark=_of("call_sessions", "call_session_id"),
    ),
    Table(
        name="sms_opt_ins", mode="merge",
        columns=(ID, RECIPIENT, CAMPAIGN, *_text("phone", "status"), _at("opted_in_at", "created_at", nullable=True),
                 _at("opted_out_at", "created_at", nullable=True), *_text("verification_code"), CREATED),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    # A message goes out during the call, which is written when it has ended: call_session_id looks ahead.
    Table(
        name="sms_opt_in_log",
        columns=(ID, RECIPIENT, CAMPAIGN, *_perhaps("call_session_id", type="uuid"),
                 *_text("phone", "message_sid", "direction", "message_text", "status", "provider_used"), CREATED),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    Table(
        name="sms_delivery_log",
        columns=(ID, RECIPIENT, CAMPAIGN,
                 Column("gift_card_id", "uuid", nullable=True, references="public.gift_card_inventory.id"),
                 *_text("phone_number", "message_body", "delivery_status", "twilio_message_sid"),
                 *_count("retry_count"), _at("delivered_at", nullable=True), *_text("provider_used"), *SIMULATED,
                 CREATED),
        key=("id",), root="portfolio", mark=_MARKED,
    ),
)  # fmt: skip

_MONEY = (
    Table(
        name="gift_card_billing_ledger",
        columns=(ID, *_text("transaction_type", "billed_entity_type"),
                 Column("billed_entity_id", "uuid", references="public.clients.id", alternative="public.agencies.id"),
                 CAMPAIGN, RECIPIENT, BRAND, *_money("denomination", "amount_billed", "cost_basis"),
                 Column("inventory_card_id", "uuid", nullable=True, references="public.gift_card_inventory.id"),
                 *_perhaps("tillo_order_reference"), _at("billed_at"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    Table(
        name="gift_card_provisioning_trace",
        columns=(ID, Column("request_id", "uuid"), CAMPAIGN, RECIPIENT, *_count("step_number"),
                 *_text("step_name", "status"), *_perhaps("duration_ms", type="int4"),
                 *_perhaps("error_code", "error_message"), CREATED),
        key=("id",), root="portfolio", mark=_OF_CAMPAIGN,
    ),
    Table(
        name="credit_accounts", mode="merge",
        columns=(ID, *_text("entity_type"), Column("entity_id", "uuid", references="public.clients.id"),
                 *_money("balance", "total_purchased", "total_used", "total_remaining"),
                 *_yes_no("auto_reload_enabled"), *_money("auto_reload_threshold", "auto_reload_amount"),
                 CREATED, UPDATED),
        key=("id",), root="portfolio",
        mark=Mark(f"t.entity_type = 'client' AND {_of('clients', 'entity_id').condition}",
                  "it is the account of a simulated client"),
    ),
    Table(
        name="credit_transactions",
        columns=(ID, Column("account_id", "uuid", references="public.credit_accounts.id"),
                 *_text("transaction_type"), *_money("amount", "balance_after"),
                 Column("reference_id", "uuid", nullable=True, references="public.gift_card_billing_ledger.id"),
                 *_text("description"), CREATED),
        key=("id",), root="portfolio", mark=_OF_ACCOUNT,
    ),
)  # fmt: skip

_USE = (
    Table(
        name="performance_metrics",
        columns=(ID, _user(nullable=True), Column("client_id", "uuid", nullable=True, references="public.clients.id"),
                 *_text("metric_type", "metric_name"), *_count("duration_ms"), Column("metadata", "jsonb"),
                 _at("recorded_at"), CREATED),
        key=("id",), root="log", mark=_METRIC,
    ),
    Table(
        name="usage_analytics",
        columns=(ID, _user(nullable=True), Column("client_id", "uuid", nullable=True, references="public.clients.id"),
                 *_text("event_type", "feature_name"), Column("metadata", "jsonb"), _at("occurred_at"), CREATED),
        key=("id",), root="log", mark=_METRIC,
    ),
    Table(
        name="error_logs", mode="merge",
        columns=(ID, _user(nullable=True), Column("client_id", "uuid", nullable=True, references="public.clients.id"),
                 *_text("error_type", "error_message", "error_code"),
                 *_perhaps("stack_trace", "component_name", "function_name", "url", "user_agent"),
                 *_perhaps("request_data", type="jsonb"), _at("occurred_at"), *_yes_no("resolved"),
                 _at("resolved_at", "occurred_at", nullable=True), _user("resolved_by", nullable=True),
                 *_text("severity", "category", "source"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="log", mark=_METRIC,
    ),
)  # fmt: skip

TABLES = (*_PEOPLE, *_CLIENTS, *_CAMPAIGNS, *_RESPONSES, *_MONEY, *_USE)
"""Parents before children."""
