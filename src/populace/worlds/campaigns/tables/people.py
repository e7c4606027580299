"""Tables of those who use the platform, and of what clients have before their first campaign.

Parents stand before children.
"""

from __future__ import annotations

from populace.spec import Column, Mark, Table
from populace.spec.kit.columns import CREATED, ID, UPDATED, amounts, counts, moment, perhaps, texts, user, yes_no
from populace.spec.kit.identity import auth_tables
from populace.spec.kit.marks import OF_CATALOGUE, version_8
from populace.worlds.campaigns.tables.columns import (
    ACCOUNTS,
    BRAND,
    CLIENT,
    MARKED,
    OF_CLIENT,
    OF_DEMO_BRAND,
    SIMULATED,
)

PEOPLE = (
    *auth_tables("staff", ACCOUNTS.own, ACCOUNTS.of()),
    Table(
        name="simulation_batches",
        columns=(ID, Column("data_types", "text[]"), Column("total_records", "int4", nullable=True),
                 Column("parameters", "jsonb"), *texts("status"), CREATED),
        key=("id",), root="platform",
        mark=OF_CATALOGUE,
    ),
    Table(
        name="organizations",
        columns=(ID, *texts("name"), Column("type", "text", enum="org_type"), Column("settings_json", "jsonb"),
                 *amounts("redemption_fee_percentage"), *SIMULATED, CREATED),
        key=("id",), root="organization", mark=MARKED,
    ),
    Table(
        name="agencies",
        columns=(ID, Column("org_id", "uuid", references="public.organizations.id"),
                 *texts("name", "slug", "pricing_tier"), *amounts("default_markup_percentage"),
                 *texts("status", "contact_name", "contact_email", "contact_phone"), *SIMULATED, CREATED, UPDATED),
        key=("id",), root="organization", mark=MARKED,
    ),
    Table(
        name="clients",
        columns=(ID, Column("org_id", "uuid", references="public.organizations.id"), *texts("name"),
                 Column("industry", "text", enum="industry_type"), *texts("timezone"),
                 Column("brand_colors_json", "jsonb"), *counts("credits"), *texts("tagline", "website_url"),
                 Column("agency_id", "uuid", nullable=True, references="public.agencies.id"),
                 *yes_no("agency_billing_enabled"), *texts("slug"), *SIMULATED, CREATED, UPDATED),
        key=("id",), root="client", mark=MARKED,
    ),
    Table(
        name="agency_client_assignments",
        columns=(ID, Column("agency_org_id", "uuid", references="public.organizations.id"), CLIENT, CREATED),
        key=("id",), root="client", mark=OF_CLIENT,
    ),
    Table(
        name="profiles",
        columns=(Column("id", "uuid", references="auth.users.id"), *texts("email", "full_name", "phone", "timezone"),
                 *yes_no("is_active"), CREATED, UPDATED),
        key=("id",), root="staff", mark=ACCOUNTS.of("id"),
    ),
    Table(
        name="user_roles",
        columns=(ID, user(), Column("role", "text", enum="app_role"), CREATED),
        key=("id",), root="staff", mark=ACCOUNTS.of(),
    ),
    Table(
        name="org_members",
        columns=(ID, Column("org_id", "uuid", references="public.organizations.id"), user(), CREATED),
        key=("id",), root="staff", mark=ACCOUNTS.of(),
    ),
    Table(
        name="client_users",
        columns=(ID, CLIENT, user(), CREATED),
        key=("id",), root="client_user", mark=ACCOUNTS.of(),
    ),
)  # fmt: skip

CLIENTS = (
    Table(
        name="brand_kits",
        columns=(ID, CLIENT, *texts("name"), *yes_no("is_default"), Column("colors", "jsonb"),
                 Column("fonts", "jsonb"), *texts("design_style", "tagline"), Column("value_propositions", "text[]"),
                 CREATED, UPDATED),
        key=("id",), root="client", mark=OF_CLIENT,
    ),
    Table(
        name="templates",
        columns=(ID, CLIENT, *texts("name"), Column("size", "text", enum="template_size"),
                 Column("json_layers", "jsonb"), *texts("industry_vertical"), *SIMULATED, CREATED),
        key=("id",), root="client", mark=MARKED,
    ),
    Table(
        name="landing_pages",
        columns=(ID, CLIENT, *texts("name", "slug"), *yes_no("published"), Column("content_json", "jsonb"),
                 *SIMULATED, CREATED),
        key=("id",), root="client", mark=MARKED,
    ),
    Table(
        name="gift_card_brands",
        columns=(ID, *texts("brand_name", "brand_code", "provider", "category"),
                 Column("typical_denominations", "jsonb"),
                 *yes_no("is_active", "is_demo_brand", "is_enabled_by_admin"), CREATED),
        key=("id",), root="brand",
        mark=Mark(f"t.is_demo_brand AND {version_8()}", "is_demo_brand, and its id is a version-8 uuid"),
    ),
    Table(
        name="gift_card_denominations",
        columns=(ID, BRAND, *amounts("denomination"), *yes_no("is_enabled_by_admin"),
                 *amounts("admin_cost_per_card", "tillo_cost_per_card"), *yes_no("use_custom_pricing"),
                 *perhaps("client_price", "agency_price", type="numeric"), *amounts("cost_basis"), CREATED),
        key=("id",), root="denomination", mark=OF_DEMO_BRAND,
    ),
    Table(
        name="client_available_gift_cards",
        columns=(ID, CLIENT, BRAND, *amounts("denomination"), *yes_no("is_enabled"), CREATED),
        key=("id",), root="client", mark=OF_CLIENT,
    ),
    Table(
        name="contacts", mode="merge",
        columns=(ID, CLIENT, *texts("first_name", "last_name"), *perhaps("email", "phone", "mobile_phone", "company",
                 "job_title"), *texts("address"), *perhaps("address2"),
                 *texts("city", "state", "zip", "country", "lifecycle_stage", "lead_source"),
                 *counts("lead_score"), *yes_no("do_not_contact", "email_opt_out", "sms_opt_out"),
                 Column("custom_fields", "jsonb"), moment("last_activity_date", "created_at", nullable=True),
                 *texts("customer_code"), *counts("engagement_score", "total_interactions", "redemptions_count"),
                 *SIMULATED, CREATED, UPDATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="contact_lists",
        columns=(ID, CLIENT, *texts("name", "description", "list_type"), *perhaps("filter_rules", type="jsonb"),
                 *counts("contact_count"), *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="contact_list_members",
        columns=(ID, Column("contact_id", "uuid", references="public.contacts.id"),
                 Column("list_id", "uuid", references="public.contact_lists.id"), moment("added_at"), *SIMULATED,
                 CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
    Table(
        name="contact_tags",
        columns=(ID, Column("contact_id", "uuid", references="public.contacts.id"), *texts("tag", "tag_category"),
                 *SIMULATED, CREATED),
        key=("id",), root="portfolio", mark=MARKED,
    ),
)  # fmt: skip
