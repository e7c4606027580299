"""Tables of gift cards, calls and messages, and of who pays for the cards; parents before children."""

from __future__ import annotations

from populace.spec import Column, Mark, Table
from populace.spec.kit.columns import CREATED, ID, UPDATED, amounts, counts, moment, perhaps, texts, user, yes_no
from populace.worlds.campaigns.tables.columns import (
    BRAND,
    CAMPAIGN,
    MARKED,
    OF_ACCOUNT,
    OF_CAMPAIGN,
    RECIPIENT,
    SIMULATED,
    of_parent,
)

RESPONSES = (
    # The card is uploaded before the recipient who gets it: assigned_to_… look backwards.
    Table(
        name="gift_card_inventory", mode="merge",
        columns=(ID, BRAND, *amounts("denomination"), *texts("card_code", "card_number"),
                 Column("expiration_date", "date", moment="planned", after="uploaded_at"), *texts("status"),
                 moment("uploaded_at"),
                 *perhaps("assigned_to_recipient_id", "assigned_to_campaign_id", type="uuid"),
                 moment("assigned_at", "uploaded_at", nullable=True),
                 moment("delivered_at", "assigned_at", nullable=True),
                 *amounts("current_balance"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="call_sessions",
        columns=(ID, CAMPAIGN, Column("recipient_id", "uuid", nullable=True, references="public.recipients.id"),
                 Column("tracked_number_id", "uuid", references="public.tracked_phone_numbers.id"),
                 *texts("caller_phone", "twilio_call_sid", "call_status", "match_status"),
                 user("agent_user_id", nullable=True), moment("call_started_at"),
                 moment("call_answered_at", "call_started_at", nullable=True),
                 moment("call_ended_at", "call_started_at"),
                 *counts("call_duration_seconds"), *perhaps("recording_url"),
                 *perhaps("recording_duration", type="int4"), *perhaps("notes"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="call_conditions_met",
        columns=(ID, Column("call_session_id", "uuid", references="public.call_sessions.id"), CAMPAIGN, RECIPIENT,
                 *counts("condition_number"), user("met_by_agent_id", nullable=True), moment("met_at"),
                 Column("gift_card_id", "uuid", nullable=True, references="public.gift_card_inventory.id"),
                 *perhaps("delivery_status"), *SIMULATED,
                 Column("created_at", "timestamptz", moment="happened", after="met_at")),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="call_dispositions",
        columns=(ID, Column("call_session_id", "uuid", references="public.call_sessions.id"),
                 Column("recipient_id", "uuid", nullable=True, references="public.recipients.id"),
                 user("agent_user_id", nullable=True), *texts("disposition_type"), *perhaps("notes"), CREATED),
        key=("id",), root="portfolio", mark=of_parent("call_sessions", "call_session_id"),
    ),
    Table(
        name="sms_opt_ins", mode="merge",
        columns=(ID, RECIPIENT, CAMPAIGN, *texts("phone", "status"), moment("opted_in_at", "created_at", nullable=True),
                 moment("opted_out_at", "created_at", nullable=True), *texts("verification_code"), CREATED),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN,
    ),
    # A message goes out during the call, which is written when it has ended: call_session_id looks ahead.
    Table(
        name="sms_opt_in_log",
        columns=(ID, RECIPIENT, CAMPAIGN, *perhaps("call_session_id", type="uuid"),
                 *texts("phone", "message_sid", "direction", "message_text", "status", "provider_used"), CREATED),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN,
    ),
    Table(
        name="sms_delivery_log",
        columns=(ID, RECIPIENT, CAMPAIGN,
                 Column("gift_card_id", "uuid", nullable=True, references="public.gift_card_inventory.id"),
                 *texts("phone_number", "message_body", "delivery_status", "twilio_message_sid"),
                 *counts("retry_count"), moment("delivered_at", nullable=True), *texts("provider_used"), *SIMULATED,
                 CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
)  # fmt: skip

MONEY = (
    Table(
        name="gift_card_billing_ledger",
        columns=(ID, *texts("transaction_type", "billed_entity_type"),
                 Column("billed_entity_id", "uuid", references="public.clients.id", alternative="public.agencies.id"),
                 CAMPAIGN, RECIPIENT, BRAND, *amounts("denomination", "amount_billed", "cost_basis"),
                 Column("inventory_card_id", "uuid", nullable=True, references="public.gift_card_inventory.id"),
                 *perhaps("tillo_order_reference"), moment("billed_at"), Column("metadata", "jsonb"), CREATED),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN,
    ),
    Table(
        name="gift_card_provisioning_trace",
        columns=(ID, Column("request_id", "uuid"), CAMPAIGN, RECIPIENT, *counts("step_number"),
                 *texts("step_name", "status"), *perhaps("duration_ms", type="int4"),
                 *perhaps("error_code", "error_message"), CREATED),
        key=("id",), root="portfolio", mark=OF_CAMPAIGN,
    ),
    Table(
        name="credit_accounts", mode="merge",
        columns=(ID, *texts("entity_type"), Column("entity_id", "uuid", references="public.clients.id"),
                 *amounts("balance", "total_purchased", "total_used", "total_remaining"),
                 *yes_no("auto_reload_enabled"), *amounts("auto_reload_threshold", "auto_reload_amount"),
                 CREATED, UPDATED),
        key=("id",), root="portfolio",
        mark=Mark(f"t.entity_type = 'client' AND {of_parent('clients', 'entity_id').condition}",
                  "it is the account of a simulated client"),
    ),
    Table(
        name="credit_transactions",
        columns=(ID, Column("account_id", "uuid", references="public.credit_accounts.id"),
                 *texts("transaction_type"), *amounts("amount", "balance_after"),
                 Column("reference_id", "uuid", nullable=True, references="public.gift_card_billing_ledger.id"),
                 *texts("description"), CREATED),
        key=("id",), root="portfolio", mark=OF_ACCOUNT,
    ),
)  # fmt: skip
