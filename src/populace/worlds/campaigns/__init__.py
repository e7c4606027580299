"""Campaigns: a direct-mail platform, from the first draft to the last gift card. See README.md beside this file."""

from __future__ import annotations

from populace.clock import DAY_US
from populace.spec import Members, OnRequest, Root, Schedule, World
from populace.spec.kit.catalogue import together
from populace.spec.zones import VERSION
from populace.worlds.campaigns.behaviour import cards, dates, flow, journey
from populace.worlds.campaigns.catalogue import gift_cards, words
from populace.worlds.campaigns.parameters import LONGEST_DAYS, PARAMETERS, derive
from populace.worlds.campaigns.people import client_rows, contacts, lists, organisations
from populace.worlds.campaigns.realism import REALISM
from populace.worlds.campaigns.reporting import analytics
from populace.worlds.campaigns.scenarios import DEFAULT, QUESTIONS, SCENARIOS
from populace.worlds.campaigns.tables import TABLES

OF_CLIENTS = (
    "clients",
    "agency_client_assignments",
    "brand_kits",
    "templates",
    "landing_pages",
    "client_available_gift_cards",
)
ACCOUNTS = ("users", "identities", "profiles", "user_roles")

CAMPAIGNS = Schedule(
    name="campaigns",
    root="portfolio",
    tables=flow.TABLES_OF_CAMPAIGNS,
    stretches="campaign_stretches",
    calendar="mailing",
    mixed=True,
    enabled="enabled",
    before_days="campaign_before_days",
    lasts_days="campaign_lasts_days",
    begins=dates.created_at,
    follow=journey.follow,
    moments=journey.MOMENTS,
    matters=flow.matters,
    carry=flow.carry,
    carried={**cards.CARRIED, **dict.fromkeys(("touches", "redemptions", "last_touch"), "contacts_per_client")},
    emit=flow.emit,
    on_request=OnRequest("campaigns", dates.mailed_at),
)

WORLD = World(
    name="campaigns",
    title="Campaigns",
    about="direct mail: clients mail campaigns, people scan, visit, call and opt in, and are thanked with gift cards",
    version=3,
    package="populace.worlds.campaigns",
    needs=("accounts", "roles", "visitor"),
    parameters=PARAMETERS,
    derive=derive,
    decisions=(*journey.DECISIONS, *contacts.DECISIONS, *analytics.DECISIONS),
    roots=(
        Root(name="platform", size=1),
        Root(name="organization", size="organizations"),
        Root(name="staff", size="staff"),
        Root(name="brand", size="brands"),
        Root(name="denomination", size="denominations"),
        Root(name="client", size="clients"),
        Root(name="client_user", size="client_users"),
        # What a client mails, and to whom: after the users that its rows refer to, and before what is logged of it.
        # Tables that are there already have their foreign keys.
        Root(name="portfolio", size="clients"),
        Root(name="log", size="logs"),
    ),
    people_root="client",
    tables=TABLES,
    calendars=flow.CALENDARS,
    flows=(
        Members("batch", "platform", ("simulation_batches",), organisations.batch),
        Members("organizations", "organization", ("organizations", "agencies"), organisations.organizations),
        Members("staff", "staff", (*ACCOUNTS, "org_members"), organisations.staff),
        Members("brands", "brand", ("gift_card_brands",), gift_cards.brands),
        Members("denominations", "denomination", ("gift_card_denominations",), gift_cards.denominations),
        Members("clients", "client", OF_CLIENTS, client_rows.clients),
        Members("client_users", "client_user", (*ACCOUNTS, "client_users"), organisations.client_users),
        CAMPAIGNS,
        Members(
            "lists", "portfolio", ("contact_lists", "contact_list_members", "contact_tags"), lists.lists, at_once=16
        ),
        Schedule(
            name="performance",
            root="log",
            tables=("performance_metrics",),
            stretches="performance_stretches",
            calendar="usage",
            enabled="enabled",
            follow=analytics.follow_metrics,
            emit=analytics.performance,
        ),
        Schedule(
            name="usage",
            root="log",
            tables=("usage_analytics",),
            stretches="usage_stretches",
            calendar="usage",
            enabled="enabled",
            follow=analytics.follow_usage,
            emit=analytics.usage,
        ),
        Schedule(
            name="errors",
            root="log",
            tables=("error_logs",),
            stretches="error_stretches",
            calendar="incidents",
            enabled="enabled",
            follow=analytics.follow_errors,
            moments=analytics.MOMENTS,
            lasts_days=1,
            emit=analytics.errors,
        ),
    ),
    scenarios=SCENARIOS,
    default_scenario=DEFAULT,
    crons=("*/30 * * * *",),
    history_days="history_days",
    horizon_us=LONGEST_DAYS * DAY_US,
    batches="simulation_batches",
    keys=("provisioning_requests",),
    questions=QUESTIONS,
    realism=REALISM,
    digest=lambda: together(words.digest(), VERSION),
)
