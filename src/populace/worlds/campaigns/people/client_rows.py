"""Clients of the platform and what each has from its first weeks on: brand kit, templates, landing page, gift cards.

Industries are dealt out by quota over all clients: their shares hold exactly, in whatever order clients come.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from populace.clock import HOUR_US, MINUTE_US, SECOND_US
from populace.spec import Columns, Draw, Ints, Joined, Json, Key, Rows, TableRows, Words
from populace.spec.kit.places import each
from populace.spec.kit.slugs import slug
from populace.spec.kit.words import drawn
from populace.worlds.campaigns.behaviour import cards
from populace.worlds.campaigns.catalogue import gift_cards, words
from populace.worlds.campaigns.parameters import INDUSTRIES, ZONES
from populace.worlds.campaigns.parameters.fixed import CREDITS, TEMPLATES
from populace.worlds.campaigns.people import traits
from populace.worlds.campaigns.people.organisations import BATCH, client_created_at
from populace.worlds.campaigns.tables import layout
from populace.worlds.campaigns.tables.layout import client_key

SIZES = ("4x6", "6x9", "6x11")
STYLES = ("modern", "bold", "luxury", "minimal", "playful")
FONTS = ("Source Serif", "Inter", "Roboto Slab", "Open Sans", "Lora", "Work Sans")
COLORS = (
    ("#1f4e79", "#f2a541"), ("#2e7d32", "#ffd54f"), ("#b71c1c", "#fafafa"), ("#37474f", "#26a69a"),
    ("#4a148c", "#ffb300"), ("#0d47a1", "#90caf9"), ("#5d4037", "#ffcc80"), ("#004d40", "#ff7043"),
)  # fmt: skip
"""Two that go together."""
FORMS = ("Get my quote", "Claim my card", "Book a visit", "Send my offer", "Call me back")
_POOLS = 32
"""More kinds of gift card than any client gives."""


def template_key(client: Ints, which: Ints) -> Key:
    """The key of one of each client's templates."""
    return Key("templates", client * TEMPLATES + which)


def size_of(draw: Draw, client: Ints, which: Ints) -> Words:
    """The size of one of each client's templates, and of what is printed with it."""
    return drawn(draw, "template.size", client * TEMPLATES + which, SIZES)


def page_key(client: Ints) -> Key:
    """The key of each client's landing page."""
    return Key("landing_pages", client)


def name_of(draw: Draw, client: Ints) -> Joined:
    """The name of each client."""
    return Joined(_name_parts(draw, client, slugs=False))


def slug_of(draw: Draw, client: Ints) -> Joined:
    """The name of each client as it stands in an address."""
    return Joined(_name_parts(draw, client, slugs=True))


def website_of(draw: Draw, client: Ints) -> Joined:
    """Where each client would be found, on a host that does not resolve."""
    return Joined(("https://", slug_of(draw, client), ".example.com"))


def clients(draw: Draw, client: Ints) -> TableRows:
    """Clients and what they have. Accounts for the time zone of each."""
    born = np.full(len(client), draw.origin_us)
    zone = draw.choose("client.zone", client, born)
    trade, at = traits.industry(draw, client), client_created_at(draw, client)
    organization = layout.organization_of(draw, client)
    columns = {
        "id": client_key(client),
        "org_id": layout.organization_key(organization),
        "name": name_of(draw, client),
        "industry": Words(trade, tuple(INDUSTRIES)),
        "timezone": Words(zone, ZONES),
        "brand_colors_json": _colors(draw, client),
        "credits": np.full(len(client), CREDITS),
        "tagline": _tagline(draw, client, trade),
        "website_url": website_of(draw, client),
        "agency_id": layout.agency_key(organization),
        "agency_billing_enabled": cards.billed_by_agency(draw, client),
        "slug": slug_of(draw, client),
        "created_at": at,
        "updated_at": at,
        **BATCH,
    }
    assignments: Columns = {
        "id": Key("agency_client_assignments", client),
        "agency_org_id": layout.organization_key(organization),
        "client_id": client_key(client),
        "created_at": at + MINUTE_US,
    }
    return {
        "clients": Rows(client, columns),
        "agency_client_assignments": Rows(client, assignments),
        "brand_kits": _kits(draw, client, trade),
        "templates": _templates(draw, client, trade),
        "landing_pages": _pages(draw, client, trade),
        "client_available_gift_cards": _available(draw, client),
    }


