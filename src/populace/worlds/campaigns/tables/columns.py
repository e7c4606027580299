"""Columns that many tables of the platform have, and how each row is known as synthetic.

Where the schema has `is_simulated`, the mark is that and a batch of Populace's, so that what the app's own simulation
left stays; elsewhere a row belongs to the client, the campaign or the recipient it refers to. People are known by two
marks at once, the reserved e-mail domain and `is_simulated` in the account's metadata.

A reference backwards, to a row that comes into being later than the one that names it (the card of a recipient, the
recipient of a card, the call of a message), is not declared with `references=`: a cause would come after its effect.
"""

from __future__ import annotations

from populace.spec import Column, Mark

DOMAIN = "campaigns.populace.test"
"""The domain of every synthetic user's e-mail address, reserved so that no mail can reach anybody."""

# Keys of static rows are uuids of version 8, which no default of the app makes; a batch is such a row.
OURS = "substr({0}::text, 15, 1) = '8'"
SIMULATED_ROW = "{0}.is_simulated AND " + OURS.format("{0}.simulation_batch_id")
# No percent sign: it would be read as a parameter.
ACCOUNT = f"split_part(u.email, '@', -1) = '{DOMAIN}' AND u.raw_user_meta_data ->> 'is_simulated' = 'true'"
ACCOUNT_SAID = f"has an e-mail address at {DOMAIN} and raw_user_meta_data.is_simulated true"

ID = Column("id", "uuid")
CREATED = Column("created_at", "timestamptz", moment="happened")
UPDATED = Column("updated_at", "timestamptz", moment="happened", after="created_at")
CLIENT = Column("client_id", "uuid", references="public.clients.id")
CAMPAIGN = Column("campaign_id", "uuid", references="public.campaigns.id")
RECIPIENT = Column("recipient_id", "uuid", references="public.recipients.id")
BRAND = Column("brand_id", "uuid", references="public.gift_card_brands.id")
SIMULATED = (
    Column("is_simulated", "bool"),
    Column("simulation_batch_id", "uuid", references="public.simulation_batches.id"),
)
"""Given as true, and `Key("simulation_batches", 0)`."""


def texts(*names: str) -> tuple[Column, ...]:
    """Columns of text that is always there."""
    return tuple(Column(name, "text") for name in names)


def perhaps(*names: str, type: str = "text") -> tuple[Column, ...]:
    """Columns that may be null."""
    return tuple(Column(name, type, nullable=True) for name in names)


def counts(*names: str) -> tuple[Column, ...]:
    """Columns of whole numbers."""
    return tuple(Column(name, "int4") for name in names)


def amounts(*names: str) -> tuple[Column, ...]:
    """Columns of money, or of percentages, emitted in whole hundredths."""
    return tuple(Column(name, "numeric") for name in names)


def yes_no(*names: str) -> tuple[Column, ...]:
    """Columns that are true or false."""
    return tuple(Column(name, "bool") for name in names)


def moment(name: str, after: str | None = None, *, nullable: bool = False) -> Column:
    """A moment at which something happened: never in the future, and not before that of the column `after`."""
    return Column(name, "timestamptz", nullable=nullable, moment="happened", after=after)


def user(name: str = "user_id", *, nullable: bool = False) -> Column:
    """A column that refers to an account."""
    return Column(name, "uuid", nullable=nullable, references="auth.users.id")


MARKED = Mark(SIMULATED_ROW.format("t"), "is_simulated, and its simulation_batch_id is a version-8 uuid")


def of_parent(parent: str, column: str) -> Mark:
    """The mark of rows that belong to a simulated row of another table."""
    return Mark(
        f"EXISTS (SELECT 1 FROM public.{parent} AS p WHERE p.id = t.{column} AND {SIMULATED_ROW.format('p')})",  # noqa: S608
        f"{column} names a simulated row of {parent}",
    )


def of_user(column: str = "user_id") -> Mark:
    """The mark of rows that belong to a simulated account."""
    return Mark(
        f"EXISTS (SELECT 1 FROM auth.users AS u WHERE u.id = t.{column} AND {ACCOUNT})",  # noqa: S608
        f"the account {column} {ACCOUNT_SAID}",
    )


OF_CLIENT = of_parent("clients", "client_id")
OF_CAMPAIGN = of_parent("campaigns", "campaign_id")
OF_DEMO_BRAND = Mark(
    f"EXISTS (SELECT 1 FROM public.gift_card_brands AS b WHERE b.id = t.brand_id AND b.is_demo_brand AND {OURS.format('b.id')})",  # noqa: S608, E501
    "its brand is a demo brand with a version-8 uuid",
)
OF_ACCOUNT = Mark(
    "EXISTS (SELECT 1 FROM public.credit_accounts AS a JOIN public.clients AS p ON p.id = a.entity_id "  # noqa: S608
    f"WHERE a.id = t.account_id AND a.entity_type = 'client' AND {SIMULATED_ROW.format('p')})",
    "its account belongs to a simulated client",
)
OF_LOG = Mark("t.metadata ->> 'simulated' = 'true'", "metadata.simulated is true")
