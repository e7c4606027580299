"""How the platform is laid out: who belongs to whom, by ordinal; at which address everything stands; its key.

A leaf below all that emits rows, so that two tables which name the same item cannot disagree. No chance here.
"""

from __future__ import annotations

from populace.spec import Draw, Ints, Key

RECIPIENT_BITS = 20
"""A recipient's address is `campaign number << RECIPIENT_BITS | n`."""
CONTACT_BITS = 24
"""A contact's address is `client << CONTACT_BITS | contact`."""
SLOT_BITS = 32
"""A card's address is `(client * pools_per_client + pool) << SLOT_BITS | slot`."""
CONDITION_BITS = 2
"""The address of a condition is `campaign number << CONDITION_BITS | condition number`; of one that was met, the same
with the recipient's address."""
KIND_BITS = 4
"""The address of an event, or of a line of the audit log, is `recipient's address << KIND_BITS | kind`."""
MESSAGE_BITS = 2
"""The address of a message of an opt-in is `recipient's address << MESSAGE_BITS | kind`."""
STEP_BITS = 4
"""The address of a step of provisioning is `recipient's address << STEP_BITS | attempt`."""
CLIENT_USERS = 1 << 32
"""The address of a client's user is this and its ordinal; that of staff is the ordinal alone."""
RECEIVED, AGREED, VERIFIED = 1, 2, 3
"""The conditions of a campaign with a call centre, by number; a gift card is given for the last."""
_AGENCIES = 1 << 32


def organization_of(draw: Draw, client: Ints) -> Ints:
    """The organisation of each client: clients take turns with organisations."""
    return client % draw.size("organization")


def clients_of(draw: Draw, organization: Ints) -> Ints:
    """How many clients each organisation has; the last ones have none where there are fewer clients than these."""
    out: Ints = (draw.size("client") - 1 - organization) // draw.size("organization") + 1
    return out


def client_of(draw: Draw, organization: Ints, rank: Ints) -> Ints:
    """The clients of organisations, by rank from 0."""
    return organization + draw.size("organization") * rank


def employer_of(draw: Draw, staff: Ints) -> Ints:
    """The organisation that each member of staff works for."""
    return staff % draw.size("organization")


def staff_of(draw: Draw, organization: Ints, rank: Ints) -> Ints:
    """The staff of organisations, by rank from 0; all have as many."""
    return organization + draw.size("organization") * rank


def client_served(draw: Draw, user: Ints) -> Ints:
    """The client that each user of a client works for (ordinals)."""
    return user % draw.size("client")


def users_of(draw: Draw, client: Ints) -> Ints:
    """How many users each client has."""
    out: Ints = (draw.size("client_user") - 1 - client) // draw.size("client") + 1
    return out


def client_user(draw: Draw, client: Ints, rank: Ints) -> Ints:
    """The addresses of users of clients, by rank from 0."""
    return CLIENT_USERS | client + draw.size("client") * rank


NO_CONTACT = -1
"""`contact` of a recipient who was bought or imported with the list, and is no contact of the client."""


def contact_address(client: Ints, contact: Ints) -> Ints:
    """The address of each contact of a client."""
    return client << CONTACT_BITS | contact


def organization_key(organization: Ints) -> Key:
    """The key of each organisation."""
    return Key("organizations", organization)


def agency_key(organization: Ints) -> Key:
    """The key of each organisation's agency. Agencies share the key space of clients, since one column of the ledger
    (`billed_entity_id`) holds either."""
    return client_key(agency_address(organization))


def agency_address(organization: Ints) -> Ints:
    """The address of each organisation's agency, among those of clients."""
    return _AGENCIES | organization


def client_key(client: Ints) -> Key:
    """The key of each client."""
    return Key("clients", client)


def user_key(address: Ints) -> Key:
    """The key of each user, by address: the auth user and the profile."""
    return Key("users", address)


def contact_key(client: Ints, contact: Ints) -> Key:
    """The key of each contact of a client."""
    return Key("contacts", contact_address(client, contact))


def campaign_key(number: Ints) -> Key:
    """The key of each campaign."""
    return Key("campaigns", number)


def recipient_key(address: Ints, uploaded_at: Ints) -> Key:
    """The key of each recipient."""
    return Key("recipients", address, uploaded_at)


def card_key(address: Ints) -> Key:
    """The key of each card of the stock."""
    return Key("gift_card_inventory", address)