def _kits(draw: Draw, client: Ints, trade: Ints) -> Rows:
    at = _after(draw, "kit.made", client, client)
    columns: Columns = {
        "id": Key("brand_kits", client),
        "client_id": client_key(client),
        "name": "House style",
        "is_default": True,
        "colors": _colors(draw, client),
        "fonts": Json({
            "heading": drawn(draw, "kit.heading", client, FONTS),
            "body": drawn(draw, "kit.body", client, FONTS),
        }),
        "design_style": drawn(draw, "kit.style", client, STYLES),
        "tagline": _tagline(draw, client, trade),
        "value_propositions": Words(trade, tuple(i.values for i in words.industries())),
        "created_at": at,
        "updated_at": at,
    }  # fmt: skip
    return Rows(client, columns)


def _templates(draw: Draw, client: Ints, trade: Ints) -> Rows:
    of, which = each(client, TEMPLATES)
    address, kind = of * TEMPLATES + which, np.repeat(trade, TEMPLATES)
    themes = words.themes()
    # The two of a client are of different themes.
    theme = kind * len(themes[0]) + draw.shuffled("template.theme", len(themes[0]), of, which)
    size = size_of(draw, of, which)
    names = Words(theme, tuple(t.name for some in themes for t in some))
    columns = {
        "id": Key("templates", address),
        "client_id": client_key(of),
        "name": Joined((names, " ", size)),
        "size": size,
        "json_layers": Json({
            "front": Json({"headline": names, "text": _tagline(draw, of, kind)}),
            "back": Json({
                "text": Words(theme, tuple(t.offer for some in themes for t in some)),
                "address_block": True,
                "code": "qr",
            }),
        }),
        "industry_vertical": Words(kind, tuple(INDUSTRIES)),
        "created_at": _after(draw, "template.made", of, address),
        **BATCH,
    }  # fmt: skip
    return Rows(of, columns)


def _pages(draw: Draw, client: Ints, trade: Ints) -> Rows:
    columns = {
        "id": page_key(client),
        "client_id": client_key(client),
        "name": Joined((name_of(draw, client), " offers")),
        "slug": Joined((slug_of(draw, client), "-offers")),
        "published": True,
        "content_json": Json({
            "headline": _tagline(draw, client, trade),
            "button": drawn(draw, "page.button", client, FORMS),
            "form": Json({"name": True, "email": True, "phone": True}),
        }),
        "created_at": _after(draw, "page.made", client, client),
        **BATCH,
    }  # fmt: skip
    return Rows(client, columns)


def _available(draw: Draw, client: Ints) -> Rows:
    """The kinds of gift card that a client gives, one a pool."""
    pools = draw.values.whole("pools_per_client")
    of, pool = each(client, pools)
    denomination = cards.denomination_of(draw, of, pool)
    columns: Columns = {
        "id": Key("client_available_gift_cards", of * _POOLS + pool),
        "client_id": client_key(of),
        "brand_id": gift_cards.brand_key(gift_cards.brand_of(denomination)),
        "denomination": gift_cards.face_cents(denomination),
        "is_enabled": True,
        "created_at": _after(draw, "client.cards", of, of) + pool * SECOND_US,
    }
    return Rows(of, columns)


def _name_parts(draw: Draw, client: Ints, *, slugs: bool) -> tuple[Words, Words]:
    """No two clients have the same name: their industry's names go round, and then again by city."""
    which, rank = traits.dealt(draw, client)
    names, tails = _names(slugs=slugs)
    each = len(names) // len(INDUSTRIES)
    code = which * each + draw.shuffled("client.name", each, which, rank % each)
    return Words(code, names), Words(rank // each, tails)


@cache
def _names(*, slugs: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every name of every industry, as many of each, and what may follow it."""
    names = [f"{lead} {trade}" for i in words.industries() for trade in i.trades for lead in words.client_leads()]
    tails = [f" of {c.name}" for c in words.cities()]
    if slugs:
        return tuple(map(slug, names)), ("", *(f"-{slug(t)}" for t in tails))
    return tuple(names), ("", *tails)


def _tagline(draw: Draw, client: Ints, trade: Ints) -> Words:
    said = words.industries()
    each = len(said[0].taglines)
    code = trade * each + draw.below("client.tagline", each, client)
    return Words(code, tuple(line for i in said for line in i.taglines))


def _colors(draw: Draw, client: Ints) -> Json:
    code = draw.below("client.colors", len(COLORS), client)
    return Json({n: Words(code, tuple(c[i] for c in COLORS)) for i, n in enumerate(("primary", "accent"))})


def _after(draw: Draw, stream: str, client: Ints, entity: Ints) -> Ints:
    """A moment in a client's first month."""
    out: Ints = client_created_at(draw, client) + HOUR_US + draw.below(stream, 30 * 86_400, entity) * SECOND_US
    return out
