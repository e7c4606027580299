"""The rows that people have from the day they sign up: account, identity, profile, role, subscription; and the staff's.

Staff are two people of the house who never visit. What they do is upload titles (`content`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from populace.spec import Bools, Cohort, Columns, Draw, Ints, Joined, Json, Key, Number, Rows, TableRows, Words
from populace.spec.kit.identity import auth_user, identity
from populace.spec.kit.names import full_name
from populace.spec.login import NO_LOGIN
from populace.worlds.hogflix.catalogue import DEVICES, GENRES, REGIONS, SOURCES
from populace.worlds.hogflix.parameters.fixed import STAFF_AGE_US
from populace.worlds.hogflix.parameters.people import SEGMENTS
from populace.worlds.hogflix.people import subscriptions, traits
from populace.worlds.hogflix.tables import DOMAIN

TABLES_OF_PEOPLE = ("users", "identities", "profiles", "profiles_public", "user_roles")
FEATURES = ("new_player", "watch_parties", "voice_search")
"""What people who try features early may have."""
STAFF = ("Programme Desk", "Upload Desk")
_STAFF_ADDRESS = 1 << 60
"""No person of a pool has an address as high."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """What rows of accounts are made of, one value each. about: their metadata. shown: as others see them.

    login: the hash of their password; None for those who cannot sign in.
    """

    address: Ints
    at: Ints
    mail: Joined
    about: Json
    shown: Joined | Words
    marketing: Bools
    features: Words
    role: str
    login: str | None

    @property
    def by_table(self) -> dict[str, Columns]:
        """The columns of `TABLES_OF_PEOPLE`: what the auth server keeps, and what the app adds to it."""
        key = Key("users", self.address, self.at)
        stamps: Columns = {"created_at": self.at, "updated_at": self.at}
        shown: Columns = {"display_name": self.shown, "is_kids_profile": False, **stamps}
        said = Json({"sub": key, "email": self.mail, "email_verified": True, "is_synthetic": True})
        own: Columns = {
            "email": self.mail,
            "marketing_opt_in": self.marketing,
            "early_access_features": self.features,
        }
        role: Columns = {"id": Key("user_roles", self.address, self.at), "user_id": key, "role": self.role, **stamps}
        return {
            "users": auth_user(key, self.mail, self.login, self.about, self.at),
            "identities": identity(key, Key("identities", self.address, self.at), said, self.at),
            "profiles": {"id": key, "user_id": key, **own, **shown},
            "profiles_public": {"id": key, **shown},
            "user_roles": role,
        }


def people(draw: Draw, who: Cohort) -> TableRows:
    """Everything that is written of people when they sign up, or when history finds them there."""
    mail, name = traits.email(draw, who), traits.distinct_id(draw, who)
    plan = Words(subscriptions.plan_at_sign_up(who), SEGMENTS)
    tries = draw.chance("early.tries", who.person, who.at)
    feature = np.where(tries, 1 + draw.below("early.which", len(FEATURES), who.person), 0)
    _for_life(draw, who)
    about = Json(
        {
            "is_synthetic": True,
            "display_name": Joined(("Synthetic ", plan, " User")),
            "distinct_id": name,
            "plan": plan,
            "acq_source": Words(traits.source(draw, who), SOURCES),
            "region": Words(traits.region(draw, who), tuple(r.key for r in REGIONS)),
            "device": Words(traits.device(draw, who), tuple(d.device_type for d in DEVICES)),
            "genre": Words(traits.affinity(draw, who), GENRES),
        }
    )
    account = Account(
        address=who.person,
        at=who.joined_at,
        mail=mail,
        about=about,
        shown=shown(draw, who),
        marketing=draw.chance("marketing.opts_in", who.person, who.at),
        features=Words(feature, ((), *((f,) for f in FEATURES))),
        role="user",
        login=None if (login := draw.values.text("login_hash")) == NO_LOGIN else login,
    )
    by_table = {table: Rows(who.person, columns, who.at) for table, columns in account.by_table.items()}
    return {**by_table, "user_subscriptions": subscriptions.versions(draw, who, who.at)}


def shown(draw: Draw, who: Cohort) -> Joined | Words:
    """The name of each on their profile."""
    if draw.values.text("display_names") == "person":
        return full_name(draw, "display.name", who.person)
    return Joined((Words(subscriptions.plan_at_sign_up(who), SEGMENTS), "_", traits.short_id(draw, who)))


def _for_life(draw: Draw, who: Cohort) -> None:
    """Draw what people are for life and no row says; where a plan makes no difference of it, nothing."""
    values = draw.values
    if values.number("own_hour") > 0:
        traits.own_hour(draw, who)
    if values.number("visit_size_spread") > 0:
        traits.own_size(draw, who)
    if values.number("other_devices") > 0:
        for which in (0, 1):
            traits.other_device(draw, who, which)


def staff(draw: Draw, ordinal: Ints) -> TableRows:
    """The staff: accounts with the role admin."""
    at = staff_joined_at(draw, ordinal)
    mail = Joined(("staff_", Number(ordinal + 1, 5), "_", Number(at // 1000), f"@{DOMAIN}"))
    about = Json({"is_synthetic": True, "display_name": Words(ordinal, STAFF), "staff": True})
    account = Account(
        address=_STAFF_ADDRESS + ordinal,
        at=at,
        mail=mail,
        about=about,
        shown=Words(ordinal, STAFF),
        marketing=np.zeros(len(ordinal), dtype=np.bool_),
        features=Words(np.zeros(len(ordinal), dtype=np.int64), ((),)),
        role="admin",
        # Nobody signs in as staff: the people's one password is known to many.
        login=None,
    )
    return {table: Rows(ordinal, columns) for table, columns in account.by_table.items()}


def staff_joined_at(draw: Draw, ordinal: Ints) -> Ints:
    """When staff got their accounts."""
    return draw.origin_us - STAFF_AGE_US + ordinal * 1000


def staff_key(draw: Draw, ordinal: Ints) -> Key:
    """The key of a member of staff: their auth user and their profile."""
    return Key("users", _STAFF_ADDRESS + ordinal, staff_joined_at(draw, ordinal))
