"""Campaigns and what is set up with each of them: an audience, conditions and reward, and a telephone number.

How a campaign goes is the journey's. Here it is put in words: what it is about, what it asks for, and how far it is.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.clock import DAY_US
from populace.spec import (
    NEVER,
    Draw,
    EmitContext,
    Ints,
    Items,
    Joined,
    Json,
    Key,
    Number,
    Optional,
    Rows,
    TableRows,
    Words,
)
from populace.spec.kit.parameters import composed
from populace.spec.kit.slugs import slug
from populace.spec.kit.words import drawn
from populace.worlds.campaigns.behaviour import conditions, dates, response, wording
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters.fixed import (
    BUDGET_CENTS,
    BUDGET_STEP_CENTS,
    MONTHLY_CENTS,
    TEMPLATES,
    VALID_PERCENT,
)
from populace.worlds.campaigns.people import client_rows, persons, traits
from populace.worlds.campaigns.people.organisations import BATCH
from populace.worlds.campaigns.tables import layout

SEASONS = ("Winter", "Spring", "Summer", "Fall")
STATUSES = ("draft", "in_production", "mailed", "completed")
"""In the order in which a campaign goes through them."""
POSTAGE = ("first_class", "standard")
METHODS = ("ace_fulfillment", "self")
MODES = ("bridge", "redirect")
_LINES = 10_000
"""Clients' own telephone numbers are so far from those on their mail."""


