"""Login: one password a plan, hashed once, so that a seeded person can sign in.

A world has a login when it declares the parameter of one (`spec.login`); the plan holds the hash and never the
password. Salt and derived password come from the plan's seed and world, so that the same password gives the same plan.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from populace.errors import BadInput
from populace.operations.population import Place
from populace.plan import Plan, resolve
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
_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aeio"

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
    plan: Plan, chosen: Settings, *, embedded: bool, settled: Iterable[str] = (), from_file: bool = False
) -> tuple[Plan, bool]:
    """The plan with the hash of its password, and whether the user asked for exactly this hash or password.

    embedded: without a password in the environment, one is derived. settled: parameters that the user has set, which
    are left as they are. from_file: the plan comes from a file, which settles all of it; a file without a
    password does not ask to remove those of a target. Raises BadInput for a password that bcrypt cannot take.
    """
    if not has_login(plan.world) or PATH in settled:
        return plan, True
    if from_file or plan.settings[PATH] != none(plan.world):
        return plan, plan.settings[PATH] != none(plan.world)
    if chosen.login_password is not None:
        return _hashed(plan, chosen.login_password), True
    return (_hashed(plan, derived(plan.seed, plan.world.name)) if embedded else plan), False


def derived(seed: int, world: str) -> str:
    """The password of an embedded target: `populace-kodi-rane`."""
    number = int.from_bytes(_digest(seed, world, "password")[:8])
    word = ""
    for _ in range(4):
        number, consonant = divmod(number, len(_CONSONANTS))
        number, vowel = divmod(number, len(_VOWELS))
        word += _CONSONANTS[consonant] + _VOWELS[vowel]
    return f"populace-{word[:4]}-{word[4:]}"


def hashed(password: str, seed: int, world: str) -> str:
    """The bcrypt hash of a password, with a salt that follows from seed and world."""
    import bcrypt

    raw = _raw(password)
    if len(raw) > MOST_BYTES:
        raise BadInput(
            f"the password has {len(raw)} bytes, and bcrypt reads no more than {MOST_BYTES}",
            where=VARIABLE,
            allowed=f"1 to {MOST_BYTES} bytes",
        )
    salt = (
        base64.b64encode(_digest(seed, world, "salt")[:16]).rstrip(b"=").translate(bytes.maketrans(_STANDARD, _BCRYPT))
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
    if matches(guess := derived(int(record.document["seed"]), world.name), stored):
        return Login("derived", guess)
    if chosen.login_password is not None and matches(chosen.login_password, stored):
        return Login("variable")
    return Login("unknown")


def _raw(password: str) -> bytes:
    # The environment holds bytes, which need not be UTF-8.
    return password.encode("utf-8", "surrogateescape")


def _hashed(plan: Plan, password: str) -> Plan:
    value = hashed(password, plan.seed, plan.world.name)
    return resolve(
        plan.world,
        plan.scenario,
        seed=plan.seed,
        epoch_us=plan.epoch_us,
        overrides={**plan.settings, PATH: value},
        interventions=plan.interventions,
    )


def _digest(seed: int, world: str, what: str) -> bytes:
    return hashlib.sha256(f"{what} of {world}, seed {seed}".encode()).digest()
