"""Numbers that no plan changes: how long what people do takes, how much of it, and what is limited outside."""

from __future__ import annotations

from populace.clock import DAY_US

ARRIVING_MS, RATING_MS = 4_000, 4_000
"""Before anything else, and to give stars."""
LISTING_MS, ASKING_MS, LEAVING_MS = 3_000, 60_000, 5_000
"""To put a title on the list, to write a ticket, and after the last act."""
MOST_TICKETS = 5
"""Tickets a person and hour (C32): only so many visits of a day may end in one."""
SUPPORT_OPENS, SUPPORT_CLOSES, SUPPORT_DAYS = 14, 23, 5
"""Hours (UTC) between which support works, on so many days from Monday on."""
APART = 3
"""How often a title that a visit has had already is picked again."""
MOST_STARS = 5
PRICING_MS, DEMO_MS = 12_000, 15_000
"""From one step to the next on the pricing page, and in a demo."""
THINKING_MS, THOUGHT_MS = 8_000, 32_000
"""Before a question to FlixBuddy: at least, and less than so much longer."""
ANSWERING_MS, ANSWERED_MS = 700, 3_800
"""Before its answer, likewise."""
LISTED = 16
"""Titles of a list that are ever recommended: more than one conversation can use up."""
CHARACTERS_A_TOKEN = 4
NUDGE = 12
"""Titles of a list come fewer than so many places later than by popularity, so that not everybody hears the same."""
MONTH_DAYS = 30
ATTEMPTS = (1, 2, 3)
"""Attempts to be paid after the first one failed."""
THINKING_DAYS = 15
"""People think again on day 1 to 16 of their month, by the last bits of their address."""
STAFF_AGE_US = 400 * DAY_US
"""Staff were there so long before history."""
FORM_MS, PRICING_PERCENT = 20_000, 75
"""To look at the plans, or to fill in a form; of a hundred newcomers so many look at the plans first."""
SECTION_MS, CLICK_MS = 1_200, 2_600
"""From a visit's start to a section that is looked at, and to a click in it."""
AUTH_USERS, EVENTS_A_MONTH, CALLS_A_MONTH = 50_000, 1_000_000, 100_000
"""Limits of the free tiers that the document names: Supabase, PostHog, Supabase (C36, C41, C42)."""
BYTES_AFTER_A_MONTH = 50_000_000
"""What the document expects of the database after a month."""
SLIPS_OF, SHORT_OF = 11, 12
"""One of so many texts is typed in a hurry, and one of so many questions is short."""
