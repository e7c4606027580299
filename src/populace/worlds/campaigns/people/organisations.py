"""Organisations, their agencies, and everybody who has an account: staff of organisations, and users of clients.

When organisations and clients came is said here once, so that nobody is older than what they belong to.
"""

from __future__ import annotations

import numpy as np

from populace.clock import HOUR_US, MINUTE_US, SECOND_US
from populace.spec import Along, Columns, Draw, Ints, Joined, Json, Key, Number, Optional, Rows, TableRows, Words
from populace.spec.kit.identity import auth_user, identity
from populace.spec.kit.slugs import slug
from populace.spec.kit.words import drawn
from populace.spec.login import NO_LOGIN
from populace.worlds.campaigns.behaviour import dates
from populace.worlds.campaigns.catalogue import words
from populace.worlds.campaigns.parameters import ZONES
from populace.worlds.campaigns.parameters.fixed import (
    BATCH_AGE_US,
    CLIENTS_AGE_US,
    CLIENTS_CAME_DAYS,
    ORGANIZATIONS_AGE_US,
    ORGANIZATIONS_CAME_DAYS,
    USERS_CAME_DAYS,
)
from populace.worlds.campaigns.people import persons
from populace.worlds.campaigns.tables import TABLES, layout
from populace.worlds.campaigns.tables.columns import DOMAIN
from populace.worlds.campaigns.tables.layout import CLIENT_USERS

ROLES = ("agency_owner", "admin", "tech_support", "company_owner", "call_center")
OWNER, ADMIN, SUPPORT, COMPANY, CALLS = range(len(ROLES))
SCENARIO = (
    "organizations", "clients", "users_per_org", "contacts_per_client", "lists_per_client", "campaigns_per_client",
    "recipients_per_campaign", "brands", "inventory", "months", "call_center", "gift_cards", "analytics", "error_logs",
)  # fmt: skip
"""The parameters that a batch remembers."""
BATCH: Columns = {
    "is_simulated": True,
    # One key for as many rows as there are: it is computed once a block.
    "simulation_batch_id": Along(
        Key("simulation_batches", np.zeros(1, dtype=np.int64)),
        np.broadcast_to(np.zeros(1, dtype=np.int64), (1 << 31,)),
    ),
}
"""The columns by which rows are known as ours."""


def created_at(draw: Draw, organization: Ints) -> Ints:
    """When each organisation came."""
    return _within(draw, "organization.came", ORGANIZATIONS_AGE_US, ORGANIZATIONS_CAME_DAYS, organization)


def client_created_at(draw: Draw, client: Ints) -> Ints:
    """When each client came: later than any organisation, and than its agency."""
    return _within(draw, "client.came", CLIENTS_AGE_US, CLIENTS_CAME_DAYS, client)


def batch(draw: Draw, ordinal: Ints) -> TableRows:
    """What the platform knows of this simulation: one row a plan."""
    names = tuple(dict.fromkeys(t.name for t in TABLES if t.name != "simulation_batches"))
    columns: Columns = {
        "id": Key("simulation_batches", ordinal),
        "data_types": Words(np.zeros_like(ordinal), (names,)),
        "total_records": None,
        "parameters": Json({name: _plain(draw.values[name]) for name in SCENARIO}),
        "status": "completed",
        "created_at": np.full(len(ordinal), draw.origin_us - BATCH_AGE_US),
    }
    return {"simulation_batches": Rows(ordinal, columns)}


def organizations(draw: Draw, ordinal: Ints) -> TableRows:
    """Organisations, and the agency that each of them is to its clients."""
    name, slug = _names(draw, ordinal)
    at = created_at(draw, ordinal)
    agency_at = at + HOUR_US + draw.below("agency.came", 86_400, ordinal) * SECOND_US
    first, last = _person(draw, ordinal)
    columns = {
        "id": layout.organization_key(ordinal),
        "name": name,
        "type": "agency",
        "settings_json": Json({"simulated": True}),
        "redemption_fee_percentage": np.full(len(ordinal), 2_000),
        "created_at": at,
        **BATCH,
    }
    agencies = {
        "id": layout.agency_key(ordinal),
        "org_id": layout.organization_key(ordinal),
        "name": Joined((name, " Agency")),
        "slug": slug,
        "pricing_tier": "wholesale",
        "default_markup_percentage": np.full(len(ordinal), 750),
        "status": "active",
        # The first of its staff owns it: staff and organisations are counted alike.
        "contact_name": Joined((first, " ", last)),
        "contact_email": _email(ordinal),
        "contact_phone": persons.phone(ordinal),
        "created_at": agency_at,
        "updated_at": agency_at,
        **BATCH,
    }
    return {"organizations": Rows(ordinal, columns), "agencies": Rows(ordinal, agencies)}