def author_of(draw: Draw, items: Items) -> Ints:
    """Who made each campaign, of the staff of its client's organisation (ordinals)."""
    rank = draw.below("campaign.author", draw.size("staff") // draw.size("organization"), items.number)
    return layout.staff_of(draw, layout.organization_of(draw, items.member), rank)


def emit(draw: Draw, context: EmitContext) -> TableRows:
    """Campaigns that changed in the span, and what came into being with those that began in it."""
    begun = np.flatnonzero(context.span.holds(context.progress.items["created_at"]))
    items, at, size = (
        context.items.of(begun),
        context.progress.items["created_at"][begun],
        context.progress.items["size"][begun],
    )
    by_table = {
        "audiences": _audiences(draw, items, at, size),
        "campaigns": _campaigns(draw, context),
        "campaign_conditions": conditions.conditions(draw, items, at),
    }
    if draw.values.flag("call_center"):
        by_table["tracked_phone_numbers"] = _numbers(draw, context)
    if conditions.gives_cards(draw):
        by_table |= conditions.rewards(draw, items, at)
    return by_table


def _campaigns(draw: Draw, context: EmitContext) -> Rows:
    end = context.span.end_us
    moments = _moments(context)
    last = _last(end, *moments)
    some = np.flatnonzero(context.span.holds(last))
    items, last = context.items.of(some), last[some]
    number, client = items.number, items.member
    created, production, mailed, completed = (at[some] for at in moments)
    zone, drop, size = (context.progress.items[name][some] for name in ("zone", "drop_at", "size"))
    which = draw.below("campaign.template", TEMPLATES, number)
    columns = {
        "id": layout.campaign_key(number),
        "client_id": layout.client_key(client),
        "audience_id": Key("audiences", number),
        "template_id": client_rows.template_key(client, which),
        "landing_page_id": client_rows.page_key(client),
        "name": name_of(draw, items),
        # What is printed has the size of the template.
        "size": client_rows.size_of(draw, client, which),
        "postage": drawn(draw, "campaign.postage", number, POSTAGE),
        "lp_mode": drawn(draw, "campaign.lp_mode", number, MODES),
        "base_lp_url": Joined(
            (client_rows.website_of(draw, client), "/", client_rows.slug_of(draw, client), "-offers")
        ),
        "utm_source": "directmail",
        "utm_medium": "postcard",
        "utm_campaign": Joined((_named(draw, items, slugs=True), "-", Number(number + 1, 4))),
        "status": Words(np.sum([at < end for at in (production, mailed, completed)], axis=0), STATUSES),
        "mail_date": dates.local(zone, mailed) // DAY_US,
        "drop_date": dates.local(zone, drop) // DAY_US,
        "completed_at": Optional(completed < end, completed),
        "reward_condition": "call_completed" if conditions.gives_cards(draw) else None,
        "rewards_enabled": conditions.gives_cards(draw),
        "mailing_method": drawn(draw, "campaign.method", number, METHODS),
        "allocated_budget": -(-size * BUDGET_CENTS // BUDGET_STEP_CENTS) * BUDGET_STEP_CENTS,
        "sms_opt_in_message": question_of(draw, client) if draw.values.flag("call_center") else None,
        "created_by_user_id": layout.user_key(author_of(draw, items)),
        "created_at": created,
        "updated_at": last,
        **BATCH,
    }
    return Rows(client, columns, last, entity=number)


def name_of(draw: Draw, items: Items) -> Words | Joined:
    """What each campaign is called: a theme of the client's industry; after eight of them, a theme and its season. Or
    a theme with what agencies add so that each of their campaigns has a name of its own."""
    if composed(draw):
        themes = tuple(theme.name for some in words.themes() for theme in some)
        return wording.name(draw, items, Words(traits.theme_of(draw, items)[0], themes))
    return _named(draw, items, slugs=False)


def _followed(name: Words | Joined, by: str) -> Joined:
    return Joined((*name.parts, by) if isinstance(name, Joined) else (name, by))


def question_of(draw: Draw, client: Ints) -> Joined:
    """The message in which each client asks whether messages are welcome."""
    name = client_rows.name_of(draw, client)
    return Joined((name, ": may we text you about your offer? Reply YES to agree or STOP to end. Msg rates may apply."))


def _named(draw: Draw, items: Items, *, slugs: bool) -> Words:
    code, turn = traits.theme_of(draw, items)
    season = np.where(turn > 0, 1 + (traits.month_of(items) + 1) % 12 // (12 // len(SEASONS)), 0)
    return Words(season * sum(map(len, words.themes())) + code, _names(slugs=slugs))


def _audiences(draw: Draw, items: Items, at: Ints, size: Ints) -> Rows:
    low, high = VALID_PERCENT
    percent = low + draw.below("audience.valid", high - low + 1, items.number)
    invalid = size * (100 - percent) // percent
    double = draw.below("audience.double", invalid + 1, items.number)
    columns = {
        "id": Key("audiences", items.number),
        "client_id": layout.client_key(items.member),
        "name": _followed(name_of(draw, items), " audience"),
        "source": Words(response.source_of(draw, items.number), response.SOURCES),
        "total_count": size + invalid,
        "valid_count": size,
        "invalid_count": invalid,
        "hygiene_json": Json({"checked": size + invalid, "duplicates": double, "undeliverable": invalid - double}),
        "status": "ready",
        "created_at": at,
        **BATCH,
    }
    return Rows(items.member, columns, at)


def _numbers(draw: Draw, context: EmitContext) -> Rows:
    """The number on each campaign's mail; after the campaign and its last call, nobody answers it."""
    created, released = (context.progress.items[name] for name in ("created_at", "released_at"))
    last = _last(context.span.end_us, created, released)
    some = np.flatnonzero(context.span.holds(last))
    items, created, released = context.items.of(some), created[some], released[some]
    number, over = items.number, released < context.span.end_us
    columns = {
        "id": Key("tracked_phone_numbers", number),
        "client_id": layout.client_key(items.member),
        "phone_number": persons.phone(number),
        "twilio_sid": Joined(("PN", *(_hex(draw, number, n) for n in range(8)))),
        "campaign_id": layout.campaign_key(number),
        "status": Words(over.astype(np.int64), ("assigned", "decommissioned")),
        "purchased_at": created,
        "assigned_at": created,
        "recording_enabled": True,
        "forward_to_number": persons.phone(_LINES + items.member),
        "monthly_cost": np.full(len(some), MONTHLY_CENTS),
        "friendly_name": _followed(name_of(draw, items), " line"),
        "created_at": created,
        **BATCH,
    }
    return Rows(items.member, columns, last[some], entity=number)


def _moments(context: EmitContext) -> tuple[Ints, Ints, Ints, Ints]:
    """When each campaign is created, goes into production, goes to the mail, and is completed."""
    of = context.progress.items
    return of["created_at"], of["production_at"], context.items.at, of["completed_at"]


def _last(end: int, *moments: Ints) -> Ints:
    """The last of the moments before the end; NEVER where the first of them has not come."""
    before = np.max([np.where(at < end, at, -1) for at in moments], axis=0)
    return np.where(moments[0] < end, before, NEVER)


def _hex(draw: Draw, number: Ints, place: int) -> Words:
    return Words(draw.below("number.sid", 1 << 16, number, place), _four_digits())


@cache
def _names(*, slugs: bool) -> tuple[str, ...]:
    """The themes of all industries, without a season and with each."""
    seasons = ("", *(f"{season} " for season in SEASONS))
    names = tuple(f"{season}{theme.name}" for season in seasons for some in words.themes() for theme in some)
    return tuple(map(slug, names)) if slugs else names


@cache
def _four_digits() -> tuple[str, ...]:
    return tuple(f"{n:04x}" for n in range(1 << 16))
