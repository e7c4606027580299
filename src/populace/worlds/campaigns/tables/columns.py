"""Columns that many tables of the platform have, and how each row is known as synthetic.

Where the schema has `is_simulated`, the mark is that and a batch of Populace's, so that what the app's own simulation
left stays; elsewhere a row belongs to the client, the campaign or the recipient it refers to. People are known by two
marks at once, the reserved e-mail domain and `is_simulated` in the account's metadata.

A reference backwards, to a row that comes into being later than the one that names it (the card of a recipient, the
recipient of a card, the call of a message), is not declared with `references=`: a cause would come after its effect.
"""

from __future__ import annotations

from populace.spec import Column, Mark
from populace.spec.kit.marks import Accounts, version_8

DOMAIN = "campaigns.populace.test"
"""The domain of every synthetic user's e-mail address, reserved so that no mail can reach anybody."""

# Keys of static rows are uuids of version 8, which no default of the app makes; a batch is such a row.
SIMULATED_ROW = "{0}.is_simulated AND " + version_8("{0}.simulation_batch_id")
ACCOUNTS = Accounts(DOMAIN, "is_simulated")

CLIENT = Column("client_id", "uuid", references="public.clients.id")
CAMPAIGN = Column("campaign_id", "uuid", references="public.campaigns.id")
RECIPIENT = Column("recipient_id", "uuid", references="public.recipients.id")
BRAND = Column("brand_id", "uuid", references="public.gift_card_brands.id")
SIMULATED = (
    Column("is_simulated", "bool"),
    Column("simulation_batch_id", "uuid", references="public.simulation_batches.id"),
)
"""Given as true, and `Key("simulation_batches", 0)`."""


MARKED = Mark(SIMULATED_ROW.format("t"), "is_simulated, and its simulation_batch_id is a version-8 uuid")


def of_parent(parent: str, column: str) -> Mark:
    """The mark of rows that belong to a simulated row of another table."""
    return Mark(
        f"EXISTS (SELECT 1 FROM public.{parent} AS p WHERE p.id = t.{column} AND {SIMULATED_ROW.format('p')})",  # noqa: S608
        f"{column} names a simulated row of {parent}",
    )


OF_CLIENT = of_parent("clients", "client_id")
OF_CAMPAIGN = of_parent("campaigns", "campaign_id")
OF_DEMO_BRAND = Mark(
    f"EXISTS (SELECT 1 FROM public.gift_card_brands AS b WHERE b.id = t.brand_id AND b.is_demo_brand AND {version_8('b.id')})",  # noqa: S608, E501
    "its brand is a demo brand with a version-8 uuid",
)
OF_ACCOUNT = Mark(
    "EXISTS (SELECT 1 FROM public.credit_accounts AS a JOIN public.clients AS p ON p.id = a.entity_id "  # noqa: S608
    f"WHERE a.id = t.account_id AND a.entity_type = 'client' AND {SIMULATED_ROW.format('p')})",
    "its account belongs to a simulated client",
)
OF_LOG = Mark("t.metadata ->> 'simulated' = 'true'", "metadata.simulated is true")
