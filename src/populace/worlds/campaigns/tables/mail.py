"""Tables of campaigns, of whom they go to, and of what becomes of the mail; parents before children."""

from __future__ import annotations

from populace.spec import Column, Table
from populace.spec.kit.columns import CREATED, ID, UPDATED, amounts, counts, moment, perhaps, texts, user, yes_no
from populace.worlds.campaigns.tables.columns import (
    BRAND,
    CAMPAIGN,
    CLIENT,
    MARKED,
    OF_CAMPAIGN,
    RECIPIENT,
    SIMULATED,
    of_parent,
)

CAMPAIGNS = (
    Table(
        name="audiences",
        columns=(ID, CLIENT, *texts("name"), Column("source", "text", enum="audience_source"),
                 *counts("total_count", "valid_count", "invalid_count"), Column("hygiene_json", "jsonb"),
                 Column("status", "text", enum="audience_status"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="campaigns", mode="merge",
        columns=(ID, CLIENT, Column("audience_id", "uuid", references="public.audiences.id"),
                 Column("template_id", "uuid", references="public.templates.id"),
                 Column("landing_page_id", "uuid", references="public.landing_pages.id"),
                 *texts("name"), Column("size", "text", enum="template_size"),
                 Column("postage", "text", enum="postage_class"), Column("lp_mode", "text", enum="lp_mode"),
                 *texts("base_lp_url", "utm_source", "utm_medium", "utm_campaign"),
                 Column("status", "text", enum="campaign_status"),
                 Column("mail_date", "date", moment="planned", after="created_at"),
                 Column("drop_date", "date", moment="planned", after="mail_date"),
                 moment("completed_at", "created_at", nullable=True), *perhaps("reward_condition"),
                 *yes_no("rewards_enabled"), *texts("mailing_method"), *perhaps("allocated_budget", type="numeric"),
                 *perhaps("sms_opt_in_message"), user("created_by_user_id"), *SIMULATED, CREATED, UPDATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="campaign_conditions",
        columns=(ID, CAMPAIGN, *counts("condition_number"), *texts("condition_name", "trigger_type"),
                 *perhaps("crm_event_name"), *yes_no("is_active"),
                 Column("brand_id", "uuid", nullable=True, references="public.gift_card_brands.id"),
                 *perhaps("card_value", type="numeric"), *perhaps("sms_template"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="campaign_reward_configs",
        columns=(ID, CAMPAIGN, *counts("condition_number"), *texts("reward_description", "sms_template"), *SIMULATED,
                 CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="campaign_gift_card_config",
        columns=(ID, CAMPAIGN, BRAND, *amounts("denomination"), *counts("condition_number"), CREATED),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN,
    ),
    Table(
        name="tracked_phone_numbers", mode="merge",
        columns=(ID, CLIENT, *texts("phone_number", "twilio_sid"),
                 Column("campaign_id", "uuid", nullable=True, references="public.campaigns.id"), *texts("status"),
                 moment("purchased_at"), moment("assigned_at", "purchased_at", nullable=True),
                 *yes_no("recording_enabled"),
                 *texts("forward_to_number"), *amounts("monthly_cost"), *texts("friendly_name"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="recipients", mode="merge",
        columns=(ID, Column("audience_id", "uuid", references="public.audiences.id"), CAMPAIGN,
                 Column("contact_id", "uuid", nullable=True, references="public.contacts.id"),
                 *texts("first_name", "last_name", "address1"), *perhaps("address2"),
                 *texts("city", "state", "zip"), *perhaps("email", "phone"), *texts("token", "redemption_code"),
                 Column("validation_status", "text", enum="validation_status"), *texts("delivery_status"),
                 moment("delivered_at", "created_at", nullable=True), *texts("approval_status"),
                 moment("approved_at", "created_at", nullable=True), user("approved_by_user_id", nullable=True),
                 *perhaps("approved_call_session_id", "gift_card_assigned_id", type="uuid"),
                 moment("redemption_completed_at", "created_at", nullable=True), *texts("sms_opt_in_status"),
                 moment("sms_opt_in_sent_at", "delivered_at", nullable=True),
                 moment("sms_opt_in_response_at", "sms_opt_in_sent_at", nullable=True),
                 *perhaps("sms_opt_in_response", "verification_method", "disposition"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    # Filled by the database's own trigger on recipients; declared so that checks see it and a clean-up takes it along.
    Table(
        name="contact_campaign_participation", mode="merge",
        columns=(ID, Column("contact_id", "uuid", references="public.contacts.id"), CAMPAIGN, RECIPIENT,
                 *texts("participation_status"), *perhaps("redemption_code"), moment("participated_at"),
                 moment("delivered_at", "participated_at", nullable=True),
                 moment("redeemed_at", "delivered_at", nullable=True), *perhaps("gift_card_id", type="uuid")),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN, proven_by="recipient_id",
    ),
    Table(
        name="events",
        columns=(ID, CAMPAIGN, RECIPIENT, *texts("event_type", "source"), Column("event_data_json", "jsonb"),
                 moment("occurred_at"), Column("created_at", "timestamptz", moment="happened", after="occurred_at")),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN,
    ),
    Table(
        name="recipient_audit_log",
        columns=(ID, RECIPIENT, *texts("action"), user("performed_by_user_id", nullable=True),
                 Column("metadata", "jsonb"), CREATED),
        key=("id",), root="portfolio", mark=of_parent("recipients", "recipient_id"),
    ),
)  # fmt: skip
