"""Login: one password a plan, hashed once, so that a seeded person can sign in.

A world has a login when it declares the parameter of one (`spec.login`); the plan holds the hash and never the
password. The salt of a password that somebody names comes from the plan's seed and world, so that it gives the same
plan everywhere. A derived password and its salt come from the target's secret: whoever knows seed and world does not
know it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from populace.database import secret
from populace.database.connection import Connection
from populace.errors import BadInput
from populace.operations.population import Place
from populace.plan import Plan
from populace.runner import records
from populace.settings import VARIABLES, Settings
from populace.spec import World
from populace.spec.login import LOGIN

PATH = LOGIN.path
VARIABLE = VARIABLES["login_password"][0]
COST = 10
"""Of bcrypt, as Supabase has it: 59 ms a hash."""
MOST_BYTES = 72
"""bcrypt reads no further."""

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_CONSONANTS, _VOWELS, _WORDS = "bdfghjklmnprstvz", "aeio", 3

Kind = Literal["derived", "variable", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Login:
    """How people of a target log in. password: where it is the derived one, else None."""

    kind: Kind
    password: str | None = None


def has_login(world: World) -> bool:
    """Whether people of this world may have a password."""
    return any(p.path == PATH for p in world.parameters)


def none(world: World) -> object:
    """What the plan holds when nobody has one."""
    return world.parameter(PATH).default


def with_login(
    plan: Plan, chosen: Settings, *, settled: Iterable[str] = (), from_file: bool = False
) -> tuple[Plan, bool | None]:
    """The plan with the hash of its password, and whether the user asked for exactly this hash or password; None when
    they leave it to the target, which may have one derived.

    settled: parameters that the user has set, which are left as they are. from_file: the plan comes from a file, which
    settles all of it; a file without a password does not ask to remove those of a target. Raises BadInput for a
    password that bcrypt cannot take.
    """
    if not has_login(plan.world) or PATH in settled:
        return plan, True
    if from_file or plan.settings[PATH] != none(plan.world):
        return plan, plan.settings[PATH] != none(plan.world)
    if chosen.login_password is not None:
        return _hashed(plan, hashed(chosen.login_password, plan.seed, plan.world.name)), True
    return plan, None


def with_derived(plan: Plan, connection: Connection) -> Plan:
    """The plan with the password that follows from its target; as it is, where the secret may not be read."""
    key = _key(connection)
    if key is None:
        return plan
    seed, world = plan.seed, plan.world.name
    return _hashed(plan, hashed(derived(key, seed, world), seed, world, key))


def derived(key: bytes, seed: int, world: str) -> str:
    """The password of an embedded target, of 36 bits: `populace-kodi-rane-tupo`. key: of the target."""
    number, word = int.from_bytes(_digest(seed, world, "password", key)[:8]), ""
    for _ in range(2 * _WORDS):
        number, consonant = divmod(number, len(_CONSONANTS))
        number, vowel = divmod(number, len(_VOWELS))
        word += _CONSONANTS[consonant] + _VOWELS[vowel]
    return "-".join(["populace", *(word[at : at + 4] for at in range(0, len(word), 4))])


def hashed(password: str, seed: int, world: str, key: bytes = b"") -> str:
    """The bcrypt hash of a password, with a salt that follows from seed and world, and from the key of a target."""
    import bcrypt

    raw = _raw(password)
    if len(raw) > MOST_BYTES:
        raise BadInput(
            f"the password has {len(raw)} bytes, and bcrypt reads no more than {MOST_BYTES}",
            where=VARIABLE,
            allowed=f"1 to {MOST_BYTES} bytes",
        )
    salt = (
        base64.b64encode(_digest(seed, world, "salt", key)[:16])
        .rstrip(b"=")
        .translate(bytes.maketrans(_STANDARD, _BCRYPT))
    )
    return bcrypt.hashpw(raw, b"$2b$%d$" % COST + salt).decode("ascii")


def matches(password: str, stored: str) -> bool:
    """Whether a stored hash is of this password."""
    import bcrypt

    try:
        return bcrypt.checkpw(_raw(password), stored.encode())
    except ValueError:
        return False


def find(there: Place, chosen: Settings) -> Login:
    """How people of this target log in. Raises BadInput for a world without login, Refused without a population."""
    world, record = there.world, there.record
    if not has_login(world):
        raise BadInput("people of this world have no password", where=world.name)
    if record is None:
        raise records.unfinished(world, record, there.called)
    stored = str(record.document["settings"].get(PATH, none(world)))
    if stored == none(world):
        return Login("none")
    key = _key(there.connection)
    if key and matches(guess := derived(key, int(record.document["seed"]), world.name), stored):
        return Login("derived", guess)
    if chosen.login_password is not None and matches(chosen.login_password, stored):
        return Login("variable")
    return Login("unknown")


def _raw(password: str) -> bytes:
    # The environment holds bytes, which need not be UTF-8.
    return password.encode("utf-8", "surrogateescape")


def _hashed(plan: Plan, value: str) -> Plan:
    return plan.with_changes(settings={PATH: value})


def _key(connection: Connection) -> bytes | None:
    return secret.key_of(connection, "password of the people")


def _digest(seed: int, world: str, what: str, key: bytes) -> bytes:
    said = f"{what} of {world}, seed {seed}".encode()
    return hmac.digest(key, said, "sha256") if key else hashlib.sha256(said).digest()