def staff(draw: Draw, ordinal: Ints) -> TableRows:
    """Who works for an organisation: its owner first, then an administrator, then those who help."""
    organization, rank = layout.employer_of(draw, ordinal), ordinal // draw.size("organization")
    at = _account_at(draw, created_at(draw, organization), ordinal)
    zone = Words(np.zeros_like(ordinal), (draw.values.text("timezone"),))
    role = np.minimum(rank, SUPPORT)
    by_table = _accounts(draw, ordinal, ordinal, ordinal, at, zone, role)
    member: Columns = {
        "id": Key("org_members", ordinal),
        "org_id": layout.organization_key(organization),
        "user_id": layout.user_key(ordinal),
        "created_at": at + MINUTE_US,
    }
    return {**by_table, "org_members": Rows(ordinal, member)}


def client_users(draw: Draw, ordinal: Ints) -> TableRows:
    """Who works for a client: its owner first, and those who answer its calls."""
    client, address = layout.client_served(draw, ordinal), CLIENT_USERS | ordinal
    at = _account_at(draw, client_created_at(draw, client), address)
    zone = Words(dates.zone_of(draw, client), ZONES)
    role = np.where(ordinal < draw.size("client"), COMPANY, CALLS)
    by_table = _accounts(draw, ordinal, address, draw.size("staff") + ordinal, at, zone, role)
    member: Columns = {
        "id": Key("client_users", ordinal),
        "client_id": layout.client_key(client),
        "user_id": layout.user_key(address),
        "created_at": at + MINUTE_US,
    }
    return {**by_table, "client_users": Rows(ordinal, member)}


def _accounts(draw: Draw, owner: Ints, address: Ints, number: Ints, at: Ints, zone: Words, role: Ints) -> TableRows:
    """What everybody has who has an account. number: counts all users from 0."""
    key, mail = layout.user_key(address), _email(number)
    name = Joined((_person(draw, number)[0], " ", _person(draw, number)[1]))
    login = draw.values.text("login_hash")
    stamps: Columns = {"created_at": at, "updated_at": at}
    # An administrator may read everything, real rows too: with a password that many know, nobody is one.
    known = None if login == NO_LOGIN else Optional(role != ADMIN, Words(np.zeros_like(role), (login,)))
    users = auth_user(key, mail, known, Json({"is_simulated": True, "full_name": name}), at)
    said = Json({"is_simulated": True, "sub": key, "email": mail, "email_verified": True})
    identities = identity(key, Key("identities", address), said, at)
    profiles: Columns = {
        "id": key,
        "email": mail,
        "full_name": name,
        "phone": persons.phone(number),
        "timezone": zone,
        "is_active": True,
        **stamps,
    }
    roles: Columns = {"id": Key("user_roles", address), "user_id": key, "role": Words(role, ROLES), "created_at": at}
    return {
        "users": Rows(owner, users),
        "identities": Rows(owner, identities),
        "profiles": Rows(owner, profiles),
        "user_roles": Rows(owner, roles),
    }


def _names(draw: Draw, ordinal: Ints) -> tuple[Joined, Joined]:
    """Name and slug of each organisation: no two alike, as long as there are no more than 3,800."""
    known, cities = words.organisations(), ("", *(f" of {c.name}" for c in words.cities()))
    code = draw.shuffled("organization.name", len(known), np.zeros_like(ordinal), ordinal % len(known))
    city = ordinal // len(known)
    name = Joined((Words(code, known), Words(city, cities)))
    slugs = Words(code, tuple(slug(n) for n in known)), Words(city, tuple(_tail(c) for c in cities))
    return name, Joined(slugs)


def _tail(text: str) -> str:
    return f"-{slug(text)}" if text else ""


def _person(draw: Draw, number: Ints) -> tuple[Words, Words]:
    """First and last name of each user, by number over all users."""
    first, last = words.first_names(), words.last_names()
    return (
        drawn(draw, "user.first", number, first),
        drawn(draw, "user.last", number, last),
    )


def _email(number: Ints) -> Joined:
    """`user0001@…` for number 0."""
    return Joined(("user", Number(number + 1, 4), f"@{DOMAIN}"))


def _account_at(draw: Draw, since: Ints, address: Ints) -> Ints:
    return since + HOUR_US + draw.below("user.came", USERS_CAME_DAYS * 86_400, address) * SECOND_US


def _within(draw: Draw, stream: str, age_us: int, days: int, entity: Ints) -> Ints:
    return draw.origin_us - age_us + draw.below(stream, days * 86_400, entity) * SECOND_US


def _plain(value: object) -> bool | int | str:
    return value if isinstance(value, (bool, int)) else str(value)
