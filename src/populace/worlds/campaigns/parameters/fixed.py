"""Numbers that no plan changes: how old things are, how often something is so, what it costs."""

from __future__ import annotations

from populace.clock import DAY_US, HOUR_US

BATCH_AGE_US = 2_000 * DAY_US
ORGANIZATIONS_AGE_US, ORGANIZATIONS_CAME_DAYS = 1_200 * DAY_US, 60
"""Organisations came within so many days from then on; all ages are before history."""
CLIENTS_AGE_US, CLIENTS_CAME_DAYS = 1_100 * DAY_US, 300
"""All clients were there before the first contact was."""
USERS_CAME_DAYS = 60
"""Everybody got an account within so many days after their organisation, or client, came."""
TEMPLATES = 2
"""A client has so many."""
CREDITS = 100_000
CONTACTS_AGE_US = 730 * DAY_US
"""All contacts are made within so long before history, and at least some hours before it."""
LAST_MADE_US = 6 * HOUR_US
EMAIL_OPT_OUT_PERCENT, MOBILE_PERCENT = 5, 80
"""Of a client's contacts, exactly."""
LISTS_CAME_DAYS = 40
"""A client's lists are made within so many days after the client came; contacts come later."""
DYNAMIC_EVERY = 3
"""Every third list is filled by a rule: those whose custom fields say so are on it."""
TAGGED_ONE_IN = 3
VALUED = 2
"""So many tags, the first ones, are for who has bought."""
ALIKE = 3
"""So many tags are of one category, at most."""
FLATS = 40
"""A fifth of all people live in one of so many."""
VALID_PERCENT = 85, 100
"""Of an audience's addresses, from and to: these are its recipients."""
BUDGET_CENTS, BUDGET_STEP_CENTS = 250, 10_000
"""What a campaign may cost for each recipient, and to what it is rounded up."""
MONTHLY_CENTS = 100
VISIT_SECONDS, FIELDS, LEAD_SCORES = (10, 600), (3, 10), (50, 100)
"""From and to, both included (4.4)."""
RECORDED_PERCENT, NOTED_PERCENT = 90, 30
"""Of answered calls, and of those that were matched (4.4)."""
AGENCY_BILLED_OF = 4
"""One of so many clients is billed through the agency of its organisation; of fewer clients, one."""
CREDIT_INITIAL, CREDIT_THRESHOLD, CREDIT_RELOAD = 100_000, 20_000, 50_000
"""Cents: what an account opens with, what it is not left below, and how much it is topped up by."""
VALID_DAYS = 365
"""A card is valid for a year after it was uploaded, and for another year once it is given to somebody."""
PURCHASE_STEP = 8
"""Of the twelve steps in which a card is provided, the one that asks Tillo for it."""
PEAKS = (10, 14, 15)
"""Local hours in which the platform is busiest, and slower."""
SLOWER, QUICKER = 130, 80
"""Percent of the usual duration: in the peaks, and out of business hours."""
RESOLVERS = 3
"""Errors are resolved by one of so many first users."""
BRANDS, USERS_PER_ORG, CARDS_A_CLIENT, CONTACTS_A_LIST = 20, 5, 100, 100
